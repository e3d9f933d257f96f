"""How long an alert takes to its last member, against modems, boxes and failures: a clock that jumps, the real queue.

Every promise, claim, postponement, doubt and lease is the code that runs on the box, on a real database; only time and
the network are played. A submit takes 3.5 s on average, one in a hundred is refused for now (congestion), one in five
hundred is never answered.

    python bench/simulate.py [--least 0] [--most 12000] [--only NAME] [--seed 1] [--json]
"""

import argparse
import heapq
import json
import math
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import alerts, modem_state, store
from appliance.alerts import MessageClass, Source
from appliance.models import Alert, Delivery, Member, Segment, database
from appliance.neighbourhood import Neighbourhood
from appliance.queue import outbox, reports
from appliance.queue.states import State
from appliance.store import writing

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda _: 1)
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
TEXT = "Inbraak bezig in de Kerkstraat. Blijf binnen en bel 101. " * 4  # two segments
SECONDS, SPREAD, LEAST = 3.5, 0.8, 1.5  # per submit
CONGESTED, SILENT, LEFT_ANYWAY = 0.01, 0.002, 0.9
ANSWER_WAIT = 60.0  # seconds until a silent modem is given up
LOOK_AGAIN = 1.0
REPORT_AFTER = 8.0
BATCH = 400


@dataclass(frozen=True)
class Scenario:
    """So many members, served by boxes with so many modems each; so many boxes die when half of all is out."""

    name: str
    members: int
    boxes: int
    modems: int = 1
    deaths: int = 0


