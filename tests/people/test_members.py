"""Who is enrolled, and who can never be."""

import pytest

from appliance.models import Member
from appliance.people import members
from appliance.people.members import BadMember, Role, Standing
from appliance.phone import BadNumber


def test_ada_is_enrolled_under_one_number_however_she_writes_it(house):
    for written in ("0470 00 02 01", "0470/00.02.01", "+32 (0)470 000201", "0032470000201"):
        house.enrol("Ada", written)
    assert [member.number for member in Member.select()] == ["+32470000201"]


@pytest.mark.parametrize(
    "number", ["101", "112", "100", "1722", "02 123 45 67", "070 12 34 56", "0900 12345", "0470", ""]
)
def test_a_number_that_cannot_or_must_not_be_texted_is_refused_with_a_sentence(house, number):
    with pytest.raises(BadNumber) as refused:
        house.enrol("Ada", number)
    assert len(str(refused.value)) > 20
    assert Member.select().count() == 0


@pytest.mark.parametrize(
    ("name", "street", "language"), [("", "", "nl"), ("A" * 81, "", "nl"), ("A\x00da", "", "nl"), ("Ada", "", "xx")]
)
def test_a_name_street_or_language_that_makes_no_sense_is_refused(house, name, street, language):
    with pytest.raises(BadMember):
        members.enrol(name, "0470000201", house.now, "test", street=street, language=language)
    assert Member.select().count() == 0


def test_who_left_gets_nothing_and_may_come_back(house):
    ada = house.enrol("Ada", "0470000201")
    members.leave(ada, house.now, "test")
    assert members.by_number("+32470000201") is None
    assert Member.get().state == Standing.LEFT
    house.enrol("Ada", "0470000201")
    assert members.by_number("+32470000201").name == "Ada"


def test_a_coordinator_who_steps_down_stays_a_member(house):
    lies = house.enrol("Lies", "0470000101", Role.COORDINATOR)
    members.remove_coordinator(lies, house.now, "test")
    assert members.by_number("+32470000101").role == Role.MEMBER
