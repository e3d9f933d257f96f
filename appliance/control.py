"""A control socket: named functions of this process, callable from another one of the same user.

One JSON object per line. Asked: `{"verb": "text", "arguments": {"number": "+32470000001", "text": "OK"}}`;
answered: `{"value": ...}` or `{"error": "why not"}`. The socket's file is mode 0600 and there is no other protection.
Toys and tests use it; the three services do not talk to each other this way.
"""

import contextlib
import dataclasses
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from appliance.doorbell import short

LONGEST_LINE = 1_000_000
_PATIENCE = 10.0


class ControlError(Exception):
    """The other side understood the call and would not do it. `str()` says why."""


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False  # a caller that stays connected must not hold up the end

    def __init__(self, path: Path, verbs: Mapping[str, Callable[..., Any]]) -> None:
        self.path = path
        self.verbs = verbs
        super().__init__(str(path), _Handler)

    def server_bind(self) -> None:
        """Take the address; 0600 before the first caller can come in, since nobody can before `listen`."""
        self.path.unlink(missing_ok=True)
        with short(self.path.parent) as folder:
            self.socket.bind(f"{folder}/{self.path.name}")
        self.path.chmod(0o600)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer line after line until the caller goes."""
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(LONGEST_LINE):
                self.wfile.write(_answer(line, self.server.verbs))


def _answer(line: bytes, verbs: Mapping[str, Callable[..., Any]]) -> bytes:
    """One line for one line. A verb that fails is an answer, not the end of the server."""
    try:
        asked = json.loads(line)
        value = verbs[asked["verb"]](**asked.get("arguments", {}))
        answer = {"value": value}
    except KeyError as error:
        answer = {"error": f"unknown: {error}"}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    return json.dumps(answer, default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


@contextlib.contextmanager
def serve(path: Path, verbs: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Answer calls of *verbs* at the unix socket *path*, each caller in a thread of its own, until the block ends.

    Arguments come by name. What a verb returns must be JSON, dataclasses included; anything else becomes its `str()`.
    """
    with _Server(path, verbs) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=f"control {path.name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink(missing_ok=True)


def call(path: Path, verb: str, **arguments: Any) -> Any:
    """What *verb* at the socket *path* returned. Raises ControlError, or OSError when nobody answers there."""
    with socket.socket(socket.AF_UNIX) as line, short(path.parent) as folder:
        line.settimeout(_PATIENCE)
        line.connect(f"{folder}/{path.name}")
        line.sendall(json.dumps({"verb": verb, "arguments": arguments}).encode() + b"\n")
        with line.makefile("rb") as answers:
            answered = json.loads(answers.readline() or b'{"error": "no answer"}')
    if "error" in answered:
        raise ControlError(answered["error"])
    return answered["value"]
