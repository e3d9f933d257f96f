"""What keeps a database from being used: one word for it, and one line that says what to do."""

import errno
import sqlite3
import sys
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

from peewee import PeeweeException


def failures(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What is raised when the database cannot be used, and *more*: for `except`.

    peewee translates what a statement raises, and not what is raised while its rows are read.
    """
    server = _server()
    return (PeeweeException, sqlite3.Error, *([server.Error] if server else []), *more)


def _server() -> ModuleType | None:
    """The driver of PostgreSQL, if this process has loaded it (`server`): else no error can be of it."""
    return sys.modules.get("psycopg")


class Fault(StrEnum):
    """Why nothing can be read or written now."""

    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    DAMAGED = "damaged"
    AWAY = "away"  # the file cannot be opened, the disk does not answer, the server is gone


LINES = {
    Fault.FULL: "The disk is full. Make room on it; what was promised is kept.",
    Fault.READ_ONLY: "Nothing can be written: the disk is mounted read-only. Restart the box; if that does not help, "
    "replace the card and restore a backup: appliance restore FILE --key FILE",
    Fault.LOCKED: "Another program keeps the database locked. Stop it: appliance doctor says which it is.",
    Fault.DAMAGED: "Stop the services and restore a backup: appliance restore FILE --key FILE",
    Fault.AWAY: "Look at the disk and at [store] url, then restart the box.",
}

# https://www.sqlite.org/rescode.html, the primary codes
CODES = {
    "SQLITE_FULL": Fault.FULL,
    "SQLITE_READONLY": Fault.READ_ONLY,
    "SQLITE_BUSY": Fault.LOCKED,
    "SQLITE_LOCKED": Fault.LOCKED,
    "SQLITE_CORRUPT": Fault.DAMAGED,
    "SQLITE_NOTADB": Fault.DAMAGED,
    "SQLITE_IOERR": Fault.AWAY,
    "SQLITE_CANTOPEN": Fault.AWAY,
    "SQLITE_PROTOCOL": Fault.LOCKED,
}
# the same, when it is not the database that meets it first
ERRNOS = {errno.ENOSPC: Fault.FULL, errno.EROFS: Fault.READ_ONLY, errno.EIO: Fault.AWAY}


def of(error: BaseException) -> Fault | None:
    """What is behind *error*; None when it is a mistake of ours and not the database's."""
    server = _server()
    for one in _behind(error):
        if isinstance(one, OSError):
            return ERRNOS.get(one.errno or 0)
        if server and isinstance(one, server.Error):
            return _of_server(one, server.errors)
        if name := getattr(one, "sqlite_errorname", ""):
            return CODES.get("_".join(name.split("_")[:2]))
    return None


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and what it was raised for: peewee puts its own in front of the driver's.

    SQLite ends a transaction by itself when the disk is full, and peewee stumbles over its own rollback: not that one.
    """
    while error:
        if "cannot rollback" not in str(error):
            yield error
        error = error.__context__


def _of_server(error: BaseException, kinds: ModuleType) -> Fault | None:
    if isinstance(error, kinds.LockNotAvailable):
        return Fault.LOCKED
    if isinstance(error, kinds.DiskFull):
        return Fault.FULL
    if isinstance(error, kinds.ReadOnlySqlTransaction):
        return Fault.READ_ONLY
    if isinstance(error, kinds.DataCorrupted | kinds.IndexCorrupted):
        return Fault.DAMAGED
    return Fault.AWAY if isinstance(error, kinds.OperationalError | kinds.InterfaceError) else None


def line(error: BaseException) -> str | None:
    """One line for whoever looks after the box: what was said, and what to do. None: see `of`."""
    fault = of(error)
    if fault is None:
        return None
    said = " ".join(str(next(_behind(error))).split())
    return f"The database cannot be used ({said}). {LINES[fault]}"
