"""How quick the box is where it counts, measured on the emulated modem, in one run.

Prints: decision -> first AT+CMGS on the wire, and a member's text -> confirmed in the store, on an idle box; and the
box's own time per SMS beside the modem's. The gateway is a real process on a real tty; the clocks are one clock.

    python bench/latency.py [--rounds 100] [--json]
"""

import argparse
import itertools
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import alerts, store
from appliance.alerts import MessageClass, Source
from appliance.clock import now
from appliance.models import Alert, Delivery, Segment
from appliance.modem.emulator import EmulatedModem, Network
from appliance.neighbourhood import Neighbourhood
from appliance.people import members

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), secrets.randbelow)
MEMBERS = 40
PATIENCE = 30.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name), chosen.rounds)
    print(json.dumps(figures) if chosen.json else "\n".join(f"{key:<44}{value}" for key, value in figures.items()))


def measure(folder: Path, rounds: int) -> dict[str, object]:
    store.open_store(f"sqlite:///{folder}/bin.db")
    store.migrate()
    for place in range(MEMBERS):
        members.enrol(f"Lid {place}", f"+3247000{place:04}", now(), "bench", consent="bench")
    with EmulatedModem("a", Network(reports=False), link=folder / "modem-a") as modem:
        gateway = start(folder)
        try:
            wait_for(lambda: any(wire.what.startswith("AT+CMGL") for wire in modem.wire))
            decisions = [decision(modem) for _ in range(rounds)]
            replies = [reply(modem, place % MEMBERS) for place in range(rounds)]
            own = own_time(modem)
        finally:
            gateway.terminate()
            gateway.wait()
    return spread("decision to first AT+CMGS, ms", decisions) | spread("text to confirmed, ms", replies) | own


def start(folder: Path) -> subprocess.Popen[bytes]:
    config = folder / "config.toml"
    modem = f'[[modem]]\nport = "{folder}/modem-a"\nsegments_per_day = 0\nsegments_per_month = 0\n'
    config.write_text(f'[store]\nurl = "sqlite:///{folder}/bin.db"\n{modem}')
    command = [sys.executable, "-m", "appliance", "--config", str(config), "gateway"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def decision(modem: EmulatedModem) -> float:
    """Milliseconds from a coordinator's press on the page to the first AT+CMGS of an alert to all members."""
    idle()
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig", "Lies", now(), BIN)
    began = time.monotonic()
    alerts.forward(alert, "Lies", "page", now(), BIN)
    wait_for(lambda: submits(modem, began))
    return 1000 * (submits(modem, began)[0] - began)


def submits(modem: EmulatedModem, began: float) -> list[float]:
    """When each AT+CMGS since *began* came; the gateway may ask the modem for other things in between."""
    newest = itertools.takewhile(lambda wire: wire.at > began, reversed(modem.wire))
    return [wire.at for wire in newest if wire.what.startswith("AT+CMGS")][::-1]


def reply(modem: EmulatedModem, place: int) -> float:
    """Milliseconds from +CMTI to the receipt confirmation in the store."""
    idle()
    newest = Delivery.select().where(Delivery.number == f"+3247000{place:04}").order_by(Delivery.id.desc()).get()
    Delivery.update(confirmed_at=None).where(Delivery.id == newest.id).execute()
    began = time.monotonic()
    modem.network.text(newest.number, f"OK {began}")
    wait_for(lambda: Delivery.get_by_id(newest.id).confirmed_at is not None)
    return 1000 * (time.monotonic() - began)


def own_time(modem: EmulatedModem) -> dict[str, object]:
    """What the box adds to each submit of a modem that takes no time at all."""
    idle()
    before = len(modem.network.airwaves)
    began = time.monotonic()
    for _ in range(5):
        alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Sluit uw ramen", "Lies", now(), BIN)
        alerts.forward(alert, "Lies", "page", now(), BIN)
    idle()
    sent = len(modem.network.airwaves) - before
    seconds = (time.monotonic() - began) / sent
    return {
        "own time per SMS, ms": round(1000 * seconds, 2),
        "SMS per second on a modem of 0 s": round(1 / seconds, 1),
        "share of a submit of 3.5 s": f"{seconds / 3.5:.2%}",
    }


def idle() -> None:
    """Nothing is owed, and the gateway has gone back to waiting."""
    unsettled = Segment.select().where(Segment.state << ("queued", "submitting", "in_doubt"))
    wait_for(lambda: not unsettled.exists() and Alert.select().count() >= 0)
    time.sleep(0.05)


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > deadline:
            raise SystemExit("the gateway does not get on: see its log")
        time.sleep(0.0005)


def spread(what: str, values: list[float]) -> dict[str, object]:
    in_order = sorted(values)
    return {
        f"{what}: median": round(statistics.median(in_order), 1),
        f"{what}: 95 %": round(in_order[int(0.95 * len(in_order))], 1),
        f"{what}: slowest": round(in_order[-1], 1),
    }


if __name__ == "__main__":
    main()
