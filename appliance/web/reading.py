"""What the pages show, read from the store. Queries only."""

from dataclasses import dataclass

from peewee import Expression

from appliance import members, progress
from appliance.alerts import AlertState
from appliance.members import Standing
from appliance.models import Acknowledgement, Alert, Arrival, Heartbeat, Member, ModemState
from appliance.progress import Progress
from appliance.queue.inbox import Standing as ArrivalStanding

LATEST = 100  # rows on one page
SENT = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)


@dataclass(frozen=True)
class Listed:
    """One alert in a list, with its counts when it was forwarded."""

    alert: Alert
    progress: Progress | None


def last_sent() -> Listed | None:
    """The newest alert that went out."""
    alert = Alert.select().where(Alert.state << SENT).order_by(Alert.decided_at.desc(), Alert.id.desc()).first()
    return Listed(alert, progress.of(alert)) if alert else None


def latest_alerts() -> list[Listed]:
    """The newest alerts, newest first."""
    found = Alert.select().order_by(Alert.id.desc()).limit(LATEST)
    return [Listed(alert, progress.of(alert) if alert.state in SENT else None) for alert in found]


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
    return (Arrival.kind << ("text", "oddity")) | (Arrival.state == ArrivalStanding.ASIDE)


def to_acknowledge() -> list[Acknowledgement]:
    """What a person must see and put away: the button was used."""
    unseen = (Acknowledgement.kind == "button") & Acknowledgement.seen_at.is_null()
    return list(Acknowledgement.select().where(unseen).order_by(Acknowledgement.id.desc()))


def people(search: str) -> list[Member]:
    """Active members whose name, street or number's end holds *search*; all of them when it is empty."""
    wanted = search.strip().casefold()
    digits = "".join(character for character in wanted if character.isdigit()).lstrip("0")
    return [
        member
        for member in members.active()
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
