"""When an alert will be out, from what the store knows now: before it is forwarded and while it is sent."""

from datetime import datetime

from appliance import alerts, notices
from appliance.alerts import URGENCIES, AlertState, MessageClass
from appliance.models import Alert, Delivery, Member, ModemState, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.queue import budget, forecast, outbox
from appliance.queue.forecast import Forecast, Pace
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.segments import split

LEARNED_FROM = 80  # submits: the pace of an hour ago is not that of now
BEFORE = {AlertState.WAITING, AlertState.DELAYED}


def of(alert: Alert, now: datetime, bin_: Neighbourhood) -> Forecast:
    """The forecast for *alert*: all of it while it is not decided about, else what of it is still owed.

    *alert* need not be in the store. Raises segments.BadText when its text cannot be sent.
    """
    message_class = MessageClass(alert.message_class)
    if alert.state not in BEFORE and alert.id:
        return forecast.of(outbox.owed(alert), _ahead(alert), paces(now), now)
    starts_at = alerts.leaves(message_class, max(now, alert.due_at or now), bin_)
    receiving = alerts.recipients(alert, starts_at, bin_)
    return forecast.of(_segments(alert, receiving, now, bin_), _ahead(alert), paces(now), starts_at)


def _segments(alert: Alert, receiving: list[Member], now: datetime, bin_: Neighbourhood) -> int:
    languages = {member.language for member in receiving}
    each = {
        language: len(split(alerts.frame(alert, language, now, bin_), notices.LONGEST).parts) for language in languages
    }
    return sum(each[member.language] for member in receiving)


def _ahead(alert: Alert) -> int:
    """How many segments of others go first: those that are more urgent, and as urgent ones that were there before."""
    rank = URGENCIES[MessageClass(alert.message_class)].rank
    owed = Segment.state << (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)
    ours = Delivery.select(Delivery.id).where((Delivery.alert == (alert.id or 0)) & (Delivery.kind == Kind.ALERT))
    return int(Segment.select().where(owed & (Segment.rank <= rank) & Segment.delivery.not_in(ours)).count())


def paces(now: datetime) -> list[Pace]:
    """What each modem that can send now has shown of its pace, and what its SIM may still send today."""
    rows = ModemState.select().where(ModemState.online & ModemState.registered & (ModemState.stopped == ""))
    return [_pace(row, now) for row in rows]


def _pace(row: ModemState, now: datetime) -> Pace:
    ceiling = row.segments_per_day
    left = None if ceiling is None else max(0, ceiling - budget.used(row.name, now))
    return forecast.learned(_submits(row.name), left)


def _submits(modem: str) -> list[tuple[datetime, datetime]]:
    """When its last LEARNED_FROM texts that the network took at once were claimed and accepted, newest first."""
    plain = (Segment.modem == modem) & (Segment.doubts == 0) & Segment.submitted_at.is_null(False)
    rows = Segment.select(Segment.claimed_at, Segment.submitted_at).where(plain).order_by(Segment.claimed_at.desc())
    return [(row.claimed_at, row.submitted_at) for row in rows.limit(LEARNED_FROM)]
