"""Takes a tty for this program alone, or says in one sentence why not and what to do."""

import errno
import fcntl
import os
import stat
from pathlib import Path

from appliance import holders
from appliance.modem import NeedsHuman, Offline


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
    having = holders.of(path)
    if any(holder.ours for holder in having):  # no program to stop: another modem's gateway
        return f"{path} is in use by this box itself."
    return f"{path} is in use by {', '.join(map(str, having)) or 'another program'}: stop that program, then try again."
