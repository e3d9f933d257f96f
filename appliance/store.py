"""Opening the database, and the one way to write to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import DatabaseError, SqliteDatabase
from playhouse.migrations import Runner

from appliance import doorbell
from appliance.models import database

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30  # how long a writer waits for another service's transaction

_thread = threading.local()


class UnusableStore(Exception):
    """The database cannot be used as it is; `str()` says why and what to do. Nothing was changed."""


def path_of(url: str) -> Path:
    """The file behind a `sqlite:///` address: always from the root, with three slashes or four."""
    return Path("/" + url.removeprefix("sqlite://").lstrip("/"))


def open_store(url: str) -> None:
    """Bind the tables to the database at *url*. Raises UnusableStore when its folder is not there.

    `synchronous=FULL` makes a commit survive a power cut (SQLite would otherwise lose the last ones in WAL mode).
    """
    path = path_of(url)
    if not path.parent.is_dir():
        raise UnusableStore(f"{path.parent}: no such folder. Make it, or change [store] url.")
    pragmas = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1}
    database.initialize(SqliteDatabase(str(path), pragmas=pragmas, timeout=BUSY_SECONDS))
    _thread.owed = False


def bells() -> Path:
    """The folder where services listen for `doorbell.ring`."""
    return Path(f"{database.database}.bells")


@contextmanager
def writing() -> Iterator[None]:
    """One transaction: all of the block is committed, or nothing is.

    It takes the write lock at once (`BEGIN IMMEDIATE`): a transaction that reads first and writes later fails when
    another service wrote in between, however long the time-out. Inside another `writing()` it is part of that one.
    """
    outermost = not database.in_transaction()
    if outermost:
        _thread.owed = False
    with database.atomic("IMMEDIATE") if outermost else database.atomic():
        yield
    if outermost and _thread.owed:
        _thread.owed = False
        doorbell.ring(bells())


def ring_after_commit() -> None:
    """Wake the gateways once the transaction that is open now has been committed."""
    _thread.owed = True


def migrate() -> list[str]:
    """Bring the database to this version; the names of the steps that were taken."""
    refuse_newer()
    return [str(name) for name in _runner().up()]


def refuse_older() -> None:
    """Raises UnusableStore when a service would start on a database that lacks a step."""
    refuse_newer()
    if any(step.applied is None for step in _status()):
        raise UnusableStore("The database is of an older version. Run: appliance migrate")


def refuse_newer() -> None:
    """Raises UnusableStore when the database has seen a newer program than this one."""
    unknown = [step.name for step in _status() if step.path is None]
    if unknown:
        raise UnusableStore(
            f"The database was written by a newer version of BIN-kast (step {unknown[-1]}). "
            "Install that version, or restore an older backup. Nothing was changed."
        )


def _status() -> list:  # type: ignore[type-arg]
    try:
        return list(_runner().status())
    except DatabaseError as error:
        raise UnusableStore(
            f"{database.database}: not a usable database ({error}). "
            "Stop the services, move it aside and restore a backup: appliance restore FILE --key FILE"
        ) from error


def _runner() -> Runner:
    return Runner(database.obj, str(MIGRATIONS))
