"""How far an alert is: counted from its segments, never kept beside them."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import JOIN, Case, fn

from appliance.models import Alert, Delivery, Member, MomentField, Phoned, Segment, Tally
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
    # in this order: a promise that is committed between the two questions has segments then, and is told of next time
    deliveries = list(_deliveries(alert))
    segments = _segments(alert)
    lines = tuple(_line(delivery, segments[delivery.id]) for delivery in deliveries if delivery.id in segments)
    flat = [segment for of_delivery in segments.values() for segment in of_delivery]
    submitted = [segment.submitted_at for segment in flat if segment.submitted_at]
    states = Counter(segment.state for segment in flat)
    counts = {"recipients": len(lines), "segments": len(flat)}
    counts |= {state.value: states[state] for state in State}
    counts |= {
        "confirmed": sum(line.confirmed_at is not None for line in lines),
        "possibly_twice": sum(segment.possibly_twice for segment in flat),
        "accepted": sum(line.stage in (Stage.SUBMITTED, Stage.DELIVERED) for line in lines),
        "reached": sum(line.stage is Stage.DELIVERED for line in lines),
        "phoned": _phoned([alert]).get(alert.id, 0),
    }
    spent = sum(segment.millicents for segment in flat)
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
    one = _each(alerts)
    sums = [fn.SUM(getattr(one.c, name)).alias(name) for name in SUMMED]
    spans = [fn.MIN(one.c.first).alias("first"), fn.MAX(one.c.last).alias("last")]
    query = one.select_from(one.c.alert_id, fn.COUNT(one.c.id).alias("recipients"), *sums, *spans)
    return {row["alert_id"]: _total(row) for row in query.group_by(one.c.alert_id).dicts().iterator()}


def _each(alerts: Sequence[Alert]) -> Any:
    """A row for each delivery: 1 for what is true of all its segments, and how many of them are in each state."""

    def one_if(true: Any) -> Any:
        return Case(None, ((true, 1),), 0)

    facts = {
        "confirmed": one_if(Delivery.confirmed_at.is_null(False)), "segments": fn.COUNT(Segment.id),
        "accepted": fn.MIN(one_if(Segment.state << (State.SUBMITTED, State.DELIVERED))),
        "reached": fn.MIN(one_if(Segment.state == State.DELIVERED)),
        "possibly_twice": fn.SUM(one_if(Segment.possibly_twice)), "millicents": fn.SUM(Segment.millicents),
        "first": fn.MIN(Segment.submitted_at), "last": fn.MAX(Segment.submitted_at),
    } | {state.value: fn.SUM(one_if(Segment.state == state)) for state in State}  # fmt: skip
    columns = [fact.alias(name) for name, fact in facts.items()]
    query = Delivery.select(Delivery.id, Delivery.alert, *columns).join(Segment)
    return query.where((Delivery.alert << list(alerts)) & (Delivery.kind == Kind.ALERT)).group_by(Delivery.id)


def _total(row: dict[str, Any]) -> Progress:
    first, last = (MomentField().python_value(row[name]) for name in ("first", "last"))
    counts = {name: int(row[name]) for name in ("recipients", *SUMMED) if name != "millicents"}
    return Progress(counts, (), int(row["millicents"]), first, last)


def _erased(tally: Tally) -> Progress:
    return Progress(json.loads(tally.counts), (), tally.millicents, tally.first_submitted_at, tally.last_submitted_at)


def _deliveries(alert: Alert) -> list[Delivery]:
    query = Delivery.select(Delivery, Member).join(Member, JOIN.LEFT_OUTER)  # no query of its own for each street
    return list(query.where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)).order_by(Delivery.id))


def _segments(alert: Alert) -> dict[int, list[Segment]]:
    found: dict[int, list[Segment]] = {}
    query = Segment.select().join(Delivery).where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))
    for segment in query.order_by(Segment.sequence):
        found.setdefault(segment.__data__["delivery"], []).append(segment)
    return found


def _line(delivery: Delivery, segments: list[Segment]) -> Line:
    worst = min(segments, key=lambda segment: WORST_FIRST.index(State(segment.state)))
    times = [segment.submitted_at for segment in segments]
    delivered = [segment.delivered_at for segment in segments]
    return Line(
        delivery=delivery.id,
        name=delivery.name,
        number=delivery.number,
        street=delivery.member.street if delivery.member else "",
        stage=Stage(worst.state),
        segments=len(segments),
        possibly_twice=any(segment.possibly_twice for segment in segments),
        confirmed_at=delivery.confirmed_at,
        confirmed_by=delivery.confirmed_by,
        submitted_at=max((t for t in times if t), default=None) if all(times) else None,
        delivered_at=max((t for t in delivered if t), default=None) if all(delivered) else None,
        code=worst.code,
        code_words=worst.code_words,
    )