SCENARIOS = (
    Scenario("one BIN, one modem", 60, 1),
    Scenario("one BIN, one box with two modems", 60, 1, 2),
    Scenario("one BIN, two boxes", 60, 2),
    Scenario("one BIN, two boxes, one dies", 60, 2, deaths=1),
    Scenario("large BIN, one modem", 300, 1),
    Scenario("large BIN, one box with four modems", 300, 1, 4),
    Scenario("ten BINs, ten boxes", 2_000, 10),
    Scenario("ten BINs, ten boxes, two die", 2_000, 10, deaths=2),
    Scenario("zone, 20 modems", 12_000, 5, 4),
    Scenario("zone, 60 boxes", 12_000, 60),
    Scenario("zone, 60 boxes, six die", 12_000, 60, deaths=6),
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--least", type=int, default=0, help="leave out scenarios with fewer members")
    arguments.add_argument("--most", type=int, default=12_000, help="and with more")
    arguments.add_argument("--only", default="", help="only scenarios whose name begins so")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    head = f"{'scenario':<38}{'arithmetic':>12}{'first':>9}{'half':>9}{'95 %':>9}{'last':>9}{'not out':>9}{'twice?':>8}"
    if not chosen.json:
        print(head + f"{'took':>8}", flush=True)
    for scenario in SCENARIOS:
        if chosen.least <= scenario.members <= chosen.most and scenario.name.startswith(chosen.only):
            figures = in_a_fresh_store(scenario, random.Random(chosen.seed))
            print(json.dumps(figures) if chosen.json else row(figures), flush=True)


def row(figures: dict[str, object]) -> str:
    times = "".join(f"{clock(figures[key]):>{width}}" for key, width in
                    (("arithmetic", 12), ("first", 9), ("half", 9), ("95", 9), ("last", 9)))  # fmt: skip
    return (
        f"{figures['scenario']:<38}{times}{figures['not_out']:>9}{figures['possibly_twice']:>8}{figures['took']:>7.0f}s"
    )


def clock(seconds: object) -> str:
    assert isinstance(seconds, float)
    return f"{int(seconds) // 3600}:{int(seconds) % 3600 // 60:02}:{int(seconds) % 60:02}"


def in_a_fresh_store(scenario: Scenario, chance: random.Random) -> dict[str, object]:
    """SQLite without waiting for a disk: what is measured is order and time, not power cuts."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        store.open_store(f"sqlite:///{folder}/bin.db")
        store.migrate()
        database.execute_sql("PRAGMA synchronous=off")
        began = time.monotonic()
        figures = Simulation(scenario, chance).run()
        database.close()
    return figures | {"took": time.monotonic() - began}


class Simulation:
    """Events in the order of a simulated clock."""

    def __init__(self, scenario: Scenario, chance: random.Random) -> None:
        self._scenario = scenario
        self._chance = chance
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._seconds = 0.0
        self._dead: set[str] = set()
        self._out = 0
        self._people = dict.fromkeys(range(scenario.members), 0)
        self._done_at: list[float] = []
        self._first_at = 0.0
        store.is_free = self._is_gone  # several boxes share a PostgreSQL, which knows whose connection is gone

    def _is_gone(self, seat: str) -> bool:
        return seat in {outbox.seat(modem) for modem in self._dead}

    @property
    def now(self) -> datetime:
        return NOON + timedelta(seconds=self._seconds)

    def at(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._seconds + seconds, next(self._numbers), what))

    def run(self) -> dict[str, object]:
        alert = self._promised()
        self._segments = Segment.select().count()
        names = [f"{box}.{modem}" for box in range(self._scenario.boxes) for modem in range(self._scenario.modems)]
        for name in names:
            self.at(self._chance.uniform(0, LOOK_AGAIN), lambda name=name: self._step(name))
        while self._events and (self._seconds < 60 or outbox.owed(alert)):
            for _ in range(min(2_000, len(self._events))):
                self._seconds, _, what = heapq.heappop(self._events)
                what()
        return self._figures(len(names))

    def _promised(self) -> Alert:
        rows = [
            {"name": f"Lid {place}", "number": f"+32470{place:06}", "street": f"Straat {place % 300}", "consent": "x",
             "created_at": NOON}
            for place in range(self._scenario.members)
        ]  # fmt: skip
        with writing():
            for start in range(0, len(rows), BATCH):
                Member.insert_many(rows[start : start + BATCH]).execute()
        alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT, "Lies", NOON, BIN)
        alerts.forward(alert, "Lies", "bench", NOON, BIN)
        return alert

    def _step(self, modem: str) -> None:
        """One round of a gateway: claim, and the outcome after as long as a submit takes."""
        if modem in self._dead:
            return
        segment = outbox.claim(modem, self.now)
        if segment is None:
            self.at(LOOK_AGAIN, lambda: self._step(modem))
            return
        takes = max(LEAST, self._chance.gauss(SECONDS, SPREAD))
        lot = self._chance.random()
        if lot < SILENT:
            self.at(ANSWER_WAIT, lambda: self._silent(modem, segment))
        elif lot < SILENT + CONGESTED:
            self.at(takes, lambda: self._congested(modem, segment))
        else:
            self.at(takes, lambda: self._accepted(modem, segment))

    def _accepted(self, modem: str, segment: Segment) -> None:
        if modem in self._dead:
            return
        outbox.accepted(segment, segment.id % 256, self.now)
        self._is_out(segment)
        self._step(modem)

    def _congested(self, modem: str, segment: Segment) -> None:
        if modem not in self._dead:
            outbox.postponed(segment, "CMS 42", "congestion", self.now)
            self._step(modem)

    def _silent(self, modem: str, segment: Segment) -> None:
        if modem in self._dead:
            return
        outbox.doubted(segment, self.now)
        if self._chance.random() < LEFT_ANYWAY:
            self.at(REPORT_AFTER, lambda: self._reported(segment))
        self._step(modem)

    def _reported(self, segment: Segment) -> None:
        with writing():
            settled = reports.settle(segment.number, 255, 0x00, self.now)
        if settled and settled.id == segment.id:
            self._is_out(segment)

    def _is_out(self, segment: Segment) -> None:
        self._out += 1
        place = int(segment.number[-6:])
        self._people[place] += 1
        if self._people[place] == segment.total:
            self._done_at.append(self._seconds)
            self._first_at = self._first_at or self._seconds
        if self._out == self._segments // 2:
            self.at(1.0, self._let_die)

    def _let_die(self) -> None:
        """Power is cut: what these boxes are submitting never gets its outcome."""
        for box in range(self._scenario.deaths):
            for modem in range(self._scenario.modems):
                name = f"{box}.{modem}"
                modem_state.remember(name, self.now, heartbeat_at=self.now)
                self._dead.add(name)

    def _figures(self, modems: int) -> dict[str, object]:
        done = sorted(self._done_at)
        twice = Segment.select().where(Segment.possibly_twice).count()
        lost = Segment.select().where(Segment.state << (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)).count()
        assert lost == 0, "owed for ever"
        return {
            "scenario": self._scenario.name, "members": self._scenario.members, "modems": modems,
            "segments": self._segments, "arithmetic": math.ceil(self._segments / modems) * SECONDS,
            "first": self._first_at, "half": done[len(done) // 2], "95": done[math.ceil(0.95 * len(done)) - 1],
            "last": done[-1], "not_out": Delivery.select().count() - len(done), "possibly_twice": twice,
        }  # fmt: skip


if __name__ == "__main__":
    main()
