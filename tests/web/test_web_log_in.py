"""Logging in: one text for all failures, a delay that grows, and sessions that die."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask

from appliance.access import accounts, devices, second_proof
from appliance.models import Account, Device, RecoveryCode
from appliance.people import members
from appliance.people.members import Role
from appliance.web import throttle

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ONE_TEXT = "Naam, wachtwoord of code klopt niet."


def test_lies_logs_in_and_lands_on_the_start_page(stranger: Any) -> None:
    assert stranger.log_in().headers["Location"] == "/"
    assert "Klaar om te versturen" in stranger.get("/").text


def test_capitals_in_the_name_do_not_matter(stranger: Any) -> None:
    assert stranger.log_in(name="LIES").status_code == 302


@pytest.mark.parametrize(("name", "password"), [("lies", "fout"), ("nobody", "fout"), ("lies", "x" * 500), ("", "")])
def test_every_failure_says_the_same(stranger: Any, name: str, password: str) -> None:
    answer = stranger.log_in(name=name, password=password)
    assert ONE_TEXT in answer.text
    but_what_was_typed = answer.text.replace(f'name="username" value="{name}"', "")
    assert "lies" not in but_what_was_typed.lower().replace("aanmelden", "")


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


@pytest.mark.parametrize(
    "next_",
    ["//evil.example", "///evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example", "/\n/evil.example", "/leden\\@evil.example", " //evil.example", "javascript:alert(1)",
     "leden"],
)  # fmt: skip
def test_next_never_leads_away(stranger: Any, next_: str) -> None:
    target = stranger.log_in(next_=next_).headers["Location"]
    assert target.startswith("/") and target[:2] not in ("//", "/\\")


def test_next_leads_to_where_lies_wanted_to_be(stranger: Any) -> None:
    assert stranger.get("/leden").headers["Location"] == "/aanmelden?next=/leden"
    assert stranger.log_in(next_="/leden").headers["Location"] == "/leden"


def test_who_is_in_already_goes_on_to_where_she_wanted_to_be(lies: Any) -> None:
    assert lies.get("/aanmelden?next=/leden").headers["Location"] == "/leden"


def test_a_name_that_nobody_has_takes_as_much_work_as_a_wrong_password(
    lies_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def watch(what: str) -> None:
        real = getattr(PasswordHasher, what)
        monkeypatch.setattr(PasswordHasher, what, lambda *given: (done.append(what), real(*given))[1])

    watch("hash")
    watch("verify")
    assert not accounts.is_password(Account.get(), "fout") and not accounts.is_password(None, "fout")
    assert done == ["verify", "hash"]


def test_a_password_is_the_same_on_every_keyboard_and_all_of_it_counts(lies_password: str) -> None:
    lies = Account.get()
    for kept, typed in (("cafe\u0301 om de hoek", "caf\u00e9 om de hoek"), ("x" * 128, "x" * 128)):
        lies.password = accounts.hash_password(kept)
        assert accounts.is_password(lies, typed)
        assert not accounts.is_password(lies, typed[:-1]) and not accounts.is_password(lies, typed + "x")


@pytest.mark.parametrize("kept", ["", "!", "$argon2id$v=19$m=65536", "pbkdf2:sha256:1$a$b"])
def test_what_is_no_hash_of_ours_opens_nothing(lies_password: str, kept: str) -> None:
    lies = Account.get()
    lies.password = kept
    assert not accounts.is_password(lies, kept)


def test_wrong_passwords_slow_the_next_ones_down_and_never_lock(stranger: Any, street: Any) -> None:
    for _ in range(throttle.FREE_FAILURES):
        stranger.log_in(password="fout")
    refused = stranger.log_in()
    assert refused.status_code == 422 and "U kunt opnieuw proberen over" in refused.text
    street.now += throttle.LONGEST_PAUSE
    assert stranger.log_in().status_code == 302


def test_after_a_wrong_password_only_that_has_to_be_typed_again(stranger: Any) -> None:
    page = stranger.log_in(name='Lies "D', password="fout")
    assert 'name="username" value="Lies &#34;D"' in page.text and "fout" not in page.text
    assert re.search(r'name="password"[^>]* autofocus>', page.text)
    assert "autofocus" not in stranger.get("/aanmelden").text


def test_an_unknown_name_is_slowed_down_in_the_same_way(new_browser: Callable[..., Any]) -> None:
    def after_failures(name: str, address: str) -> str:
        browser = new_browser(address)
        for _ in range(throttle.FREE_FAILURES + 1):
            answer = browser.log_in(name=name, password="fout")
        return str(answer.text).split('role="alert"')[1].split("</p>")[0]

    assert after_failures("lies", "10.0.0.1") == after_failures("nobody", "10.0.0.2")


def test_hours_later_too_a_name_that_somebody_has_fails_as_one_that_nobody_has(
    street: Any, new_browser: Callable[..., Any]
) -> None:
    guessers = {"lies": new_browser("10.0.0.1"), "nobody": new_browser("10.0.0.2")}
    for minutes in (0, 0, 0, 6, 6, 61, 0, 0, 6, 600, 0, 0, 0):
        street.later(minutes=minutes)
        said = {name: guesser.log_in(name, "raden").text for name, guesser in guessers.items()}
        alone = [re.search(r"Naam, wachtwoord of code[^<]*", text) for text in said.values()]
        assert alone[0] and alone[1] and alone[0][0] == alone[1][0]


def test_a_guesser_does_not_keep_lies_out_of_a_browser_that_she_used_before(
    new_browser: Callable[..., Any], lies: Any
) -> None:
    lies.post("/afmelden", "/")
    guesser = new_browser("10.0.0.66")
    for _ in range(throttle.FREE_FAILURES + 3):
        guesser.log_in(password="fout")
    assert lies.log_in().status_code == 302


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_device_reads_for_thirty_days_and_sending_asks_for_a_proof_of_today(
    lies: Any, street: Any, police_alert: Callable[..., Any]
) -> None:
    alert = police_alert()
    street.later(hours=13)
    assert lies.get("/berichten").status_code == 200
    check = f"/berichten/{alert.id}/nakijken"
    assert lies.get(check).headers["Location"] == f"/bevestigen?next={check}"
    assert "Dit wachtwoord klopt niet" in lies.post("/bevestigen", "/bevestigen", password="fout", next=check).text
    before = lies.client.get_cookie("bin").value
    assert lies.post("/bevestigen", "/bevestigen", password=lies.password, next=check).headers["Location"] == check
    assert lies.client.get_cookie("bin").value != before
    assert lies.get(check).status_code == 200
    street.later(days=31)
    assert lies.get("/").headers["Location"].startswith("/aanmelden")


def test_a_page_that_polls_does_not_keep_itself_logged_in(lies: Any, street: Any) -> None:
    for _ in range(4):
        street.later(days=10)
        answer = lies.get("/stand", headers={"X-Poll": "1"})
    assert answer.status_code == 401


def test_lies_signs_her_lost_phone_out_and_stays_in_herself(lies: Any, new_browser: Callable[..., Any]) -> None:
    phone = new_browser("10.0.0.9")
    phone.client.get("/aanmelden", headers={"User-Agent": "x"})
    phone.log_in()
    assert "laatst gezien" in lies.get("/toegang").text
    lost = Device.select().order_by(Device.id.desc()).get()
    lies.post(f"/toegang/toestel/{lost.id}/afmelden", "/toegang")
    assert phone.get("/").status_code == 302 and lies.get("/").status_code == 200


@pytest.mark.slow
def test_a_new_password_leaves_only_the_browser_in_which_it_was_set(lies: Any, new_browser: Callable[..., Any]) -> None:
    other = new_browser("10.0.0.9")
    other.log_in()
    weak = lies.post("/toegang/wachtwoord", "/toegang/wachtwoord", password="kort")
    assert weak.status_code == 422 and "minstens 12 tekens" in weak.text
    assert lies.post("/toegang/wachtwoord", "/toegang/wachtwoord", password="een heel ander woord").status_code == 302
    assert other.get("/").status_code == 302 and lies.get("/").status_code == 200
    assert other.log_in().status_code == 422
    assert other.log_in(password="een heel ander woord").status_code == 302


@pytest.mark.slow
def test_a_line_of_the_recovery_sheet_sets_a_new_password_once(lies: Any, new_browser: Callable[..., Any]) -> None:
    page = lies.post("/toegang/herstelblad", "/toegang/herstelblad").text
    lines = re.findall(r"<code>([a-z0-9-]{14})</code>", page)
    assert len(lines) == 10 and len(set(lines)) == 10
    assert not any(line in str(row) for row in RecoveryCode.select().dicts() for line in lines)
    lost = new_browser("10.0.0.9")

    def recover(code: str) -> Any:
        return lost.post("/herstel", "/herstel", username="lies", code=code, password="nog een ander woord")

    assert "Naam of herstelcode klopt niet" in recover("aaaa-bbbb-cccc").text
    assert recover(lines[3].upper().replace("-", " ")).headers["Location"] == "/toegang"
    assert lost.get("/").status_code == 200 and lies.get("/").status_code == 302
    assert recover(lines[3]).status_code == 422
    assert second_proof.codes_left(Account.get()) == 9


@pytest.mark.slow
def test_the_app_is_asked_for_once_it_is_set_up_and_no_code_works_twice(
    lies: Any, street: Any, new_browser: Callable[..., Any]
) -> None:
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", lies.get("/toegang/app").text)
    assert secret
    totp = pyotp.TOTP(secret[1])
    assert lies.post("/toegang/app", "/toegang/app", code="000000").status_code == 422
    assert lies.post("/toegang/app", "/toegang/app", code=totp.at(street.now)).status_code == 302
    other = new_browser("10.0.0.9")

    def log_in(code: str) -> int:
        form = {"username": "lies", "password": lies.password, "code": code}
        return int(other.post("/aanmelden", "/aanmelden", **form).status_code)

    assert log_in("") == 422
    assert log_in(totp.at(street.now)) == 422, "used already"
    assert log_in(totp.at(street.later(minutes=6))) == 302
    off = lies.post("/toegang/app/uit", "/toegang")
    assert off.headers["Location"].startswith("/bevestigen"), "five minutes are over"
    lies.post("/bevestigen", "/bevestigen", password=lies.password)
    lies.post("/toegang/app/uit", "/toegang")
    assert new_browser("10.0.0.7").log_in().status_code == 302


@pytest.mark.slow
def test_the_next_coordinator_gets_a_password_once_and_the_last_one_cannot_be_removed(lies: Any, street: Any) -> None:
    given = lies.post("/overdracht", "/overdracht", name="Jan", number="0470 00 01 02").text
    username, password = re.search(r"<dd>(jan)</dd>.*?<code>([a-z0-9-]{19})</code>", given, re.DOTALL).groups()  # type: ignore[union-attr]
    assert password not in lies.get("/overdracht").text
    jan = Account.get(Account.username == username)
    assert lies.post(f"/overdracht/{jan.member.id}/weg", "/overdracht").status_code == 302
    me = Account.get(Account.username == "lies").member
    refused = lies.post(f"/overdracht/{me.id}/weg", "/overdracht")
    assert refused.status_code == 422 and "Iemand moet kunnen aanmelden" in refused.text
    assert members.by_number("+32470000102").role == Role.MEMBER  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130", "Edge, Windows"),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_device_is_named_in_our_words(said: str, label: str) -> None:
    assert devices.label(said) == label


def test_the_pause_grows_to_a_limit_and_a_clock_set_back_does_not_lengthen_it() -> None:
    pauses = [throttle.pause(failures, NOON, NOON) for failures in range(20)]
    assert pauses == sorted(pauses) and pauses[-1] == throttle.LONGEST_PAUSE
    assert throttle.pause(3, NOON, NOON - timedelta(days=1)) == throttle.FIRST_PAUSE
