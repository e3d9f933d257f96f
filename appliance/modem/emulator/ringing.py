"""Somebody rings the box: RING and +CLIP until the client hangs up or the caller gives up."""

import time
from collections.abc import Callable

from appliance.modem.emulator.cell import Cell
from appliance.modem.emulator.loop import Loop

_EVERY = 3.0  # seconds


class Ringing:
    """At most one caller at a time; a second one finds the line busy."""

    def __init__(self, cell: Cell, loop: Loop, say: Callable[[str], None]) -> None:
        self._cell = cell
        self._loop = loop
        self._say = say
        self._caller: tuple[str, float] | None = None  # number, when they give up

    def start(self, number: str, seconds: float) -> None:
        """*number* rings, for at most *seconds*."""
        if self._caller is not None:
            self._cell.network.hung_up(number, rejected=False)
            return
        self._caller = (number, time.monotonic() + seconds)
        self._ring(self._caller)

    def end(self, *, rejected: bool) -> None:
        """The ring is over, if there was one."""
        if self._caller is not None:
            self._cell.network.hung_up(self._caller[0], rejected=rejected)
            self._caller = None

    def _ring(self, caller: tuple[str, float]) -> None:
        if self._caller is not caller:
            return
        number, until = caller
        left = until - time.monotonic()
        if left <= 0:
            self.end(rejected=False)
            self._say("NO CARRIER")
            return
        self._say("RING")
        if self._cell.settings.caller_id:
            kind = 145 if number.startswith("+") else 129 if number else 128
            self._say(f'+CLIP: "{number}",{kind},"",0,"",{0 if number else 1}')
        self._loop.after(min(_EVERY, left), lambda: self._ring(caller))
