"""Alerts from text to confirmation, at the command line."""

from datetime import UTC, datetime

import pytest

from appliance import alerts
from appliance.cli.alerts import DUTCH
from appliance.models import Alert, Arrival, Challenge, Delivery

ADA, LIES, OFFICER = "+32470000001", "+32470000003", "+32475000009"
COUNTS = {
    "recipients", "segments", "queued", "submitting", "in_doubt", "submitted", "delivered", "confirmed", "failed",
    "possibly_twice",
}  # fmt: skip


@pytest.fixture
def alert(village):
    """The number of a waiting alert."""
    return str(village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak in de Dorpsstraat.")["id"])


@pytest.mark.slow
def test_a_forward_is_the_decision_of_the_coordinator_at_the_box(village, alert):
    answer = village.told("alerts", "forward", alert)
    assert answer["state"] == "forwarded"
    assert answer["recipients"] == 3
    shown = village.told("alerts", "show", alert)
    assert (shown["decided_by"], shown["decided_via"]) == ("de coördinator aan de kast", "command line")


@pytest.mark.slow
def test_what_is_shown_has_the_promised_keys(village, alert):
    village.told("alerts", "forward", alert)
    shown = village.told("alerts", "show", alert)
    assert {"id", "class", "state", "text", "created", "decided_by", "counts", "recipients"} <= shown.keys()
    assert shown["counts"].keys() >= COUNTS
    assert (shown["class"], shown["text"]) == ("urgent", "Inbraak in de Dorpsstraat.")
    assert (shown["counts"]["recipients"], shown["counts"]["queued"]) == (3, 3)
    assert {row["number"] for row in shown["recipients"]} >= {ADA, LIES}
    assert {row["stage"] for row in shown["recipients"]} == {"queued"}
    assert datetime.fromisoformat(shown["created"]).tzinfo


@pytest.mark.slow
def test_a_person_is_shown_the_same(village, alert):
    village.told("alerts", "forward", alert)
    shown = village.run("alerts", "show", alert).stdout
    assert "doorgestuurd door de coördinator aan de kast" in shown
    assert "Ada Claes" in shown


@pytest.mark.slow
def test_forwarding_twice_is_refused_and_says_who_was_first(village, alert):
    village.told("alerts", "forward", alert)
    line = village.refused("alerts", "forward", alert)
    assert "doorgestuurd door de coördinator aan de kast" in line
    assert Delivery.select().where(Delivery.kind == "alert").count() == 3


@pytest.mark.slow
def test_a_delayed_alert_waits_for_its_time_on_the_clock_here(village, alert):
    answer = village.told("alerts", "forward", alert, "--at", "18:30")
    assert answer["state"] == "delayed"
    due = datetime.fromisoformat(answer["due"]).astimezone(datetime.fromisoformat(answer["due"]).tzinfo)
    assert due > datetime.now(UTC)
    assert "18:30" in village.run("alerts", "forward", alert, "--at", "18:30").stdout
    assert Delivery.select().count() == 0


def test_a_date_and_time_is_understood(village, alert):
    answer = village.told("alerts", "forward", alert, "--at", "2999-07-01T18:30")
    assert datetime.fromisoformat(answer["due"]) == datetime(2999, 7, 1, 16, 30, tzinfo=UTC)


@pytest.mark.slow
def test_the_past_is_refused_and_nonsense_is_wrong_usage(village, alert):
    assert "voorbij" in village.refused("alerts", "forward", alert, "--at", "2020-01-01T10:00")
    village.misused("alerts", "forward", alert, "--at", "straks")
    village.misused("alerts", "forward", alert, "--at", "25:00")
    village.refused("alerts", "forward", alert, "--at", "0001-01-01")
    assert Alert.get().state == "waiting"


@pytest.mark.slow
def test_a_decline_needs_a_reason(village, alert):
    village.misused("alerts", "decline", alert)
    village.misused("alerts", "decline", alert, "--why", " ")
    village.misused("alerts", "decline", alert, "--why", "caf\udce9")
    assert village.told("alerts", "show", alert)["state"] == "waiting"
    assert village.told("alerts", "decline", alert, "--why", "dubbel")["state"] == "declined"
    assert village.told("alerts", "show", alert)["why"] == "dubbel"


@pytest.mark.slow
def test_a_withdrawn_alert_keeps_back_what_was_not_sent(village, alert):
    village.told("alerts", "forward", alert)
    assert village.told("alerts", "withdraw", alert) == {"id": int(alert), "state": "withdrawn", "kept_back": 3}
    assert village.told("alerts", "close", alert)["state"] == "closed"


@pytest.mark.slow
def test_an_alert_that_waits_cannot_be_closed(village, alert):
    village.refused("alerts", "close", alert)


@pytest.mark.parametrize("verb", ["forward", "withdraw", "close", "show"])
def test_an_unknown_alert_is_refused(village, verb):
    assert "99" in village.refused("alerts", verb, "99")
    village.refused("alerts", verb, "9" * 30)


def test_without_a_member_nothing_is_promised(box):
    box.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.")
    assert "niemand" in box.refused("alerts", "forward", "1")
    assert "niemand" in box.refused("alerts", "forward", "1", "--at", "18:30")
    assert Alert.get().state == "waiting"


@pytest.mark.parametrize("text", ["", "  ", "x" * 2000, "a\x07b", "half \ud83d"])
def test_a_text_that_cannot_be_sent_is_refused(village, text):
    village.refused("alerts", "create", "--class", "urgent", "--text", text)
    assert Alert.select().count() == 0


def test_only_the_known_classes_can_be_made(village):
    village.misused("alerts", "create", "--class", "panic", "--text", "Help")
    village.misused("alerts", "create", "--text", "Help")


def test_a_police_text_typed_over_is_shown_to_every_coordinator_unverified(village):
    answer = village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.", "--source", "police")
    shown = village.told("alerts", "show", str(answer["id"]))
    assert (shown["source"], shown["verified"]) == ("police", False)
    assert Challenge.get().member.number == LIES


def test_alerts_are_listed_newest_first(village, alert):
    village.told("alerts", "create", "--class", "test", "--text", "Proef.")
    assert [row["class"] for row in village.told("alerts", "list")] == ["test", "urgent"]
    assert "wacht op een beslissing" in village.run("alerts", "list").stdout


def test_the_post_box_shows_what_nobody_has_read(village):
    now = datetime.now(UTC)
    for key, read_at in (("1", None), ("2", now)):
        Arrival.create(key=key, kind="text", number=ADA, text=f"tekst {key}", received_at=now, read_at=read_at)
    Arrival.create(key="3", kind="report", number=ADA, received_at=now)
    assert [row["text"] for row in village.told("inbox", "list")] == ["tekst 2", "tekst 1"]
    assert [row["text"] for row in village.told("inbox", "list", "--unread")] == ["tekst 1"]
    assert "tekst 1" in village.run("inbox", "list").stdout


def test_the_words_for_each_state_are_complete():
    assert DUTCH.keys() == set(alerts.AlertState)


@pytest.mark.slow
def test_a_tip_for_a_street_goes_to_who_lives_there(village):
    made = village.told("alerts", "create", "--class", "preventive", "--text", "Slot erop.", "--street", "dorpsstraat")
    village.told("alerts", "forward", str(made["id"]))
    shown = village.told("alerts", "show", str(made["id"]))
    assert shown["streets"] == ["Dorpsstraat"] and shown["counts"]["recipients"] == 2
    refused = village.refused("alerts", "create", "--class", "urgent", "--text", "Dief", "--street", "Dorpsstraat")
    assert "iedereen" in refused


def test_what_a_member_told_is_handed_on_at_the_command_line(village):
    village.told("police", "add", "Inspecteur Smets", OFFICER, "--method", "card")
    village.told("police", "appoint", OFFICER, "officer", "--number", "011 22 33 55", "--hours", "ma-vr 9-17u")
    Arrival.create(
        key="1",
        kind="text",
        number=ADA,
        text="Er staat een fiets aan mijn haag",
        state="acted",
        received_at=datetime.now(UTC),
    )
    answer = village.told("inbox", "hand-on", "1", "--words", "Een fiets in de Dorpsstraat.")
    assert answer["first"] is True and answer["handed_on"]
    assert "Een fiets in de Dorpsstraat." in Delivery.get(Delivery.number == OFFICER).text
    assert village.told("inbox", "hand-on", "1", "--told")["first"] is False
    assert village.told("inbox", "list")[0]["handed_on"] == answer["handed_on"]
    assert "geen bericht 7" in village.refused("inbox", "hand-on", "7")


def test_a_member_gets_a_ready_answer_from_the_command_line(village):
    Arrival.create(key="1", kind="text", number=ADA, text="De straat staat blank", received_at=datetime.now(UTC))
    assert village.told("inbox", "answer", "1", "other-services")["first"] is True
    assert "1722" in Delivery.get(Delivery.number == ADA).text
    assert village.told("inbox", "answer", "1", "not-for-us")["first"] is False


def test_a_tip_of_the_library_becomes_an_alert_that_waits(village):
    listed = village.told("tips", "list", "--language", "fr")
    assert {"name", "title", "text", "months"} == set(listed[0]) and "le 101" in str(listed)
    made = village.told("tips", "use", "alarm")
    shown = village.told("alerts", "show", str(made["id"]))
    assert (shown["class"], shown["state"], shown["source"]) == ("preventive", "waiting", "coordinator")
    assert "geen tip zonnebloem" in village.refused("tips", "use", "zonnebloem")
