"""What is erased when: one table, done every night, so that the box holds no more than it needs (GDPR art. 5.1.e)."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance import audit, bookmarks, clock, store
from appliance.alerts import AlertState
from appliance.models import (
    Account,
    Acknowledgement,
    Alert,
    Arrival,
    Audit,
    Callee,
    Challenge,
    Delivery,
    Draft,
    Issue,
    Member,
    MonthCount,
    PoliceContact,
    Segment,
    Timer,
)
from appliance.neighbourhood import Neighbourhood
from appliance.people import member_lists
from appliance.people.members import Standing
from appliance.queue import outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.store import writing
from appliance.upkeep import erasure, scratch, tallies
from appliance.upkeep.erasure import BOX

AT_MOST = timedelta(days=30)  # a confirmation with a name, also when nobody closes the alert (domain section 5)
NIGHT = range(3, 5)  # o'clock: when it is done
AGAIN = timedelta(hours=20)
OVERDUE = timedelta(hours=36)  # then it is done at any hour
DONE = "retention"
OWED = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)

log = logging.getLogger(__name__)
Rows = Sequence[Any]


@dataclass(frozen=True)
class Rule:
    """One kind of data: how long it is kept, why not longer, which rows are over it, and what becomes of them."""

    name: str  # its words are in lang/papers_*.toml
    kept: timedelta
    source: str
    over: Callable[[datetime], Rows]
    erase: Callable[[Rows, datetime, Neighbourhood], None]


def _told(now: datetime) -> Rows:
    """Alerts that were closed a while ago, or decided AT_MOST ago, whose deliveries are still there and all settled."""
    of_alerts = Delivery.select(Delivery.alert).where(Delivery.kind == Kind.ALERT)
    told = Delivery.select(Delivery.alert).where(Delivery.kind << (Kind.ALERT, Kind.REPEAT))
    owed = told.join(Segment).where(Segment.state << OWED)
    settled = Alert.select().where(Alert.id.in_(of_alerts) & Alert.id.not_in(owed)).order_by(Alert.id)
    return [alert for alert in settled if _is_history(alert, now)]


def _is_history(alert: Alert, now: datetime) -> bool:
    if (alert.decided_at or alert.created_at) < now - AT_MOST:
        return True
    closed = Audit.select().where((Audit.verb == "closed") & (Audit.subject == f"alert {alert.id}"))
    return bool(alert.state == AlertState.CLOSED and closed.where(Audit.at < now - CONFIRMATIONS).exists())


def _fold(alerts: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    for alert in alerts:
        tallies.fold(alert)


def _with_text(now: datetime) -> Rows:
    """The fingerprint in the log still proves which text it was."""
    there = (Alert.text != "") | (Alert.original != "")
    old = (Alert.created_at < now - TEXTS) & Alert.state.not_in((AlertState.WAITING, AlertState.DELAYED))
    return list(Alert.select().where(there & (old | _ended_secrets(now))))


def _ended_secrets(now: datetime) -> Any:
    """What the police do not want kept: it has ended, or nobody ended it for a week, and nothing is owed."""
    ended = Alert.state << (AlertState.CLOSED, AlertState.WITHDRAWN, AlertState.DECLINED)
    left = (Alert.state == AlertState.FORWARDED) & (Alert.decided_at < now - CONFIRMATIONS)
    again = (Segment.state == State.FAILED) & (Segment.expires_at > now)  # a SIM that comes back owes it once more
    of_alerts = Delivery.select(Delivery.alert).join(Segment).where(Delivery.alert.is_null(False))
    owed = of_alerts.where((Segment.state << OWED) | again)
    return Alert.not_kept & (ended | left) & Alert.id.not_in(owed)


def _redact(alerts: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    for alert in alerts:
        Alert.update(text="", original="", why="").where(Alert.id == alert.id).execute()
        if alert.not_kept:
            _redact_copies(alert)


def _redact_copies(alert: Alert) -> None:
    """The same words as the police texted them, and as they were sent; what members answered waits to be read."""
    sent = Delivery.select(Delivery.id).where(Delivery.alert == alert)
    Segment.update(text="").where(Segment.delivery << sent).execute()
    Delivery.update(text="").where(Delivery.alert == alert).execute()
    Arrival.update(text="", pdu="").where((Arrival.alert == alert) & Arrival.member.is_null()).execute()


def _came_in(now: datetime) -> Rows:
    return list(Arrival.select().where((Arrival.kind != "report") & (Arrival.received_at < now - FREE_TEXT)))


def _reports(now: datetime) -> Rows:
    return list(Arrival.select().where((Arrival.kind == "report") & (Arrival.received_at < now - REPORTS)))


def _count(arrivals: Rows, _now: datetime, bin_: Neighbourhood) -> None:
    tallies.count(arrivals, bin_)


def _notices(now: datetime) -> Rows:
    """Notices and answers."""
    return list(Delivery.select().where((Delivery.kind != Kind.ALERT) & (Delivery.created_at < now - FREE_TEXT)))


def _erase_deliveries(deliveries: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    tallies.erase_deliveries(deliveries)


def _left(now: datetime) -> Rows:
    gone = (Member.state == Standing.LEFT) & (Member.left_at < now - LEFT)
    return list(Member.select().where(gone))


def _erase_people(people: Rows, now: datetime, bin_: Neighbourhood) -> None:
    for member in people:
        if Member.get_or_none(Member.id == member.id):  # a second number went with its member
            erasure.erase(member, now, BOX, bin_)


def _challenges(now: datetime) -> Rows:
    return list(Challenge.select().join(Alert).where(Alert.created_at < now - CODES))


def _proofs(now: datetime) -> Rows:
    return list(Alert.select().where((Alert.proof != "") & (Alert.created_at < now - CODES)))


def _forget_proofs(alerts: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    Alert.update(proof="").where(Alert.id << [alert.id for alert in alerts]).execute()


def _timers(now: datetime) -> Rows:
    return list(Timer.select().where(Timer.done_at < now - FREE_TEXT))


def _never_rung(now: datetime) -> Rows:
    """Neighbours who are on the call list and have not said yes: nobody may ring them."""
    return list(Callee.select().where((Callee.consent == "") & (Callee.created_at < now - FREE_TEXT)))


def _forget_callees(callees: Rows, now: datetime, _bin: Neighbourhood) -> None:
    for callee in callees:
        erasure.forget(callee, now, BOX)


def _failures(now: datetime) -> Rows:
    """Whoever typed wrong codes or passwords long ago."""
    return [row for kind in (PoliceContact, Account) for row in kind.select().where(kind.failed_at < now - FAILURES)]


def _forget_failures(rows: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    for row in rows:
        row.failures, row.failed_at = 0, None
        row.save()


def _unsent(now: datetime) -> Rows:
    return list(Draft.select().where(Draft.changed_at < now - FREE_TEXT))


def _issues(now: datetime) -> Rows:
    return list(Issue.select().where(Issue.changed_at < now - FREE_TEXT))


def _put_away(now: datetime) -> Rows:
    return list(Acknowledgement.select().where(Acknowledgement.seen_at < now - FREE_TEXT))


def _revoked(now: datetime) -> Rows:
    return list(PoliceContact.select().where(PoliceContact.revoked_at < now - TEXTS))


def _forget_contacts(contacts: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    for contact in contacts:
        Alert.update(author="").where(Alert.police_contact == contact).execute()
        contact.delete_instance(recursive=True)


def _old_alerts(now: datetime) -> Rows:
    return list(Alert.select().where(Alert.created_at < now - COUNTS))


def _old_months(now: datetime) -> Rows:
    return list(MonthCount.select().where(MonthCount.month < f"{now - COUNTS:%Y-%m}"))


def _delete(rows: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    for row in rows:
        row.delete_instance(recursive=True)


def _old_log(now: datetime) -> Rows:
    return list(Audit.select(Audit.id).where(Audit.at < now - COUNTS))


def _shorten_log(_rows: Rows, now: datetime, _bin: Neighbourhood) -> None:
    audit.shorten(now - COUNTS, now)


def _copies(now: datetime) -> Rows:
    return scratch.put_aside(now - FREE_TEXT)


def _remove_copies(names: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    scratch.remove(names)


def _forget_lists(lists: Rows, _now: datetime, _bin: Neighbourhood) -> None:
    member_lists.forget(list(lists))


def _days(number: int) -> timedelta:
    return timedelta(days=number)


CONFIRMATIONS, CODES, REPORTS, LEFT = _days(7), _days(7), _days(7), _days(7)
FREE_TEXT, FAILURES = _days(30), _days(30)
TEXTS = _days(90)
COUNTS = _days(731)  # 24 months

SECTION_5 = "GDPR art. 5.1.e"
RULES: tuple[Rule, ...] = (
    Rule("confirmations", CONFIRMATIONS, SECTION_5, _told, _fold),
    Rule("left", LEFT, "GDPR art. 17", _left, _erase_people),
    Rule("inbox", FREE_TEXT, SECTION_5, _came_in, _count),
    Rule("notices", FREE_TEXT, SECTION_5, _notices, _erase_deliveries),
    Rule("reports", REPORTS, SECTION_5, _reports, _count),
    Rule("challenges", CODES, SECTION_5, _challenges, _delete),
    Rule("proofs", CODES, SECTION_5, _proofs, _forget_proofs),
    Rule("timers", FREE_TEXT, SECTION_5, _timers, _delete),
    Rule("callees", FREE_TEXT, "GDPR art. 6, 7", _never_rung, _forget_callees),
    Rule("failures", FAILURES, SECTION_5, _failures, _forget_failures),
    Rule("seen", FREE_TEXT, SECTION_5, _put_away, _delete),
    Rule("drafts", FREE_TEXT, SECTION_5, _unsent, _delete),
    Rule("issues", FREE_TEXT, "GDPR art. 5.1.c, 5.1.e; R19", _issues, _delete),
    Rule("copies", FREE_TEXT, "GDPR art. 17", _copies, _remove_copies),
    Rule("lists", member_lists.KEPT, SECTION_5, member_lists.over, _forget_lists),
    Rule("texts", TEXTS, "GDPR art. 5.1.e, 10; R68, R87", _with_text, _redact),
    Rule("contacts", TEXTS, SECTION_5, _revoked, _forget_contacts),
    Rule("counts", COUNTS, "R110, R113", _old_alerts, _delete),
    Rule("months", COUNTS, "R113", _old_months, _delete),
    Rule("log", COUNTS, "R33, R38", _old_log, _shorten_log),
)


def over(now: datetime) -> dict[str, int]:
    """How many rows each rule would erase now."""
    return {rule.name: len(rule.over(now)) for rule in RULES}


def erase(now: datetime, bin_: Neighbourhood, by: str = BOX) -> dict[str, int]:
    """Whatever is over its time is gone, each rule in one transaction; how many rows by rule.

    Nothing is erased for its age before the clock has been set.
    """
    if not clock.trusted(now):
        return {rule.name: 0 for rule in RULES}
    done = {rule.name: _keep_to(rule, now, bin_) for rule in RULES}
    with writing():
        bookmarks.mark(DONE, now)
        if any(done.values()):
            audit.record(by, "kept to retention", "", now, ", ".join(f"{n} {name}" for name, n in done.items() if n))
    if any(done.values()) and not store.scrub():
        log.warning("erased, and a reader kept the bytes in the journal: they go next time")
    return done


def _keep_to(rule: Rule, now: datetime, bin_: Neighbourhood) -> int:
    with writing():
        rows = rule.over(now)
        if rows:
            rule.erase(rows, now, bin_)
    return len(rows)


def last_done() -> datetime | None:
    """When it was last done."""
    return bookmarks.last(DONE)


def is_due(last: datetime | None, now: datetime, local_hour: int) -> bool:
    """Whether it is time: once a night, or at any hour when a night was missed. Pure."""
    if last is None or not last <= now:
        return True
    return now - last > (AGAIN if local_hour in NIGHT else OVERDUE)


def nightly(now: datetime, bin_: Neighbourhood) -> None:
    """What the gateway asks for again and again: done when it is due, and never while a text waits to leave."""
    if clock.trusted(now) and is_due(last_done(), now, bin_.local(now).hour) and not outbox.busy(now):
        erase(now, bin_)


@dataclass(frozen=True)
class Backups:
    """Which backups still hold persons who were erased here."""

    made_before: datetime | None  # null: none do
    destroy_by: datetime | None  # 30 days after the person left
    newer_made: bool  # whether a backup was made since, so that the old ones can go


def old_backups() -> Backups:
    """The backups that must go: the box cannot reach them, it can only say so (GDPR art. 17)."""
    last = Audit.select().where(Audit.verb == "erased").order_by(Audit.id.desc()).first()
    if last is None:
        return Backups(None, None, True)
    newer = Audit.select().where((Audit.verb == "backed up") & (Audit.id > last.id)).exists()
    return Backups(last.at, last.at - LEFT + AT_MOST, bool(newer))
