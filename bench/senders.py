"""Whoever is measured by bench/throughput.py: this box, its peers, and loops that do nothing but send."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import gammu
import serial

from appliance import alerts, store
from appliance.alerts import MessageClass, Source
from appliance.arrivals import Encoding, Outgoing
from appliance.clock import now
from appliance.models import database
from appliance.modem import pdu
from appliance.neighbourhood import Neighbourhood
from appliance.people import members

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), secrets.randbelow)
TEXT = "Inbraak bezig"


def number(place: int) -> str:
    return f"+3247{place:07}"


class Client(Protocol):
    """Something that sends texts through the modems at *links*."""

    name: str

    def start(self, folder: Path, links: Sequence[Path], texts: int) -> None: ...
    def fill(self) -> None: ...
    def stop(self) -> None: ...


class Process:
    """What the clients that are programs have in common: where they live, and their end."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def run(self, *command: str | Path | int | None) -> None:
        quiet = subprocess.DEVNULL
        self._running.append(subprocess.Popen([str(part) for part in command], stdout=quiet, stderr=quiet))

    def end(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        self._running.clear()


class Ours:
    """One gateway per modem, all on one outbox."""

    name = "BIN-kast"

    def __init__(self) -> None:
        self._process = Process()

    def start(self, folder: Path, links: Sequence[Path], texts: int) -> None:
        store.open_store(f"sqlite:///{folder}/bin.db")
        store.migrate()
        for place in range(texts):
            members.enrol(f"Lid {place}", number(place), now(), "bench", consent="bench")
        names = [link.name for link in links]
        modems = [
            f'[[modem]]\nname = "{link.name}"\nport = "{link}"\ndriver = "at"\nsegments_per_day = 0\n'
            "segments_per_month = 0\n"
            for link in links
        ]
        config = folder / "config.toml"
        config.write_text(f'[store]\nurl = "sqlite:///{folder}/bin.db"\n' + "".join(modems))
        for name in names:
            self._process.run(sys.executable, "-m", "appliance", "--config", config, "gateway", "--modem", name)

    def fill(self) -> None:
        alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT, "Lies", now(), BIN)
        alerts.forward(alert, "Lies", "page", now(), BIN)

    def stop(self) -> None:
        self._process.end()
        database.close()


class GammuSmsd:
    """Files back-end. `tuned` in the sense of the project's earlier measurement."""

    name = "gammu-smsd"

    def __init__(self) -> None:
        self._process = Process()

    def start(self, folder: Path, links: Sequence[Path], texts: int) -> None:
        self._outbox, self._texts = folder / "outbox", texts
        for name in ("inbox", "outbox", "sent", "error"):
            (folder / name).mkdir()
        config = folder / "smsdrc"
        config.write_text(
            f"[gammu]\ndevice = {links[0]}\nconnection = at\n[smsd]\nservice = files\nlogfile = {folder}/log\n"
            f"inboxpath = {folder}/inbox/\noutboxpath = {folder}/outbox/\nsentsmspath = {folder}/sent/\n"
            f"errorsmspath = {folder}/error/\nreceivefrequency = 1\ncommtimeout = 1\nloopsleep = 1\nretrytimeout = 5\n"
            "checksecurity = 0\ncheckbattery = 0\nchecksignal = 0\nchecknetwork = 0\nresetfrequency = 0\n"
        )
        self._process.run(found("gammu-smsd"), "-c", config)

    def fill(self) -> None:
        for place in range(self._texts):
            name = f"OUTA20260101_000000_{place:02}_{number(place)}_bench.txt"
            (self._outbox / name).write_text(TEXT)

    def stop(self) -> None:
        self._process.end()


class Smstools:
    """`tuned`: it does not ask for the network before each text."""

    name = "smstools"

    def __init__(self) -> None:
        self._process = Process()

    def start(self, folder: Path, links: Sequence[Path], texts: int) -> None:
        self._outgoing, self._texts = folder / "outgoing", texts
        for name in ("outgoing", "checked", "failed", "sent", "incoming"):
            (folder / name).mkdir()
        config = folder / "smsd.conf"
        folders = "".join(f"{name} = {folder}/{name}\n" for name in ("outgoing", "checked", "failed", "sent"))
        config.write_text(
            f"devices = A\n{folders}incoming = {folder}/incoming\nlogfile = {folder}/log\ninfofile = {folder}/working\n"
            f"pidfile = {folder}/pid\ndelaytime = 1\nerrorsleeptime = 5\nblocktime = 5\nautosplit = 0\n"
            f"[A]\ndevice = {links[0]}\nincoming = yes\nbaudrate = 115200\ncheck_network = 0\nreport = no\n"
        )
        self._process.run(found("smsd"), f"-c{config}", "-t")

    def fill(self) -> None:
        for place in range(self._texts):
            (self._outgoing / f"{place:04}").write_text(f"To: {number(place)[1:]}\n\n{TEXT}")

    def stop(self) -> None:
        self._process.end()


class Loop:
    """A program that does nothing but send: `--loop KIND` below."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = Process()

    def start(self, folder: Path, links: Sequence[Path], texts: int) -> None:
        self._link, self._texts = links[0], texts

    def fill(self) -> None:
        self._process.run(sys.executable, __file__, self.name, self._link, self._texts)

    def stop(self) -> None:
        self._process.end()


def loop_serial(port: str, texts: int) -> None:
    with serial.Serial(port, 115200, timeout=60) as line:
        for command in (b"ATE0", b"AT+CMGF=0", b"AT+CMMS=2"):
            line.write(command + b"\r")
            line.read_until(b"OK\r\n")
        for place in range(texts):
            made = pdu.encode_submit(Outgoing(number(place), TEXT, Encoding.GSM7, None, 360, report=False))
            line.write(f"AT+CMGS={made.length}\r".encode())
            line.read_until(b"> ")
            line.write(made.hex.encode() + b"\x1a")
            line.read_until(b"OK\r\n")


def loop_gammu(port: str, texts: int) -> None:
    machine = gammu.StateMachine()
    machine.SetConfig(0, {"Device": port, "Connection": "at"})
    machine.Init()
    for place in range(texts):
        machine.SendSMS({"Text": TEXT, "SMSC": {"Location": 1}, "Number": number(place)})


LOOPS = {"python-gammu loop": loop_gammu, "bare serial loop": loop_serial}


def found(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


if __name__ == "__main__":
    LOOPS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
