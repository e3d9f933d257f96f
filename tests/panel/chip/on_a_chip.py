"""The panel as systemd runs it, on a GPIO character device of the kernel's own: see machine.py."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHIP = next(Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*"))
CONFIG = Path("/etc/bin-kast/config.toml")
BUTTON, RED, GREEN, BLUE, BUZZER = 17, 22, 27, 24, 18
UNIT = "bin-kast-panel"
DEADLINE = 120.0
SEED = """
from datetime import timedelta
from appliance.people import members
from appliance import store
from appliance.clock import now
from appliance.people.members import Role
from appliance.models import ModemState
store.open_store("sqlite:////var/lib/bin-kast/bin.db")
for name, number in (("Lies", "0470000101"), ("Jan", "0470000102")):
    members.enrol(name, number, now(), "test", role=Role.COORDINATOR, consent="paper 2026")
ahead = now() + timedelta(days=1)
ModemState.create(name="a", heartbeat_at=ahead, changed_at=now(), online=True, registered=True, storage_total=20)
"""


def line(number: int) -> int:
    """What is on a pin now."""
    return int((CHIP / f"sim_gpio{number}/value").read_text())


def press() -> None:
    (CHIP / f"sim_gpio{BUTTON}/pull").write_text("pull-down")


def release() -> None:
    (CHIP / f"sim_gpio{BUTTON}/pull").write_text("pull-up")


def lamp() -> tuple[int, int, int]:
    return line(RED), line(GREEN), line(BLUE)


def film(seconds: float) -> list[tuple[int, int, int]]:
    """The lamp, some hundred times a second."""
    pictures, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        pictures.append(lamp())
        time.sleep(0.002)
    return pictures


def wait_for(fact: Callable[[], bool], seconds: float = DEADLINE) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, told("journalctl", "-n", "50", "-u", UNIT)
        time.sleep(0.01)


def told(*command: str, given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def restarts() -> int:
    return int(told("systemctl", "show", "-P", "NRestarts", UNIT))


def held() -> list[tuple[str, str]]:
    with sqlite3.connect("/var/lib/bin-kast/bin.db") as store:
        return store.execute("SELECT actor, verb FROM audit WHERE actor = 'knop' AND verb = 'held'").fetchall()


@pytest.fixture(scope="module", autouse=True)
def panel() -> Iterator[None]:
    """The unit as it is installed, started by systemd."""
    release()
    CONFIG.write_text(f"[panel]\nenabled = true\nbuzzer = {BUZZER}\n")
    CONFIG.chmod(0o644)
    print(told("systemctl", "start", "bin-kast-migrate"))
    print(told("runuser", "-u", "bin-kast", "--", "/usr/lib/bin-kast/bin/python", "-", given=SEED))
    print(told("systemctl", "start", UNIT))
    print(told("journalctl", "--no-pager", "-o", "cat", "-n", "20", "-u", UNIT))
    yield
    told("systemctl", "stop", UNIT)


def test_the_lamp_becomes_green_and_dips() -> None:
    wait_for(lambda: lamp() == (0, 1, 0))
    wait_for(lambda: lamp() == (0, 0, 0))  # an emulated processor may miss a dip or two
    wait_for(lambda: lamp() == (0, 1, 0), 2.0)


def test_a_hold_that_is_stopped_in_the_countdown_tells_nobody() -> None:
    press()
    time.sleep(4.0)
    assert line(RED) or any(red for red, _, _ in film(1.0))
    release()
    time.sleep(1.0)
    press()
    time.sleep(0.3)
    release()
    time.sleep(12.0)
    assert held() == []


def test_a_hold_tells_the_core_group_once_and_the_buzzer_counts_down() -> None:
    press()
    time.sleep(3.5)
    release()
    wait_for(lambda: line(BUZZER) == 1, 5.0)
    wait_for(lambda: held() == [("knop", "held")], 30.0)


def test_a_panel_that_hangs_never_shows_steady_green_for_longer_than_the_watchdog_waits() -> None:
    before = restarts()
    main = int(told("systemctl", "show", "-P", "MainPID", UNIT))
    os.kill(main, signal.SIGSTOP)
    while lamp() == (0, 0, 0):  # between two beats: a lamp that hangs while it is lit is what matters
        os.kill(main, signal.SIGCONT)
        time.sleep(0.05)
        os.kill(main, signal.SIGSTOP)
    began = time.monotonic()
    wait_for(lambda: lamp() == (0, 0, 0), 40.0)
    print(f"dark {time.monotonic() - began:.1f} s after it hung")
    wait_for(lambda: restarts() > before)


def test_a_panel_that_is_killed_leaves_the_lamp_dark_until_the_next_one() -> None:
    wait_for(lambda: any(lamp()))
    told("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT)
    wait_for(lambda: lamp() == (0, 0, 0), 5.0)
    wait_for(lambda: lamp() != (0, 0, 0))


def test_a_helper_walks_past_lamp_buzzer_and_button() -> None:
    told("systemctl", "stop", UNIT)
    command = ["/usr/lib/bin-kast/bin/appliance", "panel", "test", "--json"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) as walk:
        assert walk.stdin and walk.stderr
        for number, pin in enumerate((RED, GREEN, BLUE)):
            wait_for(lambda pin=pin: line(pin) == 1)
            assert sum(lamp()) == 1, number
            walk.stdin.write("y\n")
            walk.stdin.flush()
        wait_for(lambda: line(BUZZER) == 1)
        walk.stdin.write("y\n")
        walk.stdin.flush()
        for seconds, words in ((0.4, "kort op de knop"), (3.5, "drie tellen"), (0.4, "nog eens kort")):
            heard = ""
            while words not in heard:
                heard = walk.stderr.readline()
            time.sleep(1.0)
            press()
            time.sleep(seconds)
            release()
        answer = walk.communicate()[0]
    assert walk.returncode == 0, answer
