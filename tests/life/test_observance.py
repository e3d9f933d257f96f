"""Only the agreed plan runs: what is on trial says so, what deviates is logged, what comes from above stays here."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from appliance import alerts, audit, codes, intake, lang, report, wording
from appliance.alerts import AlertState, MessageClass, Source
from appliance.arrivals import Text
from appliance.conversation.commands import Keyword, PoliceMessage, police_message
from appliance.intake import police_texts
from appliance.life import charter, in_force, observance, printing
from appliance.life.charter import NotSigned
from appliance.life.observance import Course, Deviation
from appliance.models import Account, Alert, Audit, Delivery, Member, PoliceContact
from appliance.modes import Mode
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import inbox
from appliance.queue.outbox import Kind
from appliance.segments import split
from appliance.store import writing
from appliance.wording import Key

OFFICER, LIES = "+32470000001", "+32470000101"
BURGLARY = "Inbraak bezig Kerkstraat, grijze bestelwagen. Blijf binnen."


@pytest.fixture
def draws(street):
    street.officer("De Wit", OFFICER)
    return street


def sign(house, **more):
    """Lies, the mayor and the chief sign what is in force now."""
    charter.draft(in_force.settings(house.bin) | more, house.now, "Lies")
    charter.sign(date(2026, 11, 24), "Lies", "A. Burgemeester", "K. Chef", house.now, "Lies")


def police_alert(house, words=BURGLARY, keyword="DRINGEND"):
    contact = PoliceContact.get()
    sent = f"{keyword} {codes.card(contact.secret, contact.counter, 1)[0][1]} {words}"
    inbox.keep([Text(OFFICER, sent, house.now, None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)
    return Alert.select().order_by(Alert.id.desc()).first()


def forward(house, alert, by="Lies"):
    alerts.forward(alert, by, "page", house.now, house.bin)
    return Alert.get_by_id(alert.id)


def own(house, message_class, words="Vergadering op maandag."):
    return alerts.create(message_class, Source.COORDINATOR, words, "Lies", house.now, house.bin)


def texts(alert):
    found = Delivery.select().where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))
    return {delivery.text for delivery in found}


def told(number):
    return [row.text for row in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


# --- on trial (R20)


def test_before_the_charter_is_signed_a_text_ends_in_a_word_about_it_and_after_that_it_does_not(draws):
    before = texts(forward(draws, police_alert(draws)))
    assert {words.rpartition(" (")[2] for words in before} == {"BIN in proef)", "PLP à l'essai)"}
    assert all(words.startswith(("BIN DRINGEND 12u00 politie: ", "PLP URGENT 12h00 police: ")) for words in before)
    sign(draws)
    after = forward(draws, police_alert(draws, "Poging tot inbraak, Lindedreef."))
    assert not after.on_trial and not [words for words in texts(after) if "proef" in words or "essai" in words]


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("length", [1, 100, 120, 145, 160, 161, 300, 306, 459])
def test_the_mark_never_makes_a_police_text_one_sms_more_and_never_stands_in_front(draws, language, length):
    unmarked = wording.frame("urgent", "x" * length, language, draws.bin.local(draws.now), "police", ask=True)
    alert = Alert(message_class="urgent", source="police", verified=True, text="x" * length, created_at=draws.now)
    framed = alerts.frame(alert, language, draws.now, draws.bin)
    assert framed.startswith(unmarked)
    assert len(split(framed).parts) == len(split(unmarked).parts) == len(split("x" * length).parts)


@pytest.mark.parametrize("message_class", [MessageClass.TEST, MessageClass.ORGANISATION])
def test_a_drill_and_an_organisations_text_are_not_taken_for_a_trial(draws, message_class):
    sent = forward(draws, own(draws, message_class))
    assert not sent.on_trial and not [words for words in texts(sent) if "proef" in words.lower()]


def test_the_police_read_that_their_counts_are_of_a_trial(draws):
    alert = forward(draws, police_alert(draws))
    contact = PoliceContact.get()
    with writing():
        police_texts.act(contact, _status(contact), None, draws.now, draws.bin)
    alerts.close(alert, "Lies", "page", draws.now, draws.bin)
    counted = [words for words in told(OFFICER) if "gelezen" in words]
    assert len(counted) == 2 and all(words.endswith("PROEF: charter nog niet getekend.") for words in counted)


def _status(contact):
    return PoliceMessage(Keyword.STATUS, codes.card(contact.secret, contact.counter, 1)[0][1], "")


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("key", [Key.POLICE_COUNTS, Key.POLICE_CLOSED, Key.POLICE_FORWARDED])
def test_the_counts_have_room_for_the_mark_in_each_language(language, key):
    values = {
        "alert": 9999,
        "time": wording.time(time(12, 34), language),
        "sent": 500,
        "confirmed": 500,
        "members": 500,
    }
    words = wording.text(key, language, **values)
    marked = wording.marked(words, Key.POLICE_TRIAL, language)
    assert marked != words and len(split(marked).parts) == 1


def test_the_button_is_pressed_in_a_trial_as_ever(draws):
    alert = alerts.press(draws.now, draws.bin)
    assert alert.on_trial and {len(split(words).parts) for words in texts(alert)} == {1}


def test_the_yearly_report_counts_what_was_on_trial(draws):
    forward(draws, police_alert(draws))
    sign(draws)
    forward(draws, police_alert(draws, "Poging tot inbraak, Lindedreef."))
    year = report.of_year(2026, draws.bin)
    assert (year.classes["urgent"].told, year.classes["urgent"].on_trial) == (2, 1)
    assert "vóór het charter getekend was: 1 berichten" in printing.year(year, draws.bin, "nl")


def test_a_charter_without_its_three_names_is_not_signed(draws):
    charter.draft(in_force.settings(draws.bin), draws.now, "Lies")
    with pytest.raises(NotSigned, match="drie mensen"):
        charter.sign(date(2026, 11, 24), "Lies", " ", "K. Chef", draws.now, "Lies")
    assert charter.on_trial()


# --- what deviates from the plan (R50)

AGREED = {"mode": "two-level", "preventive_hours": "08:00-20:00"}


@pytest.mark.parametrize(
    ("went", "found"),
    [
        (Course("two-level", frozenset({1}), time(8)), []),
        (Course("one-level"), [Deviation.MODE]),
        (Course("two-level", frozenset({3})), [Deviation.DECIDER]),
        (Course("two-level", frozenset({0})), [Deviation.DECIDER]),
        (Course("two-level", frozenset({3, 2})), []),  # two people of one name: one of them is in the charter
        (Course("two-level", leaves=time(7, 59)), [Deviation.HOURS]),
        (Course("two-level", leaves=time(20)), [Deviation.HOURS]),
        (Course("pyramid", frozenset({3}), time(3)), [Deviation.MODE, Deviation.DECIDER, Deviation.HOURS]),
    ],
)
def test_what_is_not_as_agreed_is_named_and_nothing_else(went, found):
    assert observance.judge(AGREED, {1, 2}, went) == found


def test_a_charter_that_is_silent_forbids_nothing():
    assert observance.judge({}, set(), Course("pyramid", frozenset({3}), time(3))) == []


def test_an_alert_that_goes_as_signed_leaves_no_trace_of_a_deviation(draws):
    sign(draws)
    alert = forward(draws, police_alert(draws))
    assert observance.of(alert) == [] and observance.lately(9) == []


def test_what_tom_decides_who_is_in_no_charter_is_logged_once_however_often_he_decides(draws):
    sign(draws)
    tom = draws.enrol("Tom", "0470000103", Role.COORDINATOR)
    alert = police_alert(draws)
    alerts.delay(alert, draws.now + timedelta(minutes=5), "Tom", "page", draws.now, draws.bin)
    alerts.forward(Alert.get_by_id(alert.id), "Tom", "page", draws.now, draws.bin)
    (row,) = Audit.select().where(Audit.verb == observance.VERB)
    assert (row.actor, row.subject, row.detail) == (f"member {tom.id}", f"alert {alert.id}", "decider")
    assert audit.first_broken() is None


def test_an_account_of_nobody_is_not_in_the_charter(draws):
    sign(draws)
    Account.create(username="beheer", password="x", session_stamp="u", created_at=draws.now)
    assert observance.of(forward(draws, police_alert(draws), by="beheer")) == [Deviation.DECIDER]


def test_another_way_of_working_than_the_signed_one_is_logged_with_the_alert_that_went_so(draws):
    sign(draws)
    draws.bin = replace(draws.bin, mode=Mode.ONE_LEVEL)
    alert = police_alert(draws)
    assert alert.state == AlertState.FORWARDED and observance.of(alert) == [Deviation.MODE]


def test_nobody_who_decides_in_time_is_logged_too(draws):
    sign(draws)
    alert = police_alert(draws)
    for _ in range(12):
        alerts.run_timers(draws.later(minutes=1), draws.bin)
    assert observance.of(alert) == [Deviation.LATE]
    assert [(noted.alert, noted.deviations) for noted in observance.lately(9)] == [(alert.id, (Deviation.LATE,))]


def test_a_tip_outside_the_agreed_hours_is_logged(draws):
    sign(draws, preventive_hours="09:00-10:00")
    assert observance.of(forward(draws, own(draws, MessageClass.PREVENTIVE))) == [Deviation.HOURS]


def test_without_a_charter_there_is_no_plan_to_deviate_from(draws):
    alert = forward(draws, police_alert(draws), by="Cleo")
    assert observance.of(alert) == []


def test_a_coordinator_of_the_charter_who_is_erased_stays_a_number_in_it(draws):
    sign(draws)
    lies = members.by_number(LIES)
    version = charter.signed()
    assert version and lies and lies.id in charter.deciders(version) and "Lies" not in version.deciders


# --- from above the zone (R39)


@pytest.mark.parametrize("word", ["BOVENLOKAAL", "Supralocal", "überörtlich", "UEBEROERTLICH:"])
def test_the_officer_says_in_one_word_that_it_comes_from_above(word):
    found = police_message(f"DRINGEND 123456 {word} Bende actief langs de E313.", registered=True)
    assert found == PoliceMessage(Keyword.URGENT, "123456", "Bende actief langs de E313.", from_above=True)


def test_a_text_that_only_speaks_of_it_keeps_all_its_words():
    found = police_message("DRINGEND 123456 Bende, bovenlokaal actief.", registered=True)
    assert found and (found.text, found.from_above) == ("Bende, bovenlokaal actief.", False)


def test_it_is_kept_with_the_alert_and_the_coordinators_read_it(draws):
    alert = police_alert(draws, f"BOVENLOKAAL {BURGLARY}")
    assert alert.from_above and alert.original == BURGLARY
    assert [words for words in told(LIES) if words.endswith(" Bovenlokaal.")]


def test_lies_marks_it_and_takes_the_mark_off_and_the_log_has_both(draws):
    alert = police_alert(draws)
    for above in (True, True, False):
        alerts.mark_origin(alert, "Lies", draws.now, above=above)
        assert Alert.get_by_id(alert.id).from_above is above
    verbs = [row.verb for row in Audit.select().where(Audit.subject == f"alert {alert.id}").order_by(Audit.id)]
    assert verbs[-2:] == ["marked from above", "marked from the zone"]


def test_nothing_from_above_goes_to_anybody_but_the_members_and_who_wrote_it(draws):
    forward(draws, police_alert(draws, f"BOVENLOKAAL {BURGLARY}"))
    ours = {member.number for member in Member.select()} | {OFFICER}
    assert {delivery.number for delivery in Delivery.select()} == ours
