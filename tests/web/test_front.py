"""The real nginx with the configuration that ships, before the real page on its socket."""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from appliance import clock
from appliance.tls import renewal
from tests.web.conftest import wait_for

ROOT = Path(__file__).parents[2]
NAMES = ("bin.local", os.uname().nodename.lower())
FORM = "multipart/form-data; boundary=x"
LANGUAGES = ("De kast start op.", "Le boîtier démarre.", "Die Box startet.", "The box is starting.")

pytestmark = pytest.mark.slow


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [opened.getsockname()[1] for opened in sockets]


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes


def answered(asking: HTTPConnection) -> Answer:
    with contextlib.closing(asking):
        got = asking.getresponse()
        return Answer(got.status, got.headers, got.read())


class Front:
    """The server in front, as a phone at home reaches it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.certificates = folder, folder / "tls"
        self.plain_port, self.port = free_ports(2)
        self.certificates.mkdir()
        self.renew()
        self.conf = folder / "nginx.conf"
        self.conf.write_text(self._placed((ROOT / "systemd/nginx.conf").read_text(encoding="utf-8")))

    def renew(self, *addresses: IPv4Address) -> None:
        renewal.renew(self.certificates, NAMES, addresses, clock.now())

    def _placed(self, shipped: str) -> str:
        """What ships, but for its places and ports."""
        for before, after in (
            ("/var/lib/bin-kast-tls", str(self.certificates)), ("/run/bin-kast-front", str(self.folder)),
            ("/run/bin-kast/web.sock", str(self.folder / "web.sock")),
            ("listen 80", f"listen 127.0.0.1:{self.plain_port}"), ("listen 443", f"listen 127.0.0.1:{self.port}"),
        ):  # fmt: skip
            assert before in shipped
            shipped = shipped.replace(before, after)
        return shipped

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificates / "ca.crt")

    def connected(self, server_name: str = "bin.local") -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.trusting().wrap_socket(raw, server_hostname=server_name)

    def get(self, path: str, host: str = "bin.local", method: str = "GET", body: bytes | None = None) -> Answer:
        asking = HTTPSConnection("127.0.0.1", self.port, timeout=20)
        asking.sock = self.connected()
        asking.request(method, path, body=body, headers={"Host": host})
        return answered(asking)

    def get_plain(self, path: str, host: str = "bin.local") -> Answer:
        asking = HTTPConnection("127.0.0.1", self.plain_port, timeout=20)
        asking.request("GET", path, headers={"Host": host})
        return answered(asking)

    def serial(self) -> str:
        with self.connected() as talking:
            return str((talking.getpeercert() or {})["serialNumber"])


def listens(address: object, family: int = socket.AF_INET) -> bool:
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


@contextlib.contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command) as process:
        yield process
        process.terminate()


@contextlib.contextmanager
def standing(folder: Path) -> Iterator[Front]:
    front = Front(folder)
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert nginx, "Debian's nginx is not installed: make test-packages"
    rights = ("-g", "user root;") if os.getuid() == 0 else ()  # the unit has a user of its own instead
    with running(nginx, "-e", "stderr", "-c", str(front.conf), *rights) as process:
        front.process = process
        wait_for(lambda: listens(("127.0.0.1", front.port)))
        yield front


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """Nothing is behind it yet."""
    with standing(tmp_path) as front:
        yield front


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The page runs too."""
    folder = tmp_path_factory.mktemp("page")
    config, socket_file = folder / "config.toml", folder / "web.sock"
    config.write_text(f'[store]\nurl = "sqlite:///{folder}/bin.db"\n[web]\nlisten = "unix:{socket_file}"\n')
    appliance = (sys.executable, "-m", "appliance", "--config", str(config))
    subprocess.run([*appliance, "migrate"], check=True, stdout=subprocess.DEVNULL, timeout=120)
    with standing(folder) as front, running(*appliance, "web"):
        wait_for(lambda: listens(str(socket_file), socket.AF_UNIX))
        yield front


def test_a_phone_that_trusts_the_box_gets_the_page(page):
    answer = page.get("/aanmelden")
    assert answer.status in (200, 302)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] == "nginx"  # and no version
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert all("Secure" in cookie and cookie.startswith("__Host-") for cookie in cookies)


def test_without_trust_there_is_no_page(front):
    with (
        socket.create_connection(("127.0.0.1", front.port), timeout=20) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname="bin.local")


def test_without_tls_there_is_only_the_way_to_tls_and_what_a_phone_must_trust_first(front):
    answer = front.get_plain("/leden?zoek=x")
    assert (answer.status, answer.headers["Location"]) == (301, "https://bin.local/leden?zoek=x")
    authority = front.get_plain("/bin-kast.crt")
    assert authority.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert authority.body == (front.certificates / "ca.crt").read_bytes()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "bin.local.evil.example", "x"])
def test_who_calls_the_page_by_another_name_is_sent_away_before_it_hears_of_it(page, host):
    assert page.get("/", host=host).status == 421
    assert page.get_plain("/", host=host).status == 421


def test_a_list_longer_than_any_is_refused_before_the_page_hears_of_it(page):
    assert page.get("/leden/lijst", method="POST", body=b"x" * 2_200_000).status == 413


def test_four_hundred_who_connect_and_say_nothing_lock_nobody_out(page):
    with contextlib.ExitStack() as stack:
        for number in range(400):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", page.port), timeout=20))
            if number % 2:
                idle.send(b"\x16")
        assert page.get("/aanmelden").status in (200, 302)


def announced(page: Front, length: int) -> ssl.SSLSocket:
    """The head of a backup that somebody says he will send."""
    talking = page.connected()
    head = f"POST /begin/kopie HTTP/1.1\r\nHost: bin.local\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n\r\n"
    talking.sendall(head.encode())
    return talking


def test_thirty_who_do_not_stand_at_the_box_are_refused_before_their_backup_is_read_and_lock_nobody_out(page):
    with contextlib.ExitStack() as stack:
        talking = [stack.enter_context(announced(page, 60_000_000)) for _ in range(30)]
        assert {one.recv(12) for one in talking} == {b"HTTP/1.1 302"}
        assert page.get("/aanmelden").status in (200, 302)


def test_whoever_sends_the_whole_of_it_hears_the_same(page):
    with announced(page, 30_000_000) as talking:
        with contextlib.suppress(OSError):  # it need not be listened to
            for _ in range(30):
                talking.sendall(bytes(1_000_000))
        assert talking.recv(12) == b"HTTP/1.1 302"


def test_a_new_certificate_is_taken_without_dropping_who_is_talking(page):
    before = page.serial()
    with page.connected() as talking:
        talking.sendall(b"GET /aanmelden HTTP/1.1\r\nHost: bin.lo")  # in the midst of a word
        page.renew(IPv4Address("192.168.1.20"))
        page.process.send_signal(signal.SIGHUP)
        wait_for(lambda: page.serial() != before)
        talking.sendall(b"cal\r\nConnection: close\r\n\r\n")
        assert talking.recv(100).startswith((b"HTTP/1.1 200", b"HTTP/1.1 302"))
    wait_for(lambda: page.get("/", host="192.168.1.20").status != 421)  # an old worker may take one call more


def test_while_the_page_is_not_there_yet_a_person_is_told_so_in_four_languages(front):
    answer = front.get("/")
    words = answer.body.decode()
    assert answer.status == 503
    assert all(language in words for language in LANGUAGES)
