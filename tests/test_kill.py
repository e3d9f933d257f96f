"""kill -9 at random instants: nothing lost, and every text that may have gone out twice is shown so.

The gateway is a real process on a real tty; the emulated network outlives it and knows what really went out. The
long form (KILLS=50 on 200 segments) is `make bench-kill`; `make test` runs a shorter one.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import alerts, progress
from appliance.alerts import MessageClass, Source
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.models import Alert, database
from appliance.modem.emulator import EmulatedModem, Network

KILLS = int(os.environ.get("KILLS", "8"))
MEMBERS = int(os.environ.get("KILL_SEGMENTS", "60")) // 2
PACE = float(os.environ.get("KILL_PACE", "0.2"))  # seconds per submit, where there are reports
PATIENCE = 240.0  # what stays in doubt without a report waits for a minute first

CONFIG = """[store]
url = "{url}"
[[modem]]
name = "a"
port = "{port}"
driver = "at"
"""


def start(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "appliance", "--config", str(config), "gateway"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def promise(house) -> Alert:
    """One alert of two segments to each member."""
    for place in range(MEMBERS):
        house.enrol(f"Lid {place}", f"+3247000{place:04}")
    text = "Inbraak bezig in de Kerkstraat. " * 6
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, text, "Lies", real_now(), house.bin)
    alerts.forward(alert, "Lies", "page", real_now(), house.bin)
    return alert


def kill_often(config: Path, alert: Alert, network: Network, pace: float, chance: random.Random) -> int:
    """Start the gateway and kill it in the midst of its work, KILLS times or until the work is done; how often.

    With delivery reports, a doubt is given the time to be settled by its report before the next kill. A report that
    comes while nobody holds the port is lost, as on a real modem: so a box that starts slowly may double, and shows it.
    """
    for kill in range(KILLS):
        before = len(network.airwaves)
        gateway = start(config)
        wait_for(lambda: len(network.airwaves) > before or not progress.of(alert).busy)  # noqa: B023
        if network.reports:
            wait_for(lambda: not progress.of(alert).counts["in_doubt"])
        time.sleep(chance.uniform(0, pace))
        gateway.send_signal(signal.SIGKILL)
        gateway.wait()
        if not progress.of(alert).busy:
            return kill
    return KILLS


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.005)


def finish(config: Path, alert: Alert) -> None:
    gateway = start(config)
    try:
        wait_for(lambda: not progress.of(alert).busy)
    finally:
        gateway.terminate()
        gateway.wait()


@pytest.mark.slow
@pytest.mark.parametrize(("reports", "pace"), [(True, PACE), (False, 0.05)], ids=["with reports", "without reports"])
def test_a_gateway_killed_again_and_again_loses_nothing_and_hides_no_double(house, tmp_path, reports, pace, capsys):
    alert = promise(house)
    network = Network(reports=reports, report_after=3.0)
    config = tmp_path / "config.toml"
    with EmulatedModem("a", network, seconds_per_submit=pace, link=tmp_path / "modem-a"):
        config.write_text(CONFIG.format(url=house.url, port=tmp_path / "modem-a"))
        kills = kill_often(config, alert, network, pace, random.Random(50))
        finish(config, alert)
    counts = progress.of(alert).counts
    found = truth.hold(alert, network.airwaves)
    with capsys.disabled():
        print(f"\n{kills} kills, {counts['segments']} segments, reports {reports}: {found}, shown as possibly twice:"
              f" {counts['possibly_twice']}")  # fmt: skip
    assert database.execute_sql("pragma integrity_check").fetchone() == ("ok",)
    assert (found.missing, found.lost, found.doubled_unshown, found.unasked) == (0, 0, 0, 0)
    assert counts["submitted"] + counts["delivered"] == counts["segments"]
    assert found.doubled <= counts["possibly_twice"] <= kills
