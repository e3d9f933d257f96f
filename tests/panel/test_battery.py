"""The battery of a UPS: told once, when it lasts; and what the panel makes of it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import runner
from appliance.panel import battery, service
from appliance.panel import pins as panel_pins
from appliance.panel.battery import LASTS, Battery
from appliance.panel.pins import Gpio, Wires
from appliance.panel.service import Panel


def told_at(readings: list[tuple[float, bool]]) -> list[float]:
    state, told = Battery(), []
    for at, low in readings:
        state, due = battery.step(state, low, at)
        told += [at] * due
    return told


def each_second(pattern: str) -> list[tuple[float, bool]]:
    return [(float(second), sign == "v") for second, sign in enumerate(pattern)]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("-" + 30 * "v", [11.0]),  # once
        ("-" + 10 * "v" + "-" + 10 * "v" + "-", []),  # a modem that sends
        (60 * "v", []),  # low from the start: it loads, or the wire is the wrong way round
        (5 * "v" + "-" + 12 * "v", [16.0]),
        ("-" + 12 * "v" + "-" + 12 * "v", [11.0, 24.0]),  # the mains came back in between
    ],
)
def test_it_is_told_once_when_it_was_well_and_then_low_for_ten_seconds(pattern: str, told: list[float]) -> None:
    assert told_at(each_second(pattern)) == told


@given(st.lists(st.tuples(st.floats(0.01, 20.0), st.booleans()), max_size=60))
def test_whatever_the_wire_does_each_telling_has_ten_seconds_of_low_before_it(pieces: list[tuple[float, bool]]) -> None:
    now, readings = 0.0, []
    for seconds, low in pieces:
        readings.append((now, low))
        now += seconds
    for at in told_at(readings):
        window = [low for when, low in readings if at - LASTS <= when <= at]
        assert all(window)


class Ups:
    """A UPS on its own pin, and a panel that tells the machine by *word*."""

    def __init__(self, house: Any, word: Path, *, high: bool = False) -> None:
        self.pins = panel_pins.pins(True, Wires(button=17, led=22, ups=6, ups_high=high))
        assert isinstance(self.pins, Gpio)
        self.seconds, self.word, self._high = 0.0, word, high
        self.panel = Panel(self.pins, house.bin, lambda: house.now, lambda: self.seconds, battery_word=word)

    def warns(self, low: bool) -> None:
        assert isinstance(self.pins, Gpio)
        pin = self.pins.ups.pin
        (pin.drive_high if low is self._high else pin.drive_low)()

    def go_on(self, seconds: float) -> None:
        end = self.seconds + seconds
        while self.seconds < end:
            self.panel.step()
            self.seconds = min(end, self.seconds + self.panel.pause)


@pytest.fixture(params=[False, True], ids=["to ground", "high"])
def ups(request: pytest.FixtureRequest, house: Any, tmp_path: Path) -> Any:
    made = Ups(house, tmp_path / service.BATTERY_LOW, high=request.param)
    yield made
    made.panel.close()


def test_the_machine_is_told_when_the_battery_is_nearly_empty(ups: Ups) -> None:
    ups.go_on(5)
    ups.warns(True)
    ups.go_on(8)
    assert not ups.word.exists()
    ups.go_on(5)
    assert ups.word.read_bytes() == b""


def test_a_wire_that_is_off_stops_no_machine(ups: Ups) -> None:
    ups.go_on(60)
    assert not ups.word.exists()


def test_when_the_word_cannot_be_left_it_is_tried_again(ups: Ups, caplog: pytest.LogCaptureFixture) -> None:
    folder = ups.word.parent / "later"
    ups.panel._battery_word = ups.word = folder / service.BATTERY_LOW
    ups.go_on(5)
    ups.warns(True)
    ups.go_on(15)
    assert "cannot be told" in caplog.text
    folder.mkdir()
    ups.go_on(15)
    assert ups.word.exists()


def test_only_under_systemd_is_there_anybody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    assert runner.told(service.BATTERY_LOW) is None
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/bin-kast")
    assert runner.told(service.BATTERY_LOW) == Path("/run/bin-kast/battery-low")
