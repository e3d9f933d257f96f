"""Serves the page: one process, a handful of threads, requests that have begun end first."""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication

from cheroot.wsgi import Gateway_10, Server

from appliance.plain import PlainError

THREADS = 24
WAITING = 256  # requests taken before a thread is free for them; further ones wait in the kernel
BACKLOG = 128
CONNECTION = 60  # seconds: without a word on it a connection is closed
GRACE = 5  # seconds for requests that have begun; bin-kast-web.service waits longer
LOOK = 1.0  # seconds between two looks at connections that are to be closed
LARGEST_HEADER = 32_768  # octets
LARGEST_BODY = 64_000_000  # octets: a backup that is put back; the page allows less for all else
PIECE = 65_536  # octets
PROBE_EVERY = 30.0  # seconds
PROBE = b"GET /static/icon.svg HTTP/1.0\r\nHost: localhost\r\n\r\n"
HTTP = b"HTTP/1."

log = logging.getLogger(__name__)


class CannotListen(PlainError):
    """An address at which the page is to answer is not to be had."""


class Silent(Exception):
    """The page did not answer its own question."""


@contextmanager
def serving(page: WSGIApplication, listen: Sequence[str]) -> Iterator[None]:
    """Within it *page* answers at each of *listen*: "127.0.0.1:8080", "unix:/path". Raises CannotListen.

    One process, as the counts of wrong passwords are in its memory. At the end requests have GRACE seconds.
    """
    with ExitStack() as stack:
        for address in listen:
            server = _prepared(page, address)
            stack.callback(server.stop)
            Thread(target=server.serve, name=f"page at {address}", daemon=True).start()
        yield


def watch(address: str) -> Callable[[], bool]:
    """A step for `runner.run`: each PROBE_EVERY seconds the page is asked for something small at *address*.

    The step raises Silent when no answer comes: then accepting, threads or program hang, and systemd begins anew. It
    is said at once, as the end may hang too, until the watchdog ends it.
    """
    due = time.monotonic() + PROBE_EVERY

    def step() -> bool:
        nonlocal due
        if time.monotonic() >= due:
            _probe_aloud(address)
            due = time.monotonic() + PROBE_EVERY
        return False

    return step


def _probe_aloud(address: str) -> None:
    try:
        probe(address)
    except Silent as silent:
        log.critical("%s", silent)
        raise


def probe(address: str) -> None:
    """The page at *address* has answered, whatever it said. Raises Silent after CONNECTION seconds: others go first."""
    try:
        with _connected(address) as asking:
            asking.sendall(PROBE)
            answer = asking.recv(len(HTTP))
    except OSError as error:
        raise Silent(f"the page does not answer at {address}: {error}") from error
    if answer != HTTP:
        raise Silent(f"the page does not answer at {address}")


class _Gateway(Gateway_10):
    """Throws away in pieces what the page left unread, once it has answered: cheroot would take all of it to memory."""

    def start_response(self, *answer: Any) -> Any:
        """The connection will not be used again when the page answers before it has read the request."""
        if self._unread():
            self.req.close_connection = True
        return super().start_response(*answer)

    def respond(self) -> None:
        """Answered; whoever still sends has been listened to, for nginx reads no answer while it cannot write."""
        super().respond()
        while (unread := self._unread()) and self.req.rfile.read(min(unread, PIECE)):
            pass

    def _unread(self) -> int:
        return getattr(self.req.rfile, "remaining", 0)  # a body in chunks does not know


class _Server(Server):
    """cheroot's, with our measures."""

    max_request_header_size, max_request_body_size = LARGEST_HEADER, LARGEST_BODY
    expiration_interval = LOOK

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """What the server has to say goes where the rest of the program says it."""
        log.log(level, "%s", msg, exc_info=traceback)


def _prepared(page: WSGIApplication, address: str) -> Server:
    server = _Server(
        _endpoint(address), page, numthreads=THREADS, server_name="BIN-kast", request_queue_size=BACKLOG,
        timeout=CONNECTION, shutdown_timeout=GRACE, accepted_queue_size=WAITING,
    )  # fmt: skip
    server.gateway = _Gateway
    before = os.umask(0o007)  # of a unix socket: for its group as well, in which nginx is
    try:
        server.prepare()
    except OSError as error:
        raise CannotListen(f"The page cannot listen at {address}: {error}. Is another one running?") from error
    finally:
        os.umask(before)
    return server


def _endpoint(address: str) -> str | tuple[str, int]:
    if address.startswith("unix:"):
        return address.removeprefix("unix:")
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _connected(address: str) -> socket.socket:
    where = _endpoint(address)
    if isinstance(where, tuple):
        return socket.create_connection(where, CONNECTION)
    with ExitStack() as unless:
        connected = unless.enter_context(socket.socket(socket.AF_UNIX))
        connected.settimeout(CONNECTION)
        connected.connect(where)
        unless.pop_all()
    return connected
