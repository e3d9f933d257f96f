"""The power is cut while alerts are promised and sent: is what was promised still there?

The store is on a disk that records every write and every flush in order (`recorded_disk`). The record is then cut
anywhere and the disk made as the cut leaves it: either all writes up to there (`prefix`), or all up to the last flush
and a random half of the rest, one of them torn between two sectors (`card`: a memory card that lies in its cache). The
kernel recovers the file system, SQLite its journal, the box goes on; the store is held against what had gone on the
air before and after.

    python bench/power.py [--cuts 300] [--synchronous full|normal] [--seed 1] [--json]     as root

What it needs stands in `recorded_disk`.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from recorded_disk import PATIENCE, SIZE, Disk, apply, half_of, lacking, mounted, writes

from appliance import alerts, store
from appliance.alerts import MessageClass, Source
from appliance.arrivals import Arrival, Outgoing, Text
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.models import Alert, Delivery, Segment, database
from appliance.models import Arrival as Kept
from appliance.modem.at import AtModem
from appliance.modem.emulator import EmulatedModem, Network
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.queue import outbox
from appliance.queue.outbox import DOUBT_WAIT

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda _: 1)
MEMBERS, ALERTS = 30, 3
TEXT = "Inbraak bezig in Kerkstraat {0}. Blijf binnen en bel 101. " * 4  # two segments
MODES = ("prefix", "card")

# --- what is recorded


@dataclass
class Recording:
    """What happened, each with the length of the record at that moment."""

    log: Path
    promised: list[tuple[int, int, int]] = field(default_factory=list)  # alert and its segments, once acknowledged
    submits: list[tuple[int, Outgoing]] = field(default_factory=list)  # at the latest from here it may be on the air
    discarded: list[tuple[int, Text]] = field(default_factory=list)  # replies that the modem no longer has


class Watched(AtModem):
    """The real driver; every hand-over and every discard is noted in a recording."""

    def watch(self, disk: Disk, recording: Recording) -> None:
        self._disk, self._recording = disk, recording

    def submit(self, segment: Outgoing) -> int:
        self._recording.submits.append((self._disk.written(), segment))
        return super().submit(segment)

    def discard(self, arrival: Arrival) -> None:
        super().discard(arrival)
        if isinstance(arrival, Text):
            self._recording.discarded.append((self._disk.written(), arrival))


def record(folder: Path, synchronous: str) -> Recording:
    """ALERTS promised and sent by the real gateway on a recording disk; replies come in meanwhile."""
    with Disk(folder) as disk, EmulatedModem("a", Network(report_after=0.05), link=folder / "modem-a") as modem:
        recording = Recording(disk.log)
        store.open_store(f"sqlite:///{disk.place}/bin.db")
        database.execute_sql(f"PRAGMA synchronous={synchronous}")
        store.migrate()
        for place in range(MEMBERS):
            members.enrol(f"Lid {place}", f"+3247000{place:04}", real_now(), "bench", consent="bench")
        driver = Watched(str(folder / "modem-a"), name="a", pin="", clock=real_now)
        driver.watch(disk, recording)
        gateway = Gateway("a", driver, BIN, Doorbell(store.bells(), "gateway-a"), real_now)
        with closing(database), ending(gateway):
            gateway.begin()
            for number in range(ALERTS):
                promise(number, disk, recording)
                send(gateway, modem.network)
    return recording


@contextmanager
def ending(gateway: Gateway) -> Iterator[None]:
    try:
        yield
    finally:
        gateway.end()


def promise(number: int, disk: Disk, recording: Recording) -> None:
    text = TEXT.format(number)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, text, "Lies", real_now(), BIN)
    alerts.forward(alert, "Lies", "page", real_now(), BIN)
    acknowledged = disk.written()
    recording.promised.append((acknowledged, alert.id, segments_of(alert.id)))


def segments_of(alert: int) -> int:
    return int(Segment.select().join(Delivery).where(Delivery.alert == alert).count())


def send(gateway: Gateway, network: Network) -> None:
    """Until the network has every segment; each third text is answered."""
    deadline, answered = time.monotonic() + PATIENCE, len(network.airwaves)
    while Segment.select().where(Segment.state << ("queued", "submitting", "in_doubt")).exists():
        assert time.monotonic() < deadline, "the gateway does not get on"
        for sent in network.airwaves[answered::3]:
            network.text(sent.number, f"OK {answered} {sent.reference}")
        answered = len(network.airwaves)
        if not gateway.step():
            gateway.wait(0.05)


# --- what a cut leaves


@dataclass(frozen=True)
class Verdict:
    """What one cut did. Counted in segments, `replies` in texts. All must be none."""

    mode: str
    lost: int = 0  # promised before the cut, and neither on the air before nor after
    torn: int = 0  # of promises that are there in part
    unshown: int = 0  # on the air twice and not shown as possibly twice
    replies: int = 0  # gone from the modem and not in the store
    broken: str = ""  # what the database says of itself

    @property
    def good(self) -> bool:
        return not (self.lost or self.torn or self.unshown or self.replies or self.broken)


@dataclass(frozen=True, order=True)
class Cut:
    """After entry *place* of the record, when the record was *position* octets long."""

    place: int
    position: int
    mode: str


def anywhere(recording: Recording, cuts: int, chance: random.Random) -> list[Cut]:
    """*cuts* at random places after the first promise, first to last, both modes by turns."""
    entries = list(writes(recording.log.read_bytes()))
    first = next(place for place, entry in enumerate(entries) if entry.ends > recording.promised[0][0])
    places = sorted(chance.choices(range(first, len(entries)), k=cuts))
    return [Cut(place, entries[place].ends, MODES[number % len(MODES)]) for number, place in enumerate(places)]


def at_promises(recording: Recording) -> list[Cut]:
    """At the moment each promise was acknowledged: there a commit that is not yet on the disk must show."""
    entries = list(writes(recording.log.read_bytes()))
    moments = [position for position, _, _ in recording.promised]
    before = [sum(entry.ends <= position for entry in entries) - 1 for position in moments]
    return [Cut(place, position, "prefix") for place, position in zip(before, moments, strict=True)]


def verdicts(recording: Recording, folder: Path, cuts: Sequence[Cut], chance: random.Random) -> Iterator[Verdict]:
    """What each of *cuts*, from first to last, has left."""
    entries = list(writes(recording.log.read_bytes()))
    disk, flushed, done = bytearray(SIZE), 0, 0
    for cut in cuts:
        while flushed <= cut.place:  # `disk` holds all that is certain: up to the last flush
            flushed += 1
            if entries[flushed - 1].flush:
                apply(disk, entries[done:flushed])
                done = flushed
        rest = entries[done : cut.place + 1]
        left = bytearray(disk)
        apply(left, rest if cut.mode == "prefix" else half_of(rest, chance))
        yield Judge(recording, cut.position, cut.mode).of(left, folder)


@dataclass(frozen=True)
class Judge:
    """Looks at a disk that a cut at *position* has left."""

    recording: Recording
    position: int
    mode: str

    def of(self, disk: bytearray, folder: Path) -> Verdict:
        """The kernel recovers the file system, SQLite its journal, and the box goes on."""
        with mounted(disk, folder) as place:
            store.open_store(f"sqlite:///{place}/bin.db")
            with closing(database):
                try:
                    return self._verdict()
                except Exception as error:  # whatever stops the box here is the finding
                    return Verdict(self.mode, broken=f"{type(error).__name__}: {error}", lost=self._segments())

    def _verdict(self) -> Verdict:
        whole = database.execute_sql("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            return Verdict(self.mode, broken=str(whole))
        before = [text for place, text in self.recording.submits if place <= self.position]
        there = {alert: segments_of(alert) for _, alert, _ in self.recording.promised}
        gone = sum(
            size for place, alert, size in self.recording.promised if place <= self.position and not there[alert]
        )
        torn = sum(there[alert] for _, alert, size in self.recording.promised if there[alert] not in (0, size))
        replies = self._replies_gone()
        air = [*before, *go_on()]
        found = [truth.hold(alert, air) for alert in Alert.select().where(Alert.id << list(there))]
        lost = gone + sum(one.missing for one in found)
        return Verdict(self.mode, lost, torn, sum(one.doubled_unshown for one in found), replies)

    def _segments(self) -> int:
        return sum(size for place, _, size in self.recording.promised if place <= self.position)

    def _replies_gone(self) -> int:
        kept = {(row.number, row.text) for row in Kept.select(Kept.number, Kept.text)}
        discarded = [text for place, text in self.recording.discarded if place <= self.position]
        return sum((text.number, text.text) not in kept for text in discarded)


def go_on() -> Iterator[Outgoing]:
    """The box starts again: every text that goes on the air from here, without one delivery report."""
    now = real_now() + timedelta(seconds=1)
    outbox.doubt_interrupted("a", now)
    unsettled = Segment.select().where(Segment.state << ("queued", "submitting", "in_doubt"))
    while unsettled.exists():
        while segment := outbox.claim("a", now):
            yield outbox.outgoing(segment)
            outbox.accepted(segment, segment.id % 256, now)
        now += DOUBT_WAIT


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cuts", type=int, default=300)
    arguments.add_argument("--synchronous", choices=("full", "normal"), default="full")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    if why := lacking():
        raise SystemExit(f"power.py: {why}")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        recording = record(folder, chosen.synchronous)
        chance, found = random.Random(chosen.seed), []
        cuts = sorted(at_promises(recording) + anywhere(recording, chosen.cuts, chance))
        for verdict in verdicts(recording, folder, cuts, chance):
            found.append(verdict)
            print(f"\r{len(found)} of {len(cuts)} cuts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(json.dumps([asdict(verdict) for verdict in found]) if chosen.json else summary(found))


def summary(found: Sequence[Verdict]) -> str:
    rows = ["mode      cuts  lost  torn  unshown doubles  lost replies  broken databases  bad cuts"]
    for mode in MODES:
        of_mode = [verdict for verdict in found if verdict.mode == mode]
        sums = [sum(getattr(v, name) for v in of_mode) for name in ("lost", "torn", "unshown", "replies")]
        broken, bad = sum(bool(v.broken) for v in of_mode), sum(not v.good for v in of_mode)
        rows.append(
            f"{mode:<8}{len(of_mode):>6}{sums[0]:>6}{sums[1]:>6}{sums[2]:>17}{sums[3]:>14}{broken:>18}{bad:>10}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
