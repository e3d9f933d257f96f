"""Whether a police text is really its sender's: number, one-time code and the time it was sent. Pure.

The number alone proves nothing; a code proves it once. Whoever guesses is slowed down and never locks the real
officer out: while wrong codes come in, a right one is believed once the registered phone has repeated a number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from appliance import codes

CARD_CODES = 50
OLDEST_TEXT = timedelta(minutes=30)  # a code that travelled longer is not believed (domain section 6)
CLOCK_SLACK = timedelta(minutes=10)  # how far the service centre's clock may run ahead of ours
PROOF_TRIES = 3


class Method(StrEnum):
    """How a contact proves to be the writer."""

    CARD = "card"  # numbered one-time codes on paper, RFC 4226
    TOTP = "totp"  # an app on the officer's phone, RFC 6238


class Doubt(StrEnum):
    """Why a text from a known number is not believed."""

    NO_CODE = "no_code"
    WRONG_CODE = "wrong_code"
    USED_CODE = "used_code"
    OLD = "old"
    FUTURE = "future"
    GUESSING = "guessing"  # the code is right, but wrong ones came just before
    NOT_ALLOWED = "not_allowed"  # his part in the network does not write this (roles)


class Holder(Protocol):
    """What is known of a contact's codes: a row of `PoliceContact`."""

    method: str
    secret: str
    counter: int
    failures: int
    failed_at: datetime | None


@dataclass(frozen=True)
class Verdict:
    """What a code is worth, and what must be remembered of it in the same commit as its effect."""

    doubt: Doubt | None  # None: number and code are right
    counter: int | None = None  # the holder's new counter: the code is used up, whatever else is wrong
    failed: bool = False  # one more wrong code

    @property
    def verified(self) -> bool:
        """Whether the text may be forwarded as the police's."""
        return self.doubt is None


def weigh(holder: Holder, code: str | None, sent_at: datetime | None, now: datetime) -> Verdict:
    """Whether *code* proves that *holder* wrote at *sent_at*, the service centre's time (`now` when it gave none)."""
    if code is None:
        return Verdict(Doubt.NO_CODE)
    at = sent_at or now
    slowed = codes.throttle(holder.failures, holder.failed_at, now) > timedelta(0)
    counter = _matched(holder, code, at)
    if counter is None:
        return Verdict(Doubt.USED_CODE if _used(holder, code, at) else Doubt.WRONG_CODE, failed=not slowed)
    if at < now - OLDEST_TEXT:
        return Verdict(Doubt.OLD, counter)
    if at > now + CLOCK_SLACK:
        return Verdict(Doubt.FUTURE, counter)
    return Verdict(Doubt.GUESSING if slowed else None, counter)


def _matched(holder: Holder, code: str, at: datetime) -> int | None:
    """The new value of the holder's counter, or None."""
    if holder.method == Method.CARD:
        used = codes.check_card(holder.secret, holder.counter, code)
        return None if used is None else used + 1
    return codes.check_totp(holder.secret, code, at, holder.counter or None)


def _used(holder: Holder, code: str, at: datetime) -> bool:
    """Whether *code* was good once, or was skipped: worth saying, because its owner can take the next one."""
    if holder.method == Method.CARD:
        return codes.check_card(holder.secret, 0, code, look_ahead=holder.counter - 1) is not None
    return codes.check_totp(holder.secret, code, at, None) is not None
