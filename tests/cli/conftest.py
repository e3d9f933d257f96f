"""A box without modem: a real configuration and a real database in a folder of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.cli import main
from appliance.models import database

ADA, BEN, LIES, OFFICER = "+32470000001", "+32470000002", "+32470000003", "+32475000009"


class Box:
    """Commands as the coordinator at the box types them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "bin.db"
        self.config = folder / "config.toml"
        self.config.write_text(f'[bin]\nname = "BIN Test"\n[store]\nurl = "sqlite:///{self.file}"\n')

    def run(self, *words: str, given: str | bytes | None = None) -> Result:
        self.close()
        result = CliRunner().invoke(main, ["--config", str(self.config), *words], input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def told(self, *words: str, given: str | bytes | None = None) -> Any:
        """The answer to a program; the command must have been done."""
        result = self.run(*words, "--json", given=given)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *words: str, given: str | bytes | None = None) -> str:
        """The one line on stderr; the command must have been refused."""
        result = self.run(*words, given=given)
        assert result.exit_code == 1, (result.output, result.exception)
        assert result.stdout == ""
        line: str
        (line,) = result.stderr.splitlines()
        assert line.startswith("appliance: ")
        return line

    def misused(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 2, result.output
        return str(result.stderr)

    def close(self) -> None:
        """As between two processes."""
        if database.obj:
            database.close()
            database.initialize(None)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Box]:
    """A box without a database."""
    box = Box(tmp_path)
    yield box
    box.close()


@pytest.fixture
def box(bare: Box) -> Box:
    """A box whose database is empty."""
    assert bare.run("migrate").exit_code == 0
    return bare


@pytest.fixture
def village(box: Box) -> Box:
    """A box with Ada and Ben, who gave consent, and Lies, who coordinates but cannot log in."""
    for name, number in (("Ada Claes", ADA), ("Ben Maes", BEN)):
        box.told("members", "add", name, number, "--street", "Dorpsstraat", "--consent", "2026-01-02")
    box.told("members", "add", "Lies Peeters", LIES, "--role", "coordinator", "--consent", "coördinator")
    return box
