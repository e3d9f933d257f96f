"""The police's one-time codes, the coordinators' challenge numbers: check and throttle. Pure; secrets are passed in."""

import base64
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pyotp

STEP = 30  # seconds, RFC 6238 section 4.1
SECRET_BYTES = 20  # 160 bits, RFC 4226 section 4 R6
FREE_FAILURES = 3
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)
FIRST_CHALLENGE, CHALLENGES = 1000, 9000
FIRST_PROOF, PROOFS = 100_000, 900_000


def new_secret(draw_bytes: Callable[[int], bytes]) -> str:
    """A fresh secret in base 32, of as many bytes from *draw_bytes* as RFC 4226 recommends."""
    return base64.b32encode(draw_bytes(SECRET_BYTES)).decode("ascii")


def card(secret: str, start: int, count: int) -> list[tuple[int, str]]:
    """*count* numbered codes of six digits to print, from counter *start* on (RFC 4226)."""
    hotp = pyotp.HOTP(secret)
    return [(counter, hotp.at(counter)) for counter in range(start, start + count)]


def check_card(secret: str, next_counter: int, code: str, look_ahead: int = 10) -> int | None:
    """The counter whose code this is, else None; store one more than it, and only then (RFC 4226 section 7.2, 7.4).

    Up to *look_ahead* codes may have been skipped on the card; one that was used or skipped never comes back.
    """
    return _matching(card(secret, next_counter, look_ahead + 1), code)


def app_address(secret: str, name: str, issuer: str) -> str:
    """The `otpauth:` address, to be shown as a QR code, that sets an app up for `check_totp`."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def check_totp(secret: str, code: str, sent_at: datetime, last_step: int | None, steps: int = 2) -> int | None:
    """The time step whose code this is, else None; store it as *last_step*, so that no code works twice (RFC 6238 5.2).

    *sent_at* is the service centre's time, aware: an SMS may arrive long after the app's thirty seconds.
    """
    now = int(sent_at.timestamp()) // STEP
    first = now - steps if last_step is None else max(now - steps, last_step + 1)
    hotp = pyotp.HOTP(secret)
    return _matching([(step, hotp.at(step)) for step in range(max(first, 0), now + steps + 1)], code)


def _matching(expected: Iterable[tuple[int, str]], code: str) -> int | None:
    """The first number that goes with *code*. All are compared, so that the time taken tells nothing."""
    given = code.encode("utf-8", "surrogatepass")
    equal = [number for number, right in expected if hmac.compare_digest(right.encode("ascii"), given)]
    return equal[0] if equal else None


def same(right: str, given: str) -> bool:
    """Whether *given* is *right*; the time taken tells nothing."""
    return hmac.compare_digest(right.encode("ascii"), given.encode("utf-8", "surrogatepass"))


def throttle(failures: int, last_failure_at: datetime | None, now: datetime) -> timedelta:
    """How long to wait before this sender's next code is looked at; zero for the first three failures.

    A delay that grows to a quarter of an hour and never a lock: a forger could lock the police out.
    """
    if failures <= FREE_FAILURES or last_failure_at is None:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES - 1, 10)  # far beyond the cap; keeps the number small
    delay: timedelta = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
    # A clock that was set back must not lengthen the wait.
    return min(max(last_failure_at + delay - now, timedelta(0)), delay)


def challenge(draw: Callable[[int], int]) -> str:
    """Four digits that do not begin with 0; `draw(n)` gives a number from 0 to n - 1, as `secrets.randbelow` does."""
    return str(FIRST_CHALLENGE + draw(CHALLENGES))


def proof(draw: Callable[[int], int]) -> str:
    """Six digits for a police phone to repeat: more than a coordinator's, for it must hold against forged senders."""
    return str(FIRST_PROOF + draw(PROOFS))
