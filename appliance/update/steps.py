"""What an update does to the box, step by step, so that a power cut at any instant ends in the new version or the old.

Only Python's own library: a copy of this file, beside the state, does the work while the program is being replaced
(`update-bin-kast.service`; at every boot, when an update was under way). Where it stands is in `state.json`; every step
may be done twice.
"""

import http.client
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

FOLDER = Path("/var/lib/bin-kast-update")
TARGET = "bin-kast.target"
UNITS = "bin-kast-*.service"
ALIVE_WITHIN = 180.0  # seconds; a Pi Zero takes one minute to start all of it
ALIVE_FOR = 30.0  # seconds
LOOK_AGAIN = 2.0  # seconds
TRIES = 5  # of dpkg: something else may have its lock, and what a power cut left must be tidied up first
TRY_AGAIN = 20.0  # seconds
FAILED = 500  # the first status of HTTP that is the page's own fault


class State(StrEnum):
    """Where an update stands."""

    READY = "ready"  # all is prepared, nothing of the box is changed
    INSTALLING = "installing"
    WATCHING = "watching"
    GOING_BACK = "going_back"
    DONE = "done"  # the new version runs
    BACK = "back"  # the old version runs again
    LEFT = "left"  # the new version does not do well, and something came in that going back would lose


class Event(StrEnum):
    """What may happen to it."""

    BEGUN = "begun"
    INSTALLED = "installed"
    NOT_INSTALLED = "not_installed"
    WELL = "well"
    UNWELL = "unwell"
    BOUND = "bound"  # unwell, and what came in stands in a database that the old version cannot read
    RETURNED = "returned"


MOVES = {
    State.READY: {Event.BEGUN: State.INSTALLING},
    State.INSTALLING: {Event.INSTALLED: State.WATCHING, Event.NOT_INSTALLED: State.GOING_BACK},
    State.WATCHING: {Event.WELL: State.DONE, Event.UNWELL: State.GOING_BACK, Event.BOUND: State.LEFT},
    State.GOING_BACK: {Event.RETURNED: State.BACK},
}
OVER = frozenset(State) - MOVES.keys()


@dataclass(frozen=True)
class Stand:
    """The state, and what was so before anything was changed."""

    old: str
    new: str
    boot: str  # which boot of the kernel
    database: str  # the file; empty when it is on a server
    socket: str  # of the page; empty when it is not on one
    units: tuple[str, ...] = ()  # that were active
    hearts: tuple[str, ...] = ()  # services that gave a sign of life
    held: Mapping[str, int] = field(default_factory=dict)  # how far arrivals, alerts, log and submits were
    steps: tuple[str, ...] = ()  # of the database
    state: State = State.READY


Command = Callable[..., bool]


def command(*words: str) -> bool:
    """Whether *words*, as root, ended well."""
    return subprocess.run(words, check=False, stdin=subprocess.DEVNULL).returncode == 0


