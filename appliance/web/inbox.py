"""Answers to read: what came in and needs a person."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.models import Arrival
from appliance.web import context, reading, seen

bp = Blueprint("inbox", __name__)


@bp.get("/antwoorden")
def index() -> ResponseReturnValue:
    """What nobody has read yet, or everything."""
    everything = request.args.get("alles") == "1"
    found = reading.arrivals(unread_only=not everything)
    names = reading.names_by_number({arrival.number for arrival in found})
    return render_template("inbox.html", arrivals=found, names=names, everything=everything)


@bp.post("/antwoorden/<int:id_>/gelezen")
def read(id_: int) -> ResponseReturnValue:
    """Somebody has read it."""
    found = Arrival.get_or_none(Arrival.id == id_)
    seen.read(found or abort(404), context.who(), context.now())
    return redirect(url_for(".index"))
