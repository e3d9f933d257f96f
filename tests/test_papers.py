"""What the box prints: complete in every language, and never a template made of data."""

import re
import string

import pytest

from appliance import lang, papers
from appliance.alerts import MessageClass
from appliance.life import diary, founding, hints, money, observance
from appliance.neighbourhood import People
from appliance.papers import Paper
from appliance.people.members import Role, Standing, Way
from appliance.queue.outbox import Kind
from appliance.upkeep import retention

FOUND = {language: lang.papers(language) for language in lang.LANGUAGES}


def blanks(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_each_language_has_the_same_words_and_the_same_blanks(language):
    for section, words in FOUND["nl"].items():
        assert FOUND[language][section].keys() == words.keys(), section
        for key, dutch in words.items():
            assert blanks(FOUND[language][section][key]) == blanks(dutch), (section, key)
            assert FOUND[language][section][key].strip()
    assert FOUND[language].keys() == FOUND["nl"].keys()


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("role", Role), ("standing", Standing), ("way", Way), ("class", MessageClass), ("kind", Kind),
        ("phase", founding.Phase), ("meeting", diary.Kind), ("hint", hints.Hint), ("papers", Paper),
        ("money", money.Kind), ("deviation", observance.Deviation),
        ("retention", [rule.name for rule in retention.RULES]),
    ],
)  # fmt: skip
def test_whatever_the_code_can_say_has_its_word(section, values):
    assert set(FOUND["nl"][section]) == {str(value) for value in values}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_every_sheet_sends_emergencies_to_101_before_anybody_else(language):
    values = dict.fromkeys(blanks(FOUND[language]["papers"]["card"]), "x")
    card = papers.paper(Paper.CARD, language, **values)
    assert card.index("101") < card.index("112") < card.index("STOP")
    assert "101" in FOUND[language]["papers"]["sign_up"]


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_what_is_filled_in_is_never_a_template_itself(language):
    hostile = "{bin.__class__}{0}"
    printed = papers.paper(Paper.CARD, language, bin=hostile, police_phone=hostile)
    assert printed.count(hostile) == 2


def test_a_blank_that_is_not_filled_in_is_an_error():
    with pytest.raises(KeyError):
        papers.paper(Paper.CARD, "nl", bin="BIN Zonnebos")


NEIGHBOURS = {
    "nl": r"buren|buurt\b|buurtkrant",
    "fr": "voisin|quartier",
    "de": "Nachbar",
    "en": r"neighbours?\b|neighbourhood(?! information)",
}


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("name", [Paper.ABOUT, Paper.SIGN_UP, Paper.TIPS])
def test_a_bin_of_traders_reads_of_traders_and_of_no_neighbours(language, name):
    values = dict.fromkeys(blanks(FOUND[language]["papers"][name]), "x")
    of = {people: papers.speaking_of(people, language) for people in People}
    sheets = {people: papers.paper(name, language, **values | of[people]) for people in People}
    assert re.search(NEIGHBOURS[language], sheets[People.NEIGHBOURS])
    assert not re.search(NEIGHBOURS[language], sheets[People.TRADERS])
    assert any(words in sheets[People.TRADERS] for words in of[People.TRADERS].values())


GUARDING = {"nl": "bewaking", "fr": "surveillance", "de": "Bewachung", "en": "guarding"}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_sheet_about_a_bin_says_what_it_rests_on_and_that_nobody_is_guarded(language):
    about = FOUND[language]["papers"]["about"]
    assert all(year in about for year in ("2010", "2019"))
    assert GUARDING[language] in about
    assert about.index("101") < about.index("{coordinator}")


ASKED = {
    "nl": ("glas", "bespiedt", "voertuig", "aan de deur", "half uur", "licht aan", "benaderen", "sociale media"),
    "fr": ("verre", "épie", "véhicule", "à la porte", "demi-heure", "lumière", "approcher", "réseaux sociaux"),
    "de": ("Glas", "ausspäht", "Fahrzeug", "Haustür", "halbe Stunde", "Licht", "ansprechen", "soziale Medien"),
    "en": ("glass", "spying", "vehicle", "door-to-door", "Half an hour", "light on", "Approach", "social media"),
}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_sheet_about_a_bin_says_what_to_call_101_for_and_what_to_do_after_a_message(language):
    about = FOUND[language]["papers"]["about"]
    assert [word for word in (*ASKED[language], "101", "1722", "larm") if word not in about] == []
