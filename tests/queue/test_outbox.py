"""What is owed: who goes first, what a refusal does, and what doubt means."""

import time
from datetime import timedelta

import psycopg
import pytest

from appliance import modem_state, store
from appliance.models import Alert, Delivery, Segment
from appliance.queue import outbox, reports
from appliance.queue.outbox import DOUBT_WAIT, LEASE, SILENCE, Kind, Urgency
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
        reports.settle("+32470000201", 0, 0x00, house.now)
    assert Segment.get().state == State.DELIVERED


def test_a_temporary_report_is_not_final(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 5, house.now)
    with writing():
        reports.settle("+32470000201", 5, 0x30, house.now)
        assert Segment.get().state == State.SUBMITTED
        reports.settle("+32470000201", 5, 0x46, house.now)
    assert (Segment.get().state, Segment.get().code) == (State.FAILED, "TP-ST 0x46")


def test_the_same_reference_of_another_recipient_is_not_meant(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 5, house.now)
    with writing():
        assert reports.settle("+32470000202", 5, 0x00, house.now) is None
    assert Segment.get().state == State.SUBMITTED


def test_after_the_reference_has_wrapped_the_newest_segment_is_meant(house):
    for minute in range(2):
        house.later(minutes=minute)
        owe(house, "+32470000201", f"tekst {minute}")
        outbox.accepted(claim(house), 255, house.now)
    with writing():
        reports.settle("+32470000201", 255, 0x00, house.now)
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
        reports.settle("+32470000201", 99, 0x00, house.now)
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


# --- several modems, several boxes


def test_a_dead_boxs_claim_is_in_doubt_after_its_lease_and_settled_by_another(house):
    owe(house, "+32470000201")
    store.be_the_only(outbox.seat("a"))
    modem_state.remember("a", house.now, heartbeat_at=house.now)
    outbox.claim("a", house.now)
    assert outbox.claim("b", house.later(seconds=LEASE.total_seconds())) is None
    assert Segment.get().state == State.SUBMITTING
    assert outbox.claim("b", house.later(seconds=1)) is None
    assert Segment.get().state == State.IN_DOUBT
    again = outbox.claim("b", house.later(seconds=DOUBT_WAIT.total_seconds()))
    assert (again.modem, again.possibly_twice, again.attempts) == ("b", True, 2)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_box_whose_connection_is_gone_is_known_to_be_dead_within_half_a_minute(house):
    owe(house, "+32470000201")
    with psycopg.connect(house.url) as box:
        box.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [store.WRITERS, outbox.seat("a")])
        with pytest.raises(store.UnusableStore, match="Another box"):
            store.be_the_only(outbox.seat("a"))
        outbox.claim("a", house.now)
        outbox.claim("b", house.later(seconds=SILENCE.total_seconds() + 1))
        assert Segment.get().state == State.SUBMITTING
    deadline = time.monotonic() + 30
    while not store.is_free(outbox.seat("a")):  # the server notices a moment after us
        assert time.monotonic() < deadline
    outbox.claim("b", house.now)
    assert Segment.get().state == State.IN_DOUBT


def test_a_slow_submit_of_a_box_that_is_heard_of_is_left_alone(house):
    owe(house, "+32470000201")
    outbox.claim("a", house.now)
    house.later(seconds=LEASE.total_seconds() + 60)
    modem_state.remember("a", house.now, heartbeat_at=house.now)
    assert outbox.claim("b", house.now) is None
    assert Segment.get().state == State.SUBMITTING


def test_who_was_taken_for_dead_and_says_accepted_is_believed_and_nothing_leaves_twice(house):
    owe(house, "+32470000201")
    slow = outbox.claim("a", house.now)
    outbox.claim("b", house.later(seconds=LEASE.total_seconds() + 1))
    outbox.accepted(slow, 9, house.later(seconds=5))
    assert outbox.claim("b", house.later(minutes=2)) is None
    assert (Segment.get().state, Segment.get().message_reference) == (State.SUBMITTED, 9)


@pytest.mark.parametrize("late", ["accepted", "postponed", "put_back", "refused", "doubted"])
def test_who_was_taken_for_dead_changes_nothing_once_another_modem_has_it(house, late):
    owe(house, "+32470000201")
    slow = outbox.claim("a", house.now)
    outbox.claim("b", house.later(seconds=LEASE.total_seconds() + 1))
    other = outbox.claim("b", house.later(minutes=2))
    words = {"accepted": (9, house.now), "postponed": ("CMS 42", "x", house.now), "put_back": ("x", house.now),
             "refused": ("CMS 1", "x"), "doubted": (house.now,)}[late]  # fmt: skip
    getattr(outbox, late)(slow, *words)
    row = Segment.get()
    assert (row.state, row.modem, row.attempts, row.possibly_twice) == (State.SUBMITTING, "b", 2, True)
    outbox.accepted(other, 10, house.now)
    assert Segment.get().state == State.SUBMITTED


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_row_that_somebody_looks_after_stops_nobody(house):
    first, *_ = owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    with psycopg.connect(house.url) as administrator:
        administrator.execute("SELECT * FROM bin_kast.segment WHERE id = %s FOR UPDATE", [first.id])
        assert claim(house).number[-1] == "2"


# --- withdrawn in the midst of a submit


