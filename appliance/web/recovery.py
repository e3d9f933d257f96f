"""Nobody is kept out for ever: a line of the printed recovery sheet sets a new password."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access import accounts, second_proof
from appliance.access.accounts import BadPassword
from appliance.models import Account
from appliance.store import writing
from appliance.web import auth, context
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("recovery", __name__)

LONGEST_NAME = 80


@bp.get("/herstel")
def form() -> ResponseReturnValue:
    """Name, one code of the sheet, a new password."""
    return render_template("recovery.html", name="")


@bp.post("/herstel")
def recover() -> ResponseReturnValue:
    """Logged in with the new password; or one sentence for whatever failed, slowed down as logging in is."""
    name, password, now = (
        request.form.get("username", "")[:LONGEST_NAME],
        request.form.get("password", ""),
        context.now(),
    )
    found, device = accounts.by_name(name), auth.known_device()
    keys = auth.keys_of(name, found, device)
    try:
        accounts.checked(password, name)
    except BadPassword as bad:
        return _again(name, told(bad))
    wait = auth.attempt(keys, found, device, now)
    if wait:
        return _again(name, auth.failure_text(wait, _failed()))
    if not (found and found.active and _recovered(found, request.form.get("code", ""), password)):
        return _again(name, auth.failure_text(auth.waiting_time(keys, found, device, now), _failed()))
    auth.forgive(keys, found)
    auth.log_in(found)
    return redirect(url_for("access.index"))


def _recovered(account: Account, code: str, password: str) -> bool:
    """The code is used up and the password is set, or neither."""
    now = context.now()
    with writing():
        good = second_proof.use_recovery_code(account, code, now)
        if good:
            accounts.set_password(account, password, now, account.username)
    return good


def _failed() -> str:
    return _("Naam of herstelcode klopt niet.")


def _again(name: str, error: str) -> ResponseReturnValue:
    return render_template("recovery.html", name=name, error=error), 422
