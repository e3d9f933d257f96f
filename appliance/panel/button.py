"""The button: from raw contact readings to at most one FIRE. Pure; time is a monotonic clock in seconds.

Rule 1: a level counts once it was read unchanged for DEBOUNCE; noise shorter than that is nothing at all.
Rule 2: only a hold of HOLD arms, and only the end of the countdown fires; a press in between cancels.
Rule 3: who never lets go for STUCK_AFTER is not a finger but a fault, and nothing is fired for it.
Rule 4: a hold is proven by readings: one that was not looked at for LONGEST_GAP begins anew.

Requirements: facts/ux 4.6; the faults of peers: facts/peers no. 32.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

DEBOUNCE = 0.05
TAP = 1.0  # a press shorter than this asks how the box is
HOLD = 3.0
COUNTDOWN = 10.0
STUCK_AFTER = 15.0
LONGEST_GAP = 0.5
LOOK_EVERY = 0.05  # while a finger is on the button, or a countdown runs
SETTLE_EVERY = 0.01  # while a change is not yet believed


class Phase(StrEnum):
    """Where the button is between two deliberate acts."""

    WAKING = "waking"  # power-on: not yet seen released
    IDLE = "idle"
    HOLDING = "holding"  # down, not long enough
    ARMED = "armed"  # the countdown runs while the finger is still down
    COUNTDOWN = "countdown"  # the countdown runs, the finger is off
    DUE = "due"  # the countdown is over, the finger is still down: fires when it lets go, unless it is stuck
    SPENT = "spent"  # down after a cancel: means nothing more
    STUCK = "stuck"


class Event(StrEnum):
    """What the contact and the clock can say."""

    PRESSED = "pressed"
    TAPPED = "tapped"  # released within TAP
    RELEASED = "released"  # released later
    HELD = "held"  # down for HOLD
    ELAPSED = "elapsed"  # COUNTDOWN after arming
    JAMMED = "jammed"  # down for STUCK_AFTER


class Action(StrEnum):
    """What the service does about it."""

    SAY_STATE = "say_state"
    TOO_SHORT = "too_short"
    ARMED = "armed"
    CANCELLED = "cancelled"
    FIRE = "fire"
    STUCK = "stuck"
    FREED = "freed"  # no longer stuck


# An event that a phase does not list cannot happen there, or means nothing there.
MOVES: dict[Phase, dict[Event, tuple[Phase, Action | None]]] = {
    Phase.WAKING: {
        Event.PRESSED: (Phase.STUCK, Action.STUCK),
        Event.RELEASED: (Phase.IDLE, None),
    },
    Phase.IDLE: {
        Event.PRESSED: (Phase.HOLDING, None),
    },
    Phase.HOLDING: {
        Event.TAPPED: (Phase.IDLE, Action.SAY_STATE),
        Event.RELEASED: (Phase.IDLE, Action.TOO_SHORT),
        Event.HELD: (Phase.ARMED, Action.ARMED),
    },
    Phase.ARMED: {
        Event.RELEASED: (Phase.COUNTDOWN, None),
        Event.ELAPSED: (Phase.DUE, None),
    },
    Phase.COUNTDOWN: {
        Event.PRESSED: (Phase.SPENT, Action.CANCELLED),
        Event.ELAPSED: (Phase.IDLE, Action.FIRE),
    },
    Phase.DUE: {
        Event.RELEASED: (Phase.IDLE, Action.FIRE),
        Event.JAMMED: (Phase.STUCK, Action.STUCK),
    },
    Phase.SPENT: {
        Event.TAPPED: (Phase.IDLE, None),
        Event.RELEASED: (Phase.IDLE, None),
        Event.JAMMED: (Phase.STUCK, Action.STUCK),
    },
    Phase.STUCK: {
        Event.TAPPED: (Phase.IDLE, Action.FREED),
        Event.RELEASED: (Phase.IDLE, Action.FREED),
    },
}


@dataclass(frozen=True)
class Button:
    """Everything that is remembered between two readings. `Button()` is the button at power-on."""

    phase: Phase = Phase.WAKING
    raw: bool | None = None  # the last reading
    raw_since: float = 0.0
    read_at: float = 0.0
    down: bool | None = None  # the level that counts; None until the first is known
    down_since: float = 0.0  # the first contact of the press that goes on, or of the last one
    armed_at: float = 0.0


def step(button: Button, pressed: bool, now: float) -> tuple[Button, list[Action]]:
    """*button* after the reading *pressed* at *now*, and what to do, in order. See `next_look` for the pace."""
    button = _read(button, pressed, now)
    edge = _edge(button, now)
    if edge:
        button = replace(button, down=pressed, down_since=button.raw_since if pressed else button.down_since)
    actions = []
    for event in ([edge] if edge else []) + _ripe(button, now):
        button, action = _move(button, event)
        actions += [action] if action else []
    return button, actions


def _read(button: Button, pressed: bool, now: float) -> Button:
    unproven = pressed and now - button.read_at > LONGEST_GAP
    if pressed is not button.raw or unproven:
        button = replace(button, raw=pressed, raw_since=now)
    if unproven and button.phase is Phase.HOLDING:
        button = replace(button, down_since=now)
    return replace(button, read_at=now)


def _edge(button: Button, now: float) -> Event | None:
    """The level that has now been steady for DEBOUNCE, when it is news."""
    if button.raw is button.down or now - button.raw_since < DEBOUNCE:
        return None
    if button.raw:
        return Event.PRESSED
    return Event.TAPPED if button.down and button.raw_since - button.down_since < TAP else Event.RELEASED


def _ripe(button: Button, now: float) -> list[Event]:
    """What the clock says. Not while reading and level disagree: a release, or a cancel, may be beginning."""
    if button.raw is not button.down:
        return []
    ripe = []
    if button.down and now - button.down_since >= HOLD and button.phase is Phase.HOLDING:
        ripe.append(Event.HELD)
    if button.phase in (Phase.ARMED, Phase.COUNTDOWN) and now - button.armed_at >= COUNTDOWN:
        ripe.append(Event.ELAPSED)
    if button.down and now - button.down_since >= STUCK_AFTER:
        ripe.append(Event.JAMMED)
    return ripe


def _move(button: Button, event: Event) -> tuple[Button, Action | None]:
    if event not in MOVES[button.phase]:
        return button, None
    phase, action = MOVES[button.phase][event]
    armed_at = button.down_since + HOLD if event is Event.HELD else button.armed_at
    return replace(button, phase=phase, armed_at=armed_at), action


def seconds_left(button: Button, now: float) -> float | None:
    """How long the countdown still runs, or None when there is none."""
    if button.phase not in (Phase.ARMED, Phase.COUNTDOWN, Phase.DUE):
        return None
    return max(0.0, button.armed_at + COUNTDOWN - now)


def busy(button: Button) -> bool:
    """Whether every reading matters now: nothing slow may be done meanwhile."""
    return button.raw is not button.down or button.phase in (
        Phase.HOLDING, Phase.ARMED, Phase.COUNTDOWN, Phase.DUE, Phase.SPENT
    )  # fmt: skip


def next_look(button: Button) -> float | None:
    """After how many seconds, at the latest, `step` wants a reading; None: when the contact changes."""
    if button.raw is not button.down:
        return SETTLE_EVERY
    return LOOK_EVERY if busy(button) else None
