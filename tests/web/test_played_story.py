"""The demo as a newcomer plays it: the real `appliance demo`, its three services, and a real browser."""

import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import pytest
from playwright import sync_api

from tests.web.conftest import faults

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("played story")]
PATIENCE = 60_000  # milliseconds until something that must come has come
WEIGHT = 150_000  # octets for everything that the first look at the street costs
NARROW = {"width": 320, "height": 640}


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and the password that it printed."""

    address: str
    password: str


@pytest.fixture
def demo() -> Iterator[Demo]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "appliance", "demo", "--port", str(port), "--seconds-per-submit", "0.1"]
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}", process, said)
        finally:
            process.terminate()
            process.wait(20)


def _ready(address: str, process: subprocess.Popen[bytes], said: IO[str]) -> Demo:
    """The demo once its street answers."""
    until = time.monotonic() + PATIENCE / 1000
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/straat", timeout=5):
                said.seek(0)
                found = re.search(r"wachtwoord: (\S+)", said.read())
                assert found
                return Demo(address, found[1])
        except OSError:
            time.sleep(0.1)
    said.seek(0)
    raise AssertionError(f"the demo did not start: {said.read()}")


@pytest.fixture
def visit(chromium: Any, demo: Demo) -> Iterator[Callable[..., Any]]:
    """A newcomer with a browser at the street; nothing may complain or call outside."""
    contexts, complaints = [], []

    def open_(**options: Any) -> Any:
        context = chromium.new_context(base_url=demo.address, locale="nl-BE", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(demo.address) else None)
        page.goto("/straat")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [words for words in complaints if "422" not in words] == []  # a wrong password


def police_write(page: Any) -> None:
    page.locator(".phone.police .go").click()


def has(page: Any, where: str, words: str) -> None:
    sync_api.expect(page.locator(where).first).to_contain_text(re.compile(words), timeout=PATIENCE)


def test_the_story_by_sms_the_houses_light_up_and_the_police_hear_the_counts(visit: Callable[..., Any]) -> None:
    page = visit()
    police_write(page)
    page.locator("#coordinator .chips").get_by_text("JA ").click()
    has(page, "#telling", r"40\s*aanvaard")
    has(page, "#telling", r"38\s*afgeleverd")
    page.locator(".house.s-confirmed .check").first.wait_for()
    has(page, ".phone.police .texts", "doorgestuurd .* aan 40 leden")
    has(page, ".phone.police .texts", "40 verzonden, .* gelezen")
    has(page, "#verhaal", "Melding \\(gedaan\\)")


def test_the_story_by_the_button_and_a_member_who_stops_one_who_reports_and_one_who_rings(
    visit: Callable[..., Any],
) -> None:
    page = visit()
    police_write(page)
    has(page, "#lampwoorden", "Blauw: Er wacht een bericht")
    page.locator(".hold").hover()
    page.mouse.down()
    has(page, "#lampwoorden", "Druk kort = stoppen")
    page.mouse.up()
    has(page, "#telling", r"40\s*aanvaard")
    for house, says, hears in ((3, "STOP", "krijgt geen BIN-berichten meer"), (5, "ingebroken", "101")):
        page.locator(".mini").nth(house).click()
        phone = page.locator("[popover]:popover-open")
        phone.get_by_role("button", name=says).click()
        sync_api.expect(phone.locator(".texts")).to_contain_text(hears, timeout=PATIENCE)
        phone.get_by_text("Sluiten").click()
    page.locator(".mini").nth(9).click()
    page.locator("[popover]:popover-open .call").click()
    has(page, "[popover]:popover-open .texts", "belt even")


def test_the_story_by_the_page(visit: Callable[..., Any], demo: Demo) -> None:
    street, page = visit(), visit()
    police_write(street)
    page.goto("/aanmelden")
    page.fill("[name=username]", "lies")
    page.fill("[name=password]", "fout")
    page.click("button")
    has(page, "[role=alert]", "Naam, wachtwoord of code klopt niet")
    page.fill("[name=username]", "lies")
    page.fill("[name=password]", demo.password)
    page.click("button")
    for button in ("Bekijken en beoordelen", "Doorsturen: eerst nakijken", "Nu versturen naar 40 leden"):
        page.get_by_text(button).click()
    has(page, "main", "Verstuurd naar alle 40 leden")
    has(page, ".bars", r"Aanvaard\s*40 / 40")
    has(street, "#telling", r"40\s*aanvaard")


def test_without_javascript_at_320_pixels(visit: Callable[..., Any]) -> None:
    page = visit(java_script_enabled=False, viewport=NARROW)
    police_write(page)
    yes = page.locator("#coordinator .chips .yes")
    until = time.monotonic() + PATIENCE / 1000
    while not yes.count() and time.monotonic() < until:
        page.locator("noscript a").first.click()
    yes.click()
    page.locator("noscript a").nth(1).click()
    has(page, "#telling", r"40\s*aanvaard")
    page.locator("noscript a").first.click()
    page.locator(".mini").nth(1).click()
    page.locator("[popover]:popover-open [name=text]:not(button)").fill("OK")


def test_by_keyboard_only(visit: Callable[..., Any]) -> None:
    page = visit()

    def tab_to(selector: str) -> None:
        for _turn in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    tab_to(".phone.police .go")
    page.keyboard.press("Enter")
    page.locator("#coordinator .chips .yes").wait_for()
    tab_to("#coordinator .chips .yes")
    page.keyboard.press("Space")
    has(page, "#telling", r"40\s*aanvaard")
    tab_to(".mini")
    page.keyboard.press("Enter")
    page.locator("[popover]:popover-open").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.mini')")
    page.focus(".hold")
    page.keyboard.down("Space")
    has(page, "#lampwoorden", "Blijf drukken")
    page.keyboard.up("Space")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_street_fits_a_small_phone_weighs_little_and_axe_finds_nothing(
    visit: Callable[..., Any], scheme: str
) -> None:
    page = visit(viewport=NARROW, color_scheme=scheme, reduced_motion="reduce")
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    page.goto("/straat")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < WEIGHT
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert faults(page) == []
