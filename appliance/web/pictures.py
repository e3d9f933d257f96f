"""Pictures of an alert, as figures for an SVG and for the table beside it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.alerts.progress import Line, Stage

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


@dataclass(frozen=True)
class Bar:
    """One bar: how long in units of the SVG, and the figure beside it; a figure that nobody has is no bar."""

    length: float
    figure: str


@dataclass(frozen=True)
class Bars:
    """Groups of bars under one another, the same ones in each group; the table beside it has the same figures."""

    keys: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]


def bars(
    keys: Sequence[str], groups: Iterable[tuple[str, Sequence[float | None]]], form: str = "{:.0f}"
) -> Bars | None:
    """The figures of *groups*, each with its name, drawn to one scale; None when there is no figure at all."""
    known = [(name, values) for name, values in groups if any(value is not None for value in values)]
    most = max((value for _name, values in known for value in values if value is not None), default=0)
    if not most:
        return None
    return Bars(
        tuple(keys), tuple((name, tuple(_bar(value, most, form) for value in values)) for name, values in known)
    )


def _bar(value: float | None, most: float, form: str) -> Bar:
    return Bar(0, "–") if value is None else Bar(round(WIDTH * value / most, 1), form.format(value).replace(".", ","))


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
