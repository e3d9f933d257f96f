"""The server under the page: where it listens, what it hands on, how it ends, and that silence is noticed."""

import socket
import stat
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.web import server
from appliance.web.server import Silent, probe, serving

PATIENCE = 20  # seconds


def free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return f"127.0.0.1:{place.getsockname()[1]}"


def connected(address: str) -> socket.socket:
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), PATIENCE)


def answered(talking: socket.socket) -> bytes:
    return b"".join(iter(lambda: talking.recv(4096), b""))


def hello(_environ: Any, start: Any) -> list[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def slow() -> Iterator[Any]:
    """A page that answers when the test lets it."""

    class Slow:
        asked, go_on = threading.Event(), threading.Event()

        def __call__(self, environ: Any, start: Any) -> list[bytes]:
            self.asked.set()
            assert self.go_on.wait(PATIENCE)
            return hello(environ, start)

    page = Slow()
    yield page
    page.go_on.set()


def test_the_page_answers_at_every_address_and_says_so_to_itself(tmp_path):
    inside, outside = f"unix:{tmp_path}/web.sock", free()
    with serving(hello, [inside, outside]):
        probe(inside)
        probe(outside)
    for address in (inside, outside):
        with pytest.raises(Silent):
            probe(address)


def test_nginx_may_speak_to_the_socket_by_its_group_and_nobody_else_may(tmp_path):
    place = tmp_path / "web.sock"
    with serving(hello, [f"unix:{place}"]):
        assert stat.S_IMODE(place.stat().st_mode) & 0o067 == 0o060


def test_a_socket_that_a_power_cut_left_behind_is_in_nobodys_way(tmp_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "web.sock"))
    with serving(hello, [f"unix:{tmp_path}/web.sock"]):
        probe(f"unix:{tmp_path}/web.sock")


@pytest.mark.slow
def test_an_address_that_another_program_has_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        config = tmp_path / "config.toml"
        config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/bin.db"\n[web]\nlisten = "{taken}"\n')
        command = [sys.executable, "-m", "appliance", "--config", str(config)]
        subprocess.run([*command, "migrate"], check=True, stdout=subprocess.DEVNULL)
        ended = subprocess.run([*command, "web"], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1), ended.stderr
    assert f"cannot listen at {taken}" in ended.stderr and "another" in ended.stderr


def test_a_request_that_has_begun_is_answered_although_the_service_ends(slow):
    address = free()
    with serving(slow, [address]), connected(address) as talking:
        talking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert slow.asked.wait(PATIENCE)
        threading.Timer(0.1, slow.go_on.set).start()  # while it is being stopped
        ending = talking.dup()
    with ending:
        ending.settimeout(PATIENCE)
        assert answered(ending).endswith(b"hello")


def test_who_waits_for_a_slow_page_does_not_keep_the_others_waiting(slow):
    def page(environ: Any, start: Any) -> list[bytes]:
        return slow(environ, start) if environ["PATH_INFO"] == "/slow" else hello(environ, start)

    address = free()
    with serving(page, [address]), connected(address) as waiting:
        waiting.sendall(b"GET /slow HTTP/1.0\r\n\r\n")
        assert slow.asked.wait(PATIENCE)
        probe(address)
        slow.go_on.set()
        assert answered(waiting).endswith(b"hello")


def refuses(_environ: Any, start: Any) -> list[bytes]:
    start("403 No", [("Content-Length", "2")])
    return [b"no"]


@pytest.mark.parametrize("announced", ["Content-Length: 60000000", "Transfer-Encoding: chunked"])
def test_the_page_refuses_a_large_upload_before_it_has_come(announced):
    address = free()
    with serving(refuses, [address]), connected(address) as talking:
        talking.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{announced}\r\n\r\n".encode())
        assert talking.recv(12) == b"HTTP/1.1 403"


def test_who_goes_on_sending_what_was_refused_still_hears_why_and_it_is_kept_nowhere():
    address = free()
    with serving(refuses, [address]), connected(address) as talking:
        talking.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n")
        tracemalloc.start()
        for _ in range(50):
            talking.sendall(bytes(1_000_000))
        assert answered(talking).endswith(b"no")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 5_000_000


def test_more_than_anybody_may_send_is_refused_by_the_server_itself():
    address = free()
    with serving(hello, [address]), connected(address) as talking:
        talking.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 64000001\r\n\r\n")
        assert talking.recv(12) == b"HTTP/1.1 413"


def test_after_a_request_that_was_read_the_connection_serves_the_next():
    def reads(environ: Any, start: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        return hello(environ, start)

    address = free()
    with serving(reads, [address]), connected(address) as talking:
        for _ in range(2):
            talking.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
            answer = b""
            while not answer.endswith(b"hello"):
                answer += talking.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")


def test_headers_without_end_are_refused():
    address = free()
    with serving(hello, [address]), connected(address) as talking:
        talking.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * server.LARGEST_HEADER + b"\r\n\r\n")
        assert talking.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-other\r\n"], ids=["nothing", "something else"])
def test_a_page_that_does_not_answer_in_http_is_noticed(said):
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            talking, _ = other.accept()
            with talking:
                talking.recv(4096)
                talking.sendall(said)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(Silent):
            probe(f"127.0.0.1:{other.getsockname()[1]}")
        answering.join()


def test_a_page_that_hangs_is_noticed_by_the_step_that_feeds_the_watchdog(slow, monkeypatch, caplog):
    monkeypatch.setattr(server, "CONNECTION", 0.2)
    monkeypatch.setattr(server, "PROBE_EVERY", 0.0)
    address = free()
    with serving(slow, [address]):
        step = server.watch(address)
        with pytest.raises(Silent, match="does not answer"):
            step()
        slow.go_on.set()
    assert "does not answer" in caplog.text


def test_between_two_questions_the_step_asks_nothing():
    asked: list[str] = []

    def page(environ: Any, start: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        return hello(environ, start)

    address = free()
    with serving(page, [address]):
        step: Callable[[], bool] = server.watch(address)
        assert [step() for _ in range(3)] == [False] * 3
    assert asked == []


def test_what_the_page_asks_itself_for_is_there():
    name = server.PROBE.split()[1].decode()
    assert Path(server.__file__).parent.joinpath(name.removeprefix("/")).is_file()
