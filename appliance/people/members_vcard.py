"""The people of a telephone's address book (vCard 2.1 to 4.0) as the cells of a list of members. Pure.

One card is one row. Of several numbers the mobile one counts; others are left out, for a second number is a person
of his own with a consent of his own. House numbers are left out too: the list goes by street.
"""

import re
from typing import Any

from appliance import phone
from appliance.people.members_file import LARGEST, MOST_ROWS, BadFile, Table
from appliance.plain import say

COLUMNS = {"name": 0, "mobile": 1, "street": 2}
BEGIN = re.compile(rb"^(?:\xef\xbb\xbf)?\s*BEGIN:VCARD\s*$", re.IGNORECASE | re.MULTILINE)
_HOUSE = re.compile(r"[\s,]+\d+\s*\w?(?:[\s,/-].*)?$")
_UNREADABLE = say("Deze contacten zijn niet te lezen. Deel ze opnieuw vanuit uw telefoon, als vCard (.vcf).")


def is_vcard(data: bytes) -> bool:
    """Whether *data* begins as an address book does."""
    return BEGIN.match(data) is not None


def read(data: bytes) -> Table:
    """One row for each card, numbered from 1. Raises BadFile."""
    if len(data) > LARGEST:
        raise BadFile("Het bestand is groter dan 2 MB. Deel de contacten zonder foto's.")
    text, encoding = _decoded(data)
    cards = _cards(text)
    if len(cards) > MOST_ROWS:
        raise BadFile("Het bestand telt meer dan %(n)d contacten. Deel er minder tegelijk.", n=MOST_ROWS)
    rows = [(number, [_name(card), _mobile(card), _street(card)]) for number, card in enumerate(cards, start=1)]
    return Table(encoding, "vCard", COLUMNS, rows)


def _decoded(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace"), "windows-1252"


def _cards(text: str) -> list[Any]:
    import vobject  # noqa: PLC0415 - 2 MB for a rare file, in every service that knows retention

    # what the library raises on odd input is whatever its innards raise: all of it means the same to a person
    try:
        found = list(vobject.readComponents(text.replace("\0", ""), allowQP=True, ignoreUnreadable=True))
    except Exception as error:
        raise BadFile(_UNREADABLE) from error
    cards = [card for card in found if getattr(card, "name", "") == "VCARD"]
    if not cards:
        raise BadFile(_UNREADABLE)
    return cards


def _values(card: Any, name: str) -> list[Any]:
    return [line.value for line in card.contents.get(name, [])]


def _name(card: Any) -> str:
    """As it is shown in the telephone, else put together from its parts."""
    for shown in _values(card, "fn"):
        if text := _one_line(shown):
            return text
    for parts in _values(card, "n"):
        return _one_line(f"{_one_line(getattr(parts, 'given', ''))} {_one_line(getattr(parts, 'family', ''))}")
    return ""


def _one_line(value: Any) -> str:
    return " ".join(" ".join(value).split() if isinstance(value, list) else str(value).split())


def _mobile(card: Any) -> str:
    """The first mobile number, those that the telephone calls so before others; without one, whatever there is."""
    lines = sorted(card.contents.get("tel", []), key=lambda line: not _says_mobile(line))
    numbers = [_one_line(line.value).removeprefix("tel:").partition(";")[0] for line in lines]
    return next((number for number in numbers if _is_mobile(number)), numbers[0] if numbers else "")


def _says_mobile(line: Any) -> bool:
    said = [*line.singletonparams, *(one for values in line.params.values() for one in values)]
    return any("cell" in word.lower() for word in said)


def _is_mobile(number: str) -> bool:
    try:
        phone.mobile(number)
    except phone.BadNumber:
        return False
    return True


def _street(card: Any) -> str:
    streets = (_one_line(getattr(address, "street", "")) for address in _values(card, "adr"))
    return next((_HOUSE.sub("", street) for street in streets if street), "")
