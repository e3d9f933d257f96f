"""The start page and the page about the box: the same words as the lamp and the command line."""

from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance import __version__, alerts, audit, bookmarks, health, modem_state, store
from appliance.alerts import countdown
from appliance.health import Level, onset
from appliance.models import Acknowledgement
from appliance.modem_state import Unable, Wish
from appliance.queue import outbox
from appliance.update import offer, steps
from appliance.web import context, life, reading, ready, seen
from appliance.web.words import gettext as _

bp = Blueprint("status", __name__)

BUSY_SECONDS, REST_SECONDS = 2, 15
CREDIT_AGE = timedelta(days=2)  # it is asked once a day: what is older is no longer what is left


@bp.get("/")
def start() -> ResponseReturnValue:
    """What a coordinator must know first."""
    return render_template("start.html", **_facts(context.now()), hints=life.to_do())


@bp.get("/stand")
def fragment() -> ResponseReturnValue:
    """The part of the start page that updates by itself."""
    facts = _facts(context.now())
    answer: Response = make_response(render_template("_start.html", **facts))
    answer.headers["X-Every"] = str(facts["every"])
    return answer


def _facts(now: datetime) -> dict[str, object]:
    verdict, counting = health.read(now), countdown.running()
    busy = verdict.level in (Level.SENDING, Level.STARTING) or bool(counting)
    return {
        "health": verdict, "waiting": alerts.waiting(), "delayed": reading.delayed(), "last": reading.last_sent(),
        "counting": counting, "todo": sum(not step.done for step in ready.steps()),
        "used": reading.to_acknowledge(), "unread": reading.unread(),
        "untold": reading.untold(now), "every": BUSY_SECONDS if busy else REST_SECONDS,
    }  # fmt: skip


@bp.post("/gezien/<int:id_>")
def acknowledge(id_: int) -> ResponseReturnValue:
    """Somebody has seen that the button was used."""
    found = Acknowledgement.get_or_none(Acknowledgement.id == id_)
    seen.acknowledge(found or abort(404), context.who(), context.now())
    return redirect(url_for(".start"))


@bp.get("/toestel")
def device() -> ResponseReturnValue:
    """Modem, network, services: one line each, with a word for how it is."""
    verdict = health.read(context.now())
    return render_template(
        "device.html", health=verdict, modems=reading.modems(), services=reading.services(),
        taken_away=health.last_backup(), nightly=bookmarks.last(bookmarks.NIGHTLY), since=onset.since(),
        silent=health.SERVICE_SILENT, modem_silent=health.MODEM_SILENT, away=modem_state.away, now=context.now(),
        version=__version__, updated=steps.last(), offered=offer.offered(_offer()), wanted=offer.accepted(_offer()),
        refused=offer.refused(), proof_age=health.PROOF_AGE, credit_age=CREDIT_AGE,
    )  # fmt: skip


def _offer() -> Path:
    return store.own() / offer.NAME


@bp.post("/toestel/versie")
def install() -> ResponseReturnValue:
    """The version from the stick is installed; that it may, and that the box is quiet, is checked once more by root."""
    version = offer.offered(_offer()) or abort(404)
    if offer.accepted(_offer()):  # two of them pressed, or one twice
        return redirect(url_for(".device"))
    if outbox.busy(context.now()) or countdown.running():
        flash(_("De kast is aan het versturen. Probeer het daarna opnieuw."), "mind")
        return redirect(url_for(".device"))
    with store.writing():
        audit.record(context.who(), "update wanted", "", context.now(), version)
    offer.accept(_offer())
    return redirect(url_for(".device"))


@bp.post("/toestel/<name>/<wish>")
def ask(name: str, wish: str) -> ResponseReturnValue:
    """The modem is started anew, tests itself or asks its credit, as soon as its gateway looks; never amid a send."""
    row = modem_state.of(name) or abort(404)
    wanted = Wish(wish) if wish in set(Wish) else abort(404)
    if outbox.submitting() or health.read(context.now()).level is Level.SENDING:
        flash(_("De kast is aan het versturen. Probeer het daarna opnieuw."), "mind")
        return redirect(url_for(".device"))
    try:
        modem_state.wish(row, wanted, context.who(), context.now())
    except Unable:
        abort(404)
    flash(ASKED[wanted](), "calm")
    return redirect(url_for(".device"))


ASKED = {
    Wish.RESTART: lambda: _("De modem wordt opnieuw gestart. Dat duurt ongeveer een minuut."),
    Wish.POWER: lambda: _("De stroom van de modem gaat even uit en weer aan. Dat duurt ongeveer een minuut."),
    Wish.SELF_TEST: lambda: _("De kast stuurt zichzelf een sms. Kijk straks of hij terugkwam."),
    Wish.BALANCE: lambda: _("De kast vraagt het tegoed aan het netwerk. Kijk over een minuut."),
}
