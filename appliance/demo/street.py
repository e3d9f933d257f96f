"""The phones of the demo: what each has received and sent, and the people who answer by themselves."""

import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from appliance.demo.neighbours import BY_NUMBER, NEIGHBOURS, OFFICER, PATIENCE, REPLIES, Habit, Neighbour
from appliance.modem.emulator import Network

ALERT_WORDS = ("BIN DRINGEND", "BIN TEST", "PLP URGENT", "PLP TEST", "NIN DRINGEND", "NIN TEST", "BIN URGENT")


@dataclass(frozen=True)
class Bubble:
    """One line on a phone's screen."""

    way: Literal["in", "out", "ring"]  # in: from the box
    text: str
    at: str  # ISO, UTC


class Street:
    """All phones. Thread-safe: the network, the timers and the control socket come in different threads."""

    def __init__(self, network: Network, haste: float) -> None:
        self._network = network
        self._haste = haste  # 1: people take their time; 0.1: ten times as quick
        self._chance = random.Random(112)  # noqa: S311 - the same story each time; nothing secret hangs on it
        self._lock = threading.Lock()
        self._screens: dict[str, list[Bubble]] = {}
        self._answered: set[tuple[str, str]] = set()
        self._timers: list[threading.Timer] = []
        for neighbour in NEIGHBOURS:
            if neighbour.habit is Habit.OFF:
                network.unreachable(neighbour.number)
        network.on_delivery(self._received)

    def text(self, number: str, text: str) -> None:
        """The phone *number* texts the box."""
        self._note(number, "out", text)
        self._network.text(number, text)

    def ring(self, number: str) -> None:
        """The phone *number* rings the box for a moment."""
        self._note(number, "ring", "")
        self._network.ring(number)

    def screen(self, number: str) -> list[Bubble]:
        """Everything on that phone, oldest first."""
        with self._lock:
            return list(self._screens.get(number, ()))

    def screens(self) -> dict[str, list[Bubble]]:
        """`screen` of every phone that has something on it."""
        with self._lock:
            return {number: list(bubbles) for number, bubbles in self._screens.items()}

    def stop(self) -> None:
        """Nobody answers any more."""
        for timer in self._timers:
            timer.cancel()

    def _note(self, number: str, way: Literal["in", "out", "ring"], text: str) -> None:
        with self._lock:
            self._screens.setdefault(number, []).append(Bubble(way, text, datetime.now(UTC).isoformat()))

    def _received(self, number: str, text: str) -> None:
        self._note(number, "in", text)
        neighbour = BY_NUMBER.get(number)
        if neighbour and neighbour.habit in PATIENCE and text.startswith(ALERT_WORDS):
            self._plan(neighbour, text)

    def _plan(self, neighbour: Neighbour, text: str) -> None:
        """One answer to each alert, however often it comes."""
        if (neighbour.number, text) in self._answered:
            return
        self._answered.add((neighbour.number, text))
        seconds = self._chance.uniform(*PATIENCE[neighbour.habit]) * self._haste
        timer = threading.Timer(seconds, self._answer, (neighbour,))
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _answer(self, neighbour: Neighbour) -> None:
        if neighbour.habit is Habit.RINGS:
            self.ring(neighbour.number)
        else:
            words = REPLIES[neighbour.habit]
            self.text(neighbour.number, words.get(neighbour.language, words["nl"]))


def phones() -> list[dict[str, str]]:
    """Who holds which phone, the police first."""
    police = [{"number": OFFICER[1], "name": OFFICER[0], "role": "police", "street": "", "habit": Habit.PLAYED}]
    return police + [
        {"number": n.number, "name": n.name, "role": n.role, "street": n.street, "habit": n.habit} for n in NEIGHBOURS
    ]
