"""A hold for help in whatever state the box is: what is promised, what is logged, what is sent first."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance import alerts, health, modem_state, store
from appliance.alerts import AlertState, MessageClass, Source
from appliance.health import Level
from appliance.models import Acknowledgement, Alert, Audit, Delivery, ModemState, Segment, database
from appliance.panel import lamp, service
from appliance.panel.lamp import BRIEFS, Brief, Show
from appliance.panel.pins import Gpio
from appliance.queue import outbox
from appliance.queue.states import State


def hold_for_help(box: Any) -> None:
    box.hold(3.1)
    box.go_on(11.0)


def audited() -> list[tuple[str, str, str]]:
    """What the log says that the button did."""
    rows = Audit.select().where(Audit.actor == "knop").order_by(Audit.id)
    return [(row.actor, row.verb, row.subject) for row in rows if row.verb == "held"]


def everything() -> list[int]:
    return [table.select().count() for table in (Alert, Delivery, Segment, Acknowledgement, Audit)]


@pytest.mark.slow
def test_a_hold_is_one_promise_with_its_line_in_the_log_and_its_note_on_the_page(box: Any) -> None:
    hold_for_help(box)
    alert = Alert.get()
    assert audited() == [("knop", "held", f"alert {alert.id}")]
    assert Acknowledgement.get().detail == str(alert.id)
    assert Segment.select().where(Segment.state == State.QUEUED).count() == 2


def test_when_the_log_cannot_be_written_nothing_at_all_is_promised_until_it_can(box: Any) -> None:
    database.execute_sql("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
    before = everything()
    hold_for_help(box)
    assert (everything(), box.panel.shown) == (before, BRIEFS[Brief.TRYING])
    database.execute_sql("DROP TRIGGER full")
    box.go_on(3.0)
    assert (box.told, len(audited())) == (["Lies", "Jan"], 1)


@pytest.mark.parametrize("seconds", [15.1, 40.0])
@pytest.mark.slow
def test_who_never_lets_go_for_a_quarter_of_a_minute_is_a_fault_and_tells_nobody(box: Any, seconds: float) -> None:
    box.hold(3.1 + seconds)
    box.go_on(15.0)
    assert (box.told, audited()) == ([], [])


@pytest.mark.slow
def test_a_stuck_button_is_red_until_it_is_free_and_works_then(box: Any) -> None:
    box.pins.contact.drive_low()
    box.go_on(16.0)
    assert box.panel.shown == lamp.STUCK
    assert health.read(box.now()).sentence("nl") == "De knop hangt."  # what the page says
    box.pins.contact.drive_high()
    box.go_on(2.0)
    assert box.shows == Show.READY
    assert health.read(box.now()).troubles == ()
    hold_for_help(box)
    assert box.told == ["Lies", "Jan"]


@pytest.mark.slow
def test_a_button_that_was_down_at_power_on_works_once_it_is_free(street: Any, pins: Gpio, new_box: Any) -> None:
    modem_state.remember("a", street.now, online=True, registered=True)
    pins.contact.drive_low()
    box = new_box(street, pins)
    box.go_on(30.0)
    pins.contact.drive_high()
    box.go_on(1.0)
    assert box.told == []
    hold_for_help(box)
    assert box.told == ["Lies", "Jan"]


@pytest.mark.slow
def test_a_second_hold_within_ten_minutes_changes_nothing_and_one_after_that_is_a_new_alert(box: Any) -> None:
    hold_for_help(box)
    before = everything()
    box.house.later(minutes=9)
    hold_for_help(box)
    assert (everything(), box.panel.shown) == (before, BRIEFS[Brief.TOO_SOON])
    box.house.later(minutes=1)
    hold_for_help(box)
    assert (box.told, len(audited())) == (["Lies", "Jan"] * 2, 2)


def forwarded(box: Any, message_class: MessageClass) -> Alert:
    alert = alerts.create(message_class, Source.COORDINATOR, "Let op", "Lies", box.now(), box.house.bin)
    alerts.forward(alert, "Lies", "page", box.now(), box.house.bin)
    return alert


@pytest.mark.slow
def test_a_hold_during_a_send_goes_before_everything_that_has_not_left_yet(box: Any) -> None:
    forwarded(box, MessageClass.URGENT)
    leaving = outbox.claim("a", box.now())
    assert leaving
    box.go_on(1.5)
    assert box.shows == Show.SENDING
    hold_for_help(box)
    outbox.accepted(leaving, 1, box.now())
    first = [outbox.claim("a", box.now()) for _ in range(2)]
    assert [segment.delivery.alert.message_class for segment in first if segment] == [MessageClass.PANIC] * 2


@pytest.mark.slow
def test_a_drill_is_shown_as_one_and_a_hold_during_it_is_no_drill(box: Any) -> None:
    forwarded(box, MessageClass.TEST)
    Segment.update(state=State.SUBMITTED).execute()
    box.go_on(1.5)
    assert box.shows == Show.DRILL
    hold_for_help(box)
    assert Alert.select().where(Alert.message_class == MessageClass.PANIC).count() == 1
    segment = outbox.claim("a", box.now())
    assert segment and "TEST" not in segment.text
    box.go_on(4.0)
    box.house.later(minutes=61)
    Segment.update(state=State.SUBMITTED).execute()
    Acknowledgement.update(seen_at=box.now()).execute()
    ModemState.update(heartbeat_at=box.now()).execute()
    box.go_on(2.5)
    assert box.shows == Show.READY


@pytest.mark.slow
def test_without_a_network_a_hold_is_promised_and_leaves_when_there_is_one(box: Any) -> None:
    ModemState.update(registered=False, changed_at=box.now() - timedelta(minutes=5)).execute()
    box.go_on(1.5)
    assert box.shows == Show.BROKEN
    hold_for_help(box)
    assert (box.told, box.panel.shown) == (["Lies", "Jan"], BRIEFS[Brief.RECORDED])
    box.go_on(4.0)
    assert box.shows == Show.BROKEN  # recorded is not sent
    assert outbox.claim("a", box.now() + timedelta(minutes=30))


@contextmanager
def no_more_room(box: Any) -> Iterator[None]:
    """No file of this process may grow: the kernel refuses, as it does when the card is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = store.path_of(box.house.url).with_name("bin.db-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_card_the_lamp_says_to_call_101_and_the_hold_is_recorded_once_there_is_room(box: Any) -> None:
    before = everything()
    with no_more_room(box):
        hold_for_help(box)
        assert (everything(), box.panel.shown) == (before, BRIEFS[Brief.TRYING])
    box.go_on(3.0)
    assert (box.told, len(audited())) == (["Lies", "Jan"], 1)


@pytest.mark.slow
def test_another_process_that_locks_the_store_only_delays_a_hold(box: Any) -> None:
    database.execute_sql("PRAGMA busy_timeout = 0")
    locks = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()"
    )
    path = str(store.path_of(box.house.url))
    with subprocess.Popen([sys.executable, "-c", locks, path], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout and other.stdout.readline() == "locked\n"
        hold_for_help(box)
        assert (box.told, box.panel.shown) == ([], BRIEFS[Brief.TRYING])
        other.communicate("")
    box.go_on(3.0)
    assert (box.told, len(audited())) == (["Lies", "Jan"], 1)


LOST = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)  # what a box without a clock battery believes after a power cut


