"""A message for some streets: exactly for who lives there, in everything that follows from it."""

import pytest

from appliance import alerts
from appliance.alerts import BadTarget, MessageClass, Source, prospect
from appliance.arrivals import Text
from appliance.life import founding, hints
from appliance.life.founding import NotYet
from appliance.models import Alert, Delivery
from appliance.people import call_list
from appliance.queue import inbox, outbox

ADA, BEN, CLEO = "+32470000201", "+32470000202", "+32470000203"


def told(house, message_class, *streets):
    alert = alerts.create(
        message_class, Source.COORDINATOR, "Sluit uw deur.", "Lies", house.now, house.bin, streets=streets
    )
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)
    return Alert.get_by_id(alert.id)


def numbers(alert, kind="alert"):
    return {row.number for row in Delivery.select().where((Delivery.alert == alert) & (Delivery.kind == kind))}


def test_a_tip_for_the_kerkstraat_goes_to_who_lives_there_and_so_do_its_repeat_outcome_and_correction(street):
    test = told(street, MessageClass.TEST, "Kerkstraat")
    assert numbers(test) == {ADA, BEN}
    alerts.confirm(ADA, "reply", street.later(minutes=1))
    assert alerts.repeat(test, "Lies", street.later(minutes=30)) == 1
    assert numbers(test, "repeat") == {BEN}
    words = alerts.correction(test, "nl", street.bin)
    correction = alerts.create(
        MessageClass.ORGANISATION, Source.COORDINATOR, words, "Lies", street.now, street.bin, about=test
    )
    assert {member.number for member in alerts.recipients(correction, street.now, street.bin)} == {ADA, BEN}


@pytest.mark.parametrize("message_class", [MessageClass.PREVENTIVE, MessageClass.ORGANISATION, MessageClass.TEST])
def test_tips_notices_and_tests_may_be_for_a_street_however_it_is_written(street, message_class):
    alert = told(street, message_class, " kerkstraat ", "KERKSTRAAT")
    assert alert.streets == "Kerkstraat" and numbers(alert) == {ADA, BEN}


def test_two_streets_are_both_told_and_who_leads_elsewhere_is_not(street):
    assert numbers(told(street, MessageClass.PREVENTIVE, "Kerkstraat", "Lindedreef")) == {ADA, BEN, CLEO}


@pytest.mark.parametrize(
    "message_class",
    [MessageClass.URGENT, MessageClass.FEEDBACK, MessageClass.FEEDBACK_COORDINATORS, MessageClass.PANIC],
)
def test_what_is_urgent_is_for_everybody(street, message_class):
    with pytest.raises(BadTarget, match="iedereen"):
        told(street, message_class, "Kerkstraat")
    assert not Alert.select().exists()


def test_a_street_where_nobody_lives_is_refused_before_anything_exists(street):
    with pytest.raises(BadTarget, match="Stationsplein"):
        told(street, MessageClass.PREVENTIVE, "Kerkstraat", "Stationsplein")
    assert not Alert.select().exists()


def test_the_promise_counts_who_lives_there(street):
    alert = Alert(id=0, message_class="preventive", source="coordinator", state="waiting", text="Slot erop.",
                  original="Slot erop.", streets="Lindedreef", created_at=street.now)  # fmt: skip
    assert prospect.of(alert, street.now, street.bin).segments == 1


def test_only_who_lives_there_is_rung(street):
    for name, road in (("Jef", "Kerkstraat"), ("Roza", "Lindedreef")):
        call_list.add(name, "011 22 33 99" if name == "Jef" else "011 22 33 98", road, "formulier", street.now, "Lies")
    alert = told(street, MessageClass.PREVENTIVE, "Lindedreef")
    assert [call.name for calls in call_list.of(alert) for call in calls.calls] == ["Roza"]


def test_a_test_of_one_street_is_neither_the_founding_test_nor_the_quarterly_one(street):
    alert = told(street, MessageClass.TEST, "Kerkstraat")
    with pytest.raises(NotYet, match="enkele straten"):
        founding.certify(alert, street.now, "Lies")
    assert hints.read(street.now, street.bin, {}).tested_at is None


def test_a_receipt_from_the_street_counts_for_its_alert(street):
    alert = told(street, MessageClass.TEST, "Kerkstraat")
    inbox.keep([Text(CLEO, "OK", street.later(minutes=1), None, "00", None, False)], "a", street.now)
    assert alerts.confirm(CLEO, "reply", street.now) is None
    assert alerts.confirm(BEN, "reply", street.now).alert == alert
