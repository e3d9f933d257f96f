"""Who is enrolled, in which role, and who is a recipient of which message class."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from math import gcd, sqrt

from appliance import audit, phone, store
from appliance.models import Account, Member
from appliance.modes import same_street
from appliance.people import refusals
from appliance.plain import Unfit

LANGUAGES = ("nl", "fr", "de", "en")
NAME_LENGTH = 80
GOLDEN = (sqrt(5) - 1) / 2
NIGHT_FROM, NIGHT_UNTIL = 22, 7  # o'clock
JOINED, CHANGED, CAME_BACK, LEFT = "enrolled", "changed", "came back", "left"  # what the log says


class Role(StrEnum):
    """What a member does for the network (R16, R122). The order is the order in which an alert reaches them."""

    COORDINATOR = "coordinator"
    CORE = "core"  # the core group: hears the button
    STREET_LEADER = "street_leader"
    MEMBER = "member"


class Standing(StrEnum):
    """Whether a member receives."""

    ACTIVE = "active"
    SUSPENDED = "suspended"  # somebody there said that the number is wrong: nothing goes there until it is looked at
    LEFT = "left"  # said STOP, or was removed: receives nothing, and is erased


class Way(StrEnum):
    """How consent was given (GDPR art. 7: it must be possible to show that it was)."""

    PAPER = "paper"
    SMS = "sms"
    PAGE = "page"


class BadMember(Unfit):
    """Nobody can be enrolled so."""


def enrol(
    name: str, number: str, now: datetime, by: str, *, street: str = "", language: str = "nl",
    role: Role = Role.MEMBER, consent: str = "", way: Way = Way.PAPER, form: str = "",
) -> Member:  # fmt: skip
    """*name* is enrolled with *number*, or, if that number is known already, changed to this.

    Raises BadMember, or phone.BadNumber for a number that cannot or must not be texted.
    """
    values: dict[str, object] = {**checked(name, street, language), "role": role}
    e164 = phone.mobile(number)
    with store.writing():
        known = Member.get_or_none(Member.number == e164)
        values |= _consent(known, " ".join(consent.split())[:NAME_LENGTH], way, form, now)
        if known is None:
            member = Member.create(number=e164, created_at=now, **values)
        else:
            Member.update(state=Standing.ACTIVE, left_at=None, **values).where(Member.id == known.id).execute()
            member = Member.get_by_id(known.id)
        if member.consent:
            refusals.forget(e164)  # he asked to be told again
        audit.record(by, _verb(known), f"member {member.id}", now, role)
    return member


def _consent(known: Member | None, consent: str, way: Way, form: str, now: datetime) -> dict[str, object]:
    """The proof of *consent*: what the form says, how it came and which version it is; as it was if nothing is new."""
    form = " ".join(form.split())[:NAME_LENGTH]
    if known and known.consent == consent and form in ("", known.consent_form):
        return {}
    if not consent:
        return {"consent": "", "consent_way": "", "consent_form": "", "consented_at": None}
    return {"consent": consent, "consent_way": way, "consent_form": form, "consented_at": now}


def _verb(known: Member | None) -> str:
    """What the log calls it: the yearly report counts who joined, not who got another street."""
    if known is None:
        return JOINED
    return CHANGED if known.state == Standing.ACTIVE else CAME_BACK


def checked(name: str, street: str, language: str) -> dict[str, str]:
    """The three free fields, tidied. Raises BadMember."""
    name, street, language = " ".join(name.split()), " ".join(street.split()), language.strip().lower() or "nl"
    if not name:
        raise BadMember("De naam is leeg. Vul een naam in.")
    if len(name) > NAME_LENGTH or len(street) > NAME_LENGTH:
        raise BadMember("De naam of de straat is langer dan %(n)d tekens. Kort hem in.", n=NAME_LENGTH)
    if any(not character.isprintable() for character in name + street):
        raise BadMember("De naam of de straat bevat onzichtbare tekens. Typ hem opnieuw.")
    if language not in LANGUAGES:
        raise BadMember(
            'De taal "%(name)s" is niet bekend. Kies uit: %(known)s.', name=language, known=", ".join(LANGUAGES)
        )
    return {"name": name, "street": street, "language": language}


def leave(member: Member, now: datetime, by: str) -> None:
    """*member* receives nothing any more (R31), nor do his second numbers: at once, without a reason."""
    with store.writing():
        for one in [member, *second_numbers(member)]:
            one.state, one.left_at = Standing.LEFT, now
            one.save()
        if by == himself(member):  # who is removed by a coordinator has refused nothing
            refusals.remember(member.number, now)
        Account.delete().where(Account.member == member).execute()
        audit.record(by, LEFT, f"member {member.id}", now)


def himself(member: Member) -> str:
    """As what *member* is in the log when he did it by his own text."""
    return f"member {member.id}"


def suspend(member: Member, now: datetime, by: str) -> None:
    """Nothing goes to *member* until a coordinator has looked at the number and enrols him again."""
    with store.writing():
        member.state = Standing.SUSPENDED
        member.save()
        audit.record(by, "suspended", f"member {member.id}", now)


def second_numbers(member: Member) -> list[Member]:
    """The telephones that get a copy of what *member* gets: of a helper in the family, say."""
    return list(Member.select().where((Member.second_of == member) & (Member.state != Standing.LEFT)))


def add_second_number(
    member: Member, name: str, number: str, consent: str, now: datetime, by: str, *, form: str = ""
) -> Member:
    """*number*, of *name*, gets what *member* gets, in his language, with a *consent* of its own. Raises BadMember."""
    if not consent.strip():
        raise BadMember("Een tweede nummer heeft een eigen toestemming nodig: die van wie dat nummer heeft.")
    if member.second_of is not None:
        raise BadMember("Dit is zelf een tweede nummer. Voeg het toe bij het lid.")
    with store.writing():
        if by_number(phone.mobile(number)):
            raise BadMember("Dit nummer is al van een lid.")
        second = enrol(
            name, number, now, by, street=member.street, language=member.language, consent=consent, form=form
        )
        second.second_of = member
        second.save()
    return second


def renumber(member: Member, number: str, now: datetime, by: str) -> None:
    """*member* has another number (GDPR art. 16); a suspended one receives again. Raises BadNumber, BadMember."""
    e164 = phone.mobile(number)
    with store.writing():
        if Member.get_or_none((Member.number == e164) & (Member.id != member.id)):
            raise BadMember("Dit nummer staat al in de lijst bij iemand anders.")
        member.number, member.state = e164, Standing.ACTIVE
        member.save()
        audit.record(by, "renumbered", f"member {member.id}", now)


def remove_coordinator(member: Member, now: datetime, by: str) -> None:
    """*member* is an ordinary member again and cannot log in."""
    with store.writing():
        member.role, member.hours, member.resident_on = Role.MEMBER, "", ""
        member.save()
        Account.delete().where(Account.member == member).execute()
        audit.record(by, "no longer coordinator", f"member {member.id}", now)


def confirm_residence(member: Member, on: date, now: datetime, by: str) -> None:
    """It was said *on* that day that this coordinator lives in the area (R21): kept with its day, and no address."""
    with store.writing():
        member.resident_on = on.isoformat()
        member.save()
        audit.record(by, "residence confirmed", f"member {member.id}", now)


def by_number(number: str) -> Member | None:
    """The active member with exactly this E.164 number (never "the last nine digits")."""
    found: Member | None = Member.get_or_none((Member.number == number) & (Member.state == Standing.ACTIVE))
    return found


def enrolled() -> list[Member]:
    """The active members and the suspended ones, by street and name."""
    return list(Member.select().where(Member.state != Standing.LEFT).order_by(Member.street, Member.name))


def former() -> list[Member]:
    """Who left and is not erased yet."""
    return list(Member.select().where(Member.state == Standing.LEFT).order_by(Member.name))


def active() -> list[Member]:
    """Everybody who receives, by street and name."""
    return list(Member.select().where(Member.state == Standing.ACTIVE).order_by(Member.street, Member.name))


def streets() -> list[str]:
    """The streets where members live who receive, by name, each once however it is written."""
    found = {same_street(member.street): member.street for member in reversed(active()) if member.street}
    return sorted(found.values(), key=str.casefold)


def how_many() -> int:
    """How many receive."""
    return int(Member.select().where(Member.state == Standing.ACTIVE).count())


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
    """*people*, beginning a golden section of the list further for each *turn*.

    In as many turns as there are people each of them is last once, and no long stretch of turns ends in one street.
    """
    if not people:
        return []
    step = next(step for step in count(round(len(people) * GOLDEN)) if gcd(step, len(people)) == 1)
    start = turn * step % len(people)
    return [*people[start:], *people[:start]]


def by_name(name: str) -> list[Member]:
    """Active members whose name is *name*, whatever the capitals."""
    return [member for member in active() if member.name.casefold() == name.strip().casefold()]
