"""The panel of the demo: a control socket that presses the mock button and tells what the mock lamp shows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from appliance import control, lang
from appliance.panel import lamp as lights
from appliance.panel.pins import Gpio
from appliance.panel.service import Panel


def serve(path: Path, panel: Panel) -> AbstractContextManager[None]:
    """Answer `press`, `release` and `lamp` at *path* until the block ends. The pins are mock ones, or none at all."""

    def lamp() -> dict[str, object]:
        shown = panel.shown
        return {
            "colour": _hexadecimal(panel.pins.colour), "base": _hexadecimal(shown.colour), "pattern": shown.name,
            "words": {language: lights.words(shown, language) for language in lang.LANGUAGES},
        }  # fmt: skip

    verbs: dict[str, Callable[[], object]] = {"lamp": lamp}
    if isinstance(panel.pins, Gpio):
        verbs |= {"press": panel.pins.contact.drive_low, "release": panel.pins.contact.drive_high}
    return control.serve(path, verbs)


def _hexadecimal(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
