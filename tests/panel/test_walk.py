"""`appliance panel test`: somebody who has just connected lamp, buzzer and button, and does as told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from gpiozero.pins.mock import MockFactory, MockPWMPin

from appliance import lang
from appliance.cli import main
from appliance.panel import lamp, walk
from appliance.panel.pins import Gpio, NoPanel, Wires, pins
from appliance.panel.walk import Helper, Step, Walk

ONE = Wires(button=17, led=22)
THREE = Wires(button=17, red=22, green=27, blue=24, buzzer=18)
WORDS = lang.health("nl")["walk"]


class Hands:
    """The helper's: told to press, they do it half a second later, for as long as was agreed."""

    def __init__(self, real: Gpio, presses: dict[str, float]) -> None:
        self.real, self.presses = real, presses
        self.seconds, self.down_at, self.up_at = 0.0, 0.0, 0.0
        self.seen: list[tuple[str, tuple[float, float, float]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def hear(self, words: str) -> None:
        for name, seconds in self.presses.items():
            if words == WORDS[f"do_{name}"]:
                self.down_at, self.up_at = self.seconds + 0.5, self.seconds + 0.5 + seconds

    def look(self, words: str) -> bool:
        self.seen.append((words, self.real.colour))
        return True

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        down = self.down_at < self.seconds < self.up_at
        self.real.contact.drive_low() if down else self.real.contact.drive_high()


Walked = Callable[..., tuple[list[Step], Hands]]


@pytest.fixture
def walked() -> Walked:
    """The steps of a walk in which each press lasts as long as is given here."""

    def go(wires: Wires, see: bool = True, **presses: float) -> tuple[list[Step], Hands]:
        real = Gpio(wires, MockFactory(pin_class=MockPWMPin))
        hands = Hands(real, {"press": 0.3, "hold": 3.1, "cancel": 0.3} | presses)
        helper = Helper(say=hands.hear, ask=hands.look if see else lambda _: False)
        steps = Walk(hands, wires, helper, "nl", lambda: hands.seconds).go()
        real.contact.drive_high()
        real.close()
        return steps, hands

    return go


def bad(steps: list[Step]) -> list[str]:
    return [step.name for step in steps if not step.good]


def test_a_panel_that_is_connected_well_passes_every_step(walked: Walked) -> None:
    steps, hands = walked(THREE)
    assert [step.name for step in steps] == ["red", "green", "blue", "buzzer", "open", "press", "hold", "cancel"]
    assert bad(steps) == []
    assert [colour for _, colour in hands.seen[:3]] == [lamp.RED, lamp.GREEN, lamp.BLUE]


def test_a_lamp_of_one_colour_is_asked_for_once_and_no_buzzer_is_not_asked_for(walked: Walked) -> None:
    steps, hands = walked(ONE)
    assert [step.name for step in steps] == ["light", "open", "press", "hold", "cancel"]
    assert hands.seen == [(WORDS["ask_light"], lamp.WHITE)]


def test_a_colour_that_nobody_sees_is_told_with_the_wire_to_look_at(walked: Walked) -> None:
    steps, _ = walked(THREE, see=False)
    assert bad(steps) == ["red", "green", "blue", "buzzer"]
    assert "[panel] red" in steps[0].advice


@pytest.mark.parametrize(
    ("presses", "wrong"),
    [({"press": 0.0}, ["press"]), ({"hold": 2.0}, ["hold", "cancel"]), ({"cancel": 0.0}, ["cancel"])],
)
def test_a_press_that_does_not_come_or_does_not_last_is_told(
    walked: Walked, presses: dict[str, float], wrong: list[str]
) -> None:
    steps, _ = walked(THREE, **presses)
    assert bad(steps) == wrong


class Welded(Hands):
    """A contact that never opens."""

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.real.contact.drive_low()


def test_a_button_that_always_makes_contact_ends_the_walk() -> None:
    real = Gpio(THREE, MockFactory(pin_class=MockPWMPin))
    real.contact.drive_low()
    hands = Welded(real, {})
    steps = Walk(hands, THREE, Helper(hands.hear, hands.look), "nl", lambda: hands.seconds).go()
    real.contact.drive_high()
    real.close()
    assert (steps[-1].name, bad(steps)) == ("open", ["open"])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("[panel]\nled = 22\n")
    return path


def test_a_panel_that_is_switched_off_cannot_be_tested(config: Path) -> None:
    config.write_text("[panel]\nenabled = false\n")
    result = CliRunner().invoke(main, ["--config", str(config), "panel", "test"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "enabled = false" in result.stderr


@pytest.mark.slow
def test_the_command_needs_no_store_asks_on_stderr_and_exits_with_1_when_something_is_wrong(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PATIENCE", 0.05)  # nobody is there to press
    result = CliRunner().invoke(main, ["--config", str(config), "panel", "test", "--json"], input="y\n")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert WORDS["ask_light"] in result.stderr
    assert {step["step"]: step["ok"] for step in answer["steps"]} == {
        "light": True, "open": True, "press": False, "hold": False, "cancel": False,
    }  # fmt: skip


def test_a_lamp_of_one_colour_is_as_bright_as_the_brightest_colour() -> None:
    panel = Gpio(ONE, MockFactory(pin_class=MockPWMPin))
    panel.light((0.2, 0.6, 0.0))
    assert panel.colour == (0.6, 0.6, 0.6)
    panel.sound(True)  # there is no buzzer: nothing happens
    panel.close()


def test_a_computer_without_a_header_is_told_so_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    monkeypatch.setenv("LG_WD", str(tmp_path))  # lgpio leaves a pipe there
    with pytest.raises(NoPanel, match="enabled = false"):
        pins(True, THREE)
