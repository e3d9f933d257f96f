"""The page about the box: what it says of each modem, and what a person may ask of it."""

import re
from datetime import timedelta

import pytest

from appliance import health, modem_state, store
from appliance.health import onset
from appliance.models import Audit, ModemState
from appliance.update import offer


def offered(page: str) -> set[str]:
    return set(re.findall(r'action="/toestel/a/(\w+)"', page))


@pytest.mark.parametrize(
    ("able", "wishes"), [("", {"restart"}), ("power self_test balance", {"power", "self_test", "balance"})]
)
def test_what_the_settings_of_a_modem_allow_can_be_asked_for(lies, able, wishes):
    ModemState.update(able=able).execute()
    assert offered(lies.get("/toestel").text) == wishes


def test_a_restart_is_noted_for_the_gateway_and_in_the_log(lies, street):
    answer = lies.post("/toestel/a/restart", "/toestel")
    assert answer.headers["Location"] == "/toestel"
    assert ModemState.get().restart_wanted_at == street.now
    assert (Audit.select().order_by(Audit.id.desc()).get().verb, "opnieuw gestart" in lies.get("/toestel").text) == (
        "asked for restart", True,
    )  # fmt: skip


def test_credit_and_test_text_are_due_at_once_when_somebody_asks(lies, street):
    ModemState.update(able="self_test balance", self_test_at=street.now, balance_asked_at=street.now).execute()
    for wish in ("self_test", "balance"):
        assert lies.post(f"/toestel/a/{wish}", "/toestel").status_code == 302
    row = ModemState.get()
    assert (row.self_test_at, row.balance_asked_at, row.restart_wanted_at) == (None, None, None)


@pytest.mark.parametrize("path", ["/toestel/a/power", "/toestel/a/explode", "/toestel/z/restart"])
def test_what_a_modem_cannot_do_is_not_found_and_changes_nothing(lies, path):
    assert lies.post(path, "/toestel").status_code == 404
    assert ModemState.get().restart_wanted_at is None


def test_amid_a_send_no_modem_is_started_anew(lies, police_alert, street):
    police_alert()  # coordinators are being told
    page = lies.client.post("/toestel/a/restart", data={"csrf_token": lies.token("/toestel")}, follow_redirects=True)
    assert "aan het versturen" in page.text
    assert ModemState.get().restart_wanted_at is None


def test_a_stick_that_is_not_plugged_in_is_said_to_be_so_and_cannot_be_asked_anything(lies, street):
    modem_state.remember("a2", street.now, heartbeat_at=street.now, online=False, fault="", sent_at=street.now)
    page = lies.get("/toestel").text
    assert page.count("niet ingestoken") == 1
    assert offered(page) and "/toestel/a2/" not in page


def test_the_page_says_since_when_something_is_the_matter_and_how_old_the_last_proof_and_the_credit_are(lies, street):
    sent, asked = street.now - timedelta(days=40), street.now - timedelta(days=4)
    ModemState.update(able="balance", balance="12,40 euro", balance_at=asked, sent_at=sent).execute()
    onset.note(health.read(street.now).troubles, street.now - timedelta(hours=3))
    page = lies.get("/toestel").text
    assert "begon vandaag om 9u00, 3 uur geleden" in page
    assert "▲ 1 maand geleden" in page and "▲ 4 dagen geleden" in page
    ModemState.update(balance_at=street.now - timedelta(hours=5), sent_at=street.now - timedelta(days=2)).execute()
    page = lies.get("/toestel").text
    assert "5 uur geleden" in page and "2 dagen geleden" in page and "▲ 5 uur" not in page and "▲ 2 dagen" not in page


@pytest.fixture
def release(street):
    """A version from the stick, checked; it waits for somebody."""
    folder = store.own() / offer.NAME
    folder.mkdir()
    (folder / offer.VERSION).write_text("1.1.0-1")
    return folder


def test_lies_says_yes_to_the_version_from_the_stick_and_it_is_begun_once(lies, release):
    assert "Versie 1.1.0-1 installeren" in lies.get("/toestel").text and not offer.accepted(release)
    assert lies.post("/toestel/versie", "/toestel").headers["Location"] == "/toestel"
    assert offer.accepted(release)
    row = Audit.select().order_by(Audit.id.desc()).get()
    assert (row.verb, row.detail) == ("update wanted", "1.1.0-1")
    page = lies.get("/toestel").text
    assert "wordt geïnstalleerd" in page and "Versie 1.1.0-1 installeren" not in page


def test_while_root_tries_the_version_nobody_is_asked_once_more(lies, release, tmp_path, monkeypatch):
    monkeypatch.setattr(offer, "UNDER_WAY", tmp_path / "under_way")
    lies.post("/toestel/versie", "/toestel")
    offer.UNDER_WAY.mkdir()
    offer.begun(release)
    page = lies.get("/toestel").text
    assert "wordt geïnstalleerd" in page and "Versie 1.1.0-1 installeren" not in page
    lies.post("/toestel/versie", "/toestel")
    assert not (release / offer.YES).exists() and Audit.select().where(Audit.verb == "update wanted").count() == 1
    offer.UNDER_WAY.rmdir()  # it came to nothing
    assert "Versie 1.1.0-1 installeren" in lies.get("/toestel").text


def test_lies_proves_once_more_who_she_is_before_she_changes_the_program(lies, release, street):
    street.later(seconds=600)
    answer = lies.post("/toestel/versie", "/toestel")
    assert answer.headers["Location"].startswith("/bevestigen") and not offer.accepted(release)


def test_amid_a_send_no_version_is_installed(lies, police_alert, release):
    police_alert()  # coordinators are being told
    page = lies.client.post("/toestel/versie", data={"csrf_token": lies.token("/toestel")}, follow_redirects=True)
    assert "aan het versturen" in page.text and not offer.accepted(release)


def test_without_a_stick_there_is_nothing_to_say_yes_to(lies):
    assert "installeren" not in lies.get("/toestel").text
    assert lies.post("/toestel/versie", "/toestel").status_code == 404
