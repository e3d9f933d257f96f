"""The life of a BIN: founding, charter, meetings, prevention, drills, papers, and what is erased when."""

from datetime import date, datetime
from typing import Any

import click
import msgspec

from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.life import charter, diary, drills, founding, hints, in_force, printing
from appliance.life.founding import Phase
from appliance.models import Alert, Charter, Meeting, Member, Theme
from appliance.papers import day, word
from appliance.people.members import LANGUAGES
from appliance.upkeep import retention


class Day(click.ParamType[date]):
    """A day as 2026-11-25."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or wrong usage."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail("a day looks like 2026-11-25", param, ctx)


# Founding


@click.group("founding")
def founding_group() -> None:
    """From an idea to an active BIN."""


@founding_group.command("show")
@json_option
@click.pass_obj
def founding_show(parts: Parts, as_json: bool) -> None:
    """The phases, when each was reached, and what the next one asks for."""
    parts.open()
    reached, facts = founding.reached(), founding.facts()
    rows = [
        {"phase": phase, "reached": reached.get(phase), "lacking": founding.lacking(phase, facts, alone=False)}
        for phase in Phase
    ]
    test = founding.certificate()
    answer = {"phase": founding.current(), "phases": rows, "certificate": msgspec.to_builtins(test)}
    show(answer, as_json, lambda _: _phases_words(rows, test, parts))


def _phases_words(rows: list[dict[str, Any]], test: founding.Certificate | None, parts: Parts) -> str:
    language = parts.bin.language
    cells = [
        (word("phase", row["phase"], language), day(_local(parts, row["reached"]), language),
         "" if row["reached"] else row["lacking"])
        for row in rows
    ]  # fmt: skip
    phases = table(("fase", "bereikt", "nodig"), cells)
    return f"{phases}\n{printing.certificate(test, parts.bin, language)}" if test else phases


def _local(parts: Parts, at: datetime | None) -> datetime | None:
    return parts.bin.local(at) if at else None


@founding_group.command("reach")
@click.argument("phase", type=click.Choice([phase.value for phase in Phase]))
@click.option("--alone", is_flag=True, help="There is one volunteer, and no deputy was found.")
@json_option
@click.pass_obj
def founding_reach(parts: Parts, phase: str, alone: bool, as_json: bool) -> None:
    """PHASE is reached. Refused when an earlier one is not, or what it asks for is lacking."""
    parts.open()
    founding.reach(Phase(phase), parts.now(), HERE, alone=alone)
    show({"phase": phase}, as_json, lambda _: f"✔ {word('phase', phase, parts.bin.language)}")


@founding_group.command("certify")
@click.argument("alert_id", metavar="ID", type=click.IntRange(1, 2**31))
@json_option
@click.pass_obj
def founding_certify(parts: Parts, alert_id: int, as_json: bool) -> None:
    """The test ID is the founding test: its figures go to the charter; who was not reached is listed here only."""
    parts.open()
    alert = Alert.get_or_none(Alert.id == alert_id)
    if alert is None:
        raise Refused(f"Er is geen bericht {alert_id}. Kijk in de lijst met: alerts list.")
    found = founding.certify(alert, parts.now(), HERE)
    missed = [{"name": line.name, "number": line.number} for line in founding.not_reached(alert)]
    words = [printing.certificate(found, parts.bin, parts.bin.language)]
    words += [f"niet bereikt: {one['name']}, {one['number']}" for one in missed]
    show(msgspec.to_builtins(found) | {"not_reached": missed}, as_json, lambda _: "\n".join(words))


# The charter


@click.group("charter")
def charter_group() -> None:
    """The communication plan, its versions and who signed it."""


@charter_group.command("draft")
@json_option
@click.pass_obj
def charter_draft(parts: Parts, as_json: bool) -> None:
    """The settings in force become the newest version; nothing happens when they are already."""
    parts.open()
    version = charter.draft(in_force.settings(parts.bin), parts.now(), HERE)
    show(_version(version), as_json, lambda _: f"Versie {version.version}. Druk ze af met: appliance print plan")


@charter_group.command("sign")
@click.option("--on", type=Day(), required=True, help="The day it was signed, such as 2026-11-25.")
@click.option("--coordinator", type=Words(), required=True)
@click.option("--mayor", type=Words(), required=True)
@click.option("--chief", type=Words(), required=True, help="The chief of the police zone.")
@json_option
@click.pass_obj
def charter_sign(parts: Parts, on: date, coordinator: str, mayor: str, chief: str, as_json: bool) -> None:
    """The newest version was signed on paper by these three."""
    parts.open()
    version = charter.sign(on, coordinator, mayor, chief, parts.now(), HERE)
    show(_version(version), as_json, lambda _: f"Versie {version.version} is getekend.")


@charter_group.command("show")
@json_option
@click.pass_obj
def charter_show(parts: Parts, as_json: bool) -> None:
    """The version that was signed last, and where the settings in force differ from it."""
    parts.open()
    agreed, now = charter.signed(), in_force.settings(parts.bin)
    differences = charter.drift(charter.settings_of(agreed), now) if agreed else []
    newest = charter.newest()
    answer = {
        "newest": newest.version if newest else None, "signed": _version(agreed) if agreed else None,
        "in_force": now, "drift": msgspec.to_builtins(differences),
    }  # fmt: skip
    show(answer, as_json, lambda _: printing.plan(parts.now(), parts.bin, now, parts.bin.language))


def _version(version: Charter) -> dict[str, Any]:
    columns = ("version", "signed_on", "coordinator", "mayor", "chief")
    facts = {column: getattr(version, column) or None for column in columns}
    return facts | {"drafted": version.drafted_at, "settings": charter.settings_of(version)}


# Meetings, themes, drills, hints


@click.group("meetings")
def meetings_group() -> None:
    """What was discussed and decided; how many came, never who."""


@meetings_group.command("add")
@click.argument("on", metavar="DAY", type=Day())
@click.option("--kind", type=click.Choice([kind.value for kind in diary.Kind]), required=True)
@click.option("--topics", type=Words(), default="")
@click.option("--decisions", type=Words(), default="")
@click.option("--attended", type=click.IntRange(0, 10_000), help="How many came.")
@json_option
@click.pass_obj
def meetings_add(parts: Parts, /, on: date, kind: str, as_json: bool, **more: Any) -> None:
    """A meeting was held on DAY, such as 2026-11-25."""
    parts.open()
    meeting = diary.hold(on, diary.Kind(kind), parts.now(), HERE, **more)
    show(_meeting(meeting), as_json, lambda _: f"Vergadering {meeting.id} genoteerd.")


@meetings_group.command("list")
@json_option
@click.pass_obj
def meetings_list(parts: Parts, as_json: bool) -> None:
    """The meetings, newest first."""
    parts.open()
    rows = [_meeting(meeting) for meeting in diary.held()]
    language = parts.bin.language
    cells = [
        (
            row["day"],
            word("meeting", row["kind"], language),
            str(row["attended"] or "-"),
            row["topics"],
            row["decisions"],
        )
        for row in rows
    ]
    show(rows, as_json, lambda _: table(("dag", "soort", "aanwezig", "besproken", "beslist"), cells))


def _meeting(meeting: Meeting) -> dict[str, Any]:
    columns = ("id", "kind", "topics", "decisions", "attended")
    return {"day": meeting.held_on} | {column: getattr(meeting, column) for column in columns}


@click.group("themes")
def themes_group() -> None:
    """The prevention calendar: what each month is about."""


@themes_group.command("set")
@click.argument("month", type=click.IntRange(1, 12))
@click.argument("text", type=Words())
@click.option("--source", type=Words(), default="", help="Who proposed it.")
@json_option
@click.pass_obj
def themes_set(parts: Parts, month: int, text: str, source: str, as_json: bool) -> None:
    """Prevention in MONTH (1 to 12) is about TEXT; an empty TEXT takes it off."""
    parts.open()
    diary.plan(month, text, source, parts.now(), HERE)
    show({"month": month, "text": text}, as_json, lambda _: f"Maand {month}: {text or 'geen thema'}")


@themes_group.command("list")
@json_option
@click.pass_obj
def themes_list(parts: Parts, as_json: bool) -> None:
    """The months that have a theme."""
    parts.open()
    rows = [_theme(theme) for theme in diary.themes().values()]
    cells = [(str(row["month"]), row["text"], row["source"]) for row in rows]
    show(rows, as_json, lambda _: table(("maand", "thema", "van"), cells))


def _theme(theme: Theme) -> dict[str, Any]:
    return {"month": theme.month, "text": theme.text, "source": theme.source}


@click.command("drills")
@json_option
@click.pass_obj
def drills_(parts: Parts, as_json: bool) -> None:
    """The tests in figures, and who left three in a row unanswered."""
    parts.open()
    held, silent = drills.held(), drills.silent()
    answer = {"drills": msgspec.to_builtins(held), "silent": [_silent(member) for member in silent]}
    show(answer, as_json, lambda _: _drills_words(held, silent, parts))


def _silent(member: Member) -> dict[str, Any]:
    return {"name": member.name, "number": member.number, "unanswered_tests": member.unanswered_tests}


def _drills_words(held: list[drills.Drill], silent: list[Member], parts: Parts) -> str:
    cells = [
        (str(d.alert), f"{parts.bin.local(d.at):%d/%m/%Y}", str(d.recipients), str(d.accepted), str(d.reached),
         str(d.confirmed), "-" if d.median_seconds is None else f"{d.median_seconds / 60:.1f} min")
        for d in held
    ]  # fmt: skip
    head = ("test", "dag", "ontvangers", "verstuurd", "afgeleverd", "bevestigd", "mediaan")
    return "\n".join([table(head, cells), *(f"drie keer stil: {member.name}, {member.number}" for member in silent)])


@click.command("hints")
@json_option
@click.pass_obj
def hints_(parts: Parts, as_json: bool) -> None:
    """What the BIN should do about itself, most pressing first."""
    parts.open()
    found = hints.judge(hints.read(parts.now(), parts.bin, in_force.settings(parts.bin)), parts.now())
    rows = [{"hint": hint, "sentence": word("hint", hint, parts.bin.language)} for hint in found]
    words = "\n".join(f"- {row['sentence']}" for row in rows) or "Er is niets te doen."
    show(rows, as_json, lambda _: words)


# Papers and retention

PAPERS = {
    "register": printing.register, "theft": printing.theft, "sign-up": printing.sign_up, "about": printing.about,
    "card": printing.card, "tips": printing.tips, "handover": printing.handover,
}  # fmt: skip


@click.command("print")
@click.argument("paper", type=click.Choice([*PAPERS, "plan"]))
@click.option("--language", type=click.Choice(LANGUAGES), help="Else that of the BIN.")
@json_option
@click.pass_obj
def print_(parts: Parts, paper: str, language: str | None, as_json: bool) -> None:
    """One sheet to be printed: the register, what to do after a theft, the sign-up form, the plan ..."""
    parts.open()
    chosen = language or parts.bin.language
    if paper == "plan":
        words = printing.plan(parts.now(), parts.bin, in_force.settings(parts.bin), chosen)
    else:
        words = PAPERS[paper](parts.now(), parts.bin, chosen)
    show({"paper": paper, "language": chosen, "text": words}, as_json, lambda _: words)


@click.command("retention")
@click.option("--do", "now_too", is_flag=True, help="Erase it now; else the gateway does so every night.")
@json_option
@click.pass_obj
def retention_(parts: Parts, now_too: bool, as_json: bool) -> None:
    """What is kept for how long and why, how much is over its time, and which backups must go."""
    parts.open()
    over = retention.erase(parts.now(), parts.bin, HERE) if now_too else retention.over(parts.now())
    rules = [
        {"name": rule.name, "days": rule.kept.days, "source": rule.source, "rows": over[rule.name]}
        for rule in retention.RULES
    ]
    backups = retention.old_backups()
    answer = {
        "rules": rules, "erased": now_too, "last": retention.last_done(), "backups": msgspec.to_builtins(backups),
    }  # fmt: skip
    show(answer, as_json, lambda _: _retention_words(rules, now_too, backups, parts))


def _retention_words(rules: list[dict[str, Any]], erased: bool, backups: retention.Backups, parts: Parts) -> str:
    language = parts.bin.language
    cells = [(str(r["days"]), str(r["rows"]), word("retention", r["name"], language), r["source"]) for r in rules]
    head = ("dagen", "gewist" if erased else "te wissen", "wat", "grond")
    lines = [table(head, cells)]
    if backups.made_before and backups.destroy_by:
        when, until = (f"{parts.bin.local(at):%d/%m/%Y %H:%M}" for at in (backups.made_before, backups.destroy_by))
        lines.append(f"Vernietig reservekopieën van voor {when}, ten laatste op {until}: er staan gewiste leden in.")
    return "\n".join(lines)


COMMANDS: tuple[click.Command, ...] = (
    founding_group, charter_group, meetings_group, themes_group, drills_, hints_, print_, retention_,
)  # fmt: skip
