"""The box in somebody's hall: gpiozero's mock pins, a real store, a clock that only the waiting panel moves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from appliance.models import Delivery, ModemState
from appliance.panel import pins as panel_pins
from appliance.panel.pins import Gpio, Wires
from appliance.panel.service import Panel

WIRES = Wires(button=17, red=22, green=27, blue=24, buzzer=18)


class Box:
    """The box in somebody's hall: what a finger can do, and what an eye can see."""

    def __init__(self, house: Any, pins: Gpio) -> None:
        self.house = house
        self.seconds = 0.0
        self.pins = pins
        self.colours: list[tuple[float, float, float]] = []
        self.tones: list[bool] = []
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
            self.tones.append(self.pins.buzzer.device.value > 0)
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
def wires() -> Wires:
    return WIRES


@pytest.fixture
def new_box() -> type[Box]:
    return Box


@pytest.fixture
def pins() -> Iterator[Gpio]:
    found = panel_pins.pins(True, WIRES)
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
