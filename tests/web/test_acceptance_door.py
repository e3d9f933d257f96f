"""The acceptance checks about who gets in, and what a stranger may see, as they look in a browser."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright import sync_api

from appliance.access import accounts
from appliance.models import Account
from appliance.web import proof, throttle
from tests.web.conftest import BROWSER, PASSWORD, try_to_log_in
from tests.web.test_web_guard import FIRST, OPEN, everything, urls

pytestmark = BROWSER
FILES = {"prints.as_pdf", "lists.wrong_rows"}  # nothing to look at
SAID_BEFORE = ("Zonnebos", "Lies", "lies", "Jan", "Ada", "0470", "+32", "leden", "0.1.", "Werkzeug", "Flask")


@pytest.fixture
def elsewhere(chromium: Any, address: str) -> Iterator[Callable[[], Any]]:
    """Somebody's browser in which nobody has ever logged in."""
    contexts = []

    def open_() -> Any:
        contexts.append(chromium.new_context(base_url=address, locale="nl-BE"))
        return contexts[-1].new_page()

    yield open_
    for context in contexts:
        context.close()


def test_12_looking_changes_nothing_and_a_stranger_sees_only_the_log_in_form(
    furnished: None, open_page: Callable[..., Any], elsewhere: Callable[[], Any], app: Flask
) -> None:
    lies, stranger = open_page().context, elsewhere()
    knowing = elsewhere()  # her browser, but for the ear that hears its complaints: some pages do not exist
    knowing.context.add_cookies(lies.cookies())
    before = everything()
    seen = set()
    for endpoint, path in urls(app, "GET"):
        if endpoint in FILES:
            stranger.request.get(path)
            knowing.request.get(path)
            continue
        knowing.goto(path)
        stranger.goto(path)
        if endpoint.startswith(FIRST):
            assert "Deze pagina bestaat niet" in stranger.inner_text("main"), path
        elif endpoint not in OPEN:
            assert "/aanmelden?next=" in stranger.url and stranger.locator("[name=password]").is_visible(), path
            seen.add(knowing.title())
    assert everything() == before and len(seen) > 30


def test_12_what_is_sensitive_asks_who_is_there_first(
    furnished: None, open_page: Callable[..., Any], app: Flask, street: Any
) -> None:
    page = open_page()
    street.later(minutes=5, seconds=1)
    asked = [path for endpoint, path in urls(app, "GET") if proof.WITHIN.get(endpoint) == proof.SENSITIVE]
    for path in asked:
        page.goto(path)
        assert "/bevestigen?next=" in page.url and page.locator("[name=password]").is_visible(), path
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url(f"**{asked[-1]}")
    assert len(asked) > 8


def test_13_the_log_in_form_says_nothing_of_whom_it_knows(
    open_page: Callable[..., Any], elsewhere: Callable[[], Any]
) -> None:
    """What the server in front adds to it is in test_front: its name, and no version."""
    page = elsewhere()
    answer = page.goto("/")
    told = page.content() + "".join(f"{k}: {v}\n" for k, v in answer.all_headers().items() if k != "server")
    assert [word for word in SAID_BEFORE if word in told] == []
    assert try_to_log_in(page, "lies", "raden") == try_to_log_in(elsewhere(), "niemand", "raden")


def test_13_a_name_that_nobody_has_costs_the_box_as_much_work_as_one_that_somebody_has(
    elsewhere: Callable[[], Any], street: Any
) -> None:
    """Counted in processor time, which other programs do not lengthen: the time to wait follows from it."""
    Account.update(password=accounts.hash_password(PASSWORD)).execute()
    page, work = elsewhere(), {"lies": 0.0, "niemand": 0.0}
    for name in ["lies", "niemand"] * 4:
        street.later(minutes=6)  # or the answer would be to wait, which costs nothing
        began = time.process_time()
        assert try_to_log_in(page, name, "raden")
        work[name] += time.process_time() - began
    assert Account.get().failures == 4, "each was looked at"
    assert 0.7 < work["lies"] / work["niemand"] < 1.4, work


def test_13_thirty_guesses_are_slowed_down_and_the_telephone_that_lies_uses_still_gets_in(
    open_page: Callable[..., Any], elsewhere: Callable[[], Any]
) -> None:
    own, guesser = open_page(), elsewhere()
    own.get_by_role("button", name="Afmelden", exact=True).last.click()
    own.wait_for_url("**/aanmelden*")
    said = [try_to_log_in(guesser, "lies", f"raden {turn}") for turn in range(30)]
    assert all(re.search(r"opnieuw proberen over \d+ seconde", words) for words in said[throttle.FREE_FAILURES :])
    assert Account.get().failures == throttle.FREE_FAILURES, "only so many were looked at"
    assert "opnieuw proberen" in try_to_log_in(guesser, "lies", PASSWORD)
    assert try_to_log_in(own, "lies", PASSWORD) == ""
    sync_api.expect(own.locator("main")).to_contain_text("Aangemeld als Lies")
