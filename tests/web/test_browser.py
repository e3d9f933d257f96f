"""The page in a real browser: a phone of 360 pixels, with and without JavaScript."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright import sync_api

from appliance import alerts
from appliance.models import Alert, Delivery, Segment
from appliance.queue import outbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PHONE = {"width": 360, "height": 740}
PAGES = (
    "/", "/berichten", "/berichten/1", "/berichten/2", "/nieuw", "/leden", "/leden/nieuw", "/leden/1/schrappen",
    "/antwoorden", "/toestel",
)  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(app: Flask, lies_password: str) -> Iterator[str]:
    """The page, really served."""
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(chromium: Any, address: str, lies_password: str) -> Iterator[Callable[..., Any]]:
    """Lies at the page on her phone; nothing on it may complain or call outside."""
    contexts, complaints = [], []

    def open_(**options: Any) -> Any:
        context = chromium.new_context(viewport=PHONE, base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((address, "data:")) else None)
        page.goto("/aanmelden")
        page.fill("[name=username]", "lies")
        page.fill("[name=password]", lies_password)
        page.click("button")
        page.wait_for_url("**/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [c for c in complaints if "401" not in c] == []


def test_judging_works_without_javascript_and_the_send_button_is_in_view(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert("Inbraak Kerkstraat, bel 101")
    page = open_page(java_script_enabled=False)
    page.click("text=Bekijken en beoordelen")
    page.click("[value=forward]")
    button = page.get_by_role("button", name="Nu versturen naar 5 leden")
    box = button.bounding_box()
    assert box and box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]
    button.click()
    page.wait_for_url(f"**/berichten/{alert.id}")
    assert "Bezig met versturen: 0 van 5" in page.content()


def test_three_taps_forward_what_the_police_wrote(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    page = open_page()
    for button in ("Bekijken en beoordelen", "Doorsturen: eerst nakijken", "Nu versturen naar 5 leden"):
        page.get_by_text(button).click()
    page.wait_for_url(f"**/berichten/{alert.id}")
    assert Alert.get_by_id(alert.id).state == "forwarded"


def test_enter_in_the_reason_declines_and_does_not_forward(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    page = open_page()
    page.goto(f"/berichten/{alert.id}")
    page.get_by_text("Niet doorsturen").first.click()
    page.fill("[name=why]", "intussen opgelost")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert Alert.get_by_id(alert.id).state == "declined"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any, scheme: str
) -> None:
    axe = Axe()
    police_alert(verified=False)
    alerts.forward(police_alert(), "Lies", "page", street.now, street.bin)
    page = open_page(color_scheme=scheme)
    wanted = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for path in PAGES:
        page.goto(path)
        found = axe.run(page, options=wanted).response["violations"]
        assert [(path, v["id"], v["nodes"][0]["target"]) for v in found] == []


def test_two_fast_clicks_a_reload_and_back_make_one_alert(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.check("[value=preventive]")
    page.fill("textarea", "Sluit uw deuren")
    page.click("[value=next]")
    page.wait_for_url("**/nakijken")
    page.get_by_role("button", name="Nu versturen naar 5 leden").dblclick()
    page.wait_for_url("**/berichten/1")
    page.reload()
    page.go_back()
    assert Alert.select().count() == 1
    assert Delivery.select().where(Delivery.kind == "alert").count() == 5


def test_progress_moves_and_the_title_follows_without_a_reload(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any
) -> None:
    alert = police_alert()
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Segment.delete().where(Segment.delivery.in_(Delivery.select().where(Delivery.kind != "alert"))).execute()
    page = open_page()
    page.goto(f"/berichten/{alert.id}")
    page.evaluate("window.sameLoad = true")
    for turn in range(3):
        segment = outbox.claim("a", street.now)
        assert segment
        outbox.accepted(segment, turn, street.now)
    sync_api.expect(page).to_have_title(re.compile("^3/5 "), timeout=10_000)
    assert "Bezig met versturen: 3 van 5" in page.inner_text("main")
    assert page.evaluate("window.sameLoad")


def test_the_count_follows_the_typing(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.check("[value=test]")
    page.fill("textarea", "Hallo België")
    page.click("text=Vervang door gewone tekens")
    assert page.input_value("textarea") == "Hallo Belgie"


def test_a_poll_after_the_session_died_shows_the_log_in_form(open_page: Callable[..., Any], app: Flask) -> None:
    page = open_page()
    page.evaluate("document.querySelector('[data-poll]').dataset.every = '1'")
    page.context.clear_cookies()
    page.wait_for_url("**/aanmelden?next=/", timeout=25_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_phone_and_nothing_hostile_runs(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], scheme: str
) -> None:
    police_alert("<img src=x onerror=alert(1)><script>alert(2)</script>" + "w" * 120, verified=False)
    page = open_page(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (page for page in PAGES if page != "/berichten/2"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        low = page.evaluate(
            "[...document.querySelectorAll('button, a[role=button], .menu a')]"
            ".filter(e => e.offsetHeight && e.offsetHeight < 44).length"
        )
        assert low == 0, path


def test_the_whole_urgent_flow_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("[value=urgent]")
    page.keyboard.press("Space")
    page.focus("[name=told_101]")
    page.keyboard.press("Space")
    page.focus("textarea")
    page.keyboard.type("Dief aan de kerk")
    page.focus("[value=next]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nakijken")
    page.focus("button.send")
    page.keyboard.press("Enter")
    page.wait_for_url("**/berichten/1")
