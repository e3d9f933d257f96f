"""What the box holds about one person, and about all: for the person himself, for the register, for a theft."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, fn

from appliance.models import Account, Alert, Arrival, Audit, Callee, Delivery, Member, PoliceContact
from appliance.people import members
from appliance.queue.outbox import Kind
from appliance.upkeep import erasure


@dataclass(frozen=True)
class Held:
    """Everything about one member (GDPR art. 15 and 20): the columns of his row, and what else names him."""

    member: Member
    second_numbers: tuple[Member, ...]
    username: str  # empty: he cannot log in
    told: tuple[Delivery, ...]  # alerts, notices and answers to him that are still kept, oldest first
    came_in: tuple[Arrival, ...]  # what came from him and is still kept
    log_rows: int  # in which his number stands


def held(member: Member) -> Held:
    """All that the box holds about *member*. Read only."""
    account = Account.get_or_none(Account.member == member)
    told = Delivery.select(Delivery, Alert).join(Alert, JOIN.LEFT_OUTER).where(
        (Delivery.member == member) | (Delivery.number == member.number)
    )  # fmt: skip
    himself = f"member {member.id}"
    log = Audit.select().where((Audit.actor == himself) | (Audit.subject == himself))
    return Held(
        member=member,
        second_numbers=tuple(members.second_numbers(member)),
        username=account.username if account else "",
        told=tuple(told.order_by(Delivery.id)),
        came_in=tuple(sorted(erasure.arrivals_from(member), key=lambda arrival: int(arrival.id))),
        log_rows=log.count(),
    )


@dataclass(frozen=True)
class Holding:
    """How much is on the box: what must be told when it is stolen (GDPR art. 33)."""

    members: int
    coordinators: int
    contacts: int
    callees: int  # neighbours without a mobile, whom somebody rings
    left: int  # who left and is not erased yet
    alerts_with_names: int  # alerts of which it is still known who got and who confirmed them
    texts_came_in: int
    oldest: datetime | None  # of those


def holding() -> Holding:
    """How much is on the box now. Read only."""
    named = Delivery.select(Delivery.alert).where((Delivery.kind == Kind.ALERT) & (Delivery.number != "")).distinct()
    came_in = Arrival.select().where(Arrival.kind != "report")
    return Holding(
        members=len(members.enrolled()),
        coordinators=len(members.with_role(members.Role.COORDINATOR)),
        contacts=PoliceContact.select().where(PoliceContact.revoked_at.is_null()).count(),
        callees=Callee.select().count(),
        left=Member.select().where(Member.state == members.Standing.LEFT).count(),
        alerts_with_names=named.count(),
        texts_came_in=came_in.count(),
        oldest=_oldest(),
    )


def _oldest() -> datetime | None:
    firsts = (
        Arrival.select(fn.MIN(Arrival.received_at)).scalar(),
        Delivery.select(fn.MIN(Delivery.created_at)).where(Delivery.number != "").scalar(),
    )
    return min((first for first in firsts if first), default=None)
