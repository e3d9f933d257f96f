"""How long the radio is busy with one text: less for one that follows on a link that was kept (TS 27.005 3.5.6)."""

import time

from appliance.modem.emulator.cell import Cell

KEPT_FOR = 3.0  # seconds after an answer; the standard leaves it between 1 and 5
_ONCE, _ALWAYS = 1, 2  # AT+CMMS


class RadioLink:
    """The signalling link of one modem."""

    def __init__(self, cell: Cell, seconds: float, seconds_kept: float | None) -> None:
        self.seconds = seconds  # for a text that has to set the link up
        self._seconds_kept = seconds_kept  # for one that finds it there; None: this modem gains nothing
        self._cell = cell
        self._until = 0.0

    def submit(self) -> float:
        """How many seconds the text that is handed over now takes."""
        wanted = self._cell.settings.link
        kept = wanted and self._seconds_kept is not None and time.monotonic() < self._until
        if wanted == _ONCE and not kept and self._until:
            self._cell.settings.link = 0  # the standard's mode 1 ends with its link
        return self._seconds_kept or 0.0 if kept else self.seconds

    def answered(self) -> None:
        """The text is gone; the link waits for another one if it was asked to."""
        self._until = time.monotonic() + KEPT_FOR if self._cell.settings.link in (_ONCE, _ALWAYS) else 0.0

    def lost(self) -> None:
        """The modem was reset."""
        self._until = 0.0
