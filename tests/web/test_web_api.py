"""A program in the house asks the box: what it may know, and that it can never send."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from appliance import alerts
from appliance.access import tokens
from appliance.alerts import AlertState
from appliance.models import Alert, Audit, Delivery, Segment, database
from appliance.web.api import ROOT
from appliance.web.metrics import CONTENT_TYPE_LATEST

WANTED = {"class": "organisation", "text": "De poort van de Kerkstraat staat open."}


@pytest.fixture
def reader(street: Any) -> str:
    return tokens.add("Thuis", False, street.now, "test")[1]


@pytest.fixture
def writer(street: Any) -> str:
    return tokens.add("Poort", True, street.now, "test")[1]


@pytest.fixture
def ask(app: Flask, lies_password: str) -> Callable[..., Any]:
    client = app.test_client()

    def make(path: str, token: str | None = None, *, method: str = "GET", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.open(ROOT + path, method=method, headers=headers | more.pop("headers", {}), **more)

    return make


def test_the_status_is_the_verdict_that_the_lamp_shows(ask, reader, police_alert):
    police_alert()
    answer = ask("/status", reader)
    assert (answer.status_code, answer.json["level"], answer.json["waiting"]) == (200, "sending", 1)
    assert answer.json["modems"][0]["operator"] == "Proximus"


def test_what_went_out_last_is_counted_and_says_no_text_name_or_number(ask, reader, police_alert, street):
    assert ask("/alerts/current", reader).json == {"alert": None}
    alert = police_alert("Inbraak Kerkstraat")
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    answer = ask("/alerts/current", reader)
    assert answer.json["alert"]["counts"]["recipients"] == 5
    assert answer.json["alert"]["state"] == "forwarded"
    for private in ("Inbraak", "Lies", "Ada", "+324"):
        assert private not in answer.text


def test_an_alert_that_is_asked_for_waits_and_nothing_is_promised_to_anybody(ask, writer):
    answer = ask("/alerts", writer, method="POST", json=WANTED)
    assert (answer.status_code, answer.json["alert"]["state"]) == (201, "waiting")
    alert = Alert.get_by_id(answer.json["alert"]["id"])
    assert (alert.author, alert.source, alert.verified) == ("Poort (automaat)", "coordinator", False)
    assert (Delivery.select().count(), Segment.select().count()) == (0, 0)


def test_the_same_text_twice_is_one_alert_until_it_is_decided(ask, writer, street):
    first = ask("/alerts", writer, method="POST", json=WANTED)
    again = ask("/alerts", writer, method="POST", json=WANTED)
    assert (again.status_code, again.json) == (200, first.json)
    alerts.decline(Alert.get(), "al dicht", "Lies", "page", street.now, street.bin)
    assert ask("/alerts", writer, method="POST", json=WANTED).status_code == 201


def test_a_program_that_runs_wild_has_three_alerts_waiting_and_no_more(ask, writer):
    answers = [ask("/alerts", writer, method="POST", json=WANTED | {"text": f"Poort {n}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert Alert.select().where(Alert.state == AlertState.WAITING).count() == 3


def test_a_token_to_read_cannot_ask(ask, reader):
    answer = ask("/alerts", reader, method="POST", json=WANTED)
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert Alert.select().count() == 0


def test_without_a_token_nobody_learns_anything(ask, lies, app):
    """Somebody who is logged in on the page included: the cookie does not count here."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    assert len(rules) == 3
    for path, method in [(r.rule.removeprefix(ROOT), m) for r in rules for m in r.methods - {"OPTIONS"}]:
        for answer in (ask(path, method=method), ask(path, "bin_guess", method=method),
                       lies.client.open(ROOT + path, method=method)):  # fmt: skip
            assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), path


@pytest.mark.slow
def test_an_address_that_is_none_says_so_and_leads_nowhere(ask, reader):
    for answer in (ask("/nowhere"), ask("/nowhere", reader)):
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_token_that_was_revoked_is_worth_nothing(ask, reader, street):
    tokens.revoke(tokens.current("Thuis"), street.now, "test")
    assert ask("/status", reader).status_code == 401
    assert tokens.add("Thuis", False, street.now, "test")[1] != reader


def test_a_token_is_nowhere_in_the_database_nor_in_the_log(reader, street):
    tables = [database.execute_sql(f"select * from {name}").fetchall() for name in ("token", "audit")]
    assert reader not in repr(tables)
    assert Audit.select().where(Audit.subject.startswith("token")).count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422), (b"[]", 422), (b'{"class": "urgent"}', 422), (b'{"class": "police", "text": "x"}', 422),
        (b'{"class": "test", "text": "x", "verified": true}', 422), (b'{"class": "test", "text": "   "}', 422),
        (b'{"class": "test", "text": "\xff"}', 422), (json.dumps(WANTED | {"text": "x" * 2001}).encode(), 422),
        (json.dumps(WANTED | {"text": "x" * 1999}).encode(), 422), (b"x" * 3_000_000, 413),
    ],
)  # fmt: skip
def test_what_is_not_a_request_is_refused_with_a_reason_and_changes_nothing(ask, writer, body, status):
    answer = ask("/alerts", writer, method="POST", data=body, content_type="application/json")
    assert (answer.status_code, bool(answer.json["detail"])) == (status, True)
    assert Alert.select().count() == 0


def test_a_page_elsewhere_cannot_ask_even_with_the_token(ask, writer):
    answer = ask("/alerts", writer, method="POST", json=WANTED, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert Alert.select().count() == 0


def test_a_form_is_no_request_for_an_alert(ask, writer):
    assert ask("/alerts", writer, method="POST", data=WANTED).status_code == 415


def test_prometheus_on_the_box_reads_numbers_and_nothing_about_people(app, lies_password, police_alert):
    police_alert("Inbraak Kerkstraat")
    answer = app.test_client().get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, CONTENT_TYPE_LATEST)
    lines = answer.text.splitlines()
    assert 'bin_kast_modem_online{modem="a"} 1.0' in lines
    assert "bin_kast_waiting_alerts 1.0" in lines
    assert 'bin_kast_level{level="sending"} 1.0' in lines
    assert not any(private in answer.text for private in ("Inbraak", "Lies", "+324", "Noord"))


@pytest.mark.parametrize(
    ("address", "headers"),
    [("192.168.1.20", {}), ("127.0.0.1", {"X-Forwarded-For": "192.168.1.20"}), ("127.0.0.1", {"Forwarded": "for=a"})],
)
def test_metrics_are_for_this_box_only(app, address, headers):
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)
    assert answer.status_code == 404
