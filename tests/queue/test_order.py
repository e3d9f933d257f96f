"""Who goes first (R12, R70): by what it is, by whom it is for, and in a rotation that is fair to every street."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import alerts, intake, notices
from appliance.alerts import MessageClass, Source
from appliance.arrivals import Report, Text
from appliance.cli.alerts import _moment
from appliance.models import Alert, Delivery, Segment
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import inbox, outbox, reports
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.store import writing

BRUSSELS = ZoneInfo("Europe/Brussels")
ADA, BEN = "+32470000201", "+32470000202"


def forward(house, message_class=MessageClass.URGENT, text="Inbraak bezig") -> Alert:
    alert = alerts.create(message_class, Source.COORDINATOR, text, "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    return alert


def sent(house, modem="a") -> list[Segment]:
    gone = []
    while segment := outbox.claim(modem, house.now):
        outbox.accepted(segment, len(gone) % 256, house.now)
        gone.append(segment)
    return gone


def names(house) -> list[str]:
    return [segment.delivery.name for segment in sent(house)]


def test_answers_and_notices_go_before_urgent_before_preventive_before_organisation(street):
    for message_class in (MessageClass.ORGANISATION, MessageClass.PREVENTIVE, MessageClass.URGENT):
        forward(street, message_class)
    with writing():
        notices.owe("+32470000101", "wacht op u", Kind.NOTICE, street.now)
        notices.owe(ADA, "bel 101", Kind.ANSWER, street.now)
    order = [(s.delivery.kind, s.delivery.alert and s.delivery.alert.message_class) for s in sent(street)]
    assert order == [
        (Kind.NOTICE, None), (Kind.ANSWER, None),
        *[(Kind.ALERT, name) for name in ("urgent", "preventive", "organisation") for _ in range(5)],
    ]  # fmt: skip


def test_an_answer_that_is_owed_in_the_midst_of_an_alert_is_the_next_to_leave(street):
    forward(street)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    inbox.keep([Text(ADA, "ik zie een inbreker", street.now, None, "", None)], "a", street.now)
    for arrival in inbox.waiting(street.now):
        intake.act(arrival, street.now, street.bin)
    assert outbox.claim("a", street.now).delivery.kind == Kind.ANSWER


def test_coordinators_then_core_group_then_street_leaders_then_members(house):
    people = [("Mo", Role.MEMBER), ("Stan", Role.STREET_LEADER), ("Kim", Role.CORE), ("Lies", Role.COORDINATOR)]
    for place, (name, role) in enumerate(people):
        house.enrol(name, f"04700002{place:02}", role, street="Kerkstraat")
    forward(house)
    assert names(house) == ["Lies", "Kim", "Stan", "Mo"]


def test_a_number_that_failed_goes_behind_all_others_and_a_leader_keeps_his_place(street):
    forward(street)
    while segment := outbox.claim("a", street.now):
        if segment.delivery.name in ("Ada", "Lies"):
            outbox.refused(segment, "CMS 1", "number not allotted")
        else:
            outbox.accepted(segment, 1, street.now)
    for _ in range(4):
        forward(street)
        order = names(street)
        assert order[:2] == ["Jan", "Lies"]
        assert order[-1] == "Ada"
        Segment.update(state=State.FAILED, code="CMS 1").where(
            (Segment.number == ADA) & (Segment.state == State.SUBMITTED)
        ).execute()


@dataclass(frozen=True)
class Person:
    name: int
    street: str
    role: str = "member"


@given(st.lists(st.integers(1, 20), min_size=2, max_size=9), st.integers(0, 10_000))
@pytest.mark.slow
def test_each_is_last_once_in_as_many_alerts_as_there_are_people_and_no_street_seven_times_in_a_row(sizes, first):
    people = [Person(n, f"straat {place}") for place, size in enumerate(sizes) for n in range(size)]
    orders = [members.in_order(people, first + turn) for turn in range(max(7, len(people)))]
    assert all(sorted(map(id, order)) == sorted(map(id, people)) for order in orders)
    assert len({id(order[-1]) for order in orders}) == len(people)
    if max(sizes) <= len(people) * 0.6:  # nearly all in one street: then it must be
        assert len({order[-1].street for order in orders[:7]}) > 1


def test_after_an_outage_of_two_hours_nothing_urgent_leaves_and_each_says_why(street):
    forward(street)
    street.later(hours=2)
    assert sent(street) == []
    assert {(s.state, s.code_words) for s in Segment.select()} == {(State.FAILED, "older than its validity")}


def test_without_a_clock_that_was_set_all_of_it_leaves(street):
    forward(street)
    street.now = street.now.replace(year=2000)
    Segment.update(due_at=street.now).execute()
    street.later(days=3)
    assert len(sent(street)) == 5


def test_stop_the_rest_takes_effect_before_the_next_segment(street):
    alert = forward(street)
    first = outbox.claim("a", street.now)
    assert alerts.withdraw(alert, "Lies", "page", street.now, street.bin) == 4
    outbox.accepted(first, 1, street.now)
    assert sent(street) == []


def test_an_alert_that_is_put_off_leaves_at_its_time_and_not_before(street):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "x", "Lies", street.now, street.bin)
    alerts.delay(alert, street.now + timedelta(hours=1), "Lies", "page", street.now, street.bin)
    for minutes, leave in ((59, 0), (60, 5)):
        at = street.now + timedelta(minutes=minutes)
        alerts.release_delayed(at, street.bin)
        claimed = 0
        while outbox.claim("a", at):
            claimed += 1
        assert claimed == leave


@pytest.mark.parametrize(
    ("local", "at", "utc"),
    [
        (datetime(2027, 3, 27, 20, 0), "08:30", datetime(2027, 3, 28, 6, 30)),  # the night that is an hour short
        (datetime(2027, 3, 28, 1, 30), "02:30", datetime(2027, 3, 28, 1, 30)),  # half past two does not exist: 3:30
        (datetime(2027, 10, 30, 20, 0), "08:30", datetime(2027, 10, 31, 7, 30)),  # the night that is an hour long
        (datetime(2027, 10, 31, 1, 30), "02:30", datetime(2027, 10, 31, 0, 30)),  # twice half past two: the first
        (datetime(2027, 10, 31, 1, 30), "2027-10-31T18:30", datetime(2027, 10, 31, 17, 30)),
    ],
)
def test_a_time_on_the_wall_is_that_time_on_days_when_the_clocks_change(local, at, utc):
    assert _moment(at, local.replace(tzinfo=BRUSSELS)).astimezone(UTC) == utc.replace(tzinfo=UTC)


@pytest.mark.parametrize(("day", "opens"), [(datetime(2027, 3, 27), 6), (datetime(2027, 10, 30), 7)])
def test_prevention_of_the_evening_leaves_at_eight_after_a_change_of_the_clocks(street, day, opens):
    street.now = day.replace(hour=21, tzinfo=BRUSSELS).astimezone(UTC)
    forward(street, MessageClass.PREVENTIVE)
    morning = (day + timedelta(days=1)).replace(hour=opens, tzinfo=UTC)
    assert outbox.claim("a", morning - timedelta(seconds=1)) is None
    assert outbox.claim("a", morning)


# --- one phone, one SMS; several modems


def test_two_who_share_a_phone_get_one_text(house):
    house.enrol("Ada", "0470 00 02 01")
    house.enrol("Ben", "+32 (0)470/00.02.01")
    forward(house)
    assert [segment.number for segment in sent(house)] == [ADA]
    assert Delivery.select().count() == 1


def test_what_one_modem_left_in_doubt_is_settled_by_its_own_report_while_another_goes_on(street):
    forward(street)
    doubtful = outbox.claim("a", street.now)
    outbox.doubted(doubtful, street.now)
    assert len(sent(street, "b")) == 4
    with writing():
        reports.settle(doubtful.number, 77, 0, street.now, "a")
    assert outbox.claim("b", street.later(minutes=2)) is None
    assert Segment.get_by_id(doubtful.id).state == State.DELIVERED


def test_a_report_to_another_sim_is_not_about_a_text_in_doubt(street):
    """Else a text that never left would be called delivered: each SIM hears of its own texts only."""
    forward(street)
    doubtful = outbox.claim("a", street.now)
    outbox.doubted(doubtful, street.now)
    arrival = Report(doubtful.number, 5, 0, street.now, street.now, "07", None)
    inbox.keep([arrival], "b", street.now)
    for kept in inbox.waiting(street.now):
        intake.act(kept, street.now, street.bin)
    assert Segment.get_by_id(doubtful.id).state == State.IN_DOUBT
    again = outbox.claim("b", street.later(minutes=2))
    while again and again.id != doubtful.id:
        outbox.accepted(again, 1, street.now)
        again = outbox.claim("b", street.now)
    assert again.possibly_twice


def test_two_sims_count_their_references_each_for_itself(street):
    first, second = forward(street), forward(street, text="Vals alarm")
    for alert, modem in ((first, "a"), (second, "b")):
        for segment in Segment.select().join(Delivery).where((Delivery.alert == alert) & (Segment.number == ADA)):
            Segment.update(turn=-1, rank=0).where(Segment.id == segment.id).execute()
            claimed = outbox.claim(modem, street.now)
            outbox.accepted(claimed, 5, street.now)
    with writing():
        told = reports.settle(ADA, 5, 0, street.now, "a")
    assert told.delivery.alert == first
