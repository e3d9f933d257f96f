"""Ready answers of a coordinator to a member: once for each text that came in (R88, R92)."""

from datetime import datetime, timedelta
from enum import StrEnum

from appliance import audit, notices, phone, wording
from appliance.models import Arrival, Member
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.plain import Unfit, say
from appliance.queue.outbox import Kind, Urgency
from appliance.store import writing
from appliance.wording import Key

URGENCY = Urgency(rank=40, validity=timedelta(hours=24))  # behind every alert


class Ready(StrEnum):
    """What can be answered with one tap."""

    OTHER_SERVICES = "other-services"  # the municipality, 1722, the grid (R92)
    NOT_FOR_US = "not-for-us"  # what is between neighbours (R88)


class NotAnswered(Unfit):
    """Nothing was sent; the reason says why."""


def may_be(arrival: Arrival) -> bool:
    """Whether *arrival* is a text of a member that nobody has answered."""
    return bool(arrival.kind == "text" and arrival.answered_at is None and _member(arrival))


def _member(arrival: Arrival) -> Member | None:
    return None if arrival.alphanumeric else members.by_number(phone.network(arrival.number))


def words(ready: Ready, language: str, bin_: Neighbourhood) -> str:
    """What a member of that *language* reads."""
    if ready is Ready.NOT_FOR_US:
        return wording.text(Key.NOT_FOR_US, language)
    return wording.services(language, bin_.municipality_phone, bin_.utility_phone)


def send(arrival: Arrival, ready: Ready, now: datetime, by: str, bin_: Neighbourhood) -> bool:
    """Whoever wrote *arrival* gets *ready* in his own language. False: it was answered before. Raises NotAnswered."""
    with writing():
        found, member = Arrival.get_by_id(arrival.id), _member(arrival)
        if found.answered_at is not None:
            return False
        if not may_be(found) or member is None:
            raise NotAnswered(say("Alleen een lid krijgt een antwoord. Dit komt van niemand in de ledenlijst."))
        found.answered_at, found.read_at = now, found.read_at or now
        found.save(only=[Arrival.answered_at, Arrival.read_at])
        notices.owe(
            member.number, words(ready, member.language, bin_), Kind.ANSWER, now, member=member, urgency=URGENCY
        )
        audit.record(by, "answered", f"arrival {arrival.id}", now, ready)
    return True
