"""Cuts a modem's power and gives it back, by the command of the settings: uhubctl, a relay, a HAT's own tool."""

import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PATIENCE = 60.0  # seconds; ten to twenty without power are part of it
BACK_WITHIN = 60.0  # seconds; a stick may show itself as a CD drive first
LOOK_EVERY = 0.1
LONGEST_WORDS = 200


class PowerFailed(Exception):
    """The command did not do it; `str()` says what it said."""


@dataclass(frozen=True)
class Cut:
    """What was seen during a trial; None: there was no port to look at."""

    seconds: float  # that the command took
    port_went: bool | None
    port_came_back: bool | None


def cycle(command: Sequence[str]) -> None:
    """*command* has ended well: the power was off and is on. Raises PowerFailed. There is no shell in between."""
    _run(command, None)


def trial(command: Sequence[str], port: Path | None) -> Cut:
    """The same, looking at *port* meanwhile: some hubs say that they switch, and do not. Raises PowerFailed."""
    began = time.monotonic()
    went = _run(command, port)
    seconds = round(time.monotonic() - began, 1)
    if port is None:
        return Cut(seconds, None, None)
    return Cut(seconds, went, _is_there(port))


def _run(command: Sequence[str], port: Path | None) -> bool:
    """Whether *port* was away at any moment. Output goes to a file: a full pipe would stop the command."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        except OSError as error:
            raise PowerFailed(f"{command[0]} cannot be run ({error.strerror}).") from error
        went = _watch(process, command[0], port)
        if process.returncode:
            raise PowerFailed(f"{command[0]} ended with {process.returncode}: {_words(said)}")
    return went


def _watch(process: subprocess.Popen[bytes], name: str, port: Path | None) -> bool:
    went = False
    until = time.monotonic() + PATIENCE
    while process.poll() is None:
        went = went or (port is not None and not port.exists())
        if time.monotonic() > until:
            process.kill()
            process.wait()
            raise PowerFailed(f"{name} did not end within {PATIENCE:g} seconds.")
        time.sleep(LOOK_EVERY)
    return went or (port is not None and not port.exists())


def _is_there(port: Path) -> bool:
    until = time.monotonic() + BACK_WITHIN
    while not port.exists():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_EVERY)
    return True


def _words(said: IO[bytes]) -> str:
    said.seek(0)
    return " ".join(said.read().decode("utf-8", "replace").split())[-LONGEST_WORDS:] or "it said nothing"
