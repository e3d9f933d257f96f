"""The emulator's verbs, for another process (`appliance.control.call`) and for a script of timed lines.

A verb's arguments are words, numbers and yes or no; `modem` is a name, "" stands for the first.
"""

import inspect
import shlex
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from appliance.modem.emulator.modem import EmulatedModem
from appliance.modem.emulator.moments import Moment, Wire
from appliance.modem.emulator.network import Call, Network, Sent
from appliance.modem.emulator.usb import Mode

Verbs = Mapping[str, Callable[..., Any]]


def verbs(network: Network, modems: Sequence[EmulatedModem]) -> Verbs:
    """Everything that may be asked of *network* and *modems*, by name."""
    return {**_public(_World(network)), **_public(_Hardware(modems))}


def _public(of: object) -> dict[str, Callable[..., Any]]:
    return {name: verb for name, verb in inspect.getmembers(of, inspect.ismethod) if not name.startswith("_")}


class _World:
    """What people, phones and the network do."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def text(self, number: str, text: str, modem: str = "") -> None:
        self._network.text(number, text, to=modem)

    def raw(self, hex: str, modem: str = "") -> None:
        self._network.raw(hex, to=modem)

    def ring(self, number: str, seconds: float = 20.0, modem: str = "") -> None:
        self._network.ring(number, to=modem, seconds=seconds)

    def airwaves(self, since: int = 0) -> list[Sent]:
        return self._network.airwaves[since:]

    def calls(self, since: int = 0) -> list[Call]:
        return self._network.calls[since:]

    def inbox(self, number: str) -> list[str]:
        return self._network.inbox(number)

    def phones(self) -> dict[str, list[str]]:
        return dict(self._network.phones)

    def refuse(self, number: str, code: int | str) -> None:
        self._network.refuse(number, code)

    def accept(self, number: str) -> None:
        self._network.accept(number)

    def refuse_next(self, code: int | str, times: int = 1) -> None:
        self._network.refuse_next(code, times)

    def silence_next_submit(self, after_accept: bool) -> None:
        self._network.silence_next_submit(after_accept)

    def accept_but_say(self, code: int | str) -> None:
        self._network.accept_but_say(code)

    def delay_next_answer(self, seconds: float) -> None:
        self._network.delay_next_answer(seconds)

    def unreachable(self, number: str, expires_after: float | None = None) -> None:
        self._network.unreachable(number, expires_after)

    def reachable(self, number: str) -> None:
        self._network.reachable(number)

    def registration(self, stat: int) -> None:
        self._network.registration = stat

    def reports(self, on: bool) -> None:
        self._network.reports = on

    def report_after(self, seconds: float) -> None:
        self._network.report_after = seconds


class _Hardware:
    """What happens to the modems."""

    def __init__(self, modems: Sequence[EmulatedModem]) -> None:
        self._modems = {modem.name: modem for modem in modems}

    def _modem(self, name: str) -> EmulatedModem:
        return self._modems[name] if name else next(iter(self._modems.values()))

    def paths(self) -> dict[str, str]:
        return {name: modem.path for name, modem in self._modems.items()}

    def stored(self, modem: str = "") -> dict[str, int]:
        return {name: len(slots) for name, slots in self._modem(modem).cell.stores.items()}

    def wire(self, since: float = 0.0, modem: str = "") -> list[Wire]:
        return [entry for entry in self._modem(modem).wire.copy() if entry.at > since]

    def seconds_per_submit(self, seconds: float, modem: str = "") -> None:
        self._modem(modem).seconds_per_submit = seconds

    def unplug(self, modem: str = "") -> None:
        self._modem(modem).unplug()

    def unplug_at(self, moment: Moment, modem: str = "") -> None:
        self._modem(modem).at_moment(Moment(moment), self._modem(modem).unplug)

    def plug_in(self, reset: bool = True, mode: Mode = Mode.MODEM, modem: str = "") -> None:
        self._modem(modem).plug_in(reset=reset, mode=Mode(mode))

    def hang(self, modem: str = "") -> None:
        self._modem(modem).hang()

    def hang_at(self, moment: Moment, modem: str = "") -> None:
        self._modem(modem).at_moment(Moment(moment), self._modem(modem).hang)

    def wake(self, modem: str = "") -> None:
        self._modem(modem).wake()

    def reboot(self, modem: str = "") -> None:
        self._modem(modem).reboot()

    def unsolicited(self, line: str, modem: str = "") -> None:
        self._modem(modem).unsolicited(line)

    def garbage(self, hex: str, modem: str = "") -> None:
        self._modem(modem).garbage(bytes.fromhex(hex))

    def pin(self, pin: str, modem: str = "") -> None:
        self._modem(modem).cell.card.pin = pin

    def chatter(self, line: str, every: float, modem: str = "") -> None:
        self._modem(modem).chatter(line, every)

    def announces(self, on: bool, modem: str = "") -> None:
        self._modem(modem).announces = on

    def card_busy(self, seconds: float, modem: str = "") -> None:
        self._modem(modem).card_busy(seconds)


@dataclass(frozen=True)
class Line:
    """One line of a script: at so many seconds from its start, do this."""

    at: float
    verb: str
    values: tuple[Any, ...]


class BadScript(ValueError):
    """A script line that says nothing we can do. `str()` names the line."""


def read_script(path: Path, known: Verbs) -> list[Line]:
    """The lines of *path*, each `SECONDS VERB [VALUE...]`, sorted by time.

    For instance `2.0 text +32470000001 OK, ik kom`: quotes as in a shell; a last value that is a text takes the rest
    of the line. Empty lines and lines that start with # are skipped. Raises BadScript.
    """
    lines = []
    for count, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                lines.append(_line(line, known))
            except (ValueError, KeyError, TypeError) as error:
                raise BadScript(f"{path.name}, line {count}: {error}") from error
    return sorted(lines, key=lambda entry: entry.at)


def _line(line: str, known: Verbs) -> Line:
    at, verb, *words = shlex.split(line)
    wanted = [each for each in inspect.signature(known[verb]).parameters.values() if each.name != "modem"]
    if len(words) > len(wanted) > 0 and wanted[-1].annotation is str:
        words = [*words[: len(wanted) - 1], " ".join(words[len(wanted) - 1 :])]
    if len(words) > len(wanted):
        raise ValueError(f"{verb} takes {len(wanted)} values")
    values = [msgspec.convert(word, each.annotation, strict=False) for word, each in zip(words, wanted, strict=False)]
    inspect.signature(known[verb]).bind(*values)
    return Line(float(at), verb, tuple(values))


def play(script: Sequence[Line], known: Verbs, stop: threading.Event) -> None:
    """Do what *script* says, each at its time, until *stop* is set."""
    began = time.monotonic()
    for line in script:
        if stop.wait(max(0.0, began + line.at - time.monotonic())):
            return
        known[line.verb](*line.values)
