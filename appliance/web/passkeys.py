"""Logging in with a finger, a face or the PIN of a telephone (WebAuthn): nothing to remember, nothing to guess.

It needs TLS and the box's name, or "localhost": browsers offer it nowhere else. The person is always verified by the
device, so that a passkey alone is two proofs.
"""

from datetime import datetime, timedelta

import webauthn
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from appliance import audit
from appliance.models import Account, Passkey
from appliance.store import writing
from appliance.web import auth, context, guard, sessions
from appliance.web.words import gettext as _

bp = Blueprint("passkeys", __name__)

CHALLENGE = "challenge"
ANSWER_WITHIN = timedelta(minutes=5)
LONGEST_LABEL = 40


class Refused(Exception):
    """A passkey that opens nothing here."""


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
    has = [PublicKeyCredentialDescriptor(base64url_to_bytes(key.credential)) for key in of(current_user)]
    options = webauthn.generate_registration_options(
        rp_id=_rp(), rp_name=context.the_bin().name, user_name=current_user.username,
        user_id=f"account {current_user.id}".encode(), exclude_credentials=has,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    _remember(options.challenge)
    return Response(webauthn.options_to_json(options), mimetype="application/json")


@bp.post("/sleutel/nieuw")
def keep() -> ResponseReturnValue:
    """The new key is kept; 422 and nothing else when the answer is not what was asked for."""
    try:
        key = webauthn.verify_registration_response(
            credential=request.form.get("credential", ""), expected_challenge=_challenge(), expected_rp_id=_rp(),
            expected_origin=_origin(), require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, Refused, ValueError):
        return Response(status=422)
    label = " ".join(request.form.get("label", "").split())[:LONGEST_LABEL]
    device = sessions.device()
    with writing():
        Passkey.create(
            account=current_user.id, credential=bytes_to_base64url(key.credential_id), sign_count=key.sign_count,
            public_key=bytes_to_base64url(key.credential_public_key), created_at=context.now(),
            label=label or (device.label if device else ""),
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
    options = webauthn.generate_authentication_options(
        rp_id=_rp(), user_verification=UserVerificationRequirement.REQUIRED
    )
    _remember(options.challenge)
    return Response(webauthn.options_to_json(options), mimetype="application/json")


@bp.post("/sleutel")
def answer() -> ResponseReturnValue:
    """Logged in; or, for who is logged in already, proven once more. 422 and nothing else when the key is no good."""
    try:
        account = _verified(context.now())
        if sessions.alive() and account.id != current_user.id:
            raise Refused
    except (WebAuthnException, Refused, ValueError):
        return Response(status=422)
    if sessions.alive():
        sessions.prove()
    else:
        auth.log_in(account)
    return {"to": guard.own_page(request.form.get("next", ""))}


def _verified(now: datetime) -> Account:
    """The account whose key signed. Raises Refused or WebAuthnException."""
    given, challenge = request.form.get("credential", ""), _challenge()
    credential = webauthn.helpers.parse_authentication_credential_json(given)
    key = Passkey.get_or_none(Passkey.credential == bytes_to_base64url(credential.raw_id))
    if key is None or not key.account.active:
        raise Refused
    done = webauthn.verify_authentication_response(
        credential=credential, expected_challenge=challenge, expected_rp_id=_rp(), expected_origin=_origin(),
        credential_public_key=base64url_to_bytes(key.public_key), credential_current_sign_count=key.sign_count,
        require_user_verification=True,
    )  # fmt: skip
    with writing():
        Passkey.update(sign_count=done.new_sign_count, used_at=now).where(Passkey.id == key.id).execute()
    account: Account = key.account
    return account


def _remember(challenge: bytes) -> None:
    session[CHALLENGE] = [bytes_to_base64url(challenge), context.now().isoformat()]


def _challenge() -> bytes:
    """What this browser was asked to sign; good for one answer, within ANSWER_WITHIN. Raises Refused."""
    challenge, asked_at = session.pop(CHALLENGE, None) or ("", "")
    if not challenge or context.now() - datetime.fromisoformat(asked_at) > ANSWER_WITHIN:
        raise Refused
    return base64url_to_bytes(challenge)


def _rp() -> str:
    return request.host.rsplit(":", 1)[0]


def _origin() -> str:
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else "http"
    return f"{scheme}://{request.host}"
