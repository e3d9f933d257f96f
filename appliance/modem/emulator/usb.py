"""Where the modem is plugged in: its tty, and what the bus says that it is."""

import shutil
from enum import StrEnum
from pathlib import Path

from appliance.modem.emulator.tty import Port

_PLACE = "1-1"  # of the stick, in the folder of devices


class Mode(StrEnum):
    """As what a stick shows itself; only a modem has a tty."""

    MODEM = "modem"
    CD = "cd"  # with the maker's program on it, until usb_modeswitch sends it on
    NETWORK = "network"  # HiLink: a network card with a page of its own


# Maker and product, as Huawei numbers them.
_IDS = {Mode.MODEM: ("12d1", "1506"), Mode.CD: ("12d1", "1f01"), Mode.NETWORK: ("12d1", "14dc")}


class Usb:
    """One place on the bus. *devices*, when given, is written like /sys/bus/usb/devices."""

    def __init__(self, link: Path | None, devices: Path | None) -> None:
        self.port: Port | None = None
        self._link = link
        self._devices = devices
        self._last_path = ""

    def plug_in(self, mode: Mode) -> None:
        """It is there, as *mode*; a port has another name than the last one had."""
        self.unplug()
        if self._devices is not None:
            place = self._devices / _PLACE
            place.mkdir(parents=True)
            for name, number in zip(("idVendor", "idProduct"), _IDS[mode], strict=True):
                (place / name).write_text(f"{number}\n")
        if mode is Mode.MODEM:
            self.port = Port(self._link, unlike=self._last_path)
            self._last_path = self.port.path

    def unplug(self) -> None:
        """Nothing is there."""
        port, self.port = self.port, None
        if port is not None:
            port.close()
        if self._devices is not None:
            shutil.rmtree(self._devices / _PLACE, ignore_errors=True)
