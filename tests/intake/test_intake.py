"""Texts come in: who wrote them decides what they may do."""

import re
from datetime import timedelta

import pyotp
import pytest

from appliance import alerts, codes, intake
from appliance.alerts import AlertState
from appliance.arrivals import Concatenation, Oddity, Report, Ring, Text
from appliance.models import Alert, Arrival, Audit, Delivery, Member, PoliceContact, Segment
from appliance.people.members import Standing
from appliance.police import Method
from appliance.queue import inbox, outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State

OFFICER, LIES, JAN, ADA, CLEO = "+32470000001", "+32470000101", "+32470000102", "+32470000201", "+32470000203"
BURGLARY = "Inbraak bezig Kerkstraat, grijze bestelwagen. Blijf binnen."


@pytest.fixture
def officer(street):
    return street.officer("De Wit", OFFICER)


def arrive(house, number, text, *, sent_at=None, part=None, alphanumeric=False):
    """*number* texts the box, and intake acts on all that waits."""
    arrived = Text(number, text, sent_at or house.now, part, "00", None, alphanumeric)
    inbox.keep([arrived], "a", house.now)
    settle(house)
    return Arrival.select().order_by(Arrival.id.desc()).first()


def settle(house):
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def code(officer):
    return codes.card(officer.secret, PoliceContact.get().counter, 1)[0][1]


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


def challenge(number):
    return re.search(r"JA (\d{4})", told(number)[-1]).group(1)


def submit_all(house):
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)


def forwarded(house, officer, text=BURGLARY):
    arrive(house, OFFICER, f"DRINGEND {code(officer)} {text}")
    arrive(house, LIES, f"JA {challenge(LIES)}")
    submit_all(house)
    return Alert.select().order_by(Alert.id.desc()).get()


# --- the police


