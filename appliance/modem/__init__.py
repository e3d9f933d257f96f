"""What a modem must be able to do, whichever driver moves it, and how it says no.

ModemError
    Offline       nothing was handed over: port gone, no answer to AT, no network
        Absent        it is not plugged in, as far as can be seen
        NeedsHuman    no reset will help: PIN, no SIM, a port that another program has
        Unsuitable    it answers, but this driver can never send a text with it
    Unanswered    the text was handed over and silence followed: the network may have it
    Refused       told no by network or modem, with a code and the reaction to it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appliance.arrivals import Arrival, Outgoing
from appliance.modem.recovery import Step
from appliance.queue.retry import USUAL, Pace, Reaction


class ModemError(Exception):
    """The modem did not do what was asked."""


class Offline(ModemError):
    """Nothing was handed over. `str()` is one clear English sentence that names the next step."""


class Absent(Offline):
    """Among all that is plugged in there is no such modem, and the port where it last was is gone."""


class NeedsHuman(Offline):
    """Nothing that the box can do to the modem will help: a person must do what `str()` says."""


class Unsuitable(Offline):
    """The modem answers, but this driver can never send a text with it: try another driver or another modem."""


class Unanswered(ModemError):
    """The segment was handed over and never answered: the network may have it."""


class Refused(ModemError):
    """The network or the modem said no. Nothing was sent, unless the reaction says otherwise."""

    def __init__(self, code: str, words: str, reaction: Reaction, pace: Pace = USUAL, *, several: bool = False) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code  # raw, as it was given: "CMS 500", "CME 16", "ERROR"
        self.words = words
        self.reaction = reaction
        self.pace = pace
        self.several = several  # the same from several recipients in a row: this SIM may not send


@dataclass(frozen=True)
class Status:
    """What the modem says about itself. All strings come from outside and are hostile. None: it did not say."""

    registered: bool
    registration: str = ""  # "home", "roaming", "denied", "searching", ...
    operator: str = ""
    technology: str = ""  # "2G", "3G", "4G", ""
    signal_percent: int | None = None
    storage_used: int | None = None
    storage_total: int | None = None
    imei: str = ""
    iccid: str = ""
    service_centre: str = ""
    model: str = ""
    network_time: datetime | None = None  # so late it is at least, by the network (NITZ); UTC


class Modem(Protocol):
    """One modem on one port. Not thread-safe: one gateway drives it."""

    def open(self) -> None:
        """Find the port, lock it, set the modem up whole. Raises Offline; may be called again after an error."""

    def close(self) -> None:
        """Let go of the port. Never raises."""

    def submit(self, outgoing: Outgoing) -> int | None:
        """Hand *outgoing* to the network and return its message reference (None: accepted, none given).

        Raises Offline (surely not handed over), Unanswered (perhaps handed over), Refused.
        """

    def collect(self) -> Sequence[Arrival]:
        """What has come in since: at most a bounded batch, oldest first. Stays in the modem until `discard`."""

    def discard(self, arrival: Arrival) -> None:
        """Forget *arrival*: only once it is kept in the store."""

    def status(self) -> Status:
        """Ask the modem how it is. Raises Offline."""

    def ussd(self, code: str) -> str:
        """The network's words to *code* ("*100#"). Raises Offline, Refused: also when it said nothing."""

    def recover(self, step: Step) -> bool:
        """Take *step* of the ladder on the closed modem; False when there is no such way on it now.

        Raises nothing: whether it helped is for `open` and `status` to prove.
        """

    def wait(self, seconds: float, bell: int) -> None:
        """Return when the modem may have something for `collect`, *bell* is readable, or after *seconds*."""


class Cards(Protocol):
    """What must be remembered of SIM cards, by ICCID ("": it did not say), longer than this process lives."""

    def refused(self, iccid: str, pin: str) -> bool:
        """Whether that card has refused that PIN, or has not said that it took it; "" stands for any card."""

    def remember_refused(self, iccid: str, pin: str) -> None:
        """That card did not take that PIN."""

    def forget_refused(self, iccid: str) -> None:
        """That card is open: whatever it refused before is past."""

    def service_centre(self, iccid: str) -> str:
        """The last service centre that card had; "" when none is known."""

    def remember_service_centre(self, iccid: str, number: str) -> None:
        """That card has this service centre."""
