"""Numbers that said STOP, as marks: enough to honour the refusal, and no list of numbers (GDPR art. 17).

A mark is an HMAC-SHA256 with a salt of its own. Whoever has the database can still try out every number that exists:
it keeps a list from bringing somebody back, and keeps honest people from reading who left; it is no encryption.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from appliance.models import Member, Refusal

SALT_OCTETS = 16


def remember(number: str, now: datetime) -> None:
    """*number* (E.164) has refused. Call it inside `writing()`."""
    if not holds(number):
        salt = secrets.token_hex(SALT_OCTETS)
        Refusal.create(salt=salt, mark=_mark(salt, number), at=now)


def holds(number: str) -> bool:
    """Whether *number* (E.164) has refused and has not come back since."""
    return bool(_found(number))


def forget(number: str) -> None:
    """*number* (E.164) asked to be told again. Call it inside `writing()`."""
    for row in _found(number):
        row.delete_instance()


def still_enrolled() -> list[Member]:
    """Who has refused and is a member all the same: a restored backup may bring them back."""
    return [member for member in Member.select().where(Member.state != "left") if holds(member.number)]


def _found(number: str) -> list[Refusal]:
    """More than one when the marks of two databases came together."""
    return [row for row in Refusal.select() if hmac.compare_digest(row.mark, _mark(row.salt, number))]


def _mark(salt: str, number: str) -> str:
    return hmac.digest(bytes.fromhex(salt), number.encode(), hashlib.sha256).hex()
