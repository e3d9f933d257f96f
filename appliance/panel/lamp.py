"""The lamp: one state at a time, by priority, as colour, rhythm and words. Pure; the table is facts/ux 4.5.

Colours follow IEC 60073 (red fault, yellow abnormal, green normal, blue: a person must act, white neutral). No rhythm
flashes more than three times in a second (WCAG 2.3.1), and colour is never the only sign: each has its own rhythm.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from appliance.health import Level
from appliance.panel.button import Phase

STARTING_AT_MOST = 180.0  # seconds; then a box that still starts is a box that does not work
NIGHT_BRIGHTNESS = 0.2
FADE_STEP = 0.05  # seconds between two brightnesses of a soft pulse
SOONEST = 0.005  # no eye sees a beat that is late by this

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
YELLOW, WHITE, DARK = (1.0, 0.6, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


class Show(StrEnum):
    """What the lamp says, highest first."""

    HOLDING = "holding"
    COUNTDOWN = "countdown"
    BROKEN = "broken"
    SENDING = "sending"
    WAITING = "waiting"
    ATTENTION = "attention"
    DRILL = "drill"
    READY = "ready"
    STARTING = "starting"
    OFF = "off"


class Brief(StrEnum):
    """What the lamp says for some seconds about something that was just done at the button."""

    CANCELLED = "cancelled"
    TOO_SOON = "too_soon"
    RECORDED = "recorded"
    NOBODY = "nobody"
    TRYING = "trying"  # the store does not take it yet: tried again until it does


@dataclass(frozen=True)
class Pattern:
    """A colour in a rhythm, and the words that go with it (the sticker's, and the page's)."""

    name: str
    colour: tuple[float, float, float]
    beats: tuple[tuple[float, float], ...]  # (brightness 0 to 1, seconds), over and over
    words: str
    soft: bool = False  # fades up and down once per round instead of stepping
    dims: bool = True  # less bright at night

    @property
    def period(self) -> float:
        """Seconds until it begins again."""
        return sum(seconds for _, seconds in self.beats)


def _flashes(count: int, on: float, off: float, pause: float = 0.0) -> tuple[tuple[float, float], ...]:
    flash = ((1.0, on), (0.0, off))
    return flash * (count - 1) + ((1.0, on), (0.0, off + pause))


# From 1 to 2.5 flashes a second within the three seconds of the hold.
_QUICKENING = tuple(beat for period in (1.0, 0.7, 0.5, 0.4, 0.4) for beat in ((1.0, period / 2), (0.0, period / 2)))

_TWO_AND_PAUSE = _flashes(2, 0.33, 0.33, 0.67)
_THREE_TIMES = _flashes(3, 0.4, 0.6)
_FAST = _flashes(1, 0.2, 0.2)

_TABLE = (
    Pattern(Show.HOLDING, RED, _QUICKENING, "Blijf drukken…", dims=False),
    Pattern(Show.COUNTDOWN, RED, _flashes(1, 0.25, 0.25), "Druk kort = stoppen", dims=False),
    Pattern(Show.BROKEN, RED, _TWO_AND_PAUSE, "Kan niet versturen – kijk op scherm", dims=False),
    Pattern(Show.SENDING, WHITE, ((1.0, 1.0),), "Bezig", soft=True),
    Pattern(Show.WAITING, BLUE, _flashes(1, 0.5, 0.5), "Er wacht een bericht", dims=False),
    Pattern(Show.ATTENTION, YELLOW, _flashes(1, 1.0, 1.0), "Kijk als het past"),
    Pattern(Show.DRILL, WHITE, _flashes(2, 0.25, 0.25, 1.0), "Oefening"),
    Pattern(Show.READY, GREEN, ((1.0, 4.8), (0.1, 0.2)), "Alles goed"),
    Pattern(Show.STARTING, WHITE, ((1.0, 2.0),), "Even geduld", soft=True),
    Pattern(Show.OFF, DARK, ((0.0, 60.0),), "Geen stroom of kapot"),
)
PATTERNS = {Show(pattern.name): pattern for pattern in _TABLE}

_BRIEF_TABLE = (
    Pattern(Brief.CANCELLED, GREEN, _THREE_TIMES, "Geannuleerd: er is niets verstuurd", dims=False),
    Pattern(Brief.TOO_SOON, YELLOW, _THREE_TIMES, "De knop is net al gebruikt: er is niets verstuurd", dims=False),
    Pattern(Brief.RECORDED, WHITE, _THREE_TIMES, "Genoteerd: de kast verstuurt", dims=False),
    Pattern(Brief.NOBODY, RED, _FAST, "Niet verstuurd: er is niemand om te verwittigen. Bel 101", dims=False),
    Pattern(Brief.TRYING, RED, _FAST, "Nog niet verstuurd: de kast blijft proberen. Bel 101", dims=False),
)
BRIEFS = {Brief(pattern.name): pattern for pattern in _BRIEF_TABLE}

STUCK_WORDS = "De knop hangt – kijk of er iets op drukt"

LEVELS: dict[Level, Show] = {
    Level.BROKEN: Show.BROKEN,
    Level.SENDING: Show.SENDING,
    Level.WAITING: Show.WAITING,
    Level.ATTENTION: Show.ATTENTION,
    Level.STARTING: Show.STARTING,
    Level.READY: Show.READY,
}
PHASES: dict[Phase, Show] = {
    Phase.HOLDING: Show.HOLDING,
    Phase.ARMED: Show.COUNTDOWN,
    Phase.COUNTDOWN: Show.COUNTDOWN,
    Phase.DUE: Show.COUNTDOWN,
    Phase.STUCK: Show.BROKEN,
}


def pattern(level: Level | None, phase: Phase, up_for: float) -> Pattern:
    """What to show of *level* (None: the store could not be read) and the button, *up_for* seconds after power-on."""
    at_rest = Show.BROKEN if level is None else LEVELS[level]
    if at_rest is Show.STARTING and up_for > STARTING_AT_MOST:
        at_rest = Show.BROKEN
    shown = min(at_rest, PHASES.get(phase, Show.OFF), key=list(Show).index)
    found = PATTERNS[shown]
    if phase is Phase.STUCK and shown is Show.BROKEN:
        return replace(found, words=STUCK_WORDS)
    return found


def spoken(level: Level | None) -> Pattern:
    """The answer to a short press: one flash for well, two for attention, three for a fault, in the state's colour."""
    shown = PATTERNS[Show.BROKEN if level is None else LEVELS[level]]
    count = {Show.BROKEN: 3, Show.ATTENTION: 2, Show.WAITING: 2}.get(Show(shown.name), 1)
    return replace(shown, beats=_flashes(count, 0.25, 0.25, 3.0 - count * 0.5), soft=False, dims=False)


def lit(shown: Pattern, since: float, now: float, night: bool = False) -> tuple[float, float, float]:
    """Red, green and blue, each 0 to 1, at *now* of a pattern that began at *since* (monotonic seconds)."""
    position = (now - since) % shown.period
    brightness = _fade(position / shown.period) if shown.soft else _beat(shown, position)[0]
    if night and shown.dims:
        brightness *= NIGHT_BRIGHTNESS
    red, green, blue = shown.colour
    return (red * brightness, green * brightness, blue * brightness)


def until_change(shown: Pattern, since: float, now: float) -> float:
    """Seconds until `lit` will answer something else."""
    return FADE_STEP if shown.soft else max(SOONEST, _beat(shown, (now - since) % shown.period)[1])


def _fade(part: float) -> float:
    return 0.5 - 0.5 * math.cos(2 * math.pi * part)


def _beat(shown: Pattern, position: float) -> tuple[float, float]:
    """The brightness at *position* in the round, and the seconds until it changes."""
    for brightness, seconds in shown.beats:
        if position < seconds:
            return brightness, seconds - position
        position -= seconds
    return shown.beats[0]
