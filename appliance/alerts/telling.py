"""What coordinators and the police are told about one alert. Call these inside `store.writing()`."""

from datetime import datetime

from appliance import codes, notices, wording
from appliance.alerts.classes import RULES, URGENCIES, MessageClass, Source
from appliance.alerts.promise import recipients, variants
from appliance.models import Alert, Challenge, Member, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.queue.outbox import Kind
from appliance.roles import Act, Part, may
from appliance.segments import BadText
from appliance.wording import Key

LEADING = 6  # places in an alert's order for coordinators and core group, before any notice about it


def judges() -> list[Member]:
    """Who decides about an alert: all coordinators, at once and with equal rights (R24)."""
    return members.with_role(Role.COORDINATOR)


def ask(alert: Alert, now: datetime, bin_: Neighbourhood) -> None:
    """Each coordinator gets the original, then what to answer, with a number that only this phone has seen (R51)."""
    told = len(recipients(alert, now, bin_))
    for coordinator in judges():
        number = _challenge(alert, coordinator, now, bin_).number
        for text in (
            alert.text,
            _question(alert, coordinator.language, told, number),
            *_choice(alert, coordinator.language, number),
        ):
            _notice(coordinator, text, alert, now)


def _question(alert: Alert, language: str, told: int, challenge: str) -> str:
    key = Key.COORDINATOR_NOTICE if alert.verified else Key.COORDINATOR_NOTICE_UNVERIFIED
    words = wording.text(
        key, language, alert=alert.id, message_class=wording.class_name(alert.message_class, language),
        members=told, segments=_segments(alert), challenge=challenge,
        doubt=wording.doubt(alert.doubt, language),
    )  # fmt: skip
    return wording.marked(words, Key.FROM_ABOVE, language) if alert.from_above else words


def _segments(alert: Alert) -> int:
    try:
        return variants(alert.text).exact_segments
    except BadText:
        return notices.LONGEST


def _choice(alert: Alert, language: str, challenge: str) -> tuple[str, ...]:
    """The choice between "snel" and "exact": only when letters outside GSM-7 cost a segment."""
    seen = variants(alert.text)
    if not seen.saves:
        return ()
    values = {"alert": alert.id, "segments": seen.exact_segments, "fewer": seen.fast_segments, "challenge": challenge}
    return (wording.text(Key.COORDINATOR_LETTERS, language, **values),)


def ask_again(alert: Alert, key: Key, now: datetime, bin_: Neighbourhood, *, anew: bool = False) -> None:
    """Each coordinator is asked once more, in the words of *key*.

    *anew*: the text is shown again, and numbers told before are good no longer.
    """
    for coordinator in judges():
        number = _challenge(alert, coordinator, now, bin_, anew=anew).number
        language = coordinator.language
        words = wording.text(
            key, language, alert=alert.id, message_class=wording.class_name(alert.message_class, language),
            challenge=number, minutes=age(alert, now),
        )  # fmt: skip
        for text in (alert.text, words) if anew else (words,):
            _notice(coordinator, text, alert, now)


def age(alert: Alert, now: datetime) -> int:
    """How old *alert* is, in whole minutes."""
    return max(0, int((now - alert.created_at).total_seconds()) // 60)


def tell_coordinators(alert: Alert, key: Key, now: datetime) -> None:
    """Each coordinator hears *key*, before everything else."""
    for coordinator in judges():
        _notice(coordinator, wording.text(key, coordinator.language, alert=alert.id), alert, now)


def _challenge(
    alert: Alert, coordinator: Member, now: datetime, bin_: Neighbourhood, *, anew: bool = False
) -> Challenge:
    """The number that *coordinator* must repeat: drawn when there is none yet, or *anew*."""
    found: Challenge | None = Challenge.get_or_none((Challenge.alert == alert) & (Challenge.member == coordinator))
    if found is None:
        return Challenge.create(alert=alert, member=coordinator, number=codes.challenge(bin_.draw), asked_at=now)
    if anew:
        found.number = codes.challenge(bin_.draw)
    if (
        anew or not RULES[MessageClass(alert.message_class)].fresh
    ):  # what grows stale counts from when it was first told
        found.asked_at = now
    found.save()
    return found


def _notice(coordinator: Member, words: str, alert: Alert, now: datetime) -> None:
    notices.owe(coordinator.number, words, Kind.NOTICE, now, alert=alert, member=coordinator)


def tell_decision(
    alert: Alert, to_coordinators: Key, to_police: Key, now: datetime, bin_: Neighbourhood, **more: object
) -> None:
    """The other coordinators hear who was first, the police hear what was decided."""
    if alert.source == Source.POLICE:
        for coordinator in judges():
            if coordinator.name != alert.decided_by:
                _tell_who(coordinator, alert, to_coordinators, now, bin_)
    due = wording.time(bin_.local(alert.due_at), bin_.language) if alert.due_at else ""
    tell_police(alert, to_police, now, bin_, due=due, **more)


def _tell_who(coordinator: Member, alert: Alert, key: Key, now: datetime, bin_: Neighbourhood) -> None:
    language = coordinator.language
    due = wording.time(bin_.local(alert.due_at), language) if alert.due_at else ""
    time = wording.time(bin_.local(now), language)
    words = wording.text(key, language, alert=alert.id, name=alert.decided_by, time=time, due=due)
    _owe_behind_leaders(coordinator.number, words, alert, now, coordinator)


def tell_police(alert: Alert, key: Key, now: datetime, bin_: Neighbourhood, **more: object) -> None:
    """To the registered number, never to whoever claimed to be it."""
    contact = alert.police_contact
    if contact is None or contact.revoked_at is not None:
        return
    time = wording.time(bin_.local(now), bin_.language)
    words = wording.text(key, bin_.language, alert=alert.id, time=time, minutes=age(alert, now), **more)
    _owe_behind_leaders(contact.number, with_trial(alert, words, bin_.language), alert, now)


def with_trial(alert: Alert, words: str, language: str) -> str:
    """*words* to the police about *alert*, with the mark of what left before the charter was signed (R20)."""
    return wording.marked(words, Key.POLICE_TRIAL, language) if alert.on_trial else words


def report_own(alert: Alert, told: int, now: datetime, bin_: Neighbourhood) -> None:
    """The police hear of an urgent text that a coordinator sent by himself: no class bypasses them silently (R48)."""
    if alert.source != Source.COORDINATOR or not RULES[MessageClass(alert.message_class)].told_police:
        return
    start, time = wording.beginning(alert.text), wording.time(bin_.local(now), bin_.language)
    words = wording.text(Key.POLICE_OWN, bin_.language, alert=alert.id, time=time, members=told, start=start)
    for contact in PoliceContact.select().where(PoliceContact.revoked_at.is_null()):
        if may(Part(contact.role), Act.HEAR_OWN_ALERTS):
            _owe_behind_leaders(contact.number, with_trial(alert, words, bin_.language), alert, now)


def _owe_behind_leaders(number: str, words: str, alert: Alert, now: datetime, member: Member | None = None) -> None:
    """What asks for nothing waits until those who lead have the alert: the first SMS of an alert is not delayed."""
    urgency = URGENCIES[MessageClass(alert.message_class)]
    notices.owe(number, words, Kind.NOTICE, now, alert=alert, member=member, urgency=urgency, turn=LEADING)
