"""Serves the page with gunicorn: one process, a handful of threads, a graceful stop.

Beside it gunicorn keeps one that only watches over it. It has nothing of the page in memory: the page is made in the
process that serves it.
"""

from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make: Callable[[], WSGIApplication], options: dict[str, Any]) -> None:
        self._make, self._options = make, options
        super().__init__()

    def load_config(self) -> None:
        """Only what is given here: no file, no environment variable."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> WSGIApplication:
        """The one application; asked for in the process that serves it."""
        return self._make()


def serve(make: Callable[[], WSGIApplication], listen: list[str], threads: int = 24) -> None:
    """What *make* makes answers at each of *listen* ("127.0.0.1:8080", "unix:/path") until SIGTERM; requests end first.

    One worker: the counts of wrong passwords are in its memory. It is forked, so the store is opened again in it by
    the first request; call this from the main thread.
    """
    _Server(
        make,
        {
            "bind": listen, "workers": 1, "worker_class": "gthread", "threads": threads, "graceful_timeout": 5,
            "umask": 0o007, "control_socket_disable": True, "loglevel": "warning",
        },
    ).run()  # fmt: skip
