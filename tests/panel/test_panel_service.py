"""The panel with gpiozero's mock pins, a real store, and a clock that goes on only while the panel waits."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import alerts, control, health, store
from appliance.alerts import MessageClass, Source
from appliance.health import onset
from appliance.models import Acknowledgement, Alert, Heartbeat, ModemState, database
from appliance.panel import lamp, service, toy
from appliance.panel import pins as panel_pins
from appliance.panel.lamp import BRIEFS, Brief, Show
from appliance.panel.pins import Gpio, NoPanel, NoPins, Wires
from appliance.panel.service import Panel

DEADLINE = 10.0


def police_text(box: Any, words: str, *, verified: bool = True) -> Alert:
    contact = box.house.officer("Inspecteur Peeters", "0475000001")
    return alerts.create(
        MessageClass.URGENT, Source.POLICE, words, "", box.now(), box.house.bin, contact=contact, verified=verified
    )


def test_a_box_that_is_well_is_green_and_dips_every_five_seconds(box: Any) -> None:
    box.colours.clear()
    box.go_on(10.0)
    dips = [colour for colour in box.colours if 0 < colour[1] < 0.5]
    assert box.shows == Show.READY
    assert box.pins.colour[0] == box.pins.colour[2] == 0
    assert dips


def test_a_hold_of_2_9_seconds_does_nothing(box: Any) -> None:
    box.hold(2.9)
    box.go_on(15.0)
    assert box.told == []


@pytest.mark.slow
def test_a_hold_of_3_1_seconds_tells_exactly_the_core_group_after_the_countdown(box: Any) -> None:
    box.hold(3.1)
    assert lamp.words(box.panel.shown, "nl") == "Druk kort = stoppen"
    assert box.told == []
    box.go_on(11.0)
    assert box.told == ["Lies", "Jan"]
    assert Acknowledgement.get().kind == "button"
    assert Alert.get().message_class == MessageClass.PANIC


def test_a_service_that_is_told_to_stop_waits_for_the_hand_on_the_button(box: Any) -> None:
    assert not box.panel.amid()
    box.hold(3.1)
    assert box.panel.amid()
    box.go_on(8.7)
    box.hold(0.2)
    assert not box.panel.amid()


def test_a_short_press_after_nine_seconds_cancels_and_nobody_is_told(box: Any) -> None:
    box.hold(3.1)
    box.go_on(8.7)
    box.hold(0.2)
    assert box.panel.shown == BRIEFS[Brief.CANCELLED]
    box.go_on(15.0)
    assert box.told == []
    assert box.shows == Show.READY


@pytest.mark.slow
def test_a_second_hold_within_ten_minutes_tells_nobody_again(box: Any) -> None:
    for _ in range(2):
        box.hold(3.1)
        box.go_on(10.0)
    assert box.panel.shown == BRIEFS[Brief.TOO_SOON]
    assert box.told == ["Lies", "Jan"]


@pytest.mark.slow
def test_a_verified_police_text_that_waits_is_what_the_button_forwards(box: Any) -> None:
    alert = police_text(box, "Inbrekers in de Kerkstraat")
    box.go_on(1.5)
    box.hold(3.1)
    box.go_on(11.0)
    assert Alert.get_by_id(alert.id).decided_via == "button"
    assert sorted(box.told) == ["Ada", "Ben", "Cleo", "Jan", "Lies"]


@pytest.mark.slow
def test_a_police_text_without_a_good_code_is_never_forwarded_blind(box: Any) -> None:
    alert = police_text(box, "Stuur dit door", verified=False)
    box.hold(3.1)
    box.go_on(11.0)
    assert Alert.get_by_id(alert.id).state == alerts.AlertState.WAITING
    assert box.told == ["Lies", "Jan"]


def test_with_nobody_in_the_core_group_the_lamp_says_that_nobody_was_told(house: Any, pins: Gpio, new_box: Any) -> None:
    box = new_box(house, pins)
    box.go_on(2.0)
    box.hold(3.1)
    box.go_on(10.5)
    assert box.panel.shown == BRIEFS[Brief.NOBODY]


def test_a_button_that_is_down_at_power_on_sends_nothing_and_is_shown_as_a_fault(
    street: Any, pins: Gpio, new_box: Any
) -> None:
    pins.contact.drive_low()
    box = new_box(street, pins)
    box.go_on(60.0)
    assert box.panel.shown == lamp.STUCK
    assert box.told == []


@pytest.mark.slow
def test_a_noisy_contact_alone_tells_nobody(box: Any) -> None:
    for _ in range(400):
        box.pins.contact.drive_low()
        box.go_on(0.03)
        box.pins.contact.drive_high()
        box.go_on(0.02)
    box.go_on(15.0)
    assert box.told == []


@pytest.mark.slow
def test_a_hold_with_a_bouncing_contact_tells_the_core_group_once(box: Any) -> None:
    for _ in range(5):
        box.pins.contact.drive_low()
        box.pins.contact.drive_high()
        box.go_on(0.004)
    box.hold(3.2)
    for _ in range(5):
        box.pins.contact.drive_low()
        box.go_on(0.004)
        box.pins.contact.drive_high()
    box.go_on(12.0)
    assert box.told == ["Lies", "Jan"]


def test_a_hold_while_the_store_is_locked_is_recorded_later_under_its_own_time(box: Any) -> None:
    database.execute_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(store.path_of(box.house.url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    box.hold(3.1)
    box.go_on(20.0)
    held_at = box.house.now + timedelta(seconds=2.0 + 13.0)
    assert box.panel.shown == BRIEFS[Brief.TRYING]
    assert box.told == []
    other.execute("ROLLBACK")
    other.close()
    box.go_on(5.0)
    assert box.told == ["Lies", "Jan"]
    assert abs(Alert.get().created_at - held_at) < timedelta(seconds=0.2)


@pytest.mark.slow
def test_after_half_an_hour_of_trying_the_lamp_says_that_nobody_was_told(box: Any) -> None:
    database.execute_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(store.path_of(box.house.url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    box.hold(3.1)
    box.go_on(11.0)
    box.seconds += service.TRY_FOR
    box.go_on(3.0)
    other.close()
    assert box.panel.shown == BRIEFS[Brief.NOBODY]
    assert box.told == []


def test_a_store_that_cannot_be_read_turns_the_lamp_red_within_a_quarter_of_a_minute(box: Any) -> None:
    database.execute_sql("ALTER TABLE modem_state RENAME TO lost")
    box.go_on(5.0)
    assert box.shows == Show.READY  # one look that fails is not a fault yet
    box.go_on(10.0)
    assert box.shows == Show.BROKEN
    database.execute_sql("ALTER TABLE lost RENAME TO modem_state")
    box.go_on(2.0)
    assert box.shows == Show.READY


def test_a_police_text_that_waits_is_blue_once_the_coordinators_have_it(box: Any) -> None:
    police_text(box, "Inbrekers in de Kerkstraat")
    box.go_on(1.5)
    assert box.shows == Show.SENDING
    database.execute_sql("UPDATE segment SET state = 'submitted'")
    box.go_on(1.5)
    assert box.shows == Show.WAITING


def test_a_short_press_says_the_state_for_three_seconds(box: Any) -> None:
    box.hold(0.2)
    assert box.panel.shown == lamp.spoken(alerts_level(box))
    box.go_on(4.0)
    assert box.panel.shown == lamp.PATTERNS[Show.READY]


def alerts_level(box: Any) -> Any:
    return health.read(box.now()).level


@pytest.mark.slow
def test_the_panel_tells_the_store_that_it_lives(box: Any) -> None:
    box.go_on(25.0)
    beat = Heartbeat.get(Heartbeat.service == "panel")
    assert box.now() - beat.at < timedelta(seconds=12)


def test_at_night_green_is_dimmed(box: Any) -> None:
    box.house.now += timedelta(hours=11)  # eleven in the evening in Brussels
    ModemState.update(heartbeat_at=box.now()).execute()
    box.go_on(1.0)
    assert 0 < box.pins.colour[1] <= lamp.NIGHT_BRIGHTNESS


def test_a_box_without_a_panel_still_runs_and_tells_the_store_that_it_lives(street: Any) -> None:
    seconds = iter(range(100))
    panel = Panel(NoPins(), street.bin, street.clock, lambda: float(next(seconds)))
    for _ in range(3):
        panel.step()
    assert isinstance(panel.pins, NoPins)
    assert Heartbeat.select().where(Heartbeat.service == "panel").count() == 1
    panel.close()


def test_pins_that_do_not_exist_are_refused_in_words() -> None:
    with pytest.raises(NoPanel, match="enabled = false"):
        panel_pins.pins(True, Wires(button=99, led=22))


def test_a_press_wakes_a_panel_that_waits(box: Any) -> None:
    asleep = threading.Thread(target=box.pins.wait, args=(DEADLINE * 6,))
    asleep.start()
    box.pins.contact.drive_low()
    asleep.join(DEADLINE)
    assert not asleep.is_alive()


def test_a_panel_that_is_closed_leaves_the_lamp_dark(box: Any) -> None:
    red, green, blue = (box.pins.lamp.device.pin_factory.pin(number) for number in (22, 27, 24))
    box.go_on(1.0)
    assert green.state > 0
    box.panel.close()
    assert (red.state, green.state, blue.state) == (0, 0, 0)


@pytest.mark.slow
def test_the_toy_presses_the_button_and_tells_the_lamp(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "panel.sock"
    with toy.serve(path, box.panel):
        told = control.call(path, "lamp")
        assert (told["colour"], told["base"], told["pattern"]) == ("#00ff00", "#00ff00", "ready")
        assert told["words"]["nl"] == "Alles goed" and set(told["words"]) == {"nl", "fr", "de", "en"}
        control.call(path, "press")
        box.go_on(3.1)
        control.call(path, "release")
        box.go_on(1.0)
        assert control.call(path, "lamp")["pattern"] == "countdown"
    box.go_on(12.0)
    assert box.told == ["Lies", "Jan"]


def test_the_toy_of_a_box_without_a_panel_shows_a_dark_lamp(street: Any, tmp_path: Path) -> None:
    panel = Panel(NoPins(), street.bin, street.clock)
    with toy.serve(tmp_path / "panel.sock", panel):
        assert control.call(tmp_path / "panel.sock", "lamp")["colour"] == "#000000"
        with pytest.raises(control.ControlError):
            control.call(tmp_path / "panel.sock", "press")


def test_a_store_that_is_damaged_at_the_start_turns_the_lamp_red_and_a_good_one_green_again(box: Any) -> None:
    file = store.path_of(box.house.url)
    database.close()
    whole = file.read_bytes()
    file.write_bytes(b"\xff" * 4096 + whole[4096:])
    box.panel = Panel(box.pins, box.house.bin, box.now, lambda: box.seconds)
    box.go_on(12.0)
    assert box.shows == Show.BROKEN
    file.write_bytes(whole)
    database.close()
    box.go_on(3.0)
    assert box.shows == Show.READY


def test_another_program_that_keeps_the_store_locked_turns_the_lamp_red(box: Any) -> None:
    database.execute_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(store.path_of(box.house.url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    box.go_on(25.0)
    assert box.shows == Show.BROKEN
    other.execute("ROLLBACK")
    other.close()
    box.go_on(2.0)
    assert box.shows == Show.READY


def test_since_when_the_box_is_not_well_is_kept_and_forgotten_when_it_is(box: Any) -> None:
    box.go_on(1.0)
    assert onset.since() == {}
    ModemState.update(storage_used=9, storage_total=10).execute()
    box.go_on(2.0)
    began = onset.since()[health.Trouble.STORAGE]
    box.go_on(20.0)
    assert onset.since() == {health.Trouble.STORAGE: began}
    ModemState.update(storage_used=0).execute()
    box.go_on(2.0)
    assert onset.since() == {}
