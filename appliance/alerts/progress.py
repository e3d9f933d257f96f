"""How far an alert is: counted from its segments, never kept beside them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from peewee import JOIN, Case, fn

from appliance.models import Alert, Delivery, Member, Phoned, Segment, Tally
from appliance.queue.outbox import Kind
from appliance.queue.states import State


class Stage(StrEnum):
    """What is known of one delivery as a whole. `confirmed` is a person's word and stands beside it."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    IN_DOUBT = "in_doubt"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


# a delivery is as far as its least advanced segment; a failed segment spoils the whole
WORST_FIRST = (
    State.FAILED, State.UNKNOWN, State.DROPPED, State.IN_DOUBT, State.SUBMITTING, State.QUEUED, State.SUBMITTED,
    State.DELIVERED,
)  # fmt: skip
ACCEPTED = (State.SUBMITTED, State.DELIVERED)


@dataclass(frozen=True)
class Line:
    """One recipient of an alert."""

    delivery: int
    name: str
    number: str
    street: str
    stage: Stage
    segments: int
    possibly_twice: bool
    confirmed_at: datetime | None
    confirmed_by: str
    submitted_at: datetime | None
    delivered_at: datetime | None
    code: str
    code_words: str


@dataclass(frozen=True)
class Progress:
    """One alert: counts of its segments by state, of its recipients, and a line for each of them.

    `segments` is the sum of the eight states; `recipients`, `confirmed`, `accepted` and `reached` count recipients:
    `accepted` have all segments with the network, `reached` have all segments on the handset. `phoned` counts people
    whom somebody told in person, neighbours without a mobile included.
    """

    counts: dict[str, int]
    lines: tuple[Line, ...]
    millicents: int  # what its hand-overs cost so far
    first_submitted_at: datetime | None
    last_submitted_at: datetime | None

    @property
    def busy(self) -> bool:
        """Whether something is still owed or in doubt."""
        return any(self.counts[state] for state in (State.QUEUED, State.SUBMITTING, State.IN_DOUBT))


COUNTED = ("segments", *(state.value for state in State), "confirmed", "possibly_twice", "accepted", "reached")
SUMMED = (*COUNTED, "millicents")
NOTHING = Progress({"recipients": 0} | dict.fromkeys(COUNTED, 0), (), 0, None, None)


def of(alert: Alert) -> Progress:
    """The progress of *alert* at this moment, recipients in the order of submitting; once erased, its counts alone."""
    tally = Tally.get_or_none(Tally.alert == alert)
    if tally:
        return _erased(tally)
    rows = list(_rows(alert))
    lines = tuple(_line(list(own)) for _delivery, own in groupby(rows, key=attrgetter("delivery")))
    submitted = [row.submitted_at for row in rows if row.submitted_at]
    states = Counter(row.state for row in rows)
    counts = {"recipients": len(lines), "segments": len(rows)}
    counts |= {state.value: states[state] for state in State}
    counts |= {
        "confirmed": sum(line.confirmed_at is not None for line in lines),
        "possibly_twice": sum(row.possibly_twice for row in rows),
        "accepted": sum(line.stage in (Stage.SUBMITTED, Stage.DELIVERED) for line in lines),
        "reached": sum(line.stage is Stage.DELIVERED for line in lines),
        "phoned": _phoned([alert]).get(alert.id, 0),
    }
    spent = sum(row.millicents for row in rows)
    return Progress(counts, lines, spent, min(submitted, default=None), max(submitted, default=None))


def totals(alerts: Sequence[Alert]) -> dict[int, Progress]:
    """The progress of each of *alerts* but for its lines, by its number: the database counts, so a list stays quick."""
    found = {tally.__data__["alert"]: _erased(tally) for tally in Tally.select().where(Tally.alert << list(alerts))}
    left = [alert for alert in alerts if alert.id not in found]
    counted = dict.fromkeys((alert.id for alert in left), NOTHING) | _counted(left)
    phoned = _phoned(left)
    return {
        id_: replace(one, counts=one.counts | {"phoned": phoned.get(id_, 0)}) for id_, one in counted.items()
    } | found


