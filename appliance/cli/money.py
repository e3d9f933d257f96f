"""Who paid for the BIN; how safe people feel."""

import re
from datetime import date
from typing import Any

import click
import msgspec

from appliance.cli.ledger import euros
from appliance.cli.life import Day
from appliance.cli.parts import HERE, Parts, Words, json_option, show, table
from appliance.life import money, survey
from appliance.models import Payment
from appliance.papers import word


class Euros(click.ParamType[int]):
    """An amount as 12,50 or 12.50 or 12: in cents."""

    name = "euros"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The cents, or wrong usage."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,6})(?:[.,](\d\d))?", value.strip(), re.ASCII)
        return (
            int(found[1]) * 100 + int(found[2] or 0) if found else self.fail("an amount looks like 12,50", param, ctx)
        )


@click.group("money")
def money_group() -> None:
    """Who paid for the BIN, and what it paid."""


@money_group.command()
@click.argument("on", metavar="DAY", type=Day())
@click.argument("cents", metavar="EUROS", type=Euros())
@click.option("--kind", type=click.Choice([kind.value for kind in money.Kind]), required=True)
@click.option("--who", type=Words(), default="", help="Who paid, or was paid; never a member.")
@click.option("--what", type=Words(), default="", help="What for.")
@json_option
@click.pass_obj
def add(parts: Parts, /, on: date, cents: int, kind: str, who: str, what: str, as_json: bool) -> None:
    """EUROS came in, or went out, on DAY."""
    parts.open()
    payment = money.note(on, money.Kind(kind), cents, parts.now(), HERE, who=who, what=what)
    show(_payment(payment), as_json, lambda _: f"Genoteerd: {euros(cents)}.")


@money_group.command("list")
@json_option
@click.pass_obj
def list_(parts: Parts, as_json: bool) -> None:
    """What was noted, newest first, and the sums."""
    parts.open()
    rows = [_payment(payment) for payment in money.noted()]
    answer = {"payments": rows} | msgspec.to_builtins(money.balance())
    show(answer, as_json, lambda _: _words(answer, parts.bin.language))


def _payment(payment: Payment) -> dict[str, Any]:
    columns = ("id", "kind", "cents", "who", "what")
    return {"day": payment.paid_on} | {column: getattr(payment, column) for column in columns}


def _words(answer: dict[str, Any], language: str) -> str:
    cells = [
        (row["day"], word("money", row["kind"], language), euros(row["cents"]), row["who"], row["what"])
        for row in answer["payments"]
    ]
    came_in, sponsored, went_out = (euros(answer[name]) for name in ("came_in", "sponsored", "went_out"))
    sums = f"Ontvangen {came_in} (sponsors {sponsored}), betaald {went_out}."
    return f"{table(('dag', 'soort', 'bedrag', 'wie', 'waarvoor'), cells)}\n{sums}"


@click.group("survey")
def survey_group() -> None:
    """How safe people feel, asked once a year."""


@survey_group.command()
@json_option
@click.pass_obj
def ask(parts: Parts, as_json: bool) -> None:
    """Every member is asked by SMS for a number from 0 to 10."""
    parts.open()
    alert = survey.ask(HERE, "command line", parts.now(), parts.bin)
    show({"id": alert.id}, as_json, lambda _: f"De vraag is bericht {alert.id}. Antwoorden tellen een dag lang mee.")


@survey_group.command("show")
@click.argument("year", type=click.IntRange(2020, 2999))
@json_option
@click.pass_obj
def show_(parts: Parts, year: int, as_json: bool) -> None:
    """The average of YEAR, once five people answered."""
    parts.open()
    found = survey.of_year(year)
    show(msgspec.to_builtins(found), as_json, lambda _: _feeling(found))


def _feeling(found: survey.Feeling | None) -> str:
    if found is None:
        return "Niet gevraagd."
    average = "nog niet te zeggen" if found.average is None else str(found.average)
    return f"{found.answers} antwoorden, gemiddeld {average}."


COMMANDS: tuple[click.Command, ...] = (money_group, survey_group)
