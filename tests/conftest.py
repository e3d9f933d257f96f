"""The house that most tests stand in: a real database, a BIN with named people, and a clock that the test moves.

Almost every test that asks for `house` runs on SQLite and once more, marked slow, on a PostgreSQL started here.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg
import pytest

from appliance import police, store
from appliance.clock import now as real_now
from appliance.models import Member, PoliceContact, database
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.police import Method

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # noon in Brussels
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# Not twice: what is about SQLite's own locks, and what drives modems or readers at length and asks little of the store.
ONE_BOX = {
    "test_acceptance",
    "test_acceptance_door",
    "test_acceptance_sending",
    "test_acceptance_texts",
    "test_acceptance_upkeep",
    "test_browser",
    "test_faults",
    "test_hold",
    "test_members_csv",
    "test_newcomer",
    "test_panel_service",
    "test_recovery",
    "test_web_roles",
}


@dataclass
class House:
    """What a test needs to know of the neighbourhood it plays in."""

    folder: Path
    bin: Neighbourhood
    now: datetime = NOON
    drawn: list[int] = field(default_factory=list)
    shared: str = ""  # the address of the PostgreSQL database, when it is not a file
    live: bool = False  # the clock is that of this machine: a service of its own keeps it too

    @property
    def url(self) -> str:
        return self.shared or f"sqlite:///{self.folder}/bin.db"

    def clock(self) -> datetime:
        return real_now() if self.live else self.now

    def later(self, **delta: float) -> datetime:
        """The clock goes on by that much; what it says then."""
        self.now += timedelta(**delta)
        return self.now

    def enrol(self, name: str, number: str, role: Role = Role.MEMBER, **more: str) -> Member:
        return members.enrol(name, number, self.now, "test", role=role, consent="paper 2026", **more)

    def officer(self, name: str, number: str, method: Method = Method.CARD) -> PoliceContact:
        return police.add(name, number, method, self.now, "test", lambda size: bytes(range(size)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = any(mark.args[0] == "engine" for mark in metafunc.definition.iter_markers("parametrize"))
    if "engine" in metafunc.fixturenames and not own:
        both = [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.slow)]
        metafunc.parametrize("engine", [SQLITE] if metafunc.module.__name__.rpartition(".")[2] in ONE_BOX else both)


class Cluster:
    """A PostgreSQL of our own on a unix socket, from Debian's package; it lives as long as the tests do."""

    def __init__(self, folder: Path, fsync: str = "off") -> None:
        self._folder = folder
        self._names = count(1)
        self._user = self._somebody()
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        assert programs, "Debian's package postgresql is not installed: make test-packages"
        data = folder / "data"
        initdb = ("initdb", "-D", data, "-A", "trust", "-U", "bin", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = (f"unix_socket_directories={folder}", "listen_addresses=", f"fsync={fsync}", "max_connections=40")
        chosen = [word for setting in settings for word in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            self._run(programs[-1], *initdb, stdout=log, stderr=log).wait()
            self._server = self._run(programs[-1], "postgres", "-D", data, *chosen, stdout=log, stderr=log)
        self._await()

    def _somebody(self) -> str | None:
        """PostgreSQL refuses to be root."""
        if os.geteuid() != 0:
            return None
        user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
        shutil.chown(self._folder, user)
        return user

    def _run(self, programs: Path, name: str, *words: object, **more: object) -> subprocess.Popen[bytes]:
        command = [str(programs / name), *map(str, words)]
        return subprocess.Popen(command, user=self._user, cwd=self._folder, **more)  # type: ignore[call-overload]

    def _await(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.05)

    def url(self, name: str) -> str:
        return f"postgresql://bin@/{name}?host={self._folder}"

    def execute(self, words: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(words)

    def new(self, template: str = "template0") -> str:
        """The address of a database that is a copy of *template*."""
        name = f"bin{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = urlsplit(url).path.removeprefix("/")
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def end(self) -> None:
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()


@pytest.fixture(scope="session")
def needs() -> Callable[[str], None]:
    """Call it with what this machine lacks, or "": in CI that fails the test, elsewhere it is left out and said so."""

    def check(lacking: str) -> None:
        if lacking and os.environ.get("CI"):
            pytest.fail(f"cannot run here: {lacking}")
        if lacking:
            pytest.skip(lacking)

    return check


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Started once for each worker."""
    with tempfile.TemporaryDirectory(prefix="bin-pg-", ignore_cleanup_errors=True) as folder:
        one = Cluster(Path(folder))
        yield one
        one.end()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database: made once, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "bin.db"
    store.open_store(f"sqlite:///{path}")
    store.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def shared_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on PostgreSQL: the name of the database."""
    cluster.execute("CREATE DATABASE template_of_ours TEMPLATE template0")
    store.open_store(cluster.url("template_of_ours"), tmp_path_factory.mktemp("own"))
    store.migrate()
    database.close()
    return "template_of_ours"


@pytest.fixture
def store_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database."""
    if engine == SQLITE:
        shutil.copy(request.getfixturevalue("template"), tmp_path / "bin.db")
        yield f"sqlite:///{tmp_path}/bin.db"
        return
    cluster = request.getfixturevalue("cluster")
    url = cluster.new(request.getfixturevalue("shared_template"))
    yield url
    cluster.drop(url)


@pytest.fixture
def house(tmp_path: Path, store_url: str) -> Iterator[House]:
    """An empty BIN Zonnebos in a real database."""
    place = House(tmp_path, Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "011 22 33 44",
                                          timedelta(minutes=20), lambda below: 3821 % below))  # fmt: skip
    place.shared = store_url if store.is_shared(store_url) else ""
    store.open_store(store_url, tmp_path)
    yield place
    database.close()


@pytest.fixture
def street(house: House) -> House:
    """Zonnebos with two coordinators, Lies and Jan, and three members: Ada, Ben and Cleo (who speaks French)."""
    house.enrol("Lies", "0470000101", Role.COORDINATOR)
    house.enrol("Jan", "0470000102", Role.COORDINATOR)
    house.enrol("Ada", "0470000201", street="Kerkstraat")
    house.enrol("Ben", "0470000202", street="Kerkstraat")
    house.enrol("Cleo", "0470000203", street="Lindedreef", language="fr")
    return house
