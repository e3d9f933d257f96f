"""The pseudo-terminal that stands for the modem's serial port."""

import contextlib
import fcntl
import os
import termios
import tty
from pathlib import Path

_CHUNK = 4096
_MOST_UNREAD = 65_536  # octets kept for a client that does not read; a real modem's buffer is smaller


class Port:
    """One tty. It outlives its clients: a killed one leaves it as usable as a real port would be.

    The emulator keeps the client's side open too: else each wait would end at once while no client is there.
    """

    def __init__(self, link: Path | None, *, unlike: str = "") -> None:
        self.master, self._slave = os.openpty()
        if os.ttyname(self._slave) == unlike:  # a stick that comes back has another number
            old = self.master, self._slave
            self.master, self._slave = os.openpty()
            for descriptor in old:
                os.close(descriptor)
        self.path = os.ttyname(self._slave)
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self._unread = bytearray()
        self._link = link
        if link is not None:
            _point(link, self.path)

    @property
    def behind(self) -> bool:
        """Whether octets wait for the client to make room."""
        return bool(self._unread)

    def read(self) -> bytes:
        """What the client wrote; empty when nothing waits."""
        # TIOCEXCL would outlive a killed client, because we hold the tty open: the next one would be refused.
        fcntl.ioctl(self._slave, termios.TIOCNXCL)
        try:
            return os.read(self.master, _CHUNK)
        except (BlockingIOError, OSError):
            return b""

    def write(self, octets: bytes) -> None:
        """Send *octets*, as far as the client reads them; the rest waits, the oldest of a flood is lost."""
        self._unread += octets
        del self._unread[: -_MOST_UNREAD or None]
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as there is room."""
        with contextlib.suppress(BlockingIOError):
            while self._unread:
                del self._unread[: os.write(self.master, self._unread)]

    def close(self) -> None:
        """Hang up on whoever has it open; the link goes too."""
        os.close(self.master)
        os.close(self._slave)
        link = self._link
        if link is not None and link.is_symlink() and str(link.readlink()) == self.path:  # else another's by now
            link.unlink()


def _point(link: Path, path: str) -> None:
    """Make *link* lead to *path*, without a moment in which it leads nowhere."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(path)
    fresh.replace(link)
