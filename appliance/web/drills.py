"""Drills: a test that really leaves, and a dry drill of which nothing does. Neither looks like the real thing."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from appliance import audit, lint
from appliance.alerts import MessageClass, Source
from appliance.life import drills
from appliance.models import Alert
from appliance.segments import BadText
from appliance.store import writing
from appliance.web import compose, context, outlook
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("drills", __name__, url_prefix="/oefening")

LATEST = 6  # tests in the table
DRY = "dry drill"  # of this browser: its text, until it ends
LONGEST = 600  # characters: it travels in the session cookie, beside the rest


@bp.get("")
def index() -> ResponseReturnValue:
    """Three kinds of drill, how the last tests went, and whom somebody should visit."""
    return render_template(
        "drills.html", held=drills.held()[: LATEST + 1], latest=LATEST, silent=drills.silent(), row=drills.IN_A_ROW
    )


@bp.post("/test")
def test() -> ResponseReturnValue:
    """A ready test on the check page, for everybody; nothing has left yet."""
    compose.begin(MessageClass.TEST, _("Dit is een proef van het BIN. U hoeft niets te doen."))
    return redirect(url_for("compose.check"))


@bp.get("/droog")
def dry() -> ResponseReturnValue:
    """A police text that nobody wrote, to judge as in earnest."""
    return render_template("drill_judge.html", text=session.get(DRY) or _example())


def _example() -> str:
    return _("Inbraak bezig Kerkstraat, grijze bestelwagen. Blijf binnen en bel 101 als u iets ziet.")


@bp.post("/droog")
def dry_text() -> ResponseReturnValue:
    """On to the check page; a text that could not be sent is refused as in earnest."""
    session[DRY] = " ".join(request.form.get("text", "").split())[:LONGEST] or _example()
    return redirect(url_for(".dry_check"))


@bp.get("/droog/nakijken")
def dry_check() -> ResponseReturnValue:
    """What the members would get, and how many they would be."""
    alert = _alert(session.get(DRY) or _example())
    try:
        seen = outlook.of(alert, context.now(), context.the_bin())
    except BadText as bad:
        flash(told(bad), "bad")
        return redirect(url_for(".dry"))
    remarks = lint.warnings(alert.text, typed_by_hand=False, language=context.the_bin().language)
    return render_template("drill_check.html", alert=alert, outlook=seen, remarks=remarks)


@bp.post("/droog/einde")
def dry_end() -> ResponseReturnValue:
    """The drill is over, and in the log; nothing was made that could leave."""
    session.pop(DRY, None)
    with writing():
        audit.record(context.who(), "dry drill", "", context.now())
    return redirect(url_for(".dry_ended"))


@bp.get("/droog/einde")
def dry_ended() -> ResponseReturnValue:
    """Nothing was sent; how many would have heard it."""
    people = outlook.of(_alert(_example()), context.now(), context.the_bin()).recipients
    return render_template("drill_end.html", people=people)


def _alert(text: str) -> Alert:
    """*text*, as if a police contact had written and proved it; it is in no store, and never will be."""
    alert = outlook.draft(MessageClass.URGENT, text, context.who(), context.now())
    alert.source, alert.verified = Source.POLICE, True
    return alert
