"""Pictures of an alert, as figures for an SVG and for the table beside it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.progress import Line, Stage

WIDTH, HEIGHT = 400, 150  # units of the SVG
MOST_ROWS = 12  # of the table
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Row:
    """How many there were by *at*."""

    at: datetime
    accepted: int
    delivered: int
    confirmed: int


@dataclass(frozen=True)
class WallClock:
    """Three rising lines, as points of an SVG, and the same as rows."""

    begins: datetime
    ends: datetime
    people: int
    lines: dict[str, str]  # accepted, delivered, confirmed
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Street:
    """One street: how many people, and how far they are."""

    name: str
    people: int
    accepted: int
    delivered: int
    confirmed: int
    failed: int


def wall_clock(lines: Sequence[Line]) -> WallClock | None:
    """How *lines* went by the clock; None before the first one was accepted."""
    facts = {
        "accepted": sorted(line.submitted_at for line in lines if line.submitted_at),
        "delivered": sorted(line.delivered_at for line in lines if line.delivered_at),
        "confirmed": sorted(line.confirmed_at for line in lines if line.confirmed_at),
    }
    if not facts["accepted"]:
        return None
    begins = facts["accepted"][0].replace(second=0, microsecond=0)
    ends = max(max(times, default=begins) for times in facts.values()) + MINUTE
    drawn = {fact: _points(times, begins, ends, len(lines)) for fact, times in facts.items()}
    return WallClock(begins, ends, len(lines), drawn, tuple(_rows(facts, begins, ends)))


def _points(times: Sequence[datetime], begins: datetime, ends: datetime, people: int) -> str:
    """A staircase: it stays level until the next person, and until the end. One step for each unit of the SVG."""
    numbers = {round(WIDTH * max(at - begins, timedelta(0)) / (ends - begins)): n for n, at in enumerate(times, 1)}
    points, y = [(0, HEIGHT)], HEIGHT
    for x, number in numbers.items():
        points += [(x, y), (x, y := HEIGHT - HEIGHT * number // people)]
    return " ".join(f"{x},{y}" for x, y in [*points, (WIDTH, y)])


def _rows(facts: dict[str, list[datetime]], begins: datetime, ends: datetime) -> Iterable[Row]:
    """Minute by minute, or in steps of several minutes when it took long; always up to the last fact."""
    minutes = -((begins - ends) // MINUTE)
    step, at = MINUTE * -(-minutes // MOST_ROWS), begins
    while at < ends:
        at += step
        yield Row(at, *(sum(time < at for time in times) for times in facts.values()))


def streets(found: Iterable[tuple[str, Sequence[Line]]]) -> list[Street]:
    """Each street with its counts, in the order of *found*."""
    return [_street(name, lines) for name, lines in found]


def _street(name: str, lines: Sequence[Line]) -> Street:
    stages = [line.stage for line in lines]
    delivered = stages.count(Stage.DELIVERED)
    return Street(
        name, len(lines), stages.count(Stage.SUBMITTED) + delivered, delivered,
        sum(line.confirmed_at is not None for line in lines), stages.count(Stage.FAILED),
    )  # fmt: skip
