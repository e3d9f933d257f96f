"""Two boxes, each with a modem of its own, on one PostgreSQL; one of them dies in the midst of an alert.

Real processes on real ttys; the emulated network outlives them and knows what really went out.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from appliance import alerts, store
from appliance.alerts import MessageClass, Source, progress
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.models import Segment
from appliance.modem.emulator import EmulatedModem, Network
from appliance.queue.outbox import DOUBT_WAIT, SILENCE

MEMBERS = 40
PACE = 0.3  # seconds per submit
PATIENCE = 240.0

CONFIG = """[store]
url = "{url}"
folder = "{folder}"
[[modem]]
name = "{name}"
port = "{folder}/modem-{name}"
driver = "at"
segments_per_day = 0
segments_per_month = 0
"""


def start(house, name: str) -> subprocess.Popen[bytes]:
    config = house.folder / f"{name}.toml"
    config.write_text(CONFIG.format(url=house.url, folder=house.folder, name=name))
    command = [sys.executable, "-m", "appliance", "--config", str(config), "gateway"]
    with (house.folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.02)


def claimed_by(name: str) -> int:
    return Segment.select().where(Segment.modem == name).count()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("reports", [True, False], ids=["with reports", "without reports"])
def test_when_one_box_dies_in_the_midst_of_an_alert_the_other_finishes_it(house, reports, capsys):
    for place in range(MEMBERS):
        house.enrol(f"Lid {place}", f"+3247000{place:04}")
    network = Network(reports=reports, report_after=0.5)
    with (
        EmulatedModem("a", network, seconds_per_submit=PACE, link=house.folder / "modem-a"),
        EmulatedModem("b", network, seconds_per_submit=PACE, link=house.folder / "modem-b"),
    ):
        boxes = {name: start(house, name) for name in "ab"}
        alert = alerts.create(
            MessageClass.URGENT, Source.COORDINATOR, "Inbraak in de Kerkstraat. " * 7, "Lies", real_now(), house.bin
        )
        alerts.forward(alert, "Lies", "page", real_now(), house.bin)
        began = time.monotonic()
        try:
            wait_for(lambda: claimed_by("a") > MEMBERS // 3 and claimed_by("b") > MEMBERS // 3)
            boxes["a"].send_signal(signal.SIGKILL)
            boxes["a"].wait()
            left = progress.of(alert).counts["queued"]
            wait_for(lambda: not progress.of(alert).counts["queued"])
            others_done = time.monotonic() - began
            wait_for(lambda: not progress.of(alert).busy)
            took = time.monotonic() - began
        finally:
            for box in boxes.values():
                box.kill()
                box.wait()
    counts, found = progress.of(alert).counts, truth.hold(alert, network.airwaves)
    with capsys.disabled():
        print(
            f"\ntwo boxes, {counts['segments']} segments, reports {reports}: one killed with {left} to go; the rest was"
            f" out after {others_done:.1f} s, what the dead box had in hand after {took:.1f} s; {found},"
            f" shown as possibly twice: {counts['possibly_twice']}"
        )
    assert (found.missing, found.lost, found.doubled_unshown, found.unasked) == (0, 0, 0, 0)
    assert counts["submitted"] + counts["delivered"] == counts["segments"]
    assert counts["possibly_twice"] <= 1
    assert others_done < took <= others_done + (SILENCE + DOUBT_WAIT).total_seconds() + 30


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_second_box_with_the_same_modem_name_is_refused(house):
    with EmulatedModem("a", Network(), link=house.folder / "modem-a") as modem:
        first = start(house, "a")
        try:
            wait_for(lambda: any(wire.what.startswith("AT+CMGL") for wire in modem.wire))
            second = start(house, "a")
            assert second.wait(30) == 1
            assert "Another box" in (house.folder / "a.log").read_text()
        finally:
            first.kill()
            first.wait()
    assert store.bells().is_dir()
