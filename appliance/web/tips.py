"""The library of tips: choose one, and it is in the form, to be read over, changed, sent or planned (R6)."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import lang, tips
from appliance.alerts import MessageClass
from appliance.life import diary
from appliance.roles import Act
from appliance.web import compose, context, rights

bp = Blueprint("tips", __name__, url_prefix="/tips")


@bp.get("")
def index() -> ResponseReturnValue:
    """All of them in the language that was asked for, else that of the box; what fits this month is first."""
    language, month = _language(), context.the_bin().local(context.now()).month
    theme = diary.themes().get(month)
    return render_template("tips.html", tips=tips.known(language, month), month=month, spoken=language, theme=theme)


@bp.post("/<name>")
def use(name: str) -> ResponseReturnValue:
    """It is what this browser writes, or what is proposed; nothing has left yet."""
    language = _language()
    tip = tips.named(name, language) or abort(404)
    if not rights.may(Act.DECIDE):
        return redirect(url_for("propose.form", tip=name, taal=language))
    compose.begin(MessageClass.PREVENTIVE, tip.text)
    return redirect(url_for("compose.write"))


def _language() -> str:
    asked = request.values.get("taal", context.the_bin().language)
    return asked if asked in lang.LANGUAGES else abort(404)
