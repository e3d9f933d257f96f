"""What the clock does about alerts: who is told what when nobody decides, and what is reminded of next morning.

A timer is a row, made in the same commit as what starts it and crossed off in the same commit as what it does: a
box that was off, or killed in between, does it once when it is back.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby

from appliance import audit
from appliance.alerts import telling
from appliance.alerts.classes import RULES, AlertState, MessageClass, Source
from appliance.life import observance
from appliance.models import Alert, Timer
from appliance.neighbourhood import Neighbourhood
from appliance.store import writing
from appliance.wording import Key

MORNING = time(9)
A_NIGHT = timedelta(hours=6)  # what happened in the small hours is reminded of the same morning, not before


class Step(StrEnum):
    """What the clock does."""

    AGAIN = "again"  # every coordinator once more
    LOUDER = "louder"  # and once more, in plainer words
    POLICE = "police"  # the police hear that nobody has decided, so that they can phone
    STALE = "stale"  # too old to leave: every coordinator is asked anew
    FEEDBACK = "feedback"  # the police have not said how it ended


# From the moment that the coordinators were asked (domain 1I).
UNJUDGED: tuple[tuple[timedelta, Step], ...] = (
    (timedelta(minutes=2), Step.AGAIN),
    (timedelta(minutes=5), Step.LOUDER),
    (timedelta(minutes=10), Step.POLICE),
    (timedelta(minutes=60), Step.STALE),
)
TO_COORDINATORS = {
    Step.AGAIN: Key.COORDINATOR_WAITING,
    Step.LOUDER: Key.COORDINATOR_LOUDER,
    Step.STALE: Key.COORDINATOR_STALE,
}


def start(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """A police text waits: what happens while nobody decides. What is not urgent waits for the morning."""
    if alert.source != Source.POLICE:
        return
    if RULES[MessageClass(alert.message_class)].fresh:
        for after, step in UNJUDGED:
            Timer.create(alert=alert, step=step, due_at=now + after)
    else:
        Timer.create(alert=alert, step=Step.AGAIN, due_at=next_morning(now, bin_))


def owe_feedback(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """An alert left whose outcome the members want to hear: reminded of next morning, once (domain 0.10)."""
    if RULES[MessageClass(alert.message_class)].owes_feedback:
        Timer.create(alert=alert, step=Step.FEEDBACK, due_at=next_morning(now, bin_))


def next_morning(now: datetime, bin_: Neighbourhood) -> datetime:
    """The first nine o'clock in the neighbourhood that is a night away."""
    local = bin_.local(now + A_NIGHT)
    day = local.date() + timedelta(days=local.time() > MORNING)
    return datetime.combine(day, MORNING, tzinfo=local.tzinfo).astimezone(UTC)


def run(now: datetime, bin_: Neighbourhood) -> None:
    """Whatever is due is done. Several steps that are late together are one question to the coordinators."""
    if not due(now):
        return
    with writing():
        for _, timers in groupby(due(now), key=lambda timer: timer.alert.id):  # again, now that nobody else writes
            _ring(list(timers), now, bin_)


def due(now: datetime) -> list[Timer]:
    """The timers to act on, those of one alert together, in the order they were due."""
    waiting = Timer.done_at.is_null() & (Timer.due_at <= now)
    return list(Timer.select(Timer, Alert).join(Alert).where(waiting).order_by(Timer.alert, Timer.due_at, Timer.id))


def _ring(timers: Sequence[Timer], now: datetime, bin_: Neighbourhood) -> None:
    alert = timers[0].alert
    steps = [Step(timer.step) for timer in timers]
    for timer in timers:
        timer.done_at = now
        timer.save()
    if Step.FEEDBACK in steps:
        _remind_of_feedback(alert, now, bin_)
    if alert.state == AlertState.WAITING:
        _press_for_decision(alert, steps, now, bin_)


def _press_for_decision(alert: Alert, steps: Sequence[Step], now: datetime, bin_: Neighbourhood) -> None:
    asked = [step for step in steps if step in TO_COORDINATORS]
    if asked:
        telling.ask_again(alert, TO_COORDINATORS[asked[-1]], now, bin_, anew=asked[-1] is Step.STALE)
        audit.record("klok", "asked again", f"alert {alert.id}", now, asked[-1])
    if Step.POLICE in steps or Step.STALE in steps:
        telling.tell_police(alert, Key.POLICE_WAITING, now, bin_)
        observance.nobody_decided(alert, now)


def _remind_of_feedback(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """Who wrote it is asked how it ended; when that was no police contact, the coordinators are."""
    if alert.feedback_at or alert.state not in (AlertState.FORWARDED, AlertState.CLOSED):
        return
    if alert.police_contact:
        telling.tell_police(alert, Key.POLICE_FEEDBACK_DUE, now, bin_)
    else:
        telling.tell_coordinators(alert, Key.COORDINATOR_FEEDBACK_DUE, now)