@pytest.mark.slow
def test_a_box_that_lost_its_clock_after_an_earlier_hold_refuses_nobody(box: Any) -> None:
    hold_for_help(box)
    box.house.now = LOST
    hold_for_help(box)
    assert len(audited()) == 2
    assert box.panel.shown == BRIEFS[Brief.RECORDED]


def test_a_hold_under_a_lost_clock_still_leaves_once_the_clock_is_right(box: Any) -> None:
    box.house.now = LOST
    hold_for_help(box)
    box.house.now = datetime(2026, 11, 25, 23, 41, tzinfo=UTC)
    segment = outbox.claim("a", box.now())
    assert segment and segment.number == "+32470000101"
    outbox.postponed(segment, "", "no network", box.now())
    assert outbox.claim("a", box.now() + timedelta(minutes=20)) is not None


def test_the_lamp_needs_no_page_and_no_clock_to_be_right(box: Any) -> None:
    box.house.now = LOST
    ModemState.update(heartbeat_at=box.now(), changed_at=box.now()).execute()
    box.go_on(1.5)
    verdict = health.read(box.now())
    assert (verdict.level, verdict.troubles) == (Level.ATTENTION, (health.Trouble.NO_CLOCK,))
    assert box.shows == Show.ATTENTION


@pytest.mark.slow
def test_a_police_text_that_waits_is_decided_by_the_button_under_its_name(box: Any) -> None:
    contact = box.house.officer("Inspecteur Peeters", "0475000001")
    alert = alerts.create(
        MessageClass.URGENT, Source.POLICE, "Inbraak", "", box.now(), box.house.bin, contact=contact, verified=True
    )
    hold_for_help(box)
    found = Alert.get_by_id(alert.id)
    assert (found.state, found.decided_by, found.decided_via) == (AlertState.FORWARDED, "knop", "button")
    assert audited() == [("knop", "held", f"alert {alert.id}")]


@pytest.mark.slow
def test_the_buzzer_ticks_in_the_hold_and_tells_the_countdown_second_by_second(box: Any) -> None:
    box.go_on(20.0)
    assert not any(box.tones)
    hold_for_help(box)
    begins = sum(after and not before for before, after in zip([False, *box.tones], box.tones, strict=False))
    assert begins == 3 + 10 + 1  # ticks, countdown, recorded
    box.go_on(60.0)
    assert not box.pins.buzzer.device.value


def test_nothing_that_is_tried_again_is_kept_for_longer_than_half_an_hour(box: Any) -> None:
    database.execute_sql("ALTER TABLE audit RENAME TO lost")
    hold_for_help(box)
    box.seconds += service.TRY_FOR
    box.go_on(3.0)
    database.execute_sql("ALTER TABLE lost RENAME TO audit")
    box.go_on(10.0)
    assert (box.told, box.panel.shown) == ([], BRIEFS[Brief.NOBODY])
