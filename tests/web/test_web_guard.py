"""What holds for every URL: nobody anonymous, no change by GET, a token on every POST, headers on every answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from appliance import alerts
from appliance.models import TABLES, Acknowledgement, Arrival, Member, ModemState
from appliance.web import guard, proof

OPEN = {  # what a stranger is answered
    "log_in.form", "log_in.enter", "static", "languages.choose", "passkeys.ask", "passkeys.answer", "recovery.form",
    "recovery.recover",
}  # fmt: skip
FIRST = "first_run."  # 404 once somebody can log in
FOR_PROGRAMS = ("api.", "metrics.")  # they know no log-in: test_web_api holds what they answer


SOMETHING = {"<int:id_>": "1", "<path:filename>": "app.css", "<name>": "verslag", "<wish>": "restart"}


def urls(app: Flask, method: str, *, programs: bool = False) -> list[tuple[str, str]]:
    """Every endpoint that answers *method*, with a URL that leads to something; those for programs only if asked."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods and (programs or not rule.endpoint.startswith(FOR_PROGRAMS)):
            parts = re.split(r"(<[^>]+>)", rule.rule)
            found.append((rule.endpoint, "".join(SOMETHING.get(part, part) for part in parts)))
    return found


def pages(app: Flask) -> list[str]:
    """What a person can look at; a PDF takes a second and is made from one of these."""
    return [path for endpoint, path in urls(app, "GET") if endpoint != "prints.as_pdf"]


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


@pytest.mark.slow
def test_nobody_anonymous_gets_past_the_log_in_form(furnished: None, stranger: Any, app: Flask) -> None:
    for endpoint, path in urls(app, "GET"):
        if endpoint.startswith(FIRST):
            assert stranger.get(path).status_code == 404, path
        elif endpoint not in OPEN:
            answer = stranger.get(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/aanmelden"), path


def test_nothing_is_on_the_page_before_log_in(furnished: None, stranger: Any) -> None:
    page = stranger.get("/aanmelden").text + stranger.get("/nergens").text
    for word in ("Zonnebos", "Lies", "lies", "3 leden", "0.1.0", "Werkzeug"):
        assert word not in page


@pytest.mark.slow
def test_no_get_changes_anything(furnished: None, lies: Any, app: Flask) -> None:
    before = everything()
    for path in pages(app):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert lies.client.open(path, method=method, buffered=True).status_code in (200, 302, 404, 405), path
            assert everything() == before, path


@pytest.mark.slow
def test_whatever_is_listed_asks_for_a_proof_once_the_last_one_is_too_old(
    furnished: None, lies: Any, app: Flask, street: Any
) -> None:
    token = lies.token("/leden/nieuw")
    listed = [(method, *url) for method in ("GET", "POST") for url in urls(app, method) if url[0] in proof.WITHIN]
    street.later(minutes=5, seconds=1)
    for method, endpoint, path in listed:
        if method == "GET":
            to = lies.get(path).headers.get("Location", "")
            assert to.startswith("/bevestigen") == (proof.WITHIN[endpoint] == proof.SENSITIVE), path
    street.later(hours=12)
    lies.get("/")  # it is kept when her device was last seen
    before = everything()
    for method, _endpoint, path in listed:
        answer = lies.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.headers["Location"].startswith("/bevestigen"), path
        assert everything() == before, path
    assert {endpoint for _, endpoint, _ in listed} == set(proof.WITHIN)


@pytest.mark.slow
def test_every_post_without_a_token_is_refused_and_changes_nothing(furnished: None, lies: Any, app: Flask) -> None:
    before = everything()
    for endpoint, path in urls(app, "POST"):
        # of a box in use, this one is gone before anything of it is read
        refused = 404 if endpoint == "first_run.restore" else 400
        for form in ({"text": "x"}, {"text": "x", "csrf_token": "IjEi.aaaaaa.bbbb"}):
            assert lies.client.post(path, data=form).status_code == refused, path
        assert everything() == before, path


@pytest.mark.slow
def test_no_post_of_a_stranger_changes_anything(furnished: None, stranger: Any, app: Flask) -> None:
    before = everything()
    token = stranger.token("/aanmelden")
    for endpoint, path in urls(app, "POST"):
        if endpoint not in OPEN and not endpoint.startswith(FIRST):
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


@pytest.mark.slow
def test_another_host_name_gets_nothing_from_any_address(furnished: None, lies: Any, app: Flask) -> None:
    before = everything()
    for method in ("GET", "POST"):
        for _, path in urls(app, method, programs=True):
            answer = lies.client.open(path, method=method, headers={"Host": "evil.example"})
            assert (answer.status_code, answer.text) == (400, "400\n"), path
    assert everything() == before


@pytest.mark.slow
def test_every_answer_carries_the_headers_errors_too(furnished: None, lies: Any, stranger: Any, app: Flask) -> None:
    """Logged in, not logged in, refused for want of a token, and not there at all."""
    for who in (lies, stranger):
        for method in ("GET", "POST"):
            for path in ["/nergens", "/static/nergens", *(path for _, path in urls(app, method, programs=True))]:
                answer = who.client.open(path, method=method, buffered=True)
                assert {name: answer.headers.get(name) for name in guard.HEADERS} == guard.HEADERS, path
                assert answer.headers.get("Cache-Control") == "no-store" or path == "/static/app.css", path


def test_what_a_page_may_load_and_do_is_its_own() -> None:
    policy = dict(rule.split(" ", 1) for rule in guard.POLICY.split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {source for sources in policy.values() for source in sources.split()} == {"'none'", "'self'", "data:"}
    assert "data:" not in policy["script-src"] + policy["style-src"] + policy["connect-src"] + policy["form-action"]


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
@pytest.mark.slow
def test_a_hostile_text_is_shown_and_never_obeyed(
    street: Any, lies: Any, app: Flask, police_alert: Callable[..., Any], text: str
) -> None:
    police_alert(text, verified=False)
    Arrival.create(key="k", kind="text", number=text, alphanumeric=True, text=text, received_at=street.now)
    ModemState.update(operator=text, model=text, registration=text, fault=text).execute()
    for path in pages(app):
        page = lies.get(path).text
        for tag in ("<img src=x", "<svg onload", "<script>alert", "<b>100", ">49<", "\u202e", "\u200b", "\x00"):
            assert tag not in page, path
    shown = lies.get("/berichten/1").text
    if text == "{{7*7}}":
        assert "{{7*7}}" in shown
    if "\u202e" in text:
        assert "[U+202E]" in shown
