"""When a postponed segment is owed again, and which way to react to a refusal. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Reaction(StrEnum):
    """What to do about a code from the network or the modem: one word per reaction."""

    PERMANENT = "permanent"  # this text will never reach this number: do not try again
    TRANSIENT = "transient"  # try again later, with back-off
    REPAIR = "repair"  # mend the modem first (storage, mode, service centre), then try again
    STOP = "stop"  # this modem or SIM cannot send: tell a human
    SENT = "sent"  # the network already has it
    DOUBT = "doubt"  # the network may have it


@dataclass(frozen=True)
class Pace:
    """How a refusal is tried again: seconds after the 1st, 2nd ... try, then each time the last of them."""

    seconds: tuple[int, ...]
    most: int = 0  # so many tries, the last two with this answer, then `then`; 0: until the validity ends
    then: Reaction = Reaction.PERMANENT


USUAL = Pace((5, 15, 30, 60, 120, 300, 600))


def due_again(attempts: int, now: datetime, pace: Pace = USUAL) -> datetime:
    """When a segment that was tried *attempts* times (1 or more) is owed again."""
    return now + timedelta(seconds=pace.seconds[min(attempts, len(pace.seconds)) - 1])


def reaction(first: Reaction, pace: Pace, attempts: int, *, again: bool) -> Reaction:
    """*first*, until its pace has no tries left. *again*: the try before this one had the same answer."""
    return pace.then if pace.most and again and attempts >= pace.most else first
