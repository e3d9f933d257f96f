"""Service 2: watches the button, shows the lamp, and hands a completed hold over to `alerts`.

It needs the store and nothing else. While a finger is on the button nothing slow is done, so that no reading is missed.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import gpiozero
import structlog
from gpiozero.pins.mock import MockFactory, MockPWMPin
from peewee import PeeweeException

from appliance import alerts, clock, health
from appliance.health import Level
from appliance.neighbourhood import Neighbourhood
from appliance.panel import button, lamp
from appliance.panel.button import Action, Button, Phase
from appliance.panel.lamp import Brief, Pattern
from appliance.segments import BadText

READ_EVERY = 1.0
BEAT_EVERY = 10.0  # each is a commit on the card; `health` wants one within 30 s
STALE_AFTER = 10.0  # for so long the last known health is believed
BRIEFLY = 3.0
LONGER = 30.0  # for what must not be missed: nobody was told
TRY_EVERY = 2.0
TRY_FOR = 1800.0
NIGHT_FROM, NIGHT_TO = 22, 7

log = structlog.get_logger()


class NoPanel(Exception):
    """The pins cannot be used; `str()` says why and what to do."""


class Pins(Protocol):
    """A contact and a lamp of three colours."""

    def pressed(self) -> bool:
        """Whether the contact is closed at this moment, unfiltered."""

    def light(self, colour: tuple[float, float, float]) -> None:
        """The lamp shows *colour*: red, green, blue, each 0 to 1."""

    @property
    def colour(self) -> tuple[float, float, float]:
        """What the lamp shows."""

    def wait(self, seconds: float) -> None:
        """*seconds* have passed, or the contact has changed."""

    def close(self) -> None:
        """The lamp is dark and the pins are free."""


class Gpio:
    """The box's own pins (BCM numbers): a button to ground and a lamp with a common cathode."""

    def __init__(self, contact: int, red: int, green: int, blue: int, factory: Any = None) -> None:
        """Raises NoPanel. *factory* is gpiozero's; None finds the one for this computer."""
        self._bell = threading.Event()
        try:
            # No bounce_time and no when_held: they lose and repeat presses (gpiozero #550, #697). `button` filters.
            self._contact = gpiozero.Button(contact, pull_up=True, pin_factory=factory)
            self._lamp = gpiozero.RGBLED(red, green, blue, pin_factory=factory)
        except (gpiozero.GPIOZeroError, OSError) as error:
            raise NoPanel(
                f"The button and the lamp cannot be used ({error}). "
                "Check the numbers in [panel], or set enabled = false on a computer without them."
            ) from error
        # From gpiozero's own thread: it only rings the bell.
        self._contact.when_pressed = self._contact.when_released = self._bell.set

    @property
    def contact(self) -> Any:
        """The pin of the button, for the toy and the tests: they drive a mock pin with it."""
        return self._contact.pin

    @property
    def colour(self) -> tuple[float, float, float]:
        """What the lamp shows."""
        red, green, blue = self._lamp.value
        return (red, green, blue)

    def pressed(self) -> bool:
        """Whether the contact is closed at this moment, unfiltered."""
        return bool(self._contact.is_pressed)

    def light(self, colour: tuple[float, float, float]) -> None:
        """The lamp shows *colour*."""
        self._lamp.value = colour

    def wait(self, seconds: float) -> None:
        """*seconds* have passed, or the contact has changed."""
        self._bell.wait(seconds)
        self._bell.clear()

    def close(self) -> None:
        """The lamp is dark and the pins are free."""
        self._contact.close()
        self._lamp.close()


class NoPins:
    """A box without button and lamp: `[panel] enabled = false`."""

    def __init__(self) -> None:
        self._never = threading.Event()

    def pressed(self) -> bool:
        """Never."""
        return False

    def light(self, colour: tuple[float, float, float]) -> None:
        """Nobody sees it."""

    @property
    def colour(self) -> tuple[float, float, float]:
        """Dark."""
        return lamp.DARK

    def wait(self, seconds: float) -> None:
        """*seconds* have passed."""
        self._never.wait(seconds)

    def close(self) -> None:
        """Nothing was open."""


def pins(enabled: bool, contact: int, red: int, green: int, blue: int) -> Gpio | NoPins:
    """The pins of this box, by the values of `[panel]`; those of the demo exist in memory only. Raises NoPanel.

    gpiozero's own mock pins cannot be dimmed, hence the factory made here.
    """
    if not enabled:
        return NoPins()
    mock = os.environ.get("GPIOZERO_PIN_FACTORY") == "mock"
    return Gpio(contact, red, green, blue, MockFactory(pin_class=MockPWMPin) if mock else None)


@dataclass(frozen=True)
class Owed:
    """A completed hold that the store has not taken yet."""

    since: datetime
    give_up_at: float
    try_at: float
    tries: int = 0


