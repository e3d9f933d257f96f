"""The waves of a pyramid (R61), as due times and links in the store: a kill at any instant loses none of them.

All of an alert is promised in one transaction. Whoever waits for a street leader is due when the wait is over; the
leader's receipt confirmation makes it due at once.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from peewee import chunked

from appliance import store
from appliance.models import Delivery, Segment
from appliance.queue.states import State
from appliance.store.bulk import BATCH


def hold(deliveries: Mapping[str, Delivery], links: Mapping[str, str], until: datetime) -> None:
    """Who waits by *links* is due *until* then, unless the leader confirms before. Part of commit point 3."""
    of_leader: dict[str, list[int]] = defaultdict(list)
    for number, leader in links.items():
        of_leader[leader].append(deliveries[number].id)
    for leader, waiting in of_leader.items():
        for batch in chunked(waiting, BATCH):
            Delivery.update(leader=deliveries[leader]).where(Delivery.id << batch).execute()
            Segment.update(due_at=until).where(Segment.delivery << batch).execute()


def pass_on(leader: Delivery, now: datetime) -> int:
    """*leader* has it: those who waited are due now; how many segments those are. Call it inside `writing()`."""
    branch = Delivery.select(Delivery.id).where(Delivery.leader == leader)
    waiting = (Segment.state == State.QUEUED) & (Segment.attempts == 0) & (Segment.due_at > now)
    released = int(Segment.update(due_at=now).where(Segment.delivery.in_(branch) & waiting).execute())
    if released:
        store.ring_after_commit()
    return released
