"""The life of the network: what needs doing, founding, charter, meetings, themes (S17, S18)."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.life import charter, diary, drills, founding, hints, in_force, observance
from appliance.life.diary import BadEntry
from appliance.life.founding import NotYet, Phase
from appliance.life.hints import Hint
from appliance.models import Alert
from appliance.papers import word
from appliance.web import context, show, timeline
from appliance.web.words import gettext as _

bp = Blueprint("life", __name__, url_prefix="/buurt")

MOST_ATTENDED = 10_000
SHOWN = 20  # alerts that went otherwise than the plan says
# Where each hint is seen to; what is not here is done on the page of messages.
PAGES = {
    Hint.TRIAL: "life.charter_page", Hint.DRIFT: "life.charter_page", Hint.REQUESTS: "asked.index",
    Hint.SUSPENDED: "members.index", Hint.UNWELCOMED: "asked.consent", Hint.OLD_BACKUPS: "backup.index",
    Hint.RESIDENCE: "handover.index",
    Hint.THEME: "tips.index", Hint.QUIET: "tips.index", Hint.SILENT: "members.index",
    Hint.POLICE_SILENT: "police.index",
    Hint.POLICE_TALK: "life.meetings", Hint.GENERAL_MEETING: "life.meetings",
}  # fmt: skip


def to_do() -> list[tuple[str, str]]:
    """What the network should do about itself: a sentence in the language of the page, and the page for it."""
    bin_, now = context.the_bin(), context.now()
    found = hints.judge(hints.read(now, bin_, in_force.settings(bin_)), now)
    return [(word("hint", hint, show.language()), url_for(PAGES.get(hint, "compose.write"))) for hint in found]


@bp.get("")
def index() -> ResponseReturnValue:
    """The hints, and the way to what a network keeps about itself."""
    current = founding.current()
    phase = word("phase", current, show.language()) if current else ""
    return render_template("life.html", hints=to_do(), phase=phase, meetings=len(diary.held()))


@bp.get("/oprichting")
def founding_page() -> ResponseReturnValue:
    """The phases in their order, what the next one asks for, and the founding test."""
    return _founding()


def _founding(error: str = "") -> str:
    reached, facts, language = founding.reached(), founding.facts(), show.language()
    phases = [
        (phase, word("phase", phase, language), reached.get(phase), bool(founding.lacking(phase, facts, alone=False)))
        for phase in Phase
    ]
    following = next((phase for phase in Phase if phase not in reached), None)
    return render_template(
        "life_founding.html", phases=phases, following=following, needs=_needs(), certificate=founding.certificate(),
        tests=[test for test in drills.held() if not test.streets][:5], error=error,
    )  # fmt: skip


def _needs() -> dict[Phase, str]:
    return {
        Phase.INFO: _("Noteer de infovergadering."),
        Phase.GROUP: _("Er is een tweede coördinator nodig, of er is echt maar één vrijwilliger."),
        Phase.DATA: _("Er is een lid met toestemming nodig."),
        Phase.CHARTER: _("Het charter moet getekend zijn."),
        Phase.TEST: _("Kies de oprichtingstest."),
    }


@bp.post("/oprichting")
def reach() -> ResponseReturnValue:
    """That phase is reached, or the page says what is lacking."""
    written = request.form.get("phase", "")
    phase = Phase(written) if written in list(Phase) else abort(400)
    try:
        founding.reach(phase, context.now(), context.who(), alone=bool(request.form.get("alone")))
    except NotYet:
        return _founding(_("Dat kan nog niet. %(why)s", why=_needs().get(phase, _("Eerst komt een vorige fase.")))), 422
    return redirect(url_for(".founding_page"))


@bp.post("/oprichting/test")
def certify() -> ResponseReturnValue:
    """The figures of that test go to the charter."""
    alert = Alert.get_or_none(Alert.id == request.form.get("alert", 0, type=int)) or abort(404)
    try:
        founding.certify(alert, context.now(), context.who())
    except NotYet:
        return _founding(_("Die test is nog bezig. Wacht tot alles verstuurd is.")), 422
    return redirect(url_for(".founding_page"))


@bp.get("/charter")
def charter_page() -> ResponseReturnValue:
    """What was signed, and where the settings in force differ."""
    return _charter()


def _charter(error: str = "") -> str:
    agreed, now, language = charter.signed(), in_force.settings(context.the_bin()), show.language()
    differences = charter.drift(charter.settings_of(agreed), now) if agreed else []
    return render_template(
        "life_charter.html", newest=charter.newest(), signed=agreed, error=error, today=_today(),
        drift=[(word("setting", one.setting, language), one.signed, one.now) for one in differences],
        deviated=[(noted.at, noted.alert, timeline.deviations(noted.deviations)) for noted in observance.lately(SHOWN)],
    )  # fmt: skip


def _today() -> date:
    return context.the_bin().local(context.now()).date()


@bp.post("/charter")
def draft() -> ResponseReturnValue:
    """The settings in force are the newest version; the same settings make no new one."""
    version = charter.draft(in_force.settings(context.the_bin()), context.now(), context.who())
    flash(_("Versie %(n)d staat klaar. Druk het communicatieplan af en laat het tekenen.", n=version.version), "good")
    return redirect(url_for(".charter_page"))


@bp.post("/charter/getekend")
def sign() -> ResponseReturnValue:
    """The newest version was signed on paper by these three."""
    form, on = request.form, _day()
    coordinator, mayor, chief = (" ".join(form.get(name, "").split()) for name in ("coordinator", "mayor", "chief"))
    if on is None or not (coordinator and mayor and chief):
        return _charter(_("Vul de dag en de drie namen in.")), 422
    try:
        charter.sign(on, coordinator, mayor, chief, context.now(), context.who())
    except charter.NothingDrafted:
        return _charter(_("Er is nog geen plan om te tekenen. Maak het eerst.")), 422
    flash(_("Het charter is getekend."), "good")
    return redirect(url_for(".charter_page"))


def _day() -> date | None:
    """The day in the form; None when it is none, or still to come."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return None
    return day if day <= _today() else None


