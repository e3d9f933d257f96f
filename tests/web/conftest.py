"""The street with its page: Lies can log in, a modem is online, and the police have written."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from werkzeug.test import TestResponse

from appliance import alerts, members
from appliance.alerts import MessageClass, Source
from appliance.models import Account, Alert, ModemState
from appliance.web import WebSettings, create_app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser."""
    program = shutil.which("chromium")
    assert program, "Debian's chromium is not installed: make test-packages"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


PASSWORD = "mei-tuin-kast-zeven"


@pytest.fixture(scope="session")
def quick_hash() -> str:
    """PASSWORD, hashed with a cost that a hundred tests can bear; the real cost is tested in test_web_log_in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


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
    Account.create(username="lies", member=lies, password=quick_hash, fs_uniquifier="u" * 64, created_at=street.now)
    return PASSWORD


@pytest.fixture
def make_app(street: Any) -> Callable[..., Flask]:
    def make(**changes: object) -> Flask:
        values = {"secret_key": "s" * 40, "trusted_hosts": ("localhost", "127.0.0.1"), "https": False} | changes
        return create_app(WebSettings(**values), street.bin, street.clock)  # type: ignore[arg-type]

    return make


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
def police_alert(street: Any) -> Callable[..., Alert]:
    """A text from a police officer that waits for a decision."""
    officer = street.officer("Zone Noord", "0470000900")

    def make(text: str = "Inbraak Kerkstraat, bel 101", verified: bool = True) -> Alert:
        return alerts.create(
            MessageClass.URGENT, Source.POLICE, text, officer.name, street.now, street.bin, contact=officer,
            verified=verified,
        )  # fmt: skip

    return make
