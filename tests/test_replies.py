"""Three thousand realistic answers in four languages, and how many of them the box understands.

A kind is what a person would say of a text: most are the intent itself, the others are in `KINDS`.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import lang, wording
from appliance.conversation import Intent, Judgement, Stop, Who, judge
from appliance.segments import split

DATA = Path(__file__).parent / "data" / "replies"
ALERTS = {
    "nl": "BIN DRINGEND 14u32 politie: Inbraak Kerkstraat, twee verdachten te voet. Bel 101. Gelezen? Antwoord OK",
    "fr": "PLP URGENT 14h32 police: Cambriolage rue du Moulin, deux suspects. Appelez le 101. Lu? Répondez OK",
    "de": "NIN DRINGEND 14:32 Polizei: Einbruch Mühlenstraße, zwei Verdächtige. 101 anrufen. Gelesen? Antwort: OK",
    "en": "BIN URGENT 14:32 police: Burglary in Mill Street, two suspects. Call 101. Read it? Reply OK",
}
# What the box may make of a kind; the first is the one it is counted under.
KINDS = {
    "reaction": (Intent.CONFIRM,),
    "nothing": (Intent.CONFIRM, Intent.OTHER),  # "niets gezien": a receipt, and no report
    "stop_part": (Intent.STOP,),
    "stop_sentence": (Intent.QUESTION, Intent.OTHER),  # a coordinator reads it, and nobody is unsubscribed
    "wrong_number": (Intent.QUESTION,),
}
NO_RECEIPT = {Intent.AUTO}
PARTS = ("seen", "held_out")


@dataclass(frozen=True)
class Reply:
    """One text of the corpus."""

    language: str
    part: str
    kind: str
    text: str

    @property
    def allowed(self) -> tuple[Intent, ...]:
        return KINDS.get(self.kind) or (Intent(self.kind),)

    def judged(self, own_language: str = "") -> Judgement:
        """What the box makes of it when a member with an open alert sends it."""
        alert = ALERTS[self.language]
        return judge(self.text.replace("{alert}", alert), Who.MEMBER, [alert], True, own_language or self.language)


def corpus(language: str, part: str) -> Iterator[Reply]:
    """The texts of one part in the order of the file."""
    kinds = tomllib.loads((DATA / f"{language}.toml").read_text(encoding="utf-8"))[part]
    for kind, texts in kinds.items():
        yield from (Reply(language, part, kind, text) for text in texts.strip().splitlines())


@dataclass(frozen=True)
class Figures:
    """Precision and recall of one intent."""

    right: int
    there: int
    found: int

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


def figures(replies: list[Reply]) -> dict[Intent, Figures]:
    """How well each intent is told from the others in *replies*."""
    pairs = [(reply, reply.judged().intent) for reply in replies]
    there = Counter(reply.allowed[0] for reply, _ in pairs)
    found = Counter(reply.allowed[0] if intent in reply.allowed else intent for reply, intent in pairs)
    right = Counter(reply.allowed[0] for reply, intent in pairs if intent in reply.allowed)
    return {intent: Figures(right[intent], there[intent], found[intent]) for intent in Intent if there[intent]}


def dangerous(reply: Reply) -> bool:
    """Whether the box would do harm: tick a report off as read, or unsubscribe by a sentence."""
    found = reply.judged()
    unheard = reply.kind == "report" and found.intent in (Intent.CONFIRM, Intent.AUTO, Intent.STOP)
    return unheard or (found.stop is Stop.ALL and reply.kind != "stop")


def everything(*parts: str) -> list[Reply]:
    return [reply for language in lang.LANGUAGES for part in parts for reply in corpus(language, part)]


FLOORS = {Intent.REPORT: 0.97, Intent.CONFIRM: 0.97, Intent.STOP: 0.95, Intent.ABSENCE: 0.95, Intent.QUESTION: 0.95}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_corpus_is_large_and_says_nothing_twice(language: str) -> None:
    texts = [reply.text for part in PARTS for reply in corpus(language, part)]
    assert len(texts) >= 400 and len(texts) == len(set(texts))


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.slow
def test_nearly_every_answer_is_understood(language: str) -> None:
    found = figures([reply for part in PARTS for reply in corpus(language, part)])
    low = {intent: found[intent].recall for intent, floor in FLOORS.items() if found[intent].recall < floor}
    assert not low
    assert found[Intent.STOP].precision == 1.0
    assert found[Intent.REPORT].precision >= 0.97
    assert found[Intent.CONFIRM].precision >= 0.97


@pytest.mark.slow
def test_no_report_is_ticked_off_as_read_and_nobody_is_unsubscribed_by_a_sentence() -> None:
    assert [reply for reply in everything(*PARTS) if dangerous(reply)] == []


@pytest.mark.slow
def test_every_human_answer_is_a_receipt_and_no_machines_answer_is() -> None:
    wrong = [reply for reply in everything(*PARTS) if reply.judged().receipt == (reply.kind == "auto")]
    assert wrong == []


def test_an_absence_is_wiped_wherever_it_stands() -> None:
    assert [reply for reply in everything(*PARTS) if reply.kind == "absence" and not reply.judged().wipe] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.slow
def test_a_report_is_heard_whatever_language_the_list_of_members_says(part: str) -> None:
    reports = [reply for reply in everything(part) if reply.kind == "report"]
    heard = [reply for reply in reports for own in lang.LANGUAGES if reply.judged(own).intent is Intent.REPORT]
    assert len(heard) >= 0.95 * len(reports) * len(lang.LANGUAGES)


WORDS = sorted({word for reply in everything("seen") for word in reply.text.split()})


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.sampled_from(lang.LANGUAGES))
def test_any_jumble_of_words_is_judged_and_the_answer_fits_one_segment(text: str, language: str) -> None:
    found = judge(text, Who.MEMBER, [ALERTS[language]], True, language)
    assert found.why
    assert found.reply is None or len(split(wording.answer(found.reply, language, "BIN Zonnebos", "")).parts) == 1


@given(st.sampled_from(everything("seen")), st.integers(0, 200), st.characters(codec="utf-8"))
def test_a_letter_gone_astray_unsubscribes_nobody(reply: Reply, place: int, letter: str) -> None:
    text = reply.text[:place] + letter + reply.text[place:]
    assert judge(text, Who.MEMBER, (), True, reply.language).stop is not Stop.ALL or reply.kind == "stop"
