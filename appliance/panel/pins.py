"""The pins of the box: a contact, a lamp of three colours or of one, a buzzer and a UPS or none; or no panel at all.

Pin numbers are Broadcom's (BCM). On a Raspberry Pi they are reached by lgpio, through the kernel's own GPIO device.
"""

import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPWMPin

Colour = tuple[float, float, float]  # red, green and blue, each 0 to 1

DARK: Colour = (0.0, 0.0, 0.0)
# The header's chip by its name, for its number differs between models and kernels: Pi 3 and Zero 2 W, Pi 4, Pi 5.
HEADERS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")


class NoPanel(Exception):
    """The pins cannot be used; `str()` says why and what to do."""


class Pins(Protocol):
    """A contact, a lamp and perhaps a buzzer."""

    def pressed(self) -> bool:
        """Whether the contact is closed at this moment, unfiltered."""

    def light(self, colour: Colour) -> None:
        """The lamp shows *colour*, as well as it can."""

    @property
    def colour(self) -> Colour:
        """What the lamp shows."""

    def sound(self, on: bool) -> None:
        """The buzzer sounds, or is silent."""

    def battery_low(self) -> bool:
        """Whether a UPS says at this moment that its battery is nearly empty."""

    def wait(self, seconds: float) -> None:
        """*seconds* have passed, or the contact has changed."""

    def close(self) -> None:
        """The lamp is dark, the buzzer silent, and the pins are free."""


@dataclass(frozen=True)
class Wires:
    """Which pin is what; 0 for what is not there."""

    button: int
    red: int = 0
    green: int = 0
    blue: int = 0
    led: int = 0  # a lamp of one colour, in the place of the three
    buzzer: int = 0
    ups: int = 0
    ups_high: bool = False  # how it warns: by a high level, or to ground


class Lamp(Protocol):
    """Something that shines."""

    def light(self, colour: Colour) -> None:
        """It shows *colour*, as well as it can."""

    @property
    def colour(self) -> Colour:
        """What it shows."""

    def close(self) -> None:
        """It is dark and its pins are free."""


class ThreeColours:
    """A lamp with red, green and blue and a common cathode."""

    def __init__(self, red: int, green: int, blue: int, factory: Any) -> None:
        self.device = gpiozero.RGBLED(red, green, blue, pin_factory=factory)

    def light(self, colour: Colour) -> None:
        """It shows *colour*."""
        self.device.value = colour

    @property
    def colour(self) -> Colour:
        """What it shows."""
        red, green, blue = self.device.value
        return (red, green, blue)

    def close(self) -> None:
        """It is dark and its pins are free."""
        self.device.close()


class OneColour:
    """A lamp of one colour: the rhythm says it all (a test holds that every state has a rhythm of its own)."""

    def __init__(self, led: int, factory: Any) -> None:
        self.device = gpiozero.PWMLED(led, pin_factory=factory)

    def light(self, colour: Colour) -> None:
        """It is as bright as the brightest part of *colour*."""
        self.device.value = max(colour)

    @property
    def colour(self) -> Colour:
        """What it shows, as white."""
        return (self.device.value,) * 3

    def close(self) -> None:
        """It is dark and its pin is free."""
        self.device.close()


class Silence:
    """No buzzer."""

    def sound(self, on: bool) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """Nothing was open."""


class Buzzer:
    """One that sounds by itself when it gets current ("active")."""

    def __init__(self, pin: int, factory: Any) -> None:
        self.device = gpiozero.Buzzer(pin, pin_factory=factory)

    def sound(self, on: bool) -> None:
        """It sounds, or is silent."""
        self.device.value = on

    def close(self) -> None:
        """It is silent and its pin is free."""
        self.device.close()


class Mains:
    """No UPS."""

    is_active = False

    def close(self) -> None:
        """Nothing was open."""


