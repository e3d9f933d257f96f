"""Judging, checking, forwarding, and seeing how far it is."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance import alerts
from appliance.alerts import AlertState, MessageClass, Source
from appliance.models import Acknowledgement, Alert, Audit, Delivery, Member, ModemState, Segment
from appliance.queue import outbox, reports
from appliance.web import reading
from appliance.web.alerts import next_time


def judged(lies: Any, alert: Alert, **form: str) -> Any:
    return lies.post(f"/berichten/{alert.id}/beoordelen", f"/berichten/{alert.id}", **form)


def test_a_waiting_police_text_is_on_the_start_page(lies: Any, police_alert: Callable[..., Alert]) -> None:
    police_alert("Inbraak Kerkstraat")
    page = lies.get("/").text
    assert "Politie: nieuw bericht" in page and "Inbraak Kerkstraat" in page and "Bekijken en beoordelen" in page


@pytest.mark.slow
def test_the_list_is_read_a_page_at_a_time_back_to_the_first_alert(lies: Any, street: Any) -> None:
    words = [f"Nummer {place:02}" for place in range(2 * reading.ALERTS)]
    for text in words:
        alerts.create(MessageClass.PREVENTIVE, Source.COORDINATOR, text, "Lies", street.now, street.bin)
    shown, path = [], "/berichten"
    while path:
        page = lies.get(path).text
        shown.append(re.findall(r"Nummer \d\d", page))
        older = re.search(r'href="(/berichten\?voor=\d+)"', page)
        path = older[1] if older else ""
    assert shown == [words[: reading.ALERTS - 1 : -1], words[reading.ALERTS - 1 :: -1], []]
    assert "Geen oudere berichten." in page


@pytest.mark.slow
def test_the_check_page_shows_what_members_get_and_how_many(lies: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert("Inbraak Kerkstraat, bel 101")
    answer = judged(lies, alert, choice="forward")
    page = lies.get(answer.headers["Location"]).text
    assert "Nu versturen naar 5 leden" in page
    assert "BIN DRINGEND" in page and "PLP URGENT" in page and "klaar rond" in page
    assert not Delivery.select().where(Delivery.kind == "alert").exists()


@pytest.mark.slow
def test_a_verified_text_is_forwarded_word_for_word(
    lies: Any, police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert("l'Église & <b>100€</b>")
    answer = lies.post(f"/berichten/{alert.id}/doorsturen", f"/berichten/{alert.id}/nakijken")
    assert answer.headers["Location"] == f"/berichten/{alert.id}"
    after_countdown()
    texts = [d.text for d in Delivery.select().where(Delivery.kind == "alert")]
    assert len(texts) == 5 and all("l'Église & <b>100€</b>" in text for text in texts)
    assert Alert.get_by_id(alert.id).decided_by == "Lies"
    assert "l&#39;Église &amp; &lt;b&gt;100€" in lies.get(f"/berichten/{alert.id}").text


@pytest.mark.slow
def test_forwarding_twice_tells_who_was_first_and_sends_once(
    lies: Any, street: Any, police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    token = lies.token(f"/berichten/{alert.id}/nakijken")
    alerts.forward(alert, "Jan", "sms", street.now, street.bin)
    street.later(minutes=5)
    lies.client.post(f"/berichten/{alert.id}/doorsturen", data={"csrf_token": token})
    assert "Jan heeft dit al doorgestuurd om 12u00." in lies.get(f"/berichten/{alert.id}").text
    assert Delivery.select().where(Delivery.kind == "alert").count() == 5


@pytest.mark.slow
def test_an_unverified_text_is_forwarded_only_after_calling_back(
    lies: Any, police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert(verified=False)
    page = lies.get(f"/berichten/{alert.id}").text
    assert "NIET GEVERIFIEERD" in page and 'href="tel:011223344"' in page
    assert "Bel eerst terug" in judged(lies, alert, choice="forward").text
    assert lies.get(f"/berichten/{alert.id}/nakijken").status_code == 302  # no way round it by address
    lies.post(f"/berichten/{alert.id}/doorsturen", f"/berichten/{alert.id}")
    assert Alert.get_by_id(alert.id).state == AlertState.WAITING

    check = judged(lies, alert, choice="forward", called_back="1").headers["Location"]
    lies.post(f"/berichten/{alert.id}/doorsturen", check, called_back="1")
    after_countdown()
    forwarded = Alert.get_by_id(alert.id)
    assert forwarded.state == AlertState.FORWARDED and forwarded.decided_via == "page, called back"
    assert Audit.select().where((Audit.verb == "forwarded") & Audit.detail.contains("called back")).exists()


@pytest.mark.slow
def test_delaying_needs_a_time_and_leaves_later(lies: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert()
    assert "om hoe laat" in judged(lies, alert, choice="delay").text
    assert judged(lies, alert, choice="delay", until="18:30").headers["Location"] == "/"
    delayed = Alert.get_by_id(alert.id)
    assert delayed.state == AlertState.DELAYED and delayed.due_at == datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
    assert "Uitgesteld: vertrekt vandaag om 18u30" in lies.get("/").text


def test_an_unverified_text_is_not_delayed_without_calling_back(lies: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert(verified=False)
    assert judged(lies, alert, choice="delay", until="18:30").status_code == 422
    assert Alert.get_by_id(alert.id).state == AlertState.WAITING


def test_declining_needs_a_reason(lies: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert()
    assert judged(lies, alert, choice="decline").status_code == 422
    judged(lies, alert, choice="decline", why="intussen opgelost")
    declined = Alert.get_by_id(alert.id)
    assert declined.state == AlertState.DECLINED and declined.why == "intussen opgelost"
    assert "intussen opgelost" in lies.get(f"/berichten/{alert.id}").text


def test_choosing_nothing_keeps_what_was_filled_in(lies: Any, police_alert: Callable[..., Alert]) -> None:
    answer = judged(lies, police_alert(), why="een reden")
    assert answer.status_code == 422 and 'value="een reden"' in answer.text


@pytest.mark.parametrize(
    ("written", "due"), [("18:30", "25 18:30"), ("12:00", "26 12:00"), ("00:01", "26 00:01"), (" 9:05 ", "26 09:05")]
)
def test_a_time_means_the_next_moment_that_the_clock_shows_it(written: str, due: str) -> None:
    local = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Brussels"))
    found = next_time(written, local)
    assert found and found.strftime("%d %H:%M") == due


@pytest.mark.parametrize("written", ["", "25:00", "half zes", "18u30", "\x00", "1" * 500])
def test_what_is_no_time_is_no_time(written: str) -> None:
    assert next_time(written, datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Brussels"))) is None


@pytest.fixture
def sent(street: Any, police_alert: Callable[..., Alert]) -> Alert:
    alert = police_alert()
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Segment.delete().where(Segment.delivery.in_(Delivery.select().where(Delivery.kind != "alert"))).execute()
    return alert


@pytest.mark.slow
def test_the_progress_page_follows_the_network_and_then_the_people(lies: Any, street: Any, sent: Alert) -> None:
    path = f"/berichten/{sent.id}/stand"
    first = lies.get(path)
    assert "Bezig met versturen: 0 van 5" in first.text and first.headers["X-Every"] == "2"
    for turn in range(5):
        segment = outbox.claim("a", street.now)
        assert segment
        outbox.accepted(segment, turn, street.later(seconds=4))
    reports.settle("+32470000201", 2, 0, street.now)
    alerts.confirm("+32470000202", "ring", street.now)
    done = lies.get(path)
    assert "Verstuurd naar alle 5 leden" in done.text and done.headers["X-Every"] == "15"
    assert done.headers["X-Title"] == "5/5"
    who = lies.get(f"/berichten/{sent.id}/wie").text
    assert "<b>1</b> / 5" in done.text and "(belde)" in who
    assert "+32 470 •• •• 01" in who and "0470000201" not in done.text + who


def test_those_who_need_a_human_are_on_top(lies: Any, street: Any, sent: Alert) -> None:
    segment = outbox.claim("a", street.now)
    assert segment
    outbox.refused(segment, "CMS 30", "unknown subscriber")
    alerts.confirm("+32470000201", "reply", street.now)
    page = lies.get(f"/berichten/{sent.id}").text.split("<h2>Wie</h2>")[1]
    assert page.index("✖ Mislukt") < page.index("… Staat klaar")
    assert "het netwerk weigerde: CMS 30" in page


@pytest.mark.slow
def test_a_doubt_and_a_possible_double_are_shown_as_what_they_are(lies: Any, street: Any, sent: Alert) -> None:
    segment = outbox.claim("a", street.now)
    assert segment
    outbox.doubted(segment, street.now)
    assert "1 sms is in twijfel" in lies.get(f"/berichten/{sent.id}").text
    street.later(seconds=61)
    again = outbox.claim("a", street.now)
    while again and again.id != segment.id:
        outbox.accepted(again, again.id, street.now)
        again = outbox.claim("a", street.now)
    assert again
    outbox.accepted(again, 99, street.now)
    assert "mogelijk dubbel" in lies.get(f"/berichten/{sent.id}").text


def test_stopping_keeps_the_rest_back(lies: Any, street: Any, sent: Alert) -> None:
    segment = outbox.claim("a", street.now)
    assert segment
    outbox.accepted(segment, 1, street.now)
    lies.post(f"/berichten/{sent.id}/stoppen", f"/berichten/{sent.id}")
    page = lies.get(f"/berichten/{sent.id}").text
    assert "4 sms&#39;en zijn tegengehouden" in page and "Gestopt: 1 van 5 zijn verstuurd" in page
    rest = outbox.claim("a", street.now)
    assert rest is None or rest.delivery.kind == "notice"  # the police hear that it was stopped


def test_closing_takes_the_stop_button_away(lies: Any, sent: Alert, street: Any) -> None:
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, 1, street.now)
    lies.post(f"/berichten/{sent.id}/afsluiten", f"/berichten/{sent.id}")
    assert Alert.get_by_id(sent.id).state == AlertState.CLOSED
    assert "Stoppen met versturen" not in lies.get(f"/berichten/{sent.id}").text


def test_an_alert_that_does_not_exist_is_a_page_in_plain_words(lies: Any) -> None:
    answer = lies.get("/berichten/99")
    assert answer.status_code == 404 and "Deze pagina bestaat niet" in answer.text


def test_a_modem_that_is_gone_is_said_on_the_start_page_with_what_to_do(lies: Any) -> None:
    ModemState.update(online=False, fault="geen antwoord").execute()
    page = lies.get("/").text
    assert "✖" in page and "De kast vindt geen modem." in page and "Trek hem los" in page
    assert "geen antwoord" in lies.get("/toestel").text


def test_the_used_button_stays_on_the_start_page_until_somebody_has_seen_it(lies: Any, street: Any) -> None:
    alerts.press(street.now, street.bin)
    assert "De noodknop is gebruikt" in lies.get("/").text
    row = Acknowledgement.get(kind="button")
    lies.post(f"/gezien/{row.id}", "/")
    assert "De noodknop is gebruikt" not in lies.get("/").text
    assert Acknowledgement.get_by_id(row.id).seen_by == "Lies"


def test_without_anybody_to_tell_there_is_no_send_button(lies: Any, police_alert: Callable[..., Alert]) -> None:
    alert = police_alert()
    Member.update(consent="").execute()
    page = lies.get(f"/berichten/{alert.id}/nakijken").text
    assert "nog niemand met toestemming" in page and "Nu versturen" not in page


def test_a_coordinators_alert_is_not_called_police(lies: Any, street: Any) -> None:
    alert = alerts.create(MessageClass.TEST, Source.COORDINATOR, "proef", "Jan", street.now, street.bin)
    page = lies.get(f"/berichten/{alert.id}").text
    assert "Bericht beoordelen" in page and "Politiebericht" not in page
