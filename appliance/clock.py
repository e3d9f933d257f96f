"""The wall clock, read once per step; rules take `now` as a value."""

from datetime import UTC, datetime, timedelta

# No text of ours was sent before this version existed: a clock that says so has not been set yet.
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)


def now() -> datetime:
    """The time in UTC. The box has no clock battery: see `trusted`."""
    return datetime.now(UTC)


def trusted(at: datetime) -> bool:
    """Whether *at* may be used to call something too old; False until the wall clock has been set."""
    return at >= RELEASED


def over(since: datetime | None, pause: timedelta, now: datetime) -> bool:
    """Whether *pause* has gone by; a moment still to come is from a wrong clock, and holds nothing up. Pure."""
    return since is None or not since <= now < since + pause
