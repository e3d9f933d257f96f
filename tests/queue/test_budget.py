"""What a SIM may still send, what it has cost, and that no crash, doubt or restart makes the count wrong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import alerts, health, modem_state
from appliance.alerts import MessageClass, Source, going_on, prospect
from appliance.conversation import Decision, Verb
from appliance.health import Level, Trouble
from appliance.intake.decisions import act
from appliance.models import Alert, Challenge, Delivery, Member, Segment, SimCard, SimDay
from appliance.queue import budget, outbox, reports, subscription
from appliance.queue.budget import Sim
from appliance.queue.outbox import Kind, Urgency
from appliance.queue.states import NotAllowed, State
from appliance.queue.subscription import Room, Subscription, Used
from appliance.segments import split
from appliance.store import writing

BRUSSELS = ZoneInfo("Europe/Brussels")
URGENT, PREVENTIVE, NOTICE = (Urgency(rank, timedelta(days=3)) for rank in (10, 30, 0))
CARD = "8932"


def sim(iccid=CARD, **terms) -> Sim:
    return Sim(iccid, BRUSSELS, Subscription(**terms))


def owe(house, how_many, urgency=URGENT, kind=Kind.ALERT):
    with writing():
        for place in range(how_many):
            delivery = Delivery.create(kind=kind, number=f"+324700{urgency.rank:02}{place:03}", text="x",
                                       created_at=house.now)  # fmt: skip
            outbox.add(delivery, split("Inbraak bezig"), urgency, place, reference=7, now=house.now)


def send(house, card, most=100) -> int:
    """How many leave by *card* until nothing may."""
    sent = 0
    while sent < most and (segment := outbox.claim("a", house.now, card)):
        outbox.accepted(segment, sent, house.now)
        sent += 1
    return sent


def day(iccid=CARD) -> tuple[int, int, int, int]:
    return SimDay.select(SimDay.segments, SimDay.in_doubt, SimDay.paid, SimDay.millicents).where(
        SimDay.iccid == iccid
    ).tuples().get()  # fmt: skip


def well(house, name="a", iccid=CARD, **facts):
    modem_state.remember(name, house.now, heartbeat_at=house.now, online=True, registered=True, iccid=iccid, **facts)


# --- the rules


def test_prevention_stops_before_the_reserve_and_urgent_before_the_ceiling():
    terms = Subscription(segments_per_day=100, reserve_percent=30)
    assert subscription.left(terms, Used(today=60), urgent=False) == 10
    assert subscription.left(terms, Used(today=60), urgent=True) == 40
    assert [subscription.room(terms, Used(today=used)) for used in (69, 70, 99, 100)] == [
        Room.ALL, Room.URGENT, Room.URGENT, Room.DECIDED,
    ]  # fmt: skip


def test_the_tighter_of_day_and_month_counts():
    terms = Subscription(segments_per_day=100, segments_per_month=1000)
    assert subscription.left(terms, Used(today=10, this_month=990), urgent=True) == 10


def test_without_ceilings_there_is_room_for_all():
    assert subscription.left(Subscription(), Used(10**6, 10**6), urgent=False) is None
    assert subscription.room(Subscription(), Used(10**6, 10**6)) is Room.ALL


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 90))
def test_urgent_always_has_at_least_the_room_of_what_can_wait(ceiling, used, reserve):
    terms = Subscription(segments_per_day=ceiling, reserve_percent=reserve)
    urgent, other = (subscription.left(terms, Used(today=used), urgent=u) for u in (True, False))
    assert 0 <= other <= urgent <= ceiling


@pytest.mark.parametrize(
    ("words", "credit"),
    [("12,34", 1_234_000), ("Uw saldo: 7.5 EUR", 750_000), ("€ 15", 1_500_000), ("onbekend", None), ("", None)],
)
def test_the_credit_is_read_from_the_operators_words(words, credit):
    assert subscription.credit_in(words) == credit


# --- the order of what is held


def test_what_can_wait_leaves_the_reserve_alone_and_urgent_uses_it(house):
    owe(house, 10, PREVENTIVE)
    card = sim(segments_per_day=10, reserve_percent=30)
    assert send(house, card) == 7
    assert {s.code_words for s in Segment.select().where(Segment.state == State.QUEUED)} == {budget.WAITS[Room.URGENT]}
    owe(house, 5, URGENT)
    assert send(house, card) == 3
    held = Segment.select().where((Segment.rank == 10) & (Segment.state == State.QUEUED))
    assert [segment.code_words for segment in held] == [budget.WAITS[Room.DECIDED]] * 2


def test_answers_and_notices_leave_although_the_ceiling_is_used_up(house):
    owe(house, 2, URGENT)
    card = sim(segments_per_day=1)
    assert send(house, card) == 1
    owe(house, 2, NOTICE, Kind.NOTICE)
    assert send(house, card) == 2


def test_another_sim_has_room_and_nothing_says_that_it_waits(house):
    well(house, "b", "other", room=Room.ALL)
    owe(house, 3, PREVENTIVE)
    assert send(house, sim(segments_per_day=1)) == 1
    assert {segment.code_words for segment in Segment.select()} == {""}
    assert send(house, sim("other")) == 2


def test_the_next_day_in_brussels_gives_new_room_and_the_month_does_not(house):
    house.now = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # half past eleven in the evening
    owe(house, 6, URGENT)
    card = sim(segments_per_day=2, segments_per_month=3)
    assert send(house, card) == 2
    assert send(house, card) == 0
    house.later(minutes=31)  # past midnight there
    assert send(house, card) == 1
    house.now = datetime(2026, 11, 30, 23, 1, tzinfo=UTC)  # the first of December there
    Segment.update(expires_at=house.now).execute()
    assert send(house, card) == 2


@pytest.mark.parametrize(("month", "last", "hours"), [(3, 28, 23), (10, 31, 25)])
def test_a_day_on_which_the_clocks_change_is_one_day(house, month, last, hours):
    midnight = datetime(2027, month, last, tzinfo=BRUSSELS).astimezone(UTC)
    card, first, end = sim(segments_per_day=5), midnight, midnight + timedelta(hours=hours)
    for at in (first, end - timedelta(seconds=1), end):
        with writing():
            budget.count(card, at)
    assert [(row.day, row.segments) for row in SimDay.select().order_by(SimDay.day)] == [
        (f"2027-{month:02}-{last:02}", 2), ((midnight + timedelta(hours=30)).strftime("2027-%m-%d"), 1),
    ]  # fmt: skip


def test_a_box_that_does_not_know_the_time_gets_no_new_room_by_it(house):
    owe(house, 4)
    card = sim(segments_per_day=2)
    assert send(house, card) == 2
    house.now = house.now.replace(year=2000)
    Segment.update(due_at=house.now).where(Segment.state == State.QUEUED).execute()
    assert send(house, card) == 0


def test_the_ceiling_is_the_sims_whichever_modem_it_is_in(house):
    owe(house, 3)
    card = sim(segments_per_day=2)
    assert outbox.claim("a", house.now, card)
    assert outbox.claim("b", house.now, card)
    assert outbox.claim("b", house.now, card) is None


# --- what was taken back, and left after all


def report(house, segment, status):
    with writing():
        return reports.settle(segment.number, 9, status, house.now)


@pytest.mark.parametrize("refuse", [outbox.refused, lambda s, code, words: outbox.postponed(s, code, words, s.due_at)])
def test_what_was_refused_and_arrived_all_the_same_counts_and_costs(house, refuse):
    owe(house, 1)
    SimCard.create(iccid=CARD, credit=1_000_000)
    segment = outbox.claim("a", house.now, sim(tariff=5_000))
    assert (day(), budget.credit(CARD)) == ((1, 0, 1, 5_000), 995_000)
    refuse(segment, "CMS 38", "network out of order")
    assert (day(), budget.credit(CARD)) == ((0, 0, 0, 0), 1_000_000)
    for _ in range(2):  # said twice, counted once
        report(house, segment, 0)
    assert (day(), budget.credit(CARD), Segment.get().millicents) == ((1, 0, 1, 5_000), 995_000, 5_000)


def test_a_report_about_a_first_copy_in_doubt_counts_no_second_one(house):
    owe(house, 1)
    card = sim(tariff=5_000)
    outbox.doubted(outbox.claim("a", house.now, card), house.now)
    second = outbox.claim("a", house.later(minutes=2), card)
    outbox.refused(second, "CMS 1", "unassigned number")
    report(house, second, 0)
    assert day()[0::2] == (1, 1)


# --- pace


def test_the_pace_holds_what_can_wait_for_one_modem_and_lets_the_other_go_on(house):
    owe(house, 4, PREVENTIVE)
    slow = sim(segments_per_minute=2)
    claimed = [outbox.claim("a", house.later(seconds=1), slow) for _ in range(3)]
    assert [bool(segment) for segment in claimed] == [True, True, False]
    assert outbox.claim("b", house.now, slow)
    assert outbox.claim("a", house.later(seconds=60), slow)


def test_a_modem_that_waits_for_its_minute_looks_again_when_it_is_over_and_not_a_second_later(house):
    owe(house, 4, PREVENTIVE)
    slow = sim(segments_per_minute=2)
    assert outbox.pause("a", slow.terms, house.now) == timedelta(0)
    for _ in range(2):
        assert outbox.claim("a", house.later(seconds=0.3), slow)
    assert outbox.pause("a", slow.terms, house.later(seconds=0.4)) == timedelta(seconds=59.3)
    assert outbox.pause("b", slow.terms, house.now) == timedelta(0), "each SIM has its own minute"
    assert outbox.claim("a", house.later(seconds=59.3), slow)


@pytest.mark.parametrize(("pace_urgent", "leave"), [(False, 5), (True, 2)])
def test_urgent_texts_keep_no_pace_unless_it_is_asked_for(house, pace_urgent, leave):
    owe(house, 5, URGENT)
    assert send(house, sim(segments_per_minute=2, pace_urgent=pace_urgent)) == leave


# --- the ledger


def test_each_accepted_segment_costs_the_tariff_once_the_bundle_is_used_up(house):
    owe(house, 5)
    assert send(house, sim(tariff=6500, bundle_segments=2)) == 5
    assert day() == (5, 0, 3, 19_500)
    assert sum(segment.millicents for segment in Segment.select()) == 19_500


@pytest.mark.parametrize("outcome", ["postponed", "put_back", "refused"])
def test_what_surely_did_not_leave_costs_nothing(house, outcome):
    SimCard.create(iccid=CARD, credit=1_000_000)
    owe(house, 1)
    segment = outbox.claim("a", house.now, sim(tariff=6000))
    assert (day(), budget.credit(CARD)) == ((1, 0, 1, 6000), 994_000)
    words = {"postponed": ("CMS 42", "x", house.now), "put_back": ("x", house.now), "refused": ("CMS 1", "x")}[outcome]
    getattr(outbox, outcome)(segment, *words)
    assert (day(), budget.credit(CARD)) == ((0, 0, 0, 0), 1_000_000)
    assert Segment.get().millicents == 0


def test_a_doubt_is_on_the_ledger_once_and_its_report_takes_the_doubt_off(house):
    owe(house, 1)
    outbox.doubted(outbox.claim("a", house.now, sim(tariff=6000)), house.now)
    assert day() == (1, 1, 1, 6000)
    with writing():
        reports.settle(Segment.get().number, 9, 0, house.now, "a")
    assert day() == (1, 0, 1, 6000)


def test_a_second_copy_is_a_second_hand_over_and_the_first_stays_in_doubt(house):
    owe(house, 1)
    outbox.doubted(outbox.claim("a", house.now, sim(tariff=6000)), house.now)
    house.later(seconds=61)
    outbox.accepted(outbox.claim("a", house.now, sim(tariff=6000)), 1, house.now)
    assert day() == (2, 1, 2, 12_000)
    assert Segment.get().millicents == 12_000


def test_a_crash_in_the_midst_of_a_submit_counts_it_as_in_doubt_and_only_once(house):
    owe(house, 1)
    outbox.claim("a", house.now, sim(tariff=6000))
    outbox.doubt_interrupted("a", house.now)
    outbox.doubt_interrupted("a", house.now)
    assert day() == (1, 1, 1, 6000)


def test_who_was_taken_for_dead_and_says_accepted_takes_the_doubt_off(house):
    owe(house, 1)
    slow = outbox.claim("a", house.now, sim(tariff=6000))
    outbox.claim("b", house.later(seconds=outbox.LEASE.total_seconds() + 1), sim("other"))
    outbox.accepted(slow, 9, house.now)
    assert day() == (1, 0, 1, 6000)


def test_the_credit_goes_down_with_each_paid_segment_until_the_operator_says_it_again(house):
    with writing():
        budget.remember_credit(CARD, "saldo 5,00 EUR")
    owe(house, 3)
    send(house, sim(tariff=10_000))
    assert budget.credit(CARD) == 470_000
    with writing():
        budget.remember_credit(CARD, "saldo 4,69 EUR")
    assert budget.credit(CARD) == 469_000


# --- an urgent alert and a used-up ceiling: said, and a coordinator decides


@pytest.fixture
def full(street):
    """The SIM has room for two; Lies forwards an urgent alert to five."""
    street.card = sim(segments_per_day=2, tariff=5000)
    well(street, segments_per_day=2, tariff=5000)
    street.alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig", "Lies", street.now,
                                 street.bin)  # fmt: skip
    return street


def hold(full):
    alerts.forward(full.alert, "Lies", "page", full.now, full.bin)
    assert send(full, full.card) == 2
    well(full, room=budget.room(full.card, full.now))


def test_it_is_said_before_sending_and_while_it_waits(full):
    before = prospect.of(full.alert, full.now, full.bin)
    assert (before.segments, before.over_ceiling, before.cost_cents, before.finish_at) == (5, 3, 25, None)
    hold(full)
    told = health.read(full.now)
    assert (told.level, told.troubles[0]) == (Level.BROKEN, Trouble.CEILING_URGENT)
    assert going_on.waiting(full.alert, full.now) == 3
    assert prospect.of(Alert.get(), full.now, full.bin).over_ceiling == 3


def test_each_coordinator_hears_of_it_once_with_what_to_answer(full):
    hold(full)
    for _ in range(2):
        going_on.tell(full.now, full.bin)
    notices = list(Delivery.select().where(Delivery.kind == Kind.NOTICE))
    assert sorted(notice.name for notice in notices) == ["Jan", "Lies"]
    assert "3 dringende sms'en wachten" in notices[0].text and "JA 4821" in notices[0].text
    assert send(full, full.card) == 2  # the notices themselves are not held


def test_jan_answers_yes_and_the_rest_leaves(full):
    hold(full)
    going_on.tell(full.now, full.bin)
    jan = Member.get(Member.name == "Jan")
    number = Challenge.get(Challenge.member == jan).number
    with writing():
        act(jan, Decision(Verb.FORWARD, number, None), full.now, full.bin)
    assert "boven het plafond" in Delivery.select().order_by(Delivery.id.desc()).get().text
    send(full, full.card)
    assert {segment.state for segment in Segment.select()} == {State.SUBMITTED}


def test_at_the_box_it_is_one_decision_and_it_is_in_the_log(full):
    hold(full)
    assert going_on.go_on(full.alert, "Lies", "command line", full.now) == 3
    told = prospect.of(Alert.get(), full.now, full.bin)
    assert told.over_ceiling == 0 and told.finish_at
    assert send(full, full.card) == 3
    assert health.read(full.now).level is not Level.BROKEN


def test_what_is_decided_beforehand_never_waits(full):
    going_on.go_on(full.alert, "Lies", "command line", full.now)
    alerts.forward(full.alert, "Lies", "page", full.now, full.bin)
    assert send(full, full.card) == 5


def test_the_button_asks_nobody_and_goes_over(full):
    alerts.press(full.now, full.bin)  # no police text waits: the core group
    alerts.forward(full.alert, "Lies", "page", full.now, full.bin)
    assert send(full, full.card) == 2
    assert {s.rank for s in Segment.select().where(Segment.state == State.SUBMITTED)} == {5}


def test_of_a_closed_alert_nothing_goes_on(full):
    alerts.decline(full.alert, "oud", "Lies", "page", full.now, full.bin)
    with pytest.raises(NotAllowed):
        going_on.go_on(full.alert, "Lies", "page", full.now)


def test_low_credit_and_a_reserve_that_is_reached_ask_for_attention(street):
    well(street, room=Room.URGENT, credit_low=True)
    assert {Trouble.CEILING, Trouble.LOW_CREDIT} <= set(health.read(street.now).troubles)


def test_a_paced_modem_promises_a_paced_finish_for_what_can_wait_only(street):
    well(street, segments_per_minute=2)
    told = {
        name: prospect.of(alerts.create(name, Source.COORDINATOR, "Tekst", "Lies", street.now, street.bin), street.now,
                          street.bin).finish_at - street.now
        for name in (MessageClass.URGENT, MessageClass.PREVENTIVE)
    }  # fmt: skip
    assert told == {MessageClass.URGENT: timedelta(seconds=20), MessageClass.PREVENTIVE: timedelta(seconds=124)}
