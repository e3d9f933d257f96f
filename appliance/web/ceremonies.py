"""What a browser is asked for and what it answers when a passkey is made or used (WebAuthn: the two ceremonies).

A module of its own, for the library behind it is the largest that the page has, and most boxes never see a passkey: it
is imported when the first one is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from appliance.models import Account, Passkey


class Refused(Exception):
    """A passkey that opens nothing here."""


@dataclass(frozen=True)
class Question:
    """For the browser, as JSON; and the challenge in it, base64url, which the answer has to sign."""

    options: str
    challenge: str


@dataclass(frozen=True)
class Here:
    """Who asks: *rp* is the name of the box, *origin* with its scheme in front."""

    rp: str
    origin: str


@dataclass(frozen=True)
class NewKey:
    """What is kept of a passkey; octets as base64url."""

    credential: str
    public_key: str
    sign_count: int


def ask_for_new(here: Here, bin_name: str, account: Account, has: Iterable[Passkey]) -> Question:
    """A key for *account* that its device does not have yet."""
    options = webauthn.generate_registration_options(
        rp_id=here.rp, rp_name=bin_name, user_name=account.username, user_id=f"account {account.id}".encode(),
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(key.credential)) for key in has],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def made(answer: str, challenge: str, here: Here) -> NewKey:
    """The key that a device made for *challenge*. Raises Refused when the answer is not what was asked for."""
    try:
        key = webauthn.verify_registration_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=here.rp,
            expected_origin=here.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError) as error:
        raise Refused from error
    return NewKey(bytes_to_base64url(key.credential_id), bytes_to_base64url(key.credential_public_key), key.sign_count)


def ask_for_any(here: Here) -> Question:
    """Any key of this box: no name is asked, so none is told."""
    options = webauthn.generate_authentication_options(
        rp_id=here.rp, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def used(answer: str, challenge: str, here: Here) -> tuple[Passkey, int]:
    """The key that signed *challenge*, and how often it says that it signed. Raises Refused."""
    try:
        credential = webauthn.helpers.parse_authentication_credential_json(answer)
        key: Passkey | None = Passkey.get_or_none(Passkey.credential == bytes_to_base64url(credential.raw_id))
        if key is None or not key.account.active:
            raise Refused
        done = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=here.rp,
            expected_origin=here.origin, credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError) as error:
        raise Refused from error
    return key, done.new_sign_count
