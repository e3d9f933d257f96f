"""Where a restore is filled and checked before it takes the place of the database in use: one for each store."""

import fcntl
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from peewee import DatabaseError, OperationalError

from appliance import store
from appliance.models import database

LEAVING, LOOK_AGAIN = 3.0, 0.1  # seconds
OWN = ("heartbeat", "modem_state")  # of this box's services and modems, and not of those that were backed up


class Refused(Exception):
    """The database in use cannot be replaced now; `str()` says why. Nothing was changed."""


class Scratch(Protocol):
    """An empty database beside the one in use; `forget` it whatever happened."""

    largest: str  # the function that gives the larger of two values

    def open(self) -> None:
        """The tables are bound to it. Raises Refused."""

    @contextmanager
    def unordered(self) -> Iterator[None]:
        """One transaction in which a row may refer to one that comes later. Raises DatabaseError if it never did."""
        yield

    @contextmanager
    def newer(self) -> Iterator[str]:
        """The name under which the database in use can be read. Raises DatabaseError when there is none."""
        yield ""

    def swap(self, now: datetime) -> str | None:
        """It is the database in use; where the old one is now, if there was one. Raises Refused."""

    def pour(self) -> None:
        """Its rows are those of the database in use, all at once; services go on. Raises Refused.

        Only where nobody can log in yet. What this box's own services said of themselves (OWN) stays.
        """

    def forget(self) -> None:
        """Nothing of it is left, unless it was swapped."""


def beside(url: str, folder: Path) -> Scratch:
    """A scratch database for the one at *url*."""
    return SchemaBeside(url, folder) if store.is_shared(url) else FileBeside(store.path_of(url))


class FileBeside:
    """SQLite: a file in the same folder, renamed over the old one."""

    largest = "max"

    def __init__(self, target: Path) -> None:
        self._target = target
        self._scratch = target.with_name(f"{target.name}.scratch")

    def open(self) -> None:
        self._lock = os.open(self._target.parent, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise Refused(UNDER_WAY) from error
        self._remove()
        self._scratch.touch(mode=0o600)
        store.open_store(f"sqlite:///{self._scratch.absolute()}")

    @contextmanager
    def unordered(self) -> Iterator[None]:
        database.execute_sql("PRAGMA foreign_keys=0")
        with store.writing():
            yield
            if database.execute_sql("PRAGMA foreign_key_check").fetchone():
                raise DatabaseError("rows are missing that others refer to")
        database.execute_sql("PRAGMA foreign_keys=1")

    @contextmanager
    def newer(self) -> Iterator[str]:
        if not self._target.exists():
            raise DatabaseError("there is none")
        database.execute_sql("ATTACH ? AS newer", (str(self._target),))
        try:
            yield "newer"
        finally:
            with suppress(DatabaseError):
                database.execute_sql("DETACH newer")

    def swap(self, now: datetime) -> str | None:
        database.execute_sql("PRAGMA journal_mode=delete")  # all of it in one file
        database.close()
        target = self._target
        previous = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}") if target.exists() else None
        if previous:
            self._refuse_in_use()
            os.link(target, previous)
            for ending in ("-wal", "-shm"):  # left by a broken database; a stale journal would spoil the new one
                with suppress(FileNotFoundError):
                    Path(f"{target}{ending}").replace(f"{previous}{ending}")
        owner = target.parent.stat()
        if os.geteuid() == 0:  # run by root: the services must be able to open it
            shutil.chown(self._scratch, owner.st_uid, owner.st_gid)
        sync(self._scratch)
        self._scratch.replace(target)
        sync(target.parent)
        return str(previous) if previous else None

    def pour(self) -> None:
        tables = [name for name in database.get_tables() if name not in (*OWN, "schema_migration")]
        columns = {name: ", ".join(f'"{column.name}"' for column in database.get_columns(name)) for name in tables}
        database.execute_sql("PRAGMA journal_mode=delete")  # all of it in one file
        database.close()
        store.open_store(f"sqlite:///{self._target.absolute()}")
        database.execute_sql("ATTACH ? AS filled", (str(self._scratch),))
        with store.writing():
            if database.execute_sql("SELECT 1 FROM account").fetchone():
                raise Refused("somebody can log in here already.")
            database.execute_sql("PRAGMA defer_foreign_keys=1")  # until the commit
            for name in tables:  # all of them before the first row comes in: a deletion reaches those that refer to it
                database.execute_sql(f'DELETE FROM main."{name}"')  # noqa: S608 - names from the database itself
            for name in tables:
                rows = f'SELECT {columns[name]} FROM filled."{name}"'  # noqa: S608 - the same
                database.execute_sql(f'INSERT INTO main."{name}" ({columns[name]}) {rows}')
            store.ring_after_commit()

    def _refuse_in_use(self) -> None:
        """Raises Refused while a service has the database open; else its journal is written back into it."""
        try:
            with closing(sqlite3.connect(self._target, timeout=1)) as old:
                alone = old.execute("PRAGMA journal_mode=delete").fetchone()[0] == "delete"
        except sqlite3.DatabaseError as error:
            alone = error.sqlite_errorname not in ("SQLITE_BUSY", "SQLITE_LOCKED")  # broken: nobody uses it
        if not alone:
            raise Refused(IN_USE)

    def forget(self) -> None:
        if database.obj:
            database.close()
        self._remove()
        os.close(self._lock)

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._scratch}{ending}").unlink(missing_ok=True)


