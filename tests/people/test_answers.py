"""Ready answers of a coordinator to a member: in the member's language, once."""

from dataclasses import replace

import pytest

from appliance import lang, wording
from appliance.arrivals import Encoding
from appliance.models import Arrival, Audit, Delivery, Segment
from appliance.people import answers
from appliance.people.answers import NotAnswered, Ready
from appliance.segments import split

BEN, CLEO = "+32470000202", "+32470000203"


@pytest.fixture
def wrote(street):
    """A text that somebody sent, as it waits in the inbox."""

    def write(number, words="Mijn kelder staat onder water", **more):
        return Arrival.create(key=words, kind="text", number=number, text=words, received_at=street.now, **more)

    return write


def read_by(number):
    return [delivery.text for delivery in Delivery.select().where(Delivery.number == number)]


def test_ben_with_water_in_his_cellar_reads_once_and_in_his_language_whom_to_ring(street, wrote):
    bin_ = replace(street.bin, municipality_phone="011 44 55 66", utility_phone="078 35 35 00")
    text = wrote(BEN)
    assert answers.send(text, Ready.OTHER_SERVICES, street.now, "Lies", bin_)
    assert not answers.send(text, Ready.NOT_FOR_US, street.later(minutes=1), "Jan", bin_)
    (read,) = read_by(BEN)
    assert read.index("101") < read.index("1722") < read.index("078 35 35 00") < read.index("de gemeente 011 44 55 66")
    kept = Arrival.get_by_id(text.id)
    assert kept.answered_at == kept.read_at and kept.handed_at is None
    assert Audit.get(Audit.verb == "answered").detail == "other-services"
    assert Segment.get(Segment.number == BEN).rank == 40


def test_cleo_reads_it_in_french_and_without_numbers_when_nobody_filled_them_in(street, wrote):
    answers.send(wrote(CLEO), Ready.OTHER_SERVICES, street.now, "Lies", street.bin)
    assert "la commune." in read_by(CLEO)[0] and "1722" in read_by(CLEO)[0]


def test_a_quarrel_gets_a_polite_no(street, wrote):
    answers.send(wrote(BEN, "Die van nr 7 snoeit zijn haag niet"), Ready.NOT_FOR_US, street.now, "Lies", street.bin)
    assert read_by(BEN)[0].startswith("Dank u voor uw bericht.") and "preventie" in read_by(BEN)[0]


@pytest.mark.parametrize(("number", "more"), [("+32499999999", {}), ("Proximus", {"alphanumeric": True})])
def test_who_is_no_member_gets_no_answer(street, wrote, number, more):
    text = wrote(number, **more)
    assert not answers.may_be(text)
    with pytest.raises(NotAnswered):
        answers.send(text, Ready.OTHER_SERVICES, street.now, "Lies", street.bin)
    assert read_by(number) == [] and Arrival.get_by_id(text.id).answered_at is None


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_with_the_longest_numbers_it_is_one_segment(language):
    sent = split(wording.services(language, "+32 87 12 34 56", "+32 87 12 34 56"))
    assert sent.encoding is Encoding.GSM7 and len(sent.parts) == 1
