"""An alert's life: who may move it, who gets it in which order, and what the button does."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance import alerts
from appliance.alerts import (
    MOVES,
    AlertEvent,
    AlertState,
    AlreadyDecided,
    MessageClass,
    NobodyToTell,
    Source,
    TooSoon,
    progress,
)
from appliance.models import Alert, Audit, Delivery, Segment
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import outbox, reports
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.segments import EmptyText, TooLong
from appliance.upkeep import tallies

BURGLARY = "Inbraak bezig Kerkstraat"


def typed(house, text=BURGLARY, message_class=MessageClass.URGENT):
    return alerts.create(message_class, Source.COORDINATOR, text, "Lies", house.now, house.bin)


def from_police(house, text=BURGLARY, *, verified=True):
    contact = house.officer("De Wit", "0470000001")
    return alerts.create(
        MessageClass.URGENT, Source.POLICE, text, "De Wit", house.now, house.bin, contact=contact, verified=verified
    )


def forward(house, alert):
    return alerts.forward(alert, "Lies", "page", house.now, house.bin)


def names(alert):
    return [d.name for d in alert.deliveries.where(Delivery.kind == Kind.ALERT).order_by(Delivery.id)]


@pytest.mark.parametrize("event", AlertEvent)
@pytest.mark.parametrize("state", AlertState)
def test_every_event_in_every_state_moves_as_the_table_says_or_raises(street, state, event):
    alert = typed(street)
    Alert.update(state=state).where(Alert.id == alert.id).execute()
    after = MOVES[state].get(event)
    if after is None:
        with pytest.raises(AlreadyDecided):
            alerts.move(alert, event)
    else:
        alerts.move(alert, event)
        assert alert.state == after


def test_a_forwarded_alert_is_owed_to_everybody_word_for_word(street):
    alert = typed(street, "Zo gezegd, zo gedaan: 'l’été'")
    assert forward(street, alert) == 5
    assert set(names(alert)) == {"Lies", "Jan", "Ada", "Ben", "Cleo"}
    assert all(alert.original in delivery.text for delivery in alert.deliveries)


def test_the_same_alert_forwarded_twice_is_promised_once(street):
    alert = typed(street)
    forward(street, alert)
    with pytest.raises(AlreadyDecided):
        forward(street, Alert.get_by_id(alert.id))
    assert Segment.select().count() == 5


def test_who_lost_the_race_is_told_by_the_database_not_by_what_the_page_had_read(street):
    alert = typed(street)
    stale = Alert.get_by_id(alert.id)
    alerts.decline(alert, "vals alarm", "Jan", "page", street.now, street.bin)
    with pytest.raises(AlreadyDecided) as late:
        forward(street, stale)
    assert late.value.alert.decided_by == "Jan"
    assert Segment.select().count() == 0


def test_with_nobody_to_tell_nothing_changes(house):
    alert = typed(house)
    with pytest.raises(NobodyToTell):
        forward(house, alert)
    assert (Alert.get().state, Delivery.select().count()) == (AlertState.WAITING, 0)


@pytest.mark.parametrize(("text", "error"), [("", EmptyText), ("  \n", EmptyText), ("a" * 2000, TooLong)])
def test_a_text_that_can_never_be_sent_makes_no_alert(street, text, error):
    with pytest.raises(error):
        typed(street, text)
    assert Alert.select().count() == 0


def test_who_gave_no_consent_gets_nothing(street):
    members.enrol("Dora", "0470000204", street.now, "test")
    alert = typed(street)
    forward(street, alert)
    assert "Dora" not in names(alert)


def test_who_wants_no_preventive_texts_still_gets_urgent_ones(street):
    ada = members.by_number("+32470000201")
    ada.preventive = False
    ada.save()
    local = street.bin.local(street.now)
    assert "Ada" not in [m.name for m in members.recipients("preventive", 0, local)]
    assert "Ada" in [m.name for m in members.recipients("urgent", 0, local)]


def test_who_wants_no_texts_at_night_gets_none_between_22_and_7(street):
    ada = members.by_number("+32470000201")
    ada.night = False
    ada.save()
    hours = {hour: street.bin.local(street.now).replace(hour=hour, minute=0) for hour in (6, 7, 21, 22)}
    awake = {hour for hour, local in hours.items() if ada in members.recipients("urgent", 0, local)}
    assert awake == {7, 21}


def test_those_who_lead_come_first_and_nobody_is_always_last(house):
    house.enrol("Lies", "0470000101", Role.COORDINATOR)
    house.enrol("Karim", "0470000102", Role.STREET_LEADER)
    house.enrol("Greet", "0470000103", Role.CORE)
    for place in range(14):
        house.enrol(f"Lid {place:02}", f"04700002{place:02}")
    local = house.bin.local(house.now)
    orders = [[m.name for m in members.recipients("urgent", turn, local)] for turn in range(14)]
    assert all(order[:3] == ["Lies", "Greet", "Karim"] for order in orders)
    assert len({order[-1] for order in orders}) > 3
    assert all(sorted(order) == sorted(orders[0]) for order in orders)


def test_whoever_could_not_be_reached_last_time_goes_to_the_back(street):
    first = typed(street)
    forward(street, first)
    while segment := outbox.claim("a", street.now):
        if segment.number in ("+32470000201", "+32470000101"):
            outbox.refused(segment, "CMS 1", "number not allotted")
        else:
            outbox.accepted(segment, 1, street.now)
    second = typed(street)
    forward(street, second)
    assert (set(names(second)[:2]), names(second)[-1]) == ({"Lies", "Jan"}, "Ada")  # who leads stays in front


def test_the_police_and_the_other_coordinators_hear_who_decided(street):
    alert = from_police(street)
    forward(street, alert)
    notices = {d.number: d.text for d in Delivery.select().where(Delivery.kind == Kind.NOTICE).order_by(Delivery.id)}
    assert "doorgestuurd" in notices["+32470000001"]
    assert "Lies heeft al doorgestuurd" in notices["+32470000102"]
    assert "heeft al" not in notices["+32470000101"]


def test_the_first_sms_after_a_decision_is_the_alert_itself(street):
    forward(street, from_police(street))
    while (segment := outbox.claim("a", street.now)).rank == 0:
        outbox.accepted(segment, 1, street.now)
    assert segment.delivery.kind == Kind.ALERT


def test_withdrawing_keeps_back_what_is_not_out_and_says_nothing_about_what_is(street):
    alert = typed(street)
    forward(street, alert)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    outbox.doubted(outbox.claim("a", street.now), street.now)
    assert alerts.withdraw(alert, "Lies", "page", street.now, street.bin) == 3
    counts = progress.of(alert).counts
    assert (counts["submitted"], counts["unknown"], counts["dropped"]) == (1, 1, 3)
    assert outbox.claim("a", street.later(minutes=5)) is None


def test_progress_adds_up(street):
    alert = typed(street, "a" * 200)
    forward(street, alert)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    outbox.refused(outbox.claim("a", street.now), "CMS 1", "number not allotted")
    counts = progress.of(alert).counts
    assert counts["segments"] == 10 == sum(counts[state] for state in State)
    assert (counts["recipients"], counts["accepted"], counts["failed"]) == (5, 0, 1)


def test_the_progress_of_an_alert_is_one_moment_and_not_two(street, caplog):
    """A promise that another service commits meanwhile is in all of it or in none: one question reads both tables."""
    alert = typed(street)
    forward(street, alert)
    caplog.set_level(logging.DEBUG, "peewee")
    caplog.clear()
    progress.of(alert)
    asked = [record.msg[0] for record in caplog.records if record.name == "peewee"]
    assert len([sql for sql in asked if '"delivery"' in sql or '"segment"' in sql]) == 1


def test_what_the_database_counts_for_a_list_is_what_the_page_of_the_alert_says(street):
    erased, asleep, busy, unsent = (typed(street, text) for text in ("a", "a" * 200, "b" * 200, "c"))
    for alert in (erased, asleep, busy):
        forward(street, alert)
    for turn in range(12):
        outbox.accepted(outbox.claim("a", street.now), turn, street.later(seconds=1))
    outbox.doubted(outbox.claim("a", street.now), street.now)
    outbox.refused(outbox.claim("a", street.now), "CMS 1", "number not allotted")
    outbox.accepted(outbox.claim("a", street.later(minutes=2)), 13, street.now)
    alerts.confirm("+32470000201", "ring", street.now)
    reports.settle("+32470000201", 0, 0, street.now, "a")
    Segment.update(possibly_twice=True, millicents=7).where(Segment.id == 3).execute()
    tallies.fold(erased)
    counted = progress.totals([erased, asleep, busy, unsent])
    for alert in (erased, asleep, busy, unsent):
        assert counted[alert.id] == replace(progress.of(alert), lines=()), alert.original
    assert progress.totals([]) == {}


def test_every_move_is_in_the_log(street):
    alert = typed(street)
    forward(street, alert)
    alerts.close(alert, "Lies", "page", street.now, street.bin)
    verbs = [row.verb for row in Audit.select().where(Audit.subject == f"alert {alert.id}").order_by(Audit.id)]
    assert verbs == ["created", "forwarded", "closed"]


# --- the button


def test_the_button_forwards_what_waits_from_the_police(street):
    alert = from_police(street)
    assert alerts.press(street.now, street.bin).id == alert.id
    assert (Alert.get().state, Alert.get().decided_by) == (AlertState.FORWARDED, "knop")


def test_the_button_never_forwards_an_unverified_text(street):
    street.enrol("Greet", "0470000103", Role.CORE)
    waiting = from_police(street, verified=False)
    pressed = alerts.press(street.now, street.bin)
    assert pressed.id != waiting.id
    assert Alert.get_by_id(waiting.id).state == AlertState.WAITING


def test_with_nothing_waiting_the_button_tells_the_core_group_and_only_them(street):
    street.enrol("Greet", "0470000103", Role.CORE)
    alert = alerts.press(street.now, street.bin)
    assert set(names(alert)) == {"Lies", "Jan", "Greet"}
    assert all("niet van politie" in delivery.text for delivery in alert.deliveries)


def test_the_button_works_once_in_ten_minutes(street):
    alerts.press(street.now, street.bin)
    before = Segment.select().count()
    with pytest.raises(TooSoon):
        alerts.press(street.later(minutes=9, seconds=59), street.bin)
    assert Segment.select().count() == before
    assert alerts.press(street.later(seconds=2), street.bin)


def test_the_button_with_nobody_in_the_core_group_says_so_and_may_be_tried_again(house):
    house.enrol("Ada", "0470000201")
    with pytest.raises(NobodyToTell):
        alerts.press(house.now, house.bin)
    house.enrol("Lies", "0470000101", Role.COORDINATOR)
    assert alerts.press(house.now, house.bin)


# --- receipts


def test_an_ok_is_for_the_newest_alert_that_has_left(street):
    first = typed(street, "Eerste")
    forward(street, first)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, 1, street.now)
    second = typed(street, "Tweede")
    forward(street, second)
    delivery = alerts.confirm("+32470000201", "reply", street.now)
    assert delivery.alert == first


def test_after_a_day_an_ok_confirms_an_urgent_alert_no_more(street):
    forward(street, typed(street))
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, 1, street.now)
    assert alerts.newest_alert_to("+32470000201", street.now + timedelta(hours=23)) is not None
    assert alerts.newest_alert_to("+32470000201", street.now + timedelta(hours=25)) is None
