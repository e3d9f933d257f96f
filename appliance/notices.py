"""What the box owes to phones: single notices and answers, and one alert to many."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from appliance.models import Alert, Delivery, Member
from appliance.queue import outbox
from appliance.queue.outbox import Kind, Urgency
from appliance.segments import split
from appliance.store import bulk

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


def deliveries(
    alert: Alert, receiving: Sequence[Member], framed: Mapping[str, str], now: datetime
) -> dict[str, Delivery]:
    """One for each recipient, by number: a few large statements, for the store has one writer at a time."""
    rows = [
        {"alert": alert, "kind": Kind.ALERT, "member": recipient, "number": recipient.number, "name": recipient.name,
         "text": framed[recipient.language], "created_at": now}
        for recipient in receiving
    ]  # fmt: skip
    bulk.insert(Delivery, rows)
    made = Delivery.select(Delivery.id, Delivery.number).where(
        (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)
    )
    return {delivery.number: delivery for delivery in made}
