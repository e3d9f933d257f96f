"""Everything that is not asked for every day, in plain words; help for whoever stands before the box (S21)."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("more", __name__)


@bp.get("/meer")
def index() -> ResponseReturnValue:
    """The way to each page."""
    return render_template("more.html")


@bp.get("/hulp")
def help_() -> ResponseReturnValue:
    """What the lamp says, what the button does, what to do when it is red."""
    return render_template("help.html")
