"""What named modems really answered (tests/data/transcripts, see FORMAT.txt): the driver copes, the emulator copies."""

import os
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from appliance.arrivals import Arrival, Encoding, Outgoing, Report, Text
from appliance.modem import Refused, Unanswered
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines, Dialogue, Silence
from appliance.modem.emulator import PROFILES, EmulatedModem, Network
from appliance.modem.unasked import Unasked

FOLDER = Path(__file__).parents[1] / "data" / "transcripts"
ADA = "+32470000001"
QUICK = Deadlines(answer=1.0, slow=1.0, wake=0.5, prompt=1.0, submit=1.0, rest=0.2, sim=5.0, caller=0.3, quiet=0.02)
FAMILIES = {
    "quectel-ec25": ["ec25"],
    "simcom-sim7600g": ["sim7600", "sim7000g"],
    "simcom-a7670e": ["a7670"],
    "simcom-sim800c": ["sim800c"],
    "huawei-e3531-e3131": ["e3531"],
    "huawei-e1752": ["e1752"],
    "zte-mf710-mf180": ["mf180", "mf710"],
    "sierra-mc7455": ["mc7455"],
}
NAMED = [name for names in FAMILIES.values() for name in names]
NEVER_FINAL = {"[CLAC never answers]", "[command list with doubled CR]"}  # no result line in the source
FINAL = re.compile(rb"\r\n(OK|ERROR|COMMAND NOT SUPPORT|\+CM[ES] ERROR: [^\r]*)\r\n")


@dataclass
class Exchange:
    """One thing that the host sends, and all that the modem says until the next one."""

    said: bytes
    answer: bytes = b""
    silent: bool = False


@dataclass
class Section:
    name: str
    exchanges: list[Exchange] = field(default_factory=list)
    unasked: list[bytes] = field(default_factory=list)


def octets(escaped: str) -> bytes:
    return escaped.encode("latin-1").decode("unicode_escape").encode("latin-1")


def sections(family: str) -> Iterator[Section]:
    section = Section("")
    for line in (FOLDER / f"{family}.txt").read_text(encoding="utf-8").splitlines():
        kind, rest = line[:1], line[2:]
        if kind == "[":
            yield section
            section = Section(line)
        elif kind == ">":
            section.exchanges.append(Exchange(rest.encode() + b"\r"))
        elif kind == "!":
            typed = bytes.fromhex(rest)
            if section.exchanges and section.exchanges[-1].said[-1:].isalnum() and not section.exchanges[-1].answer:
                section.exchanges[-1].said += typed
            else:
                section.exchanges.append(Exchange(typed))
        elif kind == "<" and section.exchanges:
            section.exchanges[-1].answer += octets(rest)
        elif kind == "~" and section.exchanges:
            section.exchanges[-1].silent = True
        elif kind == "*":
            section.unasked.append(octets(rest))
    yield section


ALL = [(family, section) for family in FAMILIES for section in sections(family) if section.exchanges]


class Clock:
    """Seconds that pass only when somebody waits in vain."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.02
        return self.now


@pytest.mark.parametrize(("family", "section"), ALL, ids=[f"{family} {section.name}" for family, section in ALL])
@pytest.mark.slow
def test_the_dialogue_understands_what_the_modem_answered(family, section):
    with Script() as script:
        for exchange in section.exchanges:
            replay(script, exchange, hopeless=section.name in NEVER_FINAL)


class Script(Dialogue):
    """A dialogue whose other end answers as it was told, once it was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self._host, self._modem = socket.socketpair()
        self._host.setblocking(False)
        super().__init__(self._host.fileno(), Unasked(), Clock())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._host.close()
        self._modem.close()

    def _write(self, octets: bytes, seconds: float = 5.0) -> None:
        super()._write(octets, seconds)
        if octets.endswith((b"\r", b"\x1a")):
            self._modem.sendall(self.answer)


def replay(script: Script, exchange: Exchange, *, hopeless: bool) -> None:
    """Ends in every case; with what the transcript shows when it shows an end."""
    script.answer = exchange.answer
    answered = FINAL.search(exchange.answer)
    command = exchange.said.rstrip(b"\r").decode("latin-1")
    typed = exchange.said.endswith(b"\x1a")
    if not typed and re.search(rb"\r\n> (\r\nOK\r\n)?$", exchange.answer):
        script.prompt(command, 0.2)
        return
    try:
        if typed:
            reference = script.hand_over("0031000B912374000000F10000A70500", 0.2, 0.1)
            assert f"+CMGS: {reference}".encode() in exchange.answer
        else:
            script.ask(command, 0.2)
            assert answered
            assert answered[1] == b"OK"
    except Refused as refused:
        assert answered
        assert answered[1] != b"OK", refused
    except Silence:
        assert exchange.silent or hopeless or not answered


