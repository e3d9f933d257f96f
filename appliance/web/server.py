"""Serves the page with gunicorn: one process, a handful of threads, a graceful stop."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        """Only what is given here: no file, no environment variable."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """The one application."""
        return self._app


def serve(app: Flask, listen: list[str], threads: int = 24) -> None:
    """Answer at each of *listen* ("127.0.0.1:8080", "unix:/path") until SIGTERM, then let requests end and return.

    One worker: the counts of wrong passwords are in its memory. It forks, so the store is opened again in the worker
    by the first request; call this from the main thread.
    """
    _Server(
        app,
        {
            "bind": listen, "workers": 1, "worker_class": "gthread", "threads": threads, "graceful_timeout": 5,
            "umask": 0o007, "control_socket_disable": True, "loglevel": "warning",
        },
    ).run()  # fmt: skip
