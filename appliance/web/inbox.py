"""Answers to read: what came in and needs a person, and what a person does with it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from appliance import handing, reachable
from appliance.handing import NotHandedOn
from appliance.models import Arrival
from appliance.web import context, reading, seen
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("inbox", __name__)


@bp.get("/antwoorden")
def index() -> ResponseReturnValue:
    """What nobody has read yet, or everything."""
    return _page()


def _page(**more: object) -> str:
    """The list; *more* is what was filled in at one of them, and why that will not do."""
    everything = request.args.get("alles") == "1" or bool(more)
    found = reading.arrivals(unread_only=not everything)
    names = reading.names_by_number({arrival.number for arrival in found})
    to_tell = {arrival.id for arrival in found if handing.may_be(arrival)}
    return render_template(
        "inbox.html", arrivals=found, names=names, everything=everything, to_tell=to_tell,
        officer=reachable.officer(), longest=handing.LONGEST, **more,
    )  # fmt: skip


@bp.post("/antwoorden/<int:id_>/gelezen")
def read(id_: int) -> ResponseReturnValue:
    """Somebody has read it."""
    seen.read(_or_404(id_), context.who(), context.now())
    return redirect(url_for(".index"))


@bp.post("/antwoorden/<int:id_>/doorgeven")
def hand_on(id_: int) -> ResponseReturnValue:
    """The police have it: by an SMS of the box, or because this coordinator told them himself. Twice is once."""
    arrival, now, words = _or_404(id_), context.now(), request.form.get("words", "")
    try:
        if request.form.get("how") == "told":
            first = handing.by_telephone(arrival, now, context.who())
        else:
            first = handing.by_sms(arrival, words, current_user.member, now, context.who(), context.the_bin())
    except NotHandedOn as no:
        return _page(error=told(no), of=arrival.id, words=words), 422
    flash(_("Doorgegeven aan de politie.") if first else _("Dat was al doorgegeven."), "good")
    return redirect(url_for(".index"))


def _or_404(id_: int) -> Arrival:
    found: Arrival | None = Arrival.get_or_none(Arrival.id == id_)
    return found or abort(404)
