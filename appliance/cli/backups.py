"""Backups: for a key on paper, each night on the box itself, on a stick, and back again."""

from pathlib import Path
from typing import Any

import click

from appliance import audit, store
from appliance.cli.parts import HERE, Parts, json_option, show
from appliance.upkeep import backup, nightly
from appliance.upkeep.backup import Header, Put, Restored

file_type = click.Path(path_type=Path, dir_okay=False)


@click.command("backup-key")
@click.argument("file", type=file_type)
@json_option
@click.pass_obj
def backup_key(parts: Parts, file: Path, as_json: bool) -> None:
    """Make a key pair: FILE is the secret half, to be kept on paper away from the box."""
    recipient = backup.new_key(file, parts.config.bin.language)
    words = f"{recipient}\nPrint {file}, keep it away from the box, remove it here: it opens every backup for this key."
    show({"recipient": recipient, "file": str(file)}, as_json, lambda _: words)


@click.command("backup")
@click.argument("file", type=file_type)
@click.option("--to", "recipient", metavar="KEY", required=True, help="The public key (age1...) of who may read it.")
@json_option
@click.pass_obj
def backup_(parts: Parts, file: Path, recipient: str, as_json: bool) -> None:
    """All tables into FILE, encrypted (age): without the secret key nobody reads it, the box neither."""
    parts.open()
    header = backup.write(file, recipient, parts.bin.name, parts.now())
    with store.writing():
        audit.record(HERE, "backed up", "", parts.now(), header.log_head[:8])
    show(_header(header) | {"file": str(file)}, as_json, lambda _: f"{file}: {_counted(header)}")


@click.command("backup-nightly")
@json_option
@click.pass_obj
def backup_nightly(parts: Parts, as_json: bool) -> None:
    """A backup that stays on the box, for the key chosen on the page; read back before it counts. A timer does it."""
    parts.open()
    key = backup.known()
    if key is None:
        show({"file": None}, as_json, lambda _: "No key was chosen yet: nothing to do. The page makes one.")
        return
    nightly.await_quiet(parts.now)
    settings = parts.config.store
    made = nightly.make(key.recipient, settings.url, Path(settings.folder), parts.bin.name, parts.now())
    show(_kept(made), as_json, lambda _: f"{made.file}: {_counted(made.header)}. Read back, and whole.")


@click.command("backup-stick")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@json_option
@click.pass_obj
def backup_stick(parts: Parts, folder: Path, as_json: bool) -> None:
    """A backup into FOLDER, which is on a stick, for the key chosen on the page. Plugging the stick in does it."""
    parts.open()
    key = backup.known()
    if key is None:
        show({"file": None}, as_json, lambda _: "No key was chosen yet: nothing to do. The page makes one.")
        return
    nightly.await_quiet(parts.now)
    made = nightly.take_away(folder, key.recipient, parts.bin.name, parts.now())
    show(_kept(made), as_json, lambda _: f"{made.file}: {_counted(made.header)}")


def _kept(made: nightly.Made) -> dict[str, Any]:
    return _header(made.header) | {"file": str(made.file), "removed": [str(file) for file in made.removed]}


def _header(header: Header) -> dict[str, Any]:
    return {"made": header.made_at, "bin": header.bin, "counts": header.counts, "log_head": header.log_head}


def _counted(header: Header) -> str:
    return ", ".join(f"{number} {name}" for name, number in header.counts.items() if number) or "nothing"


@click.command("restore")
@click.argument("file", type=file_type)
@click.option(
    "--key",
    "key_file",
    metavar="FILE",
    type=file_type,
    required=True,
    help="Holds AGE-SECRET-KEY-1..., or the 24 words.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything; change nothing.")
@json_option
@click.pass_obj
def restore(parts: Parts, file: Path, key_file: Path, dry_run: bool, as_json: bool) -> None:
    """The database becomes what FILE holds; the old one stays beside it. Stop the services first."""
    settings = parts.config.store
    restored = backup.restore(
        file, backup.keys_of(key_file), settings.url, parts.now(), folder=Path(settings.folder),
        put=Put.NOWHERE if dry_run else Put.INSTEAD,
    )  # fmt: skip
    answer = _header(restored.header) | {
        "restored": not dry_run, "log_broken_at": restored.log_broken_at, "in_doubt": restored.in_doubt,
        "decide_again": restored.decide_again, "kept_newer": restored.kept_newer,
        "previous": restored.previous,
    }  # fmt: skip
    show(answer, as_json, lambda _: _restored_words(restored, dry_run))


def _restored_words(restored: Restored, dry_run: bool) -> str:
    header = restored.header
    lines = [f"Backup of {header.bin}, made {header.made_at:%Y-%m-%d %H:%M} UTC: {_counted(header)}."]
    broken = restored.log_broken_at
    lines.append("✔ The log is whole." if broken is None else f"✖ Row {broken} of the log was changed.")
    if restored.in_doubt:
        lines.append(f"{restored.in_doubt} segments were owed: what is not too old is sent, shown as possibly twice.")
    if restored.decide_again:
        lines.append(f"{restored.decide_again} delayed alerts wait for a decision again.")
    if restored.previous and not restored.kept_newer:
        lines.append("The old database could not be read: check by hand who said STOP or was revoked since the backup.")
    if restored.previous:
        lines.append(f"The old database is kept as {restored.previous}; remove it when all is well.")
    return "\n".join([*lines, "Nothing was changed." if dry_run else "Restored. Start the services."])


COMMANDS: tuple[click.Command, ...] = (backup_key, backup_, backup_nightly, backup_stick, restore)
