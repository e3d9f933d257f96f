"""The page in four languages: complete, with the same placeholders, and the right one for who looks."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from appliance.models import Account
from appliance.people.members import LANGUAGES
from appliance.segments import split
from appliance.web import languages

PACKAGE = Path(__file__).parents[2] / "appliance"
OTHERS = [language for language in LANGUAGES if language != languages.SOURCE]
PLACEHOLDER = re.compile(r"%(?:\(\w+\)[ds]|%)")
MARKS = (
    "lazy_gettext",
    "say",
    "Said",
    "BadPassword",
    "BadChoice",
    "BadFile",
    "BadHours",
    "BadIssue",
    "BadMember",
    "BadTarget",
)
KEYWORDS = DEFAULT_KEYWORDS | dict.fromkeys(MARKS)


@pytest.fixture(scope="module")
def said() -> set[str | tuple[str, str]]:
    """Everything that the page can say, by the extractor that `make words` uses."""
    with (languages.CATALOGUES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(PACKAGE, methods, options, KEYWORDS)
    return {tuple(message) if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def read(language: str) -> Catalog:
    with (languages.CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_there_in_every_language_with_the_same_placeholders(
    language: str, said: set[str | tuple[str, str]]
) -> None:
    catalogue = {message.id: message for message in read(language) if message.id}
    assert len(said) > 400
    assert set(catalogue) == said, "run: make words"
    for id_, message in catalogue.items():
        sources = (id_,) if isinstance(id_, str) else id_
        strings = (message.string,) if isinstance(message.string, str) else message.string
        assert len(strings) == len(sources) and all(strings) and not message.fuzzy, id_
        for source, string in zip(sources, strings, strict=True):
            assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(string)), id_
            assert source.startswith(" ") == string.startswith(" "), id_


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trial_sms_is_one_segment_in_every_language(language: str) -> None:
    words = languages.catalogue(language).ugettext(
        "Proef van de BIN-kast: deze sms is aangekomen. U hoeft niets te doen."
    )
    assert len(split(words).parts) == 1 and not split(words).culprits


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "nl"),
        ("fr-BE,fr;q=0.9", "fr"),
        ("de", "de"),
        ("en-GB", "en"),
        ("it, pl;q=0.5", "nl"),
        ("it, fr;q=0.1", "fr"),
    ],
)
def test_a_browser_is_answered_in_what_it_asks_for_else_in_the_language_of_the_bin(
    stranger: Any, asked: str, spoken: str
) -> None:
    page = stranger.get("/aanmelden", headers={"Accept-Language": asked}).text
    title = {"nl": "Aanmelden", "fr": "Se connecter", "de": "Anmelden", "en": "Sign in"}[spoken]
    assert f'<html lang="{spoken}">' in page and f"<h1>{title}</h1>" in page


def test_a_stranger_switches_without_javascript_and_stays_on_the_page(stranger: Any) -> None:
    answer = stranger.post("/taal", "/aanmelden?next=/leden", language="fr", next="/aanmelden?next=/leden")
    assert answer.headers["Location"] == "/aanmelden?next=/leden"
    assert "Mot de passe" in stranger.get("/aanmelden").text


def test_a_coordinators_own_choice_goes_before_what_the_browser_asks_for(
    lies: Any, new_browser: Callable[..., Any]
) -> None:
    lies.post("/taal", "/toegang", language="de", next="/toegang")
    assert Account.get().language == "de"
    other = new_browser("10.0.0.9")
    other.log_in()
    assert "<h1>Mein Zugang</h1>" in other.get("/toegang", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_the_switch_never_leads_away_and_takes_no_unknown_language(stranger: Any, wanted: str) -> None:
    answer = stranger.post("/taal", "/aanmelden", language="xx", next=wanted)
    assert answer.headers["Location"][:2] not in ("//", "/\\\\") and answer.headers["Location"][0] == "/"
    assert "Aanmelden" in stranger.get("/aanmelden").text


def test_times_are_written_as_people_write_them(lies: Any, app: Flask) -> None:
    for language, noon in {"nl": "12u00", "fr": "12h00", "de": "12:00", "en": "12:00"}.items():
        assert noon in lies.get("/", headers={"Accept-Language": language}).text
