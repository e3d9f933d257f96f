"""Lists of members in and out: a report before anything changes, rows that are wrong as a file, undo for a day."""

import csv
import io

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import audit
from appliance.models import MemberList
from appliance.people import member_lists, members, members_csv
from appliance.people.member_lists import TooLate
from appliance.people.members_csv import Outcome, Report, Row
from appliance.people.members_file import LARGEST, BadFile
from appliance.store import writing
from appliance.web import context
from appliance.web.words import gettext as _
from appliance.web.words import ngettext, told

bp = Blueprint("lists", __name__, url_prefix="/leden")

REASONS = ("backup", "police", "other box", "check")  # why a list leaves the box: a word for the log, and no free text
WRONG = (Outcome.ERROR, Outcome.DUPLICATE, Outcome.IGNORED)


@bp.get("/inlezen")
def index() -> ResponseReturnValue:
    """A form for a file, and the list that can still be undone."""
    return _form()


def _form(error: str = "") -> str:
    return render_template("list_in.html", error=error, latest=member_lists.latest(context.now()))


@bp.post("/inlezen")
def bring() -> ResponseReturnValue:
    """The file is kept, and its report is the next page; no member is changed."""
    file = request.files.get("file")
    data = file.read(LARGEST + 1) if file else b""
    if not data:
        return _form(_("Kies eerst een bestand.")), 422
    try:
        kept = member_lists.keep(data, current_user.username, context.now())
    except BadFile as bad:
        return _form(told(bad)), 422
    return redirect(url_for(".report", id_=kept.id))


def _kept(id_: int) -> MemberList:
    return member_lists.find(id_, context.now()) or abort(404)


def _report(kept: MemberList) -> Report:
    try:
        return member_lists.report(kept)
    except TooLate:
        abort(404)


@bp.get("/inlezen/<int:id_>")
def report(id_: int) -> ResponseReturnValue:
    """What would change, row by row; nothing has."""
    kept = _kept(id_)
    if kept.applied_at:
        return redirect(url_for(".index"))
    found = _report(kept)
    return render_template("list_report.html", kept=kept, report=found, counts=found.counts, why=_why)


def _why(row: Row) -> str:
    """What becomes of *row*, in the language of this request."""
    return " ".join(map(told, row.why))


@bp.get("/inlezen/<int:id_>/fouten")
def wrong_rows(id_: int) -> ResponseReturnValue:
    """The rows that are not taken over, and why, as a file for a spreadsheet."""
    rows = [row for row in _report(_kept(id_)).rows if row.outcome in WRONG]
    written = io.StringIO(newline="")
    table = csv.writer(written, delimiter=";")
    table.writerow((_("rij"), _("naam"), _("waarom")))
    table.writerows((row.number, members_csv.safe(row.name), members_csv.safe(_why(row))) for row in rows)
    return _csv(written.getvalue(), "fouten.csv")


@bp.post("/inlezen/<int:id_>")
def apply(id_: int) -> ResponseReturnValue:
    """The list is in, all or nothing; pressed twice, it is in once."""
    try:
        counts = member_lists.apply(_kept(id_), context.now(), context.who()).counts
    except TooLate:
        return redirect(url_for(".index"))
    flash(_done(counts["new"], counts["changed"]), "good")
    return redirect(url_for(".index"))


def _done(new: int, changed: int) -> str:
    """What the list did; of what it did not do nothing is said."""
    if not changed:
        return ngettext("%(num)d lid toegevoegd.", "%(num)d leden toegevoegd.", new)
    if not new:
        return ngettext("%(num)d lid gewijzigd.", "%(num)d leden gewijzigd.", changed)
    return _("%(new)d nieuw, %(changed)d gewijzigd.", new=new, changed=changed)


@bp.post("/inlezen/<int:id_>/terug")
def undo(id_: int) -> ResponseReturnValue:
    """The members are as they were before that list, but for those to whom something happened since."""
    try:
        done = member_lists.undo(_kept(id_), context.now(), context.who())
    except TooLate:
        return redirect(url_for(".index"))
    told = ngettext("%(num)d lid staat weer zoals ervoor.", "%(num)d leden staan weer zoals ervoor.", done.back)
    if done.left_alone:
        told += " " + ngettext(
            "Van %(num)d lid bleef alles staan: daar gebeurde intussen iets mee.",
            "Van %(num)d leden bleef alles staan: daar gebeurde intussen iets mee.",
            done.left_alone,
        )
    flash(told, "good")
    return redirect(url_for("members.index"))


@bp.get("/uitvoeren")
def export_form() -> ResponseReturnValue:
    """The question why the list leaves the box."""
    return render_template("list_out.html", reasons=REASONS)


@bp.post("/uitvoeren")
def export() -> ResponseReturnValue:
    """The whole list as a file, numbers and all; the log says who took it and why."""
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        abort(400)
    with writing():
        audit.record(context.who(), "exported members", "", context.now(), reason)
    return _csv(members_csv.to_csv(members.active()), "leden.csv")


def _csv(content: str, name: str) -> Response:
    """With the mark by which spreadsheets know UTF-8."""
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=named)
