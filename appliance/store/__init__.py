"""Opening the database, and the one way to write to it: a SQLite file on one box, PostgreSQL for several."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peewee import OperationalError, PostgresqlDatabase, SqliteDatabase
from playhouse.migrations import Runner

from appliance import doorbell
from appliance.models import database
from appliance.plain import PlainError
from appliance.store import faults, reserve
from appliance.store.faults import Fault

MIGRATIONS = Path(__file__).parents[1] / "migrations"
FOLDER = Path("/var/lib/bin-kast")  # what a box keeps for itself when its database is elsewhere
SCHEMA = "bin_kast"  # all our tables are in it, so that a restore can put another one in its place at once
BUSY_SECONDS = 30  # how long a writer waits for another service's transaction
WRITERS = 0x42494E  # the advisory lock of PostgreSQL that a writer holds until its commit

# A box that loses its power in the midst of a transaction must not keep the others waiting for TCP's two hours.
# synchronous_commit: what SQLite's synchronous=FULL is. plan_cache_mode: nearly all segments are delivered; a plan for
# "any state", which the server would keep after ten questions, reads them all to find the few that are queued.
SESSION = {
    "synchronous_commit": "on",
    "plan_cache_mode": "force_custom_plan",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{BUSY_SECONDS}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
CLIENT: dict[str, Any] = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

_thread = threading.local()


class UnusableStore(PlainError):
    """The database cannot be used as it is; `str()` says why and what to do. Nothing was changed."""


class BrokenStore(UnusableStore):
    """It is damaged, gone, locked, or on a disk that cannot be used: no matter of versions."""


class Shared(PostgresqlDatabase):
    """Our tables on a PostgreSQL server, in one schema. *folder* is this box's own."""

    def __init__(self, url: str, schema: str, folder: Path) -> None:
        from appliance.store.server import Adapter  # noqa: PLC0415 - it loads the driver, which few boxes need

        self.psycopg2_adapter = self.psycopg3_adapter = Adapter  # whichever peewee thinks it has
        self.schema = schema
        self.folder = folder
        settings = " ".join(f"-c {name}={value}" for name, value in (SESSION | {"search_path": schema}).items())
        super().__init__(url, options=settings, application_name="bin-kast", **CLIENT)


def is_shared(url: str) -> bool:
    """Whether *url* is of a PostgreSQL server, which several boxes may share."""
    return url.startswith("postgresql://")


def path_of(url: str) -> Path:
    """The file behind a `sqlite:///` address: always from the root, with three slashes or four."""
    return Path("/" + url.removeprefix("sqlite://").lstrip("/"))


def own_folder(url: str, folder: Path = FOLDER) -> Path:
    """Where this box keeps what is not in the database: beside the SQLite file, else in *folder*."""
    return folder if is_shared(url) else path_of(url).parent


def shown(url: str) -> str:
    """*url* without the password that may be in it."""
    parts = urlsplit(url)
    if not is_shared(url) or parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":••••@", 1)


def open_store(url: str, folder: Path = FOLDER, schema: str = SCHEMA, patience: float = BUSY_SECONDS) -> None:
    """Bind the tables to the database at *url*. Raises UnusableStore when its folder is not there.

    `synchronous=FULL` makes a commit survive a power cut (SQLite would otherwise lose the last ones in WAL mode).
    *folder* and *schema* are for PostgreSQL only; *patience* is how many seconds SQLite waits for another writer.
    """
    own = own_folder(url, folder)
    if not own.is_dir():
        raise UnusableStore(
            f"{own}: no such folder. Make it, or change [store] {'folder' if is_shared(url) else 'url'}."
        )
    if is_shared(url):
        database.initialize(Shared(url, schema, folder))
    else:
        pragmas = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "secure_delete": 1}
        database.initialize(SqliteDatabase(str(path_of(url)), pragmas=pragmas, timeout=patience))
    _thread.owed = False


def own() -> Path:
    """The folder that this box keeps for itself; see `own_folder`."""
    return bells().parent


def bells() -> Path:
    """The folder where the services of this box listen for `doorbell.ring`.

    Other boxes on the same PostgreSQL do not hear it: they look again by themselves within a second (runner).
    """
    if isinstance(database.obj, Shared):
        return Path(database.folder) / "bells"
    return Path(f"{database.database}.bells")


