"""Every text the box writes: there in each language, sober in its alphabet, and inside its segments."""

import string
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import lang, wording
from appliance.arrivals import Encoding
from appliance.conversation import Reply
from appliance.proof import Doubt
from appliance.segments import split
from appliance.wording import Key

HALF_PAST_TWO = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
LONGEST_BIN = "BIN Sint-Martens-Latem"
LONGEST_PERSON = "Marie-Christine Vandenberghe"
LIMITS = {Key.POLICE_HANDED_WORDS: 2}  # segments; one unless it says otherwise here
ALL = [(key, language) for key in Key for language in lang.LANGUAGES]


def longest(key: Key, language: str) -> dict[str, object]:
    names = [
        wording.class_name(name, language)
        for name in ("urgent", "preventive", "feedback", "feedback_coordinators", "test", "organisation")
    ]
    return {
        "name": LONGEST_PERSON if "coordinator_told" in key else LONGEST_BIN,
        "message_class": max(names, key=len),
        "time": wording.time(HALF_PAST_TWO, language),
        "due": wording.time(HALF_PAST_TWO, language),
        "alert": 9999,
        "members": 250,
        "sent": 250,
        "confirmed": 250,
        "segments": 4,
        "challenge": "4821",
        "phone": "+32 87 12 34 56",
        "municipality": wording.text(Key.SERVICE_MUNICIPALITY, language, phone="+32 87 12 34 56"),
        "utility": wording.text(Key.SERVICE_UTILITY, language, phone="+32 87 12 34 56"),
        "minutes": 60,
        "doubt": max((wording.doubt(doubt, language) for doubt in ("", *Doubt)), key=len),
        "fewer": 3,
        "left": 10,
        "card": 12,
        "head": "999999:175765b3",
        "who": f"{LONGEST_PERSON[:24]} +32 87 12 34 56",
        "words": "Er hangt al een week een sleutel aan de poort van nr 12.",
        "hours": "elke werkdag 9-17 u",
        "start": wording.beginning("Verdachte, grijze bestelwagens in de Kerkstraat"),
    }


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_each_language_has_exactly_the_texts_there_are(language: str) -> None:
    assert set(lang.load(language)["texts"]) == {key.value for key in Key}


@pytest.mark.parametrize("key", Key)
def test_a_text_has_the_same_blanks_in_every_language(key: Key) -> None:
    assert len({frozenset(placeholders(wording.TEXTS[language][key])) for language in lang.LANGUAGES}) == 1


@pytest.mark.parametrize(("key", "language"), ALL)
def test_every_text_stays_inside_gsm7_and_its_segments(key: Key, language: str) -> None:
    sent = split(wording.text(key, language, **longest(key, language)))
    assert sent.encoding is Encoding.GSM7, sent.culprits
    assert len(sent.parts) <= LIMITS.get(key, 1)


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_panic_text_with_its_label_is_one_segment(language: str) -> None:
    words = wording.text(Key.PANIC_CORE, language, name=LONGEST_BIN)
    framed = wording.frame("panic", words, language, HALF_PAST_TWO, "coordinator", ask=True)
    assert len(split(framed).parts) == 1


def test_every_reply_that_a_judgement_can_name_is_a_text_in_four_languages() -> None:
    for reply in Reply:
        for language in lang.LANGUAGES:
            assert wording.answer(reply, language, LONGEST_BIN, "087 12 34 56")


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("reply", [Reply.HELP, Reply.INFO, Reply.REPORT_101])
def test_whoever_asks_for_help_reads_101_and_112_before_anything_he_may_send(reply: Reply, language: str) -> None:
    words = wording.answer(reply, language, "", "")
    assert words.index("101") < words.index("112") < max(words.find("STOP"), len(words) - 1)
    assert "STOP" not in words[: words.index("112")]


def test_info_names_the_police_zone_when_its_number_is_known() -> None:
    assert "087 12 34 56" in wording.answer(Reply.INFO, "nl", "BIN Zonnebos", "087 12 34 56")
    assert "  " not in wording.answer(Reply.INFO, "nl", "BIN Zonnebos", "")


READY = {  # facts/domain.md section 13, with the BIN's name filled in
    (Key.WELCOME, "nl"): "Welkom bij BIN Zonnebos. Bewaar dit nummer als BIN. Iets verdachts? Bel eerst 101. "
    "Stoppen kan altijd: stuur STOP. Gelezen? Antwoord OK.",
    (Key.TEST, "nl"): "BIN Zonnebos TEST. Dit is een test, er is niets aan de hand. Hebt u dit gelezen? "
    "Antwoord OK of bel dit nummer kort. Bewaar dit nummer als BIN.",
    (Key.TEST, "fr"): "PLP Zonnebos TEST. Ceci est un test, tout va bien. Avez-vous lu ce message? "
    "Répondez OK ou sonnez ce numéro. Enregistrez ce numéro: PLP.",
    (Key.TEST, "de"): "NIN Zonnebos TEST. Dies ist nur ein Test, es ist nichts passiert. Gelesen? "
    "Antworten Sie OK oder rufen Sie kurz an. Nummer speichern als NIN.",
    (Key.REPORT_101, "nl"): "Dit is een automaat, niemand leest dit nu mee. Ziet u iets verdachts? BEL 101 (politie). "
    "Brand of ziek? BEL 112. Bel niet eerst uw coördinator.",
    (Key.REPORT_101, "fr"): "Automate: personne ne lit ce message maintenant. Fait suspect? APPELEZ LE 101. "
    "Incendie ou malade? APPELEZ LE 112. Pas d'abord le coordinateur.",
    (Key.REPORT_101, "de"): "Automat: Niemand liest das jetzt. Etwas Verdächtiges? 101 ANRUFEN. "
    "Feuer oder Krankheit? 112 ANRUFEN. Nicht zuerst den Koordinator.",
    (Key.STOPPED, "nl"): "U krijgt geen BIN-berichten meer. Uw nummer wordt gewist. Terug lid worden? "
    "Stuur START of spreek uw coördinator aan.",
    (Key.ABSENCE, "nl"): "Wij houden geen vakantiekalender bij, uw bericht wordt gewist. "
    "Vraag gratis afwezigheidstoezicht aan bij de politie: police-on-web of uw wijkagent.",
}


