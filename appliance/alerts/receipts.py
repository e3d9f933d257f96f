"""A person's sign of having read an alert: which one is meant, and how many gave it."""

from datetime import datetime

from peewee import fn

from appliance.alerts import progress, waves
from appliance.alerts.classes import LONGEST_WINDOW, RULES, AlertState, MessageClass
from appliance.models import Alert, Delivery, Segment
from appliance.queue.outbox import Kind


def confirm(number: str, how: str, now: datetime) -> Delivery | None:
    """A person at *number* has read the newest alert that went there; that delivery, or None when there is none.

    Call it inside `writing()`. The first sign counts; an alert that has not left yet cannot be meant.
    """
    delivery = newest_alert_to(number, now)
    if delivery and delivery.confirmed_at is None:
        delivery.confirmed_at, delivery.confirmed_by = now, how
        delivery.save()
        waves.pass_on(delivery, now)
    return delivery


def newest_alert_to(number: str, now: datetime) -> Delivery | None:
    """The newest delivery of an alert to *number* that was tried and whose receipt window is open."""
    tried = fn.EXISTS(Segment.select().where((Segment.delivery == Delivery.id) & (Segment.attempts > 0)))
    query = (
        Delivery.select(Delivery, Alert)
        .join(Alert)
        .where((Delivery.number == number) & (Delivery.kind == Kind.ALERT) & tried)
        .where(Delivery.created_at > now - LONGEST_WINDOW)
        .where(Alert.state << (AlertState.FORWARDED, AlertState.WITHDRAWN))
    )
    found: Delivery | None = query.order_by(Delivery.id.desc()).first()
    if found is None or found.alert is None:
        return None
    return found if now - found.created_at <= RULES[MessageClass(found.alert.message_class)].window else None


def counts_for_police(alert: Alert) -> dict[str, int]:
    """How many have it and how many confirmed: totals, never names; the same when its deliveries are erased."""
    counts = progress.of(alert).counts
    return {"sent": counts["accepted"], "members": counts["recipients"], "confirmed": counts["confirmed"]}
