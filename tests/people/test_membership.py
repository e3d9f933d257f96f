"""Members look after their own membership by SMS; coming back is a coordinator's yes."""

import pytest

from appliance import alerts, intake
from appliance.alerts import MessageClass, Source
from appliance.arrivals import Concatenation, Text
from appliance.models import Arrival, Audit, Delivery, Member, Segment
from appliance.people import members, membership, refusals
from appliance.people.members import BadMember, Standing, Way
from appliance.queue import inbox, outbox
from appliance.queue.states import State

LIES, ADA, BEN, SON = "+32470000101", "+32470000201", "+32470000202", "+32470000301"


def arrive(house, number, text, part=None):
    inbox.keep([Text(number, text, house.later(seconds=1), part, text.encode().hex(), None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)
    return Arrival.select().order_by(Arrival.id.desc()).get()


def told(number):
    return [d.text for d in Delivery.select().where(Delivery.number == number).order_by(Delivery.id)]


def member(number):
    return Member.get(Member.number == number)


def forwarded(house, message_class=MessageClass.URGENT):
    alert = alerts.create(message_class, Source.COORDINATOR, "Inbraak in de Kerkstraat.", "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    return alert


def submit_all(house):
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)


def segments_to(number):
    return {
        s.state for s in Segment.select().join(Delivery).where((Segment.number == number) & (Delivery.kind == "alert"))
    }


@pytest.mark.parametrize(
    ("number", "words", "begin"),
    [
        (ADA, "STOP", "U krijgt geen BIN-berichten meer"), (ADA, "tsop", "U krijgt geen BIN-berichten meer"),
        ("+32470000203", "arrêt", "Vous ne recevrez plus"),
    ],
)  # fmt: skip
def test_a_stop_is_at_once_and_is_confirmed_once_in_her_language(street, number, words, begin):
    arrive(street, number, words)
    arrive(street, number, words)
    assert member(number).state == Standing.LEFT
    assert [answer[: len(begin)] for answer in told(number)] == [begin]
    assert number not in [one.number for one in members.recipients("urgent", 1, street.bin.local(street.now))]


def test_a_stop_keeps_back_what_was_promised_already(street):
    forwarded(street)
    arrive(street, ADA, "STOP")
    assert segments_to(ADA) == {State.DROPPED}
    assert segments_to(BEN) == {State.QUEUED}


def test_a_stop_during_an_urgent_alert_is_answered_with_101_as_well(street):
    forwarded(street)
    submit_all(street)
    arrive(street, ADA, "STOP")
    assert "bel 101" in told(ADA)[-1]


def test_a_stop_of_prevention_or_of_the_night_ends_only_that(street):
    night = street.bin.local(street.now).replace(hour=23)
    arrive(street, ADA, "STOP PREVENTIEF")
    arrive(street, BEN, "stop nacht")
    told_of = {kind: {m.number for m in members.recipients(kind, 1, night)} for kind in ("urgent", "preventive")}
    assert (ADA in told_of["urgent"], ADA in told_of["preventive"]) == (True, False)
    assert BEN not in told_of["urgent"]
    assert "preventieve" in told(ADA)[-1]
    assert "'s nachts" in told(BEN)[-1]


def test_ada_comes_back_when_a_coordinator_says_yes_and_not_before(street):
    arrive(street, ADA, "STOP")
    arrive(street, ADA, "START")
    assert member(ADA).state == Standing.LEFT
    assert "genoteerd" in told(ADA)[-1]
    (request,) = membership.requests()
    membership.accept(request, "", street.now, "Lies", street.bin)
    ada = member(ADA)
    assert (ada.state, ada.name, ada.street, ada.consent_way) == (Standing.ACTIVE, "Ada", "Kerkstraat", Way.SMS)
    assert ada.consent == "START 2026-11-25"
    assert told(ADA)[-1].startswith("Welkom bij BIN Zonnebos")
    assert membership.requests() == []
    assert not refusals.holds(ADA)


def test_a_stranger_who_asks_to_join_is_not_answered_and_needs_a_name(street):
    arrive(street, SON, "START")
    assert told(SON) == []
    (request,) = membership.requests()
    with pytest.raises(BadMember):
        membership.accept(request, "", street.now, "Lies", street.bin)
    assert membership.accept(request, "Dries", street.now, "Lies", street.bin).language == "nl"
    assert told(SON)[-1].startswith("Welkom")


def test_a_request_that_is_refused_is_put_away(street):
    arrive(street, SON, "START")
    membership.refuse(membership.requests()[0], street.now, "Lies")
    assert membership.requests() == []
    assert Member.get_or_none(Member.number == SON) is None


def test_a_former_lies_who_comes_back_is_no_coordinator_any_more(street):
    arrive(street, LIES, "STOP")
    arrive(street, LIES, "START")
    assert membership.accept(membership.requests()[0], "", street.now, "Jan", street.bin).role == "member"


def test_a_wrong_number_is_suspended_at_once_and_shown_to_a_human(street):
    forwarded(street)
    arrival = arrive(street, ADA, "fout nummer, ik ken u niet")
    assert member(ADA).state == Standing.SUSPENDED
    assert segments_to(ADA) == {State.DROPPED}
    assert arrival.read_at is None
    assert ADA not in [one.number for one in members.active()]
    members.renumber(member(ADA), "0470 00 02 99", street.now, "Lies")
    assert member("+32470000299").state == Standing.ACTIVE


def test_a_second_number_has_its_own_consent_gets_a_copy_and_reads_for_the_household(street):
    ada = member(ADA)
    with pytest.raises(BadMember, match="eigen toestemming"):
        members.add_second_number(ada, "Tom", SON, "", street.now, "Lies")
    tom = members.add_second_number(ada, "Tom", SON, "2026-11-20", street.now, "Lies", form="2")
    assert (tom.second_of, tom.language, tom.consent, tom.consent_form) == (ada, "nl", "2026-11-20", "2")
    alert = forwarded(street)
    submit_all(street)
    arrive(street, SON, "ok")
    assert {d.name for d in alert.deliveries if d.confirmed_at} == {"Ada", "Tom"}


def test_tom_stops_for_himself_and_ada_for_both(street):
    members.add_second_number(member(ADA), "Tom", SON, "2026-11-20", street.now, "Lies")
    arrive(street, SON, "STOP")
    assert (member(SON).state, member(ADA).state) == (Standing.LEFT, Standing.ACTIVE)
    members.enrol("Tom", SON, street.now, "Lies", consent="2026-11-21")
    arrive(street, ADA, "STOP")
    assert (member(SON).state, member(ADA).state) == (Standing.LEFT, Standing.LEFT)


def test_a_member_is_no_second_number_of_another(street):
    with pytest.raises(BadMember, match="al van een lid"):
        members.add_second_number(member(ADA), "Ben", BEN, "2026-11-20", street.now, "Lies")


def test_consent_is_kept_with_its_date_way_and_form_until_something_new_is_said(street):
    ada = members.enrol("Ada", ADA, street.now, "Lies", consent="2026-11-01", form="2")
    first = ada.consented_at
    again = members.enrol("Ada Claes", ADA, street.later(days=1), "Lies", consent="2026-11-01")
    assert (again.consent_way, again.consent_form, again.consented_at) == (Way.PAPER, "2", first)
    none = members.enrol("Ada", ADA, street.now, "Lies", consent="")
    assert (none.consent_way, none.consent_form, none.consented_at) == ("", "", None)


def test_everybody_with_consent_is_welcomed_once(street):
    members.enrol("Dora", "0470000204", street.now, "Lies")
    for one in membership.unwelcomed():
        membership.welcome(one, street.now, street.bin)
    assert membership.unwelcomed() == []
    assert {number for number in (ADA, BEN, LIES, "+32470000204") if told(number)} == {ADA, BEN, LIES}
    assert told("+32470000203")[0].startswith("Bienvenue")


@pytest.mark.parametrize("words", ["wij zijn op reis tot 15/8", "ok, maar wij zijn met vakantie tot zondag"])
def test_words_about_an_absence_are_kept_nowhere_in_no_part(street, words):
    text = f"{words}. " + "Groeten van ons allemaal. " * 8
    arrive(street, ADA, text[:120], Concatenation(7, 2, 1))
    arrive(street, ADA, text[120:], Concatenation(7, 2, 2))
    assert [(arrival.text, arrival.pdu) for arrival in Arrival.select()] == [("", ""), ("", "")]
    assert "afwezigheidstoezicht" in told(ADA)[-1]
    assert not [row for row in Audit.select() if "reis" in row.detail]


def test_no_table_has_a_place_for_an_absence(house):
    words = ("absen", "holiday", "away", "until", "verlof", "vakantie")
    assert not [name for name in Member._meta.columns if any(word in name for word in words)]


def test_a_stop_needs_no_table_of_numbers_to_be_honoured(street):
    arrive(street, ADA, "STOP")
    assert refusals.holds(ADA)
    assert not refusals.holds(BEN)
    assert ADA[3:] not in "".join(f"{row.salt}{row.mark}" for row in refusals.Refusal.select())
