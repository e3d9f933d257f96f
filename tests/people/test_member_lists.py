"""A list that is read in on the page: looked at, applied, undone."""

from datetime import timedelta
from typing import Any

import pytest

from appliance.models import Arrival, ListChange, Member, MemberList
from appliance.people import member_lists, members
from appliance.people.member_lists import TooLate
from appliance.upkeep import erasure, retention

LIST = b"naam;gsm;straat\nAda;0470000201;Lindedreef\nEva;0470000204;Kerkstraat\nFout;047012;\n"


def test_looking_changes_nobody_and_applying_does_what_was_said(street: Any) -> None:
    kept = member_lists.keep(LIST, "lies", street.now)
    assert member_lists.report(kept).counts | {"unchanged": 0} == {
        "new": 1, "changed": 1, "unchanged": 0, "duplicate": 0, "ignored": 0, "error": 1,
    }  # fmt: skip
    assert Member.get(Member.name == "Ada").street == "Kerkstraat"
    member_lists.apply(kept, street.now, "Lies")
    assert (Member.get(Member.name == "Ada").street, Member.get(Member.name == "Eva").street) == (
        "Lindedreef", "Kerkstraat",
    )  # fmt: skip


def test_undone_everybody_is_as_before_and_a_list_is_undone_once(street: Any) -> None:
    before = list(Member.select().order_by(Member.id).dicts())
    kept = member_lists.keep(LIST, "lies", street.now)
    member_lists.apply(kept, street.now, "Lies")
    assert member_lists.undo(kept, street.now, "Lies").back == 2
    assert list(Member.select().order_by(Member.id).dicts()) == before
    with pytest.raises(TooLate):
        member_lists.undo(kept, street.now, "Lies")


def test_who_was_changed_or_heard_of_since_is_left_alone(street: Any) -> None:
    kept = member_lists.keep(LIST, "lies", street.now)
    member_lists.apply(kept, street.now, "Lies")
    members.enrol("Ada Adams", "0470000201", street.now, "Lies", street="Lindedreef", consent="paper 2026")
    Arrival.create(key="1", kind="text", number="+32470000204", text="OK", received_at=street.now)
    done = member_lists.undo(kept, street.now, "Lies")
    assert (done.back, done.left_alone) == (0, 2)
    assert Member.get_or_none(Member.name == "Ada Adams") and Member.get_or_none(Member.name == "Eva")


def test_it_is_applied_once_and_the_file_is_gone_then(street: Any) -> None:
    kept = member_lists.keep(LIST, "lies", street.now)
    member_lists.apply(kept, street.now, "Lies")
    assert MemberList.get_by_id(kept.id).content == ""
    with pytest.raises(TooLate):
        member_lists.apply(kept, street.now, "Lies")


def test_a_day_later_there_is_nothing_to_undo_and_the_night_takes_the_list(street: Any) -> None:
    kept = member_lists.keep(LIST, "lies", street.now)
    member_lists.apply(kept, street.now, "Lies")
    assert member_lists.latest(street.now) == kept
    later = street.now + timedelta(days=1, minutes=1)
    assert member_lists.latest(later) is None and member_lists.find(kept.id, later) is None
    assert retention.erase(later, street.bin)["lists"] == 1
    assert MemberList.select().count() + ListChange.select().count() == 0


def test_who_is_erased_is_in_no_kept_list(street: Any) -> None:
    applied = member_lists.keep(LIST, "lies", street.now)
    member_lists.apply(applied, street.now, "Lies")
    member_lists.keep(LIST.replace(b"Lindedreef", b"Dorp"), "lies", street.now)
    erasure.erase(Member.get(Member.name == "Ada"), street.now, "Lies", street.bin)
    assert not any("Ada" in change.before + change.after for change in ListChange.select())
    assert not any(one.content for one in MemberList.select())
