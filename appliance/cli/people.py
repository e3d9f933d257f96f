"""Who is who: members and coordinators. Whatever is listed here is for the coordinator at the box."""

from typing import Any, TypeVar

import click

from appliance import audit, phone
from appliance.access import accounts, presence
from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.models import Account, Member, PoliceContact
from appliance.people import members, members_csv, members_file, membership, reachable
from appliance.people.members import LANGUAGES, Role, Standing
from appliance.store import writing

CONSENT_BY_ROLE = "coördinator"  # who takes the role on has said yes to its texts

Person = TypeVar("Person", Member, PoliceContact)
language_option = click.option("--language", type=click.Choice(LANGUAGES), help="The language of the box's own words.")


@click.group("members")
def members_group() -> None:
    """Who is enrolled: bring in a list, add, remove, write a list."""


@members_group.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@json_option
@click.pass_obj
def import_(parts: Parts, file: Any, dry_run: bool, as_json: bool) -> None:
    """Bring in the members of FILE.csv (- is standard input). Nobody is removed by it."""
    parts.open()
    report = members_csv.report(file.read(members_file.LARGEST + 1))
    if not dry_run:
        report = members_csv.apply(report, parts.now(), HERE)
    rows = [{"number": row.number, "outcome": row.outcome, "reason": row.reason} for row in report.rows]
    answer = dict(report.counts) | {"encoding": report.encoding, "separator": report.separator, "dry_run": dry_run}
    show(answer | {"rows": rows}, as_json, _import_words)


def _import_words(answer: dict[str, Any]) -> str:
    counted = " · ".join(f"{answer[word]} {dutch}" for word, dutch in COUNTED.items())
    odd = [f"Rij {r['number']}: {r['reason']}" for r in answer["rows"] if r["outcome"] in ("error", "duplicate")]
    done = "Er is niets veranderd." if answer["dry_run"] else "Opgeslagen."
    return "\n".join([counted, *odd, f"{done} ({answer['encoding']}, scheidingsteken {answer['separator']!r})"])


COUNTED = {
    "new": "nieuw", "changed": "gewijzigd", "unchanged": "ongewijzigd", "duplicate": "dubbel",
    "ignored": "overgeslagen", "error": "fout",
}  # fmt: skip


@members_group.command("list")
@json_option
@click.pass_obj
def list_members(parts: Parts, as_json: bool) -> None:
    """Everybody who is enrolled; who is suspended receives nothing."""
    parts.open()
    show([member_row(member) for member in members.enrolled()], as_json, _people_words)


def member_row(member: Member) -> dict[str, Any]:
    """*member* for a program."""
    columns = (
        "id", "name", "number", "street", "language", "role", "consent", "consent_way", "consent_form", "preventive",
        "night", "state", "unanswered_tests",
    )  # fmt: skip
    moments = {"consented": member.consented_at, "welcomed": member.welcomed_at, "created": member.created_at}
    second_of = {"second_of": member.second_of.id if member.second_of else None}
    return {column: getattr(member, column) for column in columns} | second_of | moments


def _people_words(rows: list[dict[str, Any]]) -> str:
    shown = ("name", "number", "street", "language", "role")
    lines = [(*(row[column] for column in shown), _may(row)) for row in rows]
    return table(("naam", "nummer", "straat", "taal", "rol", "toestemming"), lines)


def _may(row: dict[str, Any]) -> str:
    """Why somebody receives, or does not."""
    if row["state"] == Standing.SUSPENDED:
        return "fout nummer: krijgt niets"
    return row["consent"] or "geen toestemming"


@members_group.command("add")
@click.argument("name")
@click.argument("number")
@click.option("--street", help="Where they live.")
@language_option
@click.option("--role", type=click.Choice([r.value for r in Role]), help="member, unless they have one already.")
@click.option(
    "--consent",
    type=Words(),
    help="What the signed form says: its date, or a word. Without it nothing is texted to them.",
)
@click.option("--form", type=Words(), help="The version of that form.")
@json_option
@click.pass_obj
def add_member(parts: Parts, /, name: str, number: str, as_json: bool, **given: str | None) -> None:
    """Enrol NAME with NUMBER, or change whoever has that number."""
    parts.open()
    member = _enrol(parts, name, number, given)
    if not member.consent:
        click.echo(f'{member.name} krijgt niets zonder toestemming: voeg --consent "DATUM" toe.', err=True)
    show(member_row(member), as_json, lambda _: f"{member.name} is lid (nummer {member.id}).")


def _enrol(parts: Parts, name: str, number: str, given: dict[str, str | None]) -> Member:
    """Enrolled with what was *given*; for the rest a known member stays as he is."""
    known = members.by_number(phone.mobile(number))
    columns = {"street": "street", "language": "language", "role": "role", "consent": "consent", "form": "consent_form"}
    values: dict[str, Any] = {"language": parts.bin.language}
    if known:
        values = {key: getattr(known, column) for key, column in columns.items()}
    values |= {key: value for key, value in given.items() if value is not None}
    values["role"] = Role(values.get("role", Role.MEMBER))
    return members.enrol(name, number, parts.now(), HERE, **values)


