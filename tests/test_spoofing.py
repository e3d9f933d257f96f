"""Somebody pretends to be the police. The real officer's alert arrives; nothing else is ever verified."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
import pytest

from appliance import alerts, codes, intake, police, proof
from appliance.alerts import AlertState
from appliance.arrivals import Text
from appliance.models import Acknowledgement, Alert, Arrival, Audit, Delivery, PoliceContact, Segment
from appliance.people.members import Role
from appliance.proof import Doubt, Method, weigh
from appliance.queue import inbox
from appliance.queue.outbox import Kind

DE_WIT, DESK, LIES, ADA, STRANGER = "+32470000001", "+32470000002", "+32470000101", "+32470000201", "+32470999999"
BURGLARY = "Inbraak bezig Kerkstraat, grijze bestelwagen."
FALSE = "Iedereen naar de Kerkstraat komen"


@pytest.fixture
def zonnebos(house):
    """One coordinator, one member, and an officer with a code card."""
    house.enrol("Lies", LIES, Role.COORDINATOR)
    house.enrol("Ada", ADA)
    house.officer("De Wit", DE_WIT)
    return house


def officer(number=DE_WIT):
    return PoliceContact.get(PoliceContact.number == number)


def next_code(number=DE_WIT):
    contact = officer(number)
    return codes.card(contact.secret, contact.counter, 1)[0][1]


def text(house, number, words, *, sent_at=None, alphanumeric=False):
    inbox.keep([Text(number, words, sent_at or house.now, None, "00", None, alphanumeric)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)
    return Arrival.select().order_by(Arrival.id.desc()).first()


def verified():
    return [alert.original for alert in Alert.select().where(Alert.verified)]


def doubts():
    return [alert.doubt for alert in Alert.select().order_by(Alert.id)]


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


def nothing_left():
    return not Delivery.select().where(Delivery.kind == Kind.ALERT).exists()


# --- one text


def test_a_forged_sender_without_a_code_is_shown_as_such_and_forwards_nothing(zonnebos):
    text(zonnebos, DE_WIT, f"DRINGEND {FALSE}")
    assert (verified(), doubts(), nothing_left()) == ([], [Doubt.NO_CODE], True)
    assert told(LIES)[0] == FALSE
    assert told(LIES)[1].startswith("NIET GEVERIFIEERD (geen code)")
    assert "gekende nummer" in told(LIES)[1]


def test_the_real_officer_hears_of_the_forged_text_on_his_own_phone(zonnebos):
    text(zonnebos, DE_WIT, f"DRINGEND 123456 {FALSE}")
    assert told(DE_WIT)[0].startswith("BIN 1: code fout")
    assert "123456" not in "".join(told(DE_WIT) + told(LIES))


def test_a_replayed_code_is_called_used(zonnebos):
    code = next_code()
    text(zonnebos, DE_WIT, f"DRINGEND {code} {BURGLARY}")
    text(zonnebos, DE_WIT, f"DRINGEND {code} {FALSE}")
    assert (verified(), doubts()) == ([BURGLARY], ["", Doubt.USED_CODE])


def test_a_skipped_code_counts_as_used_and_the_next_one_works(zonnebos):
    skipped, right = (code for _, code in codes.card(officer().secret, 0, 2))
    text(zonnebos, DE_WIT, f"DRINGEND {right} {BURGLARY}")
    text(zonnebos, DE_WIT, f"DRINGEND {skipped} {FALSE}")
    text(zonnebos, DE_WIT, f"TEST {next_code()} Oefening")
    assert (verified(), doubts()) == ([BURGLARY, "Oefening"], ["", Doubt.USED_CODE, ""])


def test_the_whole_text_replayed_is_no_second_alert(zonnebos):
    words = f"DRINGEND {next_code()} {BURGLARY}"
    text(zonnebos, DE_WIT, words)
    again = text(zonnebos, DE_WIT, words, sent_at=zonnebos.later(minutes=3))
    assert (Alert.select().count(), again.alert.id) == (1, Alert.get().id)
    assert "used_code" in [row.detail for row in Audit.select()]


def test_a_code_of_another_contact_is_no_code(zonnebos):
    zonnebos.officer("Wachtdienst", DESK)
    PoliceContact.update(secret=codes.new_secret(lambda n: b"\7" * n)).where(PoliceContact.number == DESK).execute()
    text(zonnebos, DE_WIT, f"DRINGEND {next_code(DESK)} {FALSE}")
    assert (verified(), doubts()) == ([], [Doubt.WRONG_CODE])
    text(zonnebos, DESK, f"DRINGEND {next_code(DESK)} {BURGLARY}")
    assert verified() == [BURGLARY]


def test_after_the_card_was_revoked_no_code_of_it_makes_an_alert(zonnebos):
    code = next_code()
    police.revoke(officer(), zonnebos.now, "Lies")
    arrival = text(zonnebos, DE_WIT, f"BIN1 {code} {FALSE}")
    assert (Alert.select().count(), told(DE_WIT), arrival.read_at) == (0, [], None)


def test_a_new_card_voids_the_old_one_and_has_the_next_number(zonnebos):
    old = next_code()
    police.new_secret(officer(), zonnebos.now, "Lies", lambda size: bytes(range(100, 100 + size)))
    text(zonnebos, DE_WIT, f"DRINGEND {old} {FALSE}")
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    assert (verified(), doubts(), officer().card) == ([BURGLARY], [Doubt.WRONG_CODE, ""], 2)


@pytest.mark.parametrize(
    ("minutes", "doubt"),
    [(-31, Doubt.OLD), (-30, ""), (10, ""), (11, Doubt.FUTURE)],
    ids=["old", "ok", "ahead", "future"],
)
def test_old_and_future_dated_texts_are_refused_and_shown_and_their_code_is_spent(zonnebos, minutes, doubt):
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}", sent_at=zonnebos.now + timedelta(minutes=minutes))
    assert doubts() == [doubt]
    assert officer().counter == 1


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (STRANGER, False),
        ("+33470000001", False),
        ("0470000001 ", True),
        ("De Wit", True),
        (DE_WIT, True),
        ("8850", False),
    ],
    ids=["stranger", "same ending", "spaced name", "name", "number as a name", "short"],
)
def test_whoever_is_not_exactly_the_registered_number_makes_no_alert_and_gets_no_answer(zonnebos, number, name):
    arrival = text(zonnebos, number, f"BIN1 {next_code()} {FALSE}", alphanumeric=name)
    assert (Alert.select().count(), Delivery.select().count(), arrival.read_at) == (0, 0, None)
    assert officer().counter == 0


def test_ada_cannot_write_as_the_police_even_with_a_right_code(zonnebos):
    text(zonnebos, ADA, f"BIN1 {next_code()} {FALSE}")
    assert Alert.select().count() == 0


def test_the_code_is_stripped_in_every_form_and_goes_nowhere(zonnebos):
    for form in ("DRINGEND {} {}", "bin1 {}: {}", "BIN 2, {} - {}", "Urgent;{};{}"):
        secret = next_code()
        text(zonnebos, DE_WIT, form.format(secret, "Sluit uw deuren"))
        everything = [a.text + a.pdu for a in Arrival.select()] + [a.original for a in Alert.select()]
        everything += [d.text for d in Delivery.select()] + [row.detail for row in Audit.select()]
        assert not [words for words in everything if secret in words], form
        Alert.update(original="").execute()
    assert Alert.select().where(Alert.verified).count() == 4


# --- many texts


@dataclass
class Card:
    """A contact as `weigh` sees one."""

    secret: str
    method: str = Method.CARD
    counter: int = 7
    failures: int = 0
    failed_at: datetime | None = None
    looked_at: int = field(default=0)

    def remember(self, verdict, now):
        if verdict.counter is not None:
            self.counter = verdict.counter
        if verdict.failed:
            self.failures, self.failed_at, self.looked_at = self.failures + 1, now, self.looked_at + 1


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("tries", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_of_ten_thousand_guesses_in_a_night_none_is_verified(method, tries):
    """One each three seconds. Few are looked at in earnest; one that hits while they rain down is not believed."""
    now = datetime.fromisoformat("2026-11-25T20:00:00+00:00")
    card = Card(codes.new_secret(lambda size: b"\5" * size), method, counter=7 if method is Method.CARD else 0)
    guesses = [f"{guess:06}" for guess in range(0, 1_000_000, 1_000_000 // tries)]
    found = []
    for guess in guesses:
        verdict = weigh(card, guess, now, now)
        card.remember(verdict, now)
        found.append(verdict.verified)
        now += timedelta(seconds=3)
    assert (len(found), any(found)) == (tries, False)
    assert card.looked_at < 50


def test_a_right_code_while_guesses_rain_down_is_spent_but_not_believed_yet():
    now = datetime.fromisoformat("2026-11-25T20:00:00+00:00")
    card = Card(codes.new_secret(lambda size: b"\5" * size), failures=9, failed_at=now)
    right = codes.card(card.secret, card.counter, 1)[0][1]
    verdict = weigh(card, right, now, now)
    assert (verdict.doubt, verdict.counter, verdict.failed) == (Doubt.GUESSING, 8, False)


def rain(house, count):
    """A forger keeps texting under the officer's number."""
    for guess in itertools.islice(itertools.count(200_000), count):
        house.later(seconds=5)
        text(house, DE_WIT, f"DRINGEND {guess} {FALSE} {guess}")


