"""Who is logged in, the door that is closed to all others, and the delay that grows with each wrong password.

docs/decisions/0001-log-in.md says what is Flask-Login's here and what is ours.
"""

import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from flask import Flask, Response, after_this_request, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

from appliance.access import accounts
from appliance.models import Account
from appliance.store import writing
from appliance.web import api, sessions, throttle
from appliance.web.throttle import Tallies
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

PUBLIC = {
    "log_in.form", "log_in.enter", "static", "languages.choose", "passkeys.ask", "passkeys.answer", "recovery.form",
    "recovery.recover", "first_run.begin", "first_run.claim", "first_run.network", "first_run.name_network",
    "first_run.person", "first_run.enrol", "first_run.copy", "first_run.restore",
}  # fmt: skip
DEVICE_COOKIE = "bin-toestel"
DEVICE_LIFE = timedelta(days=400)
KEY = "bin-kast-login"
ONE_BY_ONE = Lock()
HASHES_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB, and the smallest box has 512


class LoginAccount(UserMixin, Account):  # type: ignore[misc]
    """An Account as Flask-Login wants it."""

    class Meta:
        table_name = "account"

    @property
    def is_active(self) -> bool:
        """Whether it may log in at all."""
        return bool(self.active)

    def get_id(self) -> str:
        """What its sessions hold: another one when the password changes, which ends them all."""
        return str(self.session_stamp)


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


def is_password(account: Account | None, password: str) -> bool:
    """Whether *password* is that of *account*; of nobody it is not, after the same work."""
    with HASHES_AT_ONCE:
        return accounts.is_password(account, password)


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
    manager = LoginManager(app)
    manager.session_protection = None  # an address changes on the way; a cookie that was copied: `sessions`
    manager.user_loader(_account)
    app.before_request(require_log_in)


def _account(stamp: str) -> LoginAccount | None:
    found: LoginAccount | None = LoginAccount.get_or_none(LoginAccount.session_stamp == stamp, LoginAccount.active)
    return found


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
    return redirect(url_for("log_in.form", next=wanted))


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
    """The browser is logged in as *account*, whatever proved it: the device is kept, and known from now on.

    Nothing that was in its cookie before stays.
    """
    session.clear()
    login_user(LoginAccount.get_by_id(account.id))
    sessions.begin(account)
    _mark_browser(account)


def _mark_browser(account: Account) -> None:
    mark = known_device()
    if mark is None or not mark.startswith(f"{account.id}."):
        mark = f"{account.id}.{secrets.token_hex(16)}"
    signed = _signer().dumps(mark)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def _remember(response: Response) -> Response:
        response.set_cookie(
            DEVICE_COOKIE, str(signed), max_age=DEVICE_LIFE, httponly=True, samesite="Lax", secure=secure
        )
        return response


def log_out() -> None:
    """Nobody is logged in here; a cookie that somebody copied is dead too: its token is in no table any more."""
    sessions.end(current_user)
    logout_user()
    session.clear()
