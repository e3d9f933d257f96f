"""A coordinator decides by SMS: `JA 4821`, `LATER 4821 18u00`, `NEE 4821`. Only the real phone has seen the number."""

from datetime import datetime, time, timedelta

from appliance import alerts, audit, codes, notices, wording
from appliance.alerts import AlertState, AlreadyDecided, MessageClass, NobodyToTell, going_on
from appliance.conversation import Decision, Verb
from appliance.models import Alert, Challenge, Member
from appliance.neighbourhood import Neighbourhood
from appliance.queue.outbox import Kind
from appliance.wording import Key

CHALLENGE_LIFE = timedelta(hours=24)
MOVING = (Verb.FORWARD, Verb.LATER)  # what would let an alert leave


def act(coordinator: Member, decision: Decision, now: datetime, bin_: Neighbourhood) -> Alert | None:
    """Do what *coordinator* decided, once: the alert it was about. Call it inside `store.writing()`.

    With the wrong number nothing happens but a counted failure and an answer to the registered phone.
    """
    if decision.verb is Verb.STATUS and decision.challenge is None:
        return _newest(coordinator, now, bin_)
    challenge = _matching(coordinator, decision.challenge, now)
    if challenge is None:
        _tell(coordinator, Key.CHALLENGE_WRONG, now, bin_)
        return None
    if decision.verb in MOVING and _judged_too_long_ago(challenge, now):
        audit.record(coordinator.name, "asked again", f"alert {challenge.alert.id}", now, "stale")
        alerts.ask_again(challenge.alert, Key.COORDINATOR_STALE, now, bin_, anew=True)
        return challenge.alert
    try:
        _carry_out(challenge, decision, now, bin_)
    except AlreadyDecided as late:
        _tell_late(coordinator, late.alert, now, bin_)
    except NobodyToTell:
        _tell(coordinator, Key.COORDINATOR_NOBODY, now, bin_, alert=challenge.alert.id)
    return challenge.alert


def _judged_too_long_ago(challenge: Challenge, now: datetime) -> bool:
    """Whether this number was told so long ago that its alert must be judged again before it may leave (1I)."""
    alert, asked_at = challenge.alert, challenge.asked_at or challenge.alert.created_at
    undecided = alert.state in (AlertState.WAITING, AlertState.DELAYED)
    return undecided and alerts.is_stale(MessageClass(alert.message_class), asked_at, now)


def _newest(coordinator: Member, now: datetime, bin_: Neighbourhood) -> Alert | None:
    alert: Alert | None = Alert.select().order_by(Alert.id.desc()).first()
    if alert is None:
        _tell(coordinator, Key.COORDINATOR_NOTHING, now, bin_)
    else:
        _tell_counts(coordinator, alert, now, bin_)
    return alert


def _carry_out(challenge: Challenge, decision: Decision, now: datetime, bin_: Neighbourhood) -> None:
    alert, by, number = challenge.alert, challenge.member, challenge.number
    if decision.verb is Verb.FORWARD and going_on.waiting(alert, now):
        going_on.go_on(alert, by.name, "sms", now)
        _tell(by, Key.COORDINATOR_GOES_ON, now, bin_, alert=alert.id)
    elif decision.verb is Verb.FORWARD:
        told = alerts.forward(alert, by.name, "sms", now, bin_, fast=decision.fast)
        _tell(by, Key.COORDINATOR_DONE_FORWARDED, now, bin_, alert=alert.id, members=told)
    elif decision.verb is Verb.DECLINE:
        alerts.decline(alert, "", by.name, "sms", now, bin_)
        _tell(by, Key.COORDINATOR_DONE_DECLINED, now, bin_, alert=alert.id)
    elif decision.verb is Verb.STATUS:
        _tell_counts(by, alert, now, bin_)
    elif decision.at is None:
        _tell(by, Key.COORDINATOR_LATER_HOW, now, bin_, challenge=number)
    else:
        until = next_time(bin_.local(now), decision.at)
        alerts.delay(alert, until, by.name, "sms", now, bin_, fast=decision.fast)
        due = wording.time(until, by.language)
        _tell(by, Key.COORDINATOR_DONE_DELAYED, now, bin_, alert=alert.id, due=due, challenge=number)


def next_time(local: datetime, at: time) -> datetime:
    """The next moment on the local clock at the hour *at*. Pure."""
    until = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return until if until > local else until + timedelta(days=1)


def _matching(coordinator: Member, number: str | None, now: datetime) -> Challenge | None:
    """The coordinator's open challenge with *number*; a wrong one slows the next tries down (a delay, no lock)."""
    since = now - CHALLENGE_LIFE
    alive = (Challenge.asked_at > since) | (Challenge.asked_at.is_null() & (Alert.created_at > since))
    query = Challenge.select(Challenge, Alert).join(Alert).where((Challenge.member == coordinator) & alive)
    mine = list(query.order_by(Challenge.id.desc()))
    open_ones = [c for c in mine if codes.throttle(c.failures, c.failed_at, now) <= timedelta(0)]
    for challenge in open_ones:
        if codes.same(challenge.number, number or ""):
            return challenge
    for challenge in mine:
        challenge.failures, challenge.failed_at = challenge.failures + 1, now
        challenge.save()
    return None


TOO_LATE = {
    AlertState.FORWARDED: Key.COORDINATOR_TOLD_FORWARDED,
    AlertState.DECLINED: Key.COORDINATOR_TOLD_DECLINED,
    AlertState.WITHDRAWN: Key.COORDINATOR_TOLD_WITHDRAWN,
    AlertState.CLOSED: Key.COORDINATOR_TOLD_FORWARDED,
}


def _tell_late(coordinator: Member, alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    time = wording.time(bin_.local(alert.decided_at or now), coordinator.language)
    key = TOO_LATE[AlertState(alert.state)]
    _tell(coordinator, key, now, bin_, alert=alert.id, name=alert.decided_by, time=time)


def _tell_counts(coordinator: Member, alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    counts = alerts.counts_for_police(alert)
    _tell(coordinator, Key.COORDINATOR_STATUS, now, bin_, alert=alert.id, **counts)


def _tell(coordinator: Member, key: Key, now: datetime, bin_: Neighbourhood, **values: object) -> None:
    values.setdefault("time", wording.time(bin_.local(now), coordinator.language))
    words = wording.text(key, coordinator.language, **values)
    notices.owe(coordinator.number, words, Kind.NOTICE, now, member=coordinator)
