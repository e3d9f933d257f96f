"""What a police contact's text does, as far as it is believed. Every answer goes to the registered number.

It fails soft: a text that is not believed still reaches every coordinator, marked so, and forwards nothing by
itself. What only repeats, or floods, is kept in the inbox and told of once.
"""

from datetime import datetime

from appliance import alerts, audit, codes, conversation, floods, notices, police, wording
from appliance.alerts import AlertEvent, AlertState, AlreadyDecided, MessageClass, Source
from appliance.conversation import Keyword, PoliceMessage, Who
from appliance.floods import PERIOD
from appliance.models import Alert, Delivery, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.proof import OLDEST_TEXT, PROOF_TRIES, Doubt, Verdict, weigh
from appliance.queue.outbox import Kind
from appliance.roles import Act, Part, may, may_write
from appliance.wording import Key

UNBELIEVED = 3  # texts of one contact that reach the coordinators within PERIOD; more of them are a flood
LAST_CODES = 10  # from here on the card's owner is told to ask for a new one

CLASSES = {
    Keyword.URGENT: MessageClass.URGENT,
    Keyword.PREVENTIVE: MessageClass.PREVENTIVE,
    Keyword.FEEDBACK: MessageClass.FEEDBACK,
    Keyword.COORDINATORS: MessageClass.FEEDBACK_COORDINATORS,
    Keyword.TEST: MessageClass.TEST,
}


