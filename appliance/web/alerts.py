"""An alert on the page: judge it, check it, forward it, and see how far it is."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import alerts, progress
from appliance.alerts import AlertEvent, AlertState, AlreadyDecided, NobodyToTell, Source
from appliance.models import Alert
from appliance.progress import Progress, Stage
from appliance.queue.states import State
from appliance.segments import BadText
from appliance.web import context, outlook, reading, show
from appliance.web.words import gettext as _

bp = Blueprint("alerts", __name__)

TO_JUDGE = (AlertState.WAITING, AlertState.DELAYED)
LONGEST_REASON = 200
BUSY_SECONDS, REST_SECONDS = 2, 15
OWED = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)


def get_or_404(id_: int) -> Alert:
    """The alert, or the page that says there is none."""
    found: Alert | None = Alert.get_or_none(Alert.id == id_)
    return found or abort(404)


@bp.get("/berichten")
def index() -> ResponseReturnValue:
    """All alerts, newest first."""
    return render_template("alerts.html", listed=reading.latest_alerts())


@bp.get("/berichten/<int:id_>")
def show_one(id_: int) -> ResponseReturnValue:
    """To judge while it waits; how far it is after that."""
    alert = get_or_404(id_)
    if alert.state in TO_JUDGE:
        return render_template("judge.html", alert=alert, form={})
    return render_template("progress.html", **_facts(alert))


@bp.get("/berichten/<int:id_>/stand")
def fragment(id_: int) -> ResponseReturnValue:
    """The part of the progress page that updates by itself."""
    facts = _facts(get_or_404(id_))
    answer: Response = make_response(render_template("_progress.html", **facts))
    answer.headers["X-Title"] = url_title(facts["title"])
    answer.headers["X-Every"] = str(facts["every"])
    return answer


def url_title(title: object) -> str:
    """*title* as a header can carry it."""
    return str(title).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _facts(alert: Alert) -> dict[str, object]:
    done = progress.of(alert)
    counts = done.counts
    owed = sum(counts[state] for state in OWED)
    busy = alert.state == AlertState.FORWARDED and done.busy
    title = f"{counts['accepted']}/{counts['recipients']}"
    return {
        "alert": alert, "progress": done, "counts": counts, "lines": show.worst_first(done), "busy": busy,
        "title": title, "every": BUSY_SECONDS if done.busy else REST_SECONDS,
        "bars": _bars(done), "done_at": context.now() + outlook.takes_for(owed),
        "can_stop": alert.state == AlertState.FORWARDED and bool(owed), "can_close": _may(alert, AlertEvent.CLOSED),
    }  # fmt: skip


def _may(alert: Alert, event: AlertEvent) -> bool:
    return event in alerts.MOVES[AlertState(alert.state)]


def _bars(done: Progress) -> list[tuple[str, str, str, str, int]]:
    """Colour, shape, what it counts, what that means, how many of the recipients. Unknown only if there are any."""
    counts, stages = done.counts, [line.stage for line in done.lines]
    unknown = stages.count(Stage.UNKNOWN) + stages.count(Stage.IN_DOUBT)
    bars = [
        ("busy", "→", _("Aanvaard"), _("het netwerk nam de sms aan"), counts["accepted"]),
        ("good", "✔", _("Afgeleverd"), _("de sms staat op het toestel"), counts["reached"]),
        ("good", "✔✔", _("Bevestigd"), _("iemand antwoordde of belde"), counts["confirmed"]),
        ("bad", "✖", _("Mislukt"), _("geweigerd of onbereikbaar"), stages.count(Stage.FAILED)),
    ]
    return bars + ([("mind", "?", _("Onbekend"), _("vertrok misschien"), unknown)] if unknown else [])


@bp.post("/berichten/<int:id_>/beoordelen")
def judge(id_: int) -> ResponseReturnValue:
    """Forward: on to the check page. Delay and decline: done at once."""
    alert = get_or_404(id_)
    choice = request.form.get("choice", "")
    steps = {"forward": _to_check, "delay": _delay, "decline": _decline}
    if choice not in steps:
        return _again(alert, _("Kies eerst wat er met dit bericht moet gebeuren."))
    try:
        return steps[choice](alert)
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
        return redirect(url_for(".show_one", id_=id_))


def _again(alert: Alert, error: str) -> ResponseReturnValue:
    """The same form, everything that was filled in kept, and what is missing on top."""
    return render_template("judge.html", alert=alert, form=request.form, error=error), 422


def _to_check(alert: Alert) -> ResponseReturnValue:
    called_back = bool(request.form.get("called_back"))
    if must_call_back(alert) and not called_back:
        return _again(alert, _("Bel eerst terug op het gekende nummer en vink dat aan."))
    return redirect(url_for(".check", id_=alert.id, called_back=int(called_back) if must_call_back(alert) else None))


def must_call_back(alert: Alert) -> bool:
    """Whether a person must have spoken to the police before this may be forwarded (R34, R36)."""
    return alert.source == Source.POLICE and not alert.verified


def _delay(alert: Alert) -> ResponseReturnValue:
    if must_call_back(alert) and not request.form.get("called_back"):
        return _again(alert, _("Bel eerst terug op het gekende nummer en vink dat aan. Later vertrekt het vanzelf."))
    until = next_time(request.form.get("until", ""), context.the_bin().local(context.now()))
    if until is None:
        return _again(alert, _("Vul in om hoe laat het bericht moet vertrekken, bijvoorbeeld 18:30."))
    alerts.delay(alert, until, context.who(), "page", context.now(), context.the_bin())
    flash(_("Uitgesteld: vertrekt %(when)s, tenzij iemand eerder beslist.", when=show.moment(until)), "good")
    return redirect(url_for("status.start"))


def next_time(written: str, local: datetime) -> datetime | None:
    """The next moment at which the local clock shows *written* ("18:30"); None when that is no time. Pure."""
    try:
        at = datetime.strptime(written.strip(), "%H:%M")
    except ValueError:
        return None
    until = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return until if until > local else until + timedelta(days=1)


def _decline(alert: Alert) -> ResponseReturnValue:
    why = " ".join(request.form.get("why", "").split())
    if not why:
        return _again(alert, _("Schrijf kort waarom u dit niet doorstuurt. De politie krijgt uw beslissing."))
    alerts.decline(alert, why[:LONGEST_REASON], context.who(), "page", context.now(), context.the_bin())
    flash(_("Niet doorgestuurd. De politie krijgt dat te horen."), "good")
    return redirect(url_for("status.start"))


@bp.get("/berichten/<int:id_>/nakijken")
def check(id_: int) -> ResponseReturnValue:
    """Exactly what the members will get, before anything is promised."""
    alert = get_or_404(id_)
    if alert.state not in TO_JUDGE:
        flash(show.decided(alert), "mind")
        return redirect(url_for(".show_one", id_=id_))
    called_back = request.args.get("called_back") == "1"
    if must_call_back(alert) and not called_back:
        return redirect(url_for(".show_one", id_=id_))
    try:
        seen = outlook.of(alert, context.now(), context.the_bin())
    except BadText as bad:
        flash(str(bad), "bad")
        return redirect(url_for(".show_one", id_=id_))
    return render_template(
        "check.html", alert=alert, outlook=seen, called_back=called_back, send_to=url_for(".forward", id_=id_),
        back_to=url_for(".show_one", id_=id_),
    )  # fmt: skip


@bp.post("/berichten/<int:id_>/doorsturen")
def forward(id_: int) -> ResponseReturnValue:
    """Commit point 3, then the progress page. Safe to press twice: the second press finds it decided."""
    alert = get_or_404(id_)
    called_back = bool(request.form.get("called_back"))
    if must_call_back(alert) and not called_back:
        flash(_("Bel eerst terug op het gekende nummer en vink dat aan."), "bad")
        return redirect(url_for(".show_one", id_=id_))
    via = "page, called back" if must_call_back(alert) else "page"
    try:
        alerts.forward(alert, context.who(), via, context.now(), context.the_bin())
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    except NobodyToTell:
        flash(_("Er is niemand om dit naar te sturen. Voeg eerst leden met toestemming toe."), "bad")
    except BadText as bad:
        flash(str(bad), "bad")
    return redirect(url_for(".show_one", id_=id_))


@bp.post("/berichten/<int:id_>/stoppen")
def withdraw(id_: int) -> ResponseReturnValue:
    """Nothing more of it leaves; what has left has left."""
    alert = get_or_404(id_)
    try:
        kept_back = alerts.withdraw(alert, context.who(), "page", context.now(), context.the_bin())
        flash(_("Gestopt: %(count)d sms'en zijn tegengehouden. Wat al weg is, is weg.", count=kept_back), "good")
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    return redirect(url_for(".show_one", id_=id_))


@bp.post("/berichten/<int:id_>/afsluiten")
def close(id_: int) -> ResponseReturnValue:
    """It is history: answers no longer count as confirmation."""
    alert = get_or_404(id_)
    try:
        alerts.close(alert, context.who(), "page", context.now())
        flash(_("Afgesloten. Antwoorden tellen niet meer als bevestiging."), "good")
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    return redirect(url_for(".show_one", id_=id_))
