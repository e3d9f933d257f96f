"""What the box prints on paper, in each language. Pure: the words are in lang/papers_*.toml; tests prove them complete.

Unlike `wording` nothing here is an SMS: any letter may be used, and lines may be long.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from appliance import lang


class Paper(StrEnum):
    """One sheet. Its placeholders are in lang/papers_nl.toml; a missing value raises KeyError."""

    MEMBER = "member"
    CALLEE = "callee"
    REGISTER = "register"
    THEFT = "theft"
    SIGN_UP = "sign_up"
    ABOUT = "about"
    CARD = "card"
    TIPS = "tips"
    PLAN = "plan"
    CERTIFICATE = "certificate"
    HANDOVER = "handover"
    REPORT = "report"


_FOUND: dict[str, dict[str, Any]] = {language: lang.papers(language) for language in lang.LANGUAGES}


def paper(name: Paper, language: str, /, **values: object) -> str:
    """The sheet *name* in *language* with *values* filled in. Raises KeyError when one is missing."""
    return str(_FOUND[language]["papers"][name].format(**values)).strip()


def word(kind: str, key: str, language: str) -> str:
    """What *key* is called among the words of one *kind*: "role", "retention", "hint" ..."""
    return str(_FOUND[language][kind][key])


def speaking_of(people: str, language: str) -> dict[str, str]:
    """The blanks of a sheet that say who the members are: "neighbours" or "traders" (R9)."""
    return {key: str(words) for key, words in _FOUND[language][people].items()}


def yes(answer: bool, language: str) -> str:
    """Yes or no."""
    return word("word", "yes" if answer else "no", language)


def day(at: date | datetime | None, language: str) -> str:
    """A date as people write it here; a dash when there is none. A moment must be local."""
    return f"{at:%d/%m/%Y}" if at else word("word", "none", language)


def lines(rows: Sequence[str], language: str) -> str:
    """*rows* as a list, one on a line; the word for "nothing" when there are none."""
    return "\n".join(f"- {row}" for row in rows) or f"- {word('word', 'nothing', language)}"


def named(values: Mapping[str, object], kind: str, language: str) -> str:
    """*values* as a list, each with its name in *language*."""
    return lines([f"{word(kind, key, language)}: {value}" for key, value in values.items()], language)
