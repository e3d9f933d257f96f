"""The street with its page: Lies can log in, a modem is online, and the police have written."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import expect, sync_playwright
from werkzeug.test import TestResponse

from appliance import alerts
from appliance.alerts import MessageClass, Source, countdown
from appliance.models import Account, Alert, Arrival, Countdown, Heartbeat, ModemState
from appliance.modem.emulator import EmulatedModem, Network
from appliance.people import members
from appliance.web import WebSettings
from appliance.web.app import create_app

BROWSER = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PATIENCE = 60.0  # seconds, which only a fault can use up
LONGEST_WAIT = 15_000  # milliseconds for what the page does by itself
WANTED = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

PAGES = {
    "start": "/", "berichten": "/berichten", "verloop": "/berichten/2", "beoordelen": "/berichten/1",
    "nakijken": "/berichten/1/nakijken?called_back=1", "aftellen": "/berichten/3/aftellen", "nieuw": "/nieuw",
    "leden": "/leden", "lid": "/leden/nieuw", "schrappen": "/leden/1/schrappen", "antwoorden": "/antwoorden",
    "toestel": "/toestel", "toegang": "/toegang", "wachtwoord": "/toegang/wachtwoord", "app": "/toegang/app",
    "herstelblad": "/toegang/herstelblad", "sleutel": "/sleutel/nieuw", "overdracht": "/overdracht",
    "klaarmaken": "/klaarmaken", "bevestigen": "/bevestigen", "stil": "/berichten/2/stil",
    "beelden": "/berichten/2/beelden", "oefening": "/oefening", "droog": "/oefening/droog",
    "droog-nakijken": "/oefening/droog/nakijken", "droog-einde": "/oefening/droog/einde",
    "een-lid": "/leden/3", "wissen": "/leden/3/wissen",
    "inlezen": "/leden/inlezen", "vragen": "/leden/vragen", "toestemming": "/leden/toestemming",
    "uitvoeren": "/leden/uitvoeren", "politie": "/politie", "contact": "/politie/nieuw",
    "vernieuwen": "/politie/1/vernieuwen", "logboek": "/logboek", "nagekeken": "/logboek/nakijken",
    "reservekopie": "/reservekopie", "instellingen": "/instellingen", "meer": "/meer", "hulp": "/hulp",
    "kosten": "/kosten", "netwerk": "/buurt", "oprichting": "/buurt/oprichting", "charter": "/buurt/charter",
    "vergaderingen": "/buurt/vergaderingen", "problemen": "/buurt/problemen",
    "themas": "/buurt/themas", "tips": "/tips", "voorstel": "/voorstel", "logo": "/instellingen/logo",
    "afdrukken": "/afdrukken/",
}  # fmt: skip
OUTSIDE = {"aanmelden": "/aanmelden", "herstel": "/herstel"}


# what a screen reader was told, in order
HEARD = """window.heard = [];
new MutationObserver(() => heard.push(document.getElementById("stem").textContent))
    .observe(document.getElementById("stem"), {childList: true, characterData: true, subtree: true})"""


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.02)


def picture(page: Any, name: str) -> None:
    """In the folder that was asked for, if one was."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}.png", full_page=True)


