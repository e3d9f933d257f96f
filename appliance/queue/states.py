"""The life of a segment, as a table. Anything that is not in it raises."""

from enum import StrEnum

from appliance.plain import PlainError


class State(StrEnum):
    """Where a segment is. "Sent" is not among them: accepted, delivered and unknown are different facts."""

    QUEUED = "queued"  # owed; no copy of it is out, unless the network took what it refused
    SUBMITTING = "submitting"  # being handed to the modem: commit point 4 has passed, 5 has not
    IN_DOUBT = "in_doubt"  # a hand-over was interrupted or never answered: waits for a report, then is owed once more
    SUBMITTED = "submitted"  # accepted by the network
    DELIVERED = "delivered"  # the network says that the handset has it
    FAILED = "failed"  # refused for good, undeliverable, or too old
    DROPPED = "dropped"  # withdrawn; no copy of it can be out
    UNKNOWN = "unknown"  # withdrawn, refused or too old while a copy of it may be out: nobody can say


class Event(StrEnum):
    """What can happen to a segment."""

    CLAIMED = "claimed"  # a gateway is about to submit it
    ACCEPTED = "accepted"  # the network took it
    POSTPONED = "postponed"  # surely not handed over, or refused for now: owed again, later
    REFUSED = "refused"  # the network said no, for good
    DOUBTED = "doubted"  # interrupted or unanswered
    GIVEN_UP = "given_up"  # refused for good while an earlier copy may be out
    CLEARED = "cleared"  # it was refused for good because of our SIM, not because of its number: owed again
    DELIVERED = "delivered"  # delivery report: the handset has it
    TRYING = "trying"  # temporary delivery report: the network has it and keeps trying
    UNDELIVERABLE = "undeliverable"  # delivery report: it never will
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # older than its validity


class NotAllowed(PlainError):
    """That cannot happen to something in this state. Nothing was changed."""


MOVES: dict[State, dict[Event, State]] = {
    State.QUEUED: {
        Event.CLAIMED: State.SUBMITTING,
        Event.WITHDRAWN: State.DROPPED,
        Event.EXPIRED: State.FAILED,
        # A report is about something that was handed over: a refusal before it was not true.
        Event.TRYING: State.SUBMITTED,
        Event.DELIVERED: State.DELIVERED,
        Event.UNDELIVERABLE: State.FAILED,
    },
    State.SUBMITTING: {
        Event.ACCEPTED: State.SUBMITTED,
        Event.POSTPONED: State.QUEUED,
        Event.REFUSED: State.FAILED,
        Event.DOUBTED: State.IN_DOUBT,
        Event.GIVEN_UP: State.UNKNOWN,
    },
    State.IN_DOUBT: {
        Event.CLAIMED: State.SUBMITTING,  # nobody reported in time: the second copy, shown as "possibly twice"
        Event.TRYING: State.SUBMITTED,
        Event.DELIVERED: State.DELIVERED,
        Event.UNDELIVERABLE: State.FAILED,
        Event.WITHDRAWN: State.UNKNOWN,
        Event.EXPIRED: State.UNKNOWN,
    },
    State.SUBMITTED: {
        Event.TRYING: State.SUBMITTED,
        Event.DELIVERED: State.DELIVERED,
        Event.UNDELIVERABLE: State.FAILED,
    },
    State.UNKNOWN: {
        Event.TRYING: State.SUBMITTED,
        Event.DELIVERED: State.DELIVERED,
        Event.UNDELIVERABLE: State.FAILED,
    },
    State.FAILED: {
        Event.DELIVERED: State.DELIVERED,  # the network changed its mind: believe the handset
        Event.CLEARED: State.QUEUED,
    },
    State.DELIVERED: {},
    State.DROPPED: {},
}


def move(state: State, event: Event) -> State:
    """The state after *event*. Raises NotAllowed when the table has no such move."""
    try:
        return MOVES[state][event]
    except KeyError:
        raise NotAllowed(f"a segment that is {state} cannot be {event}") from None
