"""Random and mutated octets into the PDU codec and the AT dialogue: no crash, no hang, no memory growth.

Half of them are noise or published messages with octets changed, read as a PDU; half are what modems said in
tests/data/transcripts, shuffled and spoilt, heard as answers to commands, as a prompt and as the outcome of a submit.
Stops at the first exception that is none of those that the codec or the dialogue promise.

    python bench/fuzz.py [--octets 10000000] [--seed N]
"""

import argparse
import contextlib
import json
import random
import re
import resource
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.modem import Refused, answers, pdu
from appliance.modem.dialogue import Deadlines, Dialogue, Gone, NotHandedOver, Silence
from appliance.modem.unasked import Unasked

DATA = Path(__file__).parents[1] / "tests" / "data"
PUBLISHED = json.loads((DATA / "pdus.json").read_text(encoding="utf-8"))
MESSAGES = [
    entry["hex"]
    for entry in PUBLISHED["decode"] + PUBLISHED["malformed"]
    if re.fullmatch("(?:[0-9A-Fa-f]{2})+", entry["hex"])
]
SPOKEN = [
    line[2:].encode("latin-1").decode("unicode_escape").encode("latin-1")
    for path in sorted((DATA / "transcripts").glob("*-*.txt"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line[:1] in ("<", "*")
]
SLOWEST = 5.0  # seconds for one PDU or one conversation: beyond it is a hang
WARM = 0.1  # of the octets: what is allocated until then is no growth
Chance = random.Random


@dataclass
class Figures:
    """What a run has done."""

    octets: int = 0
    cases: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    growth: int = 0  # octets of resident memory, from WARM on


def decode(hexadecimal: str) -> str:
    """How the codec takes *hexadecimal*: a kind of message, or "malformed"; all that reads one is tried."""
    for reads in (pdu.decode_submit, pdu.describe):
        with contextlib.suppress(pdu.Malformed):
            reads(hexadecimal)
    try:
        return type(pdu.decode(hexadecimal)).__name__
    except pdu.Malformed:
        return "malformed"


class Clock:
    """Goes on only when it is asked, so that nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Heard(Dialogue):
    """A dialogue whose modem says one thing once it was asked anything, and then hangs up."""

    def __init__(self, said: bytes) -> None:
        self._said, self._spoken = said, False
        self._host, self._modem = socket.socketpair()
        self._host.setblocking(False)
        super().__init__(self._host.fileno(), Unasked(), Clock())

    def _write(self, octets: bytes, seconds: float = 5.0) -> None:
        super()._write(octets, seconds)
        if not self._spoken and octets.endswith((b"\r", b"\x1a")):
            self._spoken = True
            self._modem.sendall(self._said)
            self._modem.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._host.close()
        self._modem.close()


def converse(said: bytes) -> Counter[str]:
    """Every call of the dialogue ends, in an answer or in one of its own errors."""
    calls = {
        "ask": lambda talk: answers.listing(talk.ask("AT+CMGL=4", 0.5)),
        "prompt": lambda talk: talk.prompt("AT+CMGS=18", 0.5),
        "hand over": lambda talk: talk.hand_over("0031000B912374000000F10000A70500", 0.5, 0.1),
        "wake": lambda talk: talk.wake(Deadlines(wake=0.1, quiet=0.001)),
    }
    ends: Counter[str] = Counter()
    for name, call in calls.items():
        talk = Heard(said)
        try:
            call(talk)
            ends[f"{name}: answered"] += 1
        except (Refused, Silence, Gone, NotHandedOver) as error:
            ends[f"{name}: {type(error).__name__}"] += 1
        finally:
            talk.close()
    return ends


def mutated(octets: bytes, chance: Chance) -> bytes:
    """*octets* with some changed, dropped, doubled or put in."""
    spoilt = bytearray(octets)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(4):
            case 0:
                spoilt[place : place + 1] = chance.randbytes(1)
            case 1:
                del spoilt[place : place + chance.randint(1, 5)]
            case 2:
                spoilt[place:place] = spoilt[place : place + 8]
            case _:
                spoilt[place:place] = chance.randbytes(chance.randint(1, 4))
    return bytes(spoilt)


def a_message(chance: Chance) -> bytes:
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(180))
    return mutated(bytes.fromhex(chance.choice(MESSAGES)), chance)


def a_speech(chance: Chance) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(6000))
    said = b"".join(chance.choices(SPOKEN, k=chance.randint(1, 12)))
    return mutated(said, chance) if chance.random() < 0.8 else said


def run(octets: int, seed: int) -> Figures:
    """Half of *octets* into the codec, half into the dialogue."""
    chance, figures, warm = Chance(seed), Figures(), 0
    spent = {"codec": 0, "dialogue": 0}
    while figures.octets < octets:
        which = min(spent, key=lambda name: spent[name])
        given = a_message(chance) if which == "codec" else a_speech(chance)
        began = time.monotonic()
        if which == "codec":
            figures.cases[f"codec: {decode(given.hex())}"] += 1
        else:
            figures.cases += converse(given)
        figures.slowest = max(figures.slowest, time.monotonic() - began)
        assert figures.slowest < SLOWEST, f"hangs on {given!r}"
        spent[which] += len(given)
        figures.octets += len(given)
        if not warm and figures.octets > WARM * octets:
            warm = _resident()
    figures.growth = _resident() - warm
    return figures


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--octets", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}")
    began = time.monotonic()
    figures = run(chosen.octets, chosen.seed)
    for name, count in sorted(figures.cases.items()):
        print(f"{name:<28}{count:>10}")
    print(f"octets                      {figures.octets:>10}")
    print(f"slowest case, ms            {1000 * figures.slowest:>10.1f}")
    print(f"memory growth, KB           {figures.growth // 1024:>10}")
    print(f"seconds                     {time.monotonic() - began:>10.1f}")


if __name__ == "__main__":
    main()
