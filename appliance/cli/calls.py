"""Neighbours without a mobile, and who rings whom about an alert."""

from typing import Any

import click

from appliance import store, wording
from appliance.cli.alerts import alert_of, alerts_group
from appliance.cli.parts import HERE, Parts, Words, json_option, show, table
from appliance.life import printing
from appliance.models import Alert, Callee, Member
from appliance.people import call_list, members
from appliance.people.call_list import CallList
from appliance.people.members import Role
from appliance.wording import Key

BOX, TICKED = "[ ]", "[x]"


@click.group("callees")
def callees_group() -> None:
    """Neighbours without a mobile: somebody rings them."""


@callees_group.command()
@click.argument("name", type=Words())
@click.argument("number", type=Words(), default="")
@click.option("--street", type=Words(), default="", help="Whose street leader rings.")
@click.option("--consent", type=Words(), default="", help="What the form says: a date or a word.")
@json_option
@click.pass_obj
def add(parts: Parts, name: str, number: str, street: str, consent: str, as_json: bool) -> None:
    """NAME is rung at NUMBER when an alert goes out; without NUMBER somebody knocks on the door."""
    parts.open()
    callee = call_list.add(name, number, street, consent, parts.now(), HERE)
    warning = "" if callee.consent else f"\n{callee.name} wordt niet gebeld zonder toestemming: --consent DATUM."
    show(_callee(callee), as_json, lambda _: f"{callee.name} staat op de bellijst.{warning}")


@callees_group.command("list")
@json_option
@click.pass_obj
def list_(parts: Parts, as_json: bool) -> None:
    """Everybody without a mobile."""
    parts.open()
    rows = [_callee(callee) for callee in call_list.callees()]
    lines = [(row["name"], row["number"], row["street"], row["consent"]) for row in rows]
    show(rows, as_json, lambda _: table(("naam", "nummer", "straat", "toestemming"), lines))


@callees_group.command()
@click.argument("name", type=Words())
@json_option
@click.pass_obj
def remove(parts: Parts, name: str, as_json: bool) -> None:
    """NAME is rung no more, and erased."""
    parts.open()
    gone = call_list.remove(name, parts.now(), HERE)
    words = f"{gone.name} is gewist. Maak een nieuwe reservekopie en vernietig de oude: daar staat deze buur nog in."
    show({"id": gone.id, "bytes_gone": store.scrub()}, as_json, lambda _: words)


@callees_group.command()
@click.argument("name", type=Words())
@json_option
@click.pass_obj
def sheet(parts: Parts, name: str, as_json: bool) -> None:
    """Everything that is held about NAME, with the rights that go with it: to be printed."""
    parts.open()
    callee = call_list.called(name)
    words = printing.callee_sheet(callee, parts.now(), parts.bin)
    show(_callee(callee) | {"sheet": words}, as_json, lambda _: words)


def _callee(callee: Callee) -> dict[str, Any]:
    columns = ("id", "name", "number", "street", "consent")
    return {column: getattr(callee, column) for column in columns} | {"created": callee.created_at}


@alerts_group.command("calls")
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def calls(parts: Parts, alert_id: int, as_json: bool) -> None:
    """Who rings whom about it: a list to print, with boxes to tick."""
    alert = alert_of(parts, alert_id)
    lists = call_list.of(alert)
    to = members.with_role(Role.COORDINATOR)[:1]
    answer = {
        "alert": alert.id, "text": alert.text, "report_to": _person(to[0]) if to else None,
        "lists": [_list(one) for one in lists],
    }  # fmt: skip
    show(answer, as_json, lambda _: _words(alert, answer, parts.bin.language))


def _person(member: Member) -> dict[str, Any]:
    return {"name": member.name, "number": member.number, "street": member.street}


def _list(one: CallList) -> dict[str, Any]:
    calls_ = [
        {"name": call.name, "number": call.number, "street": call.street, "why": call.why,
         "told": call.told.at if call.told else None}
        for call in one.calls
    ]  # fmt: skip
    return {"caller": _person(one.caller) if one.caller else None, "calls": calls_}


def _words(alert: Alert, answer: dict[str, Any], language: str) -> str:
    title = wording.text(Key.CALLS_TITLE, language, alert=alert.id)
    if not answer["lists"]:
        return f"{title}\n{wording.text(Key.CALLS_NOBODY, language)}"
    pages = [_page(one, answer["report_to"], language) for one in answer["lists"]]
    return "\n\n".join([f"{title}\n{wording.text(Key.CALLS_READ, language)}\n\n    {alert.text}", *pages])


def _page(one: dict[str, Any], report_to: dict[str, Any] | None, language: str) -> str:
    caller = one["caller"]["name"] if one["caller"] else "…………"
    door = wording.text(Key.CALLS_DOOR, language)
    rows = [
        (
            TICKED if call["told"] else BOX,
            call["name"],
            call["number"] or door,
            call["street"],
            wording.text(Key(f"calls_{call['why']}"), language),
        )
        for call in one["calls"]
    ]
    lines = [wording.text(Key.CALLS_CALLER, language, name=caller), table(("",) * 5, rows).lstrip("\n")]
    if report_to:
        values = {"name": report_to["name"], "phone": report_to["number"]}
        lines.append(wording.text(Key.CALLS_DONE, language, **values))
    return "\n".join(lines)


COMMANDS: tuple[click.Command, ...] = (callees_group,)
