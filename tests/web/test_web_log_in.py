"""Logging in: one text for all failures, a delay that grows, and sessions that die."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from appliance import accounts
from appliance.models import Account
from appliance.web import throttle

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ONE_TEXT = "Naam of wachtwoord klopt niet."


def test_lies_logs_in_and_lands_on_the_start_page(stranger: Any) -> None:
    assert stranger.log_in().headers["Location"] == "/"
    assert "Klaar om te versturen" in stranger.get("/").text


def test_capitals_in_the_name_do_not_matter(stranger: Any) -> None:
    assert stranger.log_in(name="LIES").status_code == 302


@pytest.mark.parametrize(("name", "password"), [("lies", "fout"), ("nobody", "fout"), ("lies", "x" * 500), ("", "")])
def test_every_failure_says_the_same(stranger: Any, name: str, password: str) -> None:
    answer = stranger.log_in(name=name, password=password)
    assert ONE_TEXT in answer.text
    assert "lies" not in answer.text.lower().replace("aanmelden", "")


def test_a_closed_account_fails_with_the_same_words(stranger: Any) -> None:
    Account.update(active=False).execute()
    assert ONE_TEXT in stranger.log_in().text
    assert stranger.get("/").status_code == 302


def test_the_cookie_is_another_one_after_logging_in_and_scripts_cannot_read_it(stranger: Any) -> None:
    stranger.get("/aanmelden")
    before = stranger.client.get_cookie("bin")
    answer = stranger.log_in()
    after = stranger.client.get_cookie("bin")
    assert before and after and before.value != after.value
    session = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("bin="))
    assert "HttpOnly" in session and "SameSite=Lax" in session


def test_behind_tls_every_cookie_is_secure(make_app: Callable[..., Flask], lies_password: str) -> None:
    client = make_app(https=True).test_client()
    answer = client.get("/aanmelden", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-bin=") and "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leads_away(stranger: Any, next_: str) -> None:
    target = stranger.log_in(next_=next_).headers["Location"]
    assert target.startswith("/") and target[:2] not in ("//", "/\\")


def test_next_leads_to_where_lies_wanted_to_be(stranger: Any) -> None:
    assert stranger.get("/leden").headers["Location"] == "/aanmelden?next=/leden"
    assert stranger.log_in(next_="/leden").headers["Location"] == "/leden"


def test_wrong_passwords_slow_the_next_ones_down_and_never_lock(stranger: Any, street: Any) -> None:
    for _ in range(throttle.FREE_FAILURES):
        stranger.log_in(password="fout")
    refused = stranger.log_in()
    assert refused.status_code == 200 and "U kunt opnieuw proberen over" in refused.text
    street.now += throttle.LONGEST_PAUSE
    assert stranger.log_in().status_code == 302


def test_an_unknown_name_is_slowed_down_in_the_same_way(new_browser: Callable[..., Any]) -> None:
    def after_failures(name: str, address: str) -> str:
        browser = new_browser(address)
        for _ in range(throttle.FREE_FAILURES + 1):
            answer = browser.log_in(name=name, password="fout")
        return str(answer.text).split('role="alert"')[1].split("</p>")[0]

    assert after_failures("lies", "10.0.0.1") == after_failures("nobody", "10.0.0.2")


def test_a_guesser_does_not_keep_lies_out_of_a_browser_that_she_used_before(
    new_browser: Callable[..., Any], lies: Any
) -> None:
    lies.post("/afmelden", "/")
    guesser = new_browser("10.0.0.66")
    for _ in range(throttle.FREE_FAILURES + 3):
        guesser.log_in(password="fout")
    assert lies.log_in().status_code == 302


def test_a_new_password_ends_the_session_in_the_other_browser(lies: Any) -> None:
    accounts.set_password(Account.get(), "een ander lang wachtwoord", NOON, "test")
    assert lies.get("/").headers["Location"].startswith("/aanmelden")
    assert lies.get("/stand", headers={"X-Poll": "1"}).status_code == 401


def test_a_copied_cookie_is_dead_after_logging_out(app: Flask, lies: Any) -> None:
    cookie = lies.client.get_cookie("bin")
    assert cookie
    assert lies.post("/afmelden", "/").status_code == 302
    thief = app.test_client()
    thief.set_cookie("bin", cookie.value)
    assert thief.get("/").status_code == 302


def test_a_session_is_over_after_twelve_hours(app: Flask) -> None:
    assert app.permanent_session_lifetime == timedelta(hours=12)
    assert app.config["SESSION_REFRESH_EACH_REQUEST"] is False


def test_the_pause_grows_to_a_limit_and_a_clock_set_back_does_not_lengthen_it() -> None:
    pauses = [throttle.pause(failures, NOON, NOON) for failures in range(20)]
    assert pauses == sorted(pauses) and pauses[-1] == throttle.LONGEST_PAUSE
    assert throttle.pause(3, NOON, NOON - timedelta(days=1)) == throttle.FIRST_PAUSE
