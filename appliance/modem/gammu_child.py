"""The child process that holds libgammu, seen from the gateway: asked, waited for, killed."""

import fcntl
import os
import select
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from typing import Any

from appliance.modem import NeedsHuman, Offline, Unsuitable
from appliance.modem.port import claim

# How the child says which Offline it means; the last one is any other.
LOST = {"unsuitable": Unsuitable, "human": NeedsHuman, "offline": Offline}
MODULE = "appliance.modem.gammu_inside"
AFTER_HANG_UP = 3.0  # seconds for an answer that is on its way when the port goes


class Dead(Exception):
    """The child did not answer in time, or ended."""


class Process:
    """The child, seen from the gateway."""

    def __init__(self, path: str) -> None:
        self._port = claim(path)
        fcntl.flock(self._port, fcntl.LOCK_UN)  # gammu takes the same lock itself; this one watches for hang-ups
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", MODULE, str(theirs.fileno())]
        with theirs:
            self._child = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._line = Connection(ours.detach())
        self._news = False

    def ask(self, request: tuple[object, ...], seconds: float) -> tuple[str, Any]:
        """The child's answer to *request*. Raises Dead when there is none within *seconds*, or the port went."""
        until = time.monotonic() + seconds
        try:
            self._line.send(request)
            while self._answered(until):
                kind, value = self._line.recv()
                if kind != "news":
                    return kind, value
                self._news = True
        except (OSError, EOFError) as error:
            raise Dead("the child process ended") from error
        raise Dead(f"no answer within {seconds:g} s, or the port has gone")

    def _answered(self, until: float) -> bool:
        """A message of the child is there; False at *until*, or soon after the port went: gammu would not notice."""
        poll = select.poll()
        poll.register(self._line.fileno(), select.POLLIN)
        poll.register(self._port, 0)  # hang-ups only
        ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
        if self._line.fileno() in ready:
            return True
        return bool(ready) and self._line.poll(min(AFTER_HANG_UP, max(0.0, until - time.monotonic())))

    def wait(self, seconds: float, bell: int) -> bool:
        """Until there are news, the bell rings, or *seconds* are over. False when child or port are gone."""
        if self._news:
            self._news = False
            return True
        poll = select.poll()
        poll.register(self._line.fileno(), select.POLLIN)
        poll.register(self._port, 0)
        if bell >= 0:
            poll.register(bell, select.POLLIN)
        ready = dict(poll.poll(seconds * 1000))
        if self._port in ready:
            return False
        try:
            if self._line.fileno() in ready:
                self._line.recv()  # only news come unasked
        except (OSError, EOFError):
            return False
        return True

    def kill(self) -> None:
        """A call into libgammu ends in no other way. Its own farewell can take seven minutes."""
        self._child.kill()
        self._child.wait()
        self._line.close()
        os.close(self._port)
