"""Looking after the box: its database, its health, its log."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from peewee import fn

from appliance import audit, health, report, store
from appliance.cli.parts import Parts, Refused, json_option, show, table
from appliance.config import BadConfig, Panel
from appliance.health import Health, doctor, onset
from appliance.health.doctor import Finding, Verdict
from appliance.life import printing
from appliance.models import Audit, Segment
from appliance.queue.states import State

MARKS = {Verdict.GOOD: "✔", Verdict.ODD: "!", Verdict.BAD: "✖"}


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
    answer = _health(verdict, parts.bin.language) | {"queue": _queue(verdict), "log_head": str(audit.head())}
    show(answer, as_json, _health_words)


def _health(verdict: Health, language: str) -> dict[str, Any]:
    facts = verdict.facts
    told = {trouble: health.told(trouble, language) for trouble in verdict.troubles}
    since = onset.since()
    troubles = [
        {"trouble": trouble, "sentence": its.sentence, "step": its.step, "since": since.get(trouble)}
        for trouble, its in told.items()
    ]
    return {
        "level": verdict.level, "sentence": verdict.sentence(language), "troubles": troubles,
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
    for modem in parts.known_modems() if usable else ():
        found += filter(None, [doctor.seen(modem.name, parts.now())])
    return [*found, doctor.panel_pins(_pins_in_use(config.panel))] if config.panel.enabled else found


def _pins_in_use(panel: Panel) -> tuple[int, ...]:
    lamp = (panel.led,) if panel.led else (panel.red, panel.green, panel.blue)
    return (panel.button, *lamp, *(pin for pin in (panel.buzzer, panel.ups) if pin))


def _finding_words(finding: Finding) -> str:
    return f"{MARKS[finding.verdict]} {finding.subject}: {finding.sentence} {finding.step}".rstrip()


@click.group("log")
def log_group() -> None:
    """The log of who did what."""


@log_group.command("verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="ROW:SEAL",
    help="A head that was printed before; may be repeated.",
)
@json_option
@click.pass_obj
def log_verify(parts: Parts, heads: tuple[str, ...], as_json: bool) -> None:
    """Whether a row of the log was changed, taken out or put in. Exit code 1 when so."""
    parts.open()
    broken = audit.first_broken()
    lost = [head for head in heads if not audit.holds(audit.read_head(head))]
    end, rows = audit.head(), Audit.select().count()
    answer = {
        "whole": broken is None, "rows": rows, "first_broken": broken, "head": end.seal, "last": str(end), "lost": lost,
    }  # fmt: skip
    if as_json or (broken is None and not lost):
        show(answer, as_json, lambda _: f"✔ Logboek volledig, {rows} regels, slot {end}.")
    if broken is not None:
        raise Refused(
            f"Regel {broken} van het logboek is veranderd, of daarvoor is een regel weggehaald of toegevoegd."
        )
    if lost:
        raise Refused(f"Het logboek klopt niet meer met slot {lost[0]}: er is iets weggehaald of herschreven.")


@click.command("report")
@click.argument("year", type=click.IntRange(2000, 2999))
@json_option
@click.pass_obj
def report_(parts: Parts, year: int, as_json: bool) -> None:
    """YEAR in totals: no names, no numbers of people."""
    parts.open()
    totals = report.of_year(year, parts.bin)
    show(msgspec.to_builtins(totals), as_json, lambda _: printing.year(totals, parts.bin, parts.bin.language))


COMMANDS: tuple[click.Command, ...] = (
    migrate, status, doctor_, log_group, report_,
)  # fmt: skip
