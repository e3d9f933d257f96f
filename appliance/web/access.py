"""My access: how I prove who I am, and where I am logged in."""

import secrets

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import codes
from appliance.access import accounts, devices, second_proof
from appliance.access.accounts import BadPassword
from appliance.access.second_proof import WrongCode
from appliance.models import Account
from appliance.web import auth, context, passkeys, sessions
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("access", __name__, url_prefix="/toegang")

NEW_APP = "new app"


def me() -> Account:
    """Who is logged in, as the store has it now."""
    account: Account = Account.get_by_id(current_user.id)
    return account


@bp.get("")
def index() -> ResponseReturnValue:
    """Password, passkeys, app, sheet and devices on one page."""
    mine = me()
    return render_template(
        "access.html", account=mine, devices=devices.of(mine), this=sessions.device(), passkeys=passkeys.of(mine),
        codes_left=second_proof.codes_left(mine),
    )  # fmt: skip


@bp.post("/toestel/<int:id_>/afmelden")
def sign_out(id_: int) -> ResponseReturnValue:
    """That device is signed out; when it is this one, the next page is the log-in form."""
    devices.end(id_, me(), context.now())
    flash(_("Dat toestel is afgemeld."), "good")
    return redirect(url_for(".index"))


@bp.get("/wachtwoord")
def password_form() -> ResponseReturnValue:
    """An empty form, with a password that is hard to guess as a suggestion."""
    return render_template("password.html", suggested=accounts.draw_password())


@bp.post("/wachtwoord")
def password() -> ResponseReturnValue:
    """The new password holds, and only this browser is still logged in."""
    mine = me()
    try:
        accounts.set_password(mine, request.form.get("password", ""), context.now(), mine.username)
    except BadPassword as bad:
        return render_template("password.html", suggested=accounts.draw_password(), error=told(bad)), 422
    auth.log_in(mine)
    flash(_("Uw nieuwe wachtwoord geldt. Al uw andere toestellen zijn afgemeld."), "good")
    return redirect(url_for(".index"))


@bp.get("/app")
def app_form() -> ResponseReturnValue:
    """A secret to scan; it means nothing until the first code of it was typed."""
    secret = session.setdefault(NEW_APP, codes.new_secret(secrets.token_bytes))
    return _app_page(secret)


def _app_page(secret: str, error: str = "") -> str:
    address = codes.app_address(secret, current_user.username, context.the_bin().name)
    picture = segno.make(address).svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    return render_template("app.html", secret=secret, picture=picture, error=error)


@bp.post("/app")
def app() -> ResponseReturnValue:
    """The app counts from now on, once it has shown the right code."""
    secret, mine = session.get(NEW_APP), me()
    if not secret:
        return redirect(url_for(".app_form"))
    try:
        second_proof.turn_on_app(mine, secret, request.form.get("code", ""), context.now(), mine.username)
    except WrongCode:
        return _app_page(secret, _("Die code klopt niet. Typ de zes cijfers die de app nu toont.")), 422
    session.pop(NEW_APP)
    flash(_("Vanaf nu vraagt aanmelden ook een code van de app."), "good")
    return redirect(url_for(".index"))


@bp.post("/app/uit")
def app_off() -> ResponseReturnValue:
    """Name and password are enough again."""
    second_proof.turn_off_app(me(), context.now(), current_user.username)
    flash(_("De app is niet meer nodig om aan te melden."), "good")
    return redirect(url_for(".index"))


@bp.get("/herstelblad")
def sheet_form() -> ResponseReturnValue:
    """What a recovery sheet is, and the button that makes one."""
    return render_template("sheet.html", lines=(), codes_left=second_proof.codes_left(me()))


@bp.post("/herstelblad")
def sheet() -> ResponseReturnValue:
    """A new sheet, shown once. No redirect: its codes are in no store, no cookie and no cache."""
    lines = second_proof.new_recovery_codes(me(), context.now(), current_user.username)
    return render_template("sheet.html", lines=lines, codes_left=len(lines))
