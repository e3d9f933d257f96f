"""After an alert is out: counts for the police, one repeat for the silent, and how it ended."""

from datetime import datetime
from typing import Any

from peewee import Expression, fn

from appliance import audit, notices, wording
from appliance.alerts.classes import RULES, URGENCIES, AlertState, MessageClass
from appliance.alerts.receipts import counts_for_police
from appliance.alerts.telling import tell_police
from appliance.models import Alert, Delivery, Member, Phoned, PoliceContact, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.people.members import Standing
from appliance.queue import outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import NotAllowed, State
from appliance.store import writing
from appliance.wording import Key

OUTCOME_FOR = [known for known, rules in RULES.items() if rules.owes_feedback]


class NoRepeat(NotAllowed):
    """The silent cannot be told again; `str()` is a Dutch sentence that says why. Nothing was changed."""


def follow_up(now: datetime, bin_: Neighbourhood) -> None:
    """The police hear the counts once everything is out, and once more later (R57)."""
    forwarded = (Alert.state << (AlertState.FORWARDED, AlertState.CLOSED)) & Alert.police_contact.is_null(False)
    for alert in list(Alert.select().where(forwarded & Alert.followed_up_at.is_null())):
        first = alert.counted_at is None
        if outbox.owed(alert) or (not first and now < alert.counted_at + bin_.follow_up):
            continue
        column = Alert.counted_at if first else Alert.followed_up_at
        with writing():
            if Alert.update({column: now}).where((Alert.id == alert.id) & column.is_null()).execute():
                tell_police(alert, Key.POLICE_COUNTS, now, bin_, **counts_for_police(alert))


def repeat(alert: Alert, by: str, now: datetime) -> int:
    """Who gave no sign of having read *alert* gets the same text once more; how many those are. Raises NoRepeat.

    Once, and never for who has it not yet: the rest is for people, not for machines (domain section 2).
    """
    with writing():
        alert = Alert.get_by_id(alert.id)
        if alert.state != AlertState.FORWARDED or not RULES[MessageClass(alert.message_class)].asks_receipt:
            raise NoRepeat("Dit bericht loopt niet, of vraagt geen bevestiging: er valt niets te herhalen.")
        if alert.repeated_at:
            raise NoRepeat("De stille leden kregen dit al een tweede keer. Vaker herhaalt de kast niet.")
        if outbox.owed(alert):
            raise NoRepeat("Nog niet iedereen heeft het bericht. Wacht tot alles weg is.")
        silent = silent_deliveries(alert)
        for turn, delivery in enumerate(silent):
            notices.owe(
                delivery.number, delivery.text, Kind.REPEAT, now, alert=alert, member=delivery.member,
                urgency=URGENCIES[MessageClass(alert.message_class)], turn=turn,
            )  # fmt: skip
        alert.repeated_at = now
        alert.save()
        audit.record(by, "repeated", f"alert {alert.id}", now, str(len(silent)))
    return len(silent)


def silent_deliveries(alert: Alert) -> list[Delivery]:
    """Those who have *alert*, gave no sign, did not hear it from somebody, and are still members."""
    return list(_silent(alert).order_by(Delivery.id))


def how_many_silent(alert: Alert) -> int:
    """How many those are."""
    return int(_silent(alert).count())


def _silent(alert: Alert) -> Any:
    silent = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT) & Delivery.confirmed_at.is_null()
    out = (Segment.delivery == Delivery.id) & (Segment.state << (State.SUBMITTED, State.DELIVERED))
    there = (Member.number == Delivery.number) & (Member.state == Standing.ACTIVE)
    heard = (Phoned.alert == alert) & (Phoned.delivery == Delivery.id)
    asked = fn.EXISTS(Segment.select(1).where(out)) & fn.EXISTS(Member.select(1).where(there))
    return Delivery.select().where(silent & asked & ~fn.EXISTS(Phoned.select(1).where(heard)))


def open_feedback() -> list[Alert]:
    """The alerts of which the members have not heard how they ended, newest first (R67)."""
    return list(Alert.select().where(_owes_outcome()).order_by(Alert.id.desc()))


def untold(before: datetime) -> list[int]:
    """The numbers of those that left before that moment, newest first: a BIN that tells nobody has hundreds."""
    early = _owes_outcome() & (Alert.decided_at < before)
    return [alert.id for alert in Alert.select(Alert.id).where(early).order_by(Alert.id.desc()).namedtuples()]


def is_untold(alert: Alert) -> bool:
    """Whether the members have still to hear how *alert* ended."""
    return bool(Alert.select().where(_owes_outcome() & (Alert.id == alert.id)).exists())


def _owes_outcome() -> Expression:
    left = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)
    owing = (Alert.message_class << OUTCOME_FOR) & (Alert.state << left) & Alert.feedback_at.is_null()
    return owing & Alert.decided_at.is_null(False)


def meant_by_feedback(contact: PoliceContact, number: int | None) -> Alert | None:
    """The alert whose outcome *contact* tells: the one with *number*, else their newest without an outcome."""
    open_ones = open_feedback()
    if number is not None:
        return next((alert for alert in open_ones if alert.id == number), None)
    own = [alert for alert in open_ones if alert.police_contact == contact]
    return next(iter(own or open_ones), None)


def ended(feedback: Alert, now: datetime) -> Alert | None:
    """What *feedback* is about has its outcome: the alert that is to be closed now, if any. Inside `writing()`."""
    if feedback.about is None or feedback.message_class != MessageClass.FEEDBACK:
        return None
    Alert.update(feedback_at=now).where((Alert.id == feedback.about.id) & Alert.feedback_at.is_null()).execute()
    return Alert.get_by_id(feedback.about.id)


def correction(alert: Alert, language: str, bin_: Neighbourhood) -> str:
    """The words that take *alert* back, ready for whoever has to: nothing to think up at such a moment."""
    return wording.text(Key.WITHDRAWN, language, time=wording.time(bin_.local(alert.created_at), language))
