"""Serves the page with gunicorn: one process, a handful of threads, a graceful stop.

Beside it gunicorn keeps one that only watches. That one takes the place of the command that calls `serve` and holds
nothing of what the command had loaded; the page is made in the process that serves it. A box has both all day.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

THREADS = 24


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make: str, options: dict[str, Any]) -> None:
        self._make, self._options = make, options
        super().__init__()

    def load_config(self) -> None:
        """Only what is given here: no file, no environment variable."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> WSGIApplication:
        """The one application; asked for in the process that serves it."""
        page: WSGIApplication = import_app(self._make)
        return page


def serve(make: str, listen: Sequence[str]) -> NoReturn:
    """From here on the process is gunicorn: what *make* makes answers at each of *listen* until SIGTERM.

    *make*: "package.module:function('argument')". *listen*: "127.0.0.1:8080", "unix:/path". Requests end first.
    """
    isolated = ["-I"] if sys.flags.isolated else []
    os.execv(sys.executable, [sys.executable, *isolated, "-m", __name__, make, *listen])  # noqa: S606 - no shell is meant


def main() -> None:
    """What `serve` has begun. One worker: the counts of wrong passwords are in its memory."""
    make, *listen = sys.argv[1:]
    _Server(
        make,
        {
            "bind": listen, "workers": 1, "worker_class": "gthread", "threads": THREADS, "graceful_timeout": 5,
            "umask": 0o007, "control_socket_disable": True, "loglevel": "warning",
        },
    ).run()  # fmt: skip


if __name__ == "__main__":
    main()
