"""Single texts that the box owes to one phone: notices to coordinators and police contacts, and answers."""

from datetime import datetime, timedelta

from appliance.models import Alert, Delivery, Member
from appliance.queue import outbox
from appliance.queue.outbox import Kind, Urgency
from appliance.segments import split

URGENCY = Urgency(rank=0, validity=timedelta(hours=1))
LONGEST = 20  # segments: the original of a police contact goes to the coordinators whole, however long


def owe(
    number: str, text: str, kind: Kind, now: datetime, *, alert: Alert | None = None, member: Member | None = None,
    urgency: Urgency = URGENCY, turn: int = 0,
) -> Delivery:  # fmt: skip
    """*text* is promised to *number*, before all alerts unless told otherwise. Call it inside `store.writing()`."""
    name = member.name if member else ""
    delivery = Delivery.create(
        alert=alert, kind=kind, member=member, number=number, name=name, text=text, created_at=now
    )
    outbox.add(delivery, split(text, LONGEST), urgency, turn, reference=delivery.id % 256, now=now)
    return delivery
