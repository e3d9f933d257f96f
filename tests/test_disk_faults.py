"""A disk that is full, or lets nothing be written any more, under a real gateway: a real file system, loop-mounted.

Whatever ends is started again, as systemd does.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from appliance import alerts, health, store
from appliance.alerts import MessageClass, Source, progress
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.health import Trouble
from appliance.models import database
from appliance.modem.emulator import EmulatedModem, Network
from appliance.store import reserve

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
recorded_disk = import_module("recorded_disk")
killing = import_module("killing")

MEMBERS = 60
SIZE = 2 * reserve.PLENTY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("engine", ["sqlite"]),
]


@pytest.fixture(autouse=True, scope="module")
def _mountable(needs):
    needs(recorded_disk.lacking())


@pytest.fixture
def disk(house):
    """The house moves to a disk of its own."""
    image, place = house.folder / "disk.raw", house.folder / "disk"
    image.touch()
    os.truncate(image, SIZE)
    recorded_disk.run("mke2fs", "-q", "-t", "ext4", "-F", "-m", "0", image)
    place.mkdir()
    recorded_disk.run("mount", "-o", "loop", image, place)
    database.close()
    house.folder = place
    store.open_store(house.url)
    store.migrate()
    for number in range(MEMBERS):
        house.enrol(f"Lid {number}", f"+3247000{number:04}")
    yield image, place
    database.close()
    recorded_disk.run("umount", place)


class Service:
    """The gateway, started again whenever it has ended."""

    def __init__(self, house, config):
        self.log = config.with_suffix(".log")
        config.write_text(killing.CONFIG.format(url=house.url, folder=house.folder))
        self._command = [sys.executable, "-m", "appliance", "--config", str(config), "gateway"]
        self.starts = 0
        self.revive()

    def revive(self):
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stderr=log)
        self.starts += 1

    def until(self, fact):
        deadline = time.monotonic() + killing.PATIENCE
        while not fact():
            assert time.monotonic() < deadline, self.log.read_text()
            if self._process.poll() is not None:
                self.revive()
            time.sleep(0.02)

    @contextmanager
    def still(self):
        """Nothing that it asked of the disk is under way."""
        self._process.send_signal(signal.SIGSTOP)
        state = Path(f"/proc/{self._process.pid}/stat")
        deadline = time.monotonic() + killing.PATIENCE
        while state.read_text().rpartition(")")[2].split()[0] != "T":  # a stopped one has left the kernel
            assert time.monotonic() < deadline
            time.sleep(0.001)
        yield
        self._process.send_signal(signal.SIGCONT)

    def end(self):
        self._process.terminate()
        self._process.wait()


def promise(house):
    text = "Inbraak bezig in de Kerkstraat. " * 6
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, text, "Lies", real_now(), house.bin)
    alerts.forward(alert, "Lies", "page", real_now(), house.bin)
    return alert


def fill(place):
    """Until not one octet more is taken."""
    with (place / "filler").open("wb", buffering=0) as file:
        free = os.statvfs(place)
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - (1 << 20))
        file.seek(0, os.SEEK_END)
        with suppress(OSError):
            while True:
                file.write(bytes(4096))


def test_a_card_that_fills_up_in_mid_alert_is_told_and_the_alert_goes_out_all_the_same(house, disk, tmp_path):
    _, place = disk
    network = Network(report_after=0.1)
    with EmulatedModem("a", network, seconds_per_submit=0.02, link=place / "modem-a"):
        alert = promise(house)
        service = Service(house, tmp_path / "config.toml")
        service.until(lambda: len(network.airwaves) > 5)
        assert (place / reserve.NAME).stat().st_size == reserve.SIZE
        fill(place)
        service.until(lambda: not progress.of(alert).busy)
        service.end()
    found = truth.hold(alert, network.airwaves)
    assert (found.missing, found.lost, found.doubled_unshown, found.unasked) == (0, 0, 0, 0)
    assert not (place / reserve.NAME).exists()
    assert Trouble.CARD_FULL in health.read(real_now()).troubles
    assert "The disk is full" in service.log.read_text()
    assert "Traceback" not in service.log.read_text()


def test_a_card_that_goes_read_only_in_mid_alert_is_told_and_loses_nothing(house, disk, tmp_path):
    image, place = disk
    network = Network(report_after=0.1)
    with EmulatedModem("a", network, seconds_per_submit=0.05, link=tmp_path / "modem-a"):
        alert = promise(house)
        (place / "modem-a").symlink_to(tmp_path / "modem-a")
        service = Service(house, tmp_path / "config.toml")
        service.until(lambda: len(network.airwaves) > 5)
        with service.still():  # Linux says yes to an fsync that is under way at that moment, and then throws it away
            recorded_disk.run("mount", "-o", "remount,abort", place)  # what ext4 does when the card no longer writes
        service.until(lambda: service.starts > 2)
        sent = len(network.airwaves)
        assert Trouble.NOT_WRITING in health.read(real_now() + timedelta(minutes=1)).troubles
        service.end()
        database.close()
        recorded_disk.run("umount", place)
        with suppress(subprocess.CalledProcessError):
            recorded_disk.run("e2fsck", "-fy", image)  # it says by its exit code that it has mended
        recorded_disk.run("mount", "-o", "loop", image, place)
        service.until(lambda: not progress.of(alert).busy)
        service.end()
    found = truth.hold(alert, network.airwaves)
    assert sent < len(network.airwaves)
    assert (found.missing, found.lost, found.doubled_unshown, found.unasked) == (0, 0, 0, 0)
    assert "Traceback" not in service.log.read_text()
