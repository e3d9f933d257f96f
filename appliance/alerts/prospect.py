"""When an alert will be out, from what the store knows now: before it is forwarded and while it is sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from peewee import fn

from appliance import alerts, modes, notices
from appliance.alerts import URGENCIES, AlertState, MessageClass
from appliance.models import Alert, Delivery, Member, ModemState, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.queue import budget, forecast, outbox, subscription
from appliance.queue.forecast import Forecast, Pace
from appliance.queue.outbox import MINUTE, Kind
from appliance.queue.states import State
from appliance.queue.subscription import CAN_WAIT
from appliance.segments import split

LEARNED_FROM = 80  # submits: the pace of an hour ago is not that of now
BEFORE = {AlertState.WAITING, AlertState.DELAYED}


def of(alert: Alert, now: datetime, bin_: Neighbourhood) -> Forecast:
    """The forecast for *alert*: all of it while it is not decided about, else what of it is still owed.

    *alert* need not be in the store. Raises segments.BadText when its text cannot be sent.
    """
    message_class = MessageClass(alert.message_class)
    moving = paces(now, bin_.zone, URGENCIES[message_class].rank, goes_over=alert.goes_over)
    if alert.state not in BEFORE and alert.id:
        told = forecast.of(outbox.owed(alert), _ahead(alert), moving, _due(alert, fn.MIN, now))
        return forecast.with_wave(told, *_last_wave(alert, now), moving)
    starts_at = alerts.leaves(message_class, max(now, alert.due_at or now), bin_)
    receiving = alerts.recipients(alert, starts_at, bin_)
    told = forecast.of(_segments(alert, receiving, now, bin_), _ahead(alert), moving, starts_at)
    links = modes.links(bin_.mode, receiving)
    waiting = [member for member in receiving if member.number in links]
    return forecast.with_wave(told, _segments(alert, waiting, now, bin_), starts_at + bin_.link_wait, moving)


def _due(alert: Alert, first_or_last: Callable[[object], object], now: datetime) -> datetime:
    """When the first, or the last, of what is still queued may leave."""
    queued = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT) & (Segment.state == State.QUEUED)
    due = Segment.select(first_or_last(Segment.due_at)).join(Delivery).where(queued).scalar()
    return max(now, due or now)


def _last_wave(alert: Alert, now: datetime) -> tuple[int, datetime]:
    """How many segments wait for a street leader or a time-out, and until when at most."""
    wait = (Delivery.alert == alert) & Delivery.leader.is_null(False) & (Segment.state == State.QUEUED)
    waiting = Segment.select().join(Delivery).where(wait & (Segment.due_at > now)).count()
    return int(waiting), _due(alert, fn.MAX, now)


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


def paces(now: datetime, zone: ZoneInfo, rank: int, *, goes_over: bool = False) -> list[Pace]:
    """What each modem that can send now has shown of its pace, and what its SIM may still send of *rank* today."""
    rows = ModemState.select().where(ModemState.online & ModemState.registered & (ModemState.stopped == ""))
    return [_pace(row, now, zone, rank, goes_over) for row in rows]


def _pace(row: ModemState, now: datetime, zone: ZoneInfo, rank: int, goes_over: bool) -> Pace:
    sim = budget.of(row, zone)
    used, pace = budget.used(sim, now), forecast.learned(_submits(row.name))
    if subscription.paced(sim.terms, rank):
        pace = forecast.throttled(
            pace, sim.terms.segments_per_minute, outbox.claimed_since(row.name, now - MINUTE), now
        )
    return replace(
        pace,
        left_today=None if goes_over else subscription.left(sim.terms, used, urgent=rank < CAN_WAIT),
        tariff=sim.terms.tariff,
        left_in_bundle=subscription.left_in_bundle(sim.terms, used),
    )


def _submits(modem: str) -> list[tuple[datetime, datetime]]:
    """When its last LEARNED_FROM texts that the network took at once were claimed and accepted, newest first."""
    plain = (Segment.modem == modem) & (Segment.doubts == 0) & Segment.submitted_at.is_null(False)
    rows = Segment.select(Segment.claimed_at, Segment.submitted_at).where(plain).order_by(Segment.claimed_at.desc())
    return [(row.claimed_at, row.submitted_at) for row in rows.limit(LEARNED_FROM)]
