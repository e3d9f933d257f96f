"""What each SIM card sent in a month, what it cost, and how far it is from its ceilings."""

import re
from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from appliance.models import SimDay
from appliance.queue import budget
from appliance.queue.subscription import cents
from appliance.web import context, reading

bp = Blueprint("costs", __name__, url_prefix="/kosten")


@bp.get("")
def index() -> ResponseReturnValue:
    """The ledger of one month, and today's room."""
    first = _month()
    last = _after(first) - timedelta(days=1)
    sims = [(iccid, _counted(list(days))) for iccid, days in groupby(budget.ledger(first, last), lambda row: row.iccid)]
    return render_template(
        "costs.html", sims=sims, first=first, before=first - timedelta(days=1), after=_after(first),
        this=context.the_bin().local(context.now()).date(), modems=[(row, _used(row)) for row in reading.modems()],
    )  # fmt: skip


def _month() -> date:
    written = request.args.get("maand")
    if written is None:
        return context.the_bin().local(context.now()).date().replace(day=1)
    found = re.fullmatch(r"(2\d{3})-(0[1-9]|1[0-2])", written) or abort(404)
    return date(int(found[1]), int(found[2]), 1)


def _after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _counted(days: list[SimDay]) -> dict[str, object]:
    return {
        "days": [(date.fromisoformat(day.day), day, cents(day.millicents)) for day in days],
        "segments": sum(day.segments for day in days),
        "cents": cents(sum(day.millicents for day in days)),
    }


def _used(row: object) -> object:
    return budget.used(budget.of(row, context.the_bin().zone), context.now())  # type: ignore[arg-type]
