"""How many segments one SIM may submit within a day: an operator that blocks it is the worst outage of all."""

from datetime import datetime, timedelta

from appliance.models import Segment
from appliance.queue.states import State

DAY = timedelta(hours=24)
CAN_WAIT = 30  # rank from which a text waits for tomorrow: preventive and organisation (alerts.URGENCIES)


def used(modem: str, now: datetime) -> int:
    """How many segments *modem* has claimed within the last day."""
    return int(Segment.select().where((Segment.modem == modem) & (Segment.claimed_at > now - DAY)).count())


def holds(segment: Segment, modem: str, ceiling: int, now: datetime) -> bool:
    """Whether *segment* has to wait because *modem* has reached its *ceiling*. All that wait so say it.

    Another modem may still take them. Call it inside `store.writing()`.
    """
    if segment.rank < CAN_WAIT or used(modem, now) < ceiling:
        return False
    waiting = (Segment.state == State.QUEUED) & (Segment.rank >= CAN_WAIT) & (Segment.code_words == "")
    words = f"waits: {ceiling} segments a day, the ceiling of modem {modem}, are used up"
    Segment.update(code_words=words).where(waiting).execute()
    return True