# --- the emulator says the same


EXACTLY = [
    ("ec25", "quectel-ec25", "[three messages in a row, wrong memory]", 1),
    ("sim800c", "simcom-sim800c", "[identify]", 2),
    ("e3531", "huawei-e3531-e3131", "[memories]", 0),
    ("e3531", "huawei-e3531-e3131", "[CNMI test]", 0),
    ("e3531", "huawei-e3531-e3131", "[list, pdu, nothing]", 0),
    ("e1752", "huawei-e1752", "[unknown command]", 0),
    ("e1752", "huawei-e1752", "[CMMS refused]", 0),
    ("mf180", "zte-mf710-mf180", "[maker without]", 0),
    ("mf180", "zte-mf710-mf180", "[maker without]", 1),
    ("mf180", "zte-mf710-mf180", "[SMSC lost by CSMP]", 0),
    ("mf180", "zte-mf710-mf180", "[unsupported]", 0),
    ("mf710", "zte-mf710-mf180", "[maker with the command's name in front]", 0),
    ("mc7455", "sierra-mc7455", "[send while GPS is running]", 0),
    ("mc7455", "sierra-mc7455", "[send while GPS is running]", 1),
    ("mc7455", "sierra-mc7455", "[cure]", 0),
]


@pytest.mark.parametrize(("profile", "family", "name", "which"), EXACTLY)
def test_the_emulator_answers_as_that_modem_did(profile, family, name, which):
    section = next(section for section in sections(family) if section.name == name)
    exchange = section.exchanges[which]
    expected = exchange.answer if exchange.answer.startswith(b"AT") else exchange.said + exchange.answer
    with EmulatedModem("a", Network(), profile=profile) as modem:
        modem.cell.settings.verbose_errors = 1
        descriptor = os.open(modem.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        os.write(descriptor, exchange.said)
        heard, deadline = b"", time.monotonic() + 5
        while without_noise(heard, modem) != expected:
            assert time.monotonic() < deadline, (heard, expected)
            try:
                heard += os.read(descriptor, 4096)
            except BlockingIOError:
                time.sleep(0.002)
        os.close(descriptor)


def without_noise(heard: bytes, modem: EmulatedModem) -> bytes:
    for line in modem.cell.profile.noise:
        heard = heard.replace(f"\r\n{line}\r\n".encode(), b"")
    return heard


@dataclass
class House:
    network: Network
    emulated: EmulatedModem
    modem: AtModem

    def until(self, kind: type[Arrival]) -> Arrival:
        deadline = time.monotonic() + 10
        while True:
            found = [arrival for arrival in self.modem.collect() if isinstance(arrival, kind)]
            if found:
                return found[0]
            assert time.monotonic() < deadline, f"no {kind.__name__} came"
            self.modem.wait(0.1, -1)


@pytest.fixture(params=NAMED)
def house(request, tmp_path) -> Iterator[House]:
    network = Network()
    with EmulatedModem("a", network, profile=request.param, link=tmp_path / "modem") as emulated:
        emulated.reboot()  # the driver finds it starting
        modem = AtModem(str(emulated.link), name="a", deadlines=QUICK)
        modem.open()
        yield House(network, emulated, modem)
        modem.close()


@pytest.mark.slow
def test_every_named_modem_sends_receives_and_reports(house):
    segment = Outgoing(ADA, "Gezien", Encoding.GSM7, None, validity_minutes=360)
    try:
        house.modem.submit(segment)
    except Unanswered:  # a Sierra whose GPS runs: the text is out, and that is all that can be known
        assert house.emulated.cell.positioning
        house.modem.open()
    assert [sent.text for sent in house.network.airwaves] == ["Gezien"]
    report = house.until(Report)
    assert (report.number, report.status) == (ADA, 0)
    house.modem.discard(report)
    house.network.text(ADA, "OK")
    text = house.until(Text)
    assert (text.number, text.text) == (ADA, "OK")
    house.modem.discard(text)
    assert text not in house.modem.collect() or house.emulated.cell.profile.stores_twice


def test_every_profile_of_a_transcript_is_named_here():
    assert set(NAMED) < set(PROFILES)
    assert {path.stem for path in FOLDER.glob("*-*.txt")} == set(FAMILIES)
