"""What a member told that is not urgent, handed on to the police: once, and never as he wrote it (R63, R66)."""

from datetime import datetime, timedelta

from appliance import audit, notices, phone, police, wording
from appliance.models import Arrival, Member
from appliance.neighbourhood import Neighbourhood
from appliance.people import members, reachable
from appliance.people.members import Role
from appliance.plain import Unfit, say
from appliance.queue.outbox import Kind, Urgency
from appliance.segments import fold
from appliance.store import writing
from appliance.wording import Key

LONGEST = 300  # characters of the coordinator's own words: three segments at most
TELLING = 20  # characters: a shorter text of a member may be in the coordinator's words by chance
URGENCY = Urgency(rank=40, validity=timedelta(hours=24))  # behind every alert


class NotHandedOn(Unfit):
    """It was not; the reason says what to do instead."""


def may_be(arrival: Arrival) -> bool:
    """Whether somebody told something in *arrival* that the police do not have yet."""
    told = arrival.kind == "text" and arrival.text != "" and not arrival.alphanumeric and arrival.handed_at is None
    return bool(told and police.by_number(phone.network(arrival.number)) is None)


def by_sms(
    arrival: Arrival, words: str, coordinator: Member | None, now: datetime, by: str, bin_: Neighbourhood
) -> bool:
    """The officer who answers for this BIN is asked to ring *coordinator* (else the first); with *words*, if any.

    No name, number or text of a member is in it. False when it was handed on before. Raises NotHandedOn.
    """
    contact, ringing = reachable.contact(), coordinator or _first_coordinator()
    if contact is None:
        raise NotHandedOn(
            say("Er is geen aanspreekpunt bij de politie. Bel de zone, of duid eerst een aanspreekpunt aan.")
        )
    text = _text(_own(words, arrival), ringing, bin_)
    with writing():
        first = _mark(arrival, now, by, f"contact {contact.id}")
        if first:
            notices.owe(contact.number, text, Kind.NOTICE, now, urgency=URGENCY)
    return first


def by_telephone(arrival: Arrival, now: datetime, by: str) -> bool:
    """A coordinator told the police himself. False when it was handed on before. Raises NotHandedOn."""
    with writing():
        return _mark(arrival, now, by, "telephone")


def _mark(arrival: Arrival, now: datetime, by: str, how: str) -> bool:
    """*arrival* is handed on and read; the first one counts."""
    found = Arrival.get_by_id(arrival.id)
    if found.handed_at is not None:
        return False
    if not may_be(found):
        raise NotHandedOn(say("Hier staat niets in om door te geven."))
    found.handed_at, found.read_at = now, found.read_at or now
    found.save(only=[Arrival.handed_at, Arrival.read_at])
    audit.record(by, "handed on", f"arrival {arrival.id}", now, how)
    return True


def _first_coordinator() -> Member:
    found = members.with_role(Role.COORDINATOR)
    if not found:
        raise NotHandedOn(say("Er is nog geen coördinator die de politie kan terugbellen."))
    return found[0]


def _own(words: str, arrival: Arrival) -> str:
    """*words*, tidied. Raises NotHandedOn for what is too long, or is the member's text itself."""
    tidy, told = " ".join(words.split()), " ".join(arrival.text.split())
    if len(tidy) > LONGEST:
        raise NotHandedOn(say("Uw woorden zijn langer dan %(most)d tekens. Kort ze in."), most=LONGEST)
    if len(told) > TELLING and told.casefold() in tidy.casefold():
        raise NotHandedOn(
            say("Zeg het in uw eigen woorden: wat een lid schrijft, gaat niet letterlijk naar de politie.")
        )
    return fold(tidy)


def _text(words: str, coordinator: Member, bin_: Neighbourhood) -> str:
    who = wording.who(coordinator.name, phone.as_dialled(coordinator.number))
    key = Key.POLICE_HANDED_WORDS if words else Key.POLICE_HANDED
    return wording.text(key, bin_.language, name=bin_.name, who=who, words=words)
