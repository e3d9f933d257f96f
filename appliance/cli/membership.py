"""What is done for one member: say yes to a request, welcome, a second number, another number, a sheet, erase."""

from typing import Any

import click

from appliance import phone, store
from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.cli.people import member_of, member_row, members_group
from appliance.life import printing
from appliance.models import Arrival, Member
from appliance.people import members, membership, refusals
from appliance.store import writing
from appliance.upkeep import erasure

anybody = click.argument("who", metavar="NUMBER-OR-NAME")


@click.command("requests")
@json_option
@click.pass_obj
def requests(parts: Parts, as_json: bool) -> None:
    """Who asked by START to become a member and waits for a yes or a no."""
    parts.open()
    show([_request(arrival) for arrival in membership.requests()], as_json, _requests_words)


def _request(arrival: Arrival) -> dict[str, Any]:
    known = Member.get_or_none(Member.number == arrival.number)
    return {
        "id": arrival.id, "number": arrival.number, "name": known.name if known else "",
        "was_member": membership.was_member(arrival.number), "text": arrival.text, "received": arrival.received_at,
    }  # fmt: skip


def _requests_words(rows: list[dict[str, Any]]) -> str:
    lines = [(str(r["id"]), r["number"], r["name"], "ja" if r["was_member"] else "nee", r["text"]) for r in rows]
    return table(("vraag", "nummer", "naam", "was lid", "tekst"), lines)


def _asked(number: int) -> Arrival:
    """The open request with this number. Raises Refused."""
    found = next((request for request in membership.requests() if request.id == number), None)
    if found is None:
        raise Refused(f"Er is geen open vraag {number}. Kijk in de lijst met: members requests.")
    return found


@click.command("accept")
@click.argument("request", type=int)
@click.option("--name", type=Words(), default="", help="Who it is; needed when the box does not know the number.")
@json_option
@click.pass_obj
def accept(parts: Parts, request: int, name: str, as_json: bool) -> None:
    """Say yes to REQUEST: a member (again), welcomed by SMS."""
    parts.open()
    member = membership.accept(_asked(request), name, parts.now(), HERE, parts.bin)
    show(member_row(member), as_json, lambda _: f"{member.name} is lid (nummer {member.id}).")


@click.command("refuse")
@click.argument("request", type=int)
@json_option
@click.pass_obj
def refuse(parts: Parts, request: int, as_json: bool) -> None:
    """Say no to REQUEST. The box answers nothing: tell him yourself."""
    parts.open()
    membership.refuse(_asked(request), parts.now(), HERE)
    show({"id": request}, as_json, lambda _: "Afgevinkt. De kast antwoordt niets: zeg het zelf.")


@click.command("welcome")
@json_option
@click.pass_obj
def welcome(parts: Parts, as_json: bool) -> None:
    """Text everybody with consent, once, what this number is for and how to stop."""
    parts.open()
    welcomed = membership.unwelcomed()
    for member in welcomed:
        membership.welcome(member, parts.now(), parts.bin)
    show({"welcomed": len(welcomed)}, as_json, lambda _: f"{len(welcomed)} leden krijgen de welkomstsms.")


@click.command("second")
@anybody
@click.argument("name")
@click.argument("number")
@click.option("--consent", type=Words(), required=True, help="What the form of whoever has NUMBER says.")
@click.option("--form", type=Words(), default="", help="The version of that form.")
@json_option
@click.pass_obj
def second(parts: Parts, who: str, name: str, number: str, consent: str, form: str, as_json: bool) -> None:
    """NUMBER, of NAME, gets a copy of what a member gets; with a consent of its own."""
    parts.open()
    member = member_of(who)
    added = members.add_second_number(member, name, number, consent, parts.now(), HERE, form=form)
    show(member_row(added), as_json, lambda _: f"{added.name} krijgt wat {member.name} krijgt.")


@click.command("number")
@anybody
@click.argument("number")
@json_option
@click.pass_obj
def number_(parts: Parts, who: str, number: str, as_json: bool) -> None:
    """A member has another NUMBER now; one that was suspended receives again."""
    parts.open()
    member = member_of(who)
    members.renumber(member, number, parts.now(), HERE)
    show(member_row(member), as_json, lambda _: f"{member.name} heeft nu {phone.masked(member.number)}.")


@click.command("sheet")
@anybody
@json_option
@click.pass_obj
def sheet(parts: Parts, who: str, as_json: bool) -> None:
    """Everything that is held about one member, in his language, with his rights: to be printed."""
    parts.open()
    member = member_of(who, left_too=True)
    words = printing.member_sheet(member, parts.now(), parts.bin)
    show(member_row(member) | {"sheet": words}, as_json, lambda _: words)


@click.command("erase")
@anybody
@json_option
@click.pass_obj
def erase(parts: Parts, who: str, as_json: bool) -> None:
    """Erase a member now, who asked for it: not even a name is left, and no list brings him back."""
    parts.open()
    member = member_of(who, left_too=True)
    with writing():
        membership.stop(member, parts.now(), HERE)
        refusals.remember(member.number, parts.now())
        erasure.erase(member, parts.now(), HERE, parts.bin)
    gone = store.scrub()
    words = "Gewist. Maak een nieuwe reservekopie en vernietig de oude: daar staat dit lid nog in."
    show({"id": member.id, "bytes_gone": gone}, as_json, lambda _: words)


for _command in (requests, accept, refuse, welcome, second, number_, sheet, erase):
    members_group.add_command(_command)
COMMANDS: tuple[click.Command, ...] = (members_group,)
