"""What a coordinator was writing is found back, on any device of his and by nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from appliance.access import accounts
from appliance.models import Alert, Draft
from appliance.people import members
from appliance.upkeep import retention
from tests.web.conftest import Browser

WORDS = "Vergadering op dinsdag in de"


def typed(browser: Any, text: str = WORDS, token: str = "a" * 32) -> None:
    """As the script does while somebody types."""
    form = {"csrf_token": browser.token("/nieuw"), "message_class": "organisation", "text": text, "token": token}
    assert browser.client.post("/nieuw/tellen", data=form, headers={"X-Poll": "1"}).status_code == 200


@pytest.fixture
def jan(street: Any, new_browser: Callable[..., Browser]) -> Browser:
    browser = new_browser("10.0.0.8")
    browser.log_in("jan", accounts.create(members.by_number("+32470000102"), "jan", street.now))
    return browser


def test_half_a_text_is_found_back_on_the_telephone_of_the_same_person(
    lies: Any, new_browser: Callable[..., Browser]
) -> None:
    typed(lies)
    phone = new_browser("10.0.0.9")
    phone.log_in()
    assert "U was nog aan het schrijven" in phone.get("/nieuw").text and WORDS in phone.get("/berichten").text
    assert phone.post(f"/nieuw/verder/{Draft.get().id}", "/berichten").headers["Location"] == "/nieuw"
    assert f">{WORDS}</textarea>" in phone.get("/nieuw").text


def test_what_lies_writes_is_not_jans(lies: Any, jan: Browser) -> None:
    typed(lies)
    id_ = Draft.get().id
    assert WORDS not in jan.get("/berichten").text + jan.get("/nieuw").text
    for what in ("verder", "weg"):
        assert jan.post(f"/nieuw/{what}/{id_}", "/nieuw").status_code == 404
    typed(jan, "iets anders")
    assert [draft.text for draft in Draft.select()] == [WORDS], "her form's token is no way into her text"


def test_typing_on_changes_the_same_text_and_an_emptied_one_is_gone(lies: Any) -> None:
    for text in (WORDS, f"{WORDS} zaal"):
        typed(lies, text)
    assert [draft.text for draft in Draft.select()] == [f"{WORDS} zaal"]
    typed(lies, "  ")
    assert not Draft.select().exists()


def test_what_was_sent_is_not_brought_back_by_a_script_that_is_late(lies: Any) -> None:
    lies.post("/nieuw", "/nieuw", message_class="organisation", text=WORDS)
    token = re.search(r'name="token" value="([0-9a-f]{32})"', lies.get("/nieuw/nakijken").text)[1]  # type: ignore[index]
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token)
    assert Alert.get().original == WORDS and not Draft.select().exists()
    typed(lies, token=token)
    assert not Draft.select().exists()


@pytest.mark.slow
def test_what_jan_stopped_is_his_to_write_on_once_however_often_he_pressed(lies: Any, jan: Browser) -> None:
    for _ in range(2):
        lies.post("/nieuw", "/nieuw", message_class="preventive", text="Sluit uw deuren")
        token = re.search(r'name="token" value="([0-9a-f]{32})"', lies.get("/nieuw/nakijken").text)[1]  # type: ignore[index]
        lies.post("/nieuw/versturen", "/nieuw/nakijken", token=token)
        alert = Alert.select().order_by(Alert.id.desc()).get()
        jan.post(f"/berichten/{alert.id}/aftellen/stop", f"/berichten/{alert.id}/aftellen")
    assert [(draft.text, draft.account.username) for draft in Draft.select()] == [("Sluit uw deuren", "jan")]
    assert ">Sluit uw deuren</textarea>" in jan.get("/nieuw").text


def test_another_text_can_be_begun_without_losing_this_one(lies: Any) -> None:
    lies.post("/nieuw", "/nieuw", message_class="organisation", text=WORDS, action="count")
    lies.post("/nieuw", "/nieuw", message_class="organisation", text=WORDS, action="new", token=Draft.get().token)
    assert f">{WORDS}</textarea>" not in lies.get("/nieuw").text and WORDS in lies.get("/nieuw").text
    lies.post(f"/nieuw/weg/{Draft.get().id}", "/nieuw")
    assert not Draft.select().exists()


def test_a_text_that_was_left_for_a_month_is_erased(lies: Any, street: Any) -> None:
    typed(lies)
    assert retention.over(street.now + timedelta(days=29))["drafts"] == 0
    assert retention.erase(street.later(days=31), street.bin)["drafts"] == 1 and not Draft.select().exists()
