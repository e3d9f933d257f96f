"""Wakes a service that waits: "look again". It carries no facts; those are in the database.

Each listener binds one datagram socket in a folder; whoever has committed work rings all of them. Losing a ring
costs seconds (services also look on their own), never a promise.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def short(folder: Path) -> Iterator[str]:
    """*folder* under a name short enough for a socket address, which holds 108 octets only."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


class Doorbell:
    """One listener. `fileno()` is readable once somebody has rung, until `answer()`."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{name}.bell"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._path.unlink(missing_ok=True)
        with short(folder) as name_of:
            self._socket.bind(f"{name_of}/{self._path.name}")

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._socket.fileno()

    def answer(self) -> None:
        """Forget all rings so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        with contextlib.suppress(OSError):  # a disk that lets nothing be written any more
            self._path.unlink()


def ring(folder: Path) -> None:
    """Wake every listener in *folder*. A listener that is gone or has rings enough is no error."""
    if not folder.is_dir():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as caller, short(folder) as name_of:
        for path in folder.glob("*.bell"):
            with contextlib.suppress(OSError):
                caller.sendto(b"!", f"{name_of}/{path.name}")
