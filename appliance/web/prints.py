"""Sheets for on paper: the same page on the screen, from the printer and as PDF."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from appliance import audit, report
from appliance.alerts import MessageClass
from appliance.lang import LANGUAGES
from appliance.life import in_force, printing
from appliance.neighbourhood import Neighbourhood
from appliance.people import call_list, members
from appliance.report import Year
from appliance.roles import Act
from appliance.store import writing
from appliance.web import context, pdf, rights, show
from appliance.web.alerts import get_or_404
from appliance.web.pdf import NoPdf
from appliance.web.pictures import Bars, bars
from appliance.web.words import gettext as _

bp = Blueprint("prints", __name__, url_prefix="/afdrukken")

FIRST_YEAR = 2020  # no box is older
REPORTED = (MessageClass.URGENT, MessageClass.PREVENTIVE, MessageClass.FEEDBACK, MessageClass.FEEDBACK_COORDINATORS,
            MessageClass.ORGANISATION, MessageClass.TEST, MessageClass.PANIC)  # fmt: skip
CARDS_ON_A_SHEET = 4


@dataclass(frozen=True)
class Sheet:
    """Its template, what goes into it in one language, and what one must be allowed to, to have it."""

    template: str
    fill: Callable[[str], dict[str, Any]]
    act: Act | None = None


@bp.get("/")
def index() -> ResponseReturnValue:
    """Which sheets there are for this person."""
    year = context.the_bin().local(context.now()).year
    mine = {name for name, sheet_ in SHEETS.items() if sheet_.act is None or rights.may(sheet_.act)}
    return render_template("prints.html", years=[year, year - 1], mine=mine)


@bp.get("/<name>")
def sheet(name: str) -> ResponseReturnValue:
    """The sheet called *name*, to look at and to print."""
    return _rendered(name, _mine(name))


@bp.get("/<name>.pdf")
def as_pdf(name: str) -> ResponseReturnValue:
    """The same as a file."""
    return _file(name, _rendered(name, _mine(name)))


def _mine(name: str) -> Sheet:
    found = SHEETS.get(name) or abort(404)
    if found.act:
        rights.demand(found.act)
    return found


@bp.post("/belboom")
def phone_list() -> ResponseReturnValue:
    """Everybody's number, street by street: asked for by a form, because the log tells that it was made."""
    with writing():
        audit.record(context.who(), "printed members", "", context.now())
    rendered = _rendered("belboom", Sheet("belboom", _phone_list))
    return _file("belboom", rendered) if "pdf" in request.form else rendered


@bp.post("/bellen/<int:id_>")
def calls(id_: int) -> ResponseReturnValue:
    """Who rings whom about an alert, with numbers: asked for by a form, and in the log, as the phone list is."""
    alert = get_or_404(id_)
    with writing():
        audit.record(context.who(), "printed calls", f"alert {alert.id}", context.now())
    rendered = _rendered("bellen", Sheet("bellen", lambda _language: {"alert": alert, "lists": call_list.of(alert)}))
    return _file("bellen", rendered) if "pdf" in request.form else rendered


def _file(name: str, rendered: str) -> ResponseReturnValue:
    try:
        content = pdf.from_html(rendered)
    except NoPdf:
        flash(_("Een pdf maken lukt niet op deze kast. Druk het blad af met de knop van uw browser."), "mind")
        return redirect(url_for(".index"))
    named = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(content, content_type="application/pdf", headers=named)


def _rendered(name: str, sheet_: Sheet) -> str:
    language = request.args.get("taal", context.the_bin().language)
    with force_locale(language if language in LANGUAGES else abort(404)):
        return render_template(
            f"print/{sheet_.template}.html", name=name, language=language, today=_today(), back=url_for(".index"),
            pdf=url_for(".as_pdf", name=name, **dict[str, Any](request.args)) if request.method == "GET" else "",
            **sheet_.fill(language),
        )  # fmt: skip


