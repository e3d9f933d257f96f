"""What on this machine would keep the box from working, each in one sentence with the next step. Changes nothing."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from appliance import holders, modem_state, store
from appliance.models import ModemState
from appliance.modem import discovery
from appliance.modem.recovery import Step
from appliance.store import UnusableStore, faults
from appliance.store.faults import Fault

LOCK_WAIT = 5.0  # seconds: no transaction of ours is that long
LITTLE_ROOM = 200_000_000  # octets free
HEADER_PINS = range(2, 28)  # BCM numbers on the 40-pin header; 0 and 1 are for HATs
SIM_PIN = range(4, 9)  # digits, 3GPP TS 31.101 9.5.1
PTY_MAJORS = range(136, 144)  # /dev/pts/*, Linux admin-guide/devices.txt
GATEWAY_SILENT = timedelta(minutes=4)  # a submit may take three, and nothing is said meanwhile


class Verdict(StrEnum):
    """How bad it is."""

    GOOD = "good"
    ODD = "odd"  # it works, or may be meant so
    BAD = "bad"  # must be mended


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `step` is what to do about it, empty when all is well."""

    subject: str
    verdict: Verdict
    sentence: str
    step: str = ""


def folder(where: Path) -> Finding:
    """Whether this box's own folder, that of the database as a rule, is there, can be written in and has room."""
    if not where.is_dir():
        return Finding("folder", Verdict.BAD, f"{where} does not exist.", "Make it, or change [store] url.")
    if not os.access(where, os.W_OK):
        return Finding("folder", Verdict.BAD, f"{where} cannot be written in.", "Run this as the user of the services.")
    free = shutil.disk_usage(where).free
    if free < LITTLE_ROOM:
        return Finding("folder", Verdict.BAD, f"{where} has only {free // 1_000_000} MB left.", "Make room there.")
    return Finding("folder", Verdict.GOOD, f"{where} can be written in and has {free // 1_000_000} MB left.")


def database(url: str, folder: Path) -> Finding:
    """Whether the database is whole and of this version. Does not make one."""
    if store.is_shared(url):
        return _opened(url, folder, "The PostgreSQL server answers and its database is of this version.")
    path = store.path_of(url)
    if not path.exists():
        return Finding("database", Verdict.BAD, f"{path} does not exist yet.", "Run: appliance migrate")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as opened:
            answer = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        answer = str(error)
    if answer == "ok" and (who := _locked_by(path)):
        return Finding("database", Verdict.BAD, f"{path} is kept locked by {who}.", "Stop that program.")
    if answer != "ok":
        step = "Stop the services, move it aside and restore a backup: appliance restore FILE --key FILE"
        return Finding("database", Verdict.BAD, f"{path} is not a usable database ({answer}).", step)
    return _opened(url, folder, f"{path} is whole and of this version.")


def _locked_by(path: Path) -> str:
    """Who lets nobody write to *path* for LOCK_WAIT; empty when it can be written."""
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_WAIT, isolation_level=None)) as opened:
            opened.execute("BEGIN IMMEDIATE")
            opened.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if faults.of(error) is not Fault.LOCKED:
            return ""  # the folder is another finding
        return ", ".join(str(holder) for holder in holders.of(path) if not holder.ours) or "one of our own services"
    return ""


def _opened(url: str, folder: Path, good: str) -> Finding:
    try:
        store.open_store(url, folder)
        store.refuse_older()
    except UnusableStore as error:
        return Finding("database", Verdict.BAD, str(error))
    return Finding("database", Verdict.GOOD, good)


def port(modem: str, configured: str, devices: Path = discovery.USB) -> Finding:
    """Whether *configured*, the port of *modem*, is a tty that can be opened, and who else has it."""
    subject = f"modem {modem}"
    if configured in ("auto", "all"):
        return _any_port(subject, configured, devices)
    path = Path(configured)
    if not path.exists():
        return _missing(subject, f"{path} does not exist.", "Plug the modem in, or set port to auto.", devices)
    found = _usable(subject, path)
    if found.verdict is Verdict.GOOD and (better := discovery.at_port_beside(configured)):
        step = f"Set [[modem]] port to {better}, or to auto."
        return Finding(subject, Verdict.ODD, f"{path} is not the port on which this stick takes commands.", step)
    return found


def _usable(subject: str, path: Path) -> Finding:
    if not _is_tty(path):
        step = "Set [[modem]] port to one under /dev/serial/by-path."
        return Finding(subject, Verdict.BAD, f"{path} is not a serial port.", step)
    if not os.access(path, os.R_OK | os.W_OK):
        step = "Add the user to the group dialout."
        return Finding(subject, Verdict.BAD, f"{path} may not be opened by this user.", step)
    return _held(subject, path)


def _missing(subject: str, sentence: str, step: str, devices: Path) -> Finding:
    """A stick that is there as something else says itself what to do."""
    if other_mode := discovery.in_another_mode(devices):
        return Finding(subject, Verdict.BAD, other_mode)
    return Finding(subject, Verdict.BAD, sentence, step)


