"""The ledger: what each SIM card sent and what that cost, day by day."""

import re
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import click

from appliance.cli.parts import Parts, json_option, show, table
from appliance.models import SimDay
from appliance.queue import budget
from appliance.queue.subscription import cents


class Month(click.ParamType[date]):
    """A calendar month: 2026-11."""

    name = "month"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Its first day."""
        if isinstance(value, date):
            return value
        found = re.fullmatch(r"(2\d{3})-(0[1-9]|1[0-2])", value)
        return date(int(found[1]), int(found[2]), 1) if found else self.fail("write it like 2026-11", param, ctx)


@click.command("ledger")
@click.argument("month", type=Month(), required=False)
@json_option
@click.pass_obj
def ledger(parts: Parts, month: date | None, as_json: bool) -> None:
    """What each SIM card sent in MONTH (2026-11; else this month) and what that cost."""
    parts.open()
    first = month or parts.bin.local(parts.now()).date().replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rows = groupby(budget.ledger(first, last), key=lambda row: row.iccid)
    answer = {"month": f"{first:%Y-%m}", "sims": [_sim(iccid, list(days)) for iccid, days in rows]}
    show(answer, as_json, _words)


def _sim(iccid: str, days: list[SimDay]) -> dict[str, Any]:
    credit = budget.credit(iccid)
    return {
        "iccid": iccid,
        "segments": sum(day.segments for day in days),
        "in_doubt": sum(day.in_doubt for day in days),
        "paid": sum(day.paid for day in days),
        "cost_cents": cents(sum(day.millicents for day in days)),
        "credit_cents": None if credit is None else -cents(-credit),
        "days": [
            {"day": day.day, "segments": day.segments, "in_doubt": day.in_doubt, "paid": day.paid,
             "cost_cents": cents(day.millicents)}
            for day in days
        ],
    }  # fmt: skip


def _words(answer: dict[str, Any]) -> str:
    lines = [
        (
            sim["iccid"],
            row["day"],
            str(row["segments"]),
            str(row["in_doubt"]),
            str(row["paid"]),
            euros(row["cost_cents"]),
        )
        for sim in answer["sims"]
        for row in [*sim["days"], sim | {"day": "samen"}]
    ]
    head = ("simkaart", "dag", "sms'en", "in twijfel", "betalend", "kosten")
    return f"Kosten van {answer['month']}\n{table(head, lines)}"


def euros(sum_in_cents: int) -> str:
    """As people here write money."""
    return f"€ {sum_in_cents // 100},{sum_in_cents % 100:02}"


COMMANDS = (ledger,)
