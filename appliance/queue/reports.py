"""Which segment a delivery report is about, and what it settles."""

from datetime import datetime, timedelta

from appliance.arrivals import ReportMeaning, meaning
from appliance.models import Segment
from appliance.queue import budget
from appliance.queue.states import MOVES, Event, State, move

REPORT_WINDOW = timedelta(days=3)  # a message reference wraps at 255: an older segment is not meant

EVENTS = {
    ReportMeaning.DELIVERED: Event.DELIVERED,
    ReportMeaning.TRYING: Event.TRYING,
    ReportMeaning.FAILED: Event.UNDELIVERABLE,
}


def settle(number: str, message_reference: int, status: int, now: datetime, modem: str = "") -> Segment | None:
    """Settle the segment that a delivery report is about; None when there is none. Call it inside `writing()`.

    *modem* heard it: the network reports to the SIM that sent, and each SIM counts its own references. Empty: any.
    """
    segment = _reported(number, message_reference, now, modem)
    if segment is None:
        return None
    event = EVENTS[meaning(status)]
    if event not in MOVES[State(segment.state)]:
        return segment  # said twice, or a temporary word after the final one
    budget.known(segment)
    segment.state = move(State(segment.state), event)
    if event is Event.DELIVERED:
        segment.delivered_at = now
    segment.code = segment.code_words = ""
    if event is Event.UNDELIVERABLE:
        segment.code, segment.code_words = f"TP-ST 0x{status:02X}", "the handset could not be reached"
    segment.submitted_at = segment.submitted_at or now
    segment.message_reference = message_reference
    segment.save()
    return segment


def _reported(number: str, message_reference: int, now: datetime, modem: str) -> Segment | None:
    """By reference and number, newest first; else the segment to that number that may be meant, if it is only one.

    Whatever was handed over and has no reference may be meant, also what was refused, and what has one for its second
    copy only. Which of two nobody knows: a wrong guess would call a text sent that never left.
    """
    ours = Segment.select().where(Segment.number == number)
    if modem:
        ours = ours.where(Segment.modem == modem)
    known = (Segment.message_reference == message_reference) & (Segment.submitted_at > now - REPORT_WINDOW)
    found: Segment | None = ours.where(known).order_by(Segment.submitted_at.desc()).first()
    if found is None:
        nameless = Segment.message_reference.is_null() | Segment.possibly_twice
        handed_over = (Segment.attempts > 0) & (Segment.claimed_at > now - REPORT_WINDOW)
        candidates = list(ours.where(nameless & handed_over).limit(2))
        found = candidates[0] if len(candidates) == 1 else None
    return None if found and found.state == State.SUBMITTING else found  # its own answer comes first
