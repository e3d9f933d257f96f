"""The lamp: one state at a time, by priority, as colour, rhythm and words. Pure; the table is facts/ux 4.5.

Colours follow IEC 60073 (red fault, yellow abnormal, green normal, blue: a person must act, white neutral). No rhythm
flashes more than three times in a second (WCAG 2.3.1), and colour is never the only sign: each has its own rhythm, far
enough from every other for an eye that cannot compare, so that a lamp of one colour says the same.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from appliance import lang
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


Beats = tuple[tuple[float, float], ...]  # (brightness 0 to 1, seconds), over and over


@dataclass(frozen=True)
class Pattern:
    """A colour in a rhythm. The words that go with it, on the sticker and on the page: `words`."""

    name: str
    colour: tuple[float, float, float]
    beats: Beats
    soft: bool = False  # fades up and down once per round instead of stepping
    dims: bool = True  # less bright at night
    beeps: Beats = ()  # the same for the buzzer; empty: silent
    says: str = ""  # the name of its words, when they are not its own

    @property
    def period(self) -> float:
        """Seconds until it begins again."""
        return _period(self.beats)


def _flashes(count: int, on: float, off: float, pause: float = 0.0) -> Beats:
    flash = ((1.0, on), (0.0, off))
    return flash * (count - 1) + ((1.0, on), (0.0, off + pause))


# From 1 to 2.5 flashes a second within the three seconds of the hold.
_QUICKENING = tuple(beat for period in (1.0, 0.7, 0.5, 0.4, 0.4) for beat in ((1.0, period / 2), (0.0, period / 2)))

_FAINT_DIP = ((1.0, 4.8), (0.1, 0.2))

# The buzzer is for panic only: ticks while held, a long tone when armed, a tone each second of the countdown, its end.
_TICKS = ((1.0, 0.05), (0.0, 0.95))
_COUNTING = ((1.0, 0.6), (0.0, 0.4), *((1.0, 0.1), (0.0, 0.9)) * 9)
_SENT = ((1.0, 1.0), (0.0, 60.0))
_TWICE = ((1.0, 0.2), (0.0, 0.2), (1.0, 0.2), (0.0, 60.0))
_ALARMING = _flashes(3, 0.1, 0.1, 4.4)

_TABLE = (
    Pattern(Show.HOLDING, RED, _QUICKENING, dims=False, beeps=_TICKS),
    Pattern(Show.COUNTDOWN, RED, _flashes(1, 0.25, 0.25), dims=False, beeps=_COUNTING),
    Pattern(Show.BROKEN, RED, _flashes(2, 0.33, 0.33, 0.67), dims=False),
    Pattern(Show.SENDING, WHITE, ((1.0, 1.0),), soft=True),
    Pattern(Show.WAITING, BLUE, _flashes(1, 0.5, 0.5), dims=False),
    Pattern(Show.ATTENTION, YELLOW, _flashes(1, 1.0, 1.0)),
    Pattern(Show.DRILL, WHITE, _flashes(2, 0.12, 0.25, 1.5)),
    Pattern(Show.READY, GREEN, _FAINT_DIP),
    Pattern(Show.STARTING, WHITE, ((1.0, 2.0),), soft=True),
    Pattern(Show.OFF, DARK, ((0.0, 60.0),)),
)
PATTERNS = {Show(pattern.name): pattern for pattern in _TABLE}

_BRIEF_TABLE = (
    Pattern(Brief.CANCELLED, GREEN, _flashes(1, 0.2, 0.8), dims=False, beeps=_TWICE),  # three short ones
    Pattern(Brief.TOO_SOON, YELLOW, ((1.0, 0.2), (0.0, 0.3), (1.0, 0.8), (0.0, 0.2)), dims=False, beeps=_TWICE),
    Pattern(Brief.RECORDED, WHITE, _flashes(1, 0.8, 0.2), dims=False, beeps=_SENT),  # three long ones
    Pattern(Brief.NOBODY, RED, _flashes(3, 0.2, 0.2, 0.6), dims=False, beeps=_ALARMING),
    Pattern(Brief.TRYING, RED, ((1.0, 0.8), (0.0, 0.2), *_flashes(2, 0.2, 0.2)), dims=False, beeps=_ALARMING),
)
BRIEFS = {Brief(pattern.name): pattern for pattern in _BRIEF_TABLE}

STUCK = replace(PATTERNS[Show.BROKEN], says="stuck")
NO_STORE = replace(PATTERNS[Show.BROKEN], says="store")

_WORDS = {language: lang.health(language)["lamp"] for language in lang.LANGUAGES}


def words(shown: Pattern, language: str) -> str:
    """What *shown* means, in a few words."""
    return str(_WORDS[language][shown.says or shown.name])


LEVELS: dict[Level, Show] = {
    Level.BROKEN: Show.BROKEN,
    Level.SENDING: Show.SENDING,
    Level.WAITING: Show.WAITING,
    Level.ATTENTION: Show.ATTENTION,
    Level.DRILL: Show.DRILL,
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
    if shown is not Show.BROKEN:
        return PATTERNS[shown]
    if phase is Phase.STUCK:
        return STUCK
    return NO_STORE if level is None else PATTERNS[shown]


def spoken(level: Level | None) -> Pattern:
    """The answer to a short press: one flash for well, two for attention, three for a fault, in the state's colour."""
    shown = PATTERNS[Show.BROKEN if level is None else LEVELS[level]]
    count = {Show.BROKEN: 3, Show.ATTENTION: 2, Show.WAITING: 2}.get(Show(shown.name), 1)
    return replace(shown, beats=_flashes(count, 0.25, 0.25, 3.0 - count * 0.5), soft=False, dims=False)


def lit(shown: Pattern, since: float, now: float, night: bool = False) -> tuple[float, float, float]:
    """Red, green and blue, each 0 to 1, at *now* of a pattern that began at *since* (monotonic seconds)."""
    after = now - since
    brightness = _fade(after / shown.period) if shown.soft else _beat(shown.beats, after)[0]
    if night and shown.dims:
        brightness *= NIGHT_BRIGHTNESS
    red, green, blue = shown.colour
    return (red * brightness, green * brightness, blue * brightness)


def sounds(shown: Pattern, since: float, now: float) -> bool:
    """Whether the buzzer sounds at *now* of a pattern that began at *since*."""
    return bool(shown.beeps) and _beat(shown.beeps, now - since)[0] > 0


def until_change(shown: Pattern, since: float, now: float) -> float:
    """Seconds until `lit` or `sounds` will answer something else."""
    left = FADE_STEP if shown.soft else _beat(shown.beats, now - since)[1]
    heard = _beat(shown.beeps, now - since)[1] if shown.beeps else left
    return max(SOONEST, min(left, heard))


def _fade(part: float) -> float:
    return 0.5 - 0.5 * math.cos(2 * math.pi * part)


def _beat(beats: Beats, after: float) -> tuple[float, float]:
    """How strong it is *after* so many seconds, and the seconds until it changes."""
    position = after % _period(beats)
    for strength, seconds in beats:
        if position < seconds:
            return strength, seconds - position
        position -= seconds
    return beats[0]


def _period(beats: Beats) -> float:
    return sum(seconds for _, seconds in beats)
