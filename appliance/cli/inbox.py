"""The post box: what came in, and what a coordinator does with it."""

from typing import Any

import click

from appliance.cli.parts import HERE, Parts, Refused, Words, first_words, json_option, show, table
from appliance.models import Arrival
from appliance.people import answers, handing
from appliance.people.answers import Ready


@click.group("inbox")
def inbox_group() -> None:
    """What came in."""


@inbox_group.command("list")
@click.option("--unread", is_flag=True, help="Only what nobody has read or the box could not settle.")
@json_option
@click.pass_obj
def list_inbox(parts: Parts, unread: bool, as_json: bool) -> None:
    """Texts, rings and what could not be read, newest first."""
    parts.open()
    query = Arrival.select().where(Arrival.kind != "report").order_by(Arrival.id.desc())
    rows = [_arrival(a) for a in (query.where(Arrival.read_at.is_null()) if unread else query)]
    lines = [
        (parts.time(r["received"]), r["number"], r["name"], r["intent"] or r["kind"], first_words(r["text"]))
        for r in rows
    ]
    show(rows, as_json, lambda _: table(("ontvangen", "van", "naam", "bedoeling", "tekst"), lines))


def _arrival(arrival: Arrival) -> dict[str, Any]:
    columns = ("id", "kind", "number", "text", "intent", "state")
    name = arrival.member.name if arrival.member else ""
    return {column: getattr(arrival, column) for column in columns} | {
        "name": name, "alert": arrival.alert.id if arrival.alert else None,
        "received": arrival.received_at, "sent": arrival.sent_at, "read": arrival.read_at,
        "handed_on": arrival.handed_at, "answered": arrival.answered_at,
    }  # fmt: skip


@inbox_group.command("hand-on")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31))
@click.option(
    "--words", type=Words(), default="", help="What it is about, in your own words; never as the member wrote it."
)
@click.option("--told", is_flag=True, help="You told the police yourself: no SMS is sent.")
@json_option
@click.pass_obj
def hand_on(parts: Parts, number: int, words: str, told: bool, as_json: bool) -> None:
    """Ask the officer who answers for this BIN, by SMS, to ring the first coordinator about it."""
    parts.open()
    arrival, now = _known(number), parts.now()
    first = (
        handing.by_telephone(arrival, now, HERE) if told else handing.by_sms(arrival, words, None, now, HERE, parts.bin)
    )
    answer = {"id": number, "handed_on": Arrival.get_by_id(number).handed_at, "first": first}
    show(answer, as_json, lambda _: "Doorgegeven aan de politie." if first else "Dat was al doorgegeven.")


@inbox_group.command("answer")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31))
@click.argument("ready", type=click.Choice([ready.value for ready in Ready]))
@json_option
@click.pass_obj
def answer(parts: Parts, number: int, ready: str, as_json: bool) -> None:
    """Send a ready answer to the member who wrote ID, in the member's language."""
    parts.open()
    first = answers.send(_known(number), Ready(ready), parts.now(), HERE, parts.bin)
    facts = {"id": number, "answered": Arrival.get_by_id(number).answered_at, "first": first}
    show(facts, as_json, lambda _: "Het antwoord vertrekt." if first else "Daar was al op geantwoord.")


def _known(number: int) -> Arrival:
    """The text with that number. Raises Refused."""
    arrival: Arrival | None = Arrival.get_or_none(Arrival.id == number)
    if arrival is None:
        raise Refused(f"Er is geen bericht {number} in de inbox. Kijk in de lijst met: inbox list.")
    return arrival


COMMANDS: tuple[click.Command, ...] = (inbox_group,)
