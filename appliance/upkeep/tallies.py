"""Counting what is about to be erased, so that the yearly report outlives the persons in it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from peewee import chunked

from appliance.alerts import MessageClass, progress
from appliance.alerts.progress import Line
from appliance.models import Alert, Arrival, Delivery, Member, MonthCount, Phoned, Segment, Tally
from appliance.neighbourhood import Neighbourhood
from appliance.queue.outbox import Kind
from appliance.store.bulk import BATCH


def fold(alert: Alert) -> None:
    """The deliveries of *alert* are counts now, nobody is in them any more. Call it inside `writing()`."""
    so_far = progress.of(alert)
    Tally.create(
        alert=alert,
        counts=json.dumps(so_far.counts),
        millicents=so_far.millicents,
        first_submitted_at=so_far.first_submitted_at,
        last_submitted_at=so_far.last_submitted_at,
        median_seconds=median_seconds(so_far.lines),
    )
    _remember_answers(alert)
    Phoned.delete().where(Phoned.alert == alert).execute()
    to_members = Delivery.kind.not_in((Kind.NOTICE, Kind.ANSWER))
    erase_deliveries(Delivery.select().where((Delivery.alert == alert) & to_members))


def median_seconds(lines: Iterable[Line]) -> int | None:
    """From a phone's last submit to its receipt confirmation, in the middle; None when nobody confirmed."""
    waits = [(line.confirmed_at - line.submitted_at).total_seconds() for line in lines
             if line.confirmed_at and line.submitted_at]  # fmt: skip
    return round(median(max(0.0, seconds) for seconds in waits)) if waits else None


def _remember_answers(alert: Alert) -> None:
    """How many tests in a row each member left unanswered: a number without dates, so no list of absences."""
    ours = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT) & Delivery.member.is_null(False)
    answered = Delivery.select(Delivery.member).where(ours & Delivery.confirmed_at.is_null(False))
    silent = Delivery.select(Delivery.member).where(ours & Delivery.confirmed_at.is_null())
    Member.update(unanswered_tests=0).where(Member.id.in_(answered)).execute()
    if alert.message_class == MessageClass.TEST:
        missed = Member.id.in_(silent) & Member.id.not_in(answered)
        Member.update(unanswered_tests=Member.unanswered_tests + 1).where(missed).execute()


def count(arrivals: Sequence[Arrival], bin_: Neighbourhood) -> None:
    """*arrivals* are in the counts of their months, and gone. Call it inside `writing()`."""
    months = Counter((month(arrival, bin_), what(arrival)) for arrival in arrivals if arrival.kind in COUNTED)
    for (when, kind), number in months.items():
        known = MonthCount.get_or_none((MonthCount.month == when) & (MonthCount.what == kind))
        row = known or MonthCount(month=when, what=kind, number=0)
        row.number += number
        row.save()
    for batch in chunked([arrival.id for arrival in arrivals], BATCH):
        Arrival.delete().where(Arrival.id << batch).execute()


COUNTED = ("text", "ring")


def month(arrival: Arrival, bin_: Neighbourhood) -> str:
    """When *arrival* came, on the clocks of the neighbourhood: 2026-11."""
    return f"{bin_.local(arrival.received_at):%Y-%m}"


def what(arrival: Arrival) -> str:
    """Under which name *arrival* is counted: what it asked for, and "ring" for a call that confirmed something."""
    return str(arrival.intent or arrival.kind)


def erase_deliveries(deliveries: Iterable[Delivery]) -> int:
    """*deliveries* and their segments are gone; how many. Call it inside `writing()`."""
    ids = [delivery.id for delivery in deliveries]
    for batch in chunked(ids, BATCH):
        Segment.delete().where(Segment.delivery << batch).execute()
        Delivery.delete().where(Delivery.id << batch).execute()
    return len(ids)
