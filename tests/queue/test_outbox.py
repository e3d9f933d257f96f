"""What is owed: who goes first, what a refusal does, and what doubt means."""

from datetime import timedelta

import pytest

from appliance.models import Delivery, Segment
from appliance.queue import outbox
from appliance.queue.outbox import DOUBT_WAIT, Kind, Urgency
from appliance.queue.states import NotAllowed, State
from appliance.segments import split
from appliance.store import writing

URGENT = Urgency(10, timedelta(minutes=60))
PREVENTIVE = Urgency(30, timedelta(hours=24))


def owe(house, number, text="Inbraak bezig", urgency=URGENT, turn=0):
    with writing():
        delivery = Delivery.create(kind=Kind.ALERT, number=number, text=text, created_at=house.now)
        outbox.add(delivery, split(text), urgency, turn, reference=7, now=house.now)
    return list(delivery.segments)


def claim(house):
    return outbox.claim("a", house.now)


def test_urgent_goes_before_preventive_however_late_it_came(house):
    owe(house, "+32470000201", urgency=PREVENTIVE)
    owe(house, "+32470000202", urgency=URGENT)
    assert claim(house).number == "+32470000202"


def test_all_segments_of_ada_go_before_the_first_of_ben(house):
    owe(house, "+32470000201", "a" * 200, turn=0)
    owe(house, "+32470000202", "a" * 200, turn=1)
    order = [(s.number[-1], s.sequence) for s in (claim(house) for _ in range(4))]
    assert order == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]


def test_a_claimed_segment_is_not_claimed_again(house):
    owe(house, "+32470000201")
    assert claim(house) is not None
    assert claim(house) is None


def test_a_segment_that_failed_for_now_goes_behind_those_that_were_not_tried(house):
    owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    outbox.postponed(claim(house), "CMS 41", "temporary failure", house.now)
    house.later(seconds=10)
    assert [claim(house).number[-1], claim(house).number[-1]] == ["2", "1"]


def test_back_off_grows_with_each_try(house):
    owe(house, "+32470000201")
    waits = []
    for _ in range(4):
        segment = claim(house)
        outbox.postponed(segment, "CMS 42", "congestion", house.now)
        waits.append((segment.due_at - house.now).total_seconds())
        house.now = segment.due_at
    assert waits == [5, 15, 30, 60]


def test_a_segment_put_back_keeps_its_place_and_its_count_of_tries(house):
    owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    outbox.put_back(claim(house), "modem gone", house.now)
    again = claim(house)
    assert (again.number[-1], again.attempts) == ("1", 1)


def test_a_refused_segment_is_failed_and_says_the_raw_code(house):
    owe(house, "+32470000201")
    segment = claim(house)
    outbox.refused(segment, "CMS 1", "number not allotted")
    assert (segment.state, segment.code) == (State.FAILED, "CMS 1")
    assert claim(house) is None


def test_a_delivery_report_makes_it_delivered_reference_0_too(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 0, house.now)
    with writing():
        outbox.report("+32470000201", 0, 0x00, house.now)
    assert Segment.get().state == State.DELIVERED


def test_a_temporary_report_is_not_final(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 5, house.now)
    with writing():
        outbox.report("+32470000201", 5, 0x30, house.now)
        assert Segment.get().state == State.SUBMITTED
        outbox.report("+32470000201", 5, 0x46, house.now)
    assert (Segment.get().state, Segment.get().code) == (State.FAILED, "TP-ST 0x46")


def test_the_same_reference_of_another_recipient_is_not_meant(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 5, house.now)
    with writing():
        assert outbox.report("+32470000202", 5, 0x00, house.now) is None
    assert Segment.get().state == State.SUBMITTED


def test_after_the_reference_has_wrapped_the_newest_segment_is_meant(house):
    for minute in range(2):
        house.later(minutes=minute)
        owe(house, "+32470000201", f"tekst {minute}")
        outbox.accepted(claim(house), 255, house.now)
    with writing():
        outbox.report("+32470000201", 255, 0x00, house.now)
    assert [s.state for s in Segment.select().order_by(Segment.id)] == [State.SUBMITTED, State.DELIVERED]


def test_a_segment_in_doubt_waits_for_its_report_while_others_go_on(house):
    owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    outbox.doubted(claim(house), house.now)
    assert claim(house).number[-1] == "2"
    assert claim(house) is None


def test_a_report_settles_the_doubt_and_nothing_is_called_twice(house):
    owe(house, "+32470000201")
    outbox.doubted(claim(house), house.now)
    with writing():
        outbox.report("+32470000201", 99, 0x00, house.now)
    house.later(seconds=61)
    assert claim(house) is None
    assert (Segment.get().state, Segment.get().possibly_twice) == (State.DELIVERED, False)


def test_without_a_report_the_same_bytes_go_once_more_and_are_shown_as_possibly_twice(house):
    owe(house, "+32470000201", "a" * 200)
    first = claim(house)
    before = outbox.outgoing(first)
    outbox.doubted(first, house.now)
    outbox.accepted(claim(house), 1, house.now)
    house.later(seconds=DOUBT_WAIT.total_seconds())
    second = claim(house)
    assert outbox.outgoing(second) == before
    outbox.accepted(second, 2, house.now)
    assert [s.possibly_twice for s in Segment.select().order_by(Segment.sequence)] == [True, False]


def test_a_second_copy_that_surely_did_not_leave_is_not_called_twice(house):
    owe(house, "+32470000201")
    outbox.doubted(claim(house), house.now)
    house.later(seconds=61)
    outbox.put_back(claim(house), "modem gone", house.now)
    assert (Segment.get().state, Segment.get().possibly_twice) == (State.IN_DOUBT, False)


def test_a_restart_finds_its_interrupted_submits_in_doubt_and_only_its_own(house):
    owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    outbox.claim("a", house.now)
    outbox.claim("b", house.now)
    assert outbox.doubt_interrupted("a", house.now) == 1
    assert [s.state for s in Segment.select().order_by(Segment.id)] == [State.IN_DOUBT, State.SUBMITTING]


def test_nothing_older_than_its_validity_leaves(house):
    owe(house, "+32470000201")
    house.later(minutes=61)
    assert claim(house) is None
    assert (Segment.get().state, Segment.get().code_words) == (State.FAILED, "older than its validity")


def test_a_clock_that_was_never_set_lets_nothing_expire(house):
    house.now = house.now.replace(year=2000)
    owe(house, "+32470000201")
    house.later(days=3)
    assert claim(house) is not None


def test_an_interrupted_transaction_leaves_nothing_behind(house):
    with pytest.raises(ZeroDivisionError), writing():
        owe(house, "+32470000201")
        raise ZeroDivisionError
    assert (Delivery.select().count(), Segment.select().count()) == (0, 0)


def test_a_settled_segment_cannot_be_settled_again(house):
    owe(house, "+32470000201")
    segment = claim(house)
    outbox.accepted(segment, 1, house.now)
    with pytest.raises(NotAllowed):
        outbox.accepted(segment, 2, house.now)
