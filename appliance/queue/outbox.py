"""What is owed to the network. Every change of a segment goes through the table in `states`."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from peewee import Expression, fn

from appliance import clock, store
from appliance.arrivals import Concatenation, Encoding, Outgoing
from appliance.models import Alert, Delivery, ModemState, Segment
from appliance.queue import budget, subscription
from appliance.queue.budget import Sim
from appliance.queue.order import OWED, next_due
from appliance.queue.retry import USUAL, Pace, due_again
from appliance.queue.states import Event, State, move
from appliance.queue.subscription import Subscription, Used
from appliance.segments import Split
from appliance.store import bulk

DOUBT_WAIT = timedelta(seconds=60)  # how long a segment in doubt waits for its delivery report (DESIGN 2.5)
LEASE = timedelta(seconds=240)  # a submit takes 180 s at most (3GPP TS 23.040): who is silent for longer is dead
SILENCE = timedelta(seconds=30)  # and for so long when its connection to the shared database is gone as well
MINUTE = timedelta(minutes=1)
LATER = 1_000_000  # a segment that failed once goes behind all that were not tried yet


class Kind(StrEnum):
    """Why a delivery exists."""

    ALERT = "alert"
    REPEAT = "repeat"  # the same alert once more, to a recipient who gave no sign of having read it
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
    goes_over = delivery.kind != Kind.ALERT  # an answer or a notice: few, and somebody waits for it
    add_all([delivery], split, urgency, [turn], reference, due or now, goes_over=goes_over)


def add_all(
    deliveries: Sequence[Delivery], split: Split, urgency: Urgency, turns: Sequence[int], reference: int, due: datetime,
    *, goes_over: bool = False,
) -> None:  # fmt: skip
    """The same for many phones with one text, in a few large statements.

    *goes_over*: they leave although the ceilings of the SIM are used up.
    """
    shared = {
        "encoding": split.encoding, "concat_reference": reference, "total": len(split.parts), "rank": urgency.rank,
        "validity_minutes": int(urgency.validity.total_seconds() // 60), "due_at": due,
        "expires_at": due + urgency.validity, "goes_over": goes_over,
    }  # fmt: skip
    rows = [
        shared | {"delivery": delivery, "number": delivery.number, "turn": turn, "text": part, "sequence": sequence}
        for delivery, turn in zip(deliveries, turns, strict=True)
        for sequence, part in enumerate(split.parts, start=1)
    ]
    bulk.insert(Segment, rows)
    store.ring_after_commit()


def claim(modem: str, now: datetime, sim: Sim | None = None) -> Segment | None:
    """Commit point 4: the first due segment is `submitting`, its attempt and its price counted. None: nothing leaves.

    Segments that are too old are not claimed but expire here, in plain sight. What the ceilings of *sim* hold is not
    claimed, and says why; it claims nothing above its pace. What a dead box has claimed is in doubt from here on.
    """
    with store.writing():
        _doubt_abandoned(now)
        segment = _first_young(now)
        used = budget.used(sim, now) if segment and sim else Used()
        if segment and sim:
            segment = _within_ceilings(segment, sim, used, now)
        if segment and sim and _too_fast(modem, segment, sim, now):
            segment = None  # whatever is urgent would have been first
        if segment:
            _move(segment, Event.CLAIMED)
            segment.possibly_twice = segment.doubts > 0
            segment.modem, segment.claimed_at, segment.attempts = modem, now, segment.attempts + 1
            budget.charge(segment, sim, now, used)
            segment.save()
    return segment


def _first_young(now: datetime, *, over: bool = False) -> Segment | None:
    segment = next_due(now, over=over)
    while segment and _too_old(segment, now):
        _move(segment, Event.EXPIRED)
        segment.code_words = "older than its validity"
        segment.save()
        segment = next_due(now, over=over)
    return segment


def _within_ceilings(first: Segment, sim: Sim, used: Used, now: datetime) -> Segment | None:
    """*first* if *sim* has room for it; else the first that no ceiling holds, while the others say why they wait."""
    room = subscription.room(sim.terms, used)
    if subscription.lets(room, first.rank, goes_over=first.goes_over):
        return first
    budget.say(sim, room, now)
    return _first_young(now, over=True)


def _too_fast(modem: str, segment: Segment, sim: Sim, now: datetime) -> bool:
    """Whether *modem* has claimed as many within a minute as its operator bears."""
    return subscription.paced(sim.terms, segment.rank) and pause(modem, sim.terms, now) > timedelta(0)


def pause(modem: str, terms: Subscription, now: datetime) -> timedelta:
    """How long the operator of *modem* bears no more of it."""
    most = terms.segments_per_minute
    claimed = sorted(claimed_since(modem, now - MINUTE)) if most else []
    return claimed[-most] + MINUTE - now if most and len(claimed) >= most else timedelta(0)


def claimed_since(modem: str, since: datetime) -> list[datetime]:
    """When *modem* claimed what it claimed after *since*."""
    claims = (Segment.modem == modem) & (Segment.claimed_at > since)
    return [row.claimed_at for row in Segment.select(Segment.claimed_at).where(claims)]


def seat(modem: str) -> str:
    """What the gateway of *modem* is to `store.be_the_only`: for as long as it is connected it is alive."""
    return f"the gateway of modem {modem}"


def _doubt_abandoned(now: datetime) -> None:
    """A claim belongs to one modem of one box, for as long as its gateway lives: then the others settle it."""
    for_long = Segment.claimed_at < now - SILENCE  # sixty modems may be submitting: none of them is asked about
    silent = [row.id for row in Segment.select(Segment.id).where((Segment.state == State.SUBMITTING) & for_long)]
    for segment in map(Segment.get_by_id, silent):
        owner = ModemState.get_or_none(ModemState.name == segment.modem)
        heard_at = max(segment.claimed_at, owner.heartbeat_at) if owner else segment.claimed_at
        if heard_at < now - (SILENCE if store.is_free(seat(segment.modem)) else LEASE):
            _doubt(segment, now)


def _too_old(segment: Segment, now: datetime) -> bool:
    return _age_is_known(segment, now) and segment.expires_at < now


def _age_is_known(segment: Segment, now: datetime) -> bool:
    """Not when either end was read from a clock that had not been set: what was promised then never expires."""
    return clock.trusted(now) and clock.trusted(segment.expires_at)


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
        segment.due_at = min(due_at, segment.expires_at) if _age_is_known(segment, now) else due_at
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
    budget.refund(segment)
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
        budget.refund(segment)
        segment.save()


def clear(refused_before: Collection[int], code: str, now: datetime) -> None:
    """Those segments, by id, that failed with *code* are owed again: it was our SIM's fault, not their numbers'."""
    with store.writing():
        failed = (Segment.state == State.FAILED) & (Segment.code == code) & ~Segment.withdrawn
        for segment in Segment.select().where((Segment.id << list(refused_before)) & failed):
            _move(segment, Event.CLEARED)
            segment.due_at = now
            segment.save()


def doubted(segment: Segment, now: datetime, code: str = "", words: str = "", pace: Pace = USUAL) -> None:
    """Commit point 5: nobody knows. A report may settle it within DOUBT_WAIT; else it is owed once more.

    With a *code* the modem did answer, but not whether the network has it: each time it is owed later, by *pace*.
    """
    with _settling(segment) as ours:
        if not ours:
            return
        if code:
            segment.code, segment.code_words = code, words
        _doubt(segment, now, due_again(segment.attempts, now, pace) if code else now)


@contextmanager
def _settling(segment: Segment) -> Iterator[bool]:
    """One transaction; whether the claim behind *segment* still stands. If not, others took this gateway for dead."""
    with store.writing():
        claim = Segment.select(Segment.state, Segment.modem, Segment.attempts, Segment.withdrawn)
        row = claim.where(Segment.id == segment.id).get()
        segment.withdrawn = row.withdrawn
        yield (row.state, row.modem, row.attempts) == (segment.state, segment.modem, segment.attempts)


def _accepted_late(segment: Segment, message_reference: int | None, now: datetime) -> None:
    """The claim was taken away, and the network took the text after all: as good as its report."""
    row = Segment.get_by_id(segment.id)
    if row.state in (State.IN_DOUBT, State.UNKNOWN):
        budget.known(row)
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


def broken_off(modem: str, now: datetime) -> list[int]:
    """The alerts that *modem* has begun and that are still owed: what its gateway goes on with when it starts anew."""
    under_way = Segment.state << (State.SUBMITTING, State.IN_DOUBT)
    unsettled = under_way | ((Segment.state == State.QUEUED) & (Segment.due_at <= now))
    of_alerts = Segment.select(Delivery.alert).join(Delivery).where(Delivery.kind == Kind.ALERT).distinct()
    owed = [alert for (alert,) in of_alerts.where(unsettled).tuples().iterator()]
    begun = of_alerts.where((Segment.modem == modem) & (Delivery.alert << owed)).order_by(Delivery.alert)
    return [alert for (alert,) in begun.tuples().iterator()]


def _doubt(segment: Segment, now: datetime, not_before: datetime | None = None) -> None:
    _move(segment, Event.DOUBTED)
    budget.doubted(segment)
    segment.doubts += 1
    segment.due_at = max(now + DOUBT_WAIT, not_before or now)
    segment.message_reference = None
    if segment.withdrawn:
        _move(segment, Event.WITHDRAWN)
    segment.save()


def withdraw(alert: Alert) -> int:
    """Nothing of *alert* is submitted after this; how many segments were kept back. Call it inside `writing()`."""
    return _keep_back((Delivery.alert == alert) & (Delivery.kind << (Kind.ALERT, Kind.REPEAT)))


def keep_back_from(number: str) -> int:
    """No alert is submitted to *number* after this; how many segments were kept back. Call it inside `writing()`."""
    return _keep_back((Delivery.number == number) & (Delivery.kind << (Kind.ALERT, Kind.REPEAT)))


def _keep_back(which: Expression) -> int:
    ours = Segment.delivery.in_(Delivery.select(Delivery.id).where(which))
    dropped = 0
    for state in OWED:
        after = move(state, Event.WITHDRAWN)
        changed = Segment.update(state=after).where(ours & (Segment.state == state)).execute()
        dropped += changed if after is State.DROPPED else 0
    later = (State.SUBMITTING, State.FAILED)  # either may come back to what is owed
    Segment.update(withdrawn=True).where(ours & (Segment.state << later)).execute()
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


def busy(now: datetime) -> bool:
    """Whether a text leaves or is due to leave, so that what can wait waits."""
    unsettled = Segment.state << (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)
    return bool(Segment.select().where(unsettled & (Segment.due_at <= now)).exists())


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
