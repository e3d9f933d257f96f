"""Police contacts: who they are, whether a text is really theirs, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance import alerts, audit, codes, notices, phone, wording
from appliance.alerts import AlreadyDecided, MessageClass, Source
from appliance.conversation import Keyword, PoliceMessage
from appliance.models import Alert, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.queue.outbox import Kind
from appliance.store import writing
from appliance.wording import Key

CARD_CODES = 50
OLDEST_TEXT = timedelta(minutes=30)  # a code that travelled longer is not believed (domain section 6)
CLOCK_SLACK = timedelta(minutes=10)  # how far the service centre's clock may run ahead of ours

CLASSES = {
    Keyword.URGENT: MessageClass.URGENT,
    Keyword.PREVENTIVE: MessageClass.PREVENTIVE,
    Keyword.FEEDBACK: MessageClass.FEEDBACK,
    Keyword.TEST: MessageClass.TEST,
}


class Method(StrEnum):
    """How a contact proves to be the writer."""

    CARD = "card"  # numbered one-time codes on paper, RFC 4226
    TOTP = "totp"  # an app on the officer's phone, RFC 6238


class AlreadyContact(ValueError):
    """That number is a contact already; nothing was changed."""


@dataclass(frozen=True)
class Verdict:
    """Whether a police text is believed, and why not, in one English sentence for the log."""

    verified: bool
    why: str


def add(
    name: str, number: str, method: Method, now: datetime, by: str, draw_bytes: Callable[[int], bytes]
) -> PoliceContact:
    """*name* may text the box from *number*; the secret is made here. A revoked contact gets a new one.

    Raises phone.BadNumber, AlreadyContact.
    """
    e164 = phone.mobile(number)
    with writing():
        known = PoliceContact.get_or_none(PoliceContact.number == e164)
        if known and known.revoked_at is None:
            raise AlreadyContact(f"{known.name} heeft dit nummer al. Trek dat eerst in: appliance police revoke")
        values = {"name": name, "method": method, "secret": codes.new_secret(draw_bytes), "created_at": now}
        contact = known or PoliceContact(number=e164)
        for column, value in (values | {"counter": 0, "failures": 0, "failed_at": None, "revoked_at": None}).items():
            setattr(contact, column, value)
        contact.save()
        audit.record(by, "police contact added", f"contact {contact.id}", now, method)
    return contact


def revoke(contact: PoliceContact, now: datetime, by: str) -> None:
    """*contact* is believed no more, whatever code it sends."""
    with writing():
        contact.revoked_at = now
        contact.save()
        audit.record(by, "police contact revoked", f"contact {contact.id}", now)


def by_number(number: str) -> PoliceContact | None:
    """The contact with exactly this E.164 number that has not been revoked."""
    valid = (PoliceContact.number == number) & PoliceContact.revoked_at.is_null()
    found: PoliceContact | None = PoliceContact.get_or_none(valid)
    return found


def verify(contact: PoliceContact, code: str | None, sent_at: datetime | None, now: datetime) -> Verdict:
    """Whether *code* proves that *contact* wrote; a right code is used up, a wrong one counted.

    Call it inside `writing()`, so that the code is used up in the same commit as its effect. After three wrong
    codes each next one must wait: a delay, not a lock, or a forger could lock the police out.
    """
    at = sent_at or now
    if code is None:
        return Verdict(False, "no code")
    if not now - OLDEST_TEXT <= at <= now + CLOCK_SLACK:
        return Verdict(False, "the service centre's time is too far from ours")
    if codes.throttle(contact.failures, contact.failed_at, now) > timedelta(0):
        return Verdict(False, "too soon after wrong codes")
    matched = _matched(contact, code, at)
    if matched is None:
        contact.failures, contact.failed_at = contact.failures + 1, now
        contact.save()
        return Verdict(False, "the code is wrong or used")
    contact.counter, contact.failures, contact.failed_at = matched, 0, None
    contact.save()
    return Verdict(True, "number and code are right")


def _matched(contact: PoliceContact, code: str, at: datetime) -> int | None:
    """The new value of the contact's counter, or None."""
    if contact.method == Method.CARD:
        used = codes.check_card(contact.secret, contact.counter, code)
        return None if used is None else used + 1
    return codes.check_totp(contact.secret, code, at, contact.counter or None)


def act(
    contact: PoliceContact, message: PoliceMessage, sent_at: datetime | None, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    """Do what *message* asks, as far as it is believed; the alert it made or moved.

    Fails soft: an unbelieved alert still reaches every coordinator, marked so. Call it inside `writing()`.
    """
    verdict = verify(contact, message.code, sent_at, now)
    audit.record(contact.name, f"texted {message.keyword}", f"contact {contact.id}", now, verdict.why)
    if message.keyword in CLASSES:
        return _create(contact, message, verdict, now, bin_)
    if not verdict.verified:
        _answer(contact, Key.POLICE_HOW, now, bin_)
        return None
    alert = _meant(contact, message)
    if alert is None:
        _answer(contact, Key.POLICE_NOTHING, now, bin_)
        return None
    if message.keyword is Keyword.WITHDRAW and _withdraw(alert, contact, now, bin_):
        return alert
    _answer(contact, Key.POLICE_COUNTS, now, bin_, alert, **alerts.counts_for_police(alert))
    return alert


def _create(
    contact: PoliceContact, message: PoliceMessage, verdict: Verdict, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    if not message.text.strip():
        _answer(contact, Key.POLICE_HOW, now, bin_)
        return None
    alert = alerts.create(
        CLASSES[message.keyword], Source.POLICE, message.text, contact.name, now, bin_,
        contact=contact, verified=verdict.verified,
    )  # fmt: skip
    key = Key.POLICE_RECEIVED if verdict.verified else Key.POLICE_UNVERIFIED
    _answer(contact, key, now, bin_, alert, start=wording.beginning(message.text))
    return alert


def _meant(contact: PoliceContact, message: PoliceMessage) -> Alert | None:
    """The alert with the number in the text, else the contact's newest."""
    own = Alert.select().where(Alert.source == Source.POLICE)
    wanted = own.where(Alert.id == message.alert) if message.alert else own.where(Alert.police_contact == contact)
    found: Alert | None = wanted.order_by(Alert.id.desc()).first()
    return found


def _withdraw(alert: Alert, contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> bool:
    """Withdrawn, and the writer hears so; False when there is nothing left to withdraw."""
    try:
        alerts.withdraw(alert, contact.name, "sms", now, bin_)
    except AlreadyDecided:
        return False
    return True


def _answer(
    contact: PoliceContact, key: Key, now: datetime, bin_: Neighbourhood, alert: Alert | None = None, **values: object
) -> None:
    """To the registered number, never to whoever claimed to be it."""
    if alert:
        values["alert"] = alert.id
    words = wording.text(key, bin_.language, time=wording.time(bin_.local(now), bin_.language), **values)
    notices.owe(contact.number, words, Kind.NOTICE, now, alert=alert)
