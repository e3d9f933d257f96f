"""`appliance run` and `appliance demo`: the services in one terminal, each started again when it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

RESTART_AFTER = 1.0  # seconds, as RestartSec= in our units
STOP_WITHIN = 10.0  # seconds between asking and killing
AWAY = os.EX_UNAVAILABLE  # how a gateway ends whose stick is gone; our unit knows this number too


class Supervisor:
    """Children of this process; a context in which they run."""

    def __init__(self, config: Path | None, environment: Mapping[str, str], log: Path | None = None) -> None:
        self._config = config
        self._environment = environment
        self._log: IO[bytes] | None = log.open("ab") if log else None
        self._children: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}
        self._ended: dict[tuple[str, ...], float] = {}

    def __enter__(self) -> "Supervisor":
        """Nothing runs yet: see `start`."""
        return self

    def __exit__(self, *_: object) -> None:
        """All children are asked to stop, and killed when they do not."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._log:
            self._log.close()

    def start(self, *arguments: str) -> None:
        """Run `appliance *arguments*` from now on."""
        where = ["--config", str(self._config)] if self._config else []
        command = [sys.executable, "-m", "appliance", *where, *arguments]
        self._children[arguments] = subprocess.Popen(
            command, env=dict(self._environment), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    def ensure(self, *arguments: str) -> None:
        """The same, unless it is looked after already."""
        if arguments not in self._children:
            self.start(*arguments)

    def kill(self, *arguments: str) -> None:
        """SIGKILL that service, as a power cut would; `revive` starts it again."""
        self._children[arguments].kill()
        self._children[arguments].wait()

    def revive(self) -> Sequence[tuple[str, ...]]:
        """Start again what has ended, at most once per RESTART_AFTER; which services had ended.

        A gateway whose stick is away is looked after no longer.
        """
        now = time.monotonic()
        ended = [arguments for arguments, child in self._children.items() if child.poll() is not None]
        for arguments in ended:
            if self._children[arguments].returncode == AWAY:
                del self._children[arguments]
            elif now - self._ended.get(arguments, -RESTART_AFTER) >= RESTART_AFTER:
                self._ended[arguments] = now
                self.start(*arguments)
        return ended


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
