"""Finds the port on which a modem answers, among all that a USB stick has."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance.modem import Absent, NeedsHuman, Offline, Refused, answers
from appliance.modem.dialogue import STANDARD, Deadlines, Dialogue, Gone, Silence
from appliance.modem.port import claim
from appliance.modem.unasked import Unasked

Take = Callable[[str], str]  # an IMEI -> "" when that modem is taken, else whose it is: "is modem b"
USB = Path("/sys/bus/usb/devices")
BY_PATH = Path("/dev/serial/by-path")
BAUD = 115200  # only a real UART (SIM800C stick) cares, and its own detection hangs

# The USB interface whose port takes AT, by maker and product; None: any product.
AT_INTERFACE: dict[tuple[int, int | None], int] = {
    (0x1E0E, 0x9001): 2,  # SIM7000, 7100, 7500, 7600
    (0x1E0E, 0x9011): 4,  # A7600E, A7602E, A7670E
    (0x2C7C, None): 2,  # Quectel EC25, EC21, EG91, EG95, BG96, EG06
}
# As they come, these sticks are a network card with a page of its own (HiLink) or a CD drive with the maker's program
# on it: they have no AT port at all.
NETWORK_MODE = {
    ("12d1", "14db"), ("12d1", "14dc"), ("12d1", "14dd"), ("3566", "2001"),
}  # fmt: skip
CD_MODE = {
    ("12d1", "1f01"), ("12d1", "1446"), ("12d1", "14fe"), ("12d1", "157c"), ("19d2", "2000"), ("2001", "a407"),
}  # fmt: skip


def locate(port: str, take: Take | None = None, devices: Path = USB, last: str = "") -> str:
    """Where the modem of the settings is: *port*, or with "auto" what `find` finds. Raises Offline."""
    if port == "auto":
        return find(take, devices, last)
    if not Path(port).exists() and (unusable := in_another_mode(devices)):
        raise NeedsHuman(unusable)
    return port


def find(take: Take | None = None, devices: Path = USB, last: str = "") -> str:
    """The stable name of the first port with a modem that *take* takes. Raises Offline with what to do.

    Absent when there is no such modem and *last*, the port where it was, is gone.
    """
    reasons, silent = [], False
    for ports in plugged_in().values():
        try:
            port, imei = first_that_answers(ports)
        except Offline as error:
            reasons.append(str(error))
            silent = silent or not isinstance(error, NeedsHuman)
            continue
        whose = take(imei) if take else ""
        if not whose:
            return stable_name(port)
        reasons.append(f"{port} {whose}.")
    if (unusable := in_another_mode(devices)) and not silent:
        raise NeedsHuman(unusable)
    kind = Offline if last and Path(last).exists() else Absent
    raise kind(_nothing_found([unusable, *reasons] if unusable else reasons))


def plugged_in() -> dict[str, list[str]]:
    """The serial ports of each USB device, by where it is plugged in; those that are known to take AT go first."""
    found: dict[str, list[str]] = {}
    for port in sorted((port for port in list_ports.comports() if port.vid is not None), key=_rank):
        found.setdefault(_usb_device(port) or port.device, []).append(port.device)
    return found


def first_that_answers(ports: Sequence[str]) -> tuple[str, str]:
    """That one of *ports*, all of one USB device, on which a modem answers AT; and its IMEI. Raises Offline.

    When somebody has one of them the others are left alone: they answer too, and are the same modem.
    """
    silent = []
    for port in ports:
        try:
            return port, probe(port)
        except NeedsHuman:
            raise
        except Offline as error:
            silent.append(str(error))
    raise Offline(" ".join(silent))


def probe(path: str, deadlines: Deadlines = STANDARD) -> str:
    """A modem answers AT on *path*, which is free again; its IMEI, "" when it does not say. Raises Offline."""
    try:
        with dialogue(path, deadlines) as talk:
            return _imei(talk, deadlines)
    except (Silence, Gone) as error:
        raise Offline(f"{path} does not answer AT.") from error


def _imei(talk: Dialogue, deadlines: Deadlines) -> str:
    try:
        return answers.digits(talk.ask("AT+CGSN", deadlines.answer), *answers.IMEI)
    except (Silence, Refused):
        return ""


@contextmanager
def dialogue(path: str, deadlines: Deadlines = STANDARD) -> Iterator[Dialogue]:
    """A modem that answers AT on *path*, which is ours alone within the block. Raises Offline, Silence, Gone."""
    lock = claim(path)
    try:
        with serial.Serial(path, BAUD, timeout=0) as port:
            talk = Dialogue(port.fileno(), Unasked())
            talk.wake(deadlines)
            yield talk
    except serial.SerialException as error:
        raise Gone(str(error)) from error
    finally:
        os.close(lock)


def sibling(path: str, deadlines: Deadlines = STANDARD) -> str:
    """Another port of the same USB device that answers AT now; "" when there is none."""
    for port in _beside(path):
        with suppress(Offline):
            probe(port.device, deadlines)
            return stable_name(port.device)
    return ""


def at_port_beside(path: str) -> str:
    """The port of the same USB device that is known to take AT, when *path* is another one (DIAG, NMEA); else ""."""
    here = next((port for port in list_ports.comports() if _same(port.device, path)), None)
    if here is None or _is_for_at(here):
        return ""
    return next((stable_name(port.device) for port in _beside(path) if _is_for_at(port)), "")


def _beside(path: str) -> list[ListPortInfo]:
    """The other ports of the same USB device, the likeliest first."""
    ports = sorted(list_ports.comports(), key=_rank)
    here = next((port for port in ports if _same(port.device, path)), None)
    return [port for port in ports if here and port is not here and _usb_device(port) == _usb_device(here)]


def _same(device: str, path: str) -> bool:
    return os.path.realpath(device) == os.path.realpath(path)


def _usb_device(port: ListPortInfo | None) -> str:
    """Where it is plugged in: "1-1.2" of "1-1.2:1.2"."""
    return ((port and port.location) or "").partition(":")[0]


def stable_name(device: str, folder: Path = BY_PATH) -> str:
    """The link under by-path that leads to *device*: numbers change at each replug, and equal sticks share a by-id."""
    links = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((str(link) for link in links if _same(str(link), device)), device)


def _rank(port: ListPortInfo) -> tuple[bool, str]:
    """The port that is known to take AT goes first."""
    return not _is_for_at(port), port.device


def _is_for_at(port: ListPortInfo) -> bool:
    known = AT_INTERFACE.get((port.vid or 0, port.pid), AT_INTERFACE.get((port.vid or 0, None)))
    return known is not None and (port.location or "").rpartition(".")[2] == str(known)


def _nothing_found(reasons: Sequence[str]) -> str:
    if reasons:
        return f"No USB port is that of this modem: {' '.join(reasons)} Plug it in again."
    return 'No modem is plugged in: plug one in, or name its "port" under [[modem]] in the configuration.'


def in_another_mode(devices: Path = USB) -> str:
    """What to do about a stick that shows itself as a network card or a CD drive; "" when there is none."""
    plugged_in = {_usb_id(device) for device in devices.glob("*")}
    if plugged_in & NETWORK_MODE:
        return (
            "The stick is in network mode (HiLink) and has no AT port: switch it to modem mode with usb_modeswitch, "
            "or use a stick that has one."
        )
    if plugged_in & CD_MODE:
        return (
            "The stick shows itself as a CD drive and has no AT port yet: install the package usb-modeswitch, unplug "
            "the stick, plug it in again and wait half a minute."
        )
    return ""


def _usb_id(device: Path) -> tuple[str, str]:
    try:
        return (device / "idVendor").read_text().strip(), (device / "idProduct").read_text().strip()
    except OSError:
        return "", ""
