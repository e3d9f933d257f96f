"""What the pages show, read from the store. Queries only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression, fn

from appliance import alerts
from appliance.alerts import AlertState, progress
from appliance.alerts.progress import Progress
from appliance.floods import FLOOD
from appliance.models import Acknowledgement, Alert, Arrival, Audit, Heartbeat, Member, ModemState, Segment
from appliance.people.members import Standing
from appliance.queue.inbox import Standing as ArrivalStanding
from appliance.queue.states import State

LATEST = 100  # rows on one page
ALERTS = 25  # on one page: each is counted anew from its segments
LATELY = timedelta(minutes=10)
SETTLES = timedelta(hours=1)  # before that, it may still be going on
SENT = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)


@dataclass(frozen=True)
class Listed:
    """One alert in a list, with its counts and no lines when it was forwarded."""

    alert: Alert
    progress: Progress | None


def last_sent() -> Listed | None:
    """The newest alert that went out."""
    alert = Alert.select().where(Alert.state << SENT).order_by(Alert.decided_at.desc(), Alert.id.desc()).first()
    return Listed(alert, progress.totals([alert])[alert.id]) if alert else None


def latest_alerts(before: int | None = None, *, sent_only: bool = False) -> list[Listed]:
    """The newest alerts, newest first; of those *before* a number, if one is given, or that members were told."""
    wanted = Alert.select() if before is None else Alert.select().where(Alert.id < before)
    wanted = wanted.where(Alert.state << SENT) if sent_only else wanted
    found = list(wanted.order_by(Alert.id.desc()).limit(ALERTS))
    sent = progress.totals([alert for alert in found if alert.state in SENT])
    return [Listed(alert, sent.get(alert.id)) for alert in found]


def sent_lately(alert: Alert, now: datetime) -> Alert | None:
    """The same words in the same class that left less than LATELY ago, *alert* itself aside; the newest."""
    same = (Alert.original == alert.original) & (Alert.message_class == alert.message_class) & (Alert.id != alert.id)
    same &= Alert.streets == alert.streets
    out = (Alert.state << SENT) & (Alert.decided_at > now - LATELY)
    found: Alert | None = Alert.select().where(same & out).order_by(Alert.id.desc()).first()
    return found


def log_of(alert: Alert) -> list[Audit]:
    """What the log tells of *alert*, in order."""
    return list(Audit.select().where(Audit.subject == f"alert {alert.id}").order_by(Audit.id))


def untold(now: datetime) -> list[int]:
    """The alerts of which the members should have heard how they ended: out for longer than SETTLES; newest first."""
    return alerts.untold(now - SETTLES)


def delayed() -> list[Alert]:
    """Alerts that will be forwarded later, soonest first."""
    return list(Alert.select().where(Alert.state == AlertState.DELAYED).order_by(Alert.due_at))


def arrivals(unread_only: bool) -> list[Arrival]:
    """Texts and oddities that came in, newest first: the inbox."""
    wanted = _for_people()
    if unread_only:
        wanted &= Arrival.read_at.is_null()
    return list(Arrival.select().where(wanted).order_by(Arrival.id.desc()).limit(LATEST))


def names_by_number(numbers: set[str]) -> dict[str, Member]:
    """The members behind *numbers*."""
    return {member.number: member for member in Member.select().where(Member.number << sorted(numbers))}


def unread() -> int:
    """How many arrivals nobody has read; intake marks what needs no person."""
    return int(Arrival.select().where(_for_people() & Arrival.read_at.is_null()).count())


def _for_people() -> Expression:
    """The states are named so that an index serves: delivery reports are the larger part of what came in."""
    texts = (Arrival.state << (ArrivalStanding.KEPT, ArrivalStanding.ACTED)) & (Arrival.kind << ("text", "oddity"))
    return texts | (Arrival.state == ArrivalStanding.ASIDE)


def to_acknowledge() -> list[Acknowledgement]:
    """What a person must see and put away: the button was used, or one number sent a flood of texts."""
    unseen = (Acknowledgement.kind << ("button", FLOOD)) & Acknowledgement.seen_at.is_null()
    return list(Acknowledgement.select().where(unseen).order_by(Acknowledgement.id.desc()))


class Person(NamedTuple):
    """A member as the list shows him."""

    id: int
    name: str
    street: str
    number: str
    role: str
    language: str
    consent: str
    unanswered_tests: int
    second_of: int | None


def people(search: str) -> list[Person]:
    """Active members whose name, street or number's end holds *search*; all of them when it is empty."""
    wanted = search.strip().casefold()
    digits = "".join(character for character in wanted if character.isdigit()).lstrip("0")
    columns = [getattr(Member, name) for name in Person._fields]
    active = Member.select(*columns).where(Member.state == Standing.ACTIVE).order_by(Member.street, Member.name)
    return [
        member
        for member in map(Person._make, active.tuples().iterator())
        if not wanted
        or wanted in member.name.casefold()
        or wanted in member.street.casefold()
        or (digits and digits in member.number)
    ]


def gone() -> int:
    """How many members have left."""
    return int(Member.select().where(Member.state == Standing.LEFT).count())


def services() -> list[Heartbeat]:
    """When each service last finished a step."""
    return list(Heartbeat.select().order_by(Heartbeat.service))


def modems() -> list[ModemState]:
    """Every modem, as its gateway last saw it."""
    return list(ModemState.select().order_by(ModemState.name))


def segments_by_state() -> dict[str, int]:
    """How many segments the database holds, for each state."""
    found = dict(Segment.select(Segment.state, fn.COUNT(Segment.id)).group_by(Segment.state).tuples().iterator())
    return {state.value: found.get(state.value, 0) for state in State}