class Update:
    """Goes on from wherever the state in *folder* is, until it is over. *run* and *wait* reach the machine."""

    def __init__(
        self, folder: Path = FOLDER, run: Command = command, wait: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._folder, self._run, self._wait, self._monotonic = folder, run, wait, monotonic
        self._busy = folder / "busy"  # while it is there no service starts (its units look)
        self._copy = folder / "before.db"

    def go_on(self, boot: str) -> Stand | None:
        """The end of it; None when there was nothing to do. *boot*: which boot of the kernel this is."""
        stand = read(self._folder)
        if stand is None or (stand.state is State.READY and stand.boot != boot):
            stopped = self._busy.exists()
            self._tidy()  # nothing was changed yet, and this is another day
            if stopped:
                self._start()
            return None
        does = {
            State.READY: self._begin, State.INSTALLING: self._install, State.WATCHING: self._watch,
            State.GOING_BACK: self._go_back,
        }  # fmt: skip
        while stand.state not in OVER:
            event, stand = does[stand.state](stand)
            stand = replace(stand, state=MOVES[stand.state][event])
            write(self._folder, stand)
        self._tidy()
        return stand

    def _begin(self, stand: Stand) -> tuple[Event, Stand]:
        """Nothing of ours runs; the database was copied, and what is in it is known."""
        self._busy.touch()
        sync(self._folder)
        self._stop()
        if stand.database:
            copy_of(Path(stand.database), self._copy)
            held, steps = held_in(self._copy)
            stand = replace(stand, held=held, steps=steps)
        return Event.BEGUN, stand

    def _install(self, stand: Stand) -> tuple[Event, Stand]:
        self._stop()
        return (Event.INSTALLED if self._dpkg("new.deb") else Event.NOT_INSTALLED), stand

    def _dpkg(self, package: str) -> bool:
        """Whether *package* is installed. The maintainer scripts start nothing meanwhile: `busy` is there."""
        for _ in range(TRIES):
            if self._run("dpkg", "--force-confold", "--install", str(self._folder / package)):
                return True
            self._wait(TRY_AGAIN)
            self._run("dpkg", "--force-confold", "--configure", "--pending")
        return False

    def _watch(self, stand: Stand) -> tuple[Event, Stand]:
        """WELL when all that lived before lives again, and stays alive for a while."""
        self._start()
        begun = self._monotonic()
        since: float | None = None
        started = _utc()
        while self._monotonic() - begun < ALIVE_WITHIN or since is not None:
            self._wait(LOOK_AGAIN)
            alive = self._alive(stand, started)
            since = (since or self._monotonic()) if alive else None
            if since is not None and self._monotonic() - since >= ALIVE_FOR:
                return Event.WELL, stand
        self._busy.touch()
        self._stop()  # so that nothing comes in while it is decided what becomes of it
        if loses(stand):
            self._start()
            return Event.BOUND, stand
        return Event.UNWELL, stand

    def _alive(self, stand: Stand, started: str) -> bool:
        units = all(self._run("systemctl", "--quiet", "is-active", unit) for unit in stand.units)
        return units and _beat(stand, started) and _page_answers(stand.socket)

    def _go_back(self, stand: Stand) -> tuple[Event, Stand]:
        """The old version is installed, on the database as it was, or on the one in use if it can read that."""
        self._busy.touch()
        self._stop()
        if stand.database and not readable_by_old(stand):
            self._put_back(Path(stand.database), stand)
        if not self._dpkg("old.deb"):
            raise OSError("dpkg does not install the old version; systemd begins this anew")
        self._start()
        return Event.RETURNED, stand

    def _put_back(self, database: Path, stand: Stand) -> None:
        """The copy is the database; that of the new version stays beside it, as after a restore (retention)."""
        aside = sorted(self._folder.glob("aside-*"))
        mark = aside[0] if aside else self._folder / f"aside-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
        mark.touch()
        sync(self._folder)
        moved = Path(f"{database}.before-{mark.name.removeprefix('aside-')}")
        owner = database.parent.stat()
        for ending in ("", "-wal", "-shm"):
            if Path(f"{database}{ending}").exists() and not Path(f"{moved}{ending}").exists():
                Path(f"{database}{ending}").rename(f"{moved}{ending}")
        fresh = Path(f"{database}.returning")
        shutil.copyfile(self._copy, fresh)
        fresh.chmod(0o600)
        os.chown(fresh, owner.st_uid, owner.st_gid)
        _put(fresh, database)

    def _stop(self) -> None:
        self._run("systemctl", "stop", TARGET, UNITS)

    def _start(self) -> None:
        self._busy.unlink(missing_ok=True)
        self._run("systemctl", "restart", "--no-block", TARGET)

    def _tidy(self) -> None:
        """Nothing is left but how it ended."""
        if (stand := read(self._folder)) and stand.state in OVER:
            (self._folder / "state.json").replace(self._folder / "result.json")
        shutil.rmtree(self._folder / "trial", ignore_errors=True)
        names = (
            "state.json", "state.partial", "steps.py", "new.deb", "new.deb.minisig", "old.deb", "before.db",
            "before.partial", "busy",
        )  # fmt: skip
        for path in [self._folder / name for name in names] + list(self._folder.glob("aside-*")):
            path.unlink(missing_ok=True)


def copy_of(database: Path, copy: Path) -> None:
    """*copy*, readable for its owner alone, is *database* as it is at one moment."""
    partial = copy.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=delete")  # all of it in one file
    _put(partial, copy)


def loses(stand: Stand) -> bool:
    """Whether going back would lose what came in: it is in a database that the old version cannot read."""
    if not stand.database or readable_by_old(stand):
        return False
    with suppress(sqlite3.Error):
        return dict(stand.held) != held_in(Path(stand.database))[0]
    return False  # of a database that nobody can read, nothing can be lost; it stays beside the copy


def readable_by_old(stand: Stand) -> bool:
    """Whether the new version took no step on the database, so that the old one goes on with it as it is."""
    with suppress(sqlite3.Error):
        return tuple(stand.steps) == held_in(Path(stand.database))[1]
    return False


HELD = {
    "arrivals": "SELECT coalesce(max(id), 0) FROM arrival",
    "alerts": "SELECT coalesce(max(id), 0) FROM alert",
    "log": "SELECT coalesce(max(id), 0) FROM audit",
    "submits": "SELECT coalesce(sum(attempts), 0) FROM segment",
}


def held_in(database: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """How far everything is that came in, was decided or was sent; and the steps of the tables.

    Raises sqlite3.Error.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as opened:
        held = {name: int(opened.execute(question).fetchone()[0]) for name, question in HELD.items()}
        steps = tuple(row[0] for row in opened.execute("SELECT name FROM schema_migration ORDER BY name"))
    return held, steps


def _beat(stand: Stand, started: str) -> bool:
    """Whether each service that gave a sign of life before gave one since *started*."""
    if not stand.database:
        return True
    try:
        with closing(sqlite3.connect(f"file:{stand.database}?mode=rw", uri=True)) as opened:
            beats = dict(opened.execute("SELECT service, at FROM heartbeat"))
    except sqlite3.Error:
        return False
    return all(beats.get(heart, "") >= started for heart in stand.hearts)


def _page_answers(path: str) -> bool:
    if not path:
        return True
    asking = http.client.HTTPConnection("localhost", timeout=10)
    try:
        asking.sock = socket.socket(socket.AF_UNIX)
        asking.sock.settimeout(10)
        asking.sock.connect(path)
        asking.request("GET", "/aanmelden")
        return asking.getresponse().status < FAILED
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _utc() -> str:
    """Now, as the database writes it: texts of one width, so that the later one is the larger one."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())


def read(folder: Path = FOLDER, name: str = "state.json") -> Stand | None:
    """Where the update in *folder* stands; None when none is under way."""
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    lists = {key: tuple(found[key]) for key in ("units", "hearts", "steps")}
    return Stand(**found | lists | {"state": State(found["state"])})


def last(folder: Path = FOLDER) -> Stand | None:
    """How the last update ended; None when there was none, or one is under way."""
    return read(folder, "result.json")


def forget_result(folder: Path) -> None:
    """How the last update ended is of no interest any more."""
    (folder / "result.json").unlink(missing_ok=True)


def write(folder: Path, stand: Stand) -> None:
    """*stand* survives a power cut."""
    partial = folder / "state.partial"
    partial.write_text(json.dumps(asdict(stand)), encoding="utf-8")
    _put(partial, folder / "state.json")


def _put(partial: Path, final: Path) -> None:
    """*partial* is *final*, whole, also after a power cut."""
    sync(partial)
    partial.replace(final)
    sync(final.parent)


def sync(path: Path) -> None:
    """*path*, a file or a folder with the names in it, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def boot_id() -> str:
    """Which boot of the kernel this is."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def main(arguments: Sequence[str] = ()) -> None:
    """Goes on with what is under way."""
    Update(Path(arguments[0]) if arguments else FOLDER).go_on(boot_id())


if __name__ == "__main__":
    main(sys.argv[1:])