@bp.get("/vergaderingen")
def meetings() -> ResponseReturnValue:
    """What was discussed and decided, newest first; how many came, never who."""
    return _meetings()


def _meetings(error: str = "") -> str:
    kinds = {kind: word("meeting", kind, show.language()) for kind in diary.Kind}
    return render_template(
        "life_meetings.html", meetings=diary.held(), kinds=kinds, today=_today(), form=request.form, error=error
    )


@bp.post("/vergaderingen")
def hold() -> ResponseReturnValue:
    """A meeting is noted."""
    form, on = request.form, _day()
    kind = diary.Kind(form["kind"]) if form.get("kind") in list(diary.Kind) else abort(400)
    attended = form.get("attended", type=int)
    if on is None or (attended is not None and not 0 <= attended <= MOST_ATTENDED):
        return _meetings(_("Vul de dag in waarop de vergadering was, en een aantal dat kan.")), 422
    words = {name: form.get(name, "").strip() for name in ("topics", "decisions")}
    try:
        diary.hold(on, kind, context.now(), context.who(), attended=attended, **words)
    except BadEntry:
        return _meetings(_("Die tekst is te lang. Kort hem in.")), 422
    return redirect(url_for(".meetings"))


@bp.get("/themas")
def themes() -> ResponseReturnValue:
    """What prevention is about, month by month."""
    return render_template("life_themes.html", themes=diary.themes(), months=[date(2000, n, 1) for n in range(1, 13)])


@bp.post("/themas")
def plan() -> ResponseReturnValue:
    """That month is about this; an empty text takes it off."""
    form = request.form
    month = form.get("month", 0, type=int)
    if not 1 <= month <= 12:
        abort(400)
    try:
        diary.plan(month, form.get("text", ""), form.get("source", ""), context.now(), context.who())
    except BadEntry:
        flash(_("Die tekst is te lang. Kort hem in."), "mind")
    return redirect(url_for(".themes"))
