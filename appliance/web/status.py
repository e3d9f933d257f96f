"""The start page and the page about the box: the same words as the lamp and the command line."""

from datetime import datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance import alerts, health
from appliance.health import Level
from appliance.models import Acknowledgement
from appliance.web import context, reading, seen

bp = Blueprint("status", __name__)

BUSY_SECONDS, REST_SECONDS = 2, 15


@bp.get("/")
def start() -> ResponseReturnValue:
    """What a coordinator must know first."""
    return render_template("start.html", **_facts(context.now()))


@bp.get("/stand")
def fragment() -> ResponseReturnValue:
    """The part of the start page that updates by itself."""
    facts = _facts(context.now())
    answer: Response = make_response(render_template("_start.html", **facts))
    answer.headers["X-Every"] = str(facts["every"])
    return answer


def _facts(now: datetime) -> dict[str, object]:
    verdict = health.read(now)
    busy = verdict.level in (Level.SENDING, Level.STARTING)
    return {
        "health": verdict, "waiting": alerts.waiting(), "delayed": reading.delayed(), "last": reading.last_sent(),
        "used": reading.to_acknowledge(), "unread": reading.unread(), "every": BUSY_SECONDS if busy else REST_SECONDS,
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
        silent=health.SERVICE_SILENT, modem_silent=health.MODEM_SILENT, now=context.now(),
    )  # fmt: skip
