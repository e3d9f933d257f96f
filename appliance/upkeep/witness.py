"""Once a week the second coordinator hears where the log ends: then nobody at the box can rewrite it unseen.

It also shows, in a quiet month, that the box lives.
"""

from datetime import datetime, timedelta

from appliance import audit, bookmarks, clock, notices, wording
from appliance.models import Member
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.queue.outbox import Kind, Urgency
from appliance.store import writing
from appliance.wording import Key

EVERY = timedelta(days=7)
HOURS = range(10, 18)  # o'clock: it wakes nobody
URGENCY = Urgency(rank=40, validity=timedelta(hours=24))  # behind every alert
TOLD = "log head told"


def weekly(now: datetime, bin_: Neighbourhood) -> None:
    """The head of the log is promised to the second coordinator when a week has gone by; the first week begins now."""
    if not clock.trusted(now) or not is_due(bookmarks.last(TOLD), now, bin_.local(now).hour):
        return
    with writing():
        last = bookmarks.last(TOLD)  # again, now that no other gateway writes
        if not is_due(last, now, bin_.local(now).hour):
            return
        bookmarks.mark(TOLD, now)
        second = witness()
        if last and second:
            words = wording.text(Key.COORDINATOR_LOG, second.language, head=audit.head())
            notices.owe(second.number, words, Kind.NOTICE, now, member=second, urgency=URGENCY)


def is_due(last: datetime | None, now: datetime, local_hour: int) -> bool:
    """Whether it is time. Pure. A last time that lies ahead is of a clock that was wrong."""
    return last is None or last > now or (now - last >= EVERY and local_hour in HOURS)


def witness() -> Member | None:
    """Who keeps the heads: the second coordinator, for the box is mostly in the home of the first."""
    found = members.with_role(Role.COORDINATOR)
    return found[1] if len(found) > 1 else None
