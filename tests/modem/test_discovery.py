"""Finding the port, and saying why it cannot be used."""

import os
import re
import threading
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance import holders
from appliance.health import doctor
from appliance.modem import Modem, NeedsHuman, Offline, Unsuitable, discovery
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines
from appliance.modem.drivers import EitherModem, open_modem
from appliance.modem.emulator import EmulatedModem, Mode, Network
from appliance.modem.gammu_modem import GammuModem
from appliance.modem.port import claim
from appliance.modem.recovery import Step


@pytest.fixture
def terminal() -> Iterator[str]:
    """A tty on which nobody answers."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.mark.slow
def test_a_modem_that_answers_is_taken_and_let_go_again() -> None:
    with EmulatedModem("a", Network()) as emulated:
        discovery.probe(emulated.path)
        os.close(claim(emulated.path))


@pytest.mark.slow
def test_a_port_that_is_silent_is_not_taken(terminal: str) -> None:
    with pytest.raises(Offline, match="does not answer AT"):
        discovery.probe(terminal, Deadlines(wake=0.1, quiet=0.02))


@pytest.mark.parametrize(
    "poured", [b"$GPGGA,101112.00,5103.0,N,00343.0,E,1,08\r\n$GPRMC,101112.00,A\r\n", b"\x7e\x4b\x00\xff" * 9]
)
@pytest.mark.slow
def test_a_port_that_pours_positions_or_binary_is_not_taken(poured: bytes) -> None:
    """The second and the first port of an EC25."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    over = threading.Event()

    def pour() -> None:
        while not over.wait(0.01):
            with suppress(BlockingIOError):
                os.write(master, poured)

    thread = threading.Thread(target=pour, daemon=True)
    thread.start()
    with pytest.raises(Offline, match="does not answer AT"):
        discovery.probe(os.ttyname(slave), Deadlines(wake=0.1, quiet=0.02))
    over.set()
    thread.join()
    os.close(slave)
    os.close(master)


def test_a_claimed_port_cannot_be_claimed_twice(terminal: str) -> None:
    first = claim(terminal)
    with pytest.raises(Offline, match="is in use by"):
        claim(terminal)
    os.close(first)
    os.close(claim(terminal))


@pytest.mark.parametrize("path", ["/etc/hostname", "/dev/null", "/"])
def test_what_is_no_tty_is_no_modem_port(path: str) -> None:
    with pytest.raises(Offline, match="is not a modem port"):
        claim(path)


def test_a_fifo_is_not_opened_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "trap")
    with pytest.raises(Offline, match="is not a modem port"):
        claim(str(tmp_path / "trap"))


def test_a_missing_port_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Offline, match="plug the modem in"):
        claim(str(tmp_path / "ttyUSB0"))
    with pytest.raises(Offline, match='correct "port"'):
        claim("bad\0name")


def test_this_process_is_not_named_as_somebody_else(terminal: str) -> None:
    descriptor = claim(terminal)
    assert os.getpid() not in {holder.process for holder in holders.of(terminal)}
    os.close(descriptor)


@pytest.mark.parametrize(
    ("maker", "product", "what_to_do"),
    [
        ("12d1", "14dc", "network mode"),
        ("12d1", "1f01", "install the package usb-modeswitch"),
        ("19d2", "2000", "CD drive"),
        ("2c7c", "0125", "^$"),
    ],
)
def test_a_stick_in_another_mode_is_told_what_to_do(tmp_path: Path, maker: str, product: str, what_to_do: str) -> None:
    assert discovery.in_another_mode(tmp_path) == ""
    stick = tmp_path / "1-1.2"
    stick.mkdir()
    (stick / "idVendor").write_text(f"{maker}\n")
    (stick / "idProduct").write_text(f"{product}\n")
    assert re.search(what_to_do, discovery.in_another_mode(tmp_path))


