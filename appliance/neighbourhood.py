"""What the rules must know of the one BIN on this box: plain values, handed over by `cli`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Neighbourhood:
    """The BIN, its clock on the wall, and where chance comes from."""

    name: str
    language: str
    zone: ZoneInfo
    police_phone: str  # for "call the zone back on the known number"; may be empty
    follow_up: timedelta  # the police hear the counts once more, so long after the last text was accepted
    draw: Callable[[int], int]  # a number below its argument, unpredictable: challenge numbers are drawn with it

    def local(self, at: datetime) -> datetime:
        """*at* on the clocks of the neighbourhood."""
        return at.astimezone(self.zone)
