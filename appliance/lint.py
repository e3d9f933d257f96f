"""What a coordinator may want to change before sending a text: warnings with their reasons, never a block. Pure.

Domain section 7 and R87 to R92. The words are data in lang/lint.toml; a warning costs nothing but a look.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from appliance import lang
from appliance.segments import BadText, split

SHOUTED = 0.6  # of the letters
LONG_ENOUGH = 20  # letters, before capitals are shouting
LINK = re.compile(r"https?://\S+|www\.\S+|\b[a-z0-9-]+\.(?:be|com|eu|org|net|info)(?:/\S*)?\b", re.IGNORECASE)
PLATE = re.compile(r"\b[1-9]-?[A-Z]{3}-?[0-9]{3}\b|\b[A-Z]{3}-[0-9]{3}\b")
PLACE = re.compile(
    r"\w*(?:straat|laan|weg|plein|dreef|steenweg|lei|dorp|wijk|markt|park|kerk|school)\b"
    r"|\b(?:rue|avenue|chaussée|place|quartier|square|allée)\b"
    r"|\w*(?:straße|strasse|platz|gasse|allee)\b|\b(?:street|road|lane)\b",
    re.IGNORECASE,
)
NAME = re.compile(
    r"\b(?i:mevrouw|meneer|mijnheer|dhr\.?|mevr\.?|monsieur|madame|mme|m\.|herr|frau|mr\.?|mrs\.?)\s+[A-ZÀ-Ö]\w+"
)


@dataclass(frozen=True)
class Remark:
    """One thing to look at."""

    rule: str
    words: str  # what of the text it is about, or empty
    reason: str

    def __str__(self) -> str:
        return f"Let op: {self.reason}" + (f" ({self.words})" if self.words else "")


def _words_of(rule: str) -> re.Pattern[str]:
    found = (word for words in _DATA["words"][rule].values() for word in words)
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(found, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )


_DATA = lang.load("lint")
WORDS = {rule: _words_of(rule) for rule in _DATA["words"]}
REASONS: dict[str, dict[str, str]] = _DATA["reasons"]


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterable[str]]:
    return lambda text: (found.group() for found in pattern.finditer(text))


def _parts(text: str) -> Iterable[str]:
    parts = len(split(text).parts)
    return [f"{parts} sms"] if parts > 1 else []


def _letters(text: str) -> Iterable[str]:
    return split(text).culprits


def _no_place(text: str) -> Iterable[str]:
    return [] if PLACE.search(text) else [""]


def _no_101(text: str) -> Iterable[str]:
    return [] if "101" in text else [""]


def _shouting(text: str) -> Iterable[str]:
    letters = [character for character in text if character.isalpha()]
    loud = sum(character.isupper() for character in letters)
    return [""] if len(letters) >= LONG_ENOUGH and loud > SHOUTED * len(letters) else []


# The rules, in the order they are told; those below the line hold only for what a person typed here.
FOR_ALL: dict[str, Callable[[str], Iterable[str]]] = {
    "parts": _parts, "letters": _letters, "place": _no_place, "call_101": _no_101,
    "abbreviation": _matches(WORDS["abbreviation"]), "capitals": _shouting, "link": _matches(LINK),
}  # fmt: skip
BY_HAND: dict[str, Callable[[str], Iterable[str]]] = {
    "person": _matches(NAME), "plate": _matches(PLATE), "descent": _matches(WORDS["descent"]),
    "patrol": _matches(WORDS["patrol"]), "sponsor": _matches(WORDS["sponsor"]), "police": _matches(WORDS["police"]),
    "inquiry": _matches(WORDS["inquiry"]), "threat": _matches(WORDS["threat"]),
}  # fmt: skip


def warnings(text: str, *, typed_by_hand: bool, language: str) -> list[Remark]:
    """What may be better in *text*, with the reason in *language*; empty when nothing is."""
    rules = FOR_ALL | (BY_HAND if typed_by_hand else {})
    found = {rule: _found(check, text) for rule, check in rules.items()}
    return [
        Remark(rule, ", ".join(dict.fromkeys(filter(None, words))), REASONS[language][rule])
        for rule, words in found.items()
        if words
    ]


def _found(check: Callable[[str], Iterable[str]], text: str) -> list[str]:
    try:
        return list(check(text))
    except BadText:  # whoever sends it is told so elsewhere, and cannot
        return []
