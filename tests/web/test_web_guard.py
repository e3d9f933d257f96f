"""What holds for every URL: nobody anonymous, no change by GET, a token on every POST, headers on every answer."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from appliance import alerts
from appliance.models import TABLES, Acknowledgement, Arrival, Member, ModemState

OPEN = {"security.login", "static"}


def urls(app: Flask, method: str) -> list[tuple[str, str]]:
    """Every endpoint that answers *method*, with a URL that leads to something."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            path = rule.rule.replace("<int:id_>", "1").replace("<path:filename>", "app.css")
            found.append((rule.endpoint, path))
    return found


def everything() -> list[Any]:
    return [list(table.select().tuples()) for table in TABLES]


@pytest.fixture
def furnished(street: Any, police_alert: Callable[..., Any]) -> None:
    """Something behind every id 1."""
    alerts.forward(police_alert(), "Lies", "sms", street.now, street.bin)
    police_alert("Nog een")
    Arrival.create(key="1", kind="text", number="+32470000201", text="hallo", received_at=street.now)
    Acknowledgement.create(kind="button", detail="1", at=street.now)
    assert Member.get_by_id(1)


def test_nobody_anonymous_gets_past_the_log_in_form(furnished: None, stranger: Any, app: Flask) -> None:
    for endpoint, path in urls(app, "GET"):
        if endpoint not in OPEN:
            answer = stranger.get(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/aanmelden"), path


def test_nothing_is_on_the_page_before_log_in(furnished: None, stranger: Any) -> None:
    page = stranger.get("/aanmelden").text + stranger.get("/nergens").text
    for word in ("Zonnebos", "Lies", "lies", "3 leden", "0.1.0", "Werkzeug"):
        assert word not in page


def test_no_get_changes_anything(furnished: None, lies: Any, app: Flask) -> None:
    before = everything()
    for _, path in urls(app, "GET"):
        assert lies.get(path).status_code in (200, 302, 405), path
    assert everything() == before


def test_every_post_without_a_token_is_refused_and_changes_nothing(furnished: None, lies: Any, app: Flask) -> None:
    before = everything()
    for _, path in urls(app, "POST"):
        assert lies.client.post(path, data={"text": "x"}).status_code == 400, path
    assert everything() == before


def test_no_post_of_a_stranger_changes_anything(furnished: None, stranger: Any, app: Flask) -> None:
    before = everything()
    token = stranger.token("/aanmelden")
    for endpoint, path in urls(app, "POST"):
        if endpoint not in OPEN:
            answer = stranger.client.post(path, data={"csrf_token": token, "choice": "decline", "why": "x"})
            assert answer.status_code == 302 and "/aanmelden" in answer.headers["Location"], path
    assert everything() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_post_from_another_page_is_refused_even_with_a_token(lies: Any, headers: dict[str, str]) -> None:
    token = lies.token("/leden/nieuw")
    answer = lies.client.post(
        "/leden/nieuw", data={"csrf_token": token, "name": "X", "number": "0470999999"}, headers=headers
    )
    assert answer.status_code == 403
    assert not Member.select().where(Member.name == "X").exists()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "169.254.169.254"])
def test_another_host_name_gets_nothing(lies: Any, host: str) -> None:
    answer = lies.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "Lies" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/aanmelden", "/nergens", "/static/app.css", "/static/nergens", "/static/%2e%2e/%2e%2e/models.py"]
)
def test_every_answer_carries_the_headers_errors_too(lies: Any, path: str) -> None:
    headers = lies.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store" or path.startswith("/static/a")


def test_an_error_inside_says_so_in_plain_words_and_tells_nothing_else(
    make_app: Callable[..., Flask], lies_password: str
) -> None:
    app = make_app()

    def break_() -> str:
        raise ZeroDivisionError("a secret")

    app.config["PUBLIC_ENDPOINTS"].add("break_")
    app.add_url_rule("/stuk", view_func=break_)
    answer = app.test_client().get("/stuk")
    assert answer.status_code == 500
    assert "Er ging iets mis in de kast" in answer.text and "secret" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_forwarded_address_is_believed_only_behind_nginx(make_app: Callable[..., Flask], lies_password: str) -> None:
    seen = []
    for https in (False, True):
        app = make_app(https=https)
        app.config["PUBLIC_ENDPOINTS"].add("address")
        app.add_url_rule("/wie", "address", lambda: request.remote_addr or "")
        seen.append(app.test_client().get("/wie", headers={"X-Forwarded-For": "10.9.8.7"}).text)
    assert seen == ["127.0.0.1", "10.9.8.7"]


def test_a_list_that_is_too_big_is_refused(lies: Any) -> None:
    assert lies.client.post("/leden/nieuw", data={"name": "x" * 3_000_000}).status_code == 413


HOSTILE = (
    '<img src=x onerror="alert(1)">', "<svg onload=alert(1)>", '"><script>alert(1)</script>', "{{7*7}}", "${7*7}",
    "{% raw %}", "'; DROP TABLE member;--", "a\u202eb", "zero\u200bwidth", "l'Église & <b>100€</b>",
    "javascript:alert(1)", "bel\x07 en nul\x00",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_never_obeyed(
    street: Any, lies: Any, app: Flask, police_alert: Callable[..., Any], text: str
) -> None:
    police_alert(text, verified=False)
    Arrival.create(key="k", kind="text", number=text, alphanumeric=True, text=text, received_at=street.now)
    ModemState.update(operator=text, model=text, registration=text, fault=text).execute()
    for _, path in urls(app, "GET"):
        page = lies.get(path).text
        for tag in ("<img src=x", "<svg onload", "<script>alert", "<b>100", ">49<", "\u202e", "\u200b", "\x00"):
            assert tag not in page, path
    shown = lies.get("/berichten/1").text
    if text == "{{7*7}}":
        assert "{{7*7}}" in shown
    if "\u202e" in text:
        assert "[U+202E]" in shown
