"""Which segment goes first."""

from datetime import datetime

from peewee import Value, fn

from appliance import store
from appliance.models import MomentField, Segment, database
from appliance.queue.states import State

MOMENT = MomentField()
OWED = (State.QUEUED, State.IN_DOUBT)


def next_due(now: datetime, *, over: bool = False) -> Segment | None:
    """The segment that should be submitted first, or None when nothing is due. *over*: of those that no ceiling holds.

    By rank (answers and notices, then the classes of alerts), then by turn within the rank (R12).
    """
    firsts = [first for state in OWED if (first := _first_due(state, now, over))]
    return min(firsts, key=lambda segment: (segment.rank, segment.turn, segment.id), default=None)


def next_due_at() -> datetime | None:
    """When the first segment that is owed falls due; None: nothing is owed."""
    firsts = (Segment.select(fn.MIN(Segment.due_at)).where(Segment.state == state).scalar() for state in OWED)
    return min((at for at in firsts if at is not None), default=None)


def _first_due(state: State, now: datetime, over: bool) -> Segment | None:
    """One state at a time: so the index gives the order, however long the queue is."""
    due = (Segment.state == state) & (Segment.due_at <= now)
    if not Segment.select().where(due).exists():  # by its own index: many may wait for their time
        return None
    # COALESCE hides the column from the planner: it would take the index of times, and sort all that are due
    in_order = (Segment.state == state) & (fn.COALESCE(Segment.due_at, Value("")) <= Value(MOMENT.db_value(now)))
    query = Segment.select().where(in_order & Segment.goes_over if over else in_order)
    query = query.order_by(Segment.rank, Segment.turn, Segment.id).limit(1)
    if store.skips_locked() and database.in_transaction():
        query = query.for_update(True, skip_locked=True)  # a row that somebody looks after stops nobody
    found: Segment | None = query.first()
    return found
