"""The finish time that is promised before sending, against the one that was kept, in ten runs.

Each run is a new alert to between 20 and 60 members over one or two emulated modems whose submits differ from one
another (a quarter of the mean) and whose pace drifts from run to run (by up to a twentieth). The gateways are real
processes on real ttys; only the pace is quicker than a real modem's, so that ten runs take minutes. The pace is learned
from the modems' own submits, one alert before the first promise.

The same with an operator that throttles (segments_per_minute), and in pyramid mode with street leaders who do not
answer, so that their streets hear it when the wait for them is over.

    python bench/forecast.py [--runs 10] [--only NAME ...] [--pace 0.3] [--seed 1] [--json]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import alerts, store
from appliance.alerts import MessageClass, Source, progress, prospect
from appliance.clock import now
from appliance.models import Alert, Member, ModemState, database
from appliance.modem.emulator import EmulatedModem, Network
from appliance.modes import Mode
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda _: 1)
TEXT = "Inbraak bezig in de Kerkstraat. Blijf binnen en bel 101. " * 4  # two segments
FEWEST, MOST = 20, 60  # members
UNEVEN, DRIFT = 0.25, 0.05
GOAL = 0.10
PATIENCE = 600.0
STREETS = ("Kerkstraat", "Lindedreef", "Veldweg")  # in pyramid mode the first two have a leader
LINK_WAIT = timedelta(minutes=0.5)


@dataclass(frozen=True)
class Kind:
    """What the box and its network are like."""

    name: str
    modems: int = 1
    per_minute: int = 0
    mode: Mode = Mode.TWO_LEVEL

    @property
    def bin(self) -> Neighbourhood:
        return replace(BIN, mode=self.mode, link_wait=LINK_WAIT)


KINDS = (
    Kind("one modem"),
    Kind("two modems", modems=2),
    Kind("throttled", per_minute=60),
    Kind("pyramid", mode=Mode.PYRAMID),
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=10, help="of each kind")
    arguments.add_argument("--only", nargs="+", choices=[kind.name for kind in KINDS])
    arguments.add_argument("--pace", type=float, default=0.3)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    runs = []
    for place, kind in enumerate(KINDS):
        if kind.name in (chosen.only or [kind.name]):
            with tempfile.TemporaryDirectory() as folder:
                runs += measure(Path(folder), kind, chosen.runs, chosen.pace, random.Random(chosen.seed + place))
    if chosen.json:
        print(json.dumps(runs))
        return
    print(f"{'kind':<12}{'segments':>10}{'promised, s':>13}{'kept, s':>10}{'off':>8}{'in range':>10}")
    for run in runs:
        print(f"{run['kind']:<12}{run['segments']:>10}{run['promised']:>13.1f}{run['kept']:>10.1f}"
              f"{run['off']:>8.1%}{run['in_range']!s:>10}")  # fmt: skip
    for name in dict.fromkeys(run["kind"] for run in runs):
        of_kind = [run for run in runs if run["kind"] == name]
        print(f"{name}: within {GOAL:.0%}: {sum(abs(run['off']) <= GOAL for run in of_kind)} of {len(of_kind)};"
              f" within the stated range: {sum(run['in_range'] for run in of_kind)} of {len(of_kind)}")  # fmt: skip


def measure(folder: Path, kind: Kind, runs: int, pace: float, chance: random.Random) -> list[dict[str, object]]:
    store.open_store(f"sqlite:///{folder}/bin.db")
    store.migrate()
    with ExitStack() as stack:
        network = Network(reports=False)
        names = "abcd"[: kind.modems]
        modems = [
            stack.enter_context(EmulatedModem(name, network, seconds_per_submit=pace, link=folder / f"modem-{name}"))
            for name in names
        ]
        air = stack.enter_context(uneven(modems, pace, chance))
        stack.enter_context(gateways(folder, names, kind))
        sent(chance, air, 40, kind)  # the first alert teaches the pace
        return [sent(chance, air, chance.randint(FEWEST, MOST), kind) for _ in range(runs)]


class Air:
    """How busy the network is: a factor on the pace of every modem."""

    factor = 1.0


@contextmanager
def uneven(modems: Sequence[EmulatedModem], pace: float, chance: random.Random) -> Iterator[Air]:
    """While it lasts no submit takes as long as the one before."""
    air, over = Air(), threading.Event()

    def change() -> None:
        while not over.wait(pace / 4):
            for modem in modems:
                modem.seconds_per_submit = air.factor * max(pace / 3, chance.gauss(pace, UNEVEN * pace))

    thread = threading.Thread(target=change)
    thread.start()
    yield air
    over.set()
    thread.join()


@contextmanager
def gateways(folder: Path, names: str, kind: Kind) -> Iterator[None]:
    one = '[[modem]]\nname = "{name}"\nport = "{folder}/modem-{name}"\nsegments_per_day = 0\n'
    throttled = f"segments_per_minute = {kind.per_minute}\npace_urgent = true\n" if kind.per_minute else ""
    tables = "".join(one.format(name=name, folder=folder) + throttled for name in names)
    bin_ = f'[bin]\nmode = "{kind.mode}"\nlink_minutes = {LINK_WAIT.total_seconds() / 60}\n'
    (folder / "config.toml").write_text(f'{bin_}[store]\nurl = "sqlite:///{folder}/bin.db"\n{tables}')
    command = [sys.executable, "-m", "appliance", "--config", str(folder / "config.toml"), "gateway", "--modem"]
    children = [subprocess.Popen([*command, name], stderr=subprocess.DEVNULL) for name in names]
    wait_for(lambda: ModemState.select().where(ModemState.registered).count() == len(names))
    yield
    for child in children:
        child.terminate()
        child.wait()


def sent(chance: random.Random, air: Air, people: int, kind: Kind) -> dict[str, object]:
    """One alert to so many members: what was promised, and what was kept."""
    Member.delete().execute()
    for place in range(people):
        role = Role.STREET_LEADER if kind.mode is Mode.PYRAMID and place < len(STREETS) - 1 else Role.MEMBER
        members.enrol(f"Lid {place}", f"+3247000{place:04}", now(), "bench", role=role, consent="bench",
                      street=STREETS[place % len(STREETS)])  # fmt: skip
    air.factor = chance.uniform(1 - DRIFT, 1 + DRIFT)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT, "Lies", now(), kind.bin)
    began = now()
    told = prospect.of(alert, began, kind.bin)
    alerts.forward(alert, "Lies", "bench", now(), kind.bin)
    wait_for(lambda: not progress.of(alert).busy)
    last = progress.of(Alert.get_by_id(alert.id)).last_submitted_at
    assert last and told.finish_at and told.low and told.high
    wait_for(lambda: ModemState.select().where(ModemState.heartbeat_at < last).count() == 0)  # the pace is known
    promised, kept = (told.finish_at - began).total_seconds(), (last - began).total_seconds()
    off, in_range = promised / kept - 1, told.low <= last <= told.high
    return {"kind": kind.name, "segments": told.segments, "promised": promised, "kept": kept, "off": off,
            "in_range": in_range}  # fmt: skip


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.05)


if __name__ == "__main__":
    main()
    database.close()
