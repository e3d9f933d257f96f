"""A walk past lamp, buzzer and button with whoever has just connected them. Nothing is sent: no store is open.

The button is judged by the same table as in service, and the lamp shows what it will show then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from appliance import lang
from appliance.panel import button, lamp
from appliance.panel.button import Action, Button, Phase
from appliance.panel.pins import DARK, Colour, Pins, Wires

PATIENCE = 30.0  # seconds for a person to do what was asked
REST = 1.0  # a contact that was open for so long is open
TONE = 1.0

THREE = {"red": lamp.RED, "green": lamp.GREEN, "blue": lamp.BLUE}
ONE = {"light": lamp.WHITE}

_WORDS = {language: lang.health(language)["walk"] for language in lang.LANGUAGES}


@dataclass(frozen=True)
class Helper:
    """The person at the box: is told what to do, and answers yes or no."""

    say: Callable[[str], object]
    ask: Callable[[str], bool]


@dataclass(frozen=True)
class Step:
    """One thing that was tried."""

    name: str
    good: bool
    words: str
    advice: str  # what to look at when it is not good


class Walk:
    """Lamp, buzzer, button, in this order."""

    def __init__(self, pins: Pins, wires: Wires, helper: Helper, language: str, monotonic: Callable[[], float]) -> None:
        self._pins = pins
        self._wires = wires
        self._helper = helper
        self._words = _WORDS[language]
        self._monotonic = monotonic
        self._button = Button()

    def go(self) -> list[Step]:
        """Everything was tried; the lamp is dark and the buzzer silent."""
        self._helper.say(self._words["begin"])
        return list(self._steps())

    def _steps(self) -> Iterator[Step]:
        for name, colour in (ONE if self._wires.led else THREE).items():
            yield self._judged(name, self._seen(name, colour))
        if self._wires.buzzer:
            yield self._judged("buzzer", self._heard())
        open_ = self._until({Phase.IDLE}, REST + button.DEBOUNCE)
        yield self._judged("open", open_)
        if open_:
            yield self._judged("press", self._told("press", {Action.SAY_STATE}))
            yield self._judged("hold", self._told("hold", {Action.ARMED}))
            yield self._judged("cancel", self._told("cancel", {Action.CANCELLED}))

    def _judged(self, name: str, good: bool) -> Step:
        return Step(name, good, self._words[f"is_{name}"], "" if good else self._words[f"mend_{name}"])

    def _seen(self, name: str, colour: Colour) -> bool:
        self._pins.light(colour)
        seen = self._helper.ask(self._words[f"ask_{name}"])
        self._pins.light(DARK)
        return seen

    def _heard(self) -> bool:
        self._pins.sound(True)
        self._pins.wait(TONE)
        self._pins.sound(False)
        return self._helper.ask(self._words["ask_buzzer"])

    def _told(self, name: str, wanted: set[Action]) -> bool:
        self._helper.say(self._words[f"do_{name}"])
        return self._until(wanted, PATIENCE)

    def _until(self, wanted: set[Action] | set[Phase], seconds: float) -> bool:
        """Whether the button came to something *wanted* within *seconds*; the lamp shows what it does meanwhile."""
        since = began = self._monotonic()
        shown, reached = None, False
        while not reached and (now := self._monotonic()) < began + seconds:
            self._button, actions = button.step(self._button, self._pins.pressed(), now)
            reached = self._button.phase in wanted or not wanted.isdisjoint(actions)
            pattern = lamp.PATTERNS[lamp.PHASES.get(self._button.phase, lamp.Show.OFF)]
            shown, since = (shown, since) if shown == pattern else (pattern, now)
            self._pins.light(lamp.lit(pattern, since, now))
            self._pins.wait(min(button.LOOK_EVERY, button.next_look(self._button) or button.LOOK_EVERY))
        return reached
