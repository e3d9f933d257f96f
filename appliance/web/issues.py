"""Problems inside the network: noted, changed, solved. For coordinators only."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.life import issues
from appliance.life.issues import BadIssue
from appliance.models import Issue
from appliance.upkeep import retention
from appliance.web import context
from appliance.web.words import told

bp = Blueprint("issues", __name__, url_prefix="/buurt/problemen")


@bp.get("")
def index() -> ResponseReturnValue:
    """What is being solved, and until when each note is kept."""
    return _page()


def _page(error: str = "", changing: int = 0) -> str:
    """*changing*: of which note the words in the form are; 0 is a new one."""
    kept = [(issue, issue.changed_at + retention.FREE_TEXT) for issue in issues.known()]
    written = request.form.get("text", "")
    return render_template(
        "issues.html", issues=kept, longest=issues.LONGEST, written=written, changing=changing, error=error
    )


@bp.post("")
def note() -> ResponseReturnValue:
    """A problem is written down, or the page says why that cannot be."""
    try:
        issues.note(request.form.get("text", ""), context.now(), context.who())
    except BadIssue as bad:
        return _page(told(bad)), 422
    return redirect(url_for(".index"))


@bp.post("/<int:id_>")
def change(id_: int) -> ResponseReturnValue:
    """It says something else from now on."""
    try:
        issues.change(_issue_or_404(id_), request.form.get("text", ""), context.now(), context.who())
    except BadIssue as bad:
        return _page(told(bad), id_), 422
    return redirect(url_for(".index"))


@bp.post("/<int:id_>/opgelost")
def solve(id_: int) -> ResponseReturnValue:
    """It is gone."""
    issues.solve(_issue_or_404(id_), context.now(), context.who())
    return redirect(url_for(".index"))


def _issue_or_404(id_: int) -> Issue:
    return Issue.get_or_none(Issue.id == id_) or abort(404)
