"""An urgent alert for which no SIM has room: it is said, and a coordinator may decide to go on above the ceilings."""

from datetime import datetime

from appliance import alerts, audit, codes, notices, store, wording
from appliance.alerts import AlertState
from appliance.models import Alert, Challenge, Delivery, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import budget, subscription
from appliance.queue.outbox import Kind
from appliance.queue.states import NotAllowed, State
from appliance.queue.subscription import Room
from appliance.wording import Key

OPEN = (AlertState.WAITING, AlertState.DELAYED, AlertState.FORWARDED)


def waiting(alert: Alert, now: datetime) -> int:
    """How many segments of *alert* are due and find no room on any SIM."""
    rank = alerts.URGENCIES[alerts.MessageClass(alert.message_class)].rank
    room = budget.best_room(now)
    if room is None or subscription.lets(room, rank, goes_over=alert.goes_over):
        return 0
    due = (Segment.state == State.QUEUED) & (Segment.due_at <= now) & ~Segment.goes_over
    return int(Segment.select().where(Segment.delivery.in_(_deliveries(alert)) & due).count())


def go_on(alert: Alert, by: str, via: str, now: datetime) -> int:
    """No ceiling holds *alert* from now on, forwarded or not yet; how many segments are owed. Raises NotAllowed."""
    if alert.state not in OPEN:
        raise NotAllowed(f"alert {alert.id} is {alert.state}: nothing of it will be sent")
    with store.writing():
        Alert.update(goes_over=True).where(Alert.id == alert.id).execute()
        alert.goes_over = True
        owed = Segment.delivery.in_(_deliveries(alert)) & (Segment.state << (State.QUEUED, State.IN_DOUBT))
        released = int(Segment.update(goes_over=True).where(owed).execute())
        audit.record(by, "went on above the ceiling", f"alert {alert.id}", now, via)
        store.ring_after_commit()
    return released


def _deliveries(alert: Alert) -> object:
    return Delivery.select(Delivery.id).where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))


def tell(now: datetime, bin_: Neighbourhood) -> None:
    """Every coordinator hears once of an urgent alert that waits for room, and how to go on."""
    if budget.best_room(now) is not Room.DECIDED:
        return
    silent = (Alert.state == AlertState.FORWARDED) & Alert.ceiling_told_at.is_null() & ~Alert.goes_over
    urgent = Alert.message_class << (alerts.MessageClass.URGENT, alerts.MessageClass.PANIC)
    for alert in list(Alert.select().where(silent & urgent)):
        if number := waiting(alert, now):
            with store.writing():
                Alert.update(ceiling_told_at=now).where(Alert.id == alert.id).execute()
                _tell(alert, number, now, bin_)


def _tell(alert: Alert, number: int, now: datetime, bin_: Neighbourhood) -> None:
    for coordinator in members.with_role(Role.COORDINATOR):
        asked = Challenge.get_or_none(alert=alert, member=coordinator)
        asked = asked or Challenge.create(alert=alert, member=coordinator, number=codes.challenge(bin_.draw))
        words = wording.text(
            Key.COORDINATOR_CEILING, coordinator.language, alert=alert.id, segments=number, challenge=asked.number
        )
        notices.owe(coordinator.number, words, Kind.NOTICE, now, alert=alert, member=coordinator)
