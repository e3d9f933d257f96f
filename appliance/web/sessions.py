"""The cookie of this browser and the device that it stands for: signed out here or elsewhere, it is dead at once."""

from flask import g, request, session
from flask_login import current_user

from appliance.access import devices
from appliance.models import Account, Device
from appliance.web import context

COOKIE_KEY = "device"


def begin(account: Account) -> None:
    """The browser is a device of *account*, proven now."""
    session.permanent = True
    session[COOKIE_KEY] = devices.begin(account, request.user_agent.string, context.now())


def device() -> Device | None:
    """The device that asks, or None when nobody is logged in on it; read once per request."""
    if "device" not in g:
        token = session.get(COOKIE_KEY) if current_user.is_authenticated else None
        g.device = devices.find(token, current_user, context.now()) if isinstance(token, str) else None
    found: Device | None = g.device
    return found


def alive() -> bool:
    """Whether somebody is logged in on this device; a page that polls does not count as use of it."""
    found = device()
    if found is None:
        return False
    if not request.headers.get("X-Poll"):
        devices.seen(found, context.now())
    return True


def prove() -> None:
    """Whoever is logged in on this device has just proved who he is; the cookie is another one from now on."""
    found = device()
    assert found is not None
    session[COOKIE_KEY] = devices.prove(found, context.now())


def end(account: Account) -> None:
    """The browser is signed out."""
    token = session.pop(COOKIE_KEY, None)
    found = devices.find(token, account, context.now()) if isinstance(token, str) else None
    if found:
        devices.end(found.id, account, context.now())
