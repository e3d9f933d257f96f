"""The house that most tests stand in: a real database, a BIN with named people, and a clock that the test moves."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance import members, police, store
from appliance.members import Role
from appliance.models import Member, PoliceContact, database
from appliance.neighbourhood import Neighbourhood
from appliance.police import Method

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # noon in Brussels


@dataclass
class House:
    """What a test needs to know of the neighbourhood it plays in."""

    folder: Path
    bin: Neighbourhood
    now: datetime = NOON
    drawn: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/bin.db"

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> datetime:
        """The clock goes on by that much; what it says then."""
        self.now += timedelta(**delta)
        return self.now

    def enrol(self, name: str, number: str, role: Role = Role.MEMBER, **more: str) -> Member:
        return members.enrol(name, number, self.now, "test", role=role, consent="paper 2026", **more)

    def officer(self, name: str, number: str, method: Method = Method.CARD) -> PoliceContact:
        return police.add(name, number, method, self.now, "test", lambda size: bytes(range(size)))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database: made once, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "bin.db"
    store.open_store(f"sqlite:///{path}")
    store.migrate()
    database.close()
    return path


@pytest.fixture
def house(tmp_path: Path, template: Path) -> Iterator[House]:
    """An empty BIN Zonnebos in a real SQLite file."""
    place = House(tmp_path, Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "011 22 33 44",
                                          timedelta(minutes=20), lambda below: 3821 % below))  # fmt: skip
    shutil.copy(template, tmp_path / "bin.db")
    store.open_store(place.url)
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
