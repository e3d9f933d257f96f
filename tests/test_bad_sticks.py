"""Each way in which a stick is of no use is one sentence of `appliance doctor`, with what to do."""

import os
import pty
import re
import subprocess
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance import store
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.health import doctor
from appliance.health.doctor import Verdict
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines
from appliance.modem.emulator import EmulatedModem, Network

QUICK = Deadlines(answer=0.4, slow=0.4, wake=0.2, sim=1.0, quiet=0.02)
NOBODY = 65534


@pytest.fixture
def terminal() -> Iterator[str]:
    """A tty on which nobody answers."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    os.close(slave)
    yield name
    os.close(master)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes USB have these ports, each at its place and interface: plug({"1-1:1.2": path})."""

    def plugged(ports: dict[str, str], product: int = 0x0125) -> None:
        listed = []
        for place, path in ports.items():
            port = ListPortInfo(path)
            port.location, port.vid, port.pid = place, 0x2C7C, product
            listed.append(port)
        monkeypatch.setattr(list_ports, "comports", lambda: listed)

    plugged({})
    return plugged


def device(folder: Path, maker: str, product: str) -> Path:
    """/sys/bus/usb/devices with one stick."""
    (folder / "1-1.2").mkdir()
    (folder / "1-1.2" / "idVendor").write_text(f"{maker}\n")
    (folder / "1-1.2" / "idProduct").write_text(f"{product}\n")
    return folder


def no_sim(stick: EmulatedModem) -> None:
    stick.cell.card.present = False


def puk(stick: EmulatedModem) -> None:
    stick.cell.card.pin, stick.cell.card.tries = "4711", 0
    stick.reboot()


def pin(stick: EmulatedModem) -> None:
    stick.cell.card.pin = "4711"
    stick.reboot()


def denied(stick: EmulatedModem) -> None:
    stick.network.registration = 3


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("spoil", "given", "said"),
    [
        (no_sim, "", "There is no SIM in the modem: put one in"),
        (puk, "4711", "asks for its PUK: put it in a phone and unlock it there"),
        (pin, "", r"The SIM asks for its PIN: write pin ="),
        (pin, "1234", "The SIM refused the PIN .*: correct pin"),
        (denied, "", r"no network \(denied\).*subscription"),
        (EmulatedModem.hang, "", "unplug it and plug it in again"),
    ],
)
def test_what_the_gateway_met_is_one_sentence_with_a_step(house, spoil, given, said, engine):
    with EmulatedModem("a", Network()) as stick:
        spoil(stick)
        modem = AtModem(stick.path, name="a", pin=given, deadlines=QUICK)
        moving = Gateway("a", modem, house.bin, Doorbell(store.bells(), "gateway-a"), house.clock)
        moving.step()
        moving.end()
    found = doctor.seen("a", house.now)
    assert found
    assert found.verdict is Verdict.BAD
    assert re.search(said, f"{found.sentence} {found.step}")


@pytest.mark.parametrize(
    ("maker", "product", "said"),
    [("12d1", "14dc", r"network mode \(HiLink\).*usb_modeswitch"), ("12d1", "1f01", "CD drive.*usb-modeswitch")],
)
@pytest.mark.parametrize("port", ["auto", "all"])
def test_a_stick_that_is_no_modem_yet_is_named_also_when_any_may_do(
    tmp_path, plug, terminal, maker, product, said, port
):
    devices = device(tmp_path, maker, product)
    found = doctor.port("a", port, devices)
    assert found.verdict is Verdict.BAD
    assert re.search(said, found.sentence)
    plug({"1-1.4:1.2": terminal})
    beside_a_good_one = doctor.port("a", port, devices)
    assert beside_a_good_one.verdict is Verdict.ODD
    assert re.search(said, beside_a_good_one.sentence)


def test_a_stick_of_which_another_program_has_a_port_is_named_also_when_any_may_do(tmp_path, plug, terminal):
    plug({"1-1.2:1.2": terminal})
    assert doctor.port("a", "auto", tmp_path).verdict is Verdict.GOOD
    with Path(terminal).open("rb", buffering=0) as held, subprocess.Popen(["sleep", "60"], stdin=held) as program:
        found = doctor.port("a", "auto", tmp_path)
        program.kill()
    assert found.verdict is Verdict.BAD
    assert f"sleep (process {program.pid})" in found.sentence
    assert "Stop that program" in found.step


@contextmanager
def without_rights(path: str) -> Iterator[None]:
    if os.getuid():
        Path(path).chmod(0)
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize("port", ["auto", "by name"])
def test_a_port_that_this_user_may_not_open_is_named(tmp_path, plug, terminal, port):
    plug({"1-1.2:1.2": terminal})
    with without_rights(terminal):
        found = doctor.port("a", "auto" if port == "auto" else terminal, tmp_path)
    assert (found.verdict, found.step) == (Verdict.BAD, "Add the user to the group dialout.")


def test_the_positions_of_a_stick_are_no_port_for_texts(tmp_path, plug, terminal):
    """The second port of an EC25 pours NMEA, the third takes AT."""
    master, slave = pty.openpty()
    for_at = os.ttyname(slave)
    os.close(slave)
    plug({"1-1.2:1.1": terminal, "1-1.2:1.2": for_at})
    found = doctor.port("a", terminal, tmp_path)
    assert found.verdict is Verdict.ODD
    assert for_at in found.step
    assert doctor.port("a", for_at, tmp_path).verdict is Verdict.GOOD
    os.close(master)
