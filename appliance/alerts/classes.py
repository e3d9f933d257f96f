"""What kinds of alert there are, which rules each has (domain 1D), and the table of an alert's moves (domain 1I)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from appliance.queue.outbox import Urgency


class MessageClass(StrEnum):
    """How hard an alert must be told (R71 to R76)."""

    URGENT = "urgent"
    FEEDBACK = "feedback"
    FEEDBACK_COORDINATORS = "feedback_coordinators"  # how the communication went: for coordinators only (R44, R74)
    TEST = "test"
    PREVENTIVE = "preventive"
    ORGANISATION = "organisation"
    PANIC = "panic"  # the button's fixed text to the core group: never from the police


class Source(StrEnum):
    """Who wrote the original."""

    POLICE = "police"
    COORDINATOR = "coordinator"


class AlertState(StrEnum):
    """Where an alert is. How far its texts are is counted from its segments, not kept here."""

    WAITING = "waiting"
    DELAYED = "delayed"
    FORWARDED = "forwarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class AlertEvent(StrEnum):
    """What a coordinator, the police or the clock can do to an alert."""

    FORWARDED = "forwarded"
    DELAYED = "delayed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    STALE = "stale"  # it was judged too long ago to leave by itself: a coordinator judges again


MOVES: dict[AlertState, dict[AlertEvent, AlertState]] = {
    AlertState.WAITING: {
        AlertEvent.FORWARDED: AlertState.FORWARDED,
        AlertEvent.DELAYED: AlertState.DELAYED,
        AlertEvent.DECLINED: AlertState.DECLINED,
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
    },
    AlertState.DELAYED: {
        AlertEvent.FORWARDED: AlertState.FORWARDED,
        AlertEvent.DELAYED: AlertState.DELAYED,
        AlertEvent.DECLINED: AlertState.DECLINED,
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
        AlertEvent.STALE: AlertState.WAITING,
    },
    AlertState.FORWARDED: {
        AlertEvent.WITHDRAWN: AlertState.WITHDRAWN,
        AlertEvent.CLOSED: AlertState.CLOSED,
    },
    AlertState.WITHDRAWN: {AlertEvent.CLOSED: AlertState.CLOSED},
    AlertState.DECLINED: {},
    AlertState.CLOSED: {},
}

# Rank in the queue, and for how long the text makes sense: flagrante is over within the hour (domain 0.9).
URGENCIES = {
    MessageClass.PANIC: Urgency(5, timedelta(minutes=60)),
    MessageClass.URGENT: Urgency(10, timedelta(minutes=60)),
    MessageClass.FEEDBACK: Urgency(15, timedelta(hours=24)),
    MessageClass.FEEDBACK_COORDINATORS: Urgency(15, timedelta(hours=24)),
    MessageClass.TEST: Urgency(20, timedelta(hours=24)),
    MessageClass.PREVENTIVE: Urgency(30, timedelta(hours=24)),
    MessageClass.ORGANISATION: Urgency(40, timedelta(hours=24)),
}


@dataclass(frozen=True)
class Rules:
    """What sets one message class apart; without a word said: any hour, no question to confirm, nothing owed after."""

    asks_receipt: bool = False
    keeps_hours: bool = False  # leaves between eight and eight (R72)
    window: timedelta = timedelta(hours=24)  # for how long a reply or a ring counts as receipt
    fresh: timedelta | None = None  # judged longer ago than this it may not leave: somebody must judge again (1I)
    owes_feedback: bool = False  # open until the members have heard how it ended (R67)
    for_streets: bool = False  # may be for who lives in some streets; what is urgent is for everybody (R10, R12)
    shows_trial: bool = True  # says so when no charter is signed (R20); TEST and ORGANISATIE must not be taken for that
    told_police: bool = False  # a coordinator's own one is reported to the police (R48)


RULES = {
    MessageClass.URGENT: Rules(True, fresh=timedelta(minutes=60), owes_feedback=True, told_police=True),
    MessageClass.PREVENTIVE: Rules(keeps_hours=True, for_streets=True),
    MessageClass.FEEDBACK: Rules(),
    MessageClass.FEEDBACK_COORDINATORS: Rules(shows_trial=False),
    MessageClass.TEST: Rules(True, window=timedelta(days=7), for_streets=True, shows_trial=False),
    MessageClass.ORGANISATION: Rules(keeps_hours=True, for_streets=True, shows_trial=False),
    MessageClass.PANIC: Rules(True, told_police=True),
}
LONGEST_WINDOW = max(rules.window for rules in RULES.values())
