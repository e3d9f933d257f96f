"""Who is who: members, police contacts, coordinators. Whatever is listed here is for the coordinator at the box."""

import secrets
from typing import Any, TypeVar

import click

from appliance import accounts, audit, codes, members, members_csv, phone, police
from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.members import LANGUAGES, Role, Standing
from appliance.models import Account, Member, PoliceContact
from appliance.police import Method
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
    report = members_csv.report(file.read(members_csv.LARGEST + 1))
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
    """Everybody who receives."""
    parts.open()
    show([_member(member) for member in members.active()], as_json, _people_words)


def _member(member: Member) -> dict[str, Any]:
    columns = ("id", "name", "number", "street", "language", "role", "consent", "preventive", "night")
    return {column: getattr(member, column) for column in columns} | {"created": member.created_at}


def _people_words(rows: list[dict[str, Any]]) -> str:
    shown = ("name", "number", "street", "language", "role")
    lines = [(*(row[column] for column in shown), row["consent"] or "geen toestemming") for row in rows]
    return table(("naam", "nummer", "straat", "taal", "rol", "toestemming"), lines)


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
@json_option
@click.pass_obj
def add_member(parts: Parts, /, name: str, number: str, as_json: bool, **given: str | None) -> None:
    """Enrol NAME with NUMBER, or change whoever has that number."""
    parts.open()
    member = _enrol(parts, name, number, given)
    if not member.consent:
        click.echo(f'{member.name} krijgt niets zonder toestemming: voeg --consent "DATUM" toe.', err=True)
    show(_member(member), as_json, lambda _: f"{member.name} is lid (nummer {member.id}).")


def _enrol(parts: Parts, name: str, number: str, given: dict[str, str | None]) -> Member:
    """Enrolled with what was *given*; for the rest a known member stays as he is."""
    known = members.by_number(phone.mobile(number))
    columns = ("street", "language", "role", "consent")
    values: dict[str, Any] = {"language": parts.bin.language}
    if known:
        values = {column: getattr(known, column) for column in columns}
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
    member = _one(who, members.active())
    with writing():
        if member.role == Role.COORDINATOR:
            members.remove_coordinator(member, parts.now(), HERE)
        members.leave(member, parts.now(), HERE)
    show({"id": member.id, "state": Standing.LEFT}, as_json, lambda _: f"{member.name} krijgt niets meer.")


def _one(who: str, people: list[Person]) -> Person:
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


@click.group("police")
def police_group() -> None:
    """The police contacts who may text the box."""


@police_group.command("add")
@click.argument("name")
@click.argument("number")
@click.option(
    "--method", type=click.Choice([m.value for m in Method]), required=True, help="Codes on a card, or an app."
)
@json_option
@click.pass_obj
def add_contact(parts: Parts, name: str, number: str, method: str, as_json: bool) -> None:
    """NAME may text the box from NUMBER; what proves it is printed once, now."""
    parts.open()
    tidy = members.checked(name, "", "")["name"]
    contact = police.add(tidy, number, Method(method), parts.now(), HERE, secrets.token_bytes)
    proof = _card(contact) if contact.method == Method.CARD else _app(contact, parts.bin.name)
    show(_contact(contact) | proof, as_json, _proof_words)


def _card(contact: PoliceContact) -> dict[str, Any]:
    printed = codes.card(contact.secret, 0, police.CARD_CODES)
    return {"codes": [{"number": counter + 1, "code": code} for counter, code in printed]}


def _app(contact: PoliceContact, bin_name: str) -> dict[str, Any]:
    return {"secret": contact.secret, "uri": codes.app_address(contact.secret, contact.name, bin_name)}


def _proof_words(answer: dict[str, Any]) -> str:
    head = f"{answer['name']} mag de kast sms'en vanaf {answer['number']}. Dit ziet u maar een keer:"
    if "uri" in answer:
        return f"{head}\n{answer['uri']}\ngeheim: {answer['secret']}"
    cells = [f"{code['number']:>2}  {code['code']}" for code in answer["codes"]]
    return "\n".join([head, *("     ".join(cells[row::10]) for row in range(10))])