class Gpio:
    """The box's own pins: a button to ground, a lamp, and a buzzer and a UPS or none."""

    def __init__(self, wires: Wires, factory: Any) -> None:
        """Raises NoPanel. *factory* is gpiozero's."""
        self._bell = threading.Event()
        self._open: list[Any] = []
        try:
            # No bounce_time and no when_held: they lose and repeat presses (gpiozero #550, #697). `button` filters.
            self._contact = self._keep(gpiozero.Button(wires.button, pull_up=True, pin_factory=factory))
            self.lamp: Lamp = self._keep(_lamp(wires, factory))
            self.buzzer: Buzzer | Silence = self._keep(Buzzer(wires.buzzer, factory) if wires.buzzer else Silence())
            self.ups: Any = self._keep(_ups(wires, factory) if wires.ups else Mains())
        except (gpiozero.GPIOZeroError, OSError) as error:
            self.close()
            raise _unusable(error) from error
        # From gpiozero's own thread: it only rings the bell.
        self._contact.when_pressed = self._contact.when_released = self._bell.set

    def _keep(self, device: Any) -> Any:
        self._open.append(device)
        return device

    @property
    def contact(self) -> Any:
        """The pin of the button, for the toy and the tests: they drive a mock pin with it."""
        return self._contact.pin

    @property
    def colour(self) -> Colour:
        """What the lamp shows."""
        return self.lamp.colour

    def pressed(self) -> bool:
        """Whether the contact is closed at this moment, unfiltered."""
        return bool(self._contact.is_pressed)

    def light(self, colour: Colour) -> None:
        """The lamp shows *colour*, as well as it can."""
        self.lamp.light(colour)

    def sound(self, on: bool) -> None:
        """The buzzer sounds, or is silent."""
        self.buzzer.sound(on)

    def battery_low(self) -> bool:
        """Whether a UPS says at this moment that its battery is nearly empty."""
        return bool(self.ups.is_active)

    def wait(self, seconds: float) -> None:
        """*seconds* have passed, or the contact has changed."""
        self._bell.wait(seconds)
        self._bell.clear()

    def close(self) -> None:
        """The lamp is dark, the buzzer silent, and the pins are free."""
        while self._open:
            self._open.pop().close()


def _lamp(wires: Wires, factory: Any) -> Lamp:
    if wires.led:
        return OneColour(wires.led, factory)
    return ThreeColours(wires.red, wires.green, wires.blue, factory)


def _ups(wires: Wires, factory: Any) -> Any:
    """Pulled to where it does not warn, so that a wire that is off is no empty battery."""
    return gpiozero.DigitalInputDevice(wires.ups, pull_up=not wires.ups_high, pin_factory=factory)


class NoPins:
    """A box without button and lamp: `[panel] enabled = false`."""

    def __init__(self) -> None:
        self._never = threading.Event()

    def pressed(self) -> bool:
        """Never."""
        return False

    def light(self, colour: Colour) -> None:
        """Nobody sees it."""

    @property
    def colour(self) -> Colour:
        """Dark."""
        return DARK

    def sound(self, on: bool) -> None:
        """Nobody hears it."""

    def battery_low(self) -> bool:
        """Never."""
        return False

    def wait(self, seconds: float) -> None:
        """*seconds* have passed."""
        self._never.wait(seconds)

    def close(self) -> None:
        """Nothing was open."""


def pins(enabled: bool, wires: Wires) -> Gpio | NoPins:
    """The pins of this box, by the values of `[panel]`; those of the demo exist in memory only. Raises NoPanel."""
    return Gpio(wires, _factory()) if enabled else NoPins()


def _factory() -> Any:
    """Lgpio's on the header; what $GPIOZERO_PIN_FACTORY names, when it does. Raises NoPanel."""
    named = os.environ.get("GPIOZERO_PIN_FACTORY", "lgpio")
    if named == "mock":
        return MockFactory(pin_class=MockPWMPin)  # gpiozero's own choice of mock pins cannot be dimmed
    if named != "lgpio":
        return None
    try:
        return _header()
    except (ImportError, gpiozero.GPIOZeroError, OSError) as error:
        raise _unusable(error) from error


def _header() -> Any:
    """The header of this Pi by lgpio; without one of its names gpiozero takes a guess."""
    os.environ.setdefault("LG_WD", tempfile.gettempdir())  # it leaves a pipe there, else in the working folder
    import lgpio  # noqa: PLC0415 - is only there on a box with a header
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415

    try:
        return LGPIOFactory(chip=next((number for number in _chips() if _label(lgpio, number) in HEADERS), None))
    except lgpio.error as error:
        raise _unusable(error) from error


def _chips() -> list[int]:
    return sorted(int(path.name.removeprefix("gpiochip")) for path in Path("/dev").glob("gpiochip[0-9]*"))


def _label(lgpio: Any, number: int) -> str:
    handle = lgpio.gpiochip_open(number)
    try:
        return str(lgpio.gpio_get_chip_info(handle)[3])
    finally:
        lgpio.gpiochip_close(handle)


def _unusable(error: Exception) -> NoPanel:
    return NoPanel(
        f"The button and the lamp cannot be used ({error}). "
        "Check the numbers in [panel], or set enabled = false on a computer without them."
    )