@pytest.mark.parametrize("port", ["auto", "link"])
@pytest.mark.parametrize(("mode", "words"), [(Mode.CD, "CD drive.*usb-modeswitch"), (Mode.NETWORK, "network mode")])
@pytest.mark.slow
def test_a_stick_that_came_back_without_a_tty_is_named_and_found_again_as_a_modem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str, mode: Mode, words: str
) -> None:
    bus, link = tmp_path / "usb", tmp_path / "modem-a"
    with EmulatedModem("a", Network(), link=link, devices=bus) as emulated:
        ports = lambda: [port_at(emulated.path, "1-1:1.2")] if emulated.path else []  # noqa: E731
        monkeypatch.setattr(list_ports, "comports", ports)
        modem = AtModem("auto" if port == "auto" else str(link), name="a", devices=bus)
        modem.open()
        emulated.unplug()
        emulated.plug_in(mode=mode)
        with pytest.raises(NeedsHuman, match=words):
            modem.open()
        assert re.search(words, doctor.port("a", str(link), bus).sentence)
        emulated.unplug()
        with pytest.raises(Offline, match="plug"):
            modem.open()
        assert "does not exist" in doctor.port("a", str(link), bus).sentence
        emulated.plug_in()
        modem.open()
        assert modem.status().registered
        modem.close()


def test_the_other_ports_of_a_stick_that_somebody_has_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatedModem("a", Network()) as first, EmulatedModem("b", Network()) as second:
        ports = [port_at(first.path, "1-1.2:1.2"), port_at(second.path, "1-1.2:1.3")]
        monkeypatch.setattr(list_ports, "comports", lambda: ports)
        lock = claim(first.path)
        with pytest.raises(Offline, match="in use"):
            discovery.find()
        os.close(lock)
        assert not second.wire


def test_the_name_that_outlives_a_replug_is_preferred(tmp_path: Path, terminal: str) -> None:
    assert discovery.stable_name(terminal, tmp_path) == terminal
    link = tmp_path / "platform-usb-0:1.2:1.2-port0"
    link.symlink_to(terminal)
    assert discovery.stable_name(terminal, tmp_path) == str(link)


def test_the_configuration_names_the_driver() -> None:
    assert isinstance(open_modem("at", "/dev/null", name="a"), AtModem)
    assert isinstance(open_modem("gammu", "/dev/null", name="a"), GammuModem)
    assert isinstance(open_modem("auto", "/dev/null", name="a"), EitherModem)


class Door(AtModem):
    """A driver that says *error* at its door; None: it opens."""

    def __init__(self, error: Offline | None) -> None:
        super().__init__("/dev/null", name="door")
        self.error = error
        self.opened = 0

    def open(self) -> None:
        self.opened += 1
        if self.error:
            raise self.error


def test_only_a_modem_that_cannot_be_driven_goes_to_the_second_driver() -> None:
    first, second = Door(Offline("not there")), Door(None)
    modem: Modem = EitherModem(first, second)
    with pytest.raises(Offline):
        modem.open()
    assert second.opened == 0
    first.error = Unsuitable("no texts")
    modem.open()
    modem.open()
    assert (first.opened, second.opened) == (2, 2)


@pytest.mark.slow
def test_when_a_port_falls_silent_another_one_of_the_same_stick_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Deadlines(wake=0.1, quiet=0.02)
    network = Network()
    with (
        EmulatedModem("a", network) as first,
        EmulatedModem("b", network) as second,
        EmulatedModem("c", network) as far,
    ):
        places = {first.path: "1-1.2:1.2", second.path: "1-1.2:1.3", far.path: "1-1.4:1.2"}
        monkeypatch.setattr(list_ports, "comports", lambda: [port_at(path, place) for path, place in places.items()])
        assert discovery.sibling(first.path) == second.path
        assert discovery.sibling(far.path) == ""
        first.hang()
        modem = AtModem(first.path, name="a", deadlines=quick)
        with pytest.raises(Offline):
            modem.open()
        assert modem.recover(Step.OTHER_PORT)
        modem.open()
        assert modem.status().imei == second.cell.imei
        modem.close()
        second.hang()
        assert not modem.recover(Step.OTHER_PORT)


@pytest.mark.slow
def test_a_stick_is_found_among_ports_that_are_silent_or_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatedModem("a", Network()) as taken, EmulatedModem("b", Network()) as free:
        ports = [port_at(taken.path, "1-1.2:1.2"), port_at(free.path, "1-1.3:1.2")]
        monkeypatch.setattr(list_ports, "comports", lambda: ports)
        lock = claim(taken.path)
        assert discovery.find() == free.path
        os.close(lock)


def port_at(path: str, place: str) -> ListPortInfo:
    """A port as pyserial lists it."""
    port = ListPortInfo(path)
    port.location, port.vid, port.pid = place, 0x2C7C, 0x0125
    return port
