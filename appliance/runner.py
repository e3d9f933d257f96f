"""Repeats a service's step until it is told to stop, and tells systemd that work is being done."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

IDLE_SECONDS = 1.0  # how long a service without work waits before it looks again by itself


def run(
    step: Callable[[], bool],
    wait: Callable[[float], None],
    *,
    over: Callable[[], bool] = lambda: False,
    amid: Callable[[], bool] = lambda: False,
) -> None:
    """Repeat *step*; when it says that there is no more to do, *wait*. Returns after SIGTERM or SIGINT, or when *over*.

    Not *amid* something that a person is doing: that is finished first. systemd waits 90 s.
    WATCHDOG=1 is said after each finished step, never from a side thread: it proves work, not life. A step in
    progress is finished first; what it cannot finish, commit point 4 remembers.
    """
    stopping = _stop_signal()
    notify("READY=1")

    def done() -> bool:
        return (stopping() or over()) and not amid()

    while not done():
        more = step()
        notify("WATCHDOG=1")
        if not more and not done():
            wait(IDLE_SECONDS)
    notify("STOPPING=1")


def _stop_signal() -> Callable[[], bool]:
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return lambda: bool(asked)


def told(name: str) -> Path | None:
    """The file in which systemd is told something (bin-kast-clock.path, bin-kast-battery.path); elsewhere none."""
    folder = os.environ.get("RUNTIME_DIRECTORY")
    return Path(folder) / name if folder else None


def notify(words: str) -> None:
    """Say *words* to the service manager (sd_notify(3)); nothing happens outside systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
