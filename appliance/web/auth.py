"""Logging in: Flask-Security with names instead of addresses, one error text, and a delay that grows.

docs/decisions/0001-log-in.md says why it is this library, and which of its parts stay off.
"""

import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, ClassVar

from flask import Flask, Response, after_this_request, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_security import (
    LoginForm,
    PeeweeUserDatastore,
    RoleMixin,
    Security,
    UserMixin,
    current_user,
    user_authenticated,
)
from flask_security.utils import validate_redirect_url
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from appliance import accounts
from appliance.models import Account, database
from appliance.store import writing
from appliance.web import context, throttle
from appliance.web.throttle import Tallies
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

PUBLIC = {"security.login", "static"}
DEVICE_COOKIE = "bin-toestel"
DEVICE_LIFE = timedelta(days=400)
KEY = "bin-kast-login"
ONE_TEXT = "Naam of wachtwoord klopt niet."
HASHES_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB, and the smallest box has 512

CONFIG: dict[str, object] = {
    "SECURITY_LOGIN_URL": "/aanmelden",
    "SECURITY_LOGOUT_URL": "/afmelden",
    "SECURITY_LOGIN_USER_TEMPLATE": "login.html",
    "SECURITY_POST_LOGOUT_VIEW": "/aanmelden",
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [],  # our form finds the account
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # plain Argon2id, which the command line makes as well
    "SECURITY_PASSWORD_SALT": "not used: single hash",
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_MSG_DISABLED_ACCOUNT": (ONE_TEXT, "error"),
}


class LoginAccount(UserMixin, Account):  # type: ignore[misc]
    """An Account as Flask-Security wants it. There are no roles: who may log in is a coordinator."""

    roles: ClassVar[list[RoleMixin]] = []  # type: ignore[misc]

    class Meta:
        table_name = "account"


class NameForm(LoginForm):
    """Name and password. However it fails, it fails with the same words after the same work."""

    email = None
    remember = None
    username = StringField(validators=[InputRequired(), Length(max=80)])
    password = PasswordField(validators=[InputRequired(), Length(max=accounts.LONGEST)])
    failure = ""

    def validate(self, **kwargs: Any) -> bool:
        """True when the account is open and the password right. Counts a failure otherwise."""
        if not validate_redirect_url(self.next.data):
            self.next.data = ""
        now, device = context.now(), known_device()
        found = accounts.by_name(self.username.data or "")
        self.ifield = self.username
        self.user = LoginAccount.get_by_id(found.id) if found else None
        keys = _keys(self.username.data or "", found, device)
        wait = waiting_time(keys, found, device, now)
        if wait:
            self.failure = failure_text(wait)
            return False
        with HASHES_AT_ONCE:
            passed = super().validate(**kwargs)
        if passed:
            session.clear()  # nothing that was in the cookie before log-in is in it afterwards
            _tallies().clear(keys[0])
            return True
        count_failure(keys, found, now)
        self.failure = failure_text(waiting_time(keys, found, device, now))
        return False


def _keys(name: str, found: Account | None, device: str | None) -> list[str]:
    """Whom a wrong password counts against: a device that logged in before, else the address; and an unknown name."""
    source = f"device {device}" if device else f"address {request.remote_addr}"
    return [source] if found else [source, f"name {name.strip().casefold()}"]


def waiting_time(keys: list[str], found: Account | None, device: str | None, now: datetime) -> timedelta:
    """How long until a password is looked at. A device that this account used before does not wait for strangers."""
    waits = [_tallies().pause(key, now) for key in keys]
    if found and not (device and device.startswith(f"{found.id}.")):
        waits.append(throttle.pause(found.failures, found.failed_at, now))
    return max(waits)


def count_failure(keys: list[str], found: Account | None, now: datetime) -> None:
    """One more wrong password, for the source and for the name."""
    for key in keys:
        _tallies().count(key, now)
    if found:
        with writing():
            Account.update(failures=Account.failures + 1, failed_at=now).where(Account.id == found.id).execute()
            found.failures, found.failed_at = found.failures + 1, now


def failure_text(wait: timedelta) -> str:
    """The one sentence for every failure."""
    if not wait:
        return _("Naam of wachtwoord klopt niet.")
    seconds = int(wait.total_seconds()) + 1
    return (
        _("Naam of wachtwoord klopt niet.")
        + " "
        + ngettext(
            "U kunt opnieuw proberen over %(num)d seconde.", "U kunt opnieuw proberen over %(num)d seconden.", seconds
        )
    )


def install(app: Flask, secret_key: str) -> None:
    """Only who has logged in gets past: every endpoint of *app* that is not named in PUBLIC or made so is closed."""
    app.extensions[KEY] = (Tallies(), URLSafeSerializer(secret_key, salt="device"))
    app.config["PUBLIC_ENDPOINTS"] = set(PUBLIC)
    Security(app, PeeweeUserDatastore(database, LoginAccount, None, None), login_form=NameForm)  # type: ignore[no-untyped-call]
    user_authenticated.connect(_logged_in, app)
    user_logged_out.connect(_logged_out, app)
    app.before_request(require_log_in)


def require_log_in() -> ResponseReturnValue | None:
    """A page for somebody unknown is the log-in form; what polls or posts is told so without a redirect to follow."""
    if request.endpoint in current_app.config["PUBLIC_ENDPOINTS"] or current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" and request.endpoint else "/"
    if request.headers.get("X-Poll"):
        return Response(status=401)
    return redirect(url_for("security.login", next=wanted))


def _tallies() -> Tallies:
    tallies: Tallies = current_app.extensions[KEY][0]
    return tallies


def _signer() -> URLSafeSerializer:
    signer: URLSafeSerializer = current_app.extensions[KEY][1]
    return signer


def known_device() -> str | None:
    """The mark of a browser that has logged in before, as "account.chance"; None for all others."""
    try:
        return str(_signer().loads(request.cookies.get(DEVICE_COOKIE, "")))
    except BadSignature:
        return None


def _logged_in(app: Flask, user: Account, **_more: object) -> None:
    """The session gets its end, the failures are forgotten, and this browser is known from now on."""
    session.permanent = True
    Account.update(failures=0, failed_at=None).where(Account.id == user.id).execute()
    mark = known_device()
    if mark is None or not mark.startswith(f"{user.id}."):
        mark = f"{user.id}.{secrets.token_hex(16)}"
    signed = _signer().dumps(mark)
    secure = bool(app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def _remember(response: Response) -> Response:
        response.set_cookie(
            DEVICE_COOKIE, str(signed), max_age=DEVICE_LIFE, httponly=True, samesite="Lax", secure=secure
        )
        return response


def _logged_out(_app: Flask, user: Account, **_more: object) -> None:
    """A cookie that somebody copied is dead too: the session is in the cookie, so all of this account's end."""
    with writing():
        account = Account.get_by_id(user.id)
        accounts.end_sessions(account)
        account.save()
    flash(_("U bent afgemeld, op al uw toestellen."))
