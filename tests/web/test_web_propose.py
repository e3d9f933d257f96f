"""Karel of the core group proposes a preventive text; Lies decides, and nothing leaves without her."""

from collections.abc import Callable
from typing import Any

import pytest

from appliance.models import Account, Alert, Delivery, Member
from appliance.people.members import Role

TIP = "Kijk vandaag uw sloten na."


@pytest.fixture
def karel(street: Any, new_browser: Callable[..., Any], quick_hash: str) -> Any:
    """Karel, of the core group, is logged in."""
    member = street.enrol("Karel", "0470000300", Role.CORE)
    Account.create(username="karel", member=member, password=quick_hash, session_stamp="k", created_at=street.now)
    browser = new_browser()
    assert browser.log_in("karel").status_code == 302
    return browser


def test_what_karel_proposes_waits_for_lies_and_goes_out_when_she_sends_it(
    karel: Any, lies: Any, after_countdown: Callable[[], None]
) -> None:
    assert 'href="/voorstel"' in karel.get("/").text
    for _ in range(2):
        karel.post("/voorstel", "/voorstel", text=TIP)
    alert = Alert.get()
    assert (alert.state, alert.source, alert.message_class, alert.author) == (
        "waiting",
        "coordinator",
        "preventive",
        "Karel",
    )
    assert not Delivery.select().exists()
    assert "Bericht wacht op een beslissing" in lies.get("/").text
    lies.post(f"/berichten/{alert.id}/doorsturen", f"/berichten/{alert.id}/nakijken")
    after_countdown()
    assert Alert.get().state == "forwarded"
    told = Delivery.get(Delivery.number == "+32470000201").text
    assert TIP in told and "niet van politie" in told
    assert "Verstuurd" in karel.get("/voorstel").text


def test_karel_reads_why_it_was_not_sent_and_not_who_decided(karel: Any, lies: Any) -> None:
    karel.post("/voorstel", "/voorstel", text=TIP)
    page = lies.get("/berichten/1").text
    assert "Wie het voorstelde, leest dat." in page and "De politie krijgt uw beslissing" not in page
    lies.post("/berichten/1/beoordelen", "/berichten/1", choice="decline", why="vorige week al gezegd")
    seen = karel.get("/voorstel").text
    assert "Niet doorgestuurd" in seen and "vorige week al gezegd" in seen and "Lies" not in seen


def test_karel_chooses_a_tip_and_it_is_in_his_form(karel: Any) -> None:
    answer = karel.post("/tips/alarm", "/tips", taal="nl")
    page = karel.get(answer.headers["Location"]).text
    assert "Kijk vandaag uw alarm" in page and not Alert.select().exists()


@pytest.mark.parametrize("form", [{"message_class": "urgent"}, {"class": "urgent", "source": "police"}])
def test_whatever_else_his_form_holds_it_is_preventive(karel: Any, form: dict[str, str]) -> None:
    karel.post("/voorstel", "/voorstel", text=TIP, **form)
    assert (Alert.get().message_class, Alert.get().source) == ("preventive", "coordinator")


def test_three_that_wait_are_enough_and_nothing_is_no_proposal(karel: Any) -> None:
    for text in ("een", "twee", "drie"):
        assert karel.post("/voorstel", "/voorstel", text=text).status_code == 302
    answer = karel.post("/voorstel", "/voorstel", text="vier")
    assert answer.status_code == 422 and "Er wachten al 3 voorstellen" in answer.text and ">vier<" in answer.text
    assert karel.post("/voorstel", "/voorstel", text="  ").status_code == 422 and Alert.select().count() == 3


def test_karel_can_send_and_decide_nothing(karel: Any) -> None:
    karel.post("/voorstel", "/voorstel", text=TIP)
    token = karel.token("/voorstel")
    for path in ("/nieuw", "/nieuw/versturen", "/berichten/1/doorsturen", "/berichten/1/beoordelen"):
        assert karel.client.post(path, data={"csrf_token": token, "choice": "delay", "text": "x"}).status_code == 403
    assert Alert.get().state == "waiting"


def test_lies_lets_somebody_of_the_core_group_in_and_nobody_else(
    lies: Any, street: Any, new_browser: Callable[..., Any]
) -> None:
    greet = street.enrol("Greet", "0470000301", Role.CORE)
    page = lies.post(f"/leden/{greet.id}/toegang", f"/leden/{greet.id}").text
    password = page.partition("<code>")[2].partition("</code>")[0]
    assert "Greet kan aanmelden" in page
    browser = new_browser()
    assert browser.log_in("greet", password).status_code == 302 and browser.get("/voorstel").status_code == 200
    ada = Member.get(Member.name == "Ada")
    assert lies.post(f"/leden/{ada.id}/toegang", f"/leden/{greet.id}").status_code == 404
    assert Account.select().where(Account.member == ada).count() == 0
