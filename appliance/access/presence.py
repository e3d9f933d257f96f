"""Proof that somebody stands at the box: its button, or a code that its terminal printed.

It opens the first-run pages and nothing else, and only as long as nobody can log in: no default password exists.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from appliance.access import LETTERS
from appliance.models import Account, Presence
from appliance.plain import PlainError
from appliance.store import writing

WINDOW = timedelta(minutes=10)
LETTERS_DRAWN = 8  # of 31: 39 bits, for ten minutes


class NotNeeded(PlainError):
    """Somebody can log in already; `str()` says what to do instead."""


def wanted() -> bool:
    """Whether this box still has nobody who can log in."""
    return not Account.select().exists()


def pressed(now: datetime) -> None:
    """The button was pressed briefly. Nothing is written once somebody can log in."""
    if wanted():
        with writing():
            Presence.create(at=now)


def new_code(now: datetime) -> str:
    """A code to print at the terminal. Raises NotNeeded."""
    if not wanted():
        raise NotNeeded("Er kan al iemand aanmelden. Een nieuw wachtwoord maakt u met: appliance coordinators add")
    code = "".join(secrets.choice(LETTERS) for _ in range(LETTERS_DRAWN))
    with writing():
        Presence.create(hashed=_hash(code), at=now)
    return code


def claim(now: datetime, code: str = "") -> bool:
    """Whether somebody pressed the button, or read *code* at the terminal, within WINDOW; it counts for one."""
    right = Presence.hashed == (_hash(code) if code else "")
    fresh = right & Presence.used_at.is_null() & (Presence.at > now - WINDOW) & (Presence.at <= now)
    with writing():
        found = Presence.select().where(fresh).order_by(Presence.id.desc()).first()
        if found:
            Presence.update(used_at=now).where(fresh).execute()
    return found is not None


def _hash(code: str) -> str:
    tidy = "".join(character for character in code.casefold() if character.isalnum())
    return hashlib.sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()
