"""A text cut into SMS-sized segments, and which characters make it dear. Pure.

One segment holds 160 septets of GSM-7 or 70 units of UCS-2; joined ones hold 153 or 67, because each carries
six octets of header that say which part it is (3GPP TS 23.040 9.2.3.24.1, TS 23.038 6).
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appliance import gsm7
from appliance.arrivals import Encoding
from appliance.plain import Unfit, say

MAX_SEGMENTS = 4  # operators and phones stop at six to ten; a longer alert is not read (facts: modems 2.7)
ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}

_BEYOND_BMP = 0xFFFF  # above it a character is a pair of UCS-2 units

# Letters and signs whose loss changes no meaning (names suffer most), with the capitals of the same letters.
FOLDS: Mapping[str, str] = {
    "ç": "c", "ê": "e", "ë": "e", "î": "i", "ï": "i", "í": "i", "ô": "o", "ó": "o", "û": "u", "ú": "u",
    "â": "a", "á": "a", "œ": "oe",
    "À": "A", "Á": "A", "Â": "A", "È": "E", "Ê": "E", "Ë": "E", "Î": "I", "Ï": "I", "Í": "I", "Ô": "O",
    "Ó": "O", "Û": "U", "Ú": "U", "Œ": "OE",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "\N{EN DASH}": "-", "\N{EM DASH}": "-", "…": "...",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "°": " gr",
}  # fmt: skip

_NAMES: Mapping[str, str] = {
    "\t": "tab",
    "\N{NO-BREAK SPACE}": "spatie zonder afbreking",
    "\N{NARROW NO-BREAK SPACE}": "smalle spatie zonder afbreking",
    "\N{SOFT HYPHEN}": "verborgen afbreekstreepje",
    "\N{ZERO WIDTH SPACE}": "onzichtbare spatie",
    "\N{ZERO WIDTH JOINER}": "onzichtbaar koppelteken (in een emoji)",
    "\N{VARIATION SELECTOR-16}": "onzichtbaar teken (in een emoji)",
    "\N{ZERO WIDTH NO-BREAK SPACE}": "onzichtbaar teken (begin van een bestand)",
    "\N{RIGHT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK} (gekrulde apostrof)",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{LEFT SINGLE QUOTATION MARK} (gekrulde apostrof)",
    "“": "“ (gekruld aanhalingsteken)",
    "”": "” (gekruld aanhalingsteken)",
    "„": "„ (laag aanhalingsteken)",
    "«": "« (Frans aanhalingsteken)",
    "»": "» (Frans aanhalingsteken)",
    "\N{EN DASH}": "\N{EN DASH} (half kastlijntje)",
    "\N{EM DASH}": "\N{EM DASH} (kastlijntje)",
    "…": "… (beletselteken)",
    "°": "° (graadteken)",
    "•": "• (opsommingsteken)",
    "\N{GRAVE ACCENT}": "\N{GRAVE ACCENT} (los accent)",
    "\N{ACUTE ACCENT}": "\N{ACUTE ACCENT} (los accent)",
    "\N{REPLACEMENT CHARACTER}": "\N{REPLACEMENT CHARACTER} (onleesbaar teken)",
}


class BadText(Unfit):
    """The text cannot be sent as it is."""


class EmptyText(BadText):
    """There is nothing to read in it."""

    def __init__(self) -> None:
        super().__init__(say("De tekst is leeg. Typ eerst een bericht."))


class Unsendable(BadText):
    """It holds a character that no telephone can show."""

    def __init__(self, character: str) -> None:
        words = say("De tekst bevat een %(character)s, dat kan niet in een sms. Haal het weg.")
        super().__init__(words, character=name(character))
        self.character = character


class TooLong(BadText):
    """It takes more segments than the limit; `excess` is the number of characters to cut."""

    def __init__(self, excess: int, limit: int) -> None:
        words = say("De tekst is te lang: hoogstens %(limit)d sms per lid. Tekens te veel: %(excess)d.")
        super().__init__(words, limit=limit, excess=excess)
        self.excess = excess


@dataclass(frozen=True)
class Split:
    """A text as it will be sent: `"".join(parts)` is the text, to the letter."""

    encoding: Encoding
    parts: tuple[str, ...]
    culprits: tuple[str, ...]  # the distinct characters, in order, that force UCS-2; empty for GSM-7


def split(text: str, limit: int = MAX_SEGMENTS) -> Split:
    """Cut *text* into as few segments as hold it; no character is ever cut in two.

    Raises EmptyText, Unsendable, TooLong.
    """
    _check(text)
    culprits = tuple(dict.fromkeys(character for character in text if not gsm7.septets(character)))
    encoding = Encoding.UCS2 if culprits else Encoding.GSM7
    if sum(_cost(character, encoding) for character in text) <= ALONE[encoding]:
        return Split(encoding, (text,), culprits)
    parts = tuple(_cut(text, encoding))
    if len(parts) > limit:
        raise TooLong(sum(len(part) for part in parts[limit:]), limit)
    return Split(encoding, parts, culprits)


def sendable(text: str) -> str:
    """*text* with what can never be sent (see Unsendable) made a space; anything else is left to the letter."""
    return "".join(" " if _harmful(character) else character for character in text)


def fold(text: str) -> str:
    """*text* made GSM-7 by the agreed table; unchanged when it is already, or when the table cannot do it."""
    folded = "".join(character if gsm7.septets(character) else FOLDS.get(character, character) for character in text)
    return folded if gsm7.fits(folded) else text


def name(character: str) -> str:
    """What to call *character* in a Dutch sentence: itself, with its name when it is easily mistaken or unseen."""
    if character in _NAMES:
        return _NAMES[character]
    category = unicodedata.category(character)
    if category == "So":
        return f"{character} (emoji of symbool)"
    if category[0] in "CMZ":  # control, combining mark, separator: nothing to see
        return f"onzichtbaar teken (U+{ord(character):04X})"
    return character


def _check(text: str) -> None:
    for character in text:
        if _harmful(character):
            raise Unsendable(character)
    if not text.strip():
        raise EmptyText


def _harmful(character: str) -> bool:
    """Cs: half a surrogate pair. Cc: control; a tab is only dear (UCS-2), the other controls do harm."""
    return unicodedata.category(character) in ("Cs", "Cc") and character not in "\n\r\t"


def _cost(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return gsm7.septets(character)
    return 2 if ord(character) > _BEYOND_BMP else 1


def _cut(text: str, encoding: Encoding) -> Iterator[str]:
    start = used = 0
    for position, character in enumerate(text):
        cost = _cost(character, encoding)
        if used + cost > JOINED[encoding]:
            yield text[start:position]
            start, used = position, 0
        used += cost
    yield text[start:]
