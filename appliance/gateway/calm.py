"""While there is nothing to do the gateway looks into the store only when somebody wrote, or something falls due."""

from collections.abc import Callable
from datetime import datetime, timedelta

from appliance import clock, store
from appliance.alerts import countdown
from appliance.queue import order

AT_MOST = timedelta(seconds=5)  # for what falls due by other clocks than those of segments and countdowns


class Calm:
    """Begins after a round that found nothing to do. Any commit ends it, and so does a clock that was set."""

    def __init__(self) -> None:
        self._version = ""
        self._since = self._until = clock.RELEASED

    def unless(self, work: Callable[[], bool], now: datetime) -> bool:
        """What *work* says; False, without asking it, while it would find what it found last: nothing."""
        version = store.version()
        if version == self._version and self._since <= now < self._until:
            return False
        self._version = ""
        if work():
            return True
        self._version, self._since, self._until = version, now, min([now + AT_MOST, *_due()])
        return False


def _due() -> list[datetime]:
    running = countdown.running()
    return [at for at in (order.next_due_at(), running[0].due_at if running else None) if at is not None]
