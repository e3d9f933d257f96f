"""After it has left: tell the silent once more, take it back, say how it ended, go on, call."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from appliance import alerts
from appliance.alerts import progress
from appliance.models import Alert, Audit, Callee, Delivery, ModemState, Phoned, Segment
from appliance.people import call_list
from appliance.queue import outbox, reports
from appliance.queue.outbox import Kind
from appliance.queue.subscription import Room
from appliance.upkeep import retention
from appliance.web import pictures


@pytest.fixture
def out(street: Any, police_alert: Callable[..., Alert]) -> Alert:
    """An urgent text that everybody has; Ada's handset reported, and Ben answered."""
    alert = police_alert("Inbraak Kerkstraat")
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    for turn in range(20):
        if segment := outbox.claim("a", street.now):
            outbox.accepted(segment, turn, street.later(seconds=4))
    row = Segment.get((Segment.number == "+32470000201") & (Segment.rank == 10))
    reports.settle(row.number, row.message_reference, 0, street.later(seconds=30))
    alerts.confirm("+32470000202", "reply", street.later(minutes=2))
    return alert


def owed(kind: Kind) -> set[str]:
    return {delivery.number for delivery in Delivery.select().where(Delivery.kind == kind)}


@pytest.mark.slow
def test_the_silent_get_it_once_more_and_never_again(lies: Any, out: Alert) -> None:
    page = f"/berichten/{out.id}"
    assert "Herinner deze 4 leden" in lies.get(page).text
    lies.post(f"{page}/herhalen", page)
    assert "+32470000202" not in owed(Kind.REPEAT) and len(owed(Kind.REPEAT)) == 4
    again = lies.get(page).text
    assert "4 leden krijgen het nog eens." in again and "Herinner deze" not in again
    lies.post(f"{page}/herhalen", page)
    assert "al herhaald" in lies.get(page).text
    assert Delivery.select().where(Delivery.kind == Kind.REPEAT).count() == 4


@pytest.mark.slow
def test_a_correction_is_one_tap_away_and_goes_to_exactly_those_who_got_it(
    lies: Any, street: Any, out: Alert, after_countdown: Callable[[], None]
) -> None:
    street.enrol("Dora", "0470000204")
    answer = lies.post(f"/berichten/{out.id}/rechtzetting", f"/berichten/{out.id}")
    assert answer.headers["Location"] == "/nieuw/nakijken" and Alert.select().count() == 1
    check = lies.get("/nieuw/nakijken").text
    assert "versturen naar 5 leden" in check and "Inbraak Kerkstraat" in check
    assert "<h1>Rechtzetting sturen</h1>" in lies.get("/nieuw").text
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=re.search(r'name="token" value="(\w+)"', check)[1])
    after_countdown()
    correction = Alert.select().order_by(Alert.id.desc()).get()
    told = {row.number for row in Delivery.select().where((Delivery.alert == correction) & (Delivery.kind == "alert"))}
    assert correction.about == out and len(told) == 5 and "+32470000204" not in told
    assert Alert.get_by_id(out.id).state == "closed"


@pytest.mark.slow
def test_how_it_ended_is_asked_for_until_the_members_heard_it(lies: Any, street: Any, out: Alert) -> None:
    assert "hoe het afliep" in lies.get(f"/berichten/{out.id}").text
    assert "hoe het afliep" not in lies.get("/").text
    street.later(hours=2)
    assert "Van 1 bericht weten de leden nog niet hoe het afliep" in lies.get("/").text
    lies.post(f"/berichten/{out.id}/afloop", f"/berichten/{out.id}")
    form = lies.get("/nieuw").text
    assert "Hoe liep het af?" in form and "DRINGEND – " not in form and 'value="urgent"' not in form
    fields = {"about": str(out.id), "message_class": "feedback", "text": "Dader gevat"}
    assert "Vink aan dat er niets in staat over het onderzoek" in lies.post("/nieuw", "/nieuw", **fields).text
    fields["nothing_secret"] = "1"
    assert lies.post("/nieuw", "/nieuw", **fields).headers["Location"] == "/nieuw/nakijken"
    lies.post("/nieuw", "/nieuw", action="new", **fields)
    assert 'value="urgent"' in lies.get("/nieuw").text


