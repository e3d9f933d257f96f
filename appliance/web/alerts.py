"""An alert on the page: judge it, check it, forward it, and see how far it is."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import alerts
from appliance.alerts import (
    AlertState,
    AlreadyDecided,
    MessageClass,
    NobodyToTell,
    Source,
    Variants,
    countdown,
    drafts,
    progress,
)
from appliance.models import Alert
from appliance.roles import Act
from appliance.segments import BadText
from appliance.web import context, course, outlook, reading, rights, show
from appliance.web.words import gettext as _
from appliance.web.words import ngettext, told

bp = Blueprint("alerts", __name__)

TO_JUDGE = (AlertState.WAITING, AlertState.DELAYED)
LONGEST_REASON = 200
MANY = 200  # lines: from here on they are asked for less often than the counts
PEOPLE_SECONDS = 10


def get_or_404(id_: int) -> Alert:
    """The alert, or the page that says there is none."""
    found: Alert | None = Alert.get_or_none(Alert.id == id_)
    return found or abort(404)


@bp.get("/berichten")
def index() -> ResponseReturnValue:
    """The alerts, newest first, a page at a time."""
    before = request.args.get("voor", type=int)
    listed = reading.latest_alerts(before, sent_only=not rights.may(Act.DECIDE))
    older = listed[-1].alert.id if len(listed) == reading.ALERTS else None
    judges = before is None and rights.may(Act.DECIDE)
    first = {"planned": reading.delayed(), "drafts": drafts.of(current_user)} if judges else {}
    return render_template("alerts.html", listed=listed, older=older, before=before, **first)


@bp.get("/berichten/<int:id_>")
def show_one(id_: int) -> ResponseReturnValue:
    """To judge while it waits; how far it is after that."""
    alert = get_or_404(id_)
    if countdown.of(alert):
        return redirect(url_for("countdown.page", id_=id_))
    demand_to_see(alert)
    if alert.state in TO_JUDGE:
        return _judge_page(alert, {})
    return render_template(
        "progress.html", version=course.version(alert), people_every=PEOPLE_SECONDS, many=MANY, **course.of(alert)
    )


def demand_to_see(alert: Alert) -> None:
    """What nobody was sent is for those who judge it."""
    if alert.state not in reading.SENT:
        rights.demand(Act.DECIDE)


@bp.get("/berichten/<int:id_>/stand")
def fragment(id_: int) -> ResponseReturnValue:
    """The part of the progress page that updates by itself; nothing (204) when it would be what the request names."""
    alert = get_or_404(id_)
    demand_to_see(alert)
    version = course.version(alert)
    if request.args.get("v") == version:
        return "", 204
    facts = course.of(alert)
    answer: Response = make_response(render_template("_progress.html", **facts))
    answer.headers["X-Title"] = url_title(facts["title"])
    answer.headers["X-Every"] = str(facts["every"])
    answer.headers["X-Version"] = version
    return answer


@bp.get("/berichten/<int:id_>/wie")
def people(id_: int) -> ResponseReturnValue:
    """A line for each recipient. A thousand are 150 kB."""
    alert = get_or_404(id_)
    version = course.version(alert)
    if request.args.get("v") == version:
        return "", 204
    done = progress.of(alert)
    lines = show.worst_first(done)
    every = PEOPLE_SECONDS if len(lines) > MANY else course.seconds(done)
    return render_template("_people.html", lines=lines), {"X-Version": version, "X-Every": str(every)}


def url_title(title: object) -> str:
    """*title* as a header can carry it."""
    return str(title).encode("ascii", "xmlcharrefreplace").decode("ascii")


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
    return _judge_page(alert, request.form, error), 422


def _judge_page(alert: Alert, form: Mapping[str, str], error: str = "") -> str:
    return render_template("judge.html", alert=alert, form=form, error=error, stale=is_stale(alert), both=_both(alert))


def _both(alert: Alert) -> Variants | None:
    """To the letter or fast, when that can be chosen; what cannot be sent at all is said on the check page."""
    with suppress(BadText):
        return outlook.choice(alert, context.now(), context.the_bin())
    return None


def is_stale(alert: Alert) -> bool:
    """Whether *alert* is so old that somebody must ask whether it still holds (1I)."""
    return alerts.is_stale(MessageClass(alert.message_class), alert.created_at, context.now())


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
    fast = bool(request.form.get("fast"))
    alerts.delay(alert, until, context.who(), "page", context.now(), context.the_bin(), fast=fast)
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
        return _again(alert, _("Schrijf kort waarom u dit niet doorstuurt."))
    alerts.decline(alert, why[:LONGEST_REASON], context.who(), "page", context.now(), context.the_bin())
    police = alert.source == Source.POLICE
    flash(_("Niet doorgestuurd. De politie krijgt dat te horen.") if police else _("Niet doorgestuurd."), "good")
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
    fast = request.args.get("fast") == "1"
    try:
        both = outlook.choice(alert, context.now(), context.the_bin())
        alert.text = alerts.spelled(alert, fast=fast and both is not None)  # to look at: nothing is saved here
        seen = outlook.of(alert, context.now(), context.the_bin())
    except BadText as bad:
        flash(told(bad), "bad")
        return redirect(url_for(".show_one", id_=id_))
    return render_template(
        "check.html", alert=alert, outlook=seen, called_back=called_back, send_to=url_for(".forward", id_=id_),
        back_to=url_for(".show_one", id_=id_), seconds=countdown.seconds(MessageClass(alert.message_class)),
        both=both, fast=fast, stale=is_stale(alert), again=reading.sent_lately(alert, context.now()),
    )  # fmt: skip


@bp.post("/berichten/<int:id_>/doorsturen")
def forward(id_: int) -> ResponseReturnValue:
    """The countdown begins, or runs on: pressed twice it is one. After it comes commit point 3."""
    alert = get_or_404(id_)
    called_back = bool(request.form.get("called_back"))
    if must_call_back(alert) and not called_back:
        flash(_("Bel eerst terug op het gekende nummer en vink dat aan."), "bad")
        return redirect(url_for(".show_one", id_=id_))
    via = "page, called back" if must_call_back(alert) else "page"
    try:
        fast = bool(request.form.get("fast"))
        countdown.begin(alert, context.who(), via, context.now(), context.the_bin(), fast=fast)
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    except NobodyToTell:
        flash(_("Er is niemand om dit naar te sturen. Voeg eerst leden met toestemming toe."), "bad")
    return redirect(url_for(".show_one", id_=id_))


@bp.post("/berichten/<int:id_>/herkomst")
def origin(id_: int) -> ResponseReturnValue:
    """It is known to come from above the zone, or from the zone after all."""
    alerts.mark_origin(get_or_404(id_), context.who(), context.now(), above=bool(request.form.get("above")))
    return redirect(url_for(".show_one", id_=id_))


@bp.post("/berichten/<int:id_>/stoppen")
def withdraw(id_: int) -> ResponseReturnValue:
    """Nothing more of it leaves; what has left has left."""
    alert = get_or_404(id_)
    try:
        kept_back = alerts.withdraw(alert, context.who(), "page", context.now(), context.the_bin())
        flash(
            ngettext(
                "Gestopt: %(num)d sms is tegengehouden. Wat al weg is, is weg.",
                "Gestopt: %(num)d sms'en zijn tegengehouden. Wat al weg is, is weg.",
                kept_back,
            ),
            "good",
        )
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    return redirect(url_for(".show_one", id_=id_))


@bp.post("/berichten/<int:id_>/afsluiten")
def close(id_: int) -> ResponseReturnValue:
    """It is history: answers no longer count as confirmation."""
    alert = get_or_404(id_)
    try:
        alerts.close(alert, context.who(), "page", context.now(), context.the_bin())
        flash(_("Afgesloten. Antwoorden tellen niet meer als bevestiging."), "good")
    except AlreadyDecided as late:
        flash(show.decided(late.alert), "mind")
    return redirect(url_for(".show_one", id_=id_))