def _phoned(alerts: Sequence[Alert]) -> dict[int, int]:
    """How many people were rung about each of *alerts*, by its number."""
    query = Phoned.select(Phoned.alert, fn.COUNT(Phoned.id).alias("number")).where(Phoned.alert << list(alerts))
    return {row["alert"]: row["number"] for row in query.group_by(Phoned.alert).dicts().iterator()}


def _counted(alerts: Sequence[Alert]) -> dict[int, Progress]:
    """Those of *alerts* that have deliveries."""
    ours = (Delivery.alert << list(alerts)) & (Delivery.kind == Kind.ALERT)
    columns = [fact.alias(name) for name, fact in _facts().items()]
    query = Delivery.select(Delivery.alert, *columns).join(Segment).where(ours).group_by(Delivery.alert)
    return {row["alert"]: _total(row) for row in query.dicts().iterator()}


def _facts() -> dict[str, Any]:
    """What is counted of all segments of one alert. Its rows are gone through once and never sorted: that is the cost.

    A recipient has one first segment; he lacks a state when any segment of his lacks it, of which there are few.
    """

    def number(true: Any) -> Any:
        return fn.SUM(Case(None, ((true, 1),), 0))

    def lacking(state: Any) -> Any:
        return fn.COUNT(fn.DISTINCT(Case(None, ((~state, Segment.delivery),))))

    first = Segment.sequence == 1
    return {
        "recipients": number(first), "confirmed": number(first & Delivery.confirmed_at.is_null(False)),
        "segments": fn.COUNT(Segment.id), "possibly_twice": number(Segment.possibly_twice),
        "not_accepted": lacking(Segment.state << ACCEPTED), "not_reached": lacking(Segment.state == State.DELIVERED),
        "millicents": fn.SUM(Segment.millicents),
        "first": fn.MIN(Segment.submitted_at), "last": fn.MAX(Segment.submitted_at),
    } | {state.value: number(Segment.state == state) for state in State}  # fmt: skip


def _total(row: dict[str, Any]) -> Progress:
    numbers = {name: int(row[name]) for name in ("recipients", *SUMMED) if name in row}
    numbers |= {name: numbers["recipients"] - int(row[f"not_{name}"]) for name in ("accepted", "reached")}
    millicents = numbers.pop("millicents")
    return Progress(numbers, (), millicents, row["first"], row["last"])


def _erased(tally: Tally) -> Progress:
    return Progress(json.loads(tally.counts), (), tally.millicents, tally.first_submitted_at, tally.last_submitted_at)


class _Row(NamedTuple):
    """One segment with what its line needs to know of the recipient."""

    delivery: int
    name: str
    number: str
    street: str | None  # None: he was erased
    confirmed_at: datetime | None
    confirmed_by: str
    state: str
    possibly_twice: bool
    submitted_at: datetime | None
    delivered_at: datetime | None
    code: str
    code_words: str
    millicents: int


def _rows(alert: Alert) -> Iterator[_Row]:
    """The segments of *alert*, those of one recipient together: one question, so no promise falls between two."""
    query = Delivery.select(
        Delivery.id, Delivery.name, Delivery.number, Member.street, Delivery.confirmed_at, Delivery.confirmed_by,
        Segment.state, Segment.possibly_twice, Segment.submitted_at, Segment.delivered_at, Segment.code,
        Segment.code_words, Segment.millicents,
    ).join(Segment)  # fmt: skip
    of_all = query.switch(Delivery).join(Member, JOIN.LEFT_OUTER)
    ours = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)
    return map(_Row._make, of_all.where(ours).order_by(Delivery.id, Segment.sequence).tuples().iterator())


def _line(own: list[_Row]) -> Line:
    worst = min(own, key=lambda row: WORST_FIRST.index(State(row.state)))
    times, delivered = [row.submitted_at for row in own], [row.delivered_at for row in own]
    return Line(
        delivery=worst.delivery,
        name=worst.name,
        number=worst.number,
        street=worst.street or "",
        stage=Stage(worst.state),
        segments=len(own),
        possibly_twice=any(row.possibly_twice for row in own),
        confirmed_at=worst.confirmed_at,
        confirmed_by=worst.confirmed_by,
        submitted_at=max((t for t in times if t), default=None) if all(times) else None,
        delivered_at=max((t for t in delivered if t), default=None) if all(delivered) else None,
        code=worst.code,
        code_words=worst.code_words,
    )
