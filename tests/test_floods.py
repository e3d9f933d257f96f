"""Machines that answer machines, and children with telephones: the box says little and loses nothing."""

import pytest

from appliance import floods, intake
from appliance.arrivals import Text
from appliance.models import Acknowledgement, Arrival, Delivery, Member
from appliance.people.members import Standing
from appliance.queue import inbox

ADA, LIES, STRANGER = "+32470000201", "+32470000101", "+32470999999"


def text(house, number, words, *, alphanumeric=False):
    house.later(seconds=1)
    inbox.keep([Text(number, words, house.now, None, "00", None, alphanumeric)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number)]


def unread():
    return Arrival.select().where(Arrival.read_at.is_null()).count()


@pytest.mark.slow
def test_a_flood_from_one_number_collapses_for_whoever_reads_and_is_answered_five_times_at_most(street):
    for count in range(60):
        text(street, ADA, f"wie is dit? {count}")
        text(street, ADA, f"er is brand {count}")
    assert Arrival.select().count() == 120
    assert unread() <= floods.MANY
    assert [seen.kind for seen in Acknowledgement.select()] == [floods.FLOOD]
    assert len(told(ADA)) <= intake.ANSWERS_A_DAY


@pytest.mark.slow
def test_a_flood_of_ada_hides_nothing_of_ben(street):
    for count in range(30):
        text(street, ADA, f"wie is dit? {count}")
    before = unread()
    text(street, "+32470000202", "wie is dit?")
    assert unread() == before + 1


@pytest.mark.slow
def test_stop_works_in_the_midst_of_a_flood(street):
    for count in range(30):
        text(street, ADA, f"wie is dit? {count}")
    text(street, ADA, "STOP")
    assert Member.get(Member.number == ADA).state == Standing.LEFT


def test_the_third_time_the_same_words_come_within_an_hour_nobody_has_to_read_them(street):
    for _ in range(5):
        text(street, ADA, "Wie is dit?")
    assert unread() == floods.SAME - 1
    street.later(hours=2)
    text(street, ADA, "Wie is dit?")
    assert unread() == floods.SAME


@pytest.mark.parametrize(
    ("number", "alphanumeric"), [(STRANGER, False), ("8850", False), ("116000", False), ("Proximus", True), ("", False)]
)
@pytest.mark.parametrize("words", ["INFO", "HULP", "STOP", "er is brand", "OK"])
def test_strangers_services_and_names_are_never_answered(street, number, alphanumeric, words):
    text(street, number, words, alphanumeric=alphanumeric)
    assert Delivery.select().count() == 0


@pytest.mark.slow
def test_two_boxes_that_answer_each_other_fall_silent(street):
    """A member's telephone sends our own answer back, for ever."""
    text(street, ADA, "INFO")
    for _ in range(20):
        text(street, ADA, told(ADA)[-1])
    assert len(told(ADA)) <= 3