def skips_locked() -> bool:
    """Whether the database knows `FOR UPDATE SKIP LOCKED`: a row that somebody holds stops nobody else."""
    return isinstance(database.obj, Shared)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction: all of the block is committed, or nothing is. There is one writer at a time, over all boxes.

    It takes the write lock at once (`BEGIN IMMEDIATE`, or an advisory lock on PostgreSQL): a transaction that reads
    first and writes later fails when another service wrote in between, however long the time-out; and who decides
    first, which code is used up and the chain of the log all rest on it. Inside another `writing()` it is part of
    that one.
    """
    outermost = not database.in_transaction()
    shared = isinstance(database.obj, Shared)
    if outermost:
        _thread.owed = False
    try:
        with database.atomic("IMMEDIATE") if outermost and not shared else database.atomic():
            if outermost and shared:
                database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (WRITERS,))
            yield
    except OperationalError as error:  # nothing of the block was written; whoever tries again has room
        if faults.of(error) is Fault.FULL:
            reserve.give_up(own())
        raise
    if outermost and _thread.owed:
        _thread.owed = False
        doorbell.ring(bells())


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read in the block is as it was at one moment."""
    with database.atomic(3) if isinstance(database.obj, Shared) else database.atomic():  # 3: REPEATABLE READ
        yield


def version() -> str:
    """Differs from what it was when anything was committed since, by whomever; cheap to ask again and again.

    SQLite: `PRAGMA data_version` tells of the others, `total_changes` of ourselves. PostgreSQL: the snapshot.
    """
    if isinstance(database.obj, SqliteDatabase):
        others = database.execute_sql("PRAGMA data_version").fetchone()[0]
        return f"{others} {database.connection().total_changes}"
    return str(database.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0])


def be_the_only(seat: str) -> None:
    """*seat* is ours for as long as this process is connected. Raises UnusableStore when another box has it.

    For PostgreSQL only: on one box systemd and the modem's port see to it.
    """
    if not isinstance(database.obj, Shared):
        return
    if not database.execute_sql("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (WRITERS, seat)).fetchone()[0]:
        raise UnusableStore(f"Another box already is {seat}. Give each [[modem]] of all boxes a name of its own.")


def is_free(seat: str) -> bool:
    """Whether it is sure that nobody is connected who has *seat*. SQLite cannot tell: False."""
    if not isinstance(database.obj, Shared):
        return False
    held = (
        "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND classid = %s AND objsubid = 2"
        " AND objid::bigint = (hashtext(%s)::bigint & 4294967295)"
    )
    return database.execute_sql(held, (WRITERS, seat)).fetchone() is None


def scrub() -> bool:
    """The bytes of deleted rows are gone from the database; False when a reader kept them in the journal for now.

    Not inside a transaction. SQLite overwrites what it deletes (`secure_delete`), but pages that were rebuilt may keep
    remains, and so does the journal: VACUUM and a truncated journal end that. On PostgreSQL the pages are written
    anew; its own journal and its backups are for whoever keeps the server.
    """
    if isinstance(database.obj, Shared):
        for table in database.get_tables():
            database.execute_sql(f'VACUUM FULL "{table}"')
        return True
    database.execute_sql("PRAGMA temp_store=memory")  # no copy of the rows in a temporary file
    database.execute_sql("VACUUM")
    busy, *_ = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def ring_after_commit() -> None:
    """Wake the gateways once the transaction that is open now has been committed."""
    _thread.owed = True


def migrate() -> list[str]:
    """Bring the database to this version; the names of the steps that were taken."""
    refuse_newer()
    _refuse_lost()
    with writing() if isinstance(database.obj, Shared) else nullcontext():  # two boxes may do so at once
        return steps_up()


def steps_up(until: str | None = None) -> list[str]:
    """Take the steps that are lacking, the last of them *until* if it is given; their names."""
    if isinstance(database.obj, Shared):
        database.execute_sql(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"')
    return [str(name) for name in _runner().up(until)]


def refuse_older() -> None:
    """Raises UnusableStore when a service would start on a database that lacks a step."""
    refuse_newer()
    _refuse_lost()
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


def _refuse_lost() -> None:
    """Raises BrokenStore when services have run here and the database is empty: it was lost, and is not made anew."""
    if isinstance(database.obj, Shared) or not bells().is_dir() or any(step.applied for step in _status()):
        return
    raise BrokenStore(
        f"{database.database}: the database is gone; there is an empty one in its place. "
        "Stop the services and restore a backup: appliance restore FILE --key FILE. "
        f"To begin anew without members, remove {bells()} first."
    )


def _status() -> list:  # type: ignore[type-arg]
    try:
        return list(_runner().status())
    except faults.failures() as error:
        raise BrokenStore(_unusable(error)) from error


def _unusable(error: Exception) -> str:
    if isinstance(database.obj, Shared):
        words = " ".join(str(error).split())
        return f"The database cannot be used ({words}). Is its server on, and [store] url right?"
    return f"{database.database}: {faults.line(error) or f'not a usable database ({error}).'}"


def _runner() -> Runner:
    return Runner(database.obj, str(MIGRATIONS))
