"""How much of the modem's time is used, by this box and by its peers, on the same emulated modem in one run.

Ours is `appliance gateway` on SQLite with durable commits; beside it gammu-smsd and smstools (Debian packages, at their
best settings: look every second, ask the modem nothing needless), python-gammu in a loop and a bare serial loop, which
keep nothing on disk. A daemon's time runs from the moment that its idle queue is filled, a loop's from its first
AT+CMGS, both to the last text that the network took. Efficiency is the modem's own time / that time.

    python bench/throughput.py [--texts N] [--rounds N] [--only fast|half|slow|link|modems ...] [--json]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from senders import LOOPS, Client, GammuSmsd, Loop, Ours, Smstools, found

from appliance.modem.emulator import EmulatedModem, Network

STARTED = 60.0  # seconds to get ready
SETTLED = 2.5  # without a word to the modem: a daemon is idle
PATIENCE = 600.0
MODEMS = (1, 2, 4, 8)
QUICK = ("BIN-kast", "bare serial loop")


def clients() -> list[Client]:
    """Whoever can be measured here."""
    daemons = [kind() for kind, program in ((GammuSmsd, "gammu-smsd"), (Smstools, "smsd")) if found(program)]
    return [Ours(), *daemons, *(Loop(name) for name in LOOPS)]


@dataclass(frozen=True)
class Figure:
    """One client in one race."""

    race: str
    client: str
    modems: int
    texts: int
    own: float  # seconds that the modem itself needs
    seconds: float | None  # None: not within PATIENCE

    @property
    def rate(self) -> float:
        return self.texts / self.seconds if self.seconds else 0.0

    @property
    def efficiency(self) -> float:
        return self.own / self.seconds if self.seconds else 0.0


class Runner:
    """One client on its own modems and its own network."""

    def __init__(
        self, client: Client, folder: Path, texts: int, *, pace: float, kept: float | None, modems: int
    ) -> None:
        self.client = client
        self.texts = texts
        self.network = Network(reports=False)
        folder.mkdir()
        self.modems = [
            EmulatedModem(
                f"m{place}",
                self.network,
                seconds_per_submit=pace,
                seconds_on_kept_link=kept,
                link=folder / f"m{place}",
            )
            for place in range(modems)
        ]
        for modem in self.modems:
            modem.start()
        client.start(folder, [modem.link for modem in self.modems if modem.link], texts)
        self.began = 0.0

    def ready(self) -> bool:
        """Each of its modems was set up, and has then been silent for SETTLED, or been asked again and again."""
        return isinstance(self.client, Loop) or all(_settled(modem) for modem in self.modems)

    def begin(self) -> None:
        self.began = time.monotonic()
        self.client.fill()

    @property
    def done(self) -> bool:
        return len(self.network.airwaves) >= self.texts

    def seconds(self) -> float | None:
        if not self.done:
            return None
        first = next(wire.at for modem in self.modems for wire in modem.wire if wire.what.startswith("AT+CMGS"))
        return self.network.airwaves[self.texts - 1].at - (first if isinstance(self.client, Loop) else self.began)

    def end(self) -> None:
        self.client.stop()
        for modem in self.modems:
            modem.close()


def _settled(modem: EmulatedModem) -> bool:
    if not modem.wire:
        return False
    return time.monotonic() - modem.wire[-1].at > SETTLED or time.monotonic() - modem.wire[0].at > 4 * SETTLED


def race(
    name: str, running: Sequence[Client], texts: int, pace: float, *, kept: float | None = None, modems: int = 1
) -> list[Figure]:
    """All of *running* at the same time, each on modems of its own."""
    own = texts * pace if kept is None else pace + (texts - 1) * kept
    with tempfile.TemporaryDirectory() as folder:
        runners: list[Runner] = []
        try:
            for client in running:
                at = Path(folder) / str(len(runners))
                runners.append(Runner(client, at, texts * modems, pace=pace, kept=kept, modems=modems))
            wait_for(lambda: all(runner.ready() for runner in runners), STARTED)
            for runner in runners:
                runner.begin()
            wait_for(lambda: all(runner.done for runner in runners), PATIENCE)
            return [Figure(name, runner.client.name, modems, runner.texts, own, runner.seconds()) for runner in runners]
        finally:
            for runner in runners:
                runner.end()


def wait_for(fact: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.01)


# --- the races


def fast(texts: int, rounds: int) -> list[Figure]:
    """A modem of 0 s, each client alone, in turn; who needs no second per text gets ten times as many."""
    return [
        figure
        for _ in range(rounds)
        for client in clients()
        for figure in race("0 s per submit", [client], texts * (10 if client.name in QUICK else 1), 0.0)
    ]


def side_by_side(name: str, pace: float, kept: float | None = None) -> Callable[[int, int], list[Figure]]:
    """All clients at once: nearly all they do is wait."""

    def run(texts: int, rounds: int) -> list[Figure]:
        return [figure for _ in range(rounds) for figure in race(name, clients(), texts, pace, kept=kept)]

    return run


def many(texts: int, rounds: int) -> list[Figure]:
    """Ours on 1, 2, 4 and 8 modems of 0.5 s, so many texts per modem."""
    return [
        figure
        for _ in range(rounds)
        for modems in MODEMS
        for figure in race(f"{modems} modems, 0.5 s per submit", [Ours()], texts, 0.5, modems=modems)
    ]


RACES = {
    "fast": fast,
    "half": side_by_side("0.5 s per submit", 0.5),
    "slow": side_by_side("3.5 s per submit", 3.5),
    "link": side_by_side("AT+CMMS=2: 3.5 s, then 2.2 s", 3.5, 2.2),
    "modems": many,
}


def table(figures: Sequence[Figure]) -> str:
    """Medians of the rounds, race by race."""
    lines = [
        f"{'race':<30} {'client':<18} {'texts':>5} {'seconds':>8} {'msgs/s':>8} {'efficiency':>10} {'ours is':>9}",
    ]
    ours = {figure.race: _median(figures, figure.race, Ours.name) for figure in figures if figure.client == Ours.name}
    for race_name, client in dict.fromkeys((figure.race, figure.client) for figure in figures):
        middle = _median(figures, race_name, client)
        mine = ours.get(race_name)
        ratio = f"{mine.rate / middle.rate:.2f} x" if mine and middle.rate else "-"
        share = f"{middle.efficiency:.1%}" if middle.own else "-"
        seconds = f"{middle.seconds:.2f}" if middle.seconds else "not done"
        lines.append(
            f"{race_name:<30} {client:<18} {middle.texts:>5} {seconds:>8} {middle.rate:>8.2f} {share:>10} {ratio:>9}"
        )
    single = next((figure for figure in ours.values() if figure.race.startswith("1 modems")), None)
    for figure in ours.values():
        if single and figure.modems > 1:
            lines.append(f"{figure.modems} modems are {figure.rate / single.rate:.3f} times as fast as one")
    return "\n".join(lines)


def _median(figures: Sequence[Figure], race_name: str, client: str) -> Figure:
    """The round in the middle."""
    rounds = [figure for figure in figures if (figure.race, figure.client) == (race_name, client)]
    middle = statistics.median_low([figure.seconds or PATIENCE for figure in rounds])
    return next(figure for figure in rounds if (figure.seconds or PATIENCE) == middle)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--texts", type=int, default=20, help="per modem")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--only", nargs="+", choices=list(RACES), default=list(RACES))
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    for program, package in (("gammu-smsd", "gammu-smsd"), ("smsd", "smstools")):
        if not found(program):
            print(f"{package} is not measured: apt-get install {package} first.", file=sys.stderr)
    figures = [figure for name in chosen.only for figure in RACES[name](chosen.texts, chosen.rounds)]
    print(json.dumps([asdict(figure) for figure in figures]) if chosen.json else table(figures))


if __name__ == "__main__":
    main()
