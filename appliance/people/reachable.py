"""Whom members can ring about what is not urgent: an officer and a coordinator, each with hours (R22, R37, R123).

Nobody's number is shown unless he gave it for that: that from which an officer texts the box is half of his proof.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from appliance import audit, gsm7, phone, wording
from appliance.models import Member, PoliceContact
from appliance.people import members
from appliance.people.members import Role
from appliance.plain import Unfit
from appliance.segments import fold
from appliance.store import writing
from appliance.wording import Key

LONGEST_HOURS = 20  # characters: "ma-vr 9-17u"; more would make INFO a third SMS


class Duty(StrEnum):
    """As what members and the plan know an officer."""

    OFFICER = "officer"  # answers for this BIN (R37, R40)
    FALLBACK = "fallback"  # the BIN officer of the zone: when there is no such officer (R123)


class BadHours(Unfit):
    """Those hours cannot be shown to members."""


@dataclass(frozen=True)
class Person:
    """Somebody whom members may ring."""

    name: str
    number: str  # E.164
    hours: str


def appoint(contact: PoliceContact, duty: Duty, number: str, hours: str, now: datetime, by: str) -> None:
    """*contact* has this *duty*, and nobody else has it; members may ring *number*, which may be a landline.

    Raises BadHours, phone.BadNumber.
    """
    e164, when = phone.canonical(number), checked_hours(hours)
    if not when:
        raise BadHours("Schrijf erbij wanneer men mag bellen, bijvoorbeeld ma-vr 9-17u.")
    with writing():
        PoliceContact.update(duty="").where(PoliceContact.duty == duty).execute()
        contact.duty, contact.public_phone, contact.hours = duty, e164, when
        contact.save()
        audit.record(by, "officer appointed", f"contact {contact.id}", now, duty)


def relieve(contact: PoliceContact, now: datetime, by: str) -> None:
    """*contact* has no duty towards the members any more, and his number is shown to nobody."""
    with writing():
        contact.duty = contact.public_phone = contact.hours = ""
        contact.save()
        audit.record(by, "officer relieved", f"contact {contact.id}", now)


def show_hours(coordinator: Member, hours: str, now: datetime, by: str) -> None:
    """Members who ask see *coordinator* with his number and *hours*; with none they do not. Raises BadHours."""
    when = checked_hours(hours)
    with writing():
        coordinator.hours = when
        coordinator.save()
        audit.record(by, "hours shown" if when else "hours hidden", f"member {coordinator.id}", now)


def checked_hours(hours: str) -> str:
    """*hours*, tidied. Raises BadHours."""
    tidy = " ".join(hours.split())
    if len(tidy) > LONGEST_HOURS:
        raise BadHours("De uren zijn langer dan %(n)d tekens. Kort ze in, bijvoorbeeld ma-vr 9-17u.", n=LONGEST_HOURS)
    if not gsm7.fits(fold(tidy)):
        raise BadHours("De uren bevatten tekens die niet in een gewone sms kunnen. Typ ze opnieuw.")
    return tidy


def officer() -> Person | None:
    """How members know `contact`."""
    found = contact()
    return Person(found.name, found.public_phone, found.hours) if found else None


def contact() -> PoliceContact | None:
    """The officer who answers for this BIN, else the one of the zone."""
    known = PoliceContact.revoked_at.is_null()
    found = (PoliceContact.get_or_none((PoliceContact.duty == duty) & known) for duty in Duty)
    return next((one for one in found if one), None)


def coordinator() -> Person | None:
    """The first coordinator who said when members may ring."""
    found = next((one for one in members.with_role(Role.COORDINATOR) if one.hours), None)
    return Person(found.name, found.number, found.hours) if found else None


def on_sms(language: str) -> str:
    """Both in one line for INFO, the police first (R95); empty when there is nobody."""
    known = ((Key.INFO_OFFICER, officer()), (Key.INFO_COORDINATOR, coordinator()))
    return " ".join(_line(key, person, language) for key, person in known if person)


def _line(key: Key, person: Person, language: str) -> str:
    return wording.person(key, language, person.name, phone.as_dialled(person.number), person.hours)
