"""Neighbours out of a telephone: what becomes of their cards."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.people import members_vcard
from appliance.people.members_file import BadFile, Table

OLD_ANDROID = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=89tienne;Ren=C3=A9;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Ren=C3=A9 =C3=89tienne
TEL;HOME;PREF:011223344
TEL;CELL:0470 12 34 56
END:VCARD
"""
IPHONE = """BEGIN:VCARD
VERSION:3.0
N:Peeters;An;;;
FN:An Peeters
item1.TEL;type=HOME:+32 11 22 33 44
item2.TEL;type=CELL;type=VOICE;type=pref:+32 470 11 22 33
ADR;TYPE=HOME:;;Kerkstraat 12 bus 3;Zonnebos;;3500;België
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ
END:VCARD
"""
NEWEST = """BEGIN:VCARD
VERSION:4.0
FN:Bakker
TEL;VALUE=uri;TYPE="cell,voice":tel:+32-470-55-66-77
END:VCARD
"""


def rows(text: str) -> list[list[str]]:
    return [cells for _number, cells in members_vcard.read(text.encode()).rows]


def test_each_telephones_card_gives_a_name_the_mobile_number_and_a_street_without_house_number() -> None:
    assert rows(OLD_ANDROID + IPHONE + NEWEST) == [
        ["René Étienne", "0470 12 34 56", ""],
        ["An Peeters", "+32 470 11 22 33", "Kerkstraat"],
        ["Bakker", "+32-470-55-66-77", ""],
    ]


def test_a_card_without_a_mobile_number_keeps_what_it_has_so_that_the_report_can_say_why_not() -> None:
    assert rows(OLD_ANDROID.replace("TEL;CELL:0470 12 34 56\n", ""))[0][1] == "011223344"
    assert rows("BEGIN:VCARD\nVERSION:3.0\nFN:Niemand\nEND:VCARD\n") == [["Niemand", "", ""]]


def test_a_name_that_is_only_there_in_parts_is_put_together() -> None:
    assert rows("BEGIN:VCARD\nVERSION:3.0\nN:Peeters;An;;;\nTEL:0470112233\nEND:VCARD\n")[0][0] == "An Peeters"


@pytest.mark.parametrize("text", ["BEGIN:VCARD\n", "BEGIN:VCARD\nEND:VEVENT\n", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"])
def test_what_is_no_whole_card_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(BadFile, match=r"vCard"):
        members_vcard.read(text.encode())


@settings(deadline=None)
@given(st.lists(st.sampled_from([*OLD_ANDROID.splitlines(), *IPHONE.splitlines(), "\0", "TEL", "N:;=;", "TEL;=:="])))
def test_whatever_the_lines_it_is_a_table_or_a_sentence(lines: list[str]) -> None:
    with contextlib.suppress(BadFile):
        assert isinstance(members_vcard.read("\n".join(["BEGIN:VCARD", *lines]).encode()), Table)
