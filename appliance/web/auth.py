"""Logging in: Flask-Security with names instead of addresses, one error text, and a delay that grows.

docs/decisions/0001-log-in.md says why it is this library, and which of its parts stay off.
"""

import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
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
    login_user,
    user_authenticated,
)
from flask_security.utils import verify_password
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from appliance.access import accounts, second_proof
from appliance.models import Account, database
from appliance.store import writing
from appliance.web import api, context, guard, sessions, throttle
from appliance.web.throttle import Tallies
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

PUBLIC = {
    "security.login", "static", "languages.choose", "passkeys.ask", "passkeys.answer", "recovery.form",
    "recovery.recover", "first_run.begin", "first_run.claim", "first_run.network", "first_run.name_network",
    "first_run.person", "first_run.enrol", "first_run.copy", "first_run.restore",
}  # fmt: skip
DEVICE_COOKIE = "bin-toestel"
DEVICE_LIFE = timedelta(days=400)
KEY = "bin-kast-login"
ONE_BY_ONE = Lock()
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
    "SECURITY_FRESHNESS": timedelta(-1),  # ours is web/proof.py; the library's page for it stays away
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_MSG_DISABLED_ACCOUNT": ("", "error"),  # the template shows one sentence whatever failed
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
    code = StringField(validators=[Length(max=40)])  # of an app or a recovery sheet; most people have none
    failure = ""

    def validate(self, **kwargs: Any) -> bool:
        """True when account, password and, if it needs one, code are right. Counts a failure otherwise."""
        self.next.data = guard.own_page(self.next.data)
        now, device = context.now(), known_device()
        found = accounts.by_name(self.username.data or "")
        self.ifield = self.username
        self.user = LoginAccount.get_by_id(found.id) if found else None
        keys = keys_of(self.username.data or "", found, device)
        wait = attempt(keys, found, device, now)
        if wait:
            self.failure = failure_text(wait)
            return False
        with HASHES_AT_ONCE:
            passed = super().validate(**kwargs)
        if passed and self.user and second_proof.passes(self.user, self.code.data or "", now):
            session.clear()  # nothing that was in the cookie before log-in is in it afterwards
            forgive(keys, found)
            return True
        self.failure = failure_text(waiting_time(keys, found, device, now))
        return False


def keys_of(name: str, found: Account | None, device: str | None) -> list[str]:
    """Whom a wrong password counts against: a device that logged in before, else the address; and an unknown name."""
    source = f"device {device}" if device else f"address {request.remote_addr}"
    return [source] if found else [source, f"name {name.strip().casefold()}"]


def waiting_time(keys: list[str], found: Account | None, device: str | None, now: datetime) -> timedelta:
    """How long until a password is looked at. A device that this account used before does not wait for strangers."""
    waits = [_tallies().pause(key, now) for key in keys]
    if found and not (device and device.startswith(f"{found.id}.")):
        fresh = Account.get_by_id(found.id)  # others guess meanwhile
        waits.append(throttle.pause(fresh.failures, fresh.failed_at, now))
    return max(waits)


def attempt(keys: list[str], found: Account | None, device: str | None, now: datetime) -> timedelta:
    """How long to wait; zero: this try is looked at, and counts as a wrong one until `forgive`.

    Counted before it is looked at, and one by one: of guesses that come at the same moment none is free.
    """
    with ONE_BY_ONE:
        wait = waiting_time(keys, found, device, now)
        if not wait:
            _count_failure(keys, found, now)
    return wait


def _count_failure(keys: list[str], found: Account | None, now: datetime) -> None:
    """One more wrong password, for the source and for the name; a name that somebody has is forgiven as soon as others.

    Else the wait would tell, hours later, which names there are.
    """
    for key in keys:
        _tallies().count(key, now)
    if found:
        with writing():
            before = Account.get_by_id(found.id)
            found.failures, found.failed_at = throttle.more(before.failures, before.failed_at, now), now
            Account.update(failures=found.failures, failed_at=now).where(Account.id == found.id).execute()


def forgive(keys: list[str], found: Account | None) -> None:
    """The right proof came: the source begins anew, and so does the name."""
    _tallies().clear(keys[0])
    if found:
        with writing():
            Account.update(failures=0, failed_at=None).where(Account.id == found.id).execute()


def is_password(account: Account, password: str) -> bool:
    """Whether *password* is that of *account*."""
    with HASHES_AT_ONCE:
        return bool(verify_password(password[: accounts.LONGEST], account.password))


def failure_text(wait: timedelta, what: str = "") -> str:
    """The one sentence for every failure."""
    said = what or _("Naam, wachtwoord of code klopt niet.")
    if not wait:
        return said
    seconds = int(wait.total_seconds()) + 1
    again = ngettext(
        "U kunt opnieuw proberen over %(num)d seconde.", "U kunt opnieuw proberen over %(num)d seconden.", seconds
    )
    return f"{said} {again}"


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
    if api.asked() or request.endpoint == "static" or sessions.alive():
        return None
    if current_user.is_authenticated:
        session.clear()  # a device that was signed out: the library would still take its cookie
    elif request.endpoint in current_app.config["PUBLIC_ENDPOINTS"]:
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


def log_in(account: Account) -> None:
    """The browser is logged in as *account*, whatever proved it; nothing that was in its cookie before stays."""
    session.clear()
    login_user(LoginAccount.get_by_id(account.id), authn_via=["ours"])


def _logged_in(app: Flask, user: Account, **_more: object) -> None:
    """The device is kept, and this browser is known from now on."""
    sessions.begin(user)
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
    """A cookie that somebody copied is dead too: its token is in no table any more."""
    sessions.end(user)
    flash(_("U bent afgemeld op dit toestel."), "good")
