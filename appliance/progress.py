"""How far an alert is: counted from its segments, never kept beside them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from peewee import JOIN

from appliance.models import Alert, Delivery, Member, Segment
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
    `accepted` have all segments with the network, `reached` have all segments on the handset.
    """

    counts: dict[str, int]
    lines: tuple[Line, ...]
    first_submitted_at: datetime | None
    last_submitted_at: datetime | None

    @property
    def busy(self) -> bool:
        """Whether something is still owed or in doubt."""
        return any(self.counts[state] for state in (State.QUEUED, State.SUBMITTING, State.IN_DOUBT))


def of(alert: Alert) -> Progress:
    """The progress of *alert* at this moment, recipients in the order of submitting."""
    segments = _segments(alert)
    lines = tuple(_line(delivery, segments[delivery.id]) for delivery in _deliveries(alert))
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
    }
    return Progress(counts, lines, min(submitted, default=None), max(submitted, default=None))


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
