"""The panel with gpiozero's mock pins, a real store, and a clock that goes on only while the panel waits."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import alerts, control, health, store
from appliance.alerts import MessageClass, Source
from appliance.models import Acknowledgement, Alert, Delivery, Heartbeat, ModemState, database
from appliance.panel import lamp, service, toy
from appliance.panel.lamp import BRIEFS, Brief, Show
from appliance.panel.service import Gpio, NoPins, Panel

BUTTON, RED, GREEN, BLUE = 17, 22, 27, 24
DEADLINE = 10.0


class Box:
    """The box in somebody's hall: what a finger can do, and what an eye can see."""

    def __init__(self, house: Any, pins: Gpio) -> None:
        self.house = house
        self.seconds = 0.0
        self.pins = pins
        self.colours: list[tuple[float, float, float]] = []
        self.panel = Panel(pins, house.bin, self.now, lambda: self.seconds)

    def now(self) -> datetime:
        moment: datetime = self.house.now + timedelta(seconds=self.seconds)
        return moment

    def go_on(self, seconds: float) -> None:
        """So much time passes; the panel is only looked after as often as it asks to be."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.panel.step()
            self.colours.append(self.pins.colour)
            self.seconds = min(end, self.seconds + self.panel.pause)

    def hold(self, seconds: float) -> None:
        self.pins.contact.drive_low()
        self.go_on(seconds)
        self.pins.contact.drive_high()
        self.go_on(0.1)

    @property
    def shows(self) -> str:
        return self.panel.shown.name

    @property
    def told(self) -> list[str]:
        return [delivery.name for delivery in Delivery.select().where(Delivery.kind == "alert").order_by(Delivery.id)]


@pytest.fixture(autouse=True)
def mock_gpio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")


@pytest.fixture
def pins() -> Iterator[Gpio]:
    found = service.pins(True, BUTTON, RED, GREEN, BLUE)
    assert isinstance(found, Gpio)
    contact = found.contact
    yield found
    contact.drive_high()  # gpiozero waits a second for a button that is still held
    found.close()


@pytest.fixture
def box(street: Any, pins: Gpio) -> Box:
    """The street's box, with a modem that works, switched on for a few seconds."""
    ModemState.create(name="a", heartbeat_at=street.now, changed_at=street.now, online=True, registered=True)
    found = Box(street, pins)
    found.go_on(2.0)
    return found


def police_text(box: Box, words: str, *, verified: bool = True) -> Alert:
    contact = box.house.officer("Inspecteur Peeters", "0475000001")
    return alerts.create(
        MessageClass.URGENT, Source.POLICE, words, "", box.now(), box.house.bin, contact=contact, verified=verified
    )


def test_a_box_that_is_well_is_green_and_dips_every_five_seconds(box: Box) -> None:
    box.colours.clear()
    box.go_on(10.0)
    dips = [colour for colour in box.colours if 0 < colour[1] < 0.5]
    assert box.shows == Show.READY
    assert box.pins.colour[0] == box.pins.colour[2] == 0
    assert dips


def test_a_hold_of_2_9_seconds_does_nothing(box: Box) -> None:
    box.hold(2.9)
    box.go_on(15.0)
    assert box.told == []


def test_a_hold_of_3_1_seconds_tells_exactly_the_core_group_after_the_countdown(box: Box) -> None:
    box.hold(3.1)
    assert box.panel.shown.words == "Druk kort = stoppen"
    assert box.told == []
    box.go_on(11.0)
    assert box.told == ["Lies", "Jan"]
    assert Acknowledgement.get().kind == "button"
    assert Alert.get().message_class == MessageClass.PANIC


def test_a_short_press_after_nine_seconds_cancels_and_nobody_is_told(box: Box) -> None:
    box.hold(3.1)
    box.go_on(8.7)
    box.hold(0.2)
    assert box.panel.shown == BRIEFS[Brief.CANCELLED]
    box.go_on(15.0)
    assert box.told == []
    assert box.shows == Show.READY


def test_a_second_hold_within_ten_minutes_tells_nobody_again(box: Box) -> None:
    for _ in range(2):
        box.hold(3.1)
        box.go_on(10.0)
    assert box.panel.shown == BRIEFS[Brief.TOO_SOON]
    assert box.told == ["Lies", "Jan"]


def test_a_verified_police_text_that_waits_is_what_the_button_forwards(box: Box) -> None:
    alert = police_text(box, "Inbrekers in de Kerkstraat")
    box.go_on(1.5)
    box.hold(3.1)
    box.go_on(11.0)
    assert Alert.get_by_id(alert.id).decided_via == "button"
    assert sorted(box.told) == ["Ada", "Ben", "Cleo", "Jan", "Lies"]


def test_a_police_text_without_a_good_code_is_never_forwarded_blind(box: Box) -> None:
    alert = police_text(box, "Stuur dit door", verified=False)
    box.hold(3.1)
    box.go_on(11.0)
    assert Alert.get_by_id(alert.id).state == alerts.AlertState.WAITING
    assert box.told == ["Lies", "Jan"]


