"""The page between pressing and sending: the seconds that are left, and STOP. The clock is the box's."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance.alerts import AlertState, AlreadyDecided, Source, countdown
from appliance.models import Alert
from appliance.web import alerts, compose, context, outlook, show
from appliance.web.words import gettext as _

bp = Blueprint("countdown", __name__)

SPOKEN = (10, 5, 0)  # at which seconds a screen reader says how long it still takes


@bp.get("/berichten/<int:id_>/aftellen")
def page(id_: int) -> ResponseReturnValue:
    """The seconds that are left; once it has left, how far it is."""
    alert = alerts.get_or_404(id_)
    facts = _facts(alert)
    return render_template("countdown.html", **facts) if facts else redirect(url_for("alerts.show_one", id_=id_))


@bp.get("/berichten/<int:id_>/aftellen/stand")
def fragment(id_: int) -> ResponseReturnValue:
    """The part that changes each second; when there is no countdown any more, where to go."""
    facts = _facts(alerts.get_or_404(id_))
    if facts is None:
        return Response(headers={"X-Go": url_for("alerts.show_one", id_=id_)})
    answer: Response = make_response(render_template("_countdown.html", **facts))
    answer.headers["X-Every"] = "1"
    return answer


def _facts(alert: Alert) -> dict[str, object] | None:
    running = countdown.of(alert)
    if running is None:
        return None
    left = countdown.left(running.due_at, context.now())
    people = outlook.of(alert, context.now(), context.the_bin()).recipients
    spoken = next((second for second in SPOKEN if left >= second), 0)
    return {"alert": alert, "left": left, "spoken": spoken, "people": people, "by": running.by}


@bp.post("/berichten/<int:id_>/aftellen/stop")
def stop(id_: int) -> ResponseReturnValue:
    """Nothing leaves; or it is said that it was too late. Pressed twice it is the same."""
    alert = alerts.get_or_404(id_)
    try:
        stopped = countdown.stop(alert, context.who(), context.now(), context.the_bin())
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
        return redirect(url_for("alerts.show_one", id_=id_))
    if stopped:
        flash(_("Niets verstuurd. De tekst is bewaard."), "good")
        if alert.source == Source.COORDINATOR:
            compose.keep(alert)
            return redirect(url_for("compose.write"))
    elif Alert.get_by_id(id_).state == AlertState.FORWARDED:
        flash(_("Te laat: het was al vertrokken. U kunt nog stoppen wat niet weg is."), "bad")
    return redirect(url_for("alerts.show_one", id_=id_))


@bp.post("/berichten/<int:id_>/aftellen/nu")
def now(id_: int) -> ResponseReturnValue:
    """It leaves now."""
    countdown.end_now(alerts.get_or_404(id_), context.now())
    return redirect(url_for(".page", id_=id_))
