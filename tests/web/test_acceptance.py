"""What a coordinator must be able to do, in a real browser, on a telephone of 360 pixels unless it says otherwise.

The numbers are those of the acceptance checks. Pictures of every page go to the folder in $PICTURES, to be looked at.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright import sync_api

from appliance.access import presence, second_proof
from appliance.alerts import countdown
from appliance.models import Account, Alert, Countdown, Delivery, Device, Passkey, Segment
from appliance.people.members import LANGUAGES
from tests.web.conftest import BROWSER, LONGEST_WAIT, OUTSIDE, PAGES, PASSWORD, faults, picture, serve

pytestmark = BROWSER
LOW = """[...document.querySelectorAll("button, a[role=button], summary")]
    .filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.innerText)"""


@pytest.fixture
def ada(chromium: Any, house: Any, make_empty_app: Callable[[], Flask]) -> Iterator[Any]:
    """Ada's telephone at a box that was unpacked just now."""
    with serve(make_empty_app()) as address:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=address, locale="nl-BE")
        yield context.new_page()
        context.close()


def test_all_twenty_five_checks_are_here() -> None:
    named = re.compile(r"^def test_(\d\d)_(?:and_(\d\d)_)?", re.MULTILINE)
    files = [*Path(__file__).parent.glob("test_acceptance*.py"), Path(__file__).with_name("test_browser.py")]
    found = {number for file in files for numbers in named.findall(file.read_text()) for number in numbers if number}
    assert found == {f"{number:02}" for number in range(1, 26)}


def test_01_a_fresh_box_leads_through_its_steps_and_never_again(ada: Any, house: Any) -> None:
    ada.goto("/leden")
    assert ada.url.endswith("/begin")
    picture(ada, "begin")
    assert faults(ada) == []
    ada.get_by_role("button", name="Ik heb gedrukt").click()
    sync_api.expect(ada.get_by_role("alert")).to_contain_text("nog niet gezien")
    presence.pressed(house.now)
    ada.get_by_role("button", name="Ik heb gedrukt").click()
    ada.wait_for_url("**/begin/naam")
    ada.fill("[name=name]", "BIN Zuid")
    picture(ada, "begin-naam")
    assert faults(ada) == []
    ada.get_by_role("button", name="Verder").click()
    ada.wait_for_url("**/begin/wie")
    ada.fill("[name=name]", "Ada Peeters")
    ada.fill("[name=number]", "0470 00 02 01")
    picture(ada, "begin-wie")
    assert faults(ada) == []
    ada.get_by_role("button", name="Verder").click()
    ada.wait_for_url("**/klaarmaken")
    ada.get_by_role("button", name="Stuur mij een proef-sms").click()
    ada.get_by_role("button", name="Herstelblad maken").click()
    ada.get_by_role("button", name="Maak een nieuw blad").click()
    picture(ada, "herstelblad-codes")
    assert ada.locator("ol.codes li").count() == 10 and faults(ada) == []
    ada.get_by_role("button", name="Ik heb het blad").click()
    ada.get_by_role("button", name="Coördinator toevoegen").click()
    ada.fill("[name=name]", "Ben")
    ada.fill("[name=number]", "0470 00 02 02")
    ada.get_by_role("button", name="Toegang geven").click()
    picture(ada, "toegang-gegeven")
    assert faults(ada) == []
    ada.goto("/klaarmaken")
    sync_api.expect(ada.locator("main")).to_contain_text("Nog 4 dingen te doen")
    assert Delivery.select().count() == 1 and Account.select().count() == 2
    ada.context.clear_cookies()
    assert ada.goto("/begin").status == 404


def test_02_and_03_an_urgent_text_in_six_taps_and_the_button_in_view(open_page: Callable[..., Any]) -> None:
    for size in ({"width": 360, "height": 740}, {"width": 390, "height": 844}, {"width": 320, "height": 640}):
        page = open_page(viewport=size)
        page.get_by_role("button", name="Nieuw bericht").click()
        page.get_by_text("DRINGEND", exact=False).first.click()
        page.get_by_text("De politie is verwittigd (101)").click()
        page.fill("textarea", "Inbraak Kerkstraat. Blijf binnen, bel 101 als u iets ziet.")
        page.get_by_role("button", name="Verder naar nakijken").click()
        button = page.get_by_role("button", name="Nu versturen naar 5 leden")
        page.wait_for_load_state()  # with its style sheets: before that the button is somewhere else
        box = button.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        button.click()
        page.wait_for_url("**/aftellen")


