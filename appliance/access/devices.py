"""Browsers that are logged in: each can be signed out alone, and each knows when its person last proved who he is."""

import hashlib
import secrets
from datetime import datetime, timedelta

from appliance import audit
from appliance.models import Account, Device
from appliance.store import writing

LIFE = timedelta(days=30)  # for reading; what is done needs a fresher proof (web/proof.py)
SEEN_EVERY = timedelta(minutes=10)  # a page that polls must not write each time

# Words of our own for a browser's: what it says of itself is from outside, and long.
BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "OPR": "Opera", "Chrome": "Chrome", "Safari": "Safari"}
MACHINES = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac",
            "Linux": "Linux"}  # fmt: skip


def begin(account: Account, user_agent: str, now: datetime) -> str:
    """*account* is logged in on one more device, proven now; the token for its cookie. Old devices are cleared away."""
    token = secrets.token_urlsafe(32)
    with writing():
        Device.delete().where(Device.seen_at < now - LIFE).execute()
        device = Device.create(
            account=account.id, token=_hash(token), label=label(user_agent), created_at=now, seen_at=now, proven_at=now
        )
        audit.record(account.username, "logged in", f"device {device.id}", now)
    return token


def find(token: str, account: Account, now: datetime) -> Device | None:
    """The device of *account* with this *token*, when it was not signed out and was used within LIFE."""
    found: Device | None = Device.get_or_none((Device.token == _hash(token)) & (Device.account == account.id))
    return found if found and now - found.seen_at <= LIFE else None


def seen(device: Device, now: datetime) -> None:
    """*device* was used, to SEEN_EVERY."""
    if now - device.seen_at >= SEEN_EVERY:
        with writing():
            Device.update(seen_at=now).where(Device.id == device.id).execute()


def prove(device: Device, now: datetime) -> str:
    """The person at *device* has just proved who he is; its new token, the old one is dead."""
    token = secrets.token_urlsafe(32)
    with writing():
        Device.update(token=_hash(token), proven_at=now, seen_at=now).where(Device.id == device.id).execute()
    return token


def end(device_id: int, account: Account, now: datetime) -> None:
    """That device of *account* is signed out, at its next request; nothing happens when it is gone already."""
    with writing():
        if Device.delete().where((Device.id == device_id) & (Device.account == account.id)).execute():
            audit.record(account.username, "signed out", f"device {device_id}", now)


def of(account: Account) -> list[Device]:
    """The devices of *account*, the last used one first."""
    return list(Device.select().where(Device.account == account.id).order_by(Device.seen_at.desc(), Device.id.desc()))


def label(user_agent: str) -> str:
    """What kind of browser it is, in a word or two of ours; empty when it is none that we know. Pure."""
    browser = next((name for word, name in BROWSERS.items() if word in user_agent), "")
    machine = next((name for word, name in MACHINES.items() if word in user_agent), "")
    return ", ".join(word for word in (browser, machine) if word)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