def test_a_forger_cannot_lock_the_officer_out(zonnebos):
    rain(zonnebos, 12)
    zonnebos.later(seconds=5)
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    assert verified() == []
    assert told(LIES)[-2] == BURGLARY  # seen at once, though not believed yet
    number = re.search(r"JA (\d{6})", told(DE_WIT)[-1]).group(1)
    rain(zonnebos, 3)
    text(zonnebos, DE_WIT, f"JA {number}")
    assert verified() == [BURGLARY]
    assert "nu WEL geverifieerd" in told(LIES)[-1]
    assert number not in "".join(arrival.text for arrival in Arrival.select())


def test_a_forger_cannot_guess_the_number_that_the_officers_phone_was_told(zonnebos):
    rain(zonnebos, 12)
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    number = re.search(r"JA (\d{6})", told(DE_WIT)[-1]).group(1)
    for guess in range(proof.PROOF_TRIES):
        text(zonnebos, DE_WIT, f"JA {900_000 + guess}")
    text(zonnebos, DE_WIT, f"JA {number}")
    assert verified() == []  # too many tries for this one: the coordinators phone
    assert Alert.select().order_by(Alert.id.desc()).first().state == AlertState.WAITING


def test_the_proof_expires_with_the_text(zonnebos):
    rain(zonnebos, 5)
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    number = re.search(r"JA (\d{6})", told(DE_WIT)[-1]).group(1)
    zonnebos.later(minutes=31)
    text(zonnebos, DE_WIT, f"JA {number}")
    assert verified() == []


