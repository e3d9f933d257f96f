"""Real parts, built from the configuration when a command first needs them."""

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance import clock, config, store
from appliance.config import Config
from appliance.config import Modem as ModemConfig
from appliance.models import database
from appliance.neighbourhood import Neighbourhood

HERE = "de coördinator aan de kast"  # who decides when a command does


class Refused(Exception):
    """A command cannot do that; `str()` is one clear line. Nothing was changed."""


class Parts:
    """Handed to every command as the context's object."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    @cached_property
    def config(self) -> Config:
        """The configuration in force. Raises BadConfig."""
        return config.read(config.find(self._path))

    @property
    def config_path(self) -> Path | None:
        """The file that `config` was read from, or None for the defaults."""
        return config.find(self._path)

    @cached_property
    def bin(self) -> Neighbourhood:
        """The BIN's own values, and where chance comes from."""
        here = self.config.bin
        return Neighbourhood(
            name=here.name,
            language=here.language,
            zone=ZoneInfo(here.timezone),
            police_phone=here.police_phone,
            follow_up=self.config.follow_up.interval,
            draw=secrets.randbelow,
        )

    def modem(self, name: str | None) -> ModemConfig:
        """The [[modem]] called *name*; without a name the only one. Raises Refused."""
        known = {modem.name: modem for modem in self.config.modem}
        if name is None and len(known) == 1:
            return next(iter(known.values()))
        if name not in known:
            raise Refused(f"Which modem? Name one of: {', '.join(known)}.")
        return known[name]

    def open(self) -> None:
        """The store is open and of this version. Raises UnusableStore."""
        if not database.obj:
            self.bind()
        store.refuse_older()

    def bind(self) -> None:
        """The store is open, of whatever version. Raises UnusableStore."""
        store.open_store(self.config.store.url, Path(self.config.store.folder))

    def now(self) -> datetime:
        """The time of this command."""
        return clock.now()

    def secret_key(self) -> str:
        """What session cookies are signed with: made once, kept in this box's own folder, mode 0600."""
        url = self.config.store.url
        own = Path(self.config.store.folder)
        path = own / "bin.key" if store.is_shared(url) else store.path_of(url).with_suffix(".key")
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text()


class Words(click.ParamType[str]):
    """Free words that a database can hold: an argument with octets that are no UTF-8 is wrong usage."""

    name = "words"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """*value* as it is."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("not valid UTF-8", param, ctx)
        return value


def show(answer: Any, as_json: bool, words: Callable[[Any], str]) -> None:
    """Print *answer* for a program (stable keys, docs/cli.md) or, through *words*, for a person."""
    click.echo(msgspec.json.encode(answer).decode() if as_json else printable(words(answer)))


def printable(words: str) -> str:
    """*words* without what moves a terminal's cursor or hides a letter: names and texts come from outside."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in words)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """*rows* under *head*, in columns."""
    if not rows:
        return "(leeg)"
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
    return "\n".join(line.rstrip() for line in lines)


json_option = click.option("--json", "as_json", is_flag=True, help="For programs: stable keys, see docs/cli.md.")
