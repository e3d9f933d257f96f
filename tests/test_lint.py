"""What is worth a second look in a coordinator's text: said with a reason, never a block."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import lang, lint

GOOD = "Inbraak in de Kerkstraat om 14u32. Kijk uit naar een grijze bestelwagen. Deuren toe. Iets gezien? Bel 101."

CASES = {
    "parts": ["x" * 161, "Kerkstraat 101 " * 12],
    "letters": ["Dief in België, Kerkstraat. Bel 101", "Kerkstraat: zo’n wagen. Bel 101", "Kerkstraat 🚓 bel 101"],
    "place": ["Er loopt een dief rond. Bel 101", "Prowler about. Call 101"],
    "call_101": ["Inbraak in de Kerkstraat"],
    "abbreviation": ["PZ Zonnebos: Kerkstraat, bel 101", "Kerkstraat ivm diefstal: 101", "Kerkstraat vtg. Bel 101"],
    "capitals": ["IEDEREEN OPGELET IN DE KERKSTRAAT BEL 101"],
    "link": ["Zie https://bin.be Kerkstraat 101", "Kerkstraat 101, www.zonnebos.be", "zonnebos.be/tips 101"],
    "person": ["Meneer Janssens uit de Kerkstraat, bel 101", "Rue Haute: madame Dupont, 101"],
    "plate": ["Wagen 1-ABC-234 in de Kerkstraat, bel 101", "Kerkstraat 1ABC234 bel 101"],
    "descent": ["Twee buitenlanders in de Kerkstraat, bel 101", "Kerkstraat: man, Oost-Europees. Bel 101"],
    "patrol": ["Wie gaat kijken in de Kerkstraat? 101", "Vanavond ronde met hond. 101", "On patrouille, 101"],
    "sponsor": ["Kerkstraat 101. Korting op alarmen!"],
    "police": ["Bericht van de politie: Kerkstraat, bel 101"],
    "inquiry": ["Kerkstraat: de verdachten zijn gezien door een getuige. 101", "Kerkstraat: enquête en cours. 101"],
    "threat": ["Kerkstraat: er is een bommelding. Bel 101", "Rue Haute: menace d'attentat, 101"],
}  # fmt: skip
EXAMPLES = [(rule, text) for rule, texts in CASES.items() for text in texts]


def rules(text, *, typed_by_hand=True):
    return {found.rule for found in lint.warnings(text, typed_by_hand=typed_by_hand, language="nl")}


def test_a_good_text_gets_no_remark():
    assert rules(GOOD) == set()


@pytest.mark.parametrize(("rule", "text"), EXAMPLES)
def test_each_rule_sees_what_it_is_for(rule, text):
    assert rule in rules(text)


def test_there_is_an_example_for_each_rule():
    assert set(CASES) == set(lint.FOR_ALL | lint.BY_HAND)


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_each_rule_has_its_reason_and_each_list_its_words_in_four_languages(language):
    assert set(lint.REASONS[language]) == set(lint.FOR_ALL | lint.BY_HAND)
    assert all(lists[language] for lists in lang.load("lint")["words"].values())


@pytest.mark.parametrize("rule", lint.BY_HAND)
def test_the_police_may_name_what_a_coordinator_may_not(rule):
    assert rule not in rules(CASES[rule][0], typed_by_hand=False)


@pytest.mark.parametrize(
    "text", ["Kerkstraat", "politiezone", "Bart Batman", "Aktionen", "patrouillewagen", "afronden"]
)
def test_a_word_inside_another_word_is_not_that_word(text):
    assert not {"patrol", "sponsor", "police"} & rules(text)


def test_the_words_that_it_is_about_are_shown_once():
    (found,) = [
        f for f in lint.warnings("1-ABC-234 en 1-ABC-234", typed_by_hand=True, language="nl") if f.rule == "plate"
    ]
    assert (found.words, str(found)) == ("1-ABC-234", f"Let op: {found.reason} (1-ABC-234)")


@given(st.text(max_size=400))
def test_whatever_is_typed_it_never_fails(text):
    for language in lang.LANGUAGES:
        lint.warnings(text, typed_by_hand=True, language=language)
