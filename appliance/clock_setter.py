"""Puts the clock of this machine forward to what the gateway heard from the mobile network (`gateway.lateness`).

Run by bin-kast-clock.service, which may do this and nothing else. Where NTP has set the clock, nothing is done.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance import clock

NAME = "network-time"  # in the folder of what the services tell each other while the machine is on
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")  # systemd-timesyncd.service(8)
LONGEST = 100  # octets

log = logging.getLogger(__name__)


def put_forward(
    word: Path, synchronised: Path, now: datetime, up_for: float, put: Callable[[float], None]
) -> timedelta | None:
    """By how much the clock was put forward; None when it was not. *up_for*: seconds since the machine started."""
    at_least = _read(word, up_for)
    if at_least is None or synchronised.exists() or not clock.behind(now, at_least):
        return None
    put(at_least.timestamp())
    return at_least - now


def _read(word: Path, up_for: float) -> datetime | None:
    """How late it is at least, by what *word* says and the seconds since; None when that makes no sense."""
    try:
        with word.open("rb") as file:
            said, at = file.read(LONGEST).decode("ascii").split()
        return datetime.fromisoformat(said).astimezone(UTC) + timedelta(seconds=max(0.0, up_for - float(at)))
    except (OSError, ValueError, OverflowError):
        return None


def main() -> None:
    """For the word in the folder that is given."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    forward = put_forward(
        Path(sys.argv[1]) / NAME, SYNCHRONISED, clock.now(), time.clock_gettime(time.CLOCK_BOOTTIME),
        lambda seconds: time.clock_settime(time.CLOCK_REALTIME, seconds),
    )  # fmt: skip
    log.info("clock left as it is" if forward is None else f"clock put forward by {forward}")


if __name__ == "__main__":
    main()