@pytest.mark.parametrize("about", ["", "99", "2", "x"])
def test_an_outcome_of_nothing_that_left_cannot_be_written(
    lies: Any, out: Alert, police_alert: Callable[..., Alert], about: str
) -> None:
    police_alert("wacht nog")
    form = {"about": about, "message_class": "feedback", "text": "Dader gevat"}
    assert lies.post("/nieuw", "/nieuw", **form).status_code == 422


def test_what_waits_for_room_goes_on_when_a_coordinator_says_so(
    lies: Any, street: Any, police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    ModemState.update(room=Room.DECIDED).execute()
    page = f"/berichten/{alert.id}"
    assert "5 sms'en wachten: het plafond" in lies.get(page).text
    lies.post(f"{page}/doorgaan", page)
    assert "Toch versturen" not in lies.get(page).text
    texts = Segment.select().join(Delivery).where(Delivery.kind == Kind.ALERT)
    assert texts.count() == 5 and all(segment.goes_over for segment in texts)


def test_who_is_silent_is_listed_by_street_with_a_link_to_call(lies: Any, out: Alert) -> None:
    page = lies.get(f"/berichten/{out.id}/stil").text
    assert "4 leden lieten nog niets weten" in page
    assert "tel:+32470000201" in page and "tel:+32470000202" not in page
    assert page.index("Kerkstraat") < page.index("Lindedreef") < page.index("Zonder straat")


@pytest.mark.slow
def test_the_call_list_is_printed_and_the_log_says_so(lies: Any, street: Any, out: Alert) -> None:
    call_list.add("Oma Rosa", "011 22 33 45", "Kerkstraat", "2026", street.now, "test")
    sheet = lies.post(f"/afdrukken/bellen/{out.id}", f"/berichten/{out.id}/stil").text
    assert "Oma Rosa" in sheet and "heeft geen gsm" in sheet and "Inbraak Kerkstraat" in sheet
    last = Audit.select().order_by(Audit.id.desc()).first()
    assert (last.verb, last.subject) == ("printed calls", f"alert {out.id}")


def test_the_timeline_tells_who_did_what_from_the_log_and_how_far_it_came(lies: Any, street: Any, out: Alert) -> None:
    alerts.repeat(out, "Lies", street.later(minutes=5))
    alerts.close(out, "Jan", "sms", street.later(minutes=5), street.bin)
    told = lies.get(f"/berichten/{out.id}").text.split("Tijdlijn")[1]
    sentences = (
        "Bericht van Zone Noord", "Lies stuurde het door op deze pagina", "Eerste sms aanvaard", "Laatste sms",
        "Lies liet het herhalen", "Jan sloot het af per sms",
    )  # fmt: skip
    places = [told.index(sentence) for sentence in sentences]
    assert places == sorted(places)


def test_pictures_say_the_same_as_their_tables(lies: Any, out: Alert) -> None:
    page = lies.get(f"/berichten/{out.id}/beelden").text
    assert page.count("<polyline") == 3 and "Hoeveel leden, van 12u00 tot 12u0" in page
    kerkstraat = re.search(r'row">Kerkstraat.*?</tr>', page, re.DOTALL)[0]
    assert re.findall(r"<td>(\d)</td>", kerkstraat) == ["2", "1", "1", "0"]


def test_before_anything_left_there_is_no_picture(lies: Any, police_alert: Callable[..., Alert]) -> None:
    assert "nog niets vertrokken" in lies.get(f"/berichten/{police_alert().id}/beelden").text


def test_a_thousand_people_in_an_hour_are_few_points_and_rows(out: Alert, street: Any) -> None:
    one = next(line for line in progress.of(out).lines if line.submitted_at)
    many = [replace(one, submitted_at=one.submitted_at + timedelta(seconds=4 * turn)) for turn in range(1000)]
    told = pictures.wall_clock(many)
    assert told and len(told.rows) <= pictures.MOST_ROWS
    assert told.rows[-1].accepted == 1000 and all(len(line) < 9_000 for line in told.lines.values())


# --- zelf gebeld


@pytest.fixture
def rosa(street: Any) -> Callee:
    """She has no mobile, and agreed to be rung."""
    return call_list.add("Oma Rosa", "011 22 33 45", "Kerkstraat", "2026", street.now, "test")


def ticked(lies: Any, out: Alert, whom: str, number: int, **more: str) -> int:
    page = f"/berichten/{out.id}/stil"
    return int(lies.post(f"/berichten/{out.id}/gebeld", page, whom=whom, number=number, **more).status_code)


def test_a_neighbour_without_a_mobile_is_rung_and_ticked_once(lies: Any, out: Alert, rosa: Callee) -> None:
    page = lies.get(f"/berichten/{out.id}/stil").text
    assert "Oma Rosa" in page and "tel:+3211223345" in page and "Zelf gebeld" in page
    for _ in range(2):
        assert ticked(lies, out, "callee", rosa.id) == 302
    assert "gebeld om 12u0" in lies.get(f"/berichten/{out.id}/stil").text
    assert "1 mens hoorde het van iemand die belde" in lies.get(f"/berichten/{out.id}").text
    assert progress.of(out).counts["phoned"] == 1
    assert [row.detail for row in Audit.select().where(Audit.verb == "told by telephone")] == [f"callee {rosa.id}"]


def test_told_by_telephone_is_not_confirmed_and_not_texted_again(lies: Any, out: Alert) -> None:
    ada = Delivery.get((Delivery.number == "+32470000201") & (Delivery.kind == Kind.ALERT))
    before = progress.of(out).counts
    ticked(lies, out, "delivery", ada.id)
    after = progress.of(out).counts
    assert (after["confirmed"], after["phoned"], before["phoned"]) == (before["confirmed"], 1, 0)
    assert ada.number not in {delivery.number for delivery in alerts.silent_deliveries(out)}
    assert "Herinner deze 3 leden" in lies.get(f"/berichten/{out.id}").text


def test_a_slip_is_taken_back(lies: Any, out: Alert, rosa: Callee) -> None:
    ticked(lies, out, "callee", rosa.id)
    ticked(lies, out, "callee", rosa.id, undo="1")
    assert progress.of(out).counts["phoned"] == 0


def test_nobody_is_ticked_who_was_not_to_be_called(
    lies: Any, street: Any, out: Alert, police_alert: Callable[..., Alert]
) -> None:
    other, silent = police_alert("een ander"), call_list.add("Jef", "", "", "", street.now, "test")
    alerts.forward(other, "Lies", "page", street.now, street.bin)
    theirs = Delivery.get((Delivery.alert == other) & (Delivery.kind == Kind.ALERT))
    for whom, number in (("callee", silent.id), ("callee", 99), ("delivery", theirs.id), ("member", 1)):
        assert ticked(lies, out, whom, number) == 404
    assert not Phoned.select().exists()


@pytest.mark.slow
def test_who_was_rung_is_forgotten_with_who_confirmed_and_the_count_stays(
    lies: Any, street: Any, out: Alert, rosa: Callee
) -> None:
    ticked(lies, out, "callee", rosa.id)
    retention.erase(street.later(days=31), street.bin)
    assert not Phoned.select().exists() and progress.of(out).counts["phoned"] == 1


# --- what the page asks again and again


@pytest.mark.slow
def test_a_page_that_looks_again_gets_nothing_until_something_changed(lies: Any, out: Alert, street: Any) -> None:
    for part, number in (("stand", "+32470000201"), ("wie", "+32470000203")):
        path = f"/berichten/{out.id}/{part}"
        known = lies.get(path).headers["X-Version"]
        assert lies.get(f"{path}?v={known}").status_code == 204
        alerts.confirm(number, "reply", street.later(seconds=1))
        fresh = lies.get(f"{path}?v={known}")
        assert (fresh.status_code, fresh.headers["X-Version"] != known) == (200, True)


@pytest.mark.slow
def test_the_part_that_is_asked_for_every_two_seconds_has_no_line_for_each_member(lies: Any, out: Alert) -> None:
    assert "Ada" in lies.get(f"/berichten/{out.id}/wie").text
    assert "Ada" not in lies.get(f"/berichten/{out.id}/stand").text
