"""What a member tells that is not urgent, handed on to the police: once, by the coordinator, in his own words."""

import pytest

from appliance import intake
from appliance.arrivals import Text
from appliance.models import Arrival, Audit, Delivery, Segment
from appliance.people import handing, members, reachable
from appliance.people.handing import NotHandedOn
from appliance.people.reachable import Duty
from appliance.queue import inbox

ADA, SMETS = "+32470000201", "+32475000009"
TOLD = "Er staat al een week een grijze fiets aan mijn haag, van wie is die?"


@pytest.fixture
def smets(street):
    contact = street.officer("Inspecteur Smets", "0475000009")
    reachable.appoint(contact, Duty.OFFICER, "011 22 33 55", "ma-vr 9-17u", street.now, "Lies")
    return contact


def tells(house, number, words):
    inbox.keep([Text(number, words, house.later(seconds=1), None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)
    return Arrival.select().order_by(Arrival.id.desc()).get()


def lies():
    return members.by_number("+32470000101")


def to_smets():
    return [delivery.text for delivery in Delivery.select().where(Delivery.number == SMETS)]


def test_the_officer_is_asked_once_to_ring_lies_and_reads_nothing_of_ada(street, smets):
    told = tells(street, ADA, TOLD)
    handed_at = street.later(minutes=5)
    assert handing.by_sms(told, "", lies(), handed_at, "Lies", street.bin)
    assert not handing.by_sms(told, "", lies(), street.later(minutes=1), "Jan", street.bin)
    (text,) = to_smets()
    assert "BIN Zonnebos" in text and "Lies 0470 00 01 01" in text
    assert not any(word in text for word in ("Ada", "0470 00 02 01", "fiets"))
    kept = Arrival.get_by_id(told.id)
    assert kept.handed_at == kept.read_at == handed_at
    (row,) = Audit.select().where(Audit.verb == "handed on")
    assert (row.actor, row.subject) == (f"member {lies().id}", f"arrival {told.id}")


def test_it_waits_behind_every_alert_for_it_is_not_urgent(street, smets):
    handing.by_sms(tells(street, ADA, TOLD), "", lies(), street.now, "Lies", street.bin)
    segment = Segment.get(Segment.number == SMETS)
    assert segment.rank == 40 and segment.validity_minutes == 24 * 60


def test_lies_adds_her_own_words_and_letters_that_would_make_it_dear_are_plain_ones(street, smets):
    handing.by_sms(
        tells(street, ADA, TOLD), "Iemand vond een  fiets, mét slot.", lies(), street.now, "Lies", street.bin
    )
    (text,) = to_smets()
    assert "Iemand vond een fiets, mét slot." in text and "Lies 0470 00 01 01" in text


def test_what_ada_wrote_never_goes_to_the_police_as_she_wrote_it(street, smets):
    told = tells(street, ADA, TOLD)
    with pytest.raises(NotHandedOn, match="eigen woorden"):
        handing.by_sms(told, f"Ada zegt: {TOLD.upper()}", lies(), street.now, "Lies", street.bin)
    with pytest.raises(NotHandedOn, match="300"):
        handing.by_sms(told, "x" * 301, lies(), street.now, "Lies", street.bin)
    assert to_smets() == [] and Arrival.get_by_id(told.id).handed_at is None


def test_without_an_officer_lies_rings_and_ticks_that_she_did(street):
    told = tells(street, ADA, TOLD)
    with pytest.raises(NotHandedOn, match="aanspreekpunt"):
        handing.by_sms(told, "", lies(), street.now, "Lies", street.bin)
    assert handing.by_telephone(told, street.now, "Lies")
    assert Arrival.get_by_id(told.id).handed_at == street.now
    assert Delivery.select().where(Delivery.alert.is_null()).count() == 0


def test_when_the_account_is_no_members_the_first_coordinator_is_the_one_to_ring(street, smets):
    handing.by_sms(tells(street, ADA, TOLD), "", None, street.now, "opzet", street.bin)
    assert "Lies 0470 00 01 01" in to_smets()[0]


@pytest.mark.parametrize("words", ["wij zijn op reis tot 15/8", ""])
def test_an_absence_and_an_empty_text_cannot_be_handed_on(street, smets, words):
    told = tells(street, ADA, words)
    assert not handing.may_be(told)
    with pytest.raises(NotHandedOn, match="niets in om door te geven"):
        handing.by_telephone(told, street.now, "Lies")


def test_what_the_police_wrote_themselves_is_not_handed_back_to_them(street, smets):
    assert not handing.may_be(tells(street, SMETS, "kan iemand mij terugbellen over gisteren"))
