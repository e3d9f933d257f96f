"""Whom members may ring about what is not urgent: by name and hours, the police first, and nobody against his will."""

from dataclasses import replace

import pytest

from appliance import gsm7, intake, lang, phone, police, wording
from appliance.arrivals import Text
from appliance.conversation import Reply
from appliance.life import in_force, printing
from appliance.models import Delivery, PoliceContact
from appliance.people import members, reachable
from appliance.people.members import Role
from appliance.people.reachable import BadHours, Duty
from appliance.queue import inbox
from appliance.segments import split

ADA = "+32470000201"


def asks(house, number, words):
    inbox.keep([Text(number, words, house.later(seconds=1), None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)
    return Delivery.select().where(Delivery.number == number).order_by(Delivery.id.desc()).get().text


@pytest.fixture
def smets(street):
    contact = street.officer("Inspecteur Smets", "0475000009")
    reachable.appoint(contact, Duty.OFFICER, "011 22 33 55", "ma-vr  9-17u", street.now, "Lies")
    return contact


def test_ada_asks_info_and_reads_the_officer_and_then_the_coordinator_with_their_hours(street, smets):
    reachable.show_hours(members.by_number("+32470000101"), "18-20u", street.now, "Lies")
    read = asks(street, ADA, "INFO")
    said = ["101", "112", "011 22 33 44", "Inspecteur Smets 011 22 33 55, ma-vr 9-17u", "Lies 0470 00 01 01, 18-20u"]
    assert [read.index(words) for words in said] == sorted(read.index(words) for words in said)
    assert smets.number not in read and phone.as_dialled(smets.number) not in read


def test_whoever_gave_no_hours_is_named_to_nobody(street):
    street.officer("Inspecteur Smets", "0475000009")
    read = asks(street, ADA, "INFO")
    assert "Smets" not in read and "Lies" not in read and len(split(read).parts) == 1
    assert reachable.officer() is None and reachable.coordinator() is None


def test_cleo_reads_it_in_french(street, smets):
    assert "Police: Inspecteur Smets 011 22 33 55, ma-vr 9-17u." in asks(street, "+32470000203", "INFO")


def test_no_other_answer_names_anybody(street, smets):
    assert "Smets" not in asks(street, ADA, "PRIVACY")


def test_there_is_one_contact_point_and_a_new_one_replaces_it(street, smets):
    other = street.officer("De Wit", "0475000008")
    reachable.appoint(other, Duty.OFFICER, "0475 00 00 08", "24/7", street.now, "Lies")
    assert reachable.officer().name == "De Wit"
    assert [contact.name for contact in PoliceContact.select().where(PoliceContact.duty == Duty.OFFICER)] == ["De Wit"]


def test_when_the_contact_point_is_gone_members_hear_of_the_officer_of_the_zone(street, smets):
    zone = street.officer("Commissaris Peeters", "0475000008")
    reachable.appoint(zone, Duty.FALLBACK, "011 22 33 66", "9-12u", street.now, "Lies")
    assert reachable.officer().name == "Inspecteur Smets"
    police.revoke(smets, street.now, "Lies")
    assert "Commissaris Peeters 011 22 33 66" in asks(street, ADA, "INFO")
    reachable.relieve(zone, street.now, "Lies")
    assert reachable.officer() is None and PoliceContact.get_by_id(zone.id).public_phone == ""


@pytest.mark.parametrize("hours", ["", "   ", "van maandag tot vrijdag van negen tot vijf", "9-17u 🕘"])
def test_hours_that_say_nothing_or_make_the_text_dear_are_refused_and_nothing_changes(street, smets, hours):
    with pytest.raises(BadHours):
        reachable.appoint(smets, Duty.OFFICER, "011 22 33 77", hours, street.now, "Lies")
    assert PoliceContact.get_by_id(smets.id).public_phone == "+3211223355"


def test_an_emergency_number_is_nobodys_number(street, smets):
    with pytest.raises(phone.BadNumber):
        reachable.appoint(smets, Duty.OFFICER, "101", "24/7", street.now, "Lies")


def test_who_stops_as_coordinator_is_shown_no_more(street):
    lies = members.by_number("+32470000101")
    reachable.show_hours(lies, "18-20u", street.now, "Lies")
    members.remove_coordinator(lies, street.now, "Jan")
    assert reachable.coordinator() is None and members.by_number("+32470000101").hours == ""


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("name", ["Marie-Christine Vandenberghe-Van den Abeele", "François Lefèvre", "Đorđe Ćirić"])
def test_info_is_never_more_than_two_segments_whatever_people_are_called(house, language, name):
    house.enrol(name, "0470000101", Role.COORDINATOR)
    reachable.show_hours(members.by_number("+32470000101"), "elke werkdag 9-17 u", house.now, "test")
    contact = house.officer(name, "0475000009")
    reachable.appoint(contact, Duty.OFFICER, "+31 6 12345678", "elke werkdag 9-17 u", house.now, "test")
    words = wording.answer(Reply.INFO, language, "BIN Sint-Martens-Latem", "087 12 34 56", reachable.on_sms(language))
    assert gsm7.fits(words) and len(split(words).parts) == 2
    assert "0470 00 01 01" in words and "+31 6 12345678" in words


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_plan_names_area_zone_streets_and_who_answers_for_the_bin(street, smets, language):
    here = replace(street.bin, area="Tussen spoor en kerk", police_zone="PZ Limburg")
    plan = printing.plan(street.now, here, in_force.settings(here), language)
    for words in ("Tussen spoor en kerk", "PZ Limburg", "Kerkstraat, Lindedreef", "011 22 33 55, ma-vr 9-17u"):
        assert words in plan, words
    about = printing.about(street.now, here, language)
    assert "Inspecteur Smets, 011 22 33 55, ma-vr 9-17u" in about
