"""How the computer itself is: room on the card, warmth, power. Read from the kernel; what it does not say is None."""

import os
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
WARMTH = Path("/sys/class/thermal/thermal_zone0/temp")  # thousandths of a degree Celsius
POWER = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")  # Raspberry Pi firmware, hexadecimal bits
UNDER_VOLTAGE = 0x1_0001  # bit 0: now; bit 16: since the start


@dataclass(frozen=True)
class Machine:
    """The computer at one moment."""

    free_megabytes: int | None = None
    celsius: float | None = None
    under_voltage: bool | None = None  # at any time since the start


UNKNOWN = Machine()


def read(folder: Path, warmth: Path = WARMTH, power: Path = POWER) -> Machine:
    """The state of the machine, and the room that is left where *folder* is. Raises nothing."""
    room = _room(folder)
    degrees, bits = _number(warmth, 10), _number(power, 16)
    return Machine(
        free_megabytes=None if room is None else room.f_bavail * room.f_frsize // MEGABYTE,
        celsius=None if degrees is None else degrees / 1000,
        under_voltage=None if bits is None else bool(bits & UNDER_VOLTAGE),
    )


def _room(folder: Path) -> os.statvfs_result | None:
    try:
        return os.statvfs(folder)
    except OSError:
        return None


def _number(path: Path, base: int) -> int | None:
    try:
        return int(path.read_text(encoding="ascii").strip(), base)
    except (OSError, ValueError):
        return None
