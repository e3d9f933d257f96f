"""What a client did at the port, and the moments of a submit at which something may happen."""

from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """Where in a submit something may happen: see `EmulatedModem.at_moment`."""

    COMMAND = "command"  # AT+CMGS is here, no prompt yet
    PROMPT = "prompt"  # the prompt is out
    TYPED = "typed"  # Ctrl-Z is here; a port that goes now takes the text with it
    ACCEPTED = "accepted"  # the network has it, the client does not know


@dataclass(frozen=True)
class Wire:
    """Something the client wrote."""

    at: float  # time.monotonic() when its end was read
    what: str  # a command without its CR, or what was typed at the prompt with its Ctrl-Z or ESC
