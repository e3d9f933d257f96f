"""What one SIM card's subscription bears and costs, and who may still leave by it. Pure.

Sums of money are in millicents (thousandths of a euro cent): a tariff may have a fraction, and a sum may not drift.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil

MILLICENTS = 1000  # in a cent
CAN_WAIT = 15  # rank from which a text leaves the reserve alone: all but urgent ones (alerts.URGENCIES)


class Room(StrEnum):
    """Who may still leave by a SIM. The order is from much to little."""

    ALL = "all"
    URGENT = "urgent"  # what is left is the reserve
    DECIDED = "decided"  # nothing is left: answers, notices, and what a coordinator sends all the same


@dataclass(frozen=True)
class Subscription:
    """The settings of one modem about its SIM. Ceilings and pace: None for none."""

    segments_per_day: int | None = None
    segments_per_month: int | None = None
    reserve_percent: int = 0  # the part of both ceilings that is kept for urgent texts
    segments_per_minute: int | None = None
    pace_urgent: bool = False  # whether the pace holds urgent texts too
    tariff: int = 0  # millicents for one segment
    bundle_segments: int = 0  # so many of a month are paid for already


@dataclass(frozen=True)
class Used:
    """What a SIM has handed over: today, this month, and how much of this month's came out of the bundle."""

    today: int = 0
    this_month: int = 0
    from_bundle: int = 0


def left(terms: Subscription, used: Used, *, urgent: bool) -> int | None:
    """How many more segments may leave today; None without a ceiling."""
    ceilings = ((terms.segments_per_day, used.today), (terms.segments_per_month, used.this_month))
    rooms = [_within(most, terms, urgent=urgent) - gone for most, gone in ceilings if most is not None]
    return max(0, min(rooms)) if rooms else None


def _within(ceiling: int, terms: Subscription, *, urgent: bool) -> int:
    return ceiling if urgent else ceiling - ceiling * terms.reserve_percent // 100


def room(terms: Subscription, used: Used) -> Room:
    """Who may still leave by a SIM that has *used* that much."""
    if left(terms, used, urgent=True) == 0:
        return Room.DECIDED
    return Room.URGENT if left(terms, used, urgent=False) == 0 else Room.ALL


def lets(room_: Room, rank: int, *, goes_over: bool) -> bool:
    """Whether a segment of *rank* may leave. *goes_over*: no ceiling holds it."""
    return goes_over or room_ is Room.ALL or (room_ is Room.URGENT and rank < CAN_WAIT)


def paced(terms: Subscription, rank: int) -> bool:
    """Whether the ceiling for a minute holds a segment of *rank*."""
    return terms.segments_per_minute is not None and (rank >= CAN_WAIT or terms.pace_urgent)


def left_in_bundle(terms: Subscription, used: Used) -> int:
    """How many segments of this month are paid for already and not sent yet."""
    return max(0, terms.bundle_segments - used.from_bundle)


def price(terms: Subscription, used: Used) -> int:
    """What the next segment costs, in millicents: nothing while the bundle lasts."""
    return 0 if left_in_bundle(terms, used) else terms.tariff


def cents(millicents: float) -> int:
    """In whole cents, upwards: it never costs more than was said."""
    return ceil(round(millicents / MILLICENTS, 3))


AMOUNT = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?(?!\d)")


def credit_in(words: str) -> int | None:
    """The euros in what an operator answers ("Uw saldo: 12,34 EUR"), in millicents; None when there is no amount."""
    found = AMOUNT.search(words)
    return None if found is None else int(Decimal(f"{found[1]}.{found[2] or 0}") * 100 * MILLICENTS)
