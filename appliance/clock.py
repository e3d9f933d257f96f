"""The wall clock, read once per step; rules take `now` as a value."""

from datetime import UTC, datetime, timedelta

# No text of ours was sent before this version existed: a clock that says so has not been set yet.
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
LAST = RELEASED + timedelta(days=20 * 365)  # a network that says later is wrong
AMISS = timedelta(minutes=1)
FURTHEST = timedelta(days=60)  # a longer leap would erase, as too old, what nobody has seen yet


def now() -> datetime:
    """The time in UTC. The box has no clock battery: see `trusted`."""
    return datetime.now(UTC)


def trusted(at: datetime) -> bool:
    """Whether *at* may be used to call something too old; False until the wall clock has been set."""
    return at >= RELEASED


def over(since: datetime | None, pause: timedelta, now: datetime) -> bool:
    """Whether *pause* has gone by; a moment still to come is from a wrong clock, and holds nothing up. Pure."""
    return since is None or not since <= now < since + pause


def behind(at: datetime, at_least: datetime) -> bool:
    """Whether a clock that says *at* may be put forward to *at_least*, which the mobile network says has gone by.

    Once the clock has been set, a leap over FURTHEST is for a person or for the internet.
    """
    if not RELEASED <= at_least < LAST:
        return False
    return at_least - at > AMISS and (not trusted(at) or at_least - at <= FURTHEST)
