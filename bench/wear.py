"""How many bytes reach the memory card: of an idle box in a day, and of one alert.

The three real services run on an emulated modem, with their database on a real ext4 file system on a disk that records
every write (`recorded_disk`): journals of SQLite and of ext4 are in the figure. What systemd and Debian write
themselves is not.

    python bench/wear.py [--seconds 300] [--members 60] [--json]     as root
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from idle import CONFIG, SERVICES, SETTLED, await_all, start
from recorded_disk import Disk, lacking, wait_for, writes

from appliance import alerts, store
from appliance.alerts import MessageClass, Source
from appliance.clock import now
from appliance.models import Segment, database
from appliance.modem.emulator import EmulatedModem, Network
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.queue.states import State

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda _: 1)
TEXT = "Inbraak bezig in Kerkstraat. Blijf binnen en bel 101."
DAY = 86400
ALERTS_A_DAY = 1  # many more than any BIN sends
# A 16 GB card of which each cell bears 300 writes, and which writes ten times what it is given: both on the bad side.
ENDURANCE = 16e9 * 300 / 10


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=300.0)
    arguments.add_argument("--members", type=int, default=60)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    if why := lacking():
        raise SystemExit(why)
    with tempfile.TemporaryDirectory() as name:
        idle, alert = measure(Path(name), chosen.seconds, chosen.members)
    day = idle * DAY + alert * ALERTS_A_DAY
    figures = {"idle_per_hour": round(idle * 3600), "alert": alert, "members": chosen.members, "day": round(day),
               "years": round(ENDURANCE / day / 365)}  # fmt: skip
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"idle       {idle * 3600 / 1e6:>8.2f} MB an hour")
    print(f"one alert  {alert / 1e6:>8.2f} MB to {chosen.members} members, reports and all")
    print(f"a day      {day / 1e6:>8.2f} MB with {ALERTS_A_DAY} alert: {figures['years']} years of a card of 16 GB")


def measure(folder: Path, seconds: float, people: int) -> tuple[float, int]:
    """Bytes a second while nothing happens, and bytes of one alert."""
    with Disk(folder) as disk, ExitStack() as stack:
        box = disk.place
        store.open_store(f"sqlite:///{box}/bin.db")
        store.migrate()
        for place in range(people):
            members.enrol(f"Lid {place}", f"+3247000{place:04}", now(), "bench", consent="bench")
        stack.callback(database.close)
        config = folder / "config.toml"
        config.write_text(CONFIG.format(folder=box))
        stack.enter_context(EmulatedModem("a", Network(), link=box / "modem-a"))
        for service in SERVICES:
            start(config, service, stack)
        await_all(box)
        time.sleep(SETTLED)
        idle = _during(disk, lambda: time.sleep(seconds)) / seconds
        return idle, _during(disk, _send)


def _send() -> None:
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT, "bench", now(), BIN)
    alerts.forward(alert, "bench", "bench", now(), BIN)
    wait_for(lambda: not Segment.select().where(Segment.state != State.DELIVERED).exists())


def _during(disk: Disk, what: Callable[[], object]) -> int:
    """How many bytes were written while *what* was done."""
    before = disk.written()
    what()
    return sum(len(write.data) for write in writes(disk.log.read_bytes()) if write.ends > before)


if __name__ == "__main__":
    main()
