"""What the rules must know of the one BIN on this box: plain values, handed over by `cli`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from appliance.modes import Mode


class People(StrEnum):
    """Who the members are (R9): what is printed speaks of them so."""

    NEIGHBOURS = "neighbours"
    TRADERS = "traders"  # a BIN-Z, for the self-employed


@dataclass(frozen=True)
class Neighbourhood:
    """The BIN, its clock on the wall, and where chance comes from."""

    name: str
    language: str
    zone: ZoneInfo
    police_phone: str  # for "call the zone back on the known number"; may be empty
    follow_up: timedelta  # the police hear the counts once more, so long after the last text was accepted
    draw: Callable[[int], int]  # a number below its argument, unpredictable: challenge numbers are drawn with it
    area: str = ""  # what the BIN covers, in words (R2); may be empty
    police_zone: str = ""
    municipality_phone: str = ""  # for the ready answer about other services (R92); both may be empty
    utility_phone: str = ""
    people: People = People.NEIGHBOURS
    box_phone: str = ""  # the number that the box texts from, for the cards that people keep; may be empty
    mode: Mode = Mode.TWO_LEVEL
    link_wait: timedelta = timedelta(minutes=5)  # pyramid: a street goes on without its leader's receipt after it
    settled: frozenset[str] = frozenset()  # which of [bin] stand in the configuration file: the page cannot change them

    def local(self, at: datetime) -> datetime:
        """*at* on the clocks of the neighbourhood."""
        return at.astimezone(self.zone)
