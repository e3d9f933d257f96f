"""The fault matrix: every fault in bench/faults.py, done to the real driver, the real gateway and a real store.

Twelve members are owed one alert. After the fourth the fault strikes; everything goes on until nothing is owed or in
doubt. Then the store is held against what the emulated network really carried. `tests/test_faults.py` plays the same
table with shortened deadlines and a hurried clock; here everything takes the time it takes on the box: 15 minutes.

    python bench/reliability.py [--only NAME] [--json]       all rows, side by side, and writes docs/reliability.md
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from faults import FAULTS, MEMBERS, Fault, Scene, number, power_cycle

from appliance import alerts, store
from appliance.alerts import MessageClass, Source, progress
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.doorbell import Doorbell
from appliance.gateway import HEAR_OUT, Gateway
from appliance.gateway.terms import Terms
from appliance.models import Alert, Arrival, Delivery
from appliance.modem.at import AtModem
from appliance.modem.dialogue import STANDARD, Deadlines
from appliance.modem.emulator import EmulatedModem, Network
from appliance.neighbourhood import Neighbourhood
from appliance.people import members

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda below: 0)
DOCUMENT = Path(__file__).parents[1] / "docs" / "reliability.md"
QUICK = Deadlines(
    answer=0.4,
    slow=0.4,
    wake=0.2,
    prompt=0.4,
    submit=0.5,
    rest=0.15,
    late=0.15,
    sim=1.5,
    caller=0.3,
    radio_off=0.1,
    look_again=0.5,
    quiet=0.02,
)
QUICK_HEAR_OUT = 0.1  # seconds
BEFORE = 4  # texts that go well first
PATIENCE, QUICK_PATIENCE = 3600.0, 40.0
TOGETHER = 16  # rows that are measured side by side: all they do is wait


@dataclass(frozen=True)
class Row:
    """What became of one fault. Counted in segments and, for `lost`, in replies too."""

    fault: str
    lost: int  # promised, and neither on the air nor shown as failed; or a reply that was not counted
    doubled: int  # on the air more than once
    shown: int  # shown as possibly twice
    unshown: int  # on the air more than once and not shown so
    failed: int  # shown as failed: the network said no for good
    seconds: float | None  # from the fault to the next text that the network took


class Clock:
    """The box's clock. A hurried one jumps whenever the box has nothing to do but wait."""

    def __init__(self, *, hurried: bool) -> None:
        self.hurried = hurried
        self._ahead = timedelta(0)
        self._idle = 0  # looks at an idle box in a row

    def __call__(self) -> datetime:
        return real_now() + self._ahead

    def idle(self, idle: bool) -> None:
        self._idle = self._idle + 1 if idle else 0
        if self.hurried and idle:
            self._ahead += timedelta(seconds=min(1 + self._idle // 5, 15))


# --- playing one


def play(fault: Fault, folder: Path, bin_: Neighbourhood, *, hurried: bool) -> Row:
    """*fault* strikes the box whose empty store is open; files go to *folder*."""
    for place in range(MEMBERS):
        members.enrol(f"Lid {place}", number(place), real_now(), "bench", consent="bench")
    clock, deadlines = Clock(hurried=hurried), QUICK if hurried else STANDARD
    network = Network(reports=fault.reports)
    bus, link = folder / "usb", folder / "modem-a"
    with EmulatedModem("a", network, profile=fault.profile, pin=fault.pin[0], link=link, devices=bus) as modem:
        driver = AtModem(str(link), name="a", pin=fault.pin[1], clock=clock, deadlines=deadlines, devices=bus)
        terms = Terms(power=partial(power_cycle, modem) if fault.power else None)
        hear_out = QUICK_HEAR_OUT if hurried else HEAR_OUT
        gateway = Gateway("a", driver, bin_, Doorbell(store.bells(), "gateway-a"), clock, terms, hear_out)
        scene = Scene(network, modem, deadlines)
        try:
            gateway.begin()
            alert = _promised(clock, bin_)
            _go_on(gateway, clock, lambda: len(network.airwaves) >= BEFORE)
            fault.strike(scene)
            _go_on(gateway, clock, lambda: scene.over and _settled(alert, scene))
        finally:
            gateway.end()
    return _judged(fault, alert, scene)


def _promised(clock: Clock, bin_: Neighbourhood) -> Alert:
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig Kerkstraat", "Lies", clock(), bin_)
    alerts.forward(alert, "Lies", "page", clock(), bin_)
    return alert


def _go_on(gateway: Gateway, clock: Clock, fact: Callable[[], bool]) -> None:
    end = time.monotonic() + (QUICK_PATIENCE if clock.hurried else PATIENCE)
    while not fact():
        assert time.monotonic() < end, "the box does not get on"
        more = gateway.step()
        clock.idle(not more)
        if not more:
            gateway.wait(0.01 if clock.hurried else 0.1)


def _settled(alert: Alert, scene: Scene) -> bool:
    return not progress.of(alert).busy and _confirmed(alert) >= scene.expected_replies


def _confirmed(alert: Alert) -> int:
    return int(alert.deliveries.where(Delivery.confirmed_at.is_null(False)).count())


def _judged(fault: Fault, alert: Alert, scene: Scene) -> Row:
    found, counts = truth.hold(alert, scene.network.airwaves), progress.of(alert).counts
    failed = counts["failed"] + counts["unknown"]
    kept = Arrival.select().where(Arrival.kind << ("text", "ring")).count()
    return Row(
        fault.name,
        lost=max(found.lost, found.missing - failed) + scene.expected_replies - _confirmed(alert),
        doubled=found.doubled,
        shown=counts["possibly_twice"],
        unshown=found.doubled_unshown + kept - scene.expected_replies,
        failed=failed,
        seconds=scene.seconds(),
    )


# --- all of them, at the pace of the box


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", metavar="NAME", help="one row, in this process; writes nothing")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    rows = [_alone(chosen.only)] if chosen.only else _side_by_side()
    if not chosen.only:
        DOCUMENT.write_text(document(rows), encoding="utf-8")
    print(json.dumps([asdict(row) for row in rows]) if chosen.json else table(rows))


def _alone(name: str) -> Row:
    fault = next(fault for fault in FAULTS if fault.name == name)
    with tempfile.TemporaryDirectory() as folder:
        store.open_store(f"sqlite:///{folder}/bin.db")
        store.migrate()
        return play(fault, Path(folder), BIN, hurried=False)


def _side_by_side() -> list[Row]:
    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(_in_a_process, [fault.name for fault in FAULTS]))


def _in_a_process(name: str) -> Row:
    command = [sys.executable, __file__, "--only", name, "--json"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if said.returncode:
        raise SystemExit(f"the row {name!r} cannot be measured: run it with --only")
    return Row(**json.loads(said.stdout.splitlines()[-1])[0])


def table(rows: list[Row]) -> str:
    """*rows* as Markdown."""
    head = "| fault | lost | doubled | shown as possibly twice | failed, shown | seconds until sending again |"
    lines = [
        f"| {row.fault} | {row.lost} | {row.doubled} | {row.shown} | {row.failed} |"
        f" {'-' if row.seconds is None else row.seconds} |"
        for row in rows
    ]
    return "\n".join([head, "| --- " + "| ---: " * 5 + "|", *lines])


def document(rows: list[Row]) -> str:
    """The page docs/reliability.md."""
    lost, unshown = sum(row.lost for row in rows), sum(row.unshown for row in rows)
    return INTRODUCTION.format(rows=len(rows), lost=lost, unshown=unshown, members=MEMBERS) + table(rows) + "\n" + NOTES


INTRODUCTION = """# What goes wrong, and what becomes of it

Made by `python bench/reliability.py`; do not edit. Each row is one alert to {members} members through the real
AT driver, the real gateway and a real database on an emulated modem. After the fourth text the fault strikes. At the
end the database is held against what the emulated network really carried. `make test` plays the same table with
shortened deadlines.

**{rows} faults: {lost} lost, {unshown} unshown doubles.**

"""
NOTES = """
- *lost*: promised, and neither on the air nor shown as failed; also a reply or ring that was not counted.
- *doubled*: on the air twice. It happens only where the network took a text, its answer was lost and no delivery
  report was heard within 60 s; the member is then shown as *possibly twice*. That mark may also stand where the network
  had nothing the first time: nobody can know. The emulated network reports at once, so a report may come, and be lost,
  while the port is gone or being opened anew; a real one takes seconds.
- *seconds until sending again*: from the fault to the next text that the network took, with the deadlines of the box.
  A modem that swallows a text is given 180 s to answer, because real ones have answered after 135 s.
- A fault that lasts (no network) lasts as long as the row says; the wrong PIN is taken off the card after 120 s.
- Believed is a network that refuses for a cause of its own (CMS 1 to 255), but for 17, 38 and 127: those it also gives
  when somebody behind it did not answer. If it delivers a refused text all the same, a delivery report puts that right,
  as in the row about congestion. Without reports the text goes out again and nothing shows it: doubting each refusal
  would make everybody wait a minute at every congestion, and mark many as possibly twice who have it once.
- A SIM that the network lets send nothing (CMS 310) is left alone for ten minutes, then tried again.
- Three people barred in a row (CMS 10) are our SIM, not they: all three are owed the text again.
- Not in this table: `kill -9` of the gateway at random moments (tests/test_kill.py).
"""

if __name__ == "__main__":
    main()
