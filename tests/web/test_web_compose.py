"""A coordinator writes an alert."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from appliance.models import Alert, Delivery


def written(lies: Any, **form: str) -> Any:
    return lies.post("/nieuw", "/nieuw", **form)


def token_on(lies: Any) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{32})"', lies.get("/nieuw/nakijken").text)
    assert found
    return found[1]


@pytest.mark.slow
def test_from_text_to_sent(lies: Any, after_countdown: Callable[[], None]) -> None:
    assert written(lies, message_class="preventive", text="Sluit uw deuren").headers["Location"] == "/nieuw/nakijken"
    page = lies.get("/nieuw/nakijken").text
    assert "Nu versturen naar 5 leden" in page and "Sluit uw deuren" in page
    answer = lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token_on(lies))
    assert answer.headers["Location"] == "/berichten/1"
    assert Alert.get().state == "waiting" and "STOP" in lies.get("/berichten/1/aftellen").text
    after_countdown()
    assert Alert.get().state == "forwarded" and Alert.get().author == "Lies" and Alert.get().source == "coordinator"


def test_pressing_send_three_times_makes_one_alert(lies: Any, after_countdown: Callable[[], None]) -> None:
    written(lies, message_class="test", text="proef")
    data = {"csrf_token": lies.token("/nieuw/nakijken"), "token": token_on(lies)}
    with_draft = lies.client.get_cookie("bin").value
    for _ in range(3):
        lies.client.set_cookie("bin", with_draft)  # as two tabs or a double click send it
        assert lies.client.post("/nieuw/versturen", data=data).headers["Location"] == "/berichten/1"
    after_countdown()
    assert Alert.select().count() == 1
    assert Delivery.select().where(Delivery.kind == "alert").count() == 5


def test_an_old_check_page_does_not_send_another_text(lies: Any) -> None:
    written(lies, message_class="test", text="eerste")
    token = lies.token("/nieuw/nakijken")
    answer = lies.client.post("/nieuw/versturen", data={"csrf_token": token, "token": "0" * 32})
    assert answer.headers["Location"] == "/nieuw/nakijken"
    assert not Alert.select().exists()


def test_urgent_asks_to_ring_101_first(lies: Any) -> None:
    answer = written(lies, message_class="urgent", text="Dief op de hoek")
    assert answer.status_code == 422 and "Bel eerst 101" in answer.text and "Dief op de hoek" in answer.text
    assert written(lies, message_class="urgent", text="Dief op de hoek", told_101="1").status_code == 302


@pytest.mark.parametrize("message_class", ["", "panic", "feedback", "nonsense"])
@pytest.mark.slow
def test_only_four_classes_can_be_written(lies: Any, message_class: str) -> None:
    assert written(lies, message_class=message_class, text="x").status_code == 422
    assert not Alert.select().exists()


@pytest.mark.parametrize("text", ["", "   \n", "x" * 700, "x" * 3000, "bel\x07"])
def test_a_text_that_cannot_be_sent_is_kept_and_explained(lies: Any, text: str) -> None:
    answer = written(lies, message_class="test", text=text)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert text.strip().replace("\x07", "")[:50] in answer.text


def test_the_guilty_letter_is_named_and_one_tap_folds_it(lies: Any) -> None:
    counted = written(lies, message_class="test", text="Hallo België", action="count")
    assert "Dit teken maakt het duurder" in counted.text and "<b>ë</b>" in counted.text
    folded = written(lies, message_class="test", text="Hallo België", action="fold")
    assert ">Hallo Belgie</textarea>" in folded.text and "duurder" not in folded.text


def test_a_line_break_costs_one_character(lies: Any) -> None:
    written(lies, message_class="organisation", text="een\r\ntwee")
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token_on(lies))
    assert Alert.get().original == "een\ntwee"


def test_the_count_for_the_script_says_the_same_as_the_page(lies: Any) -> None:
    form = {"csrf_token": lies.token("/nieuw"), "message_class": "test", "text": "a" * 160}
    line = lies.client.post("/nieuw/tellen", data=form).text
    assert "2 sms" in line and line.strip() in lies.client.post("/nieuw", data=form | {"action": "count"}).text


def test_the_check_page_without_a_draft_leads_to_the_form(lies: Any) -> None:
    assert lies.get("/nieuw/nakijken").headers["Location"] == "/nieuw"


def test_a_tip_for_one_street_says_to_how_many_and_reaches_only_them(
    lies: Any, after_countdown: Callable[[], None]
) -> None:
    assert "Alleen voor enkele straten" in lies.get("/nieuw").text
    written(lies, message_class="preventive", text="Sluit uw deuren", streets="Kerkstraat")
    page = lies.get("/nieuw/nakijken").text
    assert "Nu versturen naar 2 leden" in page and "Alleen voor wie in deze straat woont: Kerkstraat" in page
    assert 'value="Kerkstraat" checked' in lies.get("/nieuw").text
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token_on(lies))
    after_countdown()
    told = {row.number for row in Delivery.select().where(Delivery.kind == "alert")}
    assert told == {"+32470000201", "+32470000202"}
    assert "Alleen voor wie in deze straat woont: Kerkstraat" in lies.get("/berichten/1").text


def test_an_urgent_text_for_one_street_is_refused_with_what_to_do(lies: Any) -> None:
    answer = written(lies, message_class="urgent", text="Dief", told_101="1", streets="Kerkstraat")
    assert answer.status_code == 422 and "gaat naar iedereen" in answer.text
    assert written(lies, message_class="test", text="proef", streets="Nergens").status_code == 422


def test_a_text_that_was_stopped_keeps_its_streets(lies: Any) -> None:
    written(lies, message_class="preventive", text="Sluit uw deuren", streets="Lindedreef")
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token_on(lies))
    lies.post("/berichten/1/aftellen/stop", "/berichten/1/aftellen")
    assert 'value="Lindedreef" checked' in lies.get("/nieuw").text


def test_what_is_planned_is_listed_on_the_page_with_its_hour(lies: Any) -> None:
    written(lies, message_class="preventive", text="Denk aan uw fietsslot")
    lies.post("/nieuw/later", "/nieuw/nakijken", token=token_on(lies), until="18:30")
    page = lies.get("/berichten").text
    assert "Gepland" in page and "vertrekt vandaag om 18u30" in page


def test_a_text_about_an_inquiry_asks_for_a_tick_and_what_is_urgent_never_does(lies: Any) -> None:
    words = "De camerabeelden zijn bekeken. Kerkstraat, bel 101."
    asked = written(lies, message_class="preventive", text=words)
    assert asked.status_code == 422 and 'name="nothing_secret"' in asked.text and "camerabeelden" in asked.text
    assert written(lies, message_class="preventive", text=words, nothing_secret="1").status_code == 302
    assert written(lies, message_class="urgent", text=words, told_101="1").status_code == 302
