"""Lines that a modem sends without being asked, at any moment, also inside another answer. Pure.

What matters is remembered until the driver has dealt with it; all else (signal reports, bearers, power warnings)
is dropped by whoever reads the line and does not know it.
"""

import re
from dataclasses import dataclass, field

HEX_LINE = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
# The memory may be missing and the index -1 (SIM7000G): still a hint that something came in.
ANNOUNCED = re.compile(r'\+(CMTI|CDSI):\s*"?([A-Z_]*)"?\s*,\s*(-?\d+)')
CALLER = re.compile(r'\+CLIP:\s*"?([^",]*)"?')
FULL = ("^SMMEMFULL", "+SMS FULL", '+QIND: "smsfull"', "SMS FULL")
RESTARTED = re.compile(r"RDY|QCRDY|\*ATREADY: ?1|POWERED DOWN|(NORMAL|(UNDER|OVER)-VOLTAGE) POWER DOWN")


@dataclass
class Call:
    """Somebody rings, and is not rejected yet."""

    since: float  # monotonic seconds
    number: str | None = None  # None: the modem has not said yet; "": the caller hides it


@dataclass
class Unasked:
    """What was heard and not dealt with yet."""

    hinted: bool = False  # the store may hold something new: look into it
    announced_reports: list[tuple[str, int]] = field(default_factory=list)  # memory and index of +CDSI
    direct: list[str] = field(default_factory=list)  # PDUs that no memory holds (+CDS, +CMT)
    ringing: Call | None = None
    missed: list[str] = field(default_factory=list)  # callers who hung up before they were rejected
    ussd: str | None = None  # the network's answer to a code, as the modem printed it
    restarted: bool = False  # the modem lost its settings, or is going down
    _expects_pdu: bool = False

    @property
    def waiting(self) -> bool:
        """Whether the driver has anything to do because of what was heard."""
        return bool(
            self.hinted or self.announced_reports or self.direct or self.ringing or self.missed or self.restarted
        )

    def take(self, line: str, now: float) -> bool:
        """Remember *line* if it is one of those that matter; False when it is not."""
        if self._expects_pdu and HEX_LINE.fullmatch(line):
            self._expects_pdu = False
            self.direct.append(line)
        elif line.startswith(("+CDS:", "+CMT:")):
            self._expects_pdu = True
        elif announced := ANNOUNCED.match(line):
            self._announce(announced[1], announced[2], int(announced[3]))
        elif line.startswith("+CUSD:"):
            self.ussd = line
        elif line.startswith(FULL):
            self.hinted = True
        elif RESTARTED.fullmatch(line):
            self.restarted = True
        else:
            return self._take_call(line, now)
        return True

    def _announce(self, kind: str, memory: str, index: int) -> None:
        self.hinted = True
        if kind == "CDSI" and index >= 0:
            self.announced_reports.append((memory, index))

    def _take_call(self, line: str, now: float) -> bool:
        if line == "RING" or line.startswith("+CRING:"):
            self.ringing = self.ringing or Call(now)
        elif caller := CALLER.match(line):
            self.ringing = self.ringing or Call(now)
            self.ringing.number = caller[1]
        elif line in ("NO CARRIER", "BUSY", "NO ANSWER"):
            self._hung_up()
        else:
            return False
        return True

    def _hung_up(self) -> None:
        if self.ringing:
            self.missed.append(self.ringing.number or "")
            self.ringing = None
