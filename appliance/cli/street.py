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
RHYTHMS = {
    "holding": "knippert steeds sneller",
    "countdown": "knippert snel",
    "broken": "twee flitsen en een pauze",
    "sending": "ademt zacht",
    "waiting": "knippert",
    "attention": "knippert traag",
    "drill": "twee korte flitsen",
    "ready": "brandt, met om de vijf seconden een dipje",
    "starting": "ademt traag",
    "cancelled": "flitst drie keer kort",
    "too_soon": "flitst kort en lang",
    "recorded": "flitst drie keer lang",
    "nobody": "drie snelle flitsen en een pauze",
    "trying": "een lange flits en twee korte",
}
HABITS = {
    "played": "speelt u zelf",
    "quick": "antwoordt snel OK",
    "chatty": "antwoordt later, vriendelijk",
    "thumb": "stuurt een duim",
    "rings": "belt even in plaats van te typen",
    "silent": "antwoordt nooit",
    "stops": "stuurt STOP",
    "reports": "meldt iets verdachts aan de kast",
    "off": "gsm staat uit",
}


class SocketStreet:
    """`web.street.StreetControl` over the sockets in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def phones(self) -> Sequence[Phone]:
        """Everybody, the police first."""
        found = self._street("phones")
        return [Phone(p["number"], p["name"], p["role"], p["street"], HABITS[p["habit"]]) for p in found]

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
        rhythm = RHYTHMS.get(shown["pattern"], "")
        return Lamp(COLOURS.get(shown["base"], "off"), rhythm, shown["words"])

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
    return Bubble("(belt even naar de kast)" if line["way"] == "ring" else line["text"], line["way"] != "in")
