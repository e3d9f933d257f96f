"""Who is enrolled, in which role, and who is a recipient of which message class."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from appliance import audit, phone, store
from appliance.models import Account, Member

LANGUAGES = ("nl", "fr", "de", "en")
NAME_LENGTH = 80
NIGHT_FROM, NIGHT_UNTIL = 22, 7  # o'clock


class Role(StrEnum):
    """What a member does for the network (R16, R122). The order is the order in which an alert reaches them."""

    COORDINATOR = "coordinator"
    CORE = "core"  # the core group: hears the button
    STREET_LEADER = "street_leader"
    MEMBER = "member"


class Standing(StrEnum):
    """Whether a member receives."""

    ACTIVE = "active"
    LEFT = "left"  # said STOP, or was removed: receives nothing


class BadMember(ValueError):
    """Nobody can be enrolled so; `str()` is a Dutch sentence that says what to do."""


def enrol(
    name: str, number: str, now: datetime, by: str, *, street: str = "", language: str = "nl",
    role: Role = Role.MEMBER, consent: str = "",
) -> Member:  # fmt: skip
    """*name* is enrolled with *number*, or, if that number is known already, changed to this.

    Raises BadMember, or phone.BadNumber for a number that cannot or must not be texted.
    """
    values = checked(name, street, language) | {"role": role, "consent": consent.strip()[:NAME_LENGTH]}
    e164 = phone.mobile(number)
    with store.writing():
        member = Member.get_or_none(Member.number == e164)
        if member is None:
            member = Member.create(number=e164, created_at=now, **values)
        else:
            Member.update(state=Standing.ACTIVE, left_at=None, **values).where(Member.id == member.id).execute()
            member = Member.get_by_id(member.id)
        audit.record(by, "enrolled", f"member {member.id}", now, role)
    return member


def checked(name: str, street: str, language: str) -> dict[str, str]:
    """The three free fields, tidied. Raises BadMember."""
    name, street, language = " ".join(name.split()), " ".join(street.split()), language.strip().lower() or "nl"
    if not name:
        raise BadMember("De naam is leeg. Vul een naam in.")
    if len(name) > NAME_LENGTH or len(street) > NAME_LENGTH:
        raise BadMember(f"De naam of de straat is langer dan {NAME_LENGTH} tekens. Kort hem in.")
    if any(not character.isprintable() for character in name + street):
        raise BadMember("De naam of de straat bevat onzichtbare tekens. Typ hem opnieuw.")
    if language not in LANGUAGES:
        raise BadMember(f'De taal "{language}" is niet bekend. Kies uit: {", ".join(LANGUAGES)}.')
    return {"name": name, "street": street, "language": language}


def leave(member: Member, now: datetime, by: str) -> None:
    """*member* receives nothing any more (R31): at once, without a reason."""
    with store.writing():
        member.state, member.left_at = Standing.LEFT, now
        member.save()
        audit.record(by, "left", f"member {member.id}", now)


def remove_coordinator(member: Member, now: datetime, by: str) -> None:
    """*member* is an ordinary member again and cannot log in."""
    with store.writing():
        member.role = Role.MEMBER
        member.save()
        Account.delete().where(Account.member == member).execute()
        audit.record(by, "no longer coordinator", f"member {member.id}", now)


def by_number(number: str) -> Member | None:
    """The active member with exactly this E.164 number (never "the last nine digits")."""
    found: Member | None = Member.get_or_none((Member.number == number) & (Member.state == Standing.ACTIVE))
    return found


def active() -> list[Member]:
    """Everybody who receives, by street and name."""
    return list(Member.select().where(Member.state == Standing.ACTIVE).order_by(Member.street, Member.name))


def with_role(*roles: Role) -> list[Member]:
    """The active members in any of *roles*, in order of enrolment."""
    return list(Member.select().where((Member.state == Standing.ACTIVE) & (Member.role << roles)).order_by(Member.id))


def recipients(message_class: str, turn: int, local: datetime, failing: Collection[str] = ()) -> list[Member]:
    """Who gets an alert of *message_class* at *local* time, in the order of submitting (R12).

    Coordinators, core group and street leaders first; then the members, beginning further for each *turn*, so
    that nobody is always last, and those with one of the *failing* numbers after all others. Left out: who gave no
    consent, wants no preventive texts, or none at night.
    """
    order = in_order([member for member in active() if receives(member, message_class, local)], turn)
    return sorted(order, key=lambda member: member.role == Role.MEMBER and member.number in failing)


def receives(member: Member, message_class: str, local: datetime) -> bool:
    """Whether *member* has asked for texts of this class at this hour. Pure."""
    wanted = member.preventive or message_class != "preventive"
    return bool(member.consent and wanted and (member.night or not is_night(local)))


def is_night(local: datetime) -> bool:
    """Whether *local* falls in the hours that a member can opt out of."""
    return local.hour >= NIGHT_FROM or local.hour < NIGHT_UNTIL


def in_order(receiving: Sequence[Member], turn: int) -> list[Member]:
    """*receiving*, by role, the ordinary members rotated by *turn*."""
    order = list(Role)
    leading = sorted((m for m in receiving if m.role != Role.MEMBER), key=lambda m: order.index(Role(m.role)))
    ordinary = [m for m in receiving if m.role == Role.MEMBER]
    return leading + rotated(ordinary, turn)


def rotated(people: Sequence[Member], turn: int) -> list[Member]:
    """*people*, beginning a seventh of the list further for each *turn*."""
    if not people:
        return []
    start = turn * max(1, len(people) // 7) % len(people)
    return [*people[start:], *people[:start]]


def by_name(name: str) -> list[Member]:
    """Active members whose name is *name*, whatever the capitals."""
    return [member for member in active() if member.name.casefold() == name.strip().casefold()]