def act(
    contact: PoliceContact, message: PoliceMessage, sent_at: datetime | None, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    """Do what *message* asks; the alert it made, moved or asked about, None when a human should look at the text.

    Call it inside `writing()`, so that a code is used up in the same commit as its effect.
    """
    if message.keyword is Keyword.READY:
        _tell_ready(contact, now, bin_)
        return None
    verdict = verify(contact, message.code, sent_at, now)
    audit.record(
        contact.name,
        f"texted {message.keyword}",
        f"contact {contact.id}",
        now,
        verdict.doubt or "number and code are right",
    )
    if message.keyword in CLASSES:
        return _write(contact, message, verdict, now, bin_)
    if not verdict.verified:
        _tell_how(contact, now, bin_)
        return None
    return _withdraw_or_count(contact, message, now, bin_)


def verify(contact: PoliceContact, code: str | None, sent_at: datetime | None, now: datetime) -> Verdict:
    """Whether *code* proves that *contact* wrote; a right code is used up, a wrong one counted."""
    verdict = weigh(contact, code, sent_at, now)
    if verdict.counter is not None:
        contact.counter = verdict.counter
    if verdict.verified:
        contact.failures, contact.failed_at = 0, None
    elif verdict.failed:
        contact.failures, contact.failed_at = contact.failures + 1, now
    contact.save()
    return verdict


# --- texts for coordinators to judge


def _write(
    contact: PoliceContact, message: PoliceMessage, verdict: Verdict, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    message_class, text = CLASSES[message.keyword], message.text
    if not text.strip():
        _tell_how(contact, now, bin_)
        return None
    doubt = verdict.doubt or (None if may_write(Part(contact.role), message_class) else Doubt.NOT_ALLOWED)
    if verdict.counter is None:  # anybody could have sent it: once is enough, and many are a flood
        if known := _repeated(contact, text, now):
            return known
        if _floods(contact, now):
            _tell_of_flood(contact, now, bin_)
            return None
    about = alerts.meant_by_feedback(contact, message.about) if message_class is MessageClass.FEEDBACK else None
    alert = alerts.create(
        message_class, Source.POLICE, text, contact.name, now, bin_, contact=contact, verified=doubt is None,
        doubt=doubt or "", about=about, from_above=message.from_above,
        not_kept=message.not_kept,
    )  # fmt: skip
    _acknowledge(contact, alert, doubt, now, bin_)
    return alert


def _repeated(contact: PoliceContact, text: str, now: datetime) -> Alert | None:
    """The alert with these very words that this contact made lately: sent twice, or replayed, it is no second one."""
    lately = (Alert.police_contact == contact) & (Alert.created_at > now - OLDEST_TEXT)
    found: Alert | None = Alert.select().where(lately & (Alert.original == text)).order_by(Alert.id.desc()).first()
    return found


def _floods(contact: PoliceContact, now: datetime) -> bool:
    """Whether texts that nobody can believe keep coming under this number. A believed one is never among them."""
    unbelieved = (Alert.police_contact == contact) & (Alert.doubt != "") & (Alert.created_at > now - PERIOD)
    return Alert.select().where(unbelieved).count() >= UNBELIEVED


def _tell_of_flood(contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> None:
    """The coordinators hear once that there is more to read in the inbox."""
    if not floods.note(f"contact {contact.id}", now):
        return
    for coordinator in alerts.judges():
        words = wording.text(Key.COORDINATOR_FLOOD, coordinator.language, name=contact.name)
        notices.owe(coordinator.number, words, Kind.NOTICE, now, member=coordinator)


def _acknowledge(contact: PoliceContact, alert: Alert, doubt: Doubt | None, now: datetime, bin_: Neighbourhood) -> None:
    """The writer hears which text came through and what becomes of it: its first words, never the code."""
    start = wording.beginning(alert.original)
    if doubt is Doubt.GUESSING:
        alert.proof = codes.proof(bin_.draw)
        alert.save()
        _answer(contact, Key.POLICE_PROVE, now, bin_, alert, challenge=alert.proof, start=start)
    elif doubt:
        words = wording.doubt(doubt, bin_.language)
        _answer(contact, Key.POLICE_UNVERIFIED, now, bin_, alert, start=start, doubt=words)
    else:
        waits = alert.state == AlertState.WAITING
        _answer(contact, Key.POLICE_RECEIVED if waits else Key.POLICE_PASSED, now, bin_, alert, start=start)
        _warn_of_last_codes(contact, now, bin_)


def _warn_of_last_codes(contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> None:
    left = police.codes_left(contact)
    if left is not None and left <= LAST_CODES:
        _answer(contact, Key.POLICE_LAST_CODES, now, bin_, left=left, card=contact.card)


def is_for_police(contact: PoliceContact, text: str, now: datetime) -> bool:
    """Whether *contact*, who is a member too, wrote *text* as police: a keyword, or the number asked of this phone.

    While one is asked, a wrong number counts as a guess at it, as it does for whoever is police alone.
    """
    said = conversation.judge(text, Who.POLICE, (), window_open=False)
    return said.police is not None or (said.proof is not None and bool(_asked(contact, now)))


def _asked(contact: PoliceContact, now: datetime) -> list[Alert]:
    """The alerts of *contact* of which his phone was told a number to repeat, newest first."""
    asked = (Alert.police_contact == contact) & (Alert.proof != "") & (Alert.created_at > now - OLDEST_TEXT)
    return [a for a in Alert.select().where(asked).order_by(Alert.id.desc()) if a.proof_failures < PROOF_TRIES]


def prove(contact: PoliceContact, number: str, now: datetime, bin_: Neighbourhood) -> Alert | None:
    """The registered phone repeats the number it was told: its text is believed after all (domain section 6)."""
    open_ones = _asked(contact, now)
    for alert in open_ones:
        if codes.same(alert.proof, number):
            return _proven(alert, contact, now, bin_)
    for alert in open_ones:
        alert.proof_failures += 1
        alert.save()
    return None


def _proven(alert: Alert, contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> Alert:
    alert.verified, alert.doubt, alert.proof = True, "", ""
    alert.save()
    audit.record(contact.name, "proved the phone", f"alert {alert.id}", now)
    _answer(contact, Key.POLICE_RECEIVED, now, bin_, alert, start=wording.beginning(alert.original))
    if alert.state == AlertState.WAITING:
        alerts.tell_coordinators(alert, Key.COORDINATOR_VERIFIED, now)
    return alert


# --- orders about an alert that is there


def _withdraw_or_count(
    contact: PoliceContact, message: PoliceMessage, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    alert = _meant(contact, message)
    if alert is None:
        _answer(contact, Key.POLICE_NOTHING, now, bin_)
        return None
    if message.keyword is Keyword.WITHDRAW:
        own = bool(alert.police_contact == contact)
        if not may(Part(contact.role), Act.WITHDRAW, own=own):
            _answer(contact, Key.POLICE_MAY_NOT, now, bin_, alert)
            return alert
        if _withdraw(alert, contact, now, bin_):
            return alert
    _answer(contact, Key.POLICE_COUNTS, now, bin_, alert, **alerts.counts_for_police(alert))
    return alert


def _meant(contact: PoliceContact, message: PoliceMessage) -> Alert | None:
    """The alert with the number in the text, else the contact's newest; to withdraw, the newest that can be."""
    own = Alert.select().where(Alert.source == Source.POLICE)
    wanted = own.where(Alert.id == message.alert) if message.alert else own.where(Alert.police_contact == contact)
    found = list(wanted.order_by(Alert.id.desc()).limit(20))
    live = [a for a in found if AlertEvent.WITHDRAWN in alerts.MOVES[AlertState(a.state)]]
    return next(iter(live if message.keyword is Keyword.WITHDRAW and live else found), None)


def _withdraw(alert: Alert, contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> bool:
    """Withdrawn, and the writer hears so; False when there is nothing left to withdraw."""
    try:
        alerts.withdraw(alert, contact.name, "sms", now, bin_)
    except AlreadyDecided:
        return False
    if alert.police_contact != contact:  # its writer hears it from the move itself
        _answer(contact, Key.POLICE_WITHDRAWN, now, bin_, alert)
    return True


# --- answers


def _tell_how(contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> None:
    """The real officer hears how it is done."""
    _sparingly(contact, Key.POLICE_HOW, now, bin_)


def _tell_ready(contact: PoliceContact, now: datetime, bin_: Neighbourhood) -> None:
    """Whoever may write what is urgent gets a text for a threat to fill in and send back, with a code (R77)."""
    entitled = police.threat_text(contact, bin_.language)
    _sparingly(contact, Key.POLICE_THREAT if entitled else Key.POLICE_HOW, now, bin_)


def _sparingly(contact: PoliceContact, key: Key, now: datetime, bin_: Neighbourhood) -> None:
    """A few times an hour at most: a forger must not flood the officer's phone."""
    words = wording.text(key, bin_.language)
    same = (Delivery.number == contact.number) & (Delivery.text == words) & (Delivery.created_at > now - PERIOD)
    if Delivery.select().where(same).count() < UNBELIEVED:
        _answer(contact, key, now, bin_)


def _answer(
    contact: PoliceContact, key: Key, now: datetime, bin_: Neighbourhood, alert: Alert | None = None, **values: object
) -> None:
    """To the registered number, never to whoever claimed to be it."""
    if alert:
        values["alert"] = alert.id
    words = wording.text(key, bin_.language, time=wording.time(bin_.local(now), bin_.language), **values)
    words = alerts.with_trial(alert, words, bin_.language) if alert else words
    notices.owe(contact.number, words, Kind.NOTICE, now, alert=alert)
