"""Finds the port on which a modem answers, among all that a USB stick has."""

import os
from pathlib import Path

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance.modem import Offline
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
# Sticks that are a network card or a CD drive as they come: they have no AT port at all.
NETWORK_MODE = {
    ("12d1", "14db"),
    ("12d1", "14dc"),
    ("12d1", "14dd"),
    ("12d1", "1f01"),
    ("3566", "2001"),
}


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
    raise Offline(_nothing_found(reasons))


def probe(path: str, deadlines: Deadlines = STANDARD) -> None:
    """A modem answers AT on *path*, which is free again. Raises Offline."""
    lock = claim(path)
    try:
        with serial.Serial(path, BAUD, timeout=0) as port:
            Dialogue(port.fileno(), Unasked()).wake(deadlines)
    except (Silence, Gone, serial.SerialException) as error:
        raise Offline(f"{path} does not answer AT.") from error
    finally:
        os.close(lock)


def stable_name(device: str, folder: Path = BY_PATH) -> str:
    """The link under by-path that leads to *device*: numbers change at each replug, and equal sticks share a by-id."""
    links = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((str(link) for link in links if os.path.realpath(link) == os.path.realpath(device)), device)


def _rank(port: ListPortInfo) -> tuple[bool, str]:
    """The port that is known to take AT goes first."""
    known = AT_INTERFACE.get((port.vid or 0, port.pid), AT_INTERFACE.get((port.vid or 0, None)))
    interface = (port.location or "").rpartition(".")[2]
    return known is None or interface != str(known), port.device


def _nothing_found(reasons: list[str]) -> str:
    if reasons:
        return f"No USB port answers like a modem: {' '.join(reasons)} Plug the modem in again."
    if in_network_mode():
        return (
            "The stick is in network mode and has no AT port: switch it to modem mode with usb_modeswitch, "
            "or use a stick that has one."
        )
    return 'No modem is plugged in: plug one in, or name its "port" under [[modem]] in the configuration.'


def in_network_mode(devices: Path = USB) -> bool:
    """Whether a stick is plugged in that shows itself as a network card or a CD drive."""
    return any(_usb_id(device) in NETWORK_MODE for device in devices.glob("*"))


def _usb_id(device: Path) -> tuple[str, str]:
    try:
        return (device / "idVendor").read_text().strip(), (device / "idProduct").read_text().strip()
    except OSError:
        return "", ""
