"""What a coordinator needs to know before an alert leaves: why it is doubted, how old it is, what its letters cost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from appliance import alerts
from appliance.alerts import MessageClass, Source
from appliance.life import charter, in_force
from appliance.models import Acknowledgement, Alert, Delivery
from appliance.people.members import Role


@pytest.fixture
def police_text(police_alert: Callable[..., Alert]) -> Alert:
    return police_alert()


DEAR = "Inbraak bezig in de Kerkstraat van België. Man met rode jas vlucht naar het station. Blijf binnen."


@pytest.mark.parametrize(
    ("doubt", "words"), [("wrong_code", "NIET GEVERIFIEERD: "), ("used_code", "al gebruikt"), ("", "mondeling")]
)
def test_why_a_text_is_doubted_is_said_beside_the_known_number(
    lies: Any, police_alert: Callable[..., Alert], doubt: str, words: str
) -> None:
    alert = police_alert(verified=False)
    Alert.update(doubt=doubt).where(Alert.id == alert.id).execute()
    page = lies.get(f"/berichten/{alert.id}").text
    assert words in page and "Bel terug op het gekende nummer" in page


@pytest.mark.slow
def test_an_old_urgent_text_asks_to_be_judged_anew(lies: Any, street: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert()
    assert "al oud" not in lies.get(f"/berichten/{alert.id}").text
    street.later(minutes=61)
    for page in (f"/berichten/{alert.id}", f"/berichten/{alert.id}/nakijken"):
        assert "al oud: van vandaag om 12u00" in lies.get(page).text


def test_an_outcome_shows_what_it_is_about(lies: Any, street: Any, police_alert: Callable[..., Alert]) -> None:
    burglary = police_alert("Inbraak Kerkstraat")
    alerts.forward(burglary, "Lies", "page", street.now, street.bin)
    outcome = alerts.create(
        MessageClass.FEEDBACK, Source.POLICE, "Dader gevat", "Zone Noord", street.now, street.bin, about=burglary
    )
    page = lies.get(f"/berichten/{outcome.id}").text
    assert "Gaat over het bericht van vandaag om 12u00" in page and "Inbraak Kerkstraat" in page


@pytest.mark.slow
def test_fast_or_exact_is_chosen_with_the_letters_in_view(
    lies: Any, police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert(DEAR)
    path = f"/berichten/{alert.id}/nakijken"
    exact = lies.get(path).text
    assert "<b>ë</b> → <b>e</b>" in exact and "✔ Exact: 2 sms per lid" in exact and "België" in exact
    fast = lies.get(f"{path}?fast=1").text
    assert "✔ Snel: 1 sms per lid" in fast and "in de Kerkstraat van Belgie." in fast
    lies.post(f"/berichten/{alert.id}/doorsturen", f"{path}?fast=1", fast="1")
    after_countdown()
    assert all("Belgie." in sent.text for sent in Delivery.select().where(Delivery.kind == "alert"))


@pytest.mark.slow
def test_a_delay_keeps_the_choice_of_fast(lies: Any, street: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert(DEAR)
    path = f"/berichten/{alert.id}"
    assert "1 sms per lid in plaats van 2" in lies.get(path).text
    lies.post(f"{path}/beoordelen", path, choice="delay", until="12:30", fast="1")
    assert "✔ Exact: 2 sms per lid" in lies.get(f"{path}/nakijken").text, "she can still choose otherwise"
    alerts.release_delayed(street.later(minutes=31), street.bin)
    assert all("Belgie." in sent.text for sent in Delivery.select().where(Delivery.kind == "alert"))


def test_plain_letters_leave_nothing_to_choose(lies: Any, police_alert: Callable[..., Alert]) -> None:
    assert "Exact" not in lies.get(f"/berichten/{police_alert().id}/nakijken?fast=1").text


@pytest.mark.slow
def test_the_same_words_within_ten_minutes_are_said_and_can_still_leave(
    lies: Any, street: Any, police_alert: Callable[..., Alert]
) -> None:
    alerts.forward(police_alert("Inbraak"), "Lies", "page", street.now, street.bin)
    again = police_alert("Inbraak")
    page = lies.get(f"/berichten/{again.id}/nakijken").text
    assert "vertrok al om 12u00" in page and "Toch opnieuw versturen naar 5 leden" in page
    street.later(minutes=11)
    assert "vertrok al" not in lies.get(f"/berichten/{again.id}/nakijken").text


@pytest.mark.slow
def test_remarks_are_made_and_block_nothing(lies: Any) -> None:
    form = {"message_class": "preventive", "text": "Let op voor 1-ABC-234, zegt de patrouille"}
    counted = lies.post("/nieuw", "/nieuw", action="count", **form).text
    assert "U mag het zo laten" in counted and "1-ABC-234" in counted and "patrouille" in counted
    assert lies.post("/nieuw", "/nieuw", **form).status_code == 302
    assert "1-ABC-234" in lies.get("/nieuw/nakijken").text


def test_only_an_urgent_text_is_asked_for_its_place(lies: Any) -> None:
    for known, asked in (("urgent", True), ("test", False)):
        page = lies.post("/nieuw", "/nieuw", action="count", message_class=known, text="Proef van vanavond").text
        assert ("U mag het zo laten" in page) is asked


@pytest.mark.slow
def test_a_flood_is_on_the_start_page_until_somebody_put_it_away(lies: Any, street: Any) -> None:
    flood = Acknowledgement.create(kind="flood", detail="+32 470 •• •• 99", at=street.now)
    page = lies.get("/").text
    assert "Veel berichten van één afzender" in page and "•• 99" in page and "noodknop" not in page
    lies.post(f"/gezien/{flood.id}", "/")
    assert "Veel berichten" not in lies.get("/").text


def signed(street: Any) -> None:
    charter.draft(in_force.settings(street.bin), street.now, "Lies")
    charter.sign(date(2026, 11, 24), "Lies", "A. Burgemeester", "K. Chef", street.now, "Lies")


def test_a_trial_is_marked_on_the_page_until_the_charter_is_signed(lies: Any, police_text: Any, street: Any) -> None:
    pages = [f"/berichten/{police_text.id}", f"/berichten/{police_text.id}/nakijken", "/berichten"]
    assert all("◇ PROEF" in lies.get(page).text for page in pages)
    assert "Het bericht zelf is echt." in lies.get(pages[0]).text and "PROEF" in lies.get("/buurt/charter").text
    signed(street)
    assert not any("PROEF" in lies.get(page).text for page in pages)


def test_what_left_on_trial_stays_marked_after_the_charter_is_signed(lies: Any, police_text: Any, street: Any) -> None:
    alerts.forward(police_text, "Lies", "page", street.now, street.bin)
    signed(street)
    assert all("◇ PROEF" in lies.get(page).text for page in (f"/berichten/{police_text.id}", "/berichten"))


def test_lies_marks_that_it_comes_from_above_the_zone(lies: Any, police_text: Any) -> None:
    page = f"/berichten/{police_text.id}"
    assert "↑ BOVENLOKAAL" not in lies.get(page).text
    lies.post(f"{page}/herkomst", page, above="1")
    assert "↑ BOVENLOKAAL" in lies.get(page).text and "↑ BOVENLOKAAL" in lies.get("/berichten").text
    lies.post(f"{page}/herkomst", page, above="")
    assert "↑ BOVENLOKAAL" not in lies.get(page).text


def test_what_went_otherwise_than_the_plan_is_with_the_alert_and_with_the_charter(
    lies: Any, police_text: Any, street: Any
) -> None:
    signed(street)
    street.enrol("Tom", "0470000103", Role.COORDINATOR)
    alerts.forward(police_text, "Tom", "page", street.now, street.bin)
    words = "wie besliste, staat niet in het charter"
    assert f"Anders dan het getekende plan: {words}" in lies.get(f"/berichten/{police_text.id}").text
    page = lies.get("/buurt/charter").text
    assert words in page and f'href="/berichten/{police_text.id}"' in page
