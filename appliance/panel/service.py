"""Service 2: watches the button, shows the lamp, and hands a completed hold over to `alerts`.

It needs the store and nothing else. While a finger is on the button nothing slow is done, so that no reading is missed.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance import alerts, bookmarks, chosen, clock, health, store, whole
from appliance.access import presence
from appliance.health import Level, Trouble, onset
from appliance.neighbourhood import Neighbourhood
from appliance.panel import battery, button, lamp
from appliance.panel.battery import Battery
from appliance.panel.button import Action, Button, Phase
from appliance.panel.lamp import Brief, Pattern
from appliance.panel.pins import Pins
from appliance.segments import BadText
from appliance.store import faults
from appliance.store.faults import failures

READ_EVERY = 1.0
READ_ANYWAY = 10.0  # for what only time changes: that a service or a modem fell silent is told after 30 s or more
BEAT_EVERY = timedelta(seconds=10)  # each is a commit on the card; `health` wants one within 30 s
STORE_PATIENCE = 0.25  # seconds to wait for another writer: the button is looked at meanwhile by nobody
STALE_AFTER = 10.0  # for so long the last known health is believed
BRIEFLY = 3.0
LONGER = 30.0  # for what must not be missed: nobody was told
TRY_EVERY = 2.0
TRY_FOR = 1800.0
NIGHT_FROM, NIGHT_TO = 22, 7
BATTERY_LOW = "battery-low"  # in the folder of what the services tell each other while the machine is on

log = logging.getLogger(__name__)


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
        monotonic: Callable[[], float] = time.monotonic, battery_word: Path | None = None,
    ) -> None:  # fmt: skip
        """*battery_word*: the file that tells the machine to stop (bin-kast-battery.path); None where nobody looks."""
        self.pins = pins
        self.shown = lamp.PATTERNS[lamp.Show.STARTING]  # what the lamp says now; others may read it
        self._bin = bin_
        self._now = now
        self._monotonic = monotonic
        self._up_since = self._level_at = self._read_at = self._shown_since = monotonic()
        self._button = Button()
        self._level: Level | None = Level.STARTING
        self._troubles: tuple[Trouble, ...] | None = None  # as last noted
        self._version = ""  # of the store, when the health was last judged
        self._owed: Owed | None = None
        self._brief: Pattern | None = None
        self._brief_until = 0.0
        self._colour: tuple[float, float, float] | None = None
        self._sounds = False
        self._beaten_at: datetime | None = None
        self._stuck: bool | None = None  # as last noted
        self._battery, self._battery_word = Battery(), battery_word
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
        self._watch_battery(monotonic)
        self._shine(now, monotonic)
        return False

    def wait(self, seconds: float) -> None:
        """At most *seconds* have passed, less when the contact changed or the lamp must."""
        self.pins.wait(min(seconds, self.pause))

    def amid(self) -> bool:
        """Whether somebody holds the button, it counts down, or a hold is not kept yet: no moment to stop."""
        return button.busy(self._button) or self._owed is not None

    def close(self) -> None:
        """The lamp is dark: nobody is looking after the box."""
        self.pins.close()

    def _watch_battery(self, monotonic: float) -> None:
        """The machine knows when the battery of the UPS is nearly empty; it stops everything in order, then itself."""
        self._battery, due = battery.step(self._battery, self.pins.battery_low(), monotonic)
        if not due:
            return
        log.critical("the battery of the UPS is nearly empty: the box stops")
        try:
            if self._battery_word:
                whole.write(self._battery_word, b"", 0o644)
        except OSError as error:
            log.error("the machine cannot be told to stop: %s", error)
            self._battery = Battery(well=True)  # and once more in a while

    def _act(self, action: Action, now: datetime, monotonic: float) -> None:
        if action is not Action.SAY_STATE:
            log.info("button: %s", action)
        if action is Action.SAY_STATE:
            self._say(lamp.spoken(self._level), BRIEFLY, monotonic)
            self._witness(now)
        elif action is Action.CANCELLED:
            self._say(lamp.BRIEFS[Brief.CANCELLED], BRIEFLY, monotonic)
        elif action is Action.FIRE and self._owed is None:
            self._owed = Owed(now, give_up_at=monotonic + TRY_FOR, try_at=monotonic)

    def _witness(self, now: datetime) -> None:
        """A short press on a box that nobody can log in to yet proves that somebody stands there."""
        try:
            presence.pressed(now)
        except failures(ValueError) as error:  # ValueError: a damaged row
            log.error("presence not kept: %r", str(error))

    def _say(self, pattern: Pattern, seconds: float, monotonic: float) -> None:
        self._brief, self._brief_until = pattern, monotonic + seconds

    def _look(self, now: datetime, monotonic: float) -> None:
        """The health is at most READ_EVERY old; None when the store could not be read or written for STALE_AFTER."""
        if monotonic < self._read_at:
            return
        self._read_at = monotonic + READ_EVERY
        try:
            self._beat(now)  # first: a clock that jumped must not look like a box that stopped writing
            self._judge(now, monotonic)
        except failures(ValueError) as error:  # ValueError: a damaged row
            if monotonic - self._level_at > STALE_AFTER and self._level is not None:
                self._level = None
                log.error("store cannot be used: %r", faults.line(error) or str(error))

    def _judge(self, now: datetime, monotonic: float) -> None:
        """Nothing is judged anew as long as nobody wrote: to judge is nearly all that an idle panel has to do."""
        version = store.version()
        if version == self._version and monotonic - self._level_at < READ_ANYWAY:
            return
        verdict = health.read(now)
        self._level, self._level_at = verdict.level, monotonic
        self._note(verdict.troubles, now)
        self._version = version

    def _note(self, troubles: tuple[Trouble, ...], now: datetime) -> None:
        """The store knows since when each trouble is there: the one service that looks all the time keeps it."""
        if troubles != self._troubles:
            onset.note(troubles, now)
            self._troubles = troubles

    def _beat(self, now: datetime) -> None:
        """The store knows that the panel lives and whether the button is stuck.

        At once when that changed, the clock was set, or the last sign would look old.
        """
        stuck = self._button.phase is Phase.STUCK
        late = self._beaten_at is None or not timedelta(0) <= now - self._beaten_at < BEAT_EVERY
        if not late and stuck is self._stuck:
            return
        with store.writing():
            health.beat("panel", now)
            if stuck:
                bookmarks.mark(bookmarks.STUCK, now)
            elif self._stuck is not False:
                bookmarks.clear(bookmarks.STUCK)
        self._beaten_at, self._stuck = now, stuck

    def _hand_over(self, monotonic: float) -> None:
        """A completed hold is recorded by `alerts`, in one transaction, under the time at which it was made."""
        owed = self._owed
        if owed is None or monotonic < owed.try_at:
            return
        self._owed = None
        try:
            alert = alerts.press(owed.since, chosen.in_force(self._bin))
        except alerts.TooSoon:
            # A commit may have come through though it was answered by an error: then this is our own hold.
            self._done(Brief.RECORDED if owed.tries else Brief.TOO_SOON, BRIEFLY, monotonic)
        except (alerts.NobodyToTell, BadText):
            self._done(Brief.NOBODY, LONGER, monotonic)
        except failures(ValueError) as error:  # ValueError: a damaged row
            self._keep_trying(owed, error, monotonic)
        else:
            self._done(Brief.RECORDED, BRIEFLY, monotonic, alert=alert.id)

    def _done(self, brief: Brief, seconds: float, monotonic: float, **more: object) -> None:
        self._say(lamp.BRIEFS[brief], seconds, monotonic)
        log.warning("button used: %s %s", brief, more)

    def _keep_trying(self, owed: Owed, error: Exception, monotonic: float) -> None:
        if monotonic >= owed.give_up_at:
            self._done(Brief.NOBODY, LONGER, monotonic, why=str(error))
            return
        if not owed.tries:
            log.error("button used, store does not take it: %r", str(error))
        self._owed = Owed(owed.since, owed.give_up_at, monotonic + TRY_EVERY, owed.tries + 1)

    def _shine(self, now: datetime, monotonic: float) -> None:
        shown = self._saying(monotonic)
        if shown != self.shown:
            self.shown, self._shown_since = shown, monotonic
        self._drive(lamp.lit(shown, self._shown_since, monotonic, self._night(now)),
                    lamp.sounds(shown, self._shown_since, monotonic))  # fmt: skip
        look = button.next_look(self._button)
        change = lamp.until_change(shown, self._shown_since, monotonic)
        self.pause = min(change, READ_EVERY if look is None else look)

    def _drive(self, colour: tuple[float, float, float], sounds: bool) -> None:
        """The pins are told what is new to them."""
        if colour != self._colour:
            self._colour = colour
            self.pins.light(colour)
        if sounds != self._sounds:
            self._sounds = sounds
            self.pins.sound(sounds)

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