@members_group.command("remove")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def remove_member(parts: Parts, who: str, as_json: bool) -> None:
    """Somebody receives nothing any more, from this moment on."""
    parts.open()
    member = member_of(who)
    with writing():
        if member.role == Role.COORDINATOR:
            members.remove_coordinator(member, parts.now(), HERE)
        membership.stop(member, parts.now(), HERE)
    show({"id": member.id, "state": Standing.LEFT}, as_json, lambda _: f"{member.name} krijgt niets meer.")


def member_of(who: str, *, left_too: bool = False) -> Member:
    """The member with this number or name, a suspended one too. Raises Refused."""
    people = members.enrolled()
    return one_of(who, [*people, *members.former()] if left_too else people)


def one_of(who: str, people: list[Person]) -> Person:
    """The one of *people* with this number or name. Raises Refused, also when there are several."""
    try:
        number = phone.canonical(who)
    except phone.BadNumber:
        number = ""
    name = who.strip().casefold()
    found = [p for p in people if p.number == number] or [p for p in people if p.name.casefold() == name]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(person.number for person in found)
        raise Refused(f"Er zijn {len(found)} mensen met die naam. Geef het nummer: {numbers}.")
    raise Refused(f'Niemand heeft het nummer of de naam "{who}". Kijk in de lijst met: list.')


@members_group.command("export")
@click.pass_obj
def export(parts: Parts) -> None:
    """Write the list as CSV to standard output; `members import` reads it back."""
    parts.open()
    with writing():
        audit.record(HERE, "exported members", "", parts.now())
    click.echo(members_csv.to_csv(members.active()), nl=False)


@click.group("coordinators")
def coordinators_group() -> None:
    """Who reads, judges and forwards, and may log in to the page."""


@coordinators_group.command("add")
@click.argument("name")
@click.argument("number")
@language_option
@click.option("--resident", is_flag=True, help="This person lives in the area; only the day is kept.")
@json_option
@click.pass_obj
def add_coordinator(parts: Parts, name: str, number: str, language: str | None, resident: bool, as_json: bool) -> None:
    """NAME is coordinator; the log-in is printed once. Again for the same number: a new password."""
    parts.open()
    known = members.by_number(phone.mobile(number))
    consent = (known.consent if known else "") or CONSENT_BY_ROLE
    given = {"language": language, "role": Role.COORDINATOR.value, "consent": consent}
    with writing():
        member = _enrol(parts, name, number, given)
        if resident:
            members.confirm_residence(member, parts.bin.local(parts.now()).date(), parts.now(), HERE)
        username, password = accounts.give_log_in(member, parts.now(), HERE)
    answer = {"id": member.id, "name": member.name, "number": member.number, "username": username, "password": password}
    show(answer, as_json, _log_in_words)


def _log_in_words(answer: dict[str, Any]) -> str:
    return (
        f"{answer['name']} is coördinator. Aanmelden op de pagina; het wachtwoord ziet u maar een keer:\n"
        f"  naam:       {answer['username']}\n  wachtwoord: {answer['password']}"
    )


@coordinators_group.command("list")
@json_option
@click.pass_obj
def list_coordinators(parts: Parts, as_json: bool) -> None:
    """All coordinators and their log-in names."""
    parts.open()
    names = dict(Account.select(Account.member, Account.username).tuples().iterator())
    found = members.with_role(Role.COORDINATOR)
    rows = [member_row(m) | {"username": names.get(m.id), "resident_on": m.resident_on or None} for m in found]
    words = [(r["name"], r["number"], r["username"] or "kan niet aanmelden") for r in rows]
    show(rows, as_json, lambda _: table(("naam", "nummer", "aanmeldnaam"), words))


@coordinators_group.command("hours")
@click.argument("who", metavar="NUMBER-OR-NAME")
@click.argument("hours", type=Words())
@json_option
@click.pass_obj
def coordinator_hours(parts: Parts, who: str, hours: str, as_json: bool) -> None:
    """Members who text INFO see a coordinator's number with HOURS; with "" they do not."""
    parts.open()
    member = one_of(who, members.with_role(Role.COORDINATOR))
    reachable.show_hours(member, hours, parts.now(), HERE)
    words = f"Leden die INFO sturen, lezen: {reachable.on_sms(parts.bin.language) or '-'}"
    show({"id": member.id, "hours": member.hours}, as_json, lambda _: words)


@coordinators_group.command("remove")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def remove_coordinator(parts: Parts, who: str, as_json: bool) -> None:
    """Somebody is an ordinary member again and cannot log in."""
    parts.open()
    member = one_of(who, members.with_role(Role.COORDINATOR))
    members.remove_coordinator(member, parts.now(), HERE)
    show({"id": member.id, "role": Role.MEMBER}, as_json, lambda _: f"{member.name} is geen coördinator meer, wel lid.")


@click.command("first-run")
@json_option
@click.pass_obj
def first_run(parts: Parts, as_json: bool) -> None:
    """Print a code that opens the first-run pages, for a box without a button. Good for one browser, ten minutes."""
    parts.open()
    answer = {"code": presence.new_code(parts.now()), "minutes": int(presence.WINDOW.total_seconds() // 60)}
    show(answer, as_json, lambda a: f"Typ dit op de pagina van de kast, binnen {a['minutes']} minuten: {a['code']}")


COMMANDS: tuple[click.Command, ...] = (coordinators_group, first_run)