class SchemaBeside:
    """PostgreSQL: a schema in the same database, which takes the name of the old one."""

    largest = "greatest"

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._scratch = f"{store.SCHEMA}_scratch"

    def open(self) -> None:
        store.open_store(self._url, self._folder, self._scratch)
        try:
            alone = database.execute_sql("SELECT pg_try_advisory_lock(%s, 0)", (store.WRITERS,)).fetchone()[0]
            if not alone:
                database.close()
                raise Refused(UNDER_WAY)
            database.execute_sql(f'DROP SCHEMA IF EXISTS "{self._scratch}" CASCADE')
        except OperationalError as error:
            raise Refused(f"the database cannot be reached ({' '.join(str(error).split())}).") from error

    @contextmanager
    def unordered(self) -> Iterator[None]:
        references = database.execute_sql(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
            " AND connamespace = current_schema()::regnamespace"
        ).fetchall()
        for table, name in references:
            database.execute_sql(f'ALTER TABLE {table} ALTER CONSTRAINT "{name}" DEFERRABLE')
        with store.writing():
            database.execute_sql("SET CONSTRAINTS ALL DEFERRED")
            yield
            for table in database.get_tables():
                self._number_on(table)
        for table, name in references:
            database.execute_sql(f'ALTER TABLE {table} ALTER CONSTRAINT "{name}" NOT DEFERRABLE')

    def _number_on(self, table: str) -> None:
        """New rows are numbered after those that came with a number."""
        last = f'SELECT max(id) FROM "{table}"'  # noqa: S608 - names from the database itself
        database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ({last})) WHERE ({last}) > 0")

    @contextmanager
    def newer(self) -> Iterator[str]:
        yield store.SCHEMA

    def swap(self, now: datetime) -> str | None:
        previous = f"{store.SCHEMA}_before_{now:%Y%m%dt%H%M%S}"
        self._await_who_leaves()
        with database.atomic():
            self._refuse_in_use()
            there = database.execute_sql("SELECT to_regnamespace(%s)", (store.SCHEMA,)).fetchone()[0]
            if there:
                database.execute_sql(f'ALTER SCHEMA "{store.SCHEMA}" RENAME TO "{previous}"')
            database.execute_sql(f'ALTER SCHEMA "{self._scratch}" RENAME TO "{store.SCHEMA}"')
        return f"schema {previous}" if there else None

    def pour(self) -> None:
        raise Refused("boxes that share a database get it back on the command line: appliance restore")

    def _await_who_leaves(self) -> None:
        """The server lists a connection that was closed for a moment longer: a service that was just stopped."""
        until = time.monotonic() + LEAVING
        while self._in_use() and time.monotonic() < until:
            time.sleep(LOOK_AGAIN)

    def _refuse_in_use(self) -> None:
        if self._in_use():
            raise Refused(IN_USE)

    def _in_use(self) -> bool:
        others = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'bin-kast' AND pid <> pg_backend_pid()"
        )
        return database.execute_sql(others).fetchone() is not None

    def forget(self) -> None:
        if database.obj:
            database.close()
        store.open_store(self._url, self._folder, self._scratch)
        database.execute_sql(f'DROP SCHEMA IF EXISTS "{self._scratch}" CASCADE')
        database.close()


_PUT_ASIDE = re.compile(r"before[-_](\d{8}T\d{6})", re.IGNORECASE)


def put_aside(until: datetime) -> list[str]:
    """The databases that restores put aside before *until*: files with their journals, or schemas."""
    if isinstance(database.obj, store.Shared):
        rows = database.execute_sql(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"{store.SCHEMA}_before_%",)
        )
        found = [str(name) for (name,) in rows.fetchall()]
    else:
        used = Path(database.database)
        found = [str(path) for path in sorted(used.parent.glob(f"{used.name}.before-*"))]
    return [name for name in found if (when := _moment(name)) and when < until]


def _moment(name: str) -> datetime | None:
    said = _PUT_ASIDE.search(name)
    return datetime.strptime(said.group(1).upper(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if said else None


def remove(names: Sequence[str]) -> None:
    """What `put_aside` found is gone."""
    for name in names:
        if isinstance(database.obj, store.Shared):
            database.execute_sql(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
        else:
            Path(name).unlink(missing_ok=True)


UNDER_WAY = "another restore or rehearsal is under way. Try again in a minute."
IN_USE = "the services still use the database. Stop them first, on every box: systemctl stop 'bin-kast-*'"


def sync(path: Path) -> None:
    """*path*, a file or a folder with the names in it, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
