"""Who is not told yet: who asked by START to become a member, who gave no consent, who was not welcomed."""

from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.models import Arrival
from appliance.people import members, membership
from appliance.people.members import BadMember
from appliance.web import context, reading
from appliance.web.words import gettext as _
from appliance.web.words import ngettext, told

bp = Blueprint("asked", __name__, url_prefix="/leden")


@bp.get("/vragen")
def index() -> ResponseReturnValue:
    """The requests that wait for a yes or a no."""
    return _page()


def _page(error: str = "") -> str:
    found = membership.requests()
    names = reading.names_by_number({request_.number for request_ in found})
    return render_template("asked.html", requests=found, names=names, error=error)


def _asked(id_: int) -> Arrival:
    return next((request_ for request_ in membership.requests() if request_.id == id_), None) or abort(404)


@bp.post("/vragen/<int:id_>/ja")
def accept(id_: int) -> ResponseReturnValue:
    """A member, welcomed by SMS; his START is the consent."""
    name = request.form.get("name", "")
    try:
        member = membership.accept(_asked(id_), name, context.now(), context.who(), context.the_bin())
    except BadMember as bad:
        return _page(told(bad)), 422
    flash(_("%(name)s is lid en krijgt de welkomstsms.", name=member.name), "good")
    return redirect(url_for(".index"))


@bp.post("/vragen/<int:id_>/nee")
def refuse(id_: int) -> ResponseReturnValue:
    """Not a member. The box says nothing to him."""
    membership.refuse(_asked(id_), context.now(), context.who())
    flash(_("Afgevinkt. De kast antwoordt niets: zeg het zelf."), "mind")
    return redirect(url_for(".index"))


@bp.get("/toestemming")
def consent() -> ResponseReturnValue:
    """Who gave none, street by street, and who was not welcomed."""
    without = [member for member in members.active() if not member.consent]
    streets = [(street, list(living)) for street, living in groupby(without, key=lambda member: member.street)]
    return render_template("consent.html", streets=streets, unwelcomed=len(membership.unwelcomed()))


@bp.post("/welkom")
def welcome() -> ResponseReturnValue:
    """Everybody with consent hears, once, what this number is for and how to stop."""
    waiting = membership.unwelcomed()
    for member in waiting:
        membership.welcome(member, context.now(), context.the_bin())
    flash(ngettext("%(num)d lid krijgt de welkomstsms.", "%(num)d leden krijgen de welkomstsms.", len(waiting)), "good")
    return redirect(url_for(".consent"))
