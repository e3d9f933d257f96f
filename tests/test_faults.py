"""Whatever modem and network do wrong: nothing is lost, and nothing goes out twice unshown."""

import sys
import time
from importlib import import_module
from pathlib import Path

import pytest

from appliance import alerts, store
from appliance.alerts import MessageClass, Source
from appliance.clock import now as real_now
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.models import Arrival, Delivery
from appliance.modem.at import AtModem
from appliance.modem.emulator import EmulatedModem, Network

ROOT = Path(__file__).parents[1]


sys.path.insert(0, str(ROOT / "bench"))
faults = import_module("faults")
reliability = import_module("reliability")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_nothing_is_lost_and_no_double_is_hidden(house, fault, engine):
    row = reliability.play(fault, house.folder, house.bin, hurried=True)
    assert (row.lost, row.unshown) == (0, 0)
    assert row.doubled <= row.shown


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_sixty_replies_during_a_send_to_sixty_are_all_counted_with_ten_storage_slots(house, engine):
    for place in range(60):
        house.enrol(f"Lid {place}", faults.number(place))
    network = Network()
    network.on_delivery(lambda number, _text: network.text(number, "OK, gezien"))
    with EmulatedModem("a", network, profile=faults.TEN_SLOTS, link=house.folder / "modem-a") as modem:
        driver = AtModem(str(modem.link), name="a")
        gateway = Gateway("a", driver, house.bin, Doorbell(store.bells(), "gateway-a"), real_now)
        gateway.begin()
        alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak", "Lies", real_now(), house.bin)
        alerts.forward(alert, "Lies", "page", real_now(), house.bin)
        began = time.monotonic()
        while alert.deliveries.where(Delivery.confirmed_at.is_null(False)).count() < 60:
            assert time.monotonic() < began + 60
            if not gateway.step():
                gateway.wait(0.05)
        gateway.end()
        assert Arrival.select().where(Arrival.kind == "text").count() == 60
        assert len(network.airwaves) == 60


def test_the_committed_matrix_names_exactly_these_faults():
    """Otherwise: python bench/reliability.py."""
    lines = reliability.DOCUMENT.read_text(encoding="utf-8").splitlines()
    named = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert named[2:] == [fault.name for fault in faults.FAULTS]
    assert f"**{len(faults.FAULTS)} faults: 0 lost, 0 unshown doubles.**" in lines
