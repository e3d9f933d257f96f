"""After the alert is out: the police hear counts, the silent get it once more, the members hear how it ended."""

from datetime import timedelta

import pytest

from appliance import alerts, codes, intake, lang
from appliance.alerts import AlertState, MessageClass, NoRepeat, Source
from appliance.arrivals import Text
from appliance.models import Alert, Delivery, Member, PoliceContact, Segment
from appliance.people.members import Standing
from appliance.queue import inbox, outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.segments import split
from appliance.upkeep import retention

OFFICER, LIES, JAN, ADA, BEN, CLEO = (f"+32470000{n}" for n in ("001", "101", "102", "201", "202", "203"))
BURGLARY = "Inbraak bezig Kerkstraat"
CAUGHT = "Twee verdachten aangehouden. Dank aan de melders."


@pytest.fixture
def officer(street):
    return street.officer("De Wit", OFFICER)


def text(house, number, words):
    inbox.keep([Text(number, words, house.now, None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def police_text(house, keyword, words, before=""):
    contact = PoliceContact.get()
    code = codes.card(contact.secret, contact.counter, 1)[0][1]
    text(house, OFFICER, f"{keyword} {before}{code} {words}")
    return Alert.select().order_by(Alert.id.desc()).first()


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


def submit_all(house, refused=()):
    while segment := outbox.claim("a", house.now):
        if segment.number in refused:
            outbox.refused(segment, "CMS 1", "number not allotted")
        else:
            outbox.accepted(segment, segment.id % 256, house.now)


def sent(house, *, refused=(), words=BURGLARY):
    """An urgent police alert that Lies forwarded and that is out."""
    alert = police_text(house, "DRINGEND", words)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    submit_all(house, refused)
    return alert


def owed(kind):
    return [d.number for d in Delivery.select().where(Delivery.kind == kind).order_by(Delivery.id)]


# --- counts


def test_the_police_hear_counts_at_once_after_twenty_minutes_and_at_the_end(street, officer):
    alert = sent(street)
    before = len(told(OFFICER))
    alerts.follow_up(street.now, street.bin)
    text(street, ADA, "ok")
    alerts.follow_up(street.later(minutes=21), street.bin)
    text(street, BEN, "ok")
    alerts.close(alert, "Lies", "page", street.later(hours=1), street.bin)
    counted = [words for words in told(OFFICER)[before:] if "gelezen" in words]
    ends = [words.partition(": ")[2] for words in counted]
    trial = "PROEF: charter nog niet getekend."
    assert ends == [f"5 verzonden, {read} gelezen, op 5 leden. {trial}" for read in (0, 1, 2)]
    assert not [words for words in counted if any(name in words for name in ("Ada", "Ben", "Cleo"))]


def test_the_police_hear_the_counts_when_nobody_behind_them_is_known_any_more(street, officer):
    alert = sent(street)
    text(street, ADA, "ok")
    retention.erase(street.later(days=31), street.bin)
    assert not alert.deliveries.where(Delivery.kind == Kind.ALERT).exists()
    assert alerts.counts_for_police(alert) == {"sent": 5, "members": 5, "confirmed": 1}


def test_counts_are_told_once_however_many_gateways_look(street, officer):
    sent(street)
    for _ in range(3):
        alerts.follow_up(street.now, street.bin)
    assert len([words for words in told(OFFICER) if "gelezen" in words]) == 1


def test_an_alert_that_is_closed_early_is_counted_a_last_time_and_no_more(street, officer):
    alert = sent(street)
    alerts.close(alert, "Lies", "page", street.now, street.bin)
    alerts.follow_up(street.later(hours=2), street.bin)
    assert len([words for words in told(OFFICER) if "gelezen" in words]) == 1


# --- the silent


@pytest.mark.slow
def test_the_silent_get_the_same_bytes_once_more_and_those_who_answered_nothing(street, officer):
    alert = sent(street, refused=(BEN,))
    text(street, ADA, "ok")
    assert alerts.repeat(alert, "Lies", street.now) == 3
    assert set(owed(Kind.REPEAT)) == {LIES, JAN, CLEO}
    texts = {d.number: d.text for d in alert.deliveries if d.kind == Kind.ALERT}
    assert all(d.text == texts[d.number] for d in alert.deliveries if d.kind == Kind.REPEAT)


def test_a_second_repeat_is_refused_and_so_is_one_before_all_is_out(street, officer):
    alert = police_text(street, "DRINGEND", BURGLARY)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    with pytest.raises(NoRepeat, match="Wacht tot alles weg is"):
        alerts.repeat(alert, "Lies", street.now)
    submit_all(street)
    alerts.repeat(alert, "Lies", street.now)
    with pytest.raises(NoRepeat, match="al een tweede keer"):
        alerts.repeat(alert, "Lies", street.now)
    assert len(owed(Kind.REPEAT)) == 5


def test_what_asks_for_no_answer_is_never_repeated(street):
    alert = alerts.create(MessageClass.PREVENTIVE, Source.COORDINATOR, "Tip", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    submit_all(street)
    with pytest.raises(NoRepeat):
        alerts.repeat(alert, "Lies", street.now)


def test_a_repeat_changes_no_count_and_its_answer_confirms_the_alert(street, officer):
    alert = sent(street)
    alerts.repeat(alert, "Lies", street.now)
    submit_all(street)
    text(street, ADA, "ok")
    assert alerts.counts_for_police(alert) == {"sent": 5, "members": 5, "confirmed": 1}


def test_whoever_left_meanwhile_gets_no_repeat(street, officer):
    alert = sent(street)
    text(street, ADA, "STOP")
    Delivery.update(confirmed_at=None).execute()
    alerts.repeat(alert, "Lies", street.now)
    assert ADA not in owed(Kind.REPEAT)


def test_withdrawing_keeps_back_the_repeat_too(street, officer):
    alert = sent(street)
    alerts.repeat(alert, "Lies", street.now)
    alerts.withdraw(alert, "Lies", "page", street.now, street.bin)
    repeats = Segment.select().join(Delivery).where(Delivery.kind == Kind.REPEAT)
    assert {segment.state for segment in repeats} == {State.DROPPED}


# --- how it ended


def test_the_outcome_goes_to_exactly_those_who_got_the_alert_and_closes_it(street, officer):
    alert = sent(street, refused=(BEN,))
    street.enrol("Dora", "0470000204")
    feedback = police_text(street, "BINF", CAUGHT)
    assert feedback.about == alert
    alerts.forward(feedback, "Lies", "page", street.now, street.bin)
    theirs = {d.number for d in feedback.deliveries if d.kind == Kind.ALERT}
    assert theirs == {LIES, JAN, ADA, CLEO}
    assert (Alert.get_by_id(alert.id).state, Alert.get_by_id(alert.id).feedback_at) == (AlertState.CLOSED, street.now)
    assert alerts.open_feedback() == []


def test_ada_who_said_stop_after_the_alert_hears_no_outcome(street, officer):
    sent(street)
    text(street, ADA, "STOP")
    assert Member.get(Member.number == ADA).state == Standing.LEFT
    feedback = police_text(street, "BINF", CAUGHT)
    assert ADA not in [member.number for member in alerts.recipients(feedback, street.now, street.bin)]


def test_whoever_wants_no_texts_at_night_hears_the_outcome_in_the_morning(street, officer):
    Member.update(night=False).where(Member.number == ADA).execute()
    sent(street)
    street.later(hours=11)
    feedback = police_text(street, "BINF", CAUGHT)
    alerts.forward(feedback, "Lies", "page", street.now, street.bin)
    segments = Segment.select(Segment, Delivery).join(Delivery).where(Delivery.alert == feedback)
    due = {s.number: street.bin.local(s.due_at).hour for s in segments if s.delivery.kind == Kind.ALERT}
    assert (due[ADA], due[BEN]) == (7, 23)


@pytest.mark.slow
def test_the_officer_may_name_the_alert_and_else_his_newest_is_meant(street, officer):
    first, second = sent(street), sent(street, words="Vals biljet aan de markt")
    assert police_text(street, "BINF", CAUGHT).about == second
    named = police_text(street, "BINF", CAUGHT + " Echt.", before=f"{first.id} ")
    assert (named.about, named.text, named.verified) == (first, CAUGHT + " Echt.", True)


def test_an_outcome_of_nothing_goes_to_everybody(street, officer):
    feedback = police_text(street, "BINF", CAUGHT)
    assert feedback.about is None
    assert len(alerts.recipients(feedback, street.now, street.bin)) == 5


def test_next_morning_the_police_are_reminded_once_of_the_outcome(street, officer):
    alert = sent(street)
    before = len(told(OFFICER))
    for hour in range(48):
        alerts.run_timers(street.now + timedelta(hours=hour), street.bin)
    (reminder,) = told(OFFICER)[before:]
    assert f"BINF {alert.id}" in reminder
    assert alerts.open_feedback() == [alert]


def test_nobody_is_reminded_of_an_outcome_that_was_told(street, officer):
    sent(street)
    feedback = police_text(street, "BINF", CAUGHT)
    alerts.forward(feedback, "Lies", "page", street.now, street.bin)
    before = len(told(OFFICER))
    alerts.run_timers(street.now + timedelta(hours=30), street.bin)
    assert len(told(OFFICER)) == before


def test_for_a_text_that_lies_typed_the_coordinators_are_reminded(street):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Gaslek", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    alerts.run_timers(street.now + timedelta(hours=30), street.bin)
    assert all("hoe het afliep" in told(number)[-1] for number in (LIES, JAN))


# --- taking it back


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_a_correction_is_ready_for_every_alert_and_is_one_sms_with_its_label(street, officer, language):
    alert = sent(street)
    words = alerts.correction(alert, language, street.bin)
    made = Alert(message_class="feedback", source=Source.COORDINATOR, text=words, created_at=street.now)
    assert len(split(alerts.frame(made, language, street.now, street.bin)).parts) == 1


def test_a_correction_goes_to_exactly_those_who_have_the_alert(street, officer):
    alert = police_text(street, "DRINGEND", BURGLARY)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    while (segment := outbox.claim("a", street.now)).delivery.kind != Kind.ALERT:
        outbox.accepted(segment, 1, street.now)
    outbox.accepted(segment, 1, street.now)
    alerts.withdraw(alert, "Lies", "page", street.now, street.bin)
    words = alerts.correction(alert, "nl", street.bin)
    made = alerts.create(MessageClass.FEEDBACK, Source.COORDINATOR, words, "Lies", street.now, street.bin, about=alert)
    out = {
        s.number for s in Segment.select().join(Delivery).where(Delivery.kind == Kind.ALERT) if s.state == "submitted"
    }
    assert {member.number for member in alerts.recipients(made, street.now, street.bin)} == out
    assert len(out) < 5