def test_with_nobody_in_the_core_group_the_lamp_says_that_nobody_was_told(house: Any, pins: Gpio) -> None:
    box = Box(house, pins)
    box.go_on(2.0)
    box.hold(3.1)
    box.go_on(10.5)
    assert box.panel.shown == BRIEFS[Brief.NOBODY]


def test_a_button_that_is_down_at_power_on_sends_nothing_and_is_shown_as_a_fault(street: Any, pins: Gpio) -> None:
    pins.contact.drive_low()
    box = Box(street, pins)
    box.go_on(60.0)
    assert (box.shows, box.panel.shown.words) == (Show.BROKEN, lamp.STUCK_WORDS)
    assert box.told == []


def test_a_noisy_contact_alone_tells_nobody(box: Box) -> None:
    for _ in range(400):
        box.pins.contact.drive_low()
        box.go_on(0.03)
        box.pins.contact.drive_high()
        box.go_on(0.02)
    box.go_on(15.0)
    assert box.told == []


def test_a_hold_with_a_bouncing_contact_tells_the_core_group_once(box: Box) -> None:
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


def test_a_hold_while_the_store_is_locked_is_recorded_later_under_its_own_time(box: Box) -> None:
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


def test_after_half_an_hour_of_trying_the_lamp_says_that_nobody_was_told(box: Box) -> None:
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


def test_a_store_that_cannot_be_read_turns_the_lamp_red_within_a_quarter_of_a_minute(box: Box) -> None:
    database.execute_sql("ALTER TABLE modem_state RENAME TO lost")
    box.go_on(5.0)
    assert box.shows == Show.READY  # one look that fails is not a fault yet
    box.go_on(10.0)
    assert box.shows == Show.BROKEN
    database.execute_sql("ALTER TABLE lost RENAME TO modem_state")
    box.go_on(2.0)
    assert box.shows == Show.READY


def test_a_police_text_that_waits_is_blue_once_the_coordinators_have_it(box: Box) -> None:
    police_text(box, "Inbrekers in de Kerkstraat")
    box.go_on(1.5)
    assert box.shows == Show.SENDING
    database.execute_sql("UPDATE segment SET state = 'submitted'")
    box.go_on(1.5)
    assert box.shows == Show.WAITING


def test_a_short_press_says_the_state_for_three_seconds(box: Box) -> None:
    box.hold(0.2)
    assert box.panel.shown == lamp.spoken(alerts_level(box))
    box.go_on(4.0)
    assert box.panel.shown == lamp.PATTERNS[Show.READY]


def alerts_level(box: Box) -> Any:
    return health.read(box.now()).level


def test_the_panel_tells_the_store_that_it_lives(box: Box) -> None:
    box.go_on(25.0)
    beat = Heartbeat.get(Heartbeat.service == "panel")
    assert box.now() - beat.at < timedelta(seconds=12)


def test_at_night_green_is_dimmed(box: Box) -> None:
    box.house.now += timedelta(hours=11)  # eleven in the evening in Brussels
    ModemState.update(heartbeat_at=box.now()).execute()
    box.go_on(1.0)
    assert 0 < box.pins.colour[1] <= lamp.NIGHT_BRIGHTNESS


def test_a_box_without_a_panel_still_runs_and_tells_the_store_that_it_lives(street: Any) -> None:
    seconds = iter(range(100))
    panel = Panel(service.pins(False, 0, 0, 0, 0), street.bin, street.clock, lambda: float(next(seconds)))
    for _ in range(3):
        panel.step()
    assert isinstance(panel.pins, NoPins)
    assert Heartbeat.select().where(Heartbeat.service == "panel").count() == 1
    panel.close()


def test_pins_that_do_not_exist_are_refused_in_words() -> None:
    with pytest.raises(service.NoPanel, match="enabled = false"):
        service.pins(True, 99, RED, GREEN, BLUE)


def test_a_press_wakes_a_panel_that_waits(box: Box) -> None:
    asleep = threading.Thread(target=box.pins.wait, args=(DEADLINE * 6,))
    asleep.start()
    box.pins.contact.drive_low()
    asleep.join(DEADLINE)
    assert not asleep.is_alive()


def test_a_panel_that_is_closed_leaves_the_lamp_dark(box: Box) -> None:
    red, green, blue = (box.pins._lamp.pin_factory.pin(number) for number in (RED, GREEN, BLUE))
    box.go_on(1.0)
    assert green.state > 0
    box.panel.close()
    assert (red.state, green.state, blue.state) == (0, 0, 0)


def test_the_toy_presses_the_button_and_tells_the_lamp(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "panel.sock"
    with toy.serve(path, box.panel):
        assert control.call(path, "lamp") == {
            "colour": "#00ff00", "base": "#00ff00", "pattern": "ready", "words": "Alles goed"
        }  # fmt: skip
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
