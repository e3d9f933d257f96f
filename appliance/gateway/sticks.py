"""Finds the sticks that come and go, for a [[modem]] with port = "all": each has a name, and a mark while it is there.

Whoever starts the services (systemd by its path units, or `appliance run`) starts the gateway whose mark it sees. That
gateway looks for its stick itself, as any other, and ends when the stick is away (`absence`): nobody has to stop it.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.gateway.names import GivenNames
from appliance.modem import Offline, discovery

LOOK_EVERY = 2.0  # seconds
SETTLED = 3.0  # seconds: a stick shows its ports one after the other
AGAIN = (5.0, 10.0, 30.0, 60.0)  # seconds until one is asked once more, then each time the last: some boot slowly

log = logging.getLogger(__name__)


class Marks:
    """Which of the modems that come and go have their stick plugged in: a file in *folder* for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> None:
        """There is a folder, and no mark in it: those of the last run may be of sticks that are gone."""
        self._folder.mkdir(exist_ok=True)
        for name in self.names():
            self.remove(name)

    def names(self) -> list[str]:
        """Whose stick is there."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []

    def put(self, name: str) -> None:
        """The stick of *name* is there."""
        (self._folder / name).touch()

    def remove(self, name: str) -> None:
        """It is not."""
        (self._folder / name).unlink(missing_ok=True)


@dataclass
class Stick:
    """One that is plugged in."""

    due: float  # when it is asked who it is
    asked: int = 0
    name: str = ""  # of its modem, once it has told
    why: str = ""  # why it has none yet


class Sticks:
    """All that are plugged in. `step` for ever, `wait` in between. Those that have one of the *spares* get a mark."""

    def __init__(self, marks: Marks, names: GivenNames, spares: Sequence[str]) -> None:
        self._marks = marks
        self._names = names
        self._spares = spares
        self._there: dict[tuple[str, ...], Stick] = {}  # by place and ports: with other ports it has started anew
        marks.begin()

    def step(self) -> bool:
        """Marks are as sticks are; at most one was asked, which may take some seconds. Never more to do at once."""
        self._names.put_away()
        now = time.monotonic()
        plugged_in = {(place, *ports): ports for place, ports in discovery.plugged_in().items()}
        for key in self._there.keys() - plugged_in.keys():
            self._gone(self._there.pop(key))
        for key in plugged_in:
            self._there.setdefault(key, Stick(due=now + SETTLED))
        for key, stick in self._there.items():
            if not stick.name and now >= stick.due:
                self._ask(stick, plugged_in[key])
                break
        return False

    def wait(self, _seconds: float) -> None:
        """Until the next look."""
        time.sleep(LOOK_EVERY)

    def _gone(self, stick: Stick) -> None:
        if stick.name in self._spares:
            self._marks.remove(stick.name)
        if stick.name:
            log.info("stick %s gone", stick.name)

    def _ask(self, stick: Stick, ports: Sequence[str]) -> None:
        try:
            port, imei = discovery.first_that_answers(ports)
            stick.name = self._names.give(imei)
            why = "" if stick.name else f"{port} has no name yet."
        except Offline as error:
            why = str(error)
        if stick.name in self._spares:
            self._marks.put(stick.name)
        if stick.name:
            log.info("stick %s found", stick.name)
        elif why != stick.why:
            log.info("stick without a modem: %r", why)
        stick.why = why
        stick.due = time.monotonic() + AGAIN[min(stick.asked, len(AGAIN) - 1)]
        stick.asked += 1
