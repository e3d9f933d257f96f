"""Takes a tty for this program alone, or says in one sentence why not and what to do."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from appliance.modem import NeedsHuman, Offline

PROC = Path("/proc")
OURS = "appliance"  # in the command line of a process of ours


def claim(path: str) -> int:
    """A descriptor that locks *path* until it is closed. Raises Offline.

    flock is what pyserial, and most programs that lock at all, use. ModemManager does not: keep it away by udev.
    """
    descriptor = _opened(path)
    try:
        if not os.isatty(descriptor):
            raise NeedsHuman(_not_a_port(path))
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise NeedsHuman(_held(path)) from error
    except Offline:
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: str) -> int:
    """Looks before it opens: opening may already do something, and a FIFO would wait."""
    try:
        if not stat.S_ISCHR(Path(path).stat().st_mode):
            raise NeedsHuman(_not_a_port(path))
        return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _why_not(path, error) from error


def _why_not(path: str, error: OSError | ValueError) -> Offline:
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOENT, errno.ENOTDIR):
        return Offline(
            f'{path} is not there: plug the modem in, or correct "port" under [[modem]] in the configuration.'
        )
    if code in (errno.ENXIO, errno.ENODEV, errno.EIO):
        return Offline(f"{path} leads to no device any more: plug the modem in again.")
    if code in (errno.EACCES, errno.EPERM):
        return NeedsHuman(f'{path} may not be opened by this user: add it to the group that owns the port ("dialout").')
    if code == errno.EBUSY:
        return NeedsHuman(_held(path))
    return NeedsHuman(f'{path} cannot be opened ({error}): correct "port" under [[modem]] in the configuration.')


def _not_a_port(path: str) -> str:
    return f'{path} is not a modem port: correct "port" under [[modem]], for example /dev/serial/by-path/... or "auto".'


def _held(path: str) -> str:
    names = ", ".join(holders(path)) or "another program"
    if any(OURS in _command(process) for process in _others(path)):  # no program to stop: another modem's gateway
        return f"{path} is in use by this box itself."
    return f"{path} is in use by {names}: stop that program, then try again."


def holders(path: str) -> list[str]:
    """Who else has *path* open or locked, as "name (process 123)"; only processes that this user may look into."""
    return [f"{_name(process)} (process {process.name})" for process in _others(path)]


def _others(path: str) -> list[Path]:
    target = os.path.realpath(path)
    having = sorted(_locking(target) or _having_open(target))
    return [process for process in having if process.name != str(os.getpid())]


def _locking(target: str) -> set[Path]:
    """From /proc/locks: `1: FLOCK ADVISORY WRITE 123 00:16:7 0 EOF`."""
    try:
        inode = Path(target).stat().st_ino
        rows = [line.split() for line in (PROC / "locks").read_text().splitlines()]
    except OSError:
        return set()
    return {PROC / row[4] for row in rows if row[1:2] == ["FLOCK"] and row[5].rpartition(":")[2] == str(inode)}


def _having_open(target: str) -> set[Path]:
    return {process for process in PROC.glob("[0-9]*") if target in _files(process)}


def _files(process: Path) -> Iterator[str]:
    try:
        for link in (process / "fd").iterdir():
            yield str(link.readlink())
    except OSError:
        return


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "a program"
