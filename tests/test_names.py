"""Which stick is which modem, whatever order they come back in."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance import modem_state
from appliance.gateway.names import StoredNames
from appliance.modem import Offline
from appliance.modem.at import AtModem
from appliance.modem.emulator import EmulatedModem, Network

X, Y, Z = "350000000000001", "350000000000002", "350000000000003"


def names(house, own, *, looked_for=("a", "b")):
    return StoredNames(own, ["a", "b", "c"], looked_for, house.clock)


def test_a_new_stick_gets_the_first_free_name_and_keeps_it(house):
    assert names(house, "b").take(X) == "will be modem a"
    assert names(house, "a").take(X) == ""
    assert names(house, "b").take(X) == "is the stick of modem a"
    assert names(house, "b").take(Y) == ""
    assert names(house, "a").take(X) == ""


def test_a_replaced_stick_is_told_how_to_get_its_name(house):
    for own, imei in (("a", X), ("b", Y)):
        names(house, own).take(imei)
    assert "appliance modems forget a" in names(house, "a").take(Z)
    assert names(house, "b").take(Z)
    modem_state.remember("a", house.now, imei="")
    assert names(house, "a").take(Z) == ""


def test_a_box_that_looks_for_one_stick_takes_any_but_that_of_a_port_that_is_named(house):
    modem_state.remember("c", house.now, heartbeat_at=house.now, imei=Z)
    alone = names(house, "a", looked_for=("a",))
    assert [alone.take(imei) for imei in (X, Y, "")] == ["", "", ""]
    assert alone.take(Z) == "is the stick of modem c"


def test_a_stick_that_does_not_say_which_one_it_is_can_have_a_name_and_does_not_keep_it(house):
    assert names(house, "a").take("") == ""
    assert names(house, "a").take(X) == ""
    assert names(house, "a").take("") != ""


@pytest.fixture
def sticks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EmulatedModem]]:
    """Two sticks on USB ports, listed in the order of this list."""
    with ExitStack() as stack:
        network = Network()
        both = [stack.enter_context(EmulatedModem(name, network)) for name in ("red", "white")]
        monkeypatch.setattr(list_ports, "comports", lambda: [port(stick, at) for at, stick in enumerate(both)])
        yield both


def port(stick: EmulatedModem, at: int) -> ListPortInfo:
    listed = ListPortInfo(stick.path)
    listed.location, listed.vid, listed.pid = f"1-1.{at}:1.2", 0x2C7C, 0x0125
    return listed


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_modem_a_is_the_same_stick_after_both_came_back_in_another_order(house, sticks, engine):
    def imei(own: str) -> str:
        modem = AtModem("auto", name=own, take=names(house, own).take)
        modem.open()
        found = modem.status().imei
        modem.close()
        return found

    first, second = imei("a"), imei("b")  # on a busy machine the first stick may be too slow to be the first one heard
    assert {first, second} == {stick.cell.imei for stick in sticks}
    for stick in sticks:
        stick.unplug()
    sticks.reverse()
    for stick in sticks:
        stick.plug_in()
    assert (imei("a"), imei("b")) == (first, second)
    modem_state.remember("b", house.now, imei=X)
    with pytest.raises(Offline, match="appliance modems forget b"):
        imei("b")
