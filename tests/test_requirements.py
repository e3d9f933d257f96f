"""The map of what was asked: complete, and every place and test in it exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from appliance import lang, wording
from appliance.wording import Key

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| R(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/requirements.md").read_text(encoding="utf-8"))


@cache
def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_all_that_was_asked_is_in_the_list_once_and_in_order():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 126))


@pytest.mark.parametrize(("number", "where"), [(number, where) for number, _, where, _ in ROWS])
def test_every_place_exists(number, where):
    places = re.findall(r"`([^`]+)`", where)
    assert places or where == "open"
    assert [p for p in places if not any((ROOT / "appliance" / q).exists() for q in (p, f"{p}.py"))] == []


@pytest.mark.parametrize(("number", "shown"), [(number, shown) for number, _, _, shown in ROWS])
@pytest.mark.slow
def test_every_test_exists_or_it_is_said_to_be_open(number, shown):
    named = re.findall(r"`(tests/[^:`]+)::([a-z0-9_]+)`", shown)
    assert named or shown.startswith("open"), "neither a test nor open"
    assert [(path, name) for path, name in named if name not in names_in(ROOT / path)] == []


def test_what_is_open_is_counted(capsys):
    nothing = sum(shown.startswith("open") for *_, shown in ROWS)
    something = sum("; open:" in shown for *_, shown in ROWS)
    with capsys.disabled():
        print(f"\nrequirements: {len(ROWS) - nothing - something} whole, {something} in part, {nothing} open")


STAY_AWAY = {"nl": "niet ter plaatse", "fr": "pas sur place", "de": "Nicht hingehen", "en": "not go"}


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_a_coordinator_who_forwards_is_told_not_to_go_there(language):
    words = wording.text(Key.COORDINATOR_DONE_FORWARDED, language, alert=7, members=118)
    assert STAY_AWAY[language] in words


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_a_text_of_the_coordinator_says_whose_it_is(language):
    label = wording.TEXTS[language][Key.LABEL_ORGANISATION_FULL].casefold()
    assert wording.class_name("organisation", language).casefold() in label
    assert re.search("co.?rdina|koordina", label)