def _today() -> datetime:
    return context.the_bin().local(context.now())


def _fridge_card(_language: str) -> dict[str, Any]:
    return {"copies": range(CARDS_ON_A_SHEET)}


def _box_card(_language: str) -> dict[str, Any]:
    return {}


def _year(_language: str) -> dict[str, Any]:
    year = request.args.get("jaar", _today().year, type=int)
    if not FIRST_YEAR <= year <= _today().year:
        abort(404)
    found = report.of_year(year, context.the_bin())
    return {"report": found, "reported": REPORTED, "year": year, "pictures": _pictures(found)}


def _pictures(found: Year) -> list[tuple[str, Bars | None]]:
    """Three of the four pictures of the year (R115), each with its title; None: there are no figures for it."""
    paces = [
        (words, [_minutes(getattr(pace, name)) for pace in (found.pace, found.pace_before)])
        for name, words in (
            ("decision", _("Politie tot beslissing")), ("sending", _("Beslissing tot laatste sms")),
            ("confirming", _("Tot bevestiging")),
        )
    ]  # fmt: skip
    months = [(show.month_name(date(found.year, m.month, 1)), (m.urgent, m.preventive, m.other)) for m in found.months]
    tests = [(f"{context.the_bin().local(t.at):%d/%m}", (t.recipients, t.reached, t.confirmed)) for t in found.tests]
    return [
        (_("Wat er vertrok, maand per maand"), bars([_("dringend"), _("preventief"), _("andere")], months)),
        (_("De tests van het jaar"), bars([_("Ontvangers"), _("Afgeleverd"), _("Bevestigd")], tests)),
        (_("Hoe snel het ging bij dringende berichten, in minuten (mediaan)"),
         bars([str(found.year), str(found.year - 1)], paces, "{:.1f}")),
    ]  # fmt: skip


def _minutes(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 60


def _phone_list(_language: str) -> dict[str, Any]:
    streets: dict[str, list[Any]] = {}
    for member in members.active():
        streets.setdefault(member.street, []).append(member)
    return {"streets": sorted(streets.items())}


def _paper(paper: Callable[[datetime, Neighbourhood, str], str], act: Act | None = None) -> Sheet:
    """One sheet of `life.printing`."""

    def fill(language: str) -> dict[str, Any]:
        words = paper(context.now(), context.the_bin(), language)
        return {"papers": [words], "title": words.partition("\n")[0]}

    return Sheet("papier", fill, act)


def _plan(now: datetime, bin_: Neighbourhood, language: str) -> str:
    return printing.plan(now, bin_, in_force.settings(bin_), language)


def _consent_forms(_language: str) -> dict[str, Any]:
    """One form for each member without consent, in his own language, street by street, or for one street."""
    street, now, bin_ = request.args.get("straat"), context.now(), context.the_bin()
    without = [one for one in members.active() if not one.consent and street in (None, one.street)]
    papers = [f"{one.name} · {one.street}\n{printing.sign_up(now, bin_, one.language)}" for one in without]
    return {"papers": papers, "title": _("Toestemming")}


# By the name in the address. Each is looked at, printed and made a PDF of in the same way, in four languages.
SHEETS: dict[str, Sheet] = {
    "koelkastkaart": Sheet("koelkastkaart", _fridge_card),
    "kaart-naast-de-kast": Sheet("kaart-naast-de-kast", _box_card),
    "verslag": Sheet("verslag", _year, Act.FIGURES),
    "toestemming": Sheet("papier", _consent_forms, Act.SEE_NAMES),
    "inschrijving": _paper(printing.sign_up),
    "wat-is-een-bin": _paper(printing.about),
    "communicatieplan": _paper(_plan, Act.SETTINGS),
    "tips": _paper(printing.tips),
    "overdracht": _paper(printing.handover, Act.SETTINGS),
    "register": _paper(printing.register, Act.SETTINGS),
    "diefstal": _paper(printing.theft, Act.SETTINGS),
}
