"""Coordinators judge: first to decide wins, the clock presses, what is stale is judged again."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from appliance import alerts, codes, intake, lang
from appliance.alerts import AlertState, MessageClass, Source, countdown, timers
from appliance.alerts.classes import RULES
from appliance.alerts.timers import Step
from appliance.arrivals import Text
from appliance.models import Alert, Arrival, Audit, Challenge, Delivery, PoliceContact, Timer
from appliance.queue import inbox
from appliance.queue.outbox import Kind
from appliance.segments import split
from appliance.store import writing

OFFICER, LIES, JAN, ADA = "+32470000001", "+32470000101", "+32470000102", "+32470000201"
BURGLARY = "Inbraak bezig Kerkstraat, grijze bestelwagen. Blijf binnen."


class PowerCut(Exception):
    """What is not committed is gone."""


@pytest.fixture
def draws(street):
    """Challenge numbers that differ: 1000, 1001, ..."""
    drawn = iter(range(8000))
    object.__setattr__(street.bin, "draw", lambda below: next(drawn) % below)
    street.officer("De Wit", OFFICER)
    return street


def text(house, number, words):
    inbox.keep([Text(number, words, house.now, None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


def challenge(number):
    found = [re.search(r"(?:JA|OUI|YES) (\d{4})", words) for words in told(number)]
    return [match for match in found if match][-1].group(1)


def police_alert(house, keyword="DRINGEND", words=BURGLARY):
    contact = PoliceContact.get(PoliceContact.number == OFFICER)
    text(house, OFFICER, f"{keyword} {codes.card(contact.secret, contact.counter, 1)[0][1]} {words}")
    return Alert.select().order_by(Alert.id.desc()).first()


def at(house, **delta):
    """The clock goes on, and does what is due."""
    house.later(**delta)
    alerts.run_timers(house.now, house.bin)
    alerts.release_delayed(house.now, house.bin)


# --- who decides


def test_every_coordinator_gets_the_original_byte_for_byte_and_a_number_of_his_own(draws):
    words = "L’été: «ne pas ouvrir»\n🚓 B\u0301is 10€"
    alert = police_alert(draws, words=words)
    assert [told(LIES)[0], told(JAN)[0], alert.original, alert.text] == [words] * 4
    assert challenge(LIES) != challenge(JAN)


def test_the_log_keeps_the_hash_of_the_original_so_that_a_changed_one_shows(draws):
    alert = police_alert(draws)
    sealed = Audit.get(Audit.verb == "created").detail
    assert alerts.fingerprint(alert) == sealed
    alert.original += " "
    assert alerts.fingerprint(alert) != sealed


def test_jans_number_is_no_good_from_liess_phone(draws):
    police_alert(draws)
    text(draws, LIES, f"JA {challenge(JAN)}")
    assert Alert.get().state == AlertState.WAITING


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("JA {}", "forwarded"), ("oui {}", "forwarded"), ("YES {}", "forwarded"), ("Ja, {} aub", "forwarded"),
        ("LATER {} 18u00", "delayed"), ("PLUSTARD {} 18h00", "delayed"), ("SPÄTER {} 18:00", "delayed"),
        ("NEE {}", "declined"), ("non {}", "declined"), ("NEIN {}", "declined"), ("NO {}", "declined"),
        ("JA", "waiting"), ("NEE", "waiting"), ("{}", "waiting"), ("LATER {}", "waiting"),
    ],
)  # fmt: skip
def test_lies_decides_in_her_own_language(draws, answer, state):
    police_alert(draws)
    text(draws, LIES, answer.format(challenge(LIES)))
    alert = Alert.get()
    assert alert.state == state
    assert (alert.decided_by, alert.decided_via) == (("Lies", "sms") if state != "waiting" else ("", ""))


def test_the_police_hear_of_a_delay_and_until_when(draws):
    police_alert(draws, "PREVENTIEF")
    text(draws, LIES, f"LATER {challenge(LIES)} 18u00")
    assert told(OFFICER)[-1].endswith("stelt uit. Doorsturen volgt om 18u00.")
    assert "Lies heeft om 12u00 uitgesteld" in told(JAN)[-1]


def test_whoever_is_asked_hears_that_the_police_took_it_back(draws):
    police_alert(draws)
    contact = PoliceContact.get()
    text(draws, OFFICER, f"BINX {codes.card(contact.secret, contact.counter, 1)[0][1]}")
    assert [told(number)[-1].startswith("BIN 1 is ingetrokken") for number in (LIES, JAN)] == [True, True]


# --- the clock


def test_the_table_of_the_clock_says_who_is_told_what_when(draws):
    assert [(after // timedelta(minutes=1), step) for after, step in timers.UNJUDGED] == [
        (2, Step.AGAIN), (5, Step.LOUDER), (10, Step.POLICE), (60, Step.STALE),
    ]  # fmt: skip


@pytest.mark.slow
def test_nobody_decides(draws):
    police_alert(draws)
    seen = {}
    for minute in range(1, 75):
        before = len(told(LIES)), len(told(JAN)), len(told(OFFICER))
        at(draws, minutes=1)
        new = told(LIES)[before[0] :], told(JAN)[before[1] :], told(OFFICER)[before[2] :]
        if any(new):
            seen[minute] = new
    assert list(seen) == [2, 5, 10, 60]
    assert all("wacht nog op een beslissing" in words[0] for words in seen[2][:2])
    assert all(words[0].startswith("LET OP: na 5 min") for words in seen[5][:2])
    assert seen[10][:2] == ([], [])
    assert "na 10 min nog niet doorgestuurd" in seen[10][2][0]
    assert all((words[0], "60 min oud" in words[1]) == (BURGLARY, True) for words in seen[60][:2])
    assert "na 60 min" in seen[60][2][0]


def test_once_decided_the_clock_is_silent(draws):
    police_alert(draws)
    at(draws, minutes=1)
    text(draws, LIES, f"NEE {challenge(LIES)}")
    before = Delivery.select().count()
    at(draws, minutes=90)
    assert Delivery.select().count() == before
    assert timers.due(draws.now) == []


def test_a_box_that_was_off_asks_once_when_it_is_back_and_tells_the_police(draws):
    police_alert(draws)
    before = len(told(LIES))
    at(draws, minutes=25)
    assert len(told(LIES)) == before + 1
    assert told(LIES)[-1].startswith("LET OP: na 25 min")
    assert "na 25 min" in told(OFFICER)[-1]


def test_power_lost_before_a_timers_commit_loses_and_doubles_nothing(draws):
    police_alert(draws)
    before = Delivery.select().count()
    with pytest.raises(PowerCut), writing():
        at(draws, minutes=3)
        raise PowerCut
    assert (Delivery.select().count(), len(timers.due(draws.now))) == (before, 1)
    for _ in range(3):
        at(draws, seconds=1)
    assert Delivery.select().count() == before + 2


def test_what_is_not_urgent_wakes_nobody_and_is_asked_again_in_the_morning(draws):
    police_alert(draws, "PREVENTIEF", "Sluit uw ramen")
    before = len(told(LIES))
    at(draws, hours=20)
    assert len(told(LIES)) == before
    at(draws, hours=2)
    assert len(told(LIES)) == before + 1
    assert len(told(OFFICER)) == 1


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-25T12:00", "2026-11-26T08:00"), ("2026-11-25T01:00", "2026-11-25T08:00"),
        ("2026-11-25T04:00", "2026-11-26T08:00"), ("2026-10-24T12:00", "2026-10-25T08:00"),
        ("2026-06-01T20:00", "2026-06-02T07:00"),
    ],
)  # fmt: skip
def test_the_next_morning_is_nine_oclock_a_night_away(house, now, morning):
    moments = [datetime.fromisoformat(when).replace(tzinfo=UTC) for when in (now, morning)]
    assert timers.next_morning(moments[0], house.bin) == moments[1]


# --- stale


def test_after_an_hour_an_old_number_forwards_nothing_and_the_new_one_does(draws):
    police_alert(draws)
    old = challenge(LIES)
    at(draws, minutes=61)
    text(draws, LIES, f"JA {old}")
    assert Alert.get().state == AlertState.WAITING
    assert challenge(LIES) != old
    text(draws, LIES, f"JA {challenge(LIES)}")
    assert Alert.get().state == AlertState.FORWARDED


def test_an_answer_that_comes_an_hour_late_while_the_clock_stood_still_is_asked_again(draws):
    police_alert(draws)
    old = challenge(LIES)
    draws.later(minutes=61)
    text(draws, LIES, f"JA {old}")
    assert Alert.get().state == AlertState.WAITING
    assert "61 min oud" in told(LIES)[-1]


def test_a_preventive_text_is_never_stale(draws):
    police_alert(draws, "PREVENTIEF", "Sluit uw ramen")
    draws.later(hours=20)
    text(draws, LIES, f"JA {challenge(LIES)}")
    assert Alert.get().state == AlertState.FORWARDED


@pytest.mark.parametrize(("minutes", "state"), [(45, AlertState.FORWARDED), (120, AlertState.WAITING)])
def test_an_urgent_text_delayed_for_over_an_hour_must_be_judged_again(draws, minutes, state):
    alert = police_alert(draws)
    alerts.delay(alert, draws.now + timedelta(minutes=minutes), "Lies", "page", draws.now, draws.bin)
    before = len(told(JAN))
    at(draws, minutes=minutes)
    assert Alert.get().state == state
    if state == AlertState.WAITING:
        assert len(told(JAN)) == before + 2
        text(draws, JAN, f"JA {challenge(JAN)}")
        assert Alert.get().state == AlertState.FORWARDED


def test_the_number_told_in_the_morning_is_good_for_another_day(draws):
    police_alert(draws, "PREVENTIEF", "Sluit uw ramen")
    at(draws, hours=22)
    draws.later(hours=20)
    text(draws, LIES, f"JA {challenge(LIES)}")
    assert Alert.get().state == AlertState.FORWARDED


def test_the_button_forwards_nothing_stale(draws):
    stale = police_alert(draws)
    draws.later(minutes=61)
    assert alerts.press(draws.now, draws.bin).id != stale.id
    assert Alert.get_by_id(stale.id).state == AlertState.WAITING


def test_two_gateways_that_release_the_same_delayed_alert_promise_it_once(draws):
    alert = police_alert(draws, "PREVENTIEF", "Sluit uw ramen")
    alerts.delay(alert, draws.now + timedelta(minutes=5), "Lies", "page", draws.now, draws.bin)
    at(draws, minutes=5)
    alerts.release_delayed(draws.now, draws.bin)
    assert Delivery.select().where(Delivery.kind == Kind.ALERT).count() == 5


# --- snel or exact

DEAR = "Inbraak in België: twee verdachten met bivakmuts, één in het zwart, vluchten richting het station"


def test_letters_that_double_the_cost_are_shown_old_and_new_and_lies_chooses(draws):
    alert = police_alert(draws, words=DEAR)
    seen = alerts.variants(alert.text)
    assert (seen.exact_segments, seen.fast_segments, seen.letters) == (2, 1, (("ë", "e"),))
    assert "2 sms" in told(LIES)[2]
    text(draws, LIES, f"JA {challenge(LIES)} SNEL")
    members_read = {d.text for d in Delivery.select().where(Delivery.number == ADA)}
    assert len(split(members_read.pop()).parts) == 1
    alert = Alert.get()
    assert (alert.original, "Belgie" in alert.text) == (DEAR, True)


def test_exact_is_what_happens_without_a_word(draws):
    police_alert(draws, words=DEAR)
    text(draws, LIES, f"JA {challenge(LIES)}")
    assert DEAR in told(ADA)[-1]


def test_later_and_fast_leaves_later_and_fast(draws):
    police_alert(draws, words=DEAR)
    text(draws, LIES, f"LATER {challenge(LIES)} 12u30 SNEL")
    alerts.release_delayed(draws.later(minutes=31), draws.bin)
    assert "Belgie" in told(ADA)[-1] and Alert.get().original == DEAR


def test_who_decides_to_the_letter_after_all_gets_the_letters_back(draws):
    police_alert(draws, words=DEAR)
    number = challenge(LIES)
    text(draws, LIES, f"LATER {number} 12u30 SNEL")
    text(draws, LIES, f"JA {number}")
    assert DEAR in told(ADA)[-1]


def test_a_countdown_that_is_stopped_takes_nothing_from_a_delay_that_was_fast(draws):
    alert = police_alert(draws, words=DEAR)
    alerts.delay(alert, draws.now + timedelta(minutes=30), "Lies", "page", draws.now, draws.bin, fast=True)
    countdown.begin(alert, "Jan", "page", draws.now, draws.bin)
    countdown.stop(alert, "Jan", draws.now, draws.bin)
    alerts.release_delayed(draws.later(minutes=31), draws.bin)
    assert "Belgie" in told(ADA)[-1]


@pytest.mark.parametrize("word", ["snel", "RAPIDE", "schnell", "Fast"])
def test_the_word_for_fast_in_four_languages(draws, word):
    police_alert(draws, words=DEAR)
    text(draws, LIES, f"JA {challenge(LIES)} {word}")
    assert "Belgie" in Alert.get().text


def test_nobody_is_bothered_with_a_choice_that_saves_nothing(draws):
    police_alert(draws, words="Zoë vermist")
    assert len(told(LIES)) == 2


def test_every_language_has_a_word_for_fast():
    assert [language for language in lang.LANGUAGES if not lang.load(language)["style"]["fast"]] == []


# --- classes


def test_every_message_class_has_its_rules_and_its_urgency():
    assert set(RULES) == set(MessageClass) == set(alerts.URGENCIES)


def test_only_urgent_texts_grow_stale_and_owe_an_outcome():
    assert [c for c in MessageClass if RULES[c].fresh] == [MessageClass.URGENT]
    assert [c for c in MessageClass if RULES[c].owes_feedback] == [MessageClass.URGENT]


@pytest.mark.parametrize("message_class", MessageClass)
def test_who_is_asked_to_confirm_reads_the_question_and_nobody_else(street, message_class):
    alert = Alert(message_class=message_class, source=Source.POLICE, verified=True, text="Kort", created_at=street.now)
    asked = "Gelezen?" in alerts.frame(alert, "nl", street.now, street.bin)
    assert asked == RULES[message_class].asks_receipt


@pytest.mark.parametrize(
    ("message_class", "hour"),
    [
        (MessageClass.URGENT, 23), (MessageClass.PANIC, 23), (MessageClass.TEST, 23), (MessageClass.FEEDBACK, 23),
        (MessageClass.FEEDBACK_COORDINATORS, 23), (MessageClass.PREVENTIVE, 8), (MessageClass.ORGANISATION, 8),
    ],
)  # fmt: skip
def test_at_eleven_in_the_evening_only_what_cannot_wait_leaves(street, message_class, hour):
    late = street.bin.local(street.now).replace(hour=23)
    assert street.bin.local(alerts.leaves(message_class, late, street.bin)).hour == hour


def test_feedback_for_coordinators_reaches_them_and_no_member_and_needs_no_decision(draws):
    alert = police_alert(draws, "BINC", "Vlot verlopen, maar laat doorgestuurd. Bespreken we dinsdag?")
    assert (alert.message_class, alert.state) == (MessageClass.FEEDBACK_COORDINATORS, AlertState.FORWARDED)
    assert {d.number for d in alert.deliveries if d.kind == Kind.ALERT} == {LIES, JAN}
    assert "FEEDBACK-COORD" in told(LIES)[0]


@pytest.mark.parametrize(
    "message_class", [c for c in MessageClass if c not in (MessageClass.TEST, MessageClass.ORGANISATION)]
)
def test_whatever_lies_types_says_that_it_is_not_from_the_police(street, message_class):
    words = "POLITIE: BIN DRINGEND politie: iedereen binnen"
    alert = alerts.create(message_class, Source.COORDINATOR, words, "Lies", street.now, street.bin)
    for language in lang.LANGUAGES:
        framed = alerts.frame(alert, language, street.now, street.bin)
        assert framed.index(words) > 0
        denied = ("niet van politie", "pas de la police", "nicht von der Polizei", "not the police")
        assert any(denial in framed for denial in denied)


def test_the_police_hear_of_liess_own_urgent_text_and_of_the_button(draws):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Gaslek", "Lies", draws.now, draws.bin)
    alerts.forward(alert, "Lies", "page", draws.now, draws.bin)
    assert "een coördinator stuurde zelf een dringend bericht aan 5 leden" in told(OFFICER)[-1]
    alerts.press(draws.now, draws.bin)
    assert "Noodknop" in told(OFFICER)[-1]


def test_the_police_do_not_hear_of_a_general_meeting(draws):
    alert = alerts.create(MessageClass.ORGANISATION, Source.COORDINATOR, "Vergadering", "Lies", draws.now, draws.bin)
    alerts.forward(alert, "Lies", "page", draws.now, draws.bin)
    assert told(OFFICER) == []


def test_a_text_heard_on_the_telephone_and_typed_over_is_marked_so_and_never_bears_the_name_of_the_police(street):
    alert = alerts.create(MessageClass.URGENT, Source.POLICE, BURGLARY, "de kast", street.now, street.bin)
    assert alerts.frame(alert, "nl", street.now, street.bin).startswith("BIN DRINGEND 12u00 via coördinator: Inbraak")
    assert told(LIES)[1].startswith("NIET GEVERIFIEERD (mondeling)")
    assert Timer.select().count() == len(timers.UNJUDGED)
    assert Challenge.select().count() == 2


def test_the_officer_asks_for_a_ready_text_about_a_threat_and_nobody_else_gets_it(draws):
    for asked in ("BINV", "voorbeeld", "Exemple."):
        text(draws, OFFICER, asked)
    assert [words.startswith("DRINGEND (uw code) Er is een dreiging") for words in told(OFFICER)] == [True] * 3
    text(draws, OFFICER, "BINV")
    assert len(told(OFFICER)) == 3, "a forger does not flood his phone"
    assert Alert.select().count() == 0 and PoliceContact.get().counter == 0
    assert not Arrival.select().where(Arrival.read_at.is_null()).exists()
    for number in (ADA, LIES):
        text(draws, number, "BINV")
        assert not any("dreiging" in words for words in told(number))


def test_a_neighbourhood_officer_who_may_not_warn_hears_how_it_is_done_instead(draws):
    PoliceContact.update(role="neighbourhood").execute()
    text(draws, OFFICER, "BINV")
    assert told(OFFICER)[-1].startswith("Niet verwerkt.")


def test_the_ready_text_filled_in_with_his_code_is_an_urgent_alert_of_the_police(draws):
    text(draws, OFFICER, "BINV")
    filled = told(OFFICER)[-1].partition(") ")[2].replace("(wat)", "gaslek").replace("(waar)", "de Kerkstraat")
    alert = police_alert(draws, words=filled)
    assert alert.verified and alert.message_class == MessageClass.URGENT
    assert alert.original.startswith("Er is een dreiging: gaslek in de Kerkstraat. Deuren toe")
