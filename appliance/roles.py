"""Who may do what (domain 1H): one table for page, SMS and command line. The charter may only narrow it. Pure."""

from enum import StrEnum


class Part(StrEnum):
    """The part that somebody plays in the network."""

    COORDINATOR = "coordinator"  # and co-coordinator: equal rights (R24)
    STEERING = "steering_group"
    MANDATED = "mandated"  # the mandated officer (R36)
    NEIGHBOURHOOD = "neighbourhood"  # the neighbourhood officer (R35)
    DESK = "desk"  # the 101 centre, the zone's desk (R34)
    AUTHORITY = "authority"  # mayor, chief of the zone
    MEMBER = "member"


class Act(StrEnum):
    """What somebody may do or see."""

    SEE_NAMES = "see_names"
    SEE_NUMBERS = "see_numbers"
    URGENT = "urgent"  # write an urgent alert
    DECIDE = "decide"  # forward, delay, decline
    WITHDRAW = "withdraw"
    PREVENTIVE = "preventive"
    FEEDBACK = "feedback"
    FIGURES = "figures"
    SETTINGS = "settings"
    HEAR_OWN_ALERTS = "hear_own_alerts"  # is told of an urgent text that a coordinator sent by himself (R48)


class Grant(StrEnum):
    """How far that goes."""

    NO = "no"
    OWN = "own"  # of himself, or what he wrote himself
    READ = "read"
    PROPOSE = "propose"  # a coordinator decides
    FORWARD = "forward"  # what another wrote
    ORIGINATE = "originate"
    COUNTS = "counts"
    YEARLY = "yearly"  # the yearly sheet only
    YES = "yes"


POLICE = (Part.MANDATED, Part.NEIGHBOURHOOD, Part.DESK)

# One row for each part; the columns in the order of Act.
TABLE: dict[Part, dict[Act, Grant]] = {
    part: dict(zip(Act, row, strict=True))
    for part, row in {
        Part.COORDINATOR: (
            Grant.YES, Grant.YES, Grant.FORWARD, Grant.YES, Grant.YES, Grant.FORWARD, Grant.FORWARD, Grant.YES,
            Grant.YES, Grant.NO,
        ),
        Part.STEERING: (
            Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.PROPOSE, Grant.NO, Grant.YES, Grant.READ,
            Grant.NO,
        ),
        Part.MANDATED: (
            Grant.NO, Grant.NO, Grant.ORIGINATE, Grant.NO, Grant.YES, Grant.ORIGINATE, Grant.ORIGINATE, Grant.YES,
            Grant.READ, Grant.YES,
        ),
        Part.NEIGHBOURHOOD: (
            Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.ORIGINATE, Grant.ORIGINATE, Grant.YES,
            Grant.READ, Grant.YES,
        ),
        Part.DESK: (
            Grant.NO, Grant.NO, Grant.ORIGINATE, Grant.NO, Grant.OWN, Grant.ORIGINATE, Grant.ORIGINATE, Grant.COUNTS,
            Grant.NO, Grant.NO,
        ),
        Part.AUTHORITY: (
            Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.YEARLY, Grant.READ, Grant.NO,
        ),
        Part.MEMBER: (
            Grant.OWN, Grant.OWN, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.NO, Grant.YEARLY, Grant.OWN, Grant.NO,
        ),
    }.items()
}  # fmt: skip

# Which part an enrolled member plays, by members.Role: the core group is the steering group.
OF_MEMBER = {
    "coordinator": Part.COORDINATOR, "core": Part.STEERING, "street_leader": Part.MEMBER, "member": Part.MEMBER,
}  # fmt: skip


def grant(part: Part, act: Act) -> Grant:
    """How far *part* may go with *act*."""
    return TABLE[part][act]


def may(part: Part, act: Act, *, own: bool = False) -> bool:
    """Whether *part* may do *act* at all; what is granted for his *own* only, when it is his own."""
    granted = grant(part, act)
    return own if granted is Grant.OWN else granted is not Grant.NO


LOOKING = frozenset({Grant.READ, Grant.FORWARD, Grant.ORIGINATE, Grant.YES})
CHANGING = LOOKING - {Grant.READ}


def may_look(part: Part, act: Act) -> bool:
    """Whether *part* may see all that *act* is about: not only counts, the yearly sheet, or what is his own."""
    return grant(part, act) in LOOKING


def may_change(part: Part, act: Act) -> bool:
    """Whether what *part* does with *act* has an effect, without anybody else's yes."""
    return grant(part, act) in CHANGING


def may_ask(part: Part, act: Act) -> bool:
    """Whether *part* may at least propose *act*, for somebody else to decide."""
    return may_change(part, act) or grant(part, act) is Grant.PROPOSE


def of_member(role: str) -> Part:
    """The part that goes with a member's role."""
    return OF_MEMBER[role]


WRITES = {
    "urgent": Act.URGENT, "preventive": Act.PREVENTIVE, "test": Act.PREVENTIVE, "feedback": Act.FEEDBACK,
    "feedback_coordinators": Act.FEEDBACK,
}  # fmt: skip


def may_write(part: Part, message_class: str) -> bool:
    """Whether *part* may write a text of *message_class* for coordinators to judge."""
    act = WRITES.get(message_class)
    return act is not None and grant(part, act) is Grant.ORIGINATE
