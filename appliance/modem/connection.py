"""A port that is open, ours alone, and what is known of the modem on it for as long as it stays so."""

import contextlib
import fcntl
import os
import termios

import serial

from appliance.arrivals import Oddity, Report, Text
from appliance.modem import Offline, discovery
from appliance.modem.dialogue import Deadlines, Dialogue
from appliance.modem.memory import Memory
from appliance.modem.port import claim
from appliance.modem.setup import Identity
from appliance.modem.unasked import Unasked

PTY_MAJORS = range(136, 144)


class Connection:
    """What lives as long as the port is open. Raises Offline."""

    def __init__(self, path: str, deadlines: Deadlines) -> None:
        self.path = path
        self._lock = claim(path)
        try:
            self.serial = serial.Serial(path, discovery.BAUD, timeout=0)
        except serial.SerialException as error:
            os.close(self._lock)
            raise Offline(
                f"{path} cannot be used as a serial port ({error.strerror}); plug the modem in again."
            ) from error
        _keep_others_out(self.serial.fileno())
        self.unasked = Unasked()
        self.talk = Dialogue(self.serial.fileno(), self.unasked)
        self.memory = Memory(self.talk, deadlines)
        self.identity = Identity("", "", "", "")
        self.stored: dict[str, Text | Report | Oddity] = {}
        self.validity = True  # whether texts name their validity period: some service centres refuse any
        self.looked_at = 0.0

    def close(self) -> None:
        """The port is free."""
        with contextlib.suppress(OSError, serial.SerialException):
            self.serial.close()
        os.close(self._lock)


def _keep_others_out(descriptor: int) -> None:
    """Programs that do not ask for a lock get EBUSY. A pty would keep the mark after we are dead."""
    if os.major(os.fstat(descriptor).st_rdev) not in PTY_MAJORS:
        with contextlib.suppress(OSError):
            fcntl.ioctl(descriptor, termios.TIOCEXCL)
