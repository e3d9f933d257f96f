"""What an idle box costs: CPU seconds a minute of each service, and the memory of all together.

The three real services run on an emulated modem and mock pins; after they have settled they are watched for a while.
Memory is counted as each page's share (PSS): what services share is counted once.

    python bench/idle.py [--seconds 60] [--json]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from appliance import store
from appliance.clock import now
from appliance.models import Heartbeat, ModemState, database
from appliance.modem.emulator import EmulatedModem, Network
from appliance.people import members

SERVICES = ("gateway", "panel", "web")
MEMBERS = 60
SETTLED = 10.0  # seconds
PATIENCE = 60.0
GOAL_CPU, GOAL_MEMORY = 0.2, 110.0  # seconds a minute for each service; megabytes for all
CONFIG = """[store]
url = "sqlite:///{folder}/bin.db"
[web]
listen = "unix:{folder}/web.sock"
[[modem]]
name = "a"
port = "{folder}/modem-a"
driver = "at"
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name), chosen.seconds)
    if chosen.json:
        print(json.dumps(figures))
        return
    for service in SERVICES:
        cpu, memory = figures[service]
        print(f"{service:<10}{cpu:>8.3f} CPU s/min (goal {GOAL_CPU})   {memory:>7.1f} MB")
    print(f"together   {sum(cpu for cpu, _ in figures.values()):>7.3f} CPU s/min              "
          f"  {sum(memory for _, memory in figures.values()):>7.1f} MB (goal {GOAL_MEMORY:.0f})")  # fmt: skip


def measure(folder: Path, seconds: float) -> dict[str, tuple[float, float]]:
    store.open_store(f"sqlite:///{folder}/bin.db")
    store.migrate()
    for place in range(MEMBERS):
        members.enrol(f"Lid {place}", f"+3247000{place:04}", now(), "bench", consent="bench")
    config = folder / "config.toml"
    config.write_text(CONFIG.format(folder=folder))
    with ExitStack() as stack:
        stack.enter_context(EmulatedModem("a", Network(), link=folder / "modem-a"))
        running = {service: start(config, service, stack) for service in SERVICES}
        await_all(folder)
        time.sleep(SETTLED)
        before = {service: cpu(process.pid) for service, process in running.items()}
        time.sleep(seconds)
        figures = {
            service: (60 / seconds * (cpu(process.pid) - before[service]), memory(process.pid))
            for service, process in running.items()
        }
    database.close()
    return figures


def start(config: Path, service: str, stack: ExitStack) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "appliance", "--config", str(config), service]
    environment = {
        **os.environ,
        "GPIOZERO_PIN_FACTORY": "mock",
        "MALLOC_ARENA_MAX": "1",
    }  # the last as our units have it
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def await_all(folder: Path) -> None:
    """The modem is online, the panel has beaten, the page listens."""
    deadline = time.monotonic() + PATIENCE
    while not (
        ModemState.select().where(ModemState.registered).exists()
        and Heartbeat.select().where(Heartbeat.service == "panel").exists()
        and (folder / "web.sock").exists()
    ):
        if time.monotonic() > deadline:
            raise SystemExit("the services do not get on: see their log")
        time.sleep(0.1)


def cpu(process: int) -> float:
    """Seconds of user and system time, proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Megabytes, as its share."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


if __name__ == "__main__":
    main()
