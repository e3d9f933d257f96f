"""Whom somebody must ring when an alert goes out (R61): neighbours without a mobile, and those whom no SMS reached."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from appliance import audit, modes, phone, store
from appliance.alerts import progress, target
from appliance.alerts.progress import Stage
from appliance.models import Alert, Callee, Member, Phoned
from appliance.people import members, phoned
from appliance.people.members import Role
from appliance.people.phoned import Whom
from appliance.plain import PlainError
from appliance.upkeep import erasure


class Why(StrEnum):
    """Why a person is called."""

    NO_MOBILE = "no_mobile"
    FAILED = "failed"  # the text was refused, or the handset could not be reached


@dataclass(frozen=True)
class Call:
    """One line of the list. *number* empty: knock on the door."""

    name: str
    number: str
    street: str
    why: Why
    whom: Whom
    id: int  # of the callee or the delivery
    told: Phoned | None = None  # who says that this person has heard it, and when


@dataclass(frozen=True)
class CallList:
    """What one caller does. *caller* None: nobody leads yet."""

    caller: Member | None
    calls: tuple[Call, ...]


class NoCallee(PlainError):
    """There is nobody of that name, or there are several; `str()` says so in Dutch."""


def add(name: str, number: str, street: str, consent: str, now: datetime, by: str) -> Callee:
    """*name* is called from now on when an alert goes out. Raises BadMember, BadNumber; a mobile can get texts."""
    values = members.checked(name, street, "nl")
    e164 = phone.canonical(number) if number.strip() else ""
    if e164 and phone.answerable(e164):
        raise members.BadMember("%(number)s is een gsm-nummer: maak er een lid van.", number=number)
    with store.writing():
        callee = Callee.create(
            name=values["name"], street=values["street"], number=e164, consent=consent.strip(), created_at=now
        )
        audit.record(by, "will be called", f"callee {callee.id}", now)
    return callee


def remove(name: str, now: datetime, by: str) -> Callee:
    """*name* is called no more, and forgotten. Raises NoCallee."""
    callee = called(name)
    erasure.forget(callee, now, by)
    return callee


def called(name: str) -> Callee:
    """The one who is called *name*, whatever the capitals. Raises NoCallee."""
    found = [callee for callee in callees() if callee.name.casefold() == name.strip().casefold()]
    if len(found) != 1:
        raise NoCallee(f"{'Niemand' if not found else 'Meer dan een'} op de bellijst heet {name}.")
    return found[0]


def callees() -> list[Callee]:
    """Everybody without a mobile, by street and name."""
    return list(Callee.select().order_by(Callee.street, Callee.name))


def without_mobile(alert: Alert, told: Mapping[int, Phoned]) -> list[Call]:
    """The neighbours without a mobile who must hear *alert*, by street and name. Nobody without consent."""
    return [
        Call(c.name, c.number, c.street, Why.NO_MOBILE, Whom.CALLEE, c.id, told.get(c.id))
        for c in callees() if c.consent and target.means(alert, c.street)
    ]  # fmt: skip


def of(alert: Alert) -> list[CallList]:
    """Who calls whom about *alert*, as it stands now. Nobody without consent; nobody calls whom no text reached."""
    told = phoned.of(alert)
    calls = without_mobile(alert, told[Whom.CALLEE])
    failed = [line for line in progress.of(alert).lines if line.stage is Stage.FAILED and not line.confirmed_at]
    calls += [
        Call(line.name, line.number, line.street, Why.FAILED, Whom.DELIVERY, line.delivery,
             told[Whom.DELIVERY].get(line.delivery))
        for line in failed
    ]  # fmt: skip
    unreached = {line.number for line in failed}
    leading = members.with_role(Role.CORE) + members.with_role(Role.COORDINATOR, Role.STREET_LEADER)
    callers = modes.callers([call.street for call in calls], [m for m in leading if m.number not in unreached])
    lists: dict[Member | None, list[Call]] = defaultdict(list)
    for caller, call in zip(callers, calls, strict=True):
        lists[caller].append(call)
    return [CallList(caller, tuple(theirs)) for caller, theirs in lists.items()]
