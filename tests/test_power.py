"""The power is cut at random places in the recorded writes of a real disk: what was promised survives every cut.

`make bench-power` cuts 300 times; here it is a few.
"""

import random
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CUTS = 24

sys.path.insert(0, str(ROOT / "bench"))
power = import_module("power")
recorded_disk = import_module("recorded_disk")


@pytest.fixture
def record(tmp_path, needs):
    """Sends alerts on a disk that records, committed in the given way."""
    needs(recorded_disk.lacking())
    return lambda synchronous: power.record(tmp_path, synchronous)


@pytest.mark.slow
@pytest.mark.xdist_group("power")
def test_no_cut_of_the_power_loses_a_promise_or_hides_a_double(record, tmp_path):
    recording, chance = record("full"), random.Random(CUTS)
    cuts = sorted(power.at_promises(recording) + power.anywhere(recording, CUTS, chance))
    found = list(power.verdicts(recording, tmp_path, cuts, chance))
    assert len(found) == CUTS + power.ALERTS
    assert [verdict for verdict in found if not verdict.good] == []


@pytest.mark.slow
@pytest.mark.xdist_group("power")
def test_a_commit_that_does_not_wait_for_the_disk_is_seen_to_lose_the_promise(record, tmp_path):
    """The same cuts can find a loss: without `synchronous=FULL` a promise is acknowledged before it is on the disk."""
    recording = record("normal")
    found = power.verdicts(recording, tmp_path, power.at_promises(recording), random.Random(CUTS))
    assert sum(verdict.lost for verdict in found) > 0


def test_a_record_is_read_as_writes_and_flushes_in_order():
    entries = [(8, 1, 0, b"a" * 512), (0, 0, recorded_disk.FLUSH, b""), (9, 2, recorded_disk.DISCARD, b"")]
    log = recorded_disk.SUPER.pack(recorded_disk.MAGIC, 1, len(entries), 512).ljust(512, b"\0")
    for start, count, flags, data in entries:
        log += recorded_disk.ENTRY.pack(start, count, flags, len(data)).ljust(512, b"\0") + data
    read = [(write.offset, write.data, write.flush) for write in recorded_disk.writes(log)]
    assert read == [(4096, b"a" * 512, False), (0, b"", True), (4608, bytes(1024), False)]


def test_a_lying_card_keeps_about_half_and_tears_the_last():
    entries = [recorded_disk.Write(place * 1024, b"x" * 1024, False, 0) for place in range(100)]
    kept = recorded_disk.half_of(entries, random.Random(3))
    assert 30 < len(kept) < 70
    assert [len(write.data) for write in kept[:-1]] == [1024] * (len(kept) - 1)
    assert len(kept[-1].data) in (0, 512)
