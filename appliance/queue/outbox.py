"""What is owed to the network. Every change of a segment goes through the table in `states`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from peewee import Value, chunked, fn

from appliance import clock, store
from appliance.arrivals import Concatenation, Encoding, Outgoing, ReportMeaning, meaning
from appliance.models import Alert, Delivery, ModemState, MomentField, Segment, database
from appliance.queue import budget
from appliance.queue.retry import USUAL, Pace, due_again
from appliance.queue.states import MOVES, Event, State, move
from appliance.segments import Split

DOUBT_WAIT = timedelta(seconds=60)  # how long a segment in doubt waits for its delivery report (DESIGN 2.5)
LEASE = timedelta(seconds=240)  # a submit takes 180 s at most (3GPP TS 23.040): who is silent for longer is dead
SILENCE = timedelta(seconds=30)  # and for so long when its connection to the shared database is gone as well
REPORT_WINDOW = timedelta(days=3)  # a message reference wraps at 255: an older segment is not meant
MINUTE = timedelta(minutes=1)
BATCH = 400  # rows in one statement
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


def add(
    delivery: Delivery, split: Split, urgency: Urgency, turn: int, reference: int, now: datetime,
    due: datetime | None = None,
) -> None:  # fmt: skip
    """Owe *split* to the phone of *delivery*, from *due* (else *now*) on: part of commit point 3 (or 2, for an answer).

    Texts and concatenation reference are fixed here, so a second try sends the same bytes.
    """
    add_all([delivery], split, urgency, [turn], reference, due or now)


def add_all(
    deliveries: Sequence[Delivery], split: Split, urgency: Urgency, turns: Sequence[int], reference: int, due: datetime
) -> None:
    """The same for many phones with one text: one statement for each BATCH of segments."""
    shared = {
        "encoding": split.encoding, "concat_reference": reference, "total": len(split.parts), "rank": urgency.rank,
        "validity_minutes": int(urgency.validity.total_seconds() // 60), "due_at": due,
        "expires_at": due + urgency.validity,
    }  # fmt: skip
    rows = [
        shared | {"delivery": delivery, "number": delivery.number, "turn": turn, "text": part, "sequence": sequence}
        for delivery, turn in zip(deliveries, turns, strict=True)
        for sequence, part in enumerate(split.parts, start=1)
    ]
    for batch in chunked(rows, BATCH):
        Segment.insert_many(batch).execute()
    store.ring_after_commit()


MOMENT = MomentField()
OWED = (State.QUEUED, State.IN_DOUBT)


def next_due(now: datetime) -> Segment | None:
    """The segment that should be submitted first, or None when nothing is due."""
    firsts = [first for state in OWED if (first := _first_due(state, now))]
    return min(firsts, key=lambda segment: (segment.rank, segment.turn, segment.id), default=None)


def _first_due(state: State, now: datetime) -> Segment | None:
    """One state at a time: so the index gives the order, however long the queue is."""
    due = (Segment.state == state) & (Segment.due_at <= now)
    if not Segment.select().where(due).exists():  # by its own index: many may wait for their time
        return None
    # COALESCE hides the column from the planner: it would take the index of times, and sort all that are due
    in_order = (Segment.state == state) & (fn.COALESCE(Segment.due_at, Value("")) <= Value(MOMENT.db_value(now)))
    query = Segment.select().where(in_order).order_by(Segment.rank, Segment.turn, Segment.id).limit(1)
    if store.skips_locked() and database.in_transaction():
        query = query.for_update(True, skip_locked=True)  # a row that somebody looks after stops nobody
    found: Segment | None = query.first()
    return found


def claim(modem: str, now: datetime, ceiling: int | None = None, per_minute: int | None = None) -> Segment | None:
    """Commit point 4: the first due segment is `submitting`, its attempt counted. None when nothing is due.

    Segments that are too old are not claimed but expire here, in plain sight. Once *modem* has submitted *ceiling*
    segments within a day, those that can wait are not claimed, and say why; it claims nothing above *per_minute*.
    What a dead box has claimed is in doubt from here on.
    """
    with store.writing():
        _doubt_abandoned(now)
        segment = next_due(now)
        while segment and _too_old(segment, now):
            _move(segment, Event.EXPIRED)
            segment.code_words = "older than its validity"
            segment.save()
            segment = next_due(now)
        if segment and per_minute is not None and _claimed_since(modem, now - MINUTE) >= per_minute:
            segment = None
        if segment and ceiling is not None and budget.holds(segment, modem, ceiling, now):
            segment = None  # whatever is urgent would have been first
        if segment:
            _move(segment, Event.CLAIMED)
            segment.possibly_twice = segment.doubts > 0
            segment.modem, segment.claimed_at, segment.attempts = modem, now, segment.attempts + 1
            segment.save()
    return segment


def _claimed_since(modem: str, then: datetime) -> int:
    return int(Segment.select().where((Segment.modem == modem) & (Segment.claimed_at > then)).count())


def seat(modem: str) -> str:
    """What the gateway of *modem* is to `store.be_the_only`: for as long as it is connected it is alive."""
    return f"the gateway of modem {modem}"


def _doubt_abandoned(now: datetime) -> None:
    """A claim belongs to one modem of one box, for as long as its gateway lives: then the others settle it."""
    for segment in list(Segment.select().where(Segment.state == State.SUBMITTING)):  # as many as there are modems
        owner = ModemState.get_or_none(ModemState.name == segment.modem)
        heard_at = max(segment.claimed_at, owner.heartbeat_at) if owner else segment.claimed_at
        if heard_at < now - (SILENCE if store.is_free(seat(segment.modem)) else LEASE):
            _doubt(segment, now)


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
    with _settling(segment) as ours:
        if not ours:
            _accepted_late(segment, message_reference, now)
            return
        _move(segment, Event.ACCEPTED)
        segment.message_reference, segment.submitted_at = message_reference, now
        segment.code = segment.code_words = ""
        segment.save()


def postponed(segment: Segment, code: str, words: str, now: datetime, pace: Pace = USUAL) -> None:
    """Commit point 5: this try surely left nothing on the air; *segment* is owed again, behind the untried ones.

    Its validity ends the tries: it is looked at once more then, and expires.
    """
    with _settling(segment) as ours:
        if not ours:
            return
        due_at = due_again(segment.attempts, now, pace)
        segment.due_at = min(due_at, segment.expires_at) if clock.trusted(now) else due_at
        segment.turn = segment.turn % LATER + LATER
        segment.code, segment.code_words = code, words
        _owe_again(segment)


def put_back(segment: Segment, words: str, now: datetime) -> None:
    """Commit point 5: the modem was not there. Nothing was tried, so *segment* keeps its place and its attempts."""
    with _settling(segment) as ours:
        if not ours:
            return
        segment.attempts, segment.due_at = segment.attempts - 1, now
        segment.code_words = words
        _owe_again(segment)


def _owe_again(segment: Segment) -> None:
    """Nothing is on the air from this try; from earlier ones there may be."""
    _move(segment, Event.DOUBTED if segment.doubts else Event.POSTPONED)
    segment.possibly_twice = segment.doubts > 1
    if segment.withdrawn:
        _move(segment, Event.WITHDRAWN)
    segment.save()


def refused(segment: Segment, code: str, words: str) -> None:
    """Commit point 5: the network will never take *segment*."""
    with _settling(segment) as ours:
        if not ours:
            return
        _move(segment, Event.GIVEN_UP if segment.doubts else Event.REFUSED)
        segment.possibly_twice = segment.doubts > 1
        segment.code, segment.code_words = code, words
        segment.save()


def doubted(segment: Segment, now: datetime) -> None:
    """Commit point 5: nobody knows. A report may settle it within DOUBT_WAIT; else it is owed once more."""
    with _settling(segment) as ours:
        if ours:
            _doubt(segment, now)


@contextmanager
def _settling(segment: Segment) -> Iterator[bool]:
    """One transaction; whether the claim behind *segment* still stands. If not, others took this gateway for dead."""
    with store.writing():
        row = Segment.get_by_id(segment.id)
        segment.withdrawn = row.withdrawn
        yield (row.state, row.modem, row.attempts) == (segment.state, segment.modem, segment.attempts)


def _accepted_late(segment: Segment, message_reference: int | None, now: datetime) -> None:
    """The claim was taken away, and the network took the text after all: as good as its report."""
    row = Segment.get_by_id(segment.id)
    if row.state in (State.IN_DOUBT, State.UNKNOWN):
        _move(row, Event.TRYING)
        row.message_reference, row.submitted_at = message_reference, now
        row.save()


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
    if segment.withdrawn:
        _move(segment, Event.WITHDRAWN)
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
    """By reference and number, newest first; else the segment to that number that is in doubt, if it is only one.

    Which of two is meant nobody knows: a wrong guess would call a text sent that never left.
    """
    ours = Segment.select().where(Segment.number == number)
    known = (Segment.message_reference == message_reference) & (Segment.submitted_at > now - REPORT_WINDOW)
    found: Segment | None = ours.where(known).order_by(Segment.submitted_at.desc()).first()
    if found is None:
        doubtful = (Segment.state << (State.IN_DOUBT, State.UNKNOWN)) & Segment.message_reference.is_null()
        candidates = list(ours.where(doubtful & (Segment.claimed_at > now - REPORT_WINDOW)).limit(2))
        found = candidates[0] if len(candidates) == 1 else None
    return found


def withdraw(alert: Alert) -> int:
    """Nothing of *alert* is submitted after this; how many segments were kept back. Call it inside `writing()`."""
    of_alert = Delivery.select(Delivery.id).where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))
    ours = Segment.delivery.in_(of_alert)
    dropped = 0
    for state in OWED:
        after = move(state, Event.WITHDRAWN)
        changed = Segment.update(state=after).where(ours & (Segment.state == state)).execute()
        dropped += changed if after is State.DROPPED else 0
    Segment.update(withdrawn=True).where(ours & (Segment.state == State.SUBMITTING)).execute()
    return dropped


FAILING = timedelta(days=30)


def failing(now: datetime) -> set[str]:
    """The numbers whose last segment was refused or undeliverable, within FAILING: they go to the back (R12)."""
    suspects = (
        Segment.select(Segment.number)
        .where((Segment.state == State.FAILED) & (Segment.code != "") & (Segment.due_at > now - FAILING))
        .distinct()
    )
    return {row.number for row in suspects if _last_to(row.number).state == State.FAILED}


def _last_to(number: str) -> Segment:
    last: Segment = Segment.select().where(Segment.number == number).order_by(Segment.id.desc()).get()
    return last


def submitting(but: str = "") -> bool:
    """Whether a modem other than *but* is in the midst of a submit: a power cut now would put it in doubt."""
    busy = (Segment.state == State.SUBMITTING) & (Segment.modem != but)
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
    firsts = [
        Segment.select(fn.MIN(Segment.due_at)).where((Segment.state == state) & (Segment.due_at <= now)).scalar()
        for state in OWED
    ]
    return now - min((first for first in firsts if first), default=now)


def _move(segment: Segment, event: Event) -> None:
    segment.state = move(State(segment.state), event)
