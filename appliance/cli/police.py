"""The police contacts: who may text the box, what proves it, and who of them the members know."""

import secrets
from typing import Any

import click

from appliance import codes, police, roles
from appliance.cli.parts import HERE, Parts, Words, json_option, show, table
from appliance.cli.people import one_of
from appliance.models import PoliceContact
from appliance.people import members, reachable
from appliance.people.reachable import Duty
from appliance.police import Method
from appliance.roles import Part


@click.group("police")
def police_group() -> None:
    """The police contacts who may text the box."""


@police_group.command("add")
@click.argument("name")
@click.argument("number")
@click.option(
    "--method", type=click.Choice([m.value for m in Method]), required=True, help="Codes on a card, or an app."
)
@click.option(
    "--role",
    type=click.Choice([part.value for part in roles.POLICE]),
    default=Part.MANDATED.value,
    show_default=True,
    help="Mandated officer, neighbourhood officer, or the 101 centre and desk.",
)
@json_option
@click.pass_obj
def add_contact(parts: Parts, name: str, number: str, method: str, role: str, as_json: bool) -> None:
    """NAME may text the box from NUMBER; what proves it is printed once, now."""
    parts.open()
    tidy = members.checked(name, "", "")["name"]
    contact = police.add(tidy, number, Method(method), parts.now(), HERE, secrets.token_bytes, Part(role))
    _show_proof(contact, parts, as_json)


@police_group.command("renew")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def renew(parts: Parts, who: str, as_json: bool) -> None:
    """A new card, or a new secret for the app, is printed once; the old one is void from this moment on."""
    parts.open()
    contact = _valid(who)
    police.new_secret(contact, parts.now(), HERE, secrets.token_bytes)
    _show_proof(contact, parts, as_json)


def _valid(who: str) -> PoliceContact:
    """The contact with this number or name who was not revoked. Raises Refused."""
    return one_of(who, list(PoliceContact.select().where(PoliceContact.revoked_at.is_null())))


def _show_proof(contact: PoliceContact, parts: Parts, as_json: bool) -> None:
    proof = _card(contact) if contact.method == Method.CARD else _app(contact, parts.bin.name)
    ready = {"ready_text": police.threat_text(contact, parts.bin.language)}
    show(_contact(contact) | proof | ready, as_json, _proof_words)


def _card(contact: PoliceContact) -> dict[str, Any]:
    printed = codes.card(contact.secret, 0, police.CARD_CODES)
    return {"codes": [{"number": counter + 1, "code": code} for counter, code in printed]}


def _app(contact: PoliceContact, bin_name: str) -> dict[str, Any]:
    return {"secret": contact.secret, "uri": codes.app_address(contact.secret, contact.name, bin_name)}


def _proof_words(answer: dict[str, Any]) -> str:
    head = f"{answer['name']} mag de kast sms'en vanaf {answer['number']}. Dit ziet u maar een keer:"
    threat = answer["ready_text"]
    ready = f"Klare tekst bij een dreiging; vul in wat tussen haakjes staat: {threat}" if threat else ""
    if "uri" in answer:
        return f"{head}\n{answer['uri']}\ngeheim: {answer['secret']}\n{ready}"
    head += f"\nCodekaart {answer['card']} (streep elke gebruikte code door; een vorige kaart geldt niet meer)"
    cells = [f"{code['number']:>2}  {code['code']}" for code in answer["codes"]]
    return "\n".join([head, *("     ".join(cells[row::10]) for row in range(10)), ready])


def _contact(contact: PoliceContact) -> dict[str, Any]:
    shown = ("id", "name", "number", "role", "method", "card", "duty", "public_phone", "hours")
    columns = {column: getattr(contact, column) for column in shown}
    return columns | {
        "codes_left": police.codes_left(contact),
        "created": contact.created_at,
        "revoked": contact.revoked_at,
    }


DUTIES = {Duty.OFFICER: "aanspreekpunt", Duty.FALLBACK: "BIN-verantwoordelijke van de zone"}


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
        (r["name"], r["number"], r["role"], r["method"], "" if r["codes_left"] is None else str(r["codes_left"]),
         "ingetrokken" if r["revoked"] else DUTIES.get(r["duty"], ""))
        for r in rows
    ]  # fmt: skip
    return table(("naam", "nummer", "rol", "bewijs", "codes over", ""), lines)


@police_group.command("revoke")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def revoke(parts: Parts, who: str, as_json: bool) -> None:
    """A contact is believed no more, whatever code comes."""
    parts.open()
    contact = _valid(who)
    police.revoke(contact, parts.now(), HERE)
    show(_contact(contact), as_json, lambda _: f"{contact.name} is ingetrokken.")


@police_group.command("appoint")
@click.argument("who", metavar="NUMBER-OR-NAME")
@click.argument("duty", type=click.Choice([duty.value for duty in Duty]))
@click.option("--number", required=True, help="Where members may ring; a landline will do.")
@click.option("--hours", type=Words(), required=True, help='When they may: "ma-vr 9-17u".')
@json_option
@click.pass_obj
def appoint(parts: Parts, who: str, duty: str, number: str, hours: str, as_json: bool) -> None:
    """A contact is the one whom members know (officer), or who is there when that one is not (fallback)."""
    parts.open()
    contact = _valid(who)
    reachable.appoint(contact, Duty(duty), number, hours, parts.now(), HERE)
    show(_contact(contact), as_json, lambda _: f"Leden die INFO sturen, lezen: {reachable.on_sms(parts.bin.language)}")


@police_group.command("relieve")
@click.argument("who", metavar="NUMBER-OR-NAME")
@json_option
@click.pass_obj
def relieve(parts: Parts, who: str, as_json: bool) -> None:
    """Members do not hear of a contact any more; what he may text stays as it was."""
    parts.open()
    contact = _valid(who)
    reachable.relieve(contact, parts.now(), HERE)
    show(_contact(contact), as_json, lambda _: f"Leden zien {contact.name} niet meer.")


COMMANDS: tuple[click.Command, ...] = (police_group,)
