"""Backups that nobody has to think of: each night on the box itself, and on a stick when one is plugged in.

The box cannot open its own backups. So the nightly one is made for the key on paper and for a second key, which is
drawn for that minute and never written down. With it the very file that is kept is decrypted and filled into a scratch
database, as a restore would. What that does not prove: that somebody still has the paper.
"""

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance import audit, bookmarks, clock, store
from appliance.health import CARD_LOW, machine
from appliance.queue import outbox
from appliance.upkeep import backup
from appliance.upkeep.backup import BadBackup, Header, Put
from appliance.upkeep.erasure import BOX
from appliance.upkeep.retention import AT_MOST, LEFT

DAYS, WEEKS = 7, 4
OLDEST = AT_MOST - LEFT  # who left is erased after LEFT, and must be gone from everything after AT_MOST (GDPR art. 17)
COPIES = 3  # of the database at one time: readable, sealed, read back
LOOK_AGAIN = 5.0  # seconds
PATIENCE = 7200.0  # seconds; then the next night, or the next time that the stick is plugged in
PLACE = "backups"
ON_STICK = "bin-kast"

_NAME = re.compile(r"bin-kast-(\d{8}T\d{6})\.age")


@dataclass(frozen=True)
class Made:
    """A backup that was made, and the older ones beside it that went."""

    file: Path
    header: Header
    removed: list[Path]


def place() -> Path:
    """Where the box keeps its own."""
    return store.own() / PLACE


def make(recipient: str, url: str, folder: Path, bin_name: str, now: datetime) -> Made:
    """A backup is in `place`, was read back whole, and the old ones are gone. Raises BadBackup.

    The tables are bound to the database at *url* as before; *folder*: see `store.open_store`.
    """
    _refuse_full(url)
    file = _ready(place(), now)
    passing, secret = backup.draw_key()
    header = backup.write(file, recipient, bin_name, now, besides=(passing,))
    try:
        backup.restore(file, backup.keys_in(secret), url, now, folder=folder, put=Put.NOWHERE)
    except BadBackup as error:
        file.unlink()
        raise BadBackup(f"the backup was made and cannot be restored: {error}") from error
    finally:
        store.open_store(url, folder)
    with store.writing():
        bookmarks.mark(bookmarks.NIGHTLY, now)
    return Made(file, header, _thin(file.parent, now))


def take_away(stick: Path, recipient: str, bin_name: str, now: datetime) -> Made:
    """A backup is on *stick*, and the old ones there are gone. Raises BadBackup."""
    file = _ready(stick / ON_STICK, now)
    header = backup.write(file, recipient, bin_name, now)
    with store.writing():
        audit.record(BOX, "backed up", "stick", now, header.log_head[:8])
    return Made(file, header, _thin(file.parent, now))


def _refuse_full(url: str) -> None:
    used = 0 if store.is_shared(url) else store.path_of(url).stat().st_size // machine.MEGABYTE
    free = machine.read(store.own()).free_megabytes
    if free is not None and free < CARD_LOW + COPIES * used:
        raise BadBackup(f"{free} MB free is too little room for a backup on the card.")


def _ready(there: Path, now: datetime) -> Path:
    try:
        there.mkdir(mode=0o700, exist_ok=True)
        for partial in there.glob("*.partial"):  # its power was cut, or it was pulled out
            partial.unlink()
    except OSError as error:
        raise BadBackup(f"{there}: cannot be written ({error.strerror}).") from error
    return there / name(now)


def name(at: datetime) -> str:
    """What a backup made *at* is called: also on FAT, which knows no colon."""
    return f"bin-kast-{at:%Y%m%dT%H%M%S}.age"


def made_at(file: Path) -> datetime | None:
    """When the backup in *file* was made, by its name; None when it is none of ours."""
    found = _NAME.fullmatch(file.name)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:  # a name as ours, of a day that is none
        return None


def _thin(there: Path, now: datetime) -> list[Path]:
    if not clock.trusted(now):
        return []
    found = {at: file for file in sorted(there.iterdir()) if (at := made_at(file))}
    gone = [found[at] for at in sorted(found.keys() - kept(found, now))]
    for file in gone:
        file.unlink()
    return gone


def kept(made: Collection[datetime], now: datetime) -> set[datetime]:
    """Which of the backups that were *made* then stay: the last of each of seven days and of four weeks. Pure.

    Days and weeks without one do not count; none older than OLDEST stays, nor one from after *now*.
    """
    able = sorted(at for at in made if now - OLDEST <= at <= now)
    of_days = {at.date(): at for at in able}
    of_weeks = {at.isocalendar()[:2]: at for at in able}
    return {*list(of_days.values())[-DAYS:], *list(of_weeks.values())[-WEEKS:]}


def await_quiet(now: Callable[[], datetime], patience: float = PATIENCE) -> None:
    """Nothing leaves, nor is due to leave. Raises BadBackup when that takes longer than *patience* (seconds)."""
    until = time.monotonic() + patience
    while outbox.busy(now()):
        if time.monotonic() > until:
            raise BadBackup("the box is sending; another time.")
        time.sleep(LOOK_AGAIN)