@pytest.mark.parametrize(
    ("outcome", "words", "state"),
    [
        ("accepted", lambda now: (1, now), State.SUBMITTED),
        ("postponed", lambda now: ("CMS 42", "congestion", now), State.DROPPED),
        ("put_back", lambda now: ("modem gone", now), State.DROPPED),
        ("doubted", lambda now: (now,), State.UNKNOWN),
        ("refused", lambda _now: ("CMS 10", "barred"), State.FAILED),
    ],
)
def test_what_is_withdrawn_while_it_is_submitted_is_not_tried_again(house, outcome, words, state):
    alert = Alert.create(message_class="urgent", source="coordinator", state="forwarded", original="x", text="x",
                         created_at=house.now)  # fmt: skip
    owe(house, "+32470000201")
    Delivery.update(alert=alert).execute()
    segment = claim(house)
    with writing():
        assert outbox.withdraw(alert) == 0
    getattr(outbox, outcome)(segment, *words(house.now))
    outbox.clear([segment.id], "CMS 10", house.now)
    assert Segment.get().state == state
    house.later(minutes=5)
    assert claim(house) is None


def test_a_number_that_failed_is_known_until_it_is_reached_again(house):
    owe(house, "+32470000201")
    outbox.refused(claim(house), "CMS 1", "number not allotted")
    assert outbox.failing(house.now) == {"+32470000201"}
    assert outbox.failing(house.now + timedelta(days=31)) == set()
    owe(house, "+32470000201")
    outbox.accepted(claim(house), 1, house.now)
    assert outbox.failing(house.now) == set()


def test_what_expired_is_no_fault_of_the_number(house):
    owe(house, "+32470000201")
    house.later(minutes=61)
    claim(house)
    assert outbox.failing(house.now) == set()


def test_a_report_that_may_mean_either_of_two_segments_settles_none_so_that_no_text_is_lost(house):
    owe(house, "+32470000201", "a" * 200)
    for _ in range(2):
        outbox.doubted(claim(house), house.now)
    with writing():
        assert reports.settle("+32470000201", 99, 0x00, house.now) is None
    assert {segment.state for segment in Segment.select()} == {State.IN_DOUBT}


def test_a_report_about_a_text_that_was_refused_is_believed_and_it_is_not_sent_again(house):
    """The network took it, and the modem said congestion."""
    owe(house, "+32470000201")
    outbox.postponed(claim(house), "CMS 42", "congestion", house.now)
    with writing():
        reports.settle("+32470000201", 99, 0x30, house.now)
    house.later(minutes=5)
    assert claim(house) is None
    segment = Segment.get()
    assert (segment.state, segment.code, segment.possibly_twice) == (State.SUBMITTED, "", False)


def test_a_report_says_nothing_of_a_text_that_was_never_tried(house):
    owe(house, "+32470000201")
    with writing():
        assert reports.settle("+32470000201", 99, 0x00, house.now) is None
    assert claim(house) is not None


def test_a_report_waits_for_the_answer_of_a_text_that_is_just_being_submitted(house):
    owe(house, "+32470000201")
    segment = claim(house)
    with writing():
        assert reports.settle("+32470000201", 99, 0x00, house.now) is None
    outbox.accepted(segment, 99, house.now)
    with writing():
        assert reports.settle("+32470000201", 99, 0x00, house.now) == segment


@pytest.mark.parametrize("reference", [None, 5], ids=["it has no reference", "of its second copy it has one"])
def test_a_report_that_may_be_about_an_accepted_text_settles_no_other(house, reference):
    first, second = owe(house, "+32470000201", "a" * 200)
    if reference:
        outbox.doubted(claim(house), house.now)
        house.later(seconds=61)
    outbox.accepted(claim(house), reference, house.now)
    outbox.postponed(claim(house), "CMS 42", "congestion", house.now)
    with writing():
        assert reports.settle("+32470000201", 99, 0x00, house.now) is None
    assert [Segment.get_by_id(one.id).state for one in (first, second)] == [State.SUBMITTED, State.QUEUED]


def test_a_text_that_was_accepted_without_a_reference_is_delivered_by_its_report(house):
    owe(house, "+32470000201")
    outbox.accepted(claim(house), None, house.now)
    with writing():
        reports.settle("+32470000201", 99, 0x00, house.now)
    assert Segment.get().state == State.DELIVERED


def test_a_modem_that_does_not_know_is_asked_later_each_time_and_the_second_copy_is_shown(house):
    owe(house, "+32470000201")
    waits = []
    for _ in range(7):
        outbox.doubted(claim(house), house.now, "CMS 500", "unknown error")
        waits.append((Segment.get().due_at - house.now).total_seconds())
        house.now = Segment.get().due_at
    assert waits == [60, 60, 60, 60, 120, 300, 600]
    assert (Segment.get().code, Segment.get().possibly_twice) == ("CMS 500", True)


def test_who_was_refused_because_of_our_sim_is_owed_the_text_again(house):
    owe(house, "+32470000201", turn=0)
    owe(house, "+32470000202", turn=1)
    barred, unknown = claim(house), claim(house)
    outbox.refused(barred, "CMS 10", "barred")
    outbox.refused(unknown, "CMS 1", "number not allotted")
    outbox.clear([barred.id, unknown.id], "CMS 10", house.now)
    assert claim(house) == barred
    assert claim(house) is None
