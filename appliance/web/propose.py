"""The core group proposes a preventive text; a coordinator reads it over and sends it, or not."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import tips
from appliance.alerts import proposals
from appliance.alerts.proposals import TooMany
from appliance.segments import BadText
from appliance.web import context, show
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("propose", __name__, url_prefix="/voorstel")


@bp.get("")
def form() -> ResponseReturnValue:
    """A form, with the tip that was chosen in it, and what became of earlier proposals."""
    language = request.args.get("taal", context.the_bin().language)
    tip = tips.named(request.args.get("tip", ""), language) if language in show.LANGUAGES else None
    return _form(tip.text if tip else "")


def _form(text: str, error: str = "") -> str:
    return render_template(
        "propose.html", text=text, error=error, mine=proposals.of(context.who()), longest=proposals.LONGEST
    )


@bp.post("")
def send() -> ResponseReturnValue:
    """It waits for a coordinator. Pressed twice it is one."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if len(text) > proposals.LONGEST:
        return _form(text, _("De tekst is te lang.")), 422
    try:
        proposals.propose(text, context.who(), context.now(), context.the_bin())
    except (BadText, TooMany) as bad:
        return _form(text, told(bad)), 422
    flash(_("Voorgesteld. Een coördinator leest het na en beslist."), "good")
    return redirect(url_for(".form"))
