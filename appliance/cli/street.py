"""The demo's toys, as the page sees them: over the control sockets of `appliance demo` and of the panel."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from appliance import control
from appliance.control import ControlError
from appliance.web.street import Bubble, Lamp, Phone, StreetGone

COLOURS = {
    "#00ff00": "green",
    "#ff9900": "yellow",
    "#ff0000": "red",
    "#0000ff": "blue",
    "#ffffff": "white",
    "#000000": "off",
}


class SocketStreet:
    """`web.street.StreetControl` over the sockets in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def phones(self) -> Sequence[Phone]:
        """Everybody, the police first."""
        found = self._street("phones")
        return [Phone(p["number"], p["name"], p["role"], p["street"], p["habit"]) for p in found]

    def bubbles(self) -> Mapping[str, Sequence[Bubble]]:
        """What is on each telephone."""
        screens = self._street("screens")
        return {number: [_bubble(line) for line in lines] for number, lines in screens.items()}

    def text(self, number: str, text: str) -> None:
        """Text the box from *number*."""
        self._street("text", number=number, text=text)

    def ring(self, number: str) -> None:
        """Ring the box from *number*."""
        self._street("ring", number=number)

    def lamp(self) -> Lamp:
        """The lamp now."""
        shown = self._call("panel.sock", "lamp")
        return Lamp(COLOURS.get(shown["base"], "off"), shown["pattern"], shown["words"])

    def button_down(self) -> None:
        """A finger on the button."""
        self._call("panel.sock", "press")

    def button_up(self) -> None:
        """The finger off it."""
        self._call("panel.sock", "release")

    def code(self) -> str:
        """The next unused code on the officer's card."""
        return str(self._street("code"))

    def _street(self, verb: str, **arguments: str) -> Any:
        return self._call("street.sock", verb, **arguments)

    def _call(self, socket: str, verb: str, **arguments: str) -> Any:
        try:
            return control.call(self._folder / socket, verb, **arguments)
        except (OSError, ControlError) as error:
            raise StreetGone(f"{socket}: {error}") from error


def _bubble(line: dict[str, str]) -> Bubble:
    return Bubble(line["text"], line["way"] != "in", rang=line["way"] == "ring")
