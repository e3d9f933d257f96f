"""A backup is one age file (age-encryption.org/v1): a header line and then one line of JSON for each row.

It is made for an X25519 recipient whose key is kept on paper: the box cannot read its own backups. Restoring never
runs or unpacks anything; rows go into a scratch database that is checked before it takes the place of the old one.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
from peewee import DatabaseError

from appliance import audit, store
from appliance.alerts import AlertState, Source
from appliance.alerts.timers import Step
from appliance.models import TABLES, Alert, Audit, BackupKey, MomentField, Timer, database
from appliance.people import members, refusals
from appliance.plain import PlainError
from appliance.queue.outbox import DOUBT_WAIT
from appliance.upkeep import age, key_words, scratch
from appliance.upkeep.age import BadAge, Keys
from appliance.upkeep.retention import AT_MOST
from appliance.upkeep.scratch import Scratch

FORMAT, VERSION = "bin-kast-backup", 1
LARGEST = 300_000_000  # octets; a BIN of 500 members makes some 25 million a year
LONGEST_LINE = 1_000_000  # octets
HISTORY = "schema_migration"  # not a table of ours: the header names the steps

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what a database can hold
Value = bool | str | Whole | float | None
Rows = Iterator[tuple[str, dict[str, Value]]]
SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")  # Bech32 of 32 octets


class BadBackup(PlainError):
    """The backup, or the key, will not do; `str()` says why. Nothing was changed."""


class BadKey(BadBackup):
    """What was given is no secret key."""


class Newer(BadBackup):
    """The backup was made by a newer version of BIN-kast than this one."""


class Header(msgspec.Struct, frozen=True):
    """The first line: what is in the file. `log_head` is the seal of the last audit row."""

    format: str
    version: int
    made_at: datetime
    bin: str
    steps: list[str]
    counts: dict[str, int]
    log_head: str


class Put(StrEnum):
    """What becomes of the database in use when a backup was read and checked."""

    NOWHERE = "nowhere"  # nothing is changed: it was only looked at
    INSTEAD = "instead"  # the old database stays beside the new one; the services must be stopped
    INTO = "into"  # the rows replace those of a box where nobody can log in yet; the services go on


@dataclass(frozen=True)
class Restored:
    """What came back. Texts that were still owed may have left since: they are in doubt now, and sent as such.

    `decide_again` counts delayed alerts that wait for a decision once more; `previous` is where the old database is.
    """

    header: Header
    log_broken_at: int | None
    in_doubt: int
    decide_again: int
    kept_newer: bool  # what was said since the backup (STOP, used codes, revoked contacts) was carried over
    previous: str | None = None


def new_key(file: Path, language: str) -> str:
    """Make a key pair: the secret half in *file* (new, mode 0600), also in words for whoever speaks *language*.

    Returned is the recipient to make backups for.
    """
    identity = age.draw()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadBackup(f"{file}: cannot be made ({error.strerror}).") from error
    with os.fdopen(descriptor, "w") as out:
        words = " ".join(key_words.words_of(str(identity), language))
        out.write(f"# public key: {identity.to_public()}\n{identity}\n# the same in words: {words}\n")
    return str(identity.to_public())


def draw_key() -> tuple[str, str]:
    """A new key pair: the recipient to make backups for, and the secret half, which is for paper only."""
    identity = age.draw()
    return str(identity.to_public()), str(identity)


def know(recipient: str, now: datetime, by: str) -> None:
    """From now on page, night and stick make their backups for *recipient*. Raises BadBackup: it is no public key."""
    tidy = recipient.strip()
    _recipient(tidy)
    with store.writing():
        BackupKey.delete().execute()
        BackupKey.create(recipient=tidy, made_at=now)
        audit.record(by, "backup key chosen", "", now, tidy[-8:])


def known() -> BackupKey | None:
    """For whom page, night and stick make backups; None when no key was chosen yet."""
    found: BackupKey | None = BackupKey.select().order_by(BackupKey.id.desc()).first()
    return found


def _recipient(written: str) -> Any:
    try:
        return age.recipient(written)
    except BadAge as error:
        raise BadBackup(f"not a public key: {error}. It looks like age1... and is printed by: backup-key") from error


def write(file: Path, recipient: str, bin_name: str, now: datetime, *, besides: tuple[str, ...] = ()) -> Header:
    """*file* holds all tables as they are at one moment, for the holder of *recipient*'s key. Raises BadBackup.

    Nothing readable touches the folder of *file*, which may be on a stick; *file* appears whole or not at all.
    *besides*: who else can open it.
    """
    to = [_recipient(one) for one in (recipient, *besides)]
    partial = file.with_name(f"{file.name}.partial")
    try:
        with tempfile.TemporaryFile(dir=store.bells().parent) as plain:
            header = _dump(plain, bin_name, now)
            plain.seek(0)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                age.seal(plain, out, to)
                out.flush()
                os.fsync(out.fileno())
        partial.replace(file)
        scratch.sync(file.parent)
    except OSError as error:
        with suppress(OSError):  # the stick is gone, and the rest of it too
            partial.unlink(missing_ok=True)
        raise BadBackup(f"{file}: cannot be written ({error.strerror or error}).") from error
    return header


def _dump(out: IO[bytes], bin_name: str, now: datetime) -> Header:
    with store.one_moment():
        tables = [name for name in database.get_tables() if name != HISTORY]
        counts = {name: database.execute_sql(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608 - names from the database itself
        steps = [row[0] for row in database.execute_sql(f'SELECT name FROM "{HISTORY}" ORDER BY name')]  # noqa: S608 - names from the database itself
        last = Audit.select().order_by(Audit.id.desc()).first()
        header = Header(FORMAT, VERSION, now, bin_name, steps, counts, last.seal if last else "")
        out.write(msgspec.json.encode(header) + b"\n")
        for table in tables:
            for row in _rows_of(table):
                out.write(msgspec.json.encode([table, row]) + b"\n")
    return header


def _rows_of(table: str) -> Iterator[dict[str, Any]]:
    cursor = database.execute_sql(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the database itself
    columns = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(columns, row, strict=True))


def restore(
    file: Path, keys: Keys, url: str, now: datetime, *, folder: Path = store.FOLDER, put: Put = Put.INSTEAD
) -> Restored:
    """The database at *url* is what *file* holds, *put* there as it says. Raises BadBackup, and then nothing changed.

    *folder* is this box's own.
    """
    beside = scratch.beside(url, folder)
    try:
        with _opened(file, keys, store.own_folder(url, folder)) as plain:
            header = _header(plain)
            if database.obj:
                database.close()
            beside.open()
            try:
                restored = _filled(beside, header, _rows(plain), now)
                if put is Put.INSTEAD:
                    restored = replace(restored, previous=beside.swap(now))
                elif put is Put.INTO:
                    beside.pour()
            finally:
                beside.forget()
    except scratch.Refused as error:
        raise BadBackup(str(error)) from error
    return restored


def keys_of(file: Path) -> Keys:
    """The secret keys in *file*. Raises BadBackup."""
    try:
        return keys_in(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadKey(f"{file}: cannot be read ({error.strerror}).") from error
    except (BadKey, UnicodeDecodeError) as error:
        raise BadKey(f"{file}: not a key file. It holds a line AGE-SECRET-KEY-1...") from error


def keys_in(text: str) -> Keys:
    """The secret keys in *text*, as typed from paper: spaces, ends of line and small letters do not count.

    Its 24 words are as good. Raises BadKey when there is none, or one with a slip of the pen: both have a check.
    """
    said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    try:
        found = SECRET.findall("".join(said.split()).upper()) or key_words.secrets_in(said)
        keys = [age.identity(one) for one in found]
    except (BadAge, key_words.BadWords) as error:
        raise BadKey("the secret key has a slip of the pen.") from error
    if not keys:
        raise BadKey("no secret key: it looks like AGE-SECRET-KEY-1..., or it is 24 words.")
    return keys


@contextmanager
def _opened(file: Path, keys: Keys, folder: Path) -> Iterator[IO[bytes]]:
    """The readable content of *file*, in a nameless file on the disk of the database."""
    if not folder.is_dir():
        raise BadBackup(f"{folder}: no such folder. Make it, or change [store] url.")
    with tempfile.TemporaryFile(dir=folder) as plain:
        try:
            if file.stat().st_size > LARGEST:
                raise BadBackup(f"{file}: larger than any backup of ours.")
            with file.open("rb") as sealed:
                age.unseal(sealed, plain, keys)
        except (BadAge, OSError) as error:
            reason = f"{file}: cannot be opened ({_reason(error)}). Is it the right file, whole, and its key?"
            raise BadBackup(reason) from error
        plain.seek(0)
        yield plain


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _header(plain: IO[bytes]) -> Header:
    try:
        header = msgspec.json.decode(plain.readline(LONGEST_LINE), type=Header)
    except msgspec.DecodeError as error:
        raise BadBackup("this is not a backup of BIN-kast.") from error
    if header.format != FORMAT or not header.steps:
        raise BadBackup("this is not a backup of BIN-kast.")
    known = {path.stem for path in store.MIGRATIONS.glob("[0-9]*.py")}
    newer = sorted(set(header.steps) - known)
    if header.version > VERSION or newer:
        raise Newer("the backup was made by a newer version of BIN-kast. Install that version first.")
    return header


def _rows(plain: IO[bytes]) -> Rows:
    decoder = msgspec.json.Decoder(tuple[str, dict[str, Value]])
    for number, line in enumerate(iter(lambda: plain.readline(LONGEST_LINE), b""), start=2):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError as error:
            raise BadBackup(f"line {number} of the backup is not a row: {error}") from error


def _filled(beside: Scratch, header: Header, rows: Rows, now: datetime) -> Restored:
    """*beside* is a whole database of this version with *rows* in it, checked."""
    try:
        store.steps_up(header.steps[-1])  # as it was; the later steps change rows too
        with beside.unordered():
            _insert(rows)
        store.migrate()
        _check_values()
        _check(header)
        kept_newer = _keep_newer(beside)
        _honour_refusals(now)
        in_doubt, decide_again = _doubt(beside, now)
    except DatabaseError as error:
        raise BadBackup(f"the backup does not fit the tables of BIN-kast: {error}") from error
    return Restored(header, audit.first_broken(), in_doubt, decide_again, kept_newer)


def _insert(rows: Rows) -> None:
    known = {table: {column.name: column.data_type for column in database.get_columns(table)}
             for table in database.get_tables()}  # fmt: skip
    for table, row in rows:
        kinds = known.get(table, {})
        if table == HISTORY or not row or not row.keys() <= kinds.keys():
            raise BadBackup(f"the backup has a table or column that BIN-kast does not know: {table[:40]}")
        columns, marks = ", ".join(f'"{column}"' for column in row), ", ".join([database.param] * len(row))
        values = tuple(_fitting(value, kinds[column]) for column, value in row.items())
        database.execute_sql(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', values)  # noqa: S608 - names from the database itself


def _fitting(value: Value, kind: str) -> Value:
    """*value* as a column of *kind* takes it: in SQLite yes and no are 1 and 0."""
    return bool(value) if kind == "boolean" and value in (0, 1) else value


def _check(header: Header) -> None:
    """Every row that was written is there, and the log ends where the header says."""
    tables = set(database.get_tables()) - {HISTORY}
    for table in tables:
        found = database.execute_sql(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - names from the database itself
        if found != header.counts.get(table, 0):
            written = header.counts.get(table, 0)
            raise BadBackup(f"the backup is not whole: {found} rows of {table}, and {written} were written.")
    if set(header.counts) - tables:
        raise BadBackup("the backup is not whole: it lacks a table that it names.")
    last = Audit.select().order_by(Audit.id.desc()).first()
    if (last.seal if last else "") != header.log_head:
        raise BadBackup("the log in the backup does not end where the backup says.")


def _check_values() -> None:
    """Every value can be read as what its column is. Comes before any other look at the rows."""
    try:
        for table in TABLES:
            for row in table.select().dicts().iterator():
                for name, value in row.items():
                    table._meta.fields[name].db_value(value)
    except (ValueError, TypeError) as error:
        raise BadBackup(f"the backup holds a value that cannot be: {error}") from error


# What was said after the backup was made stands: who left by STOP (erased or not), which codes are used up, who was
# revoked.
NEWER = (
    """UPDATE member SET state = 'left', left_at = (SELECT left_at FROM {newer}.member n WHERE n.number = member.number)
       WHERE number IN (SELECT number FROM {newer}.member WHERE state = 'left')
         AND 'member ' || id IN (SELECT subject FROM {newer}.audit WHERE verb = 'left' AND actor = subject)""",
    """UPDATE police_contact SET
         counter = {largest}(counter,
           (SELECT counter FROM {newer}.police_contact n WHERE n.secret = police_contact.secret)),
         revoked_at = coalesce(
           revoked_at, (SELECT revoked_at FROM {newer}.police_contact n WHERE n.secret = police_contact.secret))
       WHERE secret IN (SELECT secret FROM {newer}.police_contact)""",
    """INSERT INTO refusal (salt, mark, at)
       SELECT salt, mark, at FROM {newer}.refusal WHERE mark NOT IN (SELECT mark FROM refusal)""",
)


def _keep_newer(beside: Scratch) -> bool:
    """Whether the old database was there and could be read for what must not be forgotten."""
    try:
        with beside.newer() as newer, store.writing():
            for statement in NEWER:
                database.execute_sql(statement.format(newer=newer, largest=beside.largest))
    except DatabaseError:  # it is not there, broken, or of another version
        return False
    return True


def _honour_refusals(now: datetime) -> None:
    """Who refused after the backup was made, and was erased, leaves again: retention erases what the backup brought."""
    for member in refusals.still_enrolled():
        members.leave(member, now - AT_MOST, "de kast")


def _doubt(beside: Scratch, now: datetime) -> tuple[int, int]:
    """Nobody knows what happened after the backup: owed segments are in doubt, delayed alerts wait for a decision."""
    due = MomentField().db_value(now + DOUBT_WAIT)
    with store.writing():
        segments = database.execute_sql(
            "UPDATE segment SET state = 'in_doubt', doubts = doubts + 1,"  # noqa: S608 - names from ourselves
            f" due_at = {beside.largest}(due_at, {database.param}),"
            " message_reference = NULL WHERE state IN ('queued', 'submitting')",
            (due,),
        ).rowcount
        database.execute_sql("DELETE FROM countdown")  # whoever pressed looks at another evening now
        database.execute_sql("DELETE FROM device")  # a session that was ended since must not come back
        for alert in Alert.select().where((Alert.state == AlertState.DELAYED) & (Alert.source == Source.POLICE)):
            Timer.create(alert=alert, step=Step.STALE, due_at=now)  # every coordinator is asked anew
        delayed = database.execute_sql(
            "UPDATE alert SET state = 'waiting', due_at = NULL WHERE state = 'delayed'"
        ).rowcount
    return segments, delayed