def _contact(contact: PoliceContact) -> dict[str, Any]:
    columns = {column: getattr(contact, column) for column in ("id", "name", "number", "method")}
    left = max(0, police.CARD_CODES - contact.counter) if contact.method == Method.CARD else None
    return columns | {"codes_left": left, "created": contact.created_at, "revoked": contact.revoked_at}


@police_group.command("list")
@json_option
@click.pass_obj
def list_contacts(parts: Parts, as_json: bool) -> None:
    """All contacts, revoked ones too. Codes and secrets are never shown again."""
    parts.open()
    rows = [_contact(contact) for contact in PoliceContact.select().order_by(PoliceContact.id)]
    show(rows, as_json, _contacts_words)


def _contacts_words(rows: list[dict[str, Any]]) -> str:
    lines = [
        (r["name"], r["number"], r["method"], "" if r["codes_left"] is None else str(r["codes_left"]),
         "ingetrokken" if r["revoked"] else "")
        for r in rows
    ]  # fmt: skip
    return table(("naam", "nummer", "bewijs", "codes over", ""), lines)


@police_group.command("revoke")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def revoke(parts: Parts, who: str, as_json: bool) -> None:
    """A contact is believed no more, whatever code comes."""
    parts.open()
    contact = _one(who, list(PoliceContact.select().where(PoliceContact.revoked_at.is_null())))
    police.revoke(contact, parts.now(), HERE)
    show(_contact(contact), as_json, lambda _: f"{contact.name} is ingetrokken.")


@click.group("coordinators")
def coordinators_group() -> None:
    """Who reads, judges and forwards, and may log in to the page."""


@coordinators_group.command("add")
@click.argument("name")
@click.argument("number")
@language_option
@json_option
@click.pass_obj
def add_coordinator(parts: Parts, name: str, number: str, language: str | None, as_json: bool) -> None:
    """NAME is coordinator; the log-in is printed once. Again for the same number: a new password."""
    parts.open()
    known = members.by_number(phone.mobile(number))
    consent = (known.consent if known else "") or CONSENT_BY_ROLE
    given = {"language": language, "role": Role.COORDINATOR.value, "consent": consent}
    with writing():
        member = _enrol(parts, name, number, given)
        username, password = _log_in(member, parts)
    answer = {"id": member.id, "name": member.name, "number": member.number, "username": username, "password": password}
    show(answer, as_json, _log_in_words)


def _log_in(member: Member, parts: Parts) -> tuple[str, str]:
    """The name and password with which *member* logs in from now on."""
    account = Account.get_or_none(Account.member == member)
    if account is None:
        username = accounts.free_name(member.name)
        return username, accounts.create(member, username, parts.now(), HERE)
    password = accounts.draw_password()
    accounts.set_password(account, password, parts.now(), HERE)
    return account.username, password


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
    rows = [_member(m) | {"username": names.get(m.id)} for m in members.with_role(Role.COORDINATOR)]
    words = [(r["name"], r["number"], r["username"] or "kan niet aanmelden") for r in rows]
    show(rows, as_json, lambda _: table(("naam", "nummer", "aanmeldnaam"), words))


@coordinators_group.command("remove")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def remove_coordinator(parts: Parts, who: str, as_json: bool) -> None:
    """Somebody is an ordinary member again and cannot log in."""
    parts.open()
    member = _one(who, members.with_role(Role.COORDINATOR))
    members.remove_coordinator(member, parts.now(), HERE)
    show({"id": member.id, "role": Role.MEMBER}, as_json, lambda _: f"{member.name} is geen coördinator meer, wel lid.")


COMMANDS: tuple[click.Command, ...] = (members_group, police_group, coordinators_group)
