"""Sticks that come and go (port = "all"): one that is not plugged in is no fault of the box."""

import logging
from datetime import datetime, timedelta

from appliance.modem import Absent, Offline

AWAY_AFTER = timedelta(seconds=90)  # a reset, a cut of the power or a while as a CD drive takes up to sixty

log = logging.getLogger(__name__)


class Absence:
    """Of the stick of the modem called *name*; only *one_of_many* is ever away, any other has a fault."""

    def __init__(self, name: str, one_of_many: bool) -> None:
        self._name = name
        self._one_of_many = one_of_many
        self._since: datetime | None = None
        self.away = False

    @property
    def is_out(self) -> bool:
        """Whether the last that was heard is that it is not plugged in."""
        return self._since is not None

    def over(self) -> None:
        """The stick is there."""
        self._since, self.away = None, False

    def heard(self, lost: Offline, now: datetime) -> bool:
        """Whether the stick is away: as *lost* says it is not plugged in, and has not been for AWAY_AFTER."""
        if not self._one_of_many or not isinstance(lost, Absent):
            self.over()
            return False
        if self._since is None or now < self._since:
            self._since = now
        if not self.away and now - self._since >= AWAY_AFTER:
            self.away = True
            log.info("modem %s away", self._name)
        return self.away
