"""The library of tips: the same in four languages, short, and nothing that a coordinator may not say."""

from datetime import UTC, datetime

import pytest

from appliance import lang, lint, tips, wording
from appliance.arrivals import Encoding
from appliance.segments import split

HALF_PAST_TWO = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
ALL = [(tip, language) for language in lang.LANGUAGES for tip in tips.known(language, 1)]


def test_every_language_has_the_same_tips():
    names = [sorted(tip.name for tip in tips.known(language, 1)) for language in lang.LANGUAGES]
    assert all(found == names[0] for found in names) and {"alarm", "light", "report"} <= set(names[0])


@pytest.mark.parametrize(("tip", "language"), ALL, ids=lambda it: getattr(it, "name", it))
def test_a_tip_with_its_label_is_one_segment_in_every_language(tip, language):
    framed = wording.frame("preventive", tip.text, language, HALF_PAST_TWO, "coordinator", ask=False)
    sent = split(framed)
    assert framed != tip.text and sent.encoding is Encoding.GSM7 and len(sent.parts) == 1


@pytest.mark.parametrize(("tip", "language"), ALL, ids=lambda it: getattr(it, "name", it))
def test_nothing_in_a_tip_is_worth_a_remark(tip, language):
    found = {remark.rule for remark in lint.warnings(tip.text, typed_by_hand=True, language=language)}
    assert found <= {"place", "call_101"}, "those are of urgent texts"


def test_there_is_a_tip_for_each_month_and_it_comes_first():
    for month in range(1, 13):
        assert month in tips.known("nl", month)[0].months
