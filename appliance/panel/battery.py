"""A UPS says by a contact that its battery is nearly empty: told once, when it lasts."""

from dataclasses import dataclass

LASTS = 10.0  # seconds: a modem that sends pulls the voltage down for a moment


@dataclass(frozen=True)
class Battery:
    """What is known of it."""

    well: bool = False  # it was, once: what is low from the start is loading again, or wired the wrong way round
    low_since: float | None = None  # by the monotonic clock
    told: bool = False


def step(battery: Battery, low: bool, monotonic: float) -> tuple[Battery, bool]:
    """What is known now, and whether it is to be told: low for LASTS without a break, after it was well."""
    if not low:
        return Battery(well=True), False
    if not battery.well:
        return battery, False
    since = monotonic if battery.low_since is None else battery.low_since
    due = not battery.told and monotonic - since >= LASTS
    return Battery(well=True, low_since=since, told=battery.told or due), due