def _any_port(subject: str, configured: str, devices: Path) -> Finding:
    found = discovery.plugged_in().values()
    if not found:
        nothing = f"No modem is plugged in (port = {configured})."
        step = "Plug the USB modem in, wait ten seconds, run this again. To try it all without one: appliance demo"
        return _missing(subject, nothing, step, devices)
    sticks = [_worst([_usable(subject, Path(path)) for path in ports]) for ports in found]
    if all(stick.verdict is Verdict.BAD for stick in sticks):
        return sticks[0]
    if other_mode := discovery.in_another_mode(devices):
        return Finding(subject, Verdict.ODD, other_mode)
    names = ", ".join(path for ports in found for path in ports)
    return Finding(subject, Verdict.GOOD, f"The modem will be looked for on {names}.")


def _worst(findings: Sequence[Finding]) -> Finding:
    """Of the ports of one stick: when one cannot be used the others are left alone too."""
    return next((finding for finding in findings if finding.verdict is Verdict.BAD), findings[0])


def _held(subject: str, path: Path) -> Finding:
    having = holders.of(path)
    if own := next((holder for holder in having if holder.ours), None):
        return Finding(subject, Verdict.GOOD, f"{path} is in use by the gateway (process {own.process}).")
    if having:
        step = "Stop that program: only one can talk to a modem. For ModemManager: systemctl disable --now ModemManager"
        return Finding(subject, Verdict.BAD, f"{path} is held by {', '.join(map(str, having))}.", step)
    return Finding(subject, Verdict.GOOD, f"{path} is there and free.")


def seen(modem: str, now: datetime) -> Finding | None:
    """What the gateway of *modem* says about it, SIM and network included; None when none ever ran.

    The doctor asks no modem itself: only one program can talk to it.
    """
    row = modem_state.of(modem)
    if row is None:
        return None
    verdict, sentence, step = _judged(row, now)
    return Finding(f"gateway of modem {modem}", verdict, sentence, step)


def _judged(row: ModemState, now: datetime) -> tuple[Verdict, str, str]:
    if modem_state.away(row):
        others = modem_state.another_is_well(row.name, now)
        return Verdict.GOOD if others else Verdict.BAD, "Its stick is not plugged in.", "" if others else "Plug it in."
    if now - row.heartbeat_at > GATEWAY_SILENT:
        said = row.heartbeat_at.strftime("%Y-%m-%d %H:%M UTC")
        return Verdict.BAD, f"It last said something at {said}.", f"Run: systemctl restart bin-kast-gateway@{row.name}"
    if row.stopped or not row.online:
        gave_up = row.recovery_step == Step.GIVE_UP
        step = "All the box can do was tried: unplug the modem, wait ten seconds, plug it in again." if gave_up else ""
        return Verdict.BAD, row.stopped or row.fault, step
    if not row.registered:
        step = "Look at the antenna and at the subscription; move the box to a window."
        return Verdict.BAD, f"The modem has no network ({row.registration or 'it does not say why'}).", step
    if row.technology == "2G":
        step = "Buy an LTE modem: Belgian operators switch 2G off from the end of 2027."
        return Verdict.ODD, f"{row.operator} serves the modem over 2G only.", step
    name, network = row.model or "The modem", f"{row.operator} {row.technology}".strip() or "its network"
    return Verdict.GOOD, f"{name} answers, its SIM is open and {network} serves it.", ""


def _is_tty(path: Path) -> bool:
    """Without opening it: opening moves DTR, which some modems take as a reason to start anew."""
    about = path.stat()
    if not stat.S_ISCHR(about.st_mode):
        return False
    major, minor = os.major(about.st_rdev), os.minor(about.st_rdev)
    return major in PTY_MAJORS or Path(f"/sys/dev/char/{major}:{minor}/subsystem").resolve().name == "tty"


def sim_pin(modem: str, pin: str) -> Finding:
    """Whether *pin* can be the PIN of a SIM. It is not tried: three wrong ones lock the SIM."""
    subject = f"SIM PIN of modem {modem}"
    if not pin:
        return Finding(subject, Verdict.GOOD, "No PIN is set: the SIM must not ask for one.")
    if pin.isascii() and pin.isdigit() and len(pin) in SIM_PIN:
        return Finding(subject, Verdict.GOOD, "The PIN has the right form.")
    return Finding(subject, Verdict.BAD, "The PIN is not four to eight digits.", "Mend [[modem]] pin.")


def panel_pins(pins: Sequence[int]) -> Finding:
    """Whether *pins* are all different pins of the header, and the header is there."""
    wrong = [pin for pin in pins if pin not in HEADER_PINS]
    if wrong or len(set(pins)) != len(pins):
        named = f"{wrong[0]} is not on the header" if wrong else "two are the same"
        return Finding("panel pins", Verdict.BAD, f"GPIO {', '.join(map(str, pins))}: {named}.", "Mend [panel].")
    if not any(Path("/dev").glob("gpiochip*")):
        step = "On a machine without a header: set [panel] enabled = false."
        return Finding("panel pins", Verdict.ODD, "This machine has no GPIO: lamp and button do nothing.", step)
    return Finding(
        "panel pins", Verdict.GOOD, f"GPIO {', '.join(map(str, pins))} are all different pins of the header."
    )
