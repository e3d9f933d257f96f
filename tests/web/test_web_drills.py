"""Drills: they never look like live, and of a dry one nothing leaves."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from appliance import alerts
from appliance.alerts import MessageClass, Source
from appliance.models import Alert, Audit, Delivery, Member
from appliance.queue import outbox


def test_a_dry_drill_goes_the_whole_way_and_nothing_leaves(lies: Any) -> None:
    before = Alert.select().count(), Delivery.select().count()
    answer = lies.post("/oefening/droog", "/oefening/droog", text="Dief in de Dorpsstraat, bel 101")
    check = lies.get(answer.headers["Location"]).text
    assert "Oefening: bericht aan 5 leden" in check and "Dief in de Dorpsstraat" in check
    end = lies.get(lies.post("/oefening/droog/einde", "/oefening/droog/nakijken").headers["Location"]).text
    assert "Er is niets verstuurd." in end and "In het echt kregen nu 5 mensen een sms." in end
    assert (Alert.select().count(), Delivery.select().count()) == before
    assert Audit.select().order_by(Audit.id.desc()).first().verb == "dry drill"


def test_a_drill_says_so_on_every_page_and_a_real_alert_never_does(
    lies: Any, street: Any, police_alert: Callable[..., Alert]
) -> None:
    test = alerts.create(MessageClass.TEST, Source.COORDINATOR, "proef", "Lies", street.now, street.bin)
    real = police_alert()
    pages = ("/oefening", "/oefening/droog", "/oefening/droog/nakijken", "/oefening/droog/einde")
    for path in (*pages, f"/berichten/{test.id}/nakijken"):
        page = lies.get(path).text
        assert 'class="drill"' in page and "U bent in OEFENING" in page, path
    assert "OEFENING" not in lies.get(f"/berichten/{real.id}/nakijken").text


@pytest.mark.slow
def test_a_test_for_everybody_is_ready_on_the_check_page(lies: Any) -> None:
    assert lies.post("/oefening/test", "/oefening").headers["Location"] == "/nieuw/nakijken"
    page = lies.get("/nieuw/nakijken").text
    assert "▧ TEST" in page and "Nu versturen naar 5 leden" in page and not Alert.select().exists()


def test_tests_are_held_against_the_one_before(lies: Any, street: Any) -> None:
    for confirming in (["+32470000201"], ["+32470000201", "+32470000202"]):
        test = alerts.create(MessageClass.TEST, Source.COORDINATOR, "proef", "Lies", street.now, street.bin)
        alerts.forward(test, "Lies", "page", street.now, street.bin)
        while segment := outbox.claim("a", street.now):
            outbox.accepted(segment, segment.id, street.now)
        for number in confirming:
            alerts.confirm(number, "reply", street.later(minutes=3))
        street.later(days=8)
    shares = [" ".join(words.split()) for words in re.findall(r"nowrap\">(.*?)</span>", lies.get("/oefening").text)]
    assert shares == ["40 % ▲ +20", "20 %"]


def test_who_was_silent_three_times_is_named_for_a_visit(lies: Any) -> None:
    assert "na elkaar niets weten" not in lies.get("/oefening").text
    Member.update(unanswered_tests=3).where(Member.name == "Ben").execute()
    page = lies.get("/oefening").text
    assert "Liet 3 tests na elkaar niets weten" in page and "Ben" in page and "0470000202" not in page


def planned(lies: Any, until: str, **draft: str) -> Any:
    lies.post("/nieuw", "/nieuw", **draft)
    token = re.search(r'name="token" value="(\w+)"', lies.get("/nieuw/nakijken").text)
    assert token
    return lies.post("/nieuw/later", "/nieuw/nakijken", token=token[1], until=until)


def test_what_has_time_is_planned_and_listed_until_it_leaves(lies: Any, street: Any) -> None:
    planned(lies, "18:30", message_class="preventive", text="Sluit uw deuren")
    assert Alert.get().state == "delayed" and Alert.get().author == "Lies"
    page = lies.get("/berichten").text
    assert "Gepland" in page and "vertrekt vandaag om 18u30" in page
    alerts.release_delayed(street.later(hours=7), street.bin)
    assert Alert.get().state == "forwarded" and "Gepland" not in lies.get("/berichten").text


@pytest.mark.parametrize(("known", "until"), [("urgent", "18:30"), ("preventive", "half zes")])
def test_what_is_urgent_is_never_planned_and_a_time_must_be_one(lies: Any, known: str, until: str) -> None:
    answer = planned(lies, until, message_class=known, text="Dief, Kerkstraat, 101", told_101="1")
    assert answer.headers["Location"] == "/nieuw/nakijken" and not Alert.select().exists()


def test_a_text_that_was_not_sent_is_offered_again(lies: Any) -> None:
    lies.post("/nieuw", "/nieuw", message_class="preventive", text="Half af")
    assert "Verder schrijven" in lies.get("/berichten").text and "Half af" in lies.get("/nieuw").text
