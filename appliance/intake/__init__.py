"""Acts on one kept arrival: its effect and "acted on" are one transaction (commit point 2)."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from appliance import alerts, conversation, floods, notices, phone, police, roles, wording
from appliance.alerts import MessageClass
from appliance.conversation import Intent, Judgement, Keyword, Reply, Who
from appliance.intake import decisions, police_texts
from appliance.life import survey
from appliance.models import Alert, Arrival, Delivery, Member, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.people import members, membership, reachable
from appliance.queue import inbox, reports
from appliance.queue.inbox import Standing
from appliance.queue.outbox import Kind
from appliance.roles import Act
from appliance.store import writing
from appliance.wording import Key

ANSWER_PAUSE = timedelta(hours=24)
ANSWERS_A_DAY = 5  # to one number, whatever it asks: loops have burnt real gateways' credit (domain section 8)
NO_WORDS = "(geen tekst: een mms-melding of een instelling)"
OUR_LAST_TEXTS = 5  # a reaction quotes one of these

log = logging.getLogger(__name__)


def act(arrival: Arrival, now: datetime, bin_: Neighbourhood) -> bool:
    """*arrival* has had its effect, once, and is marked so; False when it must wait for something else first.

    A try is counted before: what breaks here is set aside after a few tries and shown to a human.
    """
    inbox.count_try(arrival)
    if arrival.state != Standing.KEPT:
        log.error("arrival %s set aside, a %s", arrival.id, arrival.kind)
        return True
    with writing():
        done = ACTS[arrival.kind](arrival, now, bin_)
        if not done:
            arrival.attempts, arrival.due_at = 0, now + inbox.LOOK_AGAIN
            arrival.save()
    return done


def _acted(arrival: Arrival, now: datetime, *, read: bool) -> bool:
    arrival.state = Standing.ACTED
    arrival.read_at = now if read else None
    arrival.save()
    return True


def _report(arrival: Arrival, now: datetime, _bin: Neighbourhood) -> bool:
    number = phone.network(arrival.number)
    assert arrival.message_reference is not None and arrival.status is not None  # `inbox.keep` set both
    segment = reports.settle(number, arrival.message_reference, arrival.status, now, arrival.modem)
    if segment is None and now - arrival.received_at < inbox.UNMATCHED_WAIT:
        return False
    return _acted(arrival, now, read=True)


def _ring(arrival: Arrival, now: datetime, bin_: Neighbourhood) -> bool:
    """Just ring: a short call is a receipt (R15); outside an alert it is answered with "call 101" (R84)."""
    member = members.by_number(phone.network(arrival.number))
    if member:
        arrival.member = member
        arrival.alert = _confirmed(member.number, member, "ring", now)
        arrival.intent = Intent.CONFIRM if arrival.alert else Intent.REPORT
        if arrival.alert is None:
            _answer(member.number, member, Reply.REPORT_101, now, bin_)
    return _acted(arrival, now, read=True)


def _confirmed(number: str, member: Member | None, how: str, now: datetime) -> Alert | None:
    """The alert that a person at *number* has read; a second number has read it for the whole household."""
    if member and member.second_of:
        alerts.confirm(member.second_of.number, how, now)
    delivery = alerts.confirm(number, how, now)
    return delivery.alert if delivery else None


def _text(arrival: Arrival, now: datetime, bin_: Neighbourhood) -> bool:
    parts = inbox.siblings(arrival) if arrival.total > 1 else [arrival]
    if len(parts) < arrival.total and now - arrival.received_at < inbox.PART_WAIT:
        return False
    first, *rest = parts
    first.text = inbox.joined(parts)
    for part in rest:
        part.state, part.read_at, part.text, part.pdu = Standing.ACTED, now, "", ""
        part.save()
    if any(part.binary for part in parts):
        _without_words(first, now)
    else:
        _judged(first, now, bin_)
    if arrival.id != first.id:
        arrival.state = Standing.ACTED
    return True


def _without_words(arrival: Arrival, now: datetime) -> None:
    """An MMS notice or a setting: shown to a human, but no sign that anybody has read anything."""
    number = phone.network(arrival.number)
    arrival.member = None if arrival.alphanumeric else members.by_number(number)
    arrival.intent, arrival.text = Intent.OTHER, NO_WORDS
    _acted(arrival, now, read=False)


def _judged(arrival: Arrival, now: datetime, bin_: Neighbourhood) -> None:
    number = phone.network(arrival.number)
    who, contact, member = whose(number, arrival.alphanumeric, arrival.text, now)
    language = member.language if member else bin_.language
    open_alert = alerts.newest_alert_to(number, now)
    judgement = conversation.judge(arrival.text, who, our_texts(number), open_alert is not None, language)
    arrival.intent, arrival.member = judgement.intent, member
    crowded = floods.collapses(arrival, now)
    if crowded:
        judgement = replace(judgement, reply=None)
    if judgement.receipt:
        arrival.alert = _confirmed(number, member, "reply", now)
    if contact:
        arrival.alert = _from_police(contact, judgement, arrival, now, bin_)
    elif member and judgement.decision:
        arrival.alert = decisions.act(member, judgement.decision, now, bin_)
    elif member:
        _from_member(member, judgement, open_alert, now, bin_)
    elif judgement.intent is Intent.START and membership.was_member(number):
        _answer(number, None, Reply.START_ASKED, now, bin_)
    rated = open_alert is not None and member is not None and survey.hear(open_alert, arrival.text)
    if rated:
        arrival.text, arrival.pdu = "", ""
    if judgement.wipe or judgement.police or judgement.decision or judgement.proof:
        # absences are never kept (R93); codes and challenge numbers are secrets
        arrival.text, arrival.pdu = ("" if judgement.wipe else _public(judgement)), ""
    _acted(arrival, now, read=crowded or rated or _needs_nobody(judgement, who, arrival.alert))


def whose(number: str, alphanumeric: bool, text: str, now: datetime) -> tuple[Who, PoliceContact | None, Member | None]:
    """Whose number it is. The full number decides, and proves nothing (T3); of who is both, what he writes."""
    if alphanumeric or not phone.answerable(number):
        return Who.OPERATOR, None, None
    contact, member = police.by_number(number), members.by_number(number)
    if contact and (member is None or police_texts.is_for_police(contact, text, now)):
        return Who.POLICE, contact, None
    if member:
        decides = roles.may(roles.of_member(member.role), Act.DECIDE)
        return (Who.COORDINATOR if decides else Who.MEMBER), None, member
    return Who.UNKNOWN, None, None


def our_texts(number: str) -> list[str]:
    """What a reaction from *number* may quote."""
    ours = Delivery.select(Delivery.text).where(Delivery.number == number).order_by(Delivery.id.desc())
    return [delivery.text for delivery in ours.limit(OUR_LAST_TEXTS)]


def _from_police(
    contact: PoliceContact, judgement: Judgement, arrival: Arrival, now: datetime, bin_: Neighbourhood
) -> Alert | None:
    if judgement.police:
        return police_texts.act(contact, judgement.police, arrival.sent_at, now, bin_)
    if judgement.proof:
        return police_texts.prove(contact, judgement.proof, now, bin_)
    if judgement.reply:
        _answer(contact.number, None, judgement.reply, now, bin_)
    return None


def _from_member(
    member: Member, judgement: Judgement, open_alert: Delivery | None, now: datetime, bin_: Neighbourhood
) -> None:
    membership.hear(member, judgement, now)
    if judgement.reply:
        urgent = open_alert is not None and open_alert.alert and open_alert.alert.message_class == MessageClass.URGENT
        in_danger = urgent and judgement.reply is Reply.STOPPED
        _answer(member.number, member, Key.STOPPED_URGENT if in_danger else judgement.reply, now, bin_)


def _answer(number: str, member: Member | None, reply: Reply | Key, now: datetime, bin_: Neighbourhood) -> None:
    """Owe the answer, unless this number had the same one, or too many, within a day."""
    language = member.language if member else bin_.language
    people = reachable.on_sms(language) if reply == Reply.INFO else ""
    words = wording.answer(reply, language, bin_.name, bin_.police_phone, people)
    recent = Delivery.select().where(
        (Delivery.number == number) & (Delivery.kind == Kind.ANSWER) & (Delivery.created_at > now - ANSWER_PAUSE)
    )
    if recent.count() < ANSWERS_A_DAY and not recent.where(Delivery.text == words).exists():
        notices.owe(number, words, Kind.ANSWER, now, member=member)


def _public(judgement: Judgement) -> str:
    if judgement.police:
        return judgement.police.text
    return judgement.decision.verb if judgement.decision else ""


def _needs_nobody(judgement: Judgement, who: Who, alert: Alert | None) -> bool:
    """Whether no human has to read it: the box has done all there was to do."""
    if judgement.intent is Intent.POLICE:  # a member who plays the police is worth a look, and what made no alert
        asked = judgement.police is not None and judgement.police.keyword is Keyword.READY
        return who is Who.POLICE and (asked or alert is not None)
    return judgement.intent in SETTLED and who is not Who.UNKNOWN


SETTLED = {
    Intent.CONFIRM, Intent.AUTO, Intent.DECISION, Intent.INFO, Intent.HELP, Intent.LANGUAGE, Intent.STOP,
    Intent.ABSENCE,
}  # fmt: skip
ACTS = {"report": _report, "ring": _ring, "text": _text}
