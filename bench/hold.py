"""From the end of the button's countdown to the first AT+CMGS on the wire: three real services' worth of path.

The panel and the gateway are real processes, the pins are gpiozero's mock ones, the modem is the emulated one. A round
takes the three seconds of the hold and the ten of the countdown, as on the wall.

    python bench/hold.py [--rounds 10] [--json]
"""

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from appliance import control, store
from appliance.clock import now
from appliance.models import Acknowledgement
from appliance.modem.emulator import EmulatedModem, Network
from appliance.panel.button import COUNTDOWN, HOLD
from appliance.people import members
from appliance.people.members import Role

Found = TypeVar("Found")

PATIENCE = 30.0
CONFIG = """[store]
url = "sqlite:///{folder}/bin.db"
[[modem]]
port = "{folder}/modem-a"
driver = "at"
[demo]
control = "{folder}"
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        taken = sorted(measure(Path(name), chosen.rounds))
    figures = {
        "rounds": len(taken),
        "countdown's end to first AT+CMGS, ms: median": round(statistics.median(taken), 1),
        "95 %": round(taken[min(len(taken) - 1, int(0.95 * len(taken)))], 1),
        "slowest": round(taken[-1], 1),
    }
    print(json.dumps(figures) if chosen.json else "\n".join(f"{key:<48}{value}" for key, value in figures.items()))


def measure(folder: Path, rounds: int) -> list[float]:
    store.open_store(f"sqlite:///{folder}/bin.db")
    store.migrate()
    for place in range(6):
        members.enrol(f"Kern {place}", f"+3247000{place:04}", now(), "bench", consent="bench", role=Role.CORE)
    (folder / "config.toml").write_text(CONFIG.format(folder=folder))
    with EmulatedModem("a", Network(reports=False), link=folder / "modem-a") as modem:
        services = [start(folder, "gateway"), start(folder, "panel")]
        try:
            return [one(folder, modem) for _ in range(rounds)]
        finally:
            for service in services:
                service.terminate()
                service.wait()


def start(folder: Path, service: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "appliance", "--config", str(folder / "config.toml"), service]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"GPIOZERO_PIN_FACTORY": "mock"})


def one(folder: Path, modem: EmulatedModem) -> float:
    """Milliseconds of one hold, in chance step with the panel's own pace."""
    ready(folder)
    Acknowledgement.update(at=now() - timedelta(hours=1)).execute()  # the pause of ten minutes is over
    time.sleep(secrets.randbelow(1000) / 1000)
    control.call(folder / "panel.sock", "press")
    end = time.monotonic() + HOLD + COUNTDOWN
    time.sleep(HOLD + 0.5)
    control.call(folder / "panel.sock", "release")
    sent = wait_for(lambda: [w.at for w in list(modem.wire) if w.at > end - 1 and w.what.startswith("AT+CMGS")])
    return 1000 * (sent[0] - end)


def ready(folder: Path) -> None:
    wait_for(lambda: (folder / "panel.sock").exists() and shown(folder) in ("ready", "attention"))


def shown(folder: Path) -> str:
    try:
        return str(control.call(folder / "panel.sock", "lamp")["pattern"])
    except OSError:
        return ""


def wait_for(fact: Callable[[], Found]) -> Found:
    deadline = time.monotonic() + PATIENCE
    while not (found := fact()):
        if time.monotonic() > deadline:
            raise SystemExit("the services do not get on: see their log")
        time.sleep(0.0005)
    return found


if __name__ == "__main__":
    main()
