"""Logging in by name and password, and out. However it fails, it fails with the same words after the same work."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access import accounts, second_proof
from appliance.models import Account
from appliance.web import auth, context, sessions
from appliance.web.guard import own_page
from appliance.web.words import gettext as _

bp = Blueprint("log_in", __name__)

LONGEST_NAME, LONGEST_CODE = 80, 40


@bp.get("/aanmelden")
def form() -> ResponseReturnValue:
    """Name, password and, for who has one, a code; who is in already goes on."""
    wanted = own_page(request.args.get("next"))
    return redirect(wanted) if sessions.alive() else _page(wanted)


@bp.post("/aanmelden")
def enter() -> ResponseReturnValue:
    """Logged in and on the page that was wanted; or one sentence for whatever failed."""
    wanted, now = own_page(request.form.get("next")), context.now()
    name = request.form.get("username", "")[:LONGEST_NAME]
    found, device = accounts.by_name(name), auth.known_device()
    keys = auth.keys_of(name, found, device)
    if wait := auth.attempt(keys, found, device, now):
        return _page(wanted, auth.failure_text(wait), name), 422
    proven = auth.is_password(found, request.form.get("password", ""))
    if not (found and proven and _may_enter(found, now)):
        return _page(wanted, auth.failure_text(auth.waiting_time(keys, found, device, now)), name), 422
    auth.forgive(keys, found)
    auth.log_in(found)
    return redirect(wanted)


def _may_enter(account: Account, now: datetime) -> bool:
    """Whether it is open, and the code is right when it needs one; that code is used up."""
    code = request.form.get("code", "")[:LONGEST_CODE]
    return bool(account.active) and second_proof.passes(account, code, now)


def _page(wanted: str, error: str = "", name: str = "") -> str:
    return render_template("login.html", next=wanted, error=error, name=name)


@bp.post("/afmelden")
def leave() -> ResponseReturnValue:
    """Nobody is logged in on this device."""
    auth.log_out()
    flash(_("U bent afgemeld op dit toestel."), "good")
    return redirect(url_for(".form"))
