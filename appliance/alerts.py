"""An alert's life: its table of moves, and what each move promises to whom."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from peewee import fn

from appliance import audit, codes, members, notices, wording
from appliance.members import Role
from appliance.models import Acknowledgement, Alert, Challenge, Delivery, Member, PoliceContact, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.queue import hours, outbox
from appliance.queue.outbox import Kind, Urgency
from appliance.queue.states import NotAllowed, State
from appliance.segments import sendable, split
from appliance.store import writing
from appliance.wording import Key


class MessageClass(StrEnum):
    """How hard an alert must be told (R71 to R76)."""

    URGENT = "urgent"
    FEEDBACK = "feedback"
    TEST = "test"
    PREVENTIVE = "preventive"
    ORGANISATION = "organisation"
    PANIC = "panic"  # the button's fixed text to the core group: never from the police


class Source(StrEnum):
    """Who wrote the original."""

    POLICE = "police"
    COORDINATOR = "coordinator"


class AlertState(StrEnum):
    """Where an alert is. How far its texts are is counted from its segments, not kept here."""

    WAITING = "waiting"
    DELAYED = "delayed"
    FORWARDED = "forwarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class AlertEvent(StrEnum):
    """What a coordinator, or the police, can do to an alert."""

    FORWARDED = "forwarded"
    DELAYED = "delayed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


MOVES: dict[AlertState, dict[AlertEvent, AlertState]] = {
    AlertState.WAITING: {
        AlertEvent.FORWARDED: AlertState.FORWARDED,
        AlertEvent.DELAYED: AlertState.DELAYED,
        AlertEvent.DECLINED: AlertState.DECLINED,
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
    },
    AlertState.DELAYED: {
        AlertEvent.FORWARDED: AlertState.FORWARDED,
        AlertEvent.DELAYED: AlertState.DELAYED,
        AlertEvent.DECLINED: AlertState.DECLINED,
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
    },
    AlertState.FORWARDED: {
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
        AlertEvent.CLOSED: AlertState.CLOSED,
    },
    AlertState.WITHDRAWN: {AlertEvent.CLOSED: AlertState.CLOSED},
    AlertState.DECLINED: {},
    AlertState.CLOSED: {},
}

# Rank in the queue, and for how long the text makes sense: flagrante is over within the hour (domain 0.9).
URGENCIES = {
    MessageClass.PANIC: Urgency(5, timedelta(minutes=60)),
    MessageClass.URGENT: Urgency(10, timedelta(minutes=60)),
    MessageClass.FEEDBACK: Urgency(15, timedelta(hours=24)),
    MessageClass.TEST: Urgency(20, timedelta(hours=24)),
    MessageClass.PREVENTIVE: Urgency(30, timedelta(hours=24)),
    MessageClass.ORGANISATION: Urgency(40, timedelta(hours=24)),
}
ASKS_RECEIPT = {MessageClass.URGENT, MessageClass.TEST, MessageClass.PANIC}
RECEIPT_WINDOW = timedelta(hours=24)
TEST_WINDOW = timedelta(days=7)
PANIC_PAUSE = timedelta(minutes=10)
LEADING = 6  # places in an alert's order for coordinators and core group, before any notice about it


class NobodyToTell(Exception):
    """No recipient for this message class. Nothing was changed."""


class AlreadyDecided(NotAllowed):
    """Another coordinator was quicker; nothing was changed. `alert` carries who and when."""

    def __init__(self, alert: Alert, event: AlertEvent) -> None:
        super().__init__(f"alert {alert.id} is {alert.state}: it cannot be {event}")
        self.alert = alert


class TooSoon(Exception):
    """The button was used less than PANIC_PAUSE ago. Nothing was changed."""


def move(alert: Alert, event: AlertEvent) -> None:
    """*alert*, read again inside this transaction, is in the state after *event*. Raises AlreadyDecided."""
    alert.state = Alert.get_by_id(alert.id).state
    after = MOVES[AlertState(alert.state)].get(event)
    if after is None:
        raise AlreadyDecided(Alert.get_by_id(alert.id), event)
    alert.state = after


def create(
    message_class: MessageClass, source: Source, original: str, author: str, now: datetime, bin_: Neighbourhood,
    *, contact: PoliceContact | None = None, verified: bool = False,
) -> Alert:  # fmt: skip
    """*original* waits for a coordinator's decision; a police text is shown to every coordinator at once (R51).

    Raises segments.BadText for a text that can never be forwarded, when a person at the box typed it.
    """
    if contact is None:
        split(original)
    with writing():
        alert = Alert.create(
            message_class=message_class, source=source, state=AlertState.WAITING, verified=verified,
            text=sendable(original), original=original, police_contact=contact, author=author, created_at=now,
        )  # fmt: skip
        audit.record(author, "created", f"alert {alert.id}", now, fingerprint(alert))
        if source is Source.POLICE:
            _show_coordinators(alert, now, bin_)
    return alert


def fingerprint(alert: Alert) -> str:
    """SHA-256 of the original: proves later that it was forwarded word for word (R53)."""
    return hashlib.sha256(alert.original.encode("utf-8", "surrogatepass")).hexdigest()


def _show_coordinators(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """Each coordinator gets the original, then what to answer, with a number that only this phone has seen."""
    key = Key.COORDINATOR_NOTICE if alert.verified else Key.COORDINATOR_NOTICE_UNVERIFIED
    told = len(recipients(alert, now, bin_))
    for coordinator in members.with_role(Role.COORDINATOR):
        challenge = Challenge.create(alert=alert, member=coordinator, number=codes.challenge(bin_.draw))
        language = coordinator.language
        words = wording.text(
            key, language, alert=alert.id, message_class=wording.class_name(alert.message_class, language),
            members=told, segments=len(split(alert.text, notices.LONGEST).parts), challenge=challenge.number,
        )  # fmt: skip
        for text in (alert.text, words):
            notices.owe(coordinator.number, text, Kind.NOTICE, now, alert=alert, member=coordinator)


def recipients(alert: Alert, now: datetime, bin_: Neighbourhood) -> list[Member]:
    """Who would get *alert* if it were forwarded *now*, in the order of submitting."""
    return members.recipients(alert.message_class, turn=alert.id, local=bin_.local(now), failing=outbox.failing(now))


def forward(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood) -> int:
    """Commit point 3: *alert* is promised, word for word, to each recipient; how many those are.

    Once this has returned the promise survives a power cut. Raises NobodyToTell, AlreadyDecided, BadText.
    """
    receiving = recipients(alert, now, bin_)
    if not receiving:
        raise NobodyToTell(alert.message_class)
    with writing():
        move(alert, AlertEvent.FORWARDED)
        _decided(alert, by, via, now)
        _promise(alert, receiving, now, bin_)
        audit.record(by, "forwarded", f"alert {alert.id}", now, via)
        _tell_decision(alert, Key.COORDINATOR_TOLD_FORWARDED, Key.POLICE_FORWARDED, now, bin_, members=len(receiving))
    return len(receiving)


def _decided(alert: Alert, by: str, via: str, now: datetime) -> None:
    alert.decided_by, alert.decided_via, alert.decided_at = by, via, now
    alert.save()


def _promise(alert: Alert, receiving: Sequence[Member], now: datetime, bin_: Neighbourhood) -> None:
    """Texts and concatenation reference are fixed here: a second try sends the same bytes."""
    message_class = MessageClass(alert.message_class)
    framed = {
        language: frame(alert, language, now, bin_) for language in {recipient.language for recipient in receiving}
    }
    parts = {language: split(text, notices.LONGEST) for language, text in framed.items()}
    due = leaves(message_class, now, bin_)
    deliveries = notices.deliveries(alert, receiving, framed, now)
    for language, split_text in parts.items():
        turns = [turn for turn, recipient in enumerate(receiving) if recipient.language == language]
        theirs = [deliveries[receiving[turn].number] for turn in turns]
        outbox.add_all(theirs, split_text, URGENCIES[message_class], turns, alert.id % 256, due)


def leaves(message_class: MessageClass, now: datetime, bin_: Neighbourhood) -> datetime:
    """From when on an alert of this class that is forwarded *now* is submitted: prevention keeps hours (R72)."""
    return hours.opens(bin_.local(now)).astimezone(UTC) if message_class is MessageClass.PREVENTIVE else now


def frame(alert: Alert, language: str, now: datetime, bin_: Neighbourhood) -> str:
    """What a member with *language* reads: our label, the original untouched, and the question to confirm."""
    message_class = MessageClass(alert.message_class)
    at = bin_.local(alert.created_at)
    return wording.frame(message_class, alert.text, language, at, alert.source, message_class in ASKS_RECEIPT)


def delay(alert: Alert, until: datetime, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    """*alert* is forwarded at *until* unless somebody decides otherwise first (R54)."""
    with writing():
        move(alert, AlertEvent.DELAYED)
        alert.due_at = until
        _decided(alert, by, via, now)
        audit.record(by, "delayed", f"alert {alert.id}", now, via)
        _tell_decision(alert, Key.COORDINATOR_TOLD_DELAYED, None, now, bin_)


def decline(alert: Alert, why: str, by: str, via: str, now: datetime, bin_: Neighbourhood) -> None:
    """*alert* is not forwarded; the police hear so."""
    with writing():
        move(alert, AlertEvent.DECLINED)
        alert.why = why
        _decided(alert, by, via, now)
        audit.record(by, "declined", f"alert {alert.id}", now, via)
        _tell_decision(alert, Key.COORDINATOR_TOLD_DECLINED, Key.POLICE_DECLINED, now, bin_)


def withdraw(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood) -> int:
    """No segment of *alert* is submitted from now on; how many were kept back."""
    with writing():
        move(alert, AlertEvent.WITHDRAWN)
        alert.save()
        kept_back = outbox.withdraw(alert)
        audit.record(by, "withdrawn", f"alert {alert.id}", now, via)
        _tell_police(alert, Key.POLICE_WITHDRAWN, now, bin_)
    return kept_back


def close(alert: Alert, by: str, via: str, now: datetime) -> None:
    """*alert* is history: it takes no more receipt confirmations."""
    with writing():
        move(alert, AlertEvent.CLOSED)
        alert.save()
        audit.record(by, "closed", f"alert {alert.id}", now, via)


def release_delayed(now: datetime, bin_: Neighbourhood) -> None:
    """Delayed alerts whose time has come are forwarded, as their coordinator decided."""
    due = Alert.select().where((Alert.state == AlertState.DELAYED) & (Alert.due_at <= now))
    for alert in list(due):
        try:
            forward(alert, alert.decided_by, alert.decided_via, now, bin_)
        except NobodyToTell:
            alert.due_at = now + timedelta(minutes=10)
            alert.save()


def _tell_decision(
    alert: Alert, to_coordinators: Key, to_police: Key | None, now: datetime, bin_: Neighbourhood, **more: object
) -> None:
    """The other coordinators hear who was first, the police hear what was decided."""
    at = bin_.local(now)
    if alert.source == Source.POLICE:
        for coordinator in members.with_role(Role.COORDINATOR):
            if coordinator.name == alert.decided_by:
                continue
            language = coordinator.language
            due = wording.time(bin_.local(alert.due_at), language) if alert.due_at else ""
            values = {"alert": alert.id, "name": alert.decided_by, "time": wording.time(at, language), "due": due}
            words = wording.text(to_coordinators, language, **values)
            _owe_behind_leaders(coordinator.number, words, alert, now, coordinator)
    if to_police:
        _tell_police(alert, to_police, now, bin_, **more)


def _tell_police(alert: Alert, key: Key, now: datetime, bin_: Neighbourhood, **more: object) -> None:
    """To the registered number, never to whoever claimed to be it."""
    contact = alert.police_contact
    if contact is None or contact.revoked_at is not None:
        return
    time = wording.time(bin_.local(now), bin_.language)
    words = wording.text(key, bin_.language, alert=alert.id, time=time, **more)
    _owe_behind_leaders(contact.number, words, alert, now)


def _owe_behind_leaders(number: str, words: str, alert: Alert, now: datetime, member: Member | None = None) -> None:
    """What asks for nothing waits until those who lead have the alert: the first SMS of an alert is not delayed."""
    urgency = URGENCIES[MessageClass(alert.message_class)]
    notices.owe(number, words, Kind.NOTICE, now, alert=alert, member=member, urgency=urgency, turn=LEADING)


def follow_up(now: datetime, bin_: Neighbourhood) -> None:
    """The police hear the counts once everything is out, and once more later (R57)."""
    forwarded = (Alert.state << (AlertState.FORWARDED, AlertState.CLOSED)) & Alert.police_contact.is_null(False)
    for alert in list(Alert.select().where(forwarded & Alert.followed_up_at.is_null())):
        first = alert.counted_at is None
        if outbox.owed(alert) or (not first and now < alert.counted_at + bin_.follow_up):
            continue
        with writing():
            changed = {Alert.counted_at: now} if first else {Alert.followed_up_at: now}
            Alert.update(changed).where(Alert.id == alert.id).execute()
            _tell_police(alert, Key.POLICE_COUNTS, now, bin_, **counts_for_police(alert))


def counts_for_police(alert: Alert) -> dict[str, int]:
    """How many have it and how many confirmed: totals, never names."""
    of_alert = Delivery.select().where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT))
    not_out = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT, State.FAILED, State.DROPPED, State.UNKNOWN)
    incomplete = Segment.select(Segment.delivery).where(Segment.state << not_out)
    sent = of_alert.where(Delivery.id.not_in(incomplete)).count()
    confirmed = of_alert.where(Delivery.confirmed_at.is_null(False)).count()
    return {"sent": sent, "members": of_alert.count(), "confirmed": confirmed}


def confirm(number: str, how: str, now: datetime) -> Delivery | None:
    """A person at *number* has read the newest alert that went there; that delivery, or None when there is none.

    Call it inside `writing()`. The first sign counts; an alert that has not left yet cannot be meant.
    """
    delivery = newest_alert_to(number, now)
    if delivery and delivery.confirmed_at is None:
        delivery.confirmed_at, delivery.confirmed_by = now, how
        delivery.save()
    return delivery


def newest_alert_to(number: str, now: datetime) -> Delivery | None:
    """The newest delivery of an alert to *number* that was tried and whose receipt window is open."""
    tried = fn.EXISTS(Segment.select().where((Segment.delivery == Delivery.id) & (Segment.attempts > 0)))
    query = (
        Delivery.select(Delivery, Alert)
        .join(Alert)
        .where((Delivery.number == number) & (Delivery.kind == Kind.ALERT) & tried)
        .where(Delivery.created_at > now - TEST_WINDOW)
        .where(Alert.state << (AlertState.FORWARDED, AlertState.WITHDRAWN))
    )
    found: Delivery | None = query.order_by(Delivery.id.desc()).first()
    if found is None or found.alert is None:
        return None
    return found if now - found.created_at <= window(MessageClass(found.alert.message_class)) else None


def window(message_class: MessageClass) -> timedelta:
    """For how long a reply or a ring counts as receipt of an alert of this class."""
    return TEST_WINDOW if message_class is MessageClass.TEST else RECEIPT_WINDOW


def waiting() -> list[Alert]:
    """What a coordinator still has to decide about, newest first."""
    return list(Alert.select().where(Alert.state == AlertState.WAITING).order_by(Alert.id.desc()))


def press(now: datetime, bin_: Neighbourhood) -> Alert:
    """The button was held and not cancelled: forward what waits from the police, else tell the core group.

    DESIGN 2.6 and domain section 2. Only a verified police text is forwarded blind. Raises TooSoon, NobodyToTell.
    """
    last = Acknowledgement.select().where(Acknowledgement.kind == "button").order_by(Acknowledgement.id.desc()).first()
    if last and now - last.at < PANIC_PAUSE:
        raise TooSoon(last.at)
    with writing():
        waits = [a for a in waiting() if a.verified and a.source == Source.POLICE]
        alert = waits[0] if waits else _panic(now, bin_)
        if waits:
            forward(alert, "knop", "button", now, bin_)
        Acknowledgement.create(kind="button", detail=str(alert.id), at=now)
        audit.record("knop", "held", f"alert {alert.id}", now)
    return alert


def _panic(now: datetime, bin_: Neighbourhood) -> Alert:
    """The charter's fixed text to the core group, labelled as not from the police."""
    receiving = members.with_role(Role.COORDINATOR, Role.CORE)
    if not receiving:
        raise NobodyToTell(MessageClass.PANIC)
    text = wording.text(Key.PANIC_CORE, bin_.language, name=bin_.name)
    alert = Alert.create(
        message_class=MessageClass.PANIC, source=Source.COORDINATOR, state=AlertState.FORWARDED, original=text,
        text=text, author="knop", created_at=now, decided_by="knop", decided_via="button", decided_at=now,
    )  # fmt: skip
    _promise(alert, receiving, now, bin_)
    return alert
