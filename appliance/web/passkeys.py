"""Logging in with a finger, a face or the PIN of a telephone (WebAuthn): nothing to remember, nothing to guess.

It needs TLS and the box's name, or "localhost": browsers offer it nowhere else. The person is always verified by the
device, so that a passkey alone is two proofs.
"""

from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import audit
from appliance.models import Account, Passkey
from appliance.store import writing
from appliance.web import auth, context, guard, sessions
from appliance.web.words import gettext as _

bp = Blueprint("passkeys", __name__)

CHALLENGE = "challenge"
ANSWER_WITHIN = timedelta(minutes=5)
LONGEST_LABEL = 40


def of(account: Account) -> list[Passkey]:
    """The keys of *account*, the oldest first."""
    return list(Passkey.select().where(Passkey.account == account.id).order_by(Passkey.id))


@bp.get("/sleutel/nieuw")
def new_form() -> ResponseReturnValue:
    """What will happen, and the button that asks the telephone."""
    return render_template("passkey.html")


@bp.post("/sleutel/nieuw/vraag")
def offer() -> ResponseReturnValue:
    """What the browser asks the telephone for: a key for this account that it does not have yet."""
    return _asked(_ceremonies().ask_for_new(_here(), context.the_bin().name, current_user, of(current_user)))


@bp.post("/sleutel/nieuw")
def keep() -> ResponseReturnValue:
    """The new key is kept; 422 and nothing else when the answer is not what was asked for."""
    try:
        key = _ceremonies().made(request.form.get("credential", ""), _challenge(), _here())
    except _ceremonies().Refused:
        return Response(status=422)
    label = " ".join(request.form.get("label", "").split())[:LONGEST_LABEL]
    device = sessions.device()
    with writing():
        Passkey.create(
            account=current_user.id, credential=key.credential, public_key=key.public_key, sign_count=key.sign_count,
            created_at=context.now(), label=label or (device.label if device else ""),
        )  # fmt: skip
        audit.record(current_user.username, "passkey made", f"account {current_user.id}", context.now())
    flash(_("Vanaf nu kunt u hier aanmelden met vingerafdruk, gezicht of schermcode."), "good")
    return {"to": url_for("access.index")}


@bp.post("/sleutel/vergeten/<int:id_>")
def forget(id_: int) -> ResponseReturnValue:
    """That key opens nothing any more."""
    with writing():
        if Passkey.delete().where((Passkey.id == id_) & (Passkey.account == current_user.id)).execute():
            audit.record(current_user.username, "passkey forgotten", f"account {current_user.id}", context.now())
    return redirect(url_for("access.index"))


@bp.post("/sleutel/vraag")
def ask() -> ResponseReturnValue:
    """What the browser asks the telephone for: any key of this box. No name is asked, so none is told."""
    return _asked(_ceremonies().ask_for_any(_here()))


@bp.post("/sleutel")
def answer() -> ResponseReturnValue:
    """Logged in; or, for who is logged in already, proven once more. 422 and nothing else when the key is no good."""
    try:
        account = _verified(context.now())
    except _ceremonies().Refused:
        return Response(status=422)
    if not sessions.alive():
        auth.log_in(account)
    elif account.id == current_user.id:
        sessions.prove()
    else:
        return Response(status=422)
    return {"to": guard.own_page(request.form.get("next", ""))}


def _verified(now: datetime) -> Account:
    """The account whose key signed. Raises Refused."""
    key, sign_count = _ceremonies().used(request.form.get("credential", ""), _challenge(), _here())
    with writing():
        Passkey.update(sign_count=sign_count, used_at=now).where(Passkey.id == key.id).execute()
    account: Account = key.account
    return account


def _ceremonies() -> ModuleType:
    """Loaded when the first passkey is made or used: most boxes never need it."""
    return import_module("appliance.web.ceremonies")


def _asked(question: Any) -> Response:
    """What the browser asks the device for; this browser's answer has to sign the challenge in it."""
    session[CHALLENGE] = [question.challenge, context.now().isoformat()]
    return Response(question.options, mimetype="application/json")


def _challenge() -> str:
    """What this browser was asked to sign, base64url; good for one answer, within ANSWER_WITHIN. Raises Refused."""
    challenge, asked_at = session.pop(CHALLENGE, None) or ("", "")
    if not challenge or context.now() - datetime.fromisoformat(asked_at) > ANSWER_WITHIN:
        raise _ceremonies().Refused
    return str(challenge)


def _here() -> Any:
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else "http"
    return _ceremonies().Here(request.host.rsplit(":", 1)[0], f"{scheme}://{request.host}")