def test_05_stop_is_the_servers_and_one_key_away(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any
) -> None:
    alert = police_alert()
    page = open_page()
    page.goto(f"/berichten/{alert.id}/nakijken")
    page.get_by_role("button", name="Nu versturen").click()
    page.wait_for_url("**/aftellen")
    picture(page, "aftellen-nu")
    page.close()
    street.later(seconds=5)
    again = open_page()
    again.get_by_role("button", name="STOP").wait_for()
    again.goto(f"/berichten/{alert.id}")
    assert again.locator(".left").inner_text() == "5"
    assert again.evaluate("document.activeElement.classList.contains('stop')")
    again.keyboard.press("Escape")
    sync_api.expect(again.locator("main")).to_contain_text("Niets verstuurd")
    countdown.release(street.later(minutes=1), street.bin)
    assert not Delivery.select().where(Delivery.kind == "alert").exists()


def test_05_what_a_coordinator_stopped_is_a_draft_again(open_page: Callable[..., Any]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/nieuw")
    page.check("[value=preventive]")
    page.fill("textarea", "Sluit uw deuren")
    page.click("[value=next]")
    page.get_by_role("button", name="Nu versturen").click()
    assert page.locator(".left").inner_text() == "30"
    page.get_by_role("button", name="STOP").click()
    assert page.url.endswith("/nieuw") and page.input_value("textarea") == "Sluit uw deuren"


def test_07_a_text_is_shown_literally(open_page: Callable[..., Any], police_alert: Callable[..., Alert]) -> None:
    text = "l'Église & <b>100€</b>"
    alert = police_alert(text)
    page = open_page()
    for path in (f"/berichten/{alert.id}", f"/berichten/{alert.id}/nakijken", "/"):
        page.goto(path)
        sync_api.expect(page.locator("main")).to_contain_text(text)


def test_11_a_page_elsewhere_can_frame_and_post_nothing(
    open_page: Callable[..., Any], chromium: Any, address: str, police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    page = open_page()
    cookies = page.context.cookies()

    def evil(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [
            f"<iframe src='{address}/'></iframe><img src='{address}/stand'>"
            f"<form method=post action='{address}/berichten/{alert.id}/doorsturen'><button>x</button></form>".encode()
        ]

    with serve(evil, "127.0.0.1") as elsewhere:
        context = chromium.new_context()
        context.add_cookies(cookies)
        other = context.new_page()
        other.goto(elsewhere)
        assert "Zonnebos" not in (other.frames[1].content() if len(other.frames) > 1 else "")
        other.click("button")
        other.wait_for_load_state()
        assert "Zonnebos" not in other.content()
        context.close()
    assert Alert.get_by_id(alert.id).state == "waiting" and not Countdown.select().exists()


def test_14_a_signed_out_device_shows_log_in_by_itself_and_back_shows_nothing(open_page: Callable[..., Any]) -> None:
    phone, lost = open_page(), open_page()
    lost.evaluate("document.querySelector('[data-poll]').dataset.every = '1'")
    newest = Device.select().order_by(Device.id.desc()).get()
    phone.goto("/toegang")
    phone.locator(f"form[action$='/toestel/{newest.id}/afmelden'] button").click()
    lost.wait_for_url("**/aanmelden?next=/", timeout=30_000)
    phone.get_by_role("button", name="Afmelden", exact=True).last.click()
    phone.wait_for_url("**/aanmelden*")
    phone.go_back()
    assert "Ada" not in phone.content() and "laatst gezien" not in phone.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_21_axe_finds_nothing_on_any_page_in_any_language(
    open_page: Callable[..., Any], address: str, furnished: None, scheme: str, language: str
) -> None:
    page = open_page(color_scheme=scheme, viewport={"width": 390, "height": 844})
    Account.update(language=language).execute()
    wrong: list[object] = []
    for name, path in (PAGES | OUTSIDE).items():
        if name in OUTSIDE:
            page.context.clear_cookies(name="bin")
            page.context.add_cookies([{"name": "bin-taal", "value": language, "url": address}])
        page.goto(path)
        assert page.get_attribute("html", "lang") == language
        wide = page.evaluate("document.documentElement.scrollWidth") > 390
        found = faults(page) + page.evaluate(LOW) + (["too wide"] if wide else [])
        wrong += [(name, found)] if found else []
        picture(page, f"{language}-{scheme}-390-{name}")
        if language in ("nl", "fr") and os.environ.get("PICTURES"):
            page.set_viewport_size({"width": 1280, "height": 800})
            picture(page, f"{language}-{scheme}-1280-{name}")
            page.set_viewport_size({"width": 390, "height": 844})
    assert wrong == []


def test_21_the_language_is_one_tap_away_without_javascript(open_page: Callable[..., Any]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/leden")
    page.get_by_role("button", name="Français").click()
    assert page.url.endswith("/leden") and page.get_attribute("html", "lang") == "fr"
    assert page.get_by_role("heading", name="Membres").is_visible()


def test_a_finger_logs_in_and_proves_without_a_name(
    open_page: Callable[..., Any], chromium: Any, address: str, street: Any, police_alert: Callable[..., Alert]
) -> None:
    """With the browser's own virtual authenticator: a telephone with a fingerprint reader."""
    alert = police_alert()
    page = open_page()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    finger = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
              "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    authenticator = session.send("WebAuthn.addVirtualAuthenticator", {"options": finger})["authenticatorId"]
    page.goto("/sleutel/nieuw")
    page.fill("[name=label]", "mijn gsm")
    page.get_by_role("button", name="Dit toestel instellen").click()
    page.wait_for_url("**/toegang")
    sync_api.expect(page.locator("main")).to_contain_text("mijn gsm")

    page.get_by_role("button", name="Afmelden", exact=True).last.click()
    page.wait_for_url("**/aanmelden*")
    picture(page, "aanmelden-met-vinger")
    page.get_by_role("button", name="Met vingerafdruk of gezicht").click()
    page.wait_for_url(re.compile(r"/$"))
    assert Passkey.get().used_at == street.now and Passkey.get().sign_count > 0

    street.later(hours=13)
    page.goto(f"/berichten/{alert.id}/nakijken")
    assert "/bevestigen" in page.url
    page.get_by_role("button", name="Met vingerafdruk of gezicht").click()
    page.wait_for_url("**/nakijken")

    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto("about:blank")  # a poll that is under way would bring the cookie back
    page.context.clear_cookies()
    page.goto("/aanmelden")
    page.get_by_role("button", name="Met vingerafdruk of gezicht").click()
    sync_api.expect(page.get_by_role("alert")).to_contain_text("Gebruik uw wachtwoord", timeout=70_000)
    assert page.goto("/").url.endswith("/aanmelden?next=/")
    Passkey.delete().execute()


def test_a_lost_password_is_replaced_by_a_line_of_the_sheet(open_page: Callable[..., Any], street: Any) -> None:
    line = second_proof.new_recovery_codes(Account.get(), street.now, "test")[0]
    page = open_page()
    page.context.clear_cookies(name="bin")
    page.goto("/aanmelden")
    page.get_by_role("link", name="Ik raak niet binnen").click()
    page.fill("[name=username]", "lies")
    page.fill("[name=code]", line.upper())
    page.fill("[name=password]", "een heel nieuw woord")
    page.get_by_role("button", name="Wachtwoord veranderen en aanmelden").click()
    page.wait_for_url("**/toegang")


def test_a_code_of_an_app_is_scanned_and_then_asked_for(open_page: Callable[..., Any], street: Any) -> None:
    page = open_page()
    page.goto("/toegang/app")
    secret = page.locator("code").inner_text()
    assert page.locator("img[src^='data:image/svg']").bounding_box()["height"] > 100
    page.fill("[name=code]", pyotp.TOTP(secret).at(street.now))
    page.get_by_role("button", name="App gebruiken").click()
    page.wait_for_url("**/toegang")
    page.context.clear_cookies(name="bin")
    street.later(minutes=5)
    page.goto("/aanmelden")
    page.fill("[name=username]", "lies")
    page.fill("[name=password]", PASSWORD)
    page.get_by_text("Ik gebruik ook een code").click()
    page.fill("[name=code]", pyotp.TOTP(secret).at(street.now))
    page.get_by_role("button", name="Aanmelden", exact=True).click()
    page.wait_for_url(re.compile(r"/$"))


def test_22_judging_counting_down_and_progress_without_javascript(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert()
    page = open_page(java_script_enabled=False)
    page.goto(f"/berichten/{alert.id}/nakijken")
    page.get_by_role("button", name="Nu versturen naar 5 leden").click()
    assert page.locator(".left").inner_text() == "10"
    after_countdown()
    page.wait_for_url(f"**/berichten/{alert.id}", timeout=LONGEST_WAIT)
    assert Segment.select().where(Segment.state == "queued").count() >= 5
