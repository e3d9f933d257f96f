"""What is owed to the network. Every change of a segment goes through the table in `states`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance import clock, store
from appliance.arrivals import Concatenation, Encoding, Outgoing, ReportMeaning, meaning
from appliance.models import Alert, Delivery, Segment
from appliance.queue import budget
from appliance.queue.retry import USUAL, Pace, due_again
from appliance.queue.states import MOVES, Event, State, move
from appliance.segments import Split

DOUBT_WAIT = timedelta(seconds=60)  # how long a segment in doubt waits for its delivery report (DESIGN 2.5)
REPORT_WINDOW = timedelta(days=3)  # a message reference wraps at 255: an older segment is not meant
LATER = 1_000_000  # a segment that failed once goes behind all that were not tried yet


class Kind(StrEnum):
    """Why a delivery exists."""

    ALERT = "alert"
    NOTICE = "notice"  # to a coordinator or a police contact
    ANSWER = "answer"  # to somebody who texted the box


@dataclass(frozen=True)
class Urgency:
    """How hard a delivery must be told: which rank it has in the queue, and for how long it makes sense."""

    rank: int
    validity: timedelta


def add(delivery: Delivery, split: Split, urgency: Urgency, turn: int, reference: int, now: datetime) -> None:
    """Owe *split* to the phone of *delivery*: part of commit point 3 (or 2, for an answer).

    Texts and concatenation reference are fixed here, so a second try sends the same bytes.
    """
    total = len(split.parts)
    for sequence, part in enumerate(split.parts, start=1):
        Segment.create(
            delivery=delivery, number=delivery.number, text=part, encoding=split.encoding, concat_reference=reference,
            total=total, sequence=sequence, validity_minutes=int(urgency.validity.total_seconds() // 60),
            rank=urgency.rank, turn=turn, due_at=now, expires_at=now + urgency.validity,
        )  # fmt: skip
    store.ring_after_commit()


def next_due(now: datetime) -> Segment | None:
    """The segment that should be submitted first, or None when nothing is due."""
    due = (Segment.state << (State.QUEUED, State.IN_DOUBT)) & (Segment.due_at <= now)
    found: Segment | None = Segment.select().where(due).order_by(Segment.rank, Segment.turn, Segment.id).first()
    return found


def claim(modem: str, now: datetime, ceiling: int | None = None) -> Segment | None:
    """Commit point 4: the first due segment is `submitting`, its attempt counted. None when nothing is due.

    Segments that are too old are not claimed but expire here, in plain sight. Once *modem* has submitted *ceiling*
    segments within a day, those that can wait are not claimed, and say why.
    """
    with store.writing():
        segment = next_due(now)
        while segment and _too_old(segment, now):
            _move(segment, Event.EXPIRED)
            segment.code_words = "older than its validity"
            segment.save()
            segment = next_due(now)
        if segment and ceiling is not None and budget.holds(segment, modem, ceiling, now):
            segment = None  # whatever is urgent would have been first
        if segment:
            _move(segment, Event.CLAIMED)
            segment.possibly_twice = segment.doubts > 0
            segment.modem, segment.claimed_at, segment.attempts = modem, now, segment.attempts + 1
            segment.save()
    return segment


def _too_old(segment: Segment, now: datetime) -> bool:
    return clock.trusted(now) and segment.expires_at < now


def outgoing(segment: Segment) -> Outgoing:
    """*segment* as the modem wants it: always the same octets for the same row."""
    concatenation = None
    if segment.total > 1:
        concatenation = Concatenation(segment.concat_reference, segment.total, segment.sequence)
    return Outgoing(
        number=segment.number,
        text=segment.text,
        encoding=Encoding(segment.encoding),
        concatenation=concatenation,
        validity_minutes=segment.validity_minutes,
    )


def accepted(segment: Segment, message_reference: int | None, now: datetime) -> None:
    """Commit point 5: the network took *segment*."""
    with store.writing():
        _move(segment, Event.ACCEPTED)
        segment.message_reference, segment.submitted_at = message_reference, now
        segment.code = segment.code_words = ""
        segment.save()


def postponed(segment: Segment, code: str, words: str, now: datetime, pace: Pace = USUAL) -> None:
    """Commit point 5: this try surely left nothing on the air; *segment* is owed again, behind the untried ones.

    Its validity ends the tries: it is looked at once more then, and expires.
    """
    with store.writing():
        _move(segment, Event.DOUBTED if segment.doubts else Event.POSTPONED)
        segment.possibly_twice = segment.doubts > 1
        due_at = due_again(segment.attempts, now, pace)
        segment.due_at = min(due_at, segment.expires_at) if clock.trusted(now) else due_at
        segment.turn = segment.turn % LATER + LATER
        segment.code, segment.code_words = code, words
        segment.save()


def put_back(segment: Segment, words: str, now: datetime) -> None:
    """Commit point 5: the modem was not there. Nothing was tried, so *segment* keeps its place and its attempts."""
    with store.writing():
        _move(segment, Event.DOUBTED if segment.doubts else Event.POSTPONED)
        segment.possibly_twice = segment.doubts > 1
        segment.attempts, segment.due_at = segment.attempts - 1, now
        segment.code_words = words
        segment.save()


def refused(segment: Segment, code: str, words: str) -> None:
    """Commit point 5: the network will never take *segment*."""
    with store.writing():
        _move(segment, Event.GIVEN_UP if segment.doubts else Event.REFUSED)
        segment.possibly_twice = segment.doubts > 1
        segment.code, segment.code_words = code, words
        segment.save()


def doubted(segment: Segment, now: datetime) -> None:
    """Commit point 5: nobody knows. A report may settle it within DOUBT_WAIT; else it is owed once more."""
    with store.writing():
        _doubt(segment, now)


def doubt_interrupted(modem: str, now: datetime) -> int:
    """What *modem* was submitting when its gateway ended is in doubt now; how many those are."""
    with store.writing():
        left = list(Segment.select().where((Segment.state == State.SUBMITTING) & (Segment.modem == modem)))
        for segment in left:
            _doubt(segment, now)
    return len(left)


def _doubt(segment: Segment, now: datetime) -> None:
    _move(segment, Event.DOUBTED)
    segment.doubts += 1
    segment.due_at = now + DOUBT_WAIT
    segment.message_reference = None
    segment.save()


EVENTS = {
    ReportMeaning.DELIVERED: Event.DELIVERED,
    ReportMeaning.TRYING: Event.TRYING,
    ReportMeaning.FAILED: Event.UNDELIVERABLE,
}


def report(number: str, message_reference: int, status: int, now: datetime) -> Segment | None:
    """Settle the segment that a delivery report is about; None when there is none. Call it inside `writing()`."""
    segment = _reported(number, message_reference, now)
    if segment is None:
        return None
    event = EVENTS[meaning(status)]
    if event not in MOVES[State(segment.state)]:
        return segment  # said twice, or a temporary word after the final one
    _move(segment, event)
    if event is Event.DELIVERED:
        segment.delivered_at = now
    if event is Event.UNDELIVERABLE:
        segment.code, segment.code_words = f"TP-ST 0x{status:02X}", "the handset could not be reached"
    segment.submitted_at = segment.submitted_at or now
    segment.message_reference = message_reference
    segment.save()
    return segment


def _reported(number: str, message_reference: int, now: datetime) -> Segment | None:
    """By reference and number, newest first; else the oldest segment to that number that is in doubt."""
    ours = Segment.select().where(Segment.number == number)
    known = (Segment.message_reference == message_reference) & (Segment.submitted_at > now - REPORT_WINDOW)
    found: Segment | None = ours.where(known).order_by(Segment.submitted_at.desc()).first()
    if found is None:
        doubtful = Segment.state << (State.IN_DOUBT, State.UNKNOWN)
        found = ours.where(doubtful & Segment.message_reference.is_null()).order_by(Segment.claimed_at).first()
    return found


def withdraw(alert: Alert) -> int:
    """Nothing of *alert* is submitted after this; how many segments were kept back. Call it inside `writing()`."""
    owed = list(
        Segment.select()
        .join(Delivery)
        .where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))
        .where(Segment.state << (State.QUEUED, State.IN_DOUBT))
    )
    for segment in owed:
        _move(segment, Event.WITHDRAWN)
        segment.save()
    return sum(segment.state == State.DROPPED for segment in owed)


def submitting_elsewhere(modem: str) -> bool:
    """Whether another modem is in the midst of a submit: a power cycle of a shared hub would put it in doubt."""
    busy = (Segment.state == State.SUBMITTING) & (Segment.modem != modem)
    return bool(Segment.select().where(busy).exists())


def owed(alert: Alert) -> int:
    """How many segments of *alert* are not settled yet."""
    unsettled = Segment.state << (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)
    return int(
        Segment.select()
        .join(Delivery)
        .where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT) & unsettled)
        .count()
    )


def oldest_owed(now: datetime) -> timedelta:
    """For how long the oldest due segment has been waiting: the health of the queue in one figure."""
    first = (
        Segment.select(Segment.due_at)
        .where((Segment.state << (State.QUEUED, State.IN_DOUBT)) & (Segment.due_at <= now))
        .order_by(Segment.due_at)
        .first()
    )
    return now - first.due_at if first else timedelta(0)


def _move(segment: Segment, event: Event) -> None:
    segment.state = move(State(segment.state), event)
