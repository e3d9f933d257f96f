"""When a postponed segment is owed again, and which way to react to a refusal. Pure."""

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


BACK_OFF = (5, 15, 30, 60, 120, 300)  # seconds after the 1st, 2nd ... try; then every ten minutes
LAST_BACK_OFF = 600


def due_again(attempts: int, now: datetime) -> datetime:
    """When a segment that was tried *attempts* times (1 or more) is owed again."""
    step = attempts - 1
    seconds = BACK_OFF[step] if step < len(BACK_OFF) else LAST_BACK_OFF
    return now + timedelta(seconds=seconds)
