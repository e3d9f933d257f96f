"""An alert's life: who may move it, and what each move promises to whom."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from appliance import audit, modes
from appliance.alerts import aftermath, target, telling, timers
from appliance.alerts.classes import MOVES, RULES, AlertEvent, AlertState, MessageClass, Source
from appliance.alerts.promise import is_on_trial, leaves, promise, recipients
from appliance.alerts.receipts import counts_for_police
from appliance.life import observance
from appliance.models import Alert, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.plain import PlainError
from appliance.queue import outbox
from appliance.queue.states import NotAllowed
from appliance.segments import BadText, fold, sendable, split
from appliance.store import writing
from appliance.wording import Key

TRY_AGAIN = timedelta(minutes=10)


class NobodyToTell(PlainError):
    """No recipient for this message class. Nothing was changed."""


class AlreadyDecided(NotAllowed):
    """Another coordinator was quicker; nothing was changed. `alert` carries who and when."""

    def __init__(self, alert: Alert, event: AlertEvent) -> None:
        super().__init__(f"alert {alert.id} is {alert.state}: it cannot be {event}")
        self.alert = alert


def move(alert: Alert, event: AlertEvent) -> None:
    """*alert*, read again inside this transaction, is in the state after *event*. Raises AlreadyDecided."""
    alert.state = Alert.get_by_id(alert.id).state
    after = MOVES[AlertState(alert.state)].get(event)
    if after is None:
        raise AlreadyDecided(Alert.get_by_id(alert.id), event)
    alert.state = after


def create(
    message_class: MessageClass, source: Source, original: str, author: str, now: datetime, bin_: Neighbourhood,
    *, contact: PoliceContact | None = None, verified: bool = False, doubt: str = "", about: Alert | None = None,
    streets: Sequence[str] = (), from_above: bool = False, not_kept: bool = False,
) -> Alert:  # fmt: skip
    """*original* waits for a coordinator's decision; a police text is shown to every coordinator at once (R51).

    With *streets* it is for who lives there (R10); *from_above*, its word comes from above the zone (R39), and like
    any other it goes to nobody but the members of this BIN; *not_kept*: its text is erased once it has ended (R87).
    Raises segments.BadText for a text that can never be forwarded, when a person at the box typed it, and
    target.BadTarget.
    """
    if contact is None:
        split(original)
    with writing():
        alert = Alert.create(
            message_class=message_class, source=source, state=AlertState.WAITING, verified=verified, doubt=doubt,
            text=sendable(original), original=original, police_contact=contact, author=author, about=about,
            streets=target.chosen(message_class, streets), from_above=from_above, not_kept=not_kept,
            created_at=now,
        )  # fmt: skip
        audit.record(author, "created", f"alert {alert.id}", now, fingerprint(alert))
        if verified and message_class is MessageClass.FEEDBACK_COORDINATORS:
            _pass_on(alert, now, bin_)
        elif modes.straight_out(bin_.mode, message_class, source, verified=verified):
            with suppress(NobodyToTell):
                forward(alert, author, modes.Mode.ONE_LEVEL, now, bin_)
        if source is Source.POLICE and alert.state == AlertState.WAITING:
            telling.ask(alert, now, bin_)
            timers.start(alert, now, bin_)
    return alert


def _pass_on(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """What is meant for the coordinators themselves leaves nothing to judge."""
    if recipients(alert, now, bin_):
        forward(alert, alert.author, "sms", now, bin_)


def mark_origin(alert: Alert, by: str, now: datetime, *, above: bool) -> None:
    """*alert* is known to come from above the zone, or not (R39): for its record, and whoever reads it there."""
    with writing():
        if Alert.update(from_above=above).where((Alert.id == alert.id) & (Alert.from_above != above)).execute():
            audit.record(by, "marked from above" if above else "marked from the zone", f"alert {alert.id}", now)


def fingerprint(alert: Alert) -> str:
    """SHA-256 of the original: proves later that it was forwarded word for word (R53)."""
    return hashlib.sha256(alert.original.encode("utf-8", "surrogatepass")).hexdigest()


def spelled(alert: Alert, *, fast: bool) -> str:
    """What is forwarded of *alert*: the original to the letter, or without the letters that make it dear. Pure."""
    exact = sendable(alert.original)
    return fold(exact) if fast else exact


def is_fast(alert: Alert) -> bool:
    """Whether *alert* was left to the clock without the letters that make it dear. Pure."""
    return alert.text != spelled(alert, fast=False)


def forward(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood, *, fast: bool = False) -> int:
    """Commit point 3: *alert* is promised, word for word, to each recipient; how many those are.

    *fast*: without the letters that make it dear, as the coordinator chose. Once this has returned the promise
    survives a power cut. Raises NobodyToTell, AlreadyDecided, BadText.
    """
    receiving = recipients(alert, now, bin_)
    if not receiving:
        raise NobodyToTell(alert.message_class)
    told = len(receiving)
    with writing():
        move(alert, AlertEvent.FORWARDED)
        alert.text, alert.on_trial = spelled(alert, fast=fast), is_on_trial(alert)
        _decided(alert, by, via, now, bin_)
        promise(alert, receiving, now, bin_)
        audit.record(by, "forwarded", f"alert {alert.id}", now, f"{via}, fast" if fast else via)
        told_by = Key.COORDINATOR_TOLD_FORWARDED, Key.POLICE_FORWARDED
        telling.tell_decision(alert, *told_by, now, bin_, members=told)
        telling.report_own(alert, told, now, bin_)
        timers.owe_feedback(alert, now, bin_)
        _end(aftermath.ended(alert, now), by, via, now, bin_)
    return told


def _end(outcome_of: Alert | None, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    """The outcome of an alert closes it (R73)."""
    if outcome_of and AlertEvent.CLOSED in MOVES[AlertState(outcome_of.state)]:
        close(outcome_of, by, via, now, bin_)


def _decided(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    alert.decided_by, alert.decided_via, alert.decided_at = by, via, now
    alert.goes_over = alert.goes_over or via == "button"  # nobody can be asked there
    alert.save()
    message_class = MessageClass(alert.message_class)
    goes = alert.state == AlertState.FORWARDED and RULES[message_class].keeps_hours
    starts = bin_.local(leaves(message_class, now, bin_)).time() if goes else None
    observance.decided(alert, by, bin_.mode, starts, now)


def delay(
    alert: Alert, until: datetime, by: str, via: str, now: datetime, bin_: Neighbourhood, *, fast: bool = False
) -> None:
    """*alert* is forwarded at *until*, as *fast* says, unless somebody decides otherwise first (R54)."""
    with writing():
        move(alert, AlertEvent.DELAYED)
        alert.due_at, alert.text = until, spelled(alert, fast=fast)
        _decided(alert, by, via, now, bin_)
        audit.record(by, "delayed", f"alert {alert.id}", now, f"{via}, fast" if fast else via)
        telling.tell_decision(alert, Key.COORDINATOR_TOLD_DELAYED, Key.POLICE_DELAYED, now, bin_)


def decline(alert: Alert, why: str, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    """*alert* is not forwarded; the police hear so."""
    with writing():
        move(alert, AlertEvent.DECLINED)
        alert.why = why
        _decided(alert, by, via, now, bin_)
        audit.record(by, "declined", f"alert {alert.id}", now, via)
        telling.tell_decision(alert, Key.COORDINATOR_TOLD_DECLINED, Key.POLICE_DECLINED, now, bin_)


def withdraw(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood) -> int:
    """No segment of *alert* is submitted from now on; how many were kept back."""
    with writing():
        unjudged = alert.decided_at is None
        move(alert, AlertEvent.WITHDRAWN)
        alert.save()
        kept_back = outbox.withdraw(alert)
        audit.record(by, "withdrawn", f"alert {alert.id}", now, via)
        telling.tell_police(alert, Key.POLICE_WITHDRAWN, now, bin_)
        if unjudged:  # they were asked to decide: now they need not
            telling.tell_coordinators(alert, Key.COORDINATOR_TOLD_WITHDRAWN, now)
    return kept_back


def close(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    """*alert* is history: it takes no more receipt confirmations, and the police hear the last counts (R57)."""
    with writing():
        move(alert, AlertEvent.CLOSED)
        alert.save()
        audit.record(by, "closed", f"alert {alert.id}", now, via)
        if alert.followed_up_at is None:
            alert.followed_up_at = now  # no later counts: these are the last
            alert.save()
        telling.tell_police(alert, Key.POLICE_CLOSED, now, bin_, **counts_for_police(alert))


def release_delayed(now: datetime, bin_: Neighbourhood) -> None:
    """Delayed alerts whose time has come are forwarded, as their coordinator decided, unless they have gone stale."""
    due = (Alert.state == AlertState.DELAYED) & (Alert.due_at <= now)
    for alert in list(Alert.select().where(due)):
        try:
            if is_stale(MessageClass(alert.message_class), alert.decided_at, now):
                _ask_anew(alert, now, bin_)
            else:
                forward(alert, alert.decided_by, alert.decided_via, now, bin_, fast=is_fast(alert))
        except AlreadyDecided:  # by somebody, or by another gateway, a moment ago
            continue
        except (NobodyToTell, BadText):
            Alert.update(due_at=now + TRY_AGAIN).where((Alert.id == alert.id) & due).execute()


def is_stale(message_class: MessageClass, judged_at: datetime, now: datetime) -> bool:
    """Whether an alert that was judged at *judged_at* must be judged again before it may leave (1I). Pure."""
    fresh = RULES[message_class].fresh
    return fresh is not None and now - judged_at > fresh


def _ask_anew(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    with writing():
        move(alert, AlertEvent.STALE)
        alert.due_at, alert.text = None, spelled(alert, fast=False)
        alert.save()
        audit.record("klok", "went stale", f"alert {alert.id}", now)
        telling.ask_again(alert, Key.COORDINATOR_STALE, now, bin_, anew=True)
        timers.start(alert, now, bin_)


def waiting() -> list[Alert]:
    """What a coordinator still has to decide about, newest first."""
    return list(Alert.select().where(Alert.state == AlertState.WAITING).order_by(Alert.id.desc()))
