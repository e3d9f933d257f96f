"""How late it is at least, by the mobile network: for a box without internet and without a clock battery.

The gateway may not set the clock of the machine, so it leaves word in a file; bin-kast-clock.service is started by that
(`appliance.clock_setter`). What the network says is a moment that has gone by: a report waited in the service centre,
a modem may say UTC for local time. So the clock is only ever put forward. The stamps of texts do not count: those are
of the sender's own service centre, anywhere, which may have its zone wrong.
"""

import time
from datetime import datetime, timedelta
from pathlib import Path

from appliance import clock, whole
from appliance.arrivals import Arrival, Report

NEWS = timedelta(minutes=1)  # so much later than what was told before


class Lateness:
    """Tells the machine, by *file*, when its clock is behind; tells nobody without one."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._told = timedelta(0)  # how far behind, the last time

    def came(self, arrival: Arrival, now: datetime) -> None:
        """A report has the time stamp of the service centre that we use ourselves."""
        if isinstance(arrival, Report):
            self.hear(arrival.discharged_at, now)

    def hear(self, at_least: datetime | None, now: datetime) -> None:
        """The network says that *at_least* has gone by."""
        if self._file is None or at_least is None or not clock.behind(now, at_least):
            return
        if at_least - now > self._told + NEWS:
            self._told = at_least - now
            word = f"{at_least.isoformat()} {time.clock_gettime(time.CLOCK_BOOTTIME)}\n"
            whole.write(self._file, word.encode("ascii"), 0o644)