def faults(page: Any) -> list[Any]:
    return [(v["id"], v["nodes"][0]["target"]) for v in Axe().run(page, options=WANTED).response["violations"]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser."""
    program = shutil.which("chromium")
    assert program, "Debian's chromium is not installed: make test-packages"
    expect.set_options(timeout=LONGEST_WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


QUICK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
PASSWORD = "mei-tuin-kast-zeven"


@pytest.fixture(scope="session")
def quick_hash() -> str:
    """PASSWORD, hashed with a cost that a hundred tests can bear."""
    return PasswordHasher(**QUICK).hash(PASSWORD)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each template is compiled once, however many apps show it."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


class Browser:
    """A person at the page: finds the token of a form by itself."""

    def __init__(self, client: FlaskClient, password: str) -> None:
        self.client, self.password = client, password

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, buffered=True, **more)  # type: ignore[arg-type]

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def post(self, path: str, seen_on: str, **form: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(seen_on), **form})

    def log_in(self, name: str = "lies", password: str | None = None, next_: str = "") -> TestResponse:
        given = self.password if password is None else password
        return self.post("/aanmelden", "/aanmelden", username=name, password=given, next=next_)


@pytest.fixture
def lies_password(street: Any, quick_hash: str) -> str:
    """Lies can log in as "lies" with this."""
    ModemState.create(
        name="a", heartbeat_at=street.now, online=True, changed_at=street.now, registered=True, operator="Proximus",
        technology="LTE", signal_percent=70, model="E3372",
    )  # fmt: skip
    lies = members.by_number("+32470000101")
    Account.create(username="lies", member=lies, password=quick_hash, session_stamp="u" * 64, created_at=street.now)
    return PASSWORD


@pytest.fixture
def make_app(street: Any, compiled: FileSystemBytecodeCache) -> Callable[..., Flask]:
    def make(**changes: object) -> Flask:
        values = {"secret_key": "s" * 40, "trusted_hosts": ("localhost", "127.0.0.1"), "https": False} | changes
        made = create_app(WebSettings(**values), street.bin, street.clock)  # type: ignore[arg-type]
        made.jinja_env.bytecode_cache = compiled
        return made

    return make


@pytest.fixture
def make_empty_app(house: Any) -> Callable[[], Flask]:
    """The page of a box in which there is nobody."""
    settings = WebSettings(secret_key="s" * 40, trusted_hosts=("localhost",), https=False)
    return lambda: create_app(settings, house.bin, house.clock)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def new_browser(app: Flask, lies_password: str) -> Callable[..., Browser]:
    """Another browser, elsewhere; nobody has logged in with it."""

    def make(address: str = "127.0.0.1") -> Browser:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return Browser(client, lies_password)

    return make


@pytest.fixture
def stranger(new_browser: Callable[..., Browser]) -> Browser:
    return new_browser()


@pytest.fixture
def lies(new_browser: Callable[..., Browser]) -> Browser:
    browser = new_browser()
    assert browser.log_in().status_code == 302
    return browser


@pytest.fixture
def after_countdown(street: Any) -> Callable[[], None]:
    """Half a minute later; a gateway has done what it does in each of its steps."""

    def pass_() -> None:
        countdown.release(street.later(seconds=30), street.bin)

    return pass_


@pytest.fixture
def police_alert(street: Any) -> Callable[..., Alert]:
    """A text from a police officer that waits for a decision."""
    officer = street.officer("Zone Noord", "0470000900")

    def make(text: str = "Inbraak Kerkstraat, bel 101", verified: bool = True) -> Alert:
        return alerts.create(
            MessageClass.URGENT, Source.POLICE, text, officer.name, street.now, street.bin, contact=officer,
            verified=verified,
        )  # fmt: skip

    return make


@pytest.fixture
def furnished(street: Any, lies_password: str, police_alert: Callable[..., Alert]) -> None:
    """One alert to judge, one that is being sent, one that counts down, and an answer to read."""
    police_alert("Inbraak Kerkstraat, grijze bestelwagen, bel 101", verified=False)
    alerts.forward(police_alert("Verdacht voertuig in de Lindedreef"), "Jan", "sms", street.now, street.bin)
    last = police_alert("Vermist: jongen van 8, rode jas")
    Countdown.create(alert=last, by="Jan", via="page", due_at=street.now + timedelta(minutes=59))
    Arrival.create(key="1", kind="text", number="+32470000201", text="Ik zie hem aan de kerk", received_at=street.now)


PHONE = {"width": 360, "height": 740}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Threaded(ThreadingMixIn, WSGIServer):
    """A browser keeps connections open that it may need later: one thread would wait for them."""

    daemon_threads = True


@contextmanager
def serve(app: Any, host: str = "localhost") -> Iterator[str]:
    """*app*, really served; its address. A passkey wants a name, not a number."""
    with make_server(host, 0, app, Threaded, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://{host}:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def address(app: Flask, lies_password: str) -> Iterator[str]:
    """The page, really served."""
    with serve(app) as where:
        yield where


@pytest.fixture
def open_page(chromium: Any, address: str, lies_password: str) -> Iterator[Callable[..., Any]]:
    """Lies at the page on her phone; nothing on it may complain or call outside."""
    contexts, complaints = [], []

    def open_(**options: Any) -> Any:
        context = chromium.new_context(**{"viewport": PHONE, "base_url": address, "locale": "nl-BE"} | options)
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


CONFIG = """[store]
url = "{house.url}"
[[modem]]
name = "a"
port = "{modem.link}"
driver = "at"
segments_per_day = 0
balance_method = "ussd"
balance_code = "*100#"
"""


class AtWork:
    """A box at work: the real `appliance gateway` on an emulated modem. The house keeps the clock of this machine."""

    def __init__(self, house: Any, modem: EmulatedModem) -> None:
        self.house, self.modem, self.network = house, modem, modem.network
        self._config = house.folder / "config.toml"
        self._config.write_text(CONFIG.format(house=house, modem=modem))
        self._gateway: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """It runs, and its modem is online."""
        Heartbeat.delete().execute()
        command = [sys.executable, "-m", "appliance", "--config", str(self._config), "gateway"]
        self._gateway = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for(lambda: Heartbeat.select().where(Heartbeat.service == "gateway").exists())

    def kill(self) -> None:
        """kill -9."""
        assert self._gateway
        self._gateway.kill()
        self._gateway.wait()

    def told(self, words: str) -> list[str]:
        """The numbers whose telephones were given an SMS with *words* in it, in order, as often as they were."""
        return [sent.number for sent in list(self.network.airwaves) if words in sent.text]


def try_to_log_in(page: Any, name: str, password: str) -> str:
    """The error that the page shows; empty when it let him in."""
    page.goto("/aanmelden")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Aanmelden", exact=True).click()
    return "" if page.url.endswith("/") else page.get_by_role("alert").inner_text()


def leave_now(page: Any) -> None:
    """On the check page: it is sent, without waiting for the countdown."""
    page.get_by_role("button", name="Nu versturen").click()
    page.get_by_role("button", name="Nu meteen versturen").click()
    page.wait_for_url(re.compile(r"/berichten/\d+$"), timeout=LONGEST_WAIT)


@pytest.fixture
def at_work(street: Any, lies_password: str, tmp_path: Path) -> Iterator[AtWork]:
    """Zonnebos with a box at work. A module that asks for this has a `house` that is live."""
    assert street.live
    with EmulatedModem("a", Network(), link=tmp_path / "modem-a") as modem:
        one = AtWork(street, modem)
        one.start()
        yield one
        one.kill()
