"""What is set on this box, who may change it, and where (S18): the file on the box first, then the page."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from appliance import chosen, papers
from appliance.chosen import BadChoice
from appliance.life import charter, in_force
from appliance.modes import Mode
from appliance.people import members
from appliance.people.members import Role
from appliance.web import context, reading, show
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("settings", __name__, url_prefix="/instellingen")


@bp.get("")
def index() -> ResponseReturnValue:
    """The settings in force, each with its name, and those that differ from the charter."""
    now, agreed, language = in_force.settings(context.the_bin()), charter.signed(), show.language()
    drifted = (
        {drift.setting: drift.signed for drift in charter.drift(charter.settings_of(agreed), now)} if agreed else {}
    )
    named = [(papers.word("setting", name, language), name, value) for name, value in now.items()]
    shown = [(title, _words(name, value), drifted.get(name)) for title, name, value in named]
    return render_template(
        "settings.html", open=left_open(), settings=shown, coordinators=members.with_role(Role.COORDINATOR),
        modems=reading.modems(),
    )  # fmt: skip


MODES = {
    Mode.ONE_LEVEL: lazy_gettext("dringend van de politie vertrekt meteen, u hoort het"),
    Mode.TWO_LEVEL: lazy_gettext("een coördinator beslist over wat de politie stuurt"),
    Mode.PYRAMID: lazy_gettext("een coördinator beslist, en elke straat hoort het na haar verantwoordelijke"),
}


def _words(name: str, value: str) -> str | list[str]:
    """*value* as people say it; several when it is a list."""
    if name == "retention_days":
        rules = [rule.rpartition(" ") for rule in value.split(", ")]
        return [f"{papers.word('retention', rule, show.language())}: {days}" for rule, _space, days in rules]
    if name == "mode":
        return str(MODES[Mode(value)])
    if name == "people":
        return _("handelaars en zelfstandigen")
    return show.LANGUAGES[value] if name == "language" else value


def left_open() -> list[str]:
    """Which settings the configuration file leaves to the page."""
    return [key for key in chosen.NAMES if key not in context.the_bin().settled]


@bp.get("/naam")
def network_form() -> ResponseReturnValue:
    """Name, language and police number, as they are."""
    bin_ = context.the_bin()
    return _network({key: getattr(bin_, key) for key in chosen.NAMES})


def _network(form: object, error: str = "") -> str:
    return render_template("network.html", form=form, error=error, open=left_open())


@bp.post("/naam")
def network() -> ResponseReturnValue:
    """In force at once on the page, and within a second for the texts."""
    try:
        context.choose(request.form, context.who())
    except BadChoice as bad:
        return _network(request.form, told(bad)), 422
    flash(_("Bewaard."), "good")
    return redirect(url_for(".index"))