@pytest.mark.slow
def test_a_flood_collapses_into_three_alerts_and_one_notice_and_nothing_is_dropped(zonnebos):
    rain(zonnebos, 40)
    assert Alert.select().count() == 3
    assert len(told(LIES)) == 3 * 2 + 1
    assert "blijven teksten zonder goede code komen" in told(LIES)[-1]
    assert Arrival.select().count() == 40
    assert Arrival.select().where(Arrival.read_at.is_null()).count() == 20 - 3  # and no more of them to read
    assert {seen.detail for seen in Acknowledgement.select()} == {f"contact {officer().id}", "+32 470 •• •• 01"}
    assert len(told(DE_WIT)) <= 6


def test_in_the_midst_of_a_flood_the_officer_who_waits_out_the_delay_is_believed(zonnebos):
    rain(zonnebos, 6)
    zonnebos.later(minutes=16)
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    assert verified() == [BURGLARY]


def test_a_stranger_who_floods_changes_nothing_for_the_officer(zonnebos):
    for guess in range(20):
        text(zonnebos, STRANGER, f"BIN1 {300_000 + guess} {FALSE}")
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    assert (verified(), Alert.select().count(), told(STRANGER)) == ([BURGLARY], 1, [])


def test_a_forged_withdrawal_withdraws_nothing(zonnebos):
    text(zonnebos, DE_WIT, f"DRINGEND {next_code()} {BURGLARY}")
    alert = Alert.get()
    alerts.forward(alert, "Lies", "page", zonnebos.now, zonnebos.bin)
    for words in ("BINX", "BINX 1", "INTREKKEN 123456", f"BINX {codes.card(officer().secret, 0, 1)[0][1]}"):
        text(zonnebos, DE_WIT, words)
    assert Alert.get().state == AlertState.FORWARDED
    assert Segment.select().where(Segment.withdrawn | (Segment.state == "dropped")).count() == 0


def test_the_officers_phone_is_not_flooded_with_answers_to_forged_orders(zonnebos):
    for count in range(12):
        zonnebos.later(seconds=1)
        text(zonnebos, DE_WIT, f"BINS {count}")
    assert len(told(DE_WIT)) == 3


def test_an_app_code_seen_once_is_never_good_again_even_in_its_own_time(zonnebos):
    zonnebos.officer("Wachtdienst", DESK, Method.TOTP)
    code = pyotp.TOTP(officer(DESK).secret).at(zonnebos.now)
    text(zonnebos, DESK, f"BIN1 {code} {BURGLARY}")
    for seconds in (1, 29, 60):
        text(zonnebos, DESK, f"BIN1 {code} {FALSE} {seconds}", sent_at=zonnebos.now + timedelta(seconds=seconds))
    assert (verified(), set(doubts())) == ([BURGLARY], {"", Doubt.USED_CODE})


def test_an_app_code_is_judged_by_the_service_centres_time_not_by_ours(zonnebos):
    zonnebos.officer("Wachtdienst", DESK, Method.TOTP)
    sent_at = zonnebos.now - timedelta(minutes=9)  # it was on its way for so long
    text(zonnebos, DESK, f"BIN1 {pyotp.TOTP(officer(DESK).secret).at(sent_at)} {BURGLARY}", sent_at=sent_at)
    assert verified() == [BURGLARY]
