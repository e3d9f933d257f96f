"""Police contacts: who may text the box, how many codes they have left, a new card or secret shown once (S13)."""

import secrets

import segno
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import codes, police
from appliance.models import PoliceContact
from appliance.people import members, reachable
from appliance.people.members import BadMember
from appliance.people.reachable import BadHours, Duty
from appliance.phone import BadNumber
from appliance.police import AlreadyContact, Method
from appliance.roles import POLICE, Part
from appliance.web import context
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("police", __name__, url_prefix="/politie")

FEW = 10  # codes left: time for a new card


@bp.get("")
def index() -> ResponseReturnValue:
    """Everybody of the police whom the box believes."""
    contacts = list(PoliceContact.select().where(PoliceContact.revoked_at.is_null()).order_by(PoliceContact.name))
    left = {contact.id: police.codes_left(contact) for contact in contacts}
    return render_template(
        "police.html", contacts=contacts, left=left, few=FEW, parts=_parts(), duties=_duties(),
        officer=reachable.officer(),
    )  # fmt: skip


def _duties() -> dict[str, str]:
    return {Duty.OFFICER: _("aanspreekpunt van dit BIN"), Duty.FALLBACK: _("BIN-verantwoordelijke van de zone")}


def _parts() -> dict[str, str]:
    return {Part.MANDATED: _("gemandateerd: schrijft dringende berichten"),
            Part.NEIGHBOURHOOD: _("wijkagent: schrijft preventieve berichten"),
            Part.DESK: _("101-centrale of onthaal")}  # fmt: skip


@bp.get("/nieuw")
def add_form() -> ResponseReturnValue:
    """An empty form."""
    return _form()


def _form(error: str = "") -> str:
    return render_template("police_add.html", form=request.form, parts=_parts(), error=error)


@bp.post("/nieuw")
def add() -> ResponseReturnValue:
    """A contact, and what proves him, shown once: there is no redirect."""
    form = request.form
    method = Method(form["method"]) if form.get("method") in list(Method) else abort(400)
    part = Part(form["role"]) if form.get("role") in POLICE else abort(400)
    try:
        name = members.checked(form.get("name", ""), "", "")["name"]
        contact = police.add(
            name, form.get("number", ""), method, context.now(), context.who(), secrets.token_bytes, part
        )
    except AlreadyContact:
        return _form(
            _("Dit nummer is al van een politiecontact. Maak daar een nieuwe kaart, of trek het eerst in.")
        ), 422
    except (BadMember, BadNumber) as bad:
        return _form(told(bad)), 422
    return _proof_of(contact)


def _valid_or_404(id_: int) -> PoliceContact:
    found: PoliceContact | None = PoliceContact.get_or_none(
        (PoliceContact.id == id_) & PoliceContact.revoked_at.is_null()
    )
    return found or abort(404)


@bp.get("/<int:id_>/vernieuwen")
def renew_form(id_: int) -> ResponseReturnValue:
    """What happens to the old card, before it does."""
    return render_template("police_sure.html", contact=_valid_or_404(id_), act="renew")


@bp.post("/<int:id_>/vernieuwen")
def renew(id_: int) -> ResponseReturnValue:
    """A new card or secret, shown once; the old one is void from now on."""
    contact = _valid_or_404(id_)
    police.new_secret(contact, context.now(), context.who(), secrets.token_bytes)
    return _proof_of(contact)


@bp.get("/<int:id_>/intrekken")
def revoke_form(id_: int) -> ResponseReturnValue:
    """What revoking means, before it happens."""
    return render_template("police_sure.html", contact=_valid_or_404(id_), act="revoke")


@bp.post("/<int:id_>/intrekken")
def revoke(id_: int) -> ResponseReturnValue:
    """Believed no more, whatever code comes."""
    contact = _valid_or_404(id_)
    police.revoke(contact, context.now(), context.who())
    flash(_("%(name)s is ingetrokken. Codes van dat nummer gelden niet meer.", name=contact.name), "good")
    return redirect(url_for(".index"))


@bp.get("/<int:id_>/bekend")
def known_form(id_: int) -> ResponseReturnValue:
    """As what members know this contact, and where they may ring."""
    return _known(_valid_or_404(id_))


def _known(contact: PoliceContact, error: str = "") -> str:
    return render_template(
        "police_known.html", contact=contact, duties=_duties(), form=request.form or contact.__data__, error=error
    )


@bp.post("/<int:id_>/bekend")
def known(id_: int) -> ResponseReturnValue:
    """Members who ask hear of this contact, with number and hours; or of him no more."""
    contact, form = _valid_or_404(id_), request.form
    duty = form.get("duty", "")
    if duty not in ("", *Duty):
        abort(400)
    try:
        if duty:
            number, hours = form.get("public_phone", ""), form.get("hours", "")
            reachable.appoint(contact, Duty(duty), number, hours, context.now(), context.who())
        else:
            reachable.relieve(contact, context.now(), context.who())
    except (BadHours, BadNumber) as bad:
        return _known(contact, told(bad)), 422
    flash(_("Bewaard."), "good")
    return redirect(url_for(".index"))


def _proof_of(contact: PoliceContact) -> str:
    """A sheet with fifty codes, or the secret for an app as a picture; it is in no store that shows it again."""
    threat = police.threat_text(contact, context.the_bin().language)
    if contact.method == Method.CARD:
        rows = codes.card(contact.secret, 0, police.CARD_CODES)
        return render_template(
            "print/codekaart.html", contact=contact, rows=rows, back=url_for(".index"), pdf="", threat=threat
        )
    address = codes.app_address(contact.secret, contact.name, context.the_bin().name)
    picture = segno.make(address).svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    return render_template("police_app.html", contact=contact, picture=picture, threat=threat)
