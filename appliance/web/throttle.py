"""How long to wait after wrong passwords: a delay that grows, and never a lock that a stranger could turn."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

FREE_FAILURES = 3
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
DOUBLINGS = 10  # far beyond the cap; keeps the number small
FORGET = timedelta(hours=1)  # a source, device or name that failed longer ago begins anew
MOST_BUCKETS = 2_000


def pause(failures: int, failed_at: datetime | None, now: datetime) -> timedelta:
    """How long until the next password is looked at; zero for the first three failures. Pure."""
    if failures < FREE_FAILURES or failed_at is None:
        return timedelta(0)
    delay: timedelta = min(FIRST_PAUSE * 2 ** min(failures - FREE_FAILURES, DOUBLINGS), LONGEST_PAUSE)
    # a clock that was set back must not lengthen the wait
    return min(max(failed_at + delay - now, timedelta(0)), delay)


def more(failures: int, failed_at: datetime | None, now: datetime) -> int:
    """How many failures it is with one more at *now*. Pure."""
    return 1 if failed_at and now - failed_at > FORGET else failures + 1


@dataclass
class Tally:
    """Wrong passwords from one source."""

    failures: int = 0
    failed_at: datetime | None = None


class Tallies:
    """Wrong passwords by source address, device or unknown name, in memory; bounded, the oldest is forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_key: OrderedDict[str, Tally] = OrderedDict()

    def pause(self, key: str, now: datetime) -> timedelta:
        """How long *key* must still wait."""
        with self._lock:
            tally = self._by_key.get(key, Tally())
            return pause(tally.failures, tally.failed_at, now)

    def count(self, key: str, now: datetime) -> None:
        """*key* gave a wrong password."""
        with self._lock:
            tally = self._by_key.setdefault(key, Tally())
            tally.failures, tally.failed_at = more(tally.failures, tally.failed_at, now), now
            self._by_key.move_to_end(key)
            while len(self._by_key) > MOST_BUCKETS:
                self._by_key.popitem(last=False)

    def clear(self, key: str) -> None:
        """*key* gave the right one."""
        with self._lock:
            self._by_key.pop(key, None)
