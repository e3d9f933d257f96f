"""Piet's box stands in a shed without internet, and has no clock battery: the mobile network says how late it is."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import clock, clock_setter, store
from appliance.arrivals import Report, Text
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.gateway.lateness import Lateness
from appliance.gateway.terms import Terms
from appliance.modem.at import AtModem
from appliance.modem.emulator import EmulatedModem, Network

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
FLASHED = datetime(2025, 3, 1, tzinfo=UTC)  # what a clock says that was never set


@pytest.mark.parametrize(
    ("own", "network", "forward"),
    [
        (FLASHED, NOON, True),  # it was never set
        (NOON - timedelta(hours=3), NOON, True),  # the power was off for three hours
        (NOON - timedelta(days=59), NOON, True),
        (NOON - timedelta(days=61), NOON, False),  # what it holds would be erased as too old
        (NOON - timedelta(seconds=30), NOON, False),
        (NOON, NOON - timedelta(hours=1), False),  # never back
        (FLASHED, datetime(2080, 1, 6, tzinfo=UTC), False),  # a network that talks nonsense
        (FLASHED, datetime(2025, 6, 1, tzinfo=UTC), False),  # later than ours, and before there was a box
    ],
)
def test_a_clock_is_put_forward_only_and_only_as_far_as_loses_nothing(
    own: datetime, network: datetime, forward: bool
) -> None:
    assert clock.behind(own, network) is forward


@pytest.fixture
def word(tmp_path: Path) -> Path:
    return tmp_path / clock_setter.NAME


def report(at: datetime | None) -> Report:
    return Report("+32470000201", 1, 0, at, at, "", None)


class Put:
    """The clock of a machine, put forward or not."""

    def __init__(self, word: Path, own: datetime) -> None:
        self.word, self.own, self.synchronised = word, own, word.with_name("synchronized")

    def by(self, seconds_since: float = 0.0) -> timedelta | None:
        up_for = time.clock_gettime(time.CLOCK_BOOTTIME) + seconds_since
        return clock_setter.put_forward(self.word, self.synchronised, self.own, up_for, self.set)

    def set(self, seconds: float) -> None:
        self.own = datetime.fromtimestamp(seconds, UTC)


def test_a_report_of_the_network_puts_the_clock_of_piets_box_right(word: Path) -> None:
    own = NOON - timedelta(hours=3)
    Lateness(word).came(report(NOON), own)
    box = Put(word, own)
    assert box.by(seconds_since=90) is not None
    assert timedelta(0) <= box.own - (NOON + timedelta(seconds=90)) < timedelta(seconds=60)
    assert box.by() is None, "and once"


def test_where_the_internet_sets_the_clock_nothing_is_done(word: Path) -> None:
    Lateness(word).hear(NOON, FLASHED)
    box = Put(word, FLASHED)
    box.synchronised.touch()
    assert box.by() is None and box.own == FLASHED


def test_the_stamp_of_a_neighbours_text_does_not_count(word: Path) -> None:
    text = Text("+32470000201", "OK", NOON, None, "", None)
    Lateness(word).came(text, FLASHED)
    assert not word.exists()


def test_the_same_news_is_told_once_and_a_later_hour_again(word: Path) -> None:
    lateness = Lateness(word)
    lateness.hear(NOON, FLASHED)
    word.unlink()
    lateness.hear(NOON + timedelta(seconds=10), FLASHED + timedelta(seconds=10))
    assert not word.exists()
    lateness.hear(NOON + timedelta(hours=2), FLASHED + timedelta(seconds=20))
    assert word.exists()


@pytest.mark.parametrize(
    "said", ["", "nu", "2027-03-03T12:00:00+00:00", "morgen 3", f"{NOON.isoformat()} inf", "x" * 5000, "2027-03-03 1 2"]
)
def test_a_word_that_makes_no_sense_changes_nothing(word: Path, said: str) -> None:
    word.write_text(said)
    box = Put(word, FLASHED)
    assert box.by() is None or box.own <= NOON
    word.unlink()
    assert box.by() is None


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_gateway_hears_it_from_a_modem_that_the_network_told(house: Any, word: Path) -> None:
    network = Network()
    network.time = "27/03/03,13:00:00+04"
    house.now = FLASHED
    with EmulatedModem("a", network) as modem:
        bell = Doorbell(store.bells(), "gateway-a")
        gateway = Gateway("a", AtModem(modem.path, name="a"), house.bin, bell, house.clock, Terms(clock_word=word))
        gateway.step()
        gateway.end()
    box = Put(word, FLASHED)
    box.by()
    assert timedelta(0) <= box.own - NOON < timedelta(minutes=1)
