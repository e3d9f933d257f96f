"""The log: who did what, whether it is whole, and the head that a paper kept (S16)."""

import csv
import io
import re

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from appliance import audit
from appliance.audit import BadHead
from appliance.models import Account, Audit, Member, PoliceContact
from appliance.people import members_csv
from appliance.store import writing
from appliance.web import context
from appliance.web.log_words import KINDS, VERBS, detail
from appliance.web.words import gettext as _

bp = Blueprint("log", __name__, url_prefix="/logboek")

LATEST = 200  # rows on one page
PERSON = re.compile(r"(member|contact|account) (\d+)(?: or \d+)*")
PEOPLE = {"member": (Member, Member.name), "contact": (PoliceContact, PoliceContact.name),
          "account": (Account, Account.username)}  # fmt: skip


@bp.get("")
def index() -> ResponseReturnValue:
    """The newest rows, of one person or one alert if asked for; names are looked up and stand in no row."""
    rows, total = _rows(), Audit.select().count()
    return render_template(
        "log.html", rows=rows, total=total, head=audit.head(), names=_names(rows), latest=LATEST, VERBS=VERBS,
        detail=detail,
        people=_choice(), member=request.args.get("lid", type=int), alert=request.args.get("bericht", type=int),
    )  # fmt: skip


def _choice() -> list[Member]:
    """Whom the log can be about, by name: nothing more of them is read."""
    return list(Member.select(Member.id, Member.name).order_by(Member.name).namedtuples())


def _rows() -> list[Audit]:
    query = Audit.select().order_by(Audit.id.desc())
    for word, kind in (("lid", "member"), ("bericht", "alert")):
        number = request.args.get(word, type=int)
        if number is not None:
            about = f"{kind} {number}"
            query = query.where((Audit.actor == about) | (Audit.subject == about))
    return list(query.limit(LATEST))


def _names(rows: list[Audit]) -> dict[str, str]:
    """What the persons and things in *rows* are called; who is not known any more stays a number."""
    found: dict[str, str] = {}
    for words in {words for row in rows for words in (row.actor, row.subject)}:
        if match := PERSON.fullmatch(words):
            table, name = PEOPLE[match[1]]
            row = table.select(name).where(table.id == int(match[2])).tuples().first()
            found |= {words: row[0] if row else f"{KINDS[match[1]]} {match[2]}"}
        else:
            kind, _space, number = words.partition(" ")
            found |= {words: f"{KINDS[kind]} {number}"} if kind in KINDS else {}
    return found


@bp.get("/nakijken")
def check() -> ResponseReturnValue:
    """Every seal is looked at, and the head from a paper when there is one."""
    written = request.args.get("slot", "").strip()
    try:
        known = audit.read_head(written) if written else None
    except BadHead as bad:
        return render_template("log_check.html", error=str(bad), written=written), 422
    return render_template(
        "log_check.html", broken=audit.first_broken(), total=Audit.select().count(), head=audit.head(),
        written=written, holds=known is None or audit.holds(known),
    )  # fmt: skip


@bp.post("/bestand")
def export() -> ResponseReturnValue:
    """All rows as a file, seals and all; that it was made is the last of them."""
    if not request.form.get("ja"):
        abort(400)
    with writing():
        audit.record(context.who(), "exported log", "", context.now())
    written = io.StringIO(newline="")
    table = csv.writer(written, delimiter=";")
    table.writerow((_("rij"), _("wanneer"), _("wie"), _("wat"), _("waarover"), _("bijzonderheid"), _("zegel")))
    for row in Audit.select().order_by(Audit.id):
        words = (row.actor, row.verb, row.subject, row.detail, row.seal)
        table.writerow((row.id, row.at.isoformat(), *map(members_csv.safe, words)))
    named = {"Content-Disposition": 'attachment; filename="logboek.csv"'}
    return Response(written.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=named)