class Panel:
    """The service: `step` for ever, `wait` in between."""

    def __init__(
        self, pins: Pins, bin_: Neighbourhood, now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.pins = pins
        self.shown = lamp.PATTERNS[lamp.Show.STARTING]  # what the lamp says now; others may read it
        self._bin = bin_
        self._now = now
        self._monotonic = monotonic
        self._up_since = self._level_at = self._read_at = self._beat_at = self._shown_since = monotonic()
        self._button = Button()
        self._level: Level | None = Level.STARTING
        self._owed: Owed | None = None
        self._brief: Pattern | None = None
        self._brief_until = 0.0
        self._colour: tuple[float, float, float] | None = None
        self.pause = 0.0  # seconds until the next step is wanted, unless the contact changes

    def step(self) -> bool:
        """One reading of the contact and whatever follows from it; False: `wait` may follow."""
        now, monotonic = self._now(), self._monotonic()
        self._button, actions = button.step(self._button, self.pins.pressed(), monotonic)
        for action in actions:
            self._act(action, now, monotonic)
        if not button.busy(self._button):
            self._look(now, monotonic)
            self._hand_over(monotonic)
        self._shine(now, monotonic)
        return False

    def wait(self, seconds: float) -> None:
        """At most *seconds* have passed, less when the contact changed or the lamp must."""
        self.pins.wait(min(seconds, self.pause))

    def close(self) -> None:
        """The lamp is dark: nobody is looking after the box."""
        self.pins.close()

    def _act(self, action: Action, now: datetime, monotonic: float) -> None:
        if action is not Action.SAY_STATE:
            log.info("button", says=action)
        if action is Action.SAY_STATE:
            self._say(lamp.spoken(self._level), BRIEFLY, monotonic)
        elif action is Action.CANCELLED:
            self._say(lamp.BRIEFS[Brief.CANCELLED], BRIEFLY, monotonic)
        elif action is Action.FIRE and self._owed is None:
            self._owed = Owed(now, give_up_at=monotonic + TRY_FOR, try_at=monotonic)

    def _say(self, pattern: Pattern, seconds: float, monotonic: float) -> None:
        self._brief, self._brief_until = pattern, monotonic + seconds

    def _look(self, now: datetime, monotonic: float) -> None:
        """The health is at most READ_EVERY old, or, when the store cannot be read, None after STALE_AFTER."""
        if monotonic < self._read_at:
            return
        self._read_at = monotonic + READ_EVERY
        try:
            self._level, self._level_at = health.read(now).level, monotonic
            if monotonic >= self._beat_at:
                self._beat_at = monotonic + BEAT_EVERY
                health.beat("panel", now)
        except PeeweeException as error:
            if monotonic - self._level_at > STALE_AFTER and self._level is not None:
                self._level = None
                log.error("store cannot be read", why=str(error))

    def _hand_over(self, monotonic: float) -> None:
        """A completed hold is recorded by `alerts`, in one transaction, under the time at which it was made."""
        owed = self._owed
        if owed is None or monotonic < owed.try_at:
            return
        self._owed = None
        try:
            alert = alerts.press(owed.since, self._bin)
        except alerts.TooSoon:
            # A commit may have come through though it was answered by an error: then this is our own hold.
            self._done(Brief.RECORDED if owed.tries else Brief.TOO_SOON, BRIEFLY, monotonic)
        except (alerts.NobodyToTell, BadText):
            self._done(Brief.NOBODY, LONGER, monotonic)
        except PeeweeException as error:
            self._keep_trying(owed, error, monotonic)
        else:
            self._done(Brief.RECORDED, BRIEFLY, monotonic, alert=alert.id)

    def _done(self, brief: Brief, seconds: float, monotonic: float, **more: object) -> None:
        self._say(lamp.BRIEFS[brief], seconds, monotonic)
        log.warning("button used", outcome=brief, **more)

    def _keep_trying(self, owed: Owed, error: PeeweeException, monotonic: float) -> None:
        if monotonic >= owed.give_up_at:
            self._done(Brief.NOBODY, LONGER, monotonic, why=str(error))
            return
        if not owed.tries:
            log.error("button used, store does not take it", why=str(error))
        self._owed = Owed(owed.since, owed.give_up_at, monotonic + TRY_EVERY, owed.tries + 1)

    def _shine(self, now: datetime, monotonic: float) -> None:
        shown = self._saying(monotonic)
        if shown != self.shown:
            self.shown, self._shown_since = shown, monotonic
        colour = lamp.lit(shown, self._shown_since, monotonic, self._night(now))
        if colour != self._colour:
            self._colour = colour
            self.pins.light(colour)
        look = button.next_look(self._button)
        change = lamp.until_change(shown, self._shown_since, monotonic)
        self.pause = min(change, READ_EVERY if look is None else look)

    def _saying(self, monotonic: float) -> Pattern:
        """A hold or a countdown before anything else; then what was just done; then the state at rest."""
        if self._button.phase not in lamp.PHASES or self._button.phase is Phase.STUCK:
            if self._owed:
                return lamp.BRIEFS[Brief.TRYING]
            if self._brief and monotonic < self._brief_until:
                return self._brief
        return lamp.pattern(self._level, self._button.phase, monotonic - self._up_since)

    def _night(self, now: datetime) -> bool:
        hour = self._bin.local(now).hour
        return clock.trusted(now) and (hour >= NIGHT_FROM or hour < NIGHT_TO)
