"""After an alert is out: counts for the police, one repeat for the silent, and how it ended."""

from datetime import datetime

from appliance import audit, members, notices, wording
from appliance.alerts.classes import RULES, URGENCIES, AlertState, MessageClass
from appliance.alerts.receipts import counts_for_police
from appliance.alerts.telling import tell_police
from appliance.models import Alert, Delivery, Phoned, PoliceContact, Segment
from appliance.neighbourhood import Neighbourhood
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
    whole = Segment.select(Segment.delivery).where(Segment.state << (State.SUBMITTED, State.DELIVERED))
    silent = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT) & Delivery.confirmed_at.is_null()
    there = {member.number for member in members.active()}
    heard = Phoned.select(Phoned.delivery).where((Phoned.alert == alert) & Phoned.delivery.is_null(False))
    rows = Delivery.select().where(silent & Delivery.id.in_(whole) & Delivery.id.not_in(heard)).order_by(Delivery.id)
    return [delivery for delivery in rows if delivery.number in there]


def open_feedback() -> list[Alert]:
    """The alerts of which the members have not heard how they ended, newest first (R67)."""
    left = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)
    owing = (Alert.message_class << OUTCOME_FOR) & (Alert.state << left) & Alert.feedback_at.is_null()
    return list(Alert.select().where(owing & Alert.decided_at.is_null(False)).order_by(Alert.id.desc()))


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
