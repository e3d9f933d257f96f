"""How an alert spreads (R59 to R61): a choice of the BIN, written in its charter. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from itertools import cycle
from typing import Protocol, TypeVar

LEADS, FOLLOWS = "street_leader", "member"  # members.Role


class Mode(StrEnum):
    """From whom to whom."""

    ONE_LEVEL = "one-level"  # police to citizens: what they send urgently and prove goes straight out
    TWO_LEVEL = "two-level"  # police to coordinators, who judge, to citizens
    PYRAMID = "pyramid"  # the same, and each street hears it after its street leader


class Person(Protocol):
    """What a link goes by."""

    number: str
    street: str
    role: str


Somebody = TypeVar("Somebody", bound=Person)


def straight_out(mode: Mode, message_class: str, source: str, *, verified: bool) -> bool:
    """Whether a text is forwarded without a coordinator's judgement: the charter gave it beforehand."""
    return mode is Mode.ONE_LEVEL and message_class == "urgent" and source == "police" and verified


def links(mode: Mode, receiving: Sequence[Person]) -> dict[str, str]:
    """Who hears it after whom: the number of each member who waits, and of his street leader. Others wait for nobody.

    Several leaders of one street share it in turn; a street without one is in the first wave.
    """
    if mode is not Mode.PYRAMID:
        return {}
    of_street: dict[str, list[str]] = defaultdict(list)
    for person in receiving:
        if person.role == LEADS and person.street:
            of_street[same_street(person.street)].append(person.number)
    turns = {street: cycle(numbers) for street, numbers in of_street.items()}
    waiting = (person for person in receiving if person.role == FOLLOWS and same_street(person.street) in turns)
    return {person.number: next(turns[same_street(person.street)]) for person in waiting}


def same_street(street: str) -> str:
    """*street* as it is compared: capitals and blanks make no difference."""
    return " ".join(street.casefold().split())


def callers(streets: Sequence[str], leading: Sequence[Somebody]) -> list[Somebody | None]:
    """Who calls each of the people who live in *streets*: their street leader, else whoever leads, in turn."""
    of_street: dict[str, list[Somebody]] = defaultdict(list)
    for person in leading:
        if person.role == LEADS and person.street:
            of_street[same_street(person.street)].append(person)
    turns = {street: cycle(people) for street, people in of_street.items()}
    others = cycle([person for person in leading if person.role != LEADS] or leading)  # of nobody it gives nobody
    return [next(turns.get(same_street(street), others), None) for street in streets]
