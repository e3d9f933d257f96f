"""Real parts, built from the configuration when a command first needs them."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance import chosen, clock, config, modem_state, store, whole
from appliance.config import Config
from appliance.config import Modem as ModemConfig
from appliance.models import database
from appliance.modes import Mode
from appliance.neighbourhood import Neighbourhood, People
from appliance.plain import PlainError
from appliance.queue.subscription import MILLICENTS, Subscription

log = logging.getLogger(__name__)

HERE = "de coördinator aan de kast"  # who decides when a command does


def start_log() -> None:
    """What happens is said on stderr, where systemd keeps it."""
    logging.basicConfig(format="%(levelname)s %(message)s")
    logging.getLogger("appliance").setLevel(logging.INFO)


class Refused(PlainError):
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

    @property
    def bin(self) -> Neighbourhood:
        """The BIN's own values as they are now: those of the file, then those that were chosen on the page."""
        return chosen.in_force_anyhow(self.settled_bin) if database.obj else self.settled_bin

    @cached_property
    def settled_bin(self) -> Neighbourhood:
        """The BIN's own values as the configuration settles them, and where chance comes from."""
        here = self.config.bin
        return Neighbourhood(
            name=here.name,
            language=here.language,
            zone=ZoneInfo(here.timezone),
            police_phone=here.police_phone,
            municipality_phone=here.municipality_phone,
            utility_phone=here.utility_phone,
            area=here.area,
            police_zone=here.police_zone,
            follow_up=self.config.follow_up.interval,
            draw=secrets.randbelow,
            box_phone=self.config.modem[0].self_number,
            mode=Mode(here.mode),
            people=People(here.people),
            link_wait=here.link_wait,
            settled=frozenset(config.given(self.config_path).get("bin", {})),
        )

    def modem(self, name: str | None) -> ModemConfig:
        """The modem called *name*; without a name the only [[modem]]. Raises Refused."""
        known = {modem.name: modem for modem in self.config.modems}
        if name is None and len(self.config.modem) == 1:
            return self.config.modem[0]
        if name not in known:
            raise Refused(f"Which modem? Name one of: {', '.join(known)}.")
        return known[name]

    def known_modems(self) -> list[ModemConfig]:
        """Every [[modem]], and of those that come and go each that was ever found. The store must be open."""
        configured = self.config.modem
        return [modem for modem in self.config.modems if modem in configured or modem_state.of(modem.name)]

    def open(self) -> None:
        """The store is open and of this version. Raises UnusableStore."""
        if not database.obj:
            self.bind()
        store.refuse_older()

    def bind(self, patience: float = store.BUSY_SECONDS) -> None:
        """The store is open, of whatever version. Raises UnusableStore. *patience*: see `store.open_store`."""
        store.open_store(self.config.store.url, Path(self.config.store.folder), patience=patience)

    def open_anyhow(self, patience: float = store.BUSY_SECONDS) -> None:
        """As `open`, for a service that has something to say though the store is broken: then it is only logged."""
        self.bind(patience)
        try:
            store.refuse_older()
        except store.BrokenStore as error:
            log.error("store cannot be used: %s", error)

    def now(self) -> datetime:
        """The time of this command."""
        return clock.now()

    def time(self, at: datetime) -> str:
        """*at* on the clocks of the neighbourhood."""
        return self.bin.local(at).strftime("%d/%m/%Y %H:%M")

    def secret_key(self) -> str:
        """What session cookies are signed with: made once, kept in this box's own folder, mode 0600."""
        url = self.config.store.url
        own = Path(self.config.store.folder)
        path = own / "bin.key" if store.is_shared(url) else store.path_of(url).with_suffix(".key")
        if not path.exists() or not path.stat().st_size:  # an empty one can be signed with by anybody
            whole.write(path, secrets.token_hex(32).encode(), 0o600)
        return path.read_text()


def subscription(chosen: ModemConfig) -> Subscription:
    """What the settings say about the SIM."""
    return Subscription(
        segments_per_day=chosen.segments_per_day or None,
        segments_per_month=chosen.segments_per_month or None,
        reserve_percent=chosen.urgent_reserve,
        segments_per_minute=chosen.segments_per_minute or None,
        pace_urgent=chosen.pace_urgent,
        tariff=round(chosen.tariff_cents * MILLICENTS),
        bundle_segments=chosen.bundle_segments,
    )


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


def first_words(text: str, width: int = 50) -> str:
    """*text* on one line of a table, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


json_option = click.option("--json", "as_json", is_flag=True, help="For programs: stable keys, see docs/cli.md.")
