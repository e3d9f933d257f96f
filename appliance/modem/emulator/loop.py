"""A thread that sleeps until a port, a timer or another thread wants something. No busy waiting."""

import contextlib
import heapq
import itertools
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from appliance.modem.emulator.tty import Port

Action = Callable[[], object]
_PATIENCE = 10.0  # seconds for the thread to do what another one asks


class Loop:
    """Runs what it is asked, one thing after the other, in its own thread from `start` to `stop`."""

    def __init__(self, name: str, *, port: Callable[[], Port | None], listen: Action, end: Action) -> None:
        self._port = port
        self._listen = listen  # called whenever there may be something to read
        self._end = end  # called last
        self._timers: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._asked: deque[Action] = deque()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closing = False
        self._open = threading.Lock()  # nobody rings a bell that is closed: its number may be another file's
        self._thread = threading.Thread(target=self._serve, name=f"modem {name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is still asked is forgotten."""
        self._closing = True
        os.eventfd_write(self._bell, 1)
        self._thread.join()
        with self._open:
            os.close(self._bell)

    def ask(self, action: Action) -> None:
        """Do *action* soon; before anything that is read later than now."""
        self._asked.append(action)
        if threading.current_thread() is not self._thread:
            with self._open:
                if not self._closing:
                    os.eventfd_write(self._bell, 1)

    def do(self, action: Action) -> None:
        """Do *action*; it is done when this returns. Raises what it raises."""
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            action()
            return
        done: Future[None] = Future()

        def carry_out() -> None:
            try:
                action()
                done.set_result(None)
            except Exception as error:
                done.set_exception(error)

        self.ask(carry_out)
        done.result(_PATIENCE)

    def after(self, seconds: float, action: Action) -> None:
        """Do *action* that many seconds from now."""
        due = time.monotonic() + seconds
        self.ask(lambda: heapq.heappush(self._timers, (due, next(self._order), action)))

    def _serve(self) -> None:
        try:
            while not self._closing:
                self._wait()
                self._run_due()
                self._listen()
        finally:
            self._end()

    def _wait(self) -> None:
        waiting = select.poll()
        waiting.register(self._bell, select.POLLIN)
        port = self._port()
        if port is not None:
            waiting.register(port.master, select.POLLIN | (select.POLLOUT if port.behind else 0))
        left = max(0.0, self._timers[0][0] - time.monotonic()) * 1000 if self._timers else None
        waiting.poll(0 if self._asked else left)

    def _run_due(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        self._run_asked()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()
            self._run_asked()

    def _run_asked(self) -> None:
        while self._asked:
            self._asked.popleft()()