def test_a_police_text_with_a_right_code_waits_and_every_coordinator_gets_the_original(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    alert = Alert.get()
    assert (alert.state, alert.verified, alert.text) == (AlertState.WAITING, True, BURGLARY)
    assert [told(LIES)[0], told(JAN)[0]] == [BURGLARY, BURGLARY]
    assert "JA " in told(LIES)[1]
    assert told(ADA) == []
    assert "ontvangen" in told(OFFICER)[0]


def test_the_code_is_kept_nowhere(street, officer):
    secret = code(officer)
    arrive(street, OFFICER, f"DRINGEND {secret} {BURGLARY}")
    everything = [a.text + a.pdu for a in Arrival.select()] + [a.original + a.text for a in Alert.select()]
    everything += [d.text for d in Delivery.select()] + [row.detail for row in Audit.select()]
    assert not [words for words in everything if secret in words]


@pytest.mark.parametrize("given", ["", "123456 "])
def test_a_police_text_without_a_right_code_is_shown_as_not_verified_and_never_dropped(street, officer, given):
    arrive(street, OFFICER, f"DRINGEND {given}{BURGLARY}")
    alert = Alert.get()
    assert (alert.state, alert.verified) == (AlertState.WAITING, False)
    assert told(LIES)[1].startswith("NIET GEVERIFIEERD")


def test_a_code_is_good_once(street, officer):
    used = code(officer)
    arrive(street, OFFICER, f"DRINGEND {used} {BURGLARY}")
    street.later(minutes=1)
    arrive(street, OFFICER, f"DRINGEND {used} Nog een bericht")
    assert [a.verified for a in Alert.select().order_by(Alert.id)] == [True, False]


def test_the_same_text_delivered_twice_by_the_network_is_one_alert(street, officer):
    text, at = f"DRINGEND {code(officer)} {BURGLARY}", street.now
    arrive(street, OFFICER, text, sent_at=at)
    street.later(minutes=2)
    arrive(street, OFFICER, text, sent_at=at)
    assert Alert.select().count() == 1


def test_a_stranger_with_police_words_makes_no_alert_and_gets_no_answer(street, officer):
    arrival = arrive(street, "+32470999999", f"DRINGEND {code(officer)} {BURGLARY}")
    assert Alert.select().count() == 0
    assert told("+32470999999") == []
    assert arrival.read_at is None


def test_a_number_that_ends_like_the_officers_is_not_the_officer(street, officer):
    arrive(street, "+33470000001", f"DRINGEND {code(officer)} {BURGLARY}")
    assert Alert.select().count() == 0


def test_an_old_text_with_a_right_code_is_not_believed(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}", sent_at=street.now - timedelta(minutes=31))
    assert not Alert.get().verified


def test_a_guesser_is_slowed_down_and_the_officer_is_still_heard(street, officer):
    for guess in range(100000, 100010):
        street.later(seconds=1)
        arrive(street, OFFICER, f"DRINGEND {guess} raden {guess}")
    street.later(minutes=16)
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    assert [a.text for a in Alert.select().where(Alert.verified)] == [BURGLARY]


def test_a_totp_code_is_judged_by_the_service_centres_time_and_good_once(street):
    contact = street.officer("De Wit", OFFICER, Method.TOTP)
    right = pyotp.TOTP(contact.secret).at(street.now)
    arrive(street, OFFICER, f"DRINGEND {right} {BURGLARY}")
    arrive(street, OFFICER, f"DRINGEND {right} Nog eens")
    assert [a.verified for a in Alert.select().order_by(Alert.id)] == [True, False]


def test_a_long_police_text_in_parts_is_one_alert_whatever_the_order(street, officer):
    text = f"DRINGEND {code(officer)} " + "Inbraak in de Kerkstraat. " * 8
    first, second = text[:150], text[150:]
    arrive(street, OFFICER, second, part=Concatenation(9, 2, 2))
    assert Alert.select().count() == 0
    arrive(street, OFFICER, first, part=Concatenation(9, 2, 1))
    assert Alert.get().text == text.split(" ", 2)[2]


def test_an_incomplete_text_is_acted_on_after_a_while(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} Inbraak", part=Concatenation(9, 2, 1))
    street.later(minutes=11)
    settle(street)
    assert Alert.get().text == "Inbraak[...]"


def test_the_police_withdraw_what_is_not_out_yet(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    arrive(street, LIES, f"JA {challenge(LIES)}")
    arrive(street, OFFICER, f"INTREKKEN {code(officer)} {Alert.get().id}")
    assert Alert.get().state == AlertState.WITHDRAWN
    states = {s.state for s in Segment.select().join(Delivery).where(Delivery.kind == Kind.ALERT)}
    assert states == {State.DROPPED}


# --- the coordinators


def test_lies_forwards_by_sms_and_jan_hears_that_she_did(street, officer):
    alert = forwarded(street, officer)
    assert (alert.state, alert.decided_by, alert.decided_via) == (AlertState.FORWARDED, "Lies", "sms")
    assert any("Lies heeft al doorgestuurd" in words for words in told(JAN))
    assert any("doorgestuurd" in words for words in told(OFFICER))
    assert BURGLARY in told(ADA)[-1]
    assert told(CLEO)[-1].startswith("PLP URGENT")


def test_the_wrong_challenge_number_forwards_nothing(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    arrive(street, LIES, "JA 0000")
    assert Alert.get().state == AlertState.WAITING
    assert "klopt niet" in told(LIES)[-1]


def test_ada_cannot_decide_even_with_the_right_number(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    arrive(street, ADA, f"JA {challenge(LIES)}")
    assert Alert.get().state == AlertState.WAITING


def test_who_comes_second_hears_who_was_first_and_nothing_goes_out_twice(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    number = challenge(JAN)
    arrive(street, LIES, f"JA {challenge(LIES)}")
    before = Delivery.select().where(Delivery.kind == Kind.ALERT).count()
    arrive(street, JAN, f"JA {number}")
    assert Delivery.select().where(Delivery.kind == Kind.ALERT).count() == before
    assert "Lies" in told(JAN)[-1]


def test_lies_declines_and_the_police_hear_it(street, officer):
    arrive(street, OFFICER, f"DRINGEND {code(officer)} {BURGLARY}")
    arrive(street, LIES, f"NEE {challenge(LIES)}")
    assert Alert.get().state == AlertState.DECLINED
    assert told(ADA) == []
    assert "niet door te sturen" in told(OFFICER)[-1]


def test_lies_delays_until_six_and_then_it_goes_by_itself(street, officer):
    arrive(street, OFFICER, f"PREVENTIEF {code(officer)} Sluit uw ramen")
    arrive(street, LIES, f"LATER {challenge(LIES)} 18u00")
    assert street.bin.local(Alert.get().due_at).hour == 18
    alerts.release_delayed(street.later(hours=5, minutes=59), street.bin)
    assert Alert.get().state == AlertState.DELAYED
    alerts.release_delayed(street.later(minutes=2), street.bin)
    assert Alert.get().state == AlertState.FORWARDED


# --- the members


@pytest.mark.parametrize("words", ["OK", " ok ", "Ok!👍🏻", "oké merci", "Gelezen, groetjes Jef", "1", "", "0K"])
def test_any_human_reply_confirms_the_newest_alert_sent_to_that_phone(street, officer, words):
    alert = forwarded(street, officer)
    arrival = arrive(street, ADA, words)
    assert [d.name for d in alert.deliveries if d.confirmed_at] == ["Ada"]
    assert arrival.alert == alert


def test_a_ring_confirms_too(street, officer):
    alert = forwarded(street, officer)
    inbox.keep([Ring(ADA, street.now)], "a", street.now)
    settle(street)
    assert [(d.name, d.confirmed_by) for d in alert.deliveries if d.confirmed_at] == [("Ada", "ring")]


def test_a_ring_without_an_alert_brings_the_101_text(street):
    inbox.keep([Ring(ADA, street.now)], "a", street.now)
    settle(street)
    assert "BEL 101" in told(ADA)[-1]


def test_an_ok_counts_once_and_its_first_time_stays(street, officer):
    alert = forwarded(street, officer)
    arrive(street, ADA, "ok")
    first = street.now
    street.later(minutes=5)
    arrive(street, ADA, "OK!!")
    assert [d.confirmed_at for d in alert.deliveries if d.confirmed_at] == [first]


def test_a_report_gets_101_first_and_counts_as_read(street, officer):
    alert = forwarded(street, officer)
    arrive(street, ADA, "ok maar er staat een man in mijn tuin")
    assert "BEL 101" in told(ADA)[-1]
    assert [d.name for d in alert.deliveries if d.confirmed_at] == ["Ada"]


def test_stop_ends_everything_at_once_and_is_confirmed(street):
    arrive(street, ADA, "Tsop")
    assert Member.get(Member.number == ADA).state == Standing.LEFT
    assert "geen BIN-berichten meer" in told(ADA)[-1]


def test_stop_the_thief_is_no_stop(street):
    arrive(street, ADA, "Stop dief!!")
    assert Member.get(Member.number == ADA).state == Standing.ACTIVE


def test_words_about_a_holiday_are_wiped_everywhere(street):
    arrive(street, ADA, "wij zijn op reis tot 15/8")
    arrival = Arrival.get()
    assert (arrival.text, arrival.pdu) == ("", "")
    assert "afwezigheidstoezicht" in told(ADA)[-1]


def test_the_same_question_is_answered_once_a_day(street):
    for minute in range(3):
        street.later(minutes=minute)
        arrive(street, ADA, "INFO")
    assert len(told(ADA)) == 1


def test_a_loop_of_answers_ends(street):
    for minute, words in enumerate(["INFO", "HULP", "PRIVACY", "er is brand", "TAAL", "TAAL fr", "TAAL de", "TAAL nl"]):
        street.later(minutes=minute)
        arrive(street, ADA, words)
    assert len(told(ADA)) == intake.ANSWERS_A_DAY


@pytest.mark.parametrize(("number", "name"), [("8850", False), ("Proximus", True), ("", False)])
def test_operators_and_names_are_never_answered(street, number, name):
    arrival = arrive(street, number, "Stuur STOP om te stoppen", alphanumeric=name)
    assert arrival.intent == "operator"
    assert Delivery.select().count() == 0
    assert arrival.read_at is None


def test_a_name_that_looks_like_adas_number_is_not_ada(street, officer):
    alert = forwarded(street, officer)
    arrive(street, ADA, "OK", alphanumeric=True)
    assert not [d for d in alert.deliveries if d.confirmed_at]


def test_a_text_in_national_form_is_from_the_same_subscriber(street, officer):
    alert = forwarded(street, officer)
    arrive(street, "0470000201", "ok")
    assert [d.name for d in alert.deliveries if d.confirmed_at] == ["Ada"]


def test_an_emoji_cut_between_two_parts_is_whole_again(street):
    arrive(street, ADA, "wat is er \ud83d", part=Concatenation(3, 2, 1))
    arrive(street, ADA, "\ude4f aan de hand met die bus?", part=Concatenation(3, 2, 2))
    assert "wat is er 🙏 aan de hand met die bus?" in [a.text for a in Arrival.select()]


# --- what cannot be read


def test_a_report_that_comes_before_its_submit_is_settled_waits_for_it(street, officer):
    forwarded(street, officer)
    segment = Segment.select().where(Segment.number == ADA).get()
    reference = segment.message_reference
    Segment.update(message_reference=None, state="submitting").where(Segment.id == segment.id).execute()
    inbox.keep([Report(ADA, reference, 0, street.now, street.now, "", None)], "a", street.now)
    settle(street)
    outbox.accepted(Segment.get_by_id(segment.id), reference, street.now)
    street.later(seconds=6)
    settle(street)
    assert Segment.get_by_id(segment.id).state == State.DELIVERED


def test_an_unreadable_arrival_is_set_aside_for_a_human(street):
    inbox.keep([Oddity("0791FF", "not a PDU", "SM:3")], "a", street.now)
    assert Arrival.get().state == inbox.Standing.ASIDE
    assert inbox.waiting(street.now) == []


def test_an_arrival_that_breaks_intake_is_set_aside_after_three_tries(street):
    arrive(street, ADA, "ok")
    Arrival.update(state="kept", kind="unheard of", attempts=0).execute()
    arrival = Arrival.get()
    for _ in range(inbox.TRIES):
        with pytest.raises(KeyError):
            intake.act(arrival, street.now, street.bin)
    assert intake.act(arrival, street.now, street.bin)
    assert Arrival.get().state == inbox.Standing.ASIDE


# --- counts


def test_the_police_hear_the_counts_when_all_is_out_and_once_more_later(street, officer):
    forwarded(street, officer)
    alerts.follow_up(street.now, street.bin)
    assert "5 verzonden, 0 gelezen" in told(OFFICER)[-1]
    arrive(street, ADA, "ok")
    alerts.follow_up(street.later(minutes=19), street.bin)
    assert "0 gelezen" in told(OFFICER)[-1]
    alerts.follow_up(street.later(minutes=2), street.bin)
    assert "5 verzonden, 1 gelezen" in told(OFFICER)[-1]
    alerts.follow_up(street.later(hours=2), street.bin)
    assert len([words for words in told(OFFICER) if "gelezen" in words]) == 2
