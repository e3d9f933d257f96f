"""kill -9 at random instants: nothing lost, and every text that may have gone out twice is shown so.

The gateway is a real process on a real tty; the emulated network outlives it and knows what really went out. A process
that decides as the page does, and one that keeps what came in as another gateway does, write meanwhile. `make
bench-kill` kills 1,000 times; `make test` a few.
"""

import os
import random
import sys
from importlib import import_module
from pathlib import Path

import pytest

from appliance.models import Arrival, Segment
from appliance.modem.emulator import EmulatedModem, Network

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("KILL_SEED", "50"))
MEMBERS = 4

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
killing = import_module("killing")


@pytest.mark.slow
@pytest.mark.parametrize("reports", [True, False], ids=["with reports", "without reports"])
def test_a_gateway_killed_again_and_again_loses_nothing_and_hides_no_double(house, reports, capsys):
    def tell(words: str) -> None:
        with capsys.disabled():
            print(f"\n{words}", end="", flush=True)

    for place in range(MEMBERS):
        house.enrol(f"Lid {place}", f"+3247000{place:04}")
    network = Network(reports=reports, report_after=0.3)
    with EmulatedModem("a", network, seconds_per_submit=0.05, link=house.folder / "modem-a"):
        with killing.beside(house.url, house.folder):
            answers = killing.kill_often(house.url, house.folder, network, KILLS, random.Random(SEED), tell)
        killing.finish(house.url, house.folder)
    found = list(killing.truths(network.airwaves))
    doubled = sum(truth.doubled for _, truth in found)
    shown = Segment.select().where(Segment.possibly_twice).count()
    tell(f"{KILLS} kills, {len(found)} alerts, {len(network.airwaves)} texts on the air, reports {reports}: "
         f"{doubled} doubled, {shown} shown as possibly twice")  # fmt: skip
    assert killing.damage() == []
    assert killing.undone(house.folder) == []
    assert killing.kept_and_gone(house.folder) == set()
    assert [alert.id for alert, truth in found if alert.state == "forwarded" and truth.missing] == []
    assert [alert.id for alert, truth in found if truth.lost or truth.doubled_unshown or truth.unasked] == []
    assert doubled <= shown
    assert sorted(row.text for row in Arrival.select().where(Arrival.text.startswith("OK"))) == sorted(answers)
