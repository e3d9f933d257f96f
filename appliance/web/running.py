"""What is done about an alert that has left: tell the silent once more, go on, correct it, say how it ended."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import alerts
from appliance.alerts import NoRepeat, going_on, progress
from appliance.models import Alert
from appliance.people import call_list, phoned
from appliance.people.phoned import Whom
from appliance.queue.states import NotAllowed
from appliance.web import compose, context, course, pictures, reading
from appliance.web.alerts import demand_to_see, get_or_404
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

bp = Blueprint("running", __name__, url_prefix="/berichten/<int:id_>")


@bp.post("/herhalen")
def repeat(id_: int) -> ResponseReturnValue:
    """The silent get it once more; pressed twice it is once."""
    try:
        told = alerts.repeat(get_or_404(id_), context.who(), context.now())
        flash(ngettext("%(num)d lid krijgt het nog eens.", "%(num)d leden krijgen het nog eens.", told), "good")
    except NoRepeat:
        flash(_("Dit kan niet herhaald worden: het is al herhaald, nog onderweg of voorbij."), "mind")
    return redirect(url_for("alerts.show_one", id_=id_))


@bp.post("/doorgaan")
def go_on(id_: int) -> ResponseReturnValue:
    """No ceiling of a SIM holds it any more."""
    try:
        going_on.go_on(get_or_404(id_), context.who(), "page", context.now())
        flash(_("Het gaat door, ook boven het plafond van de simkaart."), "good")
    except NotAllowed:
        flash(_("Dit bericht loopt niet meer: er vertrekt niets."), "mind")
    return redirect(url_for("alerts.show_one", id_=id_))


@bp.post("/rechtzetting")
def correct(id_: int) -> ResponseReturnValue:
    """The words that take it back are on the check page, for exactly those who got it; nothing has left yet."""
    alert = _sent_or_404(id_)
    compose.answer_to(alert, alerts.correction(alert, context.the_bin().language, context.the_bin()))
    return redirect(url_for("compose.check"))


@bp.post("/afloop")
def outcome(id_: int) -> ResponseReturnValue:
    """An empty sheet to tell how it ended, to exactly those who got it."""
    compose.answer_to(_sent_or_404(id_), "")
    return redirect(url_for("compose.write"))


def _sent_or_404(id_: int) -> Alert:
    alert = get_or_404(id_)
    return alert if alert.state in reading.SENT else abort(404)


@bp.get("/stil")
def silent(id_: int) -> ResponseReturnValue:
    """Who has given no sign of having read it, street by street, with a link to call."""
    alert = get_or_404(id_)
    done, told = progress.of(alert), phoned.of(alert)
    lines = course.silent(done)
    return render_template(
        "silent.html", alert=alert, streets=course.by_street(lines), people=len(lines), out=done.first_submitted_at,
        callees=call_list.without_mobile(alert, told[Whom.CALLEE]), told=told[Whom.DELIVERY],
        again=course.may_repeat(alert, done),
    )  # fmt: skip


@bp.post("/gebeld")
def tick(id_: int) -> ResponseReturnValue:
    """That person heard it from somebody; with `undo` that was a slip."""
    alert, whom, number = _sent_or_404(id_), request.form.get("whom", ""), request.form.get("number", 0, type=int)
    change = phoned.untick if request.form.get("undo") else phoned.tick
    try:
        change(alert, Whom(whom), number, context.who(), context.now())
    except ValueError:
        abort(404)
    return redirect(url_for(".silent", id_=id_, _anchor=f"{whom}-{number}"))


@bp.get("/beelden")
def pictured(id_: int) -> ResponseReturnValue:
    """How it went by the clock, and street by street; the same as tables."""
    alert = get_or_404(id_)
    demand_to_see(alert)
    lines = progress.of(alert).lines
    return render_template(
        "pictures.html", alert=alert, clock_of=pictures.wall_clock(lines),
        streets=pictures.streets(course.by_street(lines)),
    )  # fmt: skip
