"""Answers to read: what came in and needs a person, and what a person does with it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance.models import Arrival, Member
from appliance.people import answers, handing, reachable
from appliance.people.answers import NotAnswered, Ready
from appliance.people.handing import NotHandedOn
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
    ready = {arrival.id: _ready(names[arrival.number]) for arrival in found if answers.may_be(arrival)}
    to_tell = {arrival.id for arrival in found if handing.may_be(arrival)}
    return render_template(
        "inbox.html", arrivals=found, names=names, everything=everything, to_tell=to_tell, ready=ready,
        officer=reachable.officer(), longest=handing.LONGEST, **more,
    )  # fmt: skip


def _ready(member: Member) -> dict[Ready, str]:
    """The ready answers, as *member* would read them."""
    return {ready: answers.words(ready, member.language, context.the_bin()) for ready in Ready}


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


@bp.post("/antwoorden/<int:id_>/antwoord")
def answer(id_: int) -> ResponseReturnValue:
    """A ready answer goes to the member who wrote. Twice is once."""
    arrival, ready = _or_404(id_), request.form.get("ready", "")
    wanted = Ready(ready) if ready in set(Ready) else abort(404)
    try:
        first = answers.send(arrival, wanted, context.now(), context.who(), context.the_bin())
        flash(_("Het antwoord vertrekt.") if first else _("Daar was al op geantwoord."), "good")
    except NotAnswered as no:
        flash(told(no), "bad")
    return redirect(url_for(".index"))


def _or_404(id_: int) -> Arrival:
    found: Arrival | None = Arrival.get_or_none(Arrival.id == id_)
    return found or abort(404)
