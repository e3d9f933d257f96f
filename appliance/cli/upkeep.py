"""Looking after the box: its database, its health, its log, its backups."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from peewee import fn

from appliance import audit, backup, doctor, health, report, store
from appliance.backup import Header, Restored
from appliance.cli.parts import HERE, Parts, Refused, json_option, show, table
from appliance.config import BadConfig, Config
from appliance.doctor import Finding, Verdict
from appliance.health import SENTENCES, Health
from appliance.models import Audit, Segment
from appliance.queue.states import State

MARKS = {Verdict.GOOD: "✔", Verdict.ODD: "!", Verdict.BAD: "✖"}
MASK = "••••"
file_type = click.Path(path_type=Path, dir_okay=False)


@click.command()
@json_option
@click.pass_obj
def migrate(parts: Parts, as_json: bool) -> None:
    """Bring the database to this version; makes it when there is none. Safe to repeat."""
    parts.bind()
    steps = store.migrate()
    show({"steps": steps}, as_json, lambda _: "\n".join(f"✔ {step}" for step in steps) or "Nothing to do.")


@click.command()
@json_option
@click.pass_obj
def status(parts: Parts, as_json: bool) -> None:
    """Whether the box is well, and what to do if not: what lamp and page say too."""
    parts.open()
    verdict = health.read(parts.now())
    show(_health(verdict) | {"queue": _queue(verdict)}, as_json, _health_words)


def _health(verdict: Health) -> dict[str, Any]:
    facts = verdict.facts
    troubles = [{"trouble": t, "sentence": SENTENCES[t][0], "step": SENTENCES[t][1]} for t in verdict.troubles]
    return {
        "level": verdict.level, "sentence": verdict.sentence, "troubles": troubles,
        "modems": [_modem(modem) for modem in facts.modems], "waiting": facts.waiting, "members": facts.members,
        "coordinators": facts.coordinators, "checked": verdict.checked_at,
    }  # fmt: skip


def _modem(modem: health.ModemFacts) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(modem)
    return {name.removesuffix("_at"): value for name, value in facts.items()}


def _queue(verdict: Health) -> dict[str, Any]:
    counted = Segment.select(Segment.state, fn.COUNT(Segment.id)).group_by(Segment.state)
    by_state: dict[str, int] = dict(counted.tuples().iterator())
    owed = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)
    oldest = round(verdict.facts.oldest_owed.total_seconds())
    return {state.value: by_state.get(state, 0) for state in owed} | {"oldest_seconds": oldest}


def _health_words(answer: dict[str, Any]) -> str:
    troubles = [f"▲ {trouble['sentence']} {trouble['step']}" for trouble in answer["troubles"]]
    modems = [_modem_cells(modem) for modem in answer["modems"]]
    seen = [table(("modem", "stand", "netwerk", "signaal"), modems)] if modems else []
    seen += [f"modem {modem['name']}: {modem['fault']}" for modem in answer["modems"] if modem["fault"]]
    queue = "wachtrij: " + "  ".join(f"{name} {number}" for name, number in answer["queue"].items())
    return "\n".join([answer["sentence"], *troubles, *seen, queue])


def _modem_cells(modem: dict[str, Any]) -> tuple[str, ...]:
    signal = "?" if modem["signal_percent"] is None else f"{modem['signal_percent']} %"
    return modem["name"], "aan" if modem["online"] else "uit", modem["operator"], signal


@click.command("doctor")
@json_option
@click.pass_obj
def doctor_(parts: Parts, as_json: bool) -> None:
    """Look at configuration, database, modems and pins. Exit code 1 when something must be mended."""
    findings = _findings(parts)
    bad = any(finding.verdict is Verdict.BAD for finding in findings)
    answer = {"ok": not bad, "findings": [msgspec.to_builtins(finding) for finding in findings]}
    show(answer, as_json, lambda _: "\n".join(_finding_words(finding) for finding in findings))
    sys.exit(1 if bad else 0)


def _findings(parts: Parts) -> list[Finding]:
    try:
        config = parts.config
    except BadConfig as error:
        return [Finding("configuration", Verdict.BAD, str(error))]
    source = f"{parts.config_path} is in force." if parts.config_path else "No file: the defaults are in force."
    found = [
        Finding("configuration", Verdict.GOOD, source),
        doctor.folder(store.own_folder(config.store.url, Path(config.store.folder))),
        doctor.database(config.store.url, Path(config.store.folder)),
    ]
    usable = found[-1].verdict is Verdict.GOOD
    for modem in config.modem:
        found += [doctor.port(modem.name, modem.port), doctor.sim_pin(modem.name, modem.pin)]
        if usable and (seen := doctor.seen(modem.name, parts.now())):
            found.append(seen)
    panel = config.panel
    return [*found, doctor.panel_pins((panel.button, panel.red, panel.green, panel.blue))] if panel.enabled else found


def _finding_words(finding: Finding) -> str:
    return f"{MARKS[finding.verdict]} {finding.subject}: {finding.sentence} {finding.step}".rstrip()


@click.group("config")
def config_group() -> None:
    """The configuration."""


@config_group.command("show")
@json_option
@click.pass_obj
def config_show(parts: Parts, as_json: bool) -> None:
    """The values in force and the file they are from; PINs and passwords are hidden."""
    tables = _masked(parts.config)
    source = str(parts.config_path) if parts.config_path else None
    show({"file": source, "config": tables}, as_json, _config_words)


def _masked(config: Config) -> dict[str, Any]:
    tables: dict[str, Any] = msgspec.to_builtins(config)
    for modem in tables["modem"]:
        modem["pin"] = MASK if modem["pin"] else ""
    tables["store"]["url"] = store.shown(tables["store"]["url"])
    return tables


def _config_words(answer: dict[str, Any]) -> str:
    lines = [f"# {answer['file'] or 'no file: these are the defaults'}"]
    for name, content in answer["config"].items():
        for part in content if isinstance(content, tuple) else [content]:
            lines += ["", f"[[{name}]]" if isinstance(content, tuple) else f"[{name}]"]
            lines += [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in part.items()]
    return "\n".join(lines)


@click.group("log")
def log_group() -> None:
    """The log of who did what."""


@log_group.command("verify")
@json_option
@click.pass_obj
def log_verify(parts: Parts, as_json: bool) -> None:
    """Whether a row of the log was changed or taken out. Exit code 1 when so."""
    parts.open()
    broken = audit.first_broken()
    last = Audit.select().order_by(Audit.id.desc()).first()
    rows, head = Audit.select().count(), last.seal if last else ""
    answer = {"whole": broken is None, "rows": rows, "first_broken": broken, "head": head}
    if broken is None or as_json:
        show(answer, as_json, lambda _: f"✔ Logboek volledig, {rows} regels, slot {head[:8] or '-'}.")
    if broken is not None:
        raise Refused(f"Regel {broken} van het logboek is veranderd, of er is een regel voor weggehaald.")


@click.command("report")
@click.argument("year", type=click.IntRange(2000, 2999))
@json_option
@click.pass_obj
def report_(parts: Parts, year: int, as_json: bool) -> None:
    """YEAR in totals: no names, no numbers of people."""
    parts.open()
    totals = report.of_year(year, parts.bin.zone)
    show(msgspec.to_builtins(totals), as_json, _report_words)


REPORTED = {
    "alerts": "berichten", "recipients": "ontvangers", "accepted": "verstuurd", "reached": "afgeleverd",
    "confirmed": "bevestigd", "segments": "sms'en", "failed": "mislukt", "possibly_twice": "misschien dubbel",
    "details_erased": "reeds gewist",
}  # fmt: skip


def _report_words(answer: dict[str, Any]) -> str:
    rows = [(name, *(str(of[column]) for column in REPORTED)) for name, of in answer["classes"].items()]
    head = f"Jaarverslag {answer['year']}"
    foot = f"Logboek: {answer['log_rows']} regels, slot {answer['log_head'] or '-'}"
    return "\n".join([head, table(("soort", *REPORTED.values()), rows), foot])


@click.command("backup-key")
@click.argument("file", type=file_type)
@json_option
@click.pass_obj
def backup_key(_parts: Parts, file: Path, as_json: bool) -> None:
    """Make a key pair: FILE is the secret half, to be kept on paper away from the box."""
    recipient = backup.new_key(file)
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


def _header(header: Header) -> dict[str, Any]:
    return {"made": header.made_at, "bin": header.bin, "counts": header.counts, "log_head": header.log_head}


def _counted(header: Header) -> str:
    return ", ".join(f"{number} {name}" for name, number in header.counts.items() if number) or "nothing"


@click.command("restore")
@click.argument("file", type=file_type)
@click.option("--key", "key_file", metavar="FILE", type=file_type, required=True, help="Holds AGE-SECRET-KEY-1...")
@click.option("--dry-run", is_flag=True, help="Read and check everything; change nothing.")
@json_option
@click.pass_obj
def restore(parts: Parts, file: Path, key_file: Path, dry_run: bool, as_json: bool) -> None:
    """The database becomes what FILE holds; the old one stays beside it. Stop the services first."""
    settings = parts.config.store
    restored = backup.restore(
        file, key_file, settings.url, parts.now(), folder=Path(settings.folder), only_look=dry_run
    )
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


COMMANDS: tuple[click.Command, ...] = (
    migrate, status, doctor_, config_group, log_group, report_, backup_key, backup_, restore,
)  # fmt: skip