@pytest.mark.parametrize(("key", "language"), READY)
def test_the_ready_texts_are_used_to_the_letter(key: Key, language: str) -> None:
    name = {"nl": "BIN", "fr": "PLP", "de": "NIN"}[language] + " Zonnebos"
    assert wording.text(key, language, name=name) == READY[key, language]


def test_times_are_written_as_each_language_writes_them() -> None:
    assert [wording.time(HALF_PAST_TWO, language) for language in lang.LANGUAGES] == [
        "14u32",
        "14h32",
        "14:32",
        "14:32",
    ]
    assert [wording.time(time(7, 5), language) for language in lang.LANGUAGES] == ["7u05", "7h05", "07:05", "07:05"]


def test_a_text_of_111_characters_gets_the_full_label_and_the_question() -> None:
    framed = wording.frame("urgent", "x" * 111, "nl", HALF_PAST_TWO, "police", ask=True)
    assert framed == "BIN DRINGEND 14u32 politie: " + "x" * 111 + " Gelezen? Antwoord OK"
    assert len(framed) == 160


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("source", ["police", "relayed", "coordinator"])
def test_an_urgent_text_says_that_nobody_should_approach_when_that_costs_no_second_segment(
    language: str, source: str
) -> None:
    away = wording.text(Key.KEEP_AWAY, language)
    room = 161 - len(wording.frame("urgent", "x", language, HALF_PAST_TWO, source, ask=True))
    said = wording.frame("urgent", "x" * room, language, HALF_PAST_TWO, source, ask=True)
    unsaid = wording.frame("urgent", "x" * (room + 1), language, HALF_PAST_TWO, source, ask=True)
    assert (away in said, len(said), away in unsaid, len(split(unsaid).parts)) == (True, 160, False, 1)
    assert away not in wording.frame("preventive", "x", language, HALF_PAST_TWO, source, ask=False)


@pytest.mark.parametrize(("length", "label"), [(112, "BIN DRINGEND: "), (146, "BIN DRINGEND: "), (147, ""), (160, "")])
def test_a_longer_police_text_gets_the_short_label_or_none(length: int, label: str) -> None:
    assert wording.frame("urgent", "x" * length, "nl", HALF_PAST_TWO, "police", ask=True) == label + "x" * length


def test_a_police_text_with_a_foreign_letter_is_measured_as_ucs2() -> None:
    assert wording.frame("urgent", "ë" * 56, "nl", HALF_PAST_TWO, "police", ask=True) == "BIN DRINGEND: " + "ë" * 56


@pytest.mark.parametrize("message_class", ["urgent", "preventive", "feedback", "panic"])
@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_a_coordinators_text_never_loses_the_words_not_from_the_police(message_class: str, language: str) -> None:
    framed = wording.frame(message_class, "x" * 150, language, HALF_PAST_TWO, "coordinator", ask=True)
    assert framed == wording.text(Key.LABEL_COORDINATOR_SHORT, language) + "x" * 150


def test_a_test_says_test_however_long_it_is() -> None:
    assert wording.frame("test", "x" * 160, "nl", HALF_PAST_TWO, "coordinator", ask=True).startswith("BIN TEST: ")


classes = st.sampled_from(
    ["urgent", "preventive", "feedback", "feedback_coordinators", "test", "organisation", "panic"]
)
texts = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=900)


@given(
    classes,
    texts.filter(str.strip),
    st.sampled_from(lang.LANGUAGES),
    st.sampled_from(["police", "coordinator"]),
    st.booleans(),
)
def test_the_text_itself_is_never_changed_and_a_police_text_never_made_dearer(
    message_class: str, text: str, language: str, source: str, ask: bool
) -> None:
    framed = wording.frame(message_class, text, language, HALF_PAST_TWO, source, ask)
    assert text in framed
    if source == "police" and message_class in wording.POLICE_LABELS and wording._segments(text) < wording.TOO_MANY:
        assert wording._segments(framed) == wording._segments(text)


def test_what_is_said_back_to_the_police_is_short_and_on_one_line() -> None:
    assert wording.beginning("Inbraak\n nu") == "Inbraak nu"
    assert wording.beginning("Verdachte bestelwagen in de Kerkstraat") == "Verdachte bestelwagen in de..."
