"""Finds the port on which a modem answers, among all that a USB stick has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance.modem import NeedsHuman, Offline
from appliance.modem.dialogue import STANDARD, Deadlines, Dialogue, Gone, Silence
from appliance.modem.port import claim
from appliance.modem.unasked import Unasked

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


def find() -> str:
    """The stable name of the first port that answers AT. Raises Offline with what to do."""
    candidates = sorted((port for port in list_ports.comports() if port.vid is not None), key=_rank)
    reasons = []
    for candidate in candidates:
        try:
            probe(candidate.device)
        except Offline as error:
            reasons.append(str(error))
        else:
            return stable_name(candidate.device)
    raise _nothing_found(reasons)


def probe(path: str, deadlines: Deadlines = STANDARD) -> None:
    """A modem answers AT on *path*, which is free again. Raises Offline."""
    try:
        with dialogue(path, deadlines):
            pass
    except (Silence, Gone) as error:
        raise Offline(f"{path} does not answer AT.") from error


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
    ports = sorted(list_ports.comports(), key=_rank)
    here = next((port for port in ports if os.path.realpath(port.device) == os.path.realpath(path)), None)
    for port in ports if here else ():
        if port is not here and _usb_device(port) == _usb_device(here):
            with suppress(Offline):
                probe(port.device, deadlines)
                return stable_name(port.device)
    return ""


def _usb_device(port: ListPortInfo | None) -> str:
    """Where it is plugged in: "1-1.2" of "1-1.2:1.2"."""
    return ((port and port.location) or "").partition(":")[0]


def stable_name(device: str, folder: Path = BY_PATH) -> str:
    """The link under by-path that leads to *device*: numbers change at each replug, and equal sticks share a by-id."""
    links = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((str(link) for link in links if os.path.realpath(link) == os.path.realpath(device)), device)


def _rank(port: ListPortInfo) -> tuple[bool, str]:
    """The port that is known to take AT goes first."""
    known = AT_INTERFACE.get((port.vid or 0, port.pid), AT_INTERFACE.get((port.vid or 0, None)))
    interface = (port.location or "").rpartition(".")[2]
    return known is None or interface != str(known), port.device


def _nothing_found(reasons: list[str]) -> Offline:
    if reasons:
        return Offline(f"No USB port answers like a modem: {' '.join(reasons)} Plug the modem in again.")
    if unusable := in_another_mode():
        return NeedsHuman(unusable)
    return Offline('No modem is plugged in: plug one in, or name its "port" under [[modem]] in the configuration.')


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
