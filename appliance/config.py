"""The configuration: one TOML file, one frozen object, checked at start. Only `cli` reads it."""

import difflib
import os
import tomllib
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from appliance.plain import PlainError

Language = Literal["nl", "fr", "de", "en"]
DEFAULT_PATH = Path("/etc/bin-kast/config.toml")


class BadConfig(PlainError):
    """The configuration cannot be used; `str()` says where and what to do."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table whose keys are all known: the one rule that every table below shares."""


class Bin(Strict, frozen=True):
    """`[bin]`: who we are."""

    name: str = "BIN Zonnebos"
    language: Language = "nl"
    timezone: str = "Europe/Brussels"
    area: str = ""  # what it covers, in the words of the charter: "Zonnebos tussen spoor en Kerkstraat"
    police_zone: str = ""
    people: Literal["neighbours", "traders"] = "neighbours"  # who the members are
    police_phone: str = ""  # the zone's number, for "call the zone back"
    municipality_phone: str = ""  # for members who ask what is no matter for a BIN
    utility_phone: str = ""
    mode: Literal["one-level", "two-level", "pyramid"] = "two-level"
    link_minutes: float = 5.0

    @property
    def link_wait(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.link_minutes)


class Store(Strict, frozen=True):
    """`[store]`: where the facts are."""

    url: str = "sqlite:///var/lib/bin-kast/bin.db"
    folder: str = "/var/lib/bin-kast"  # what a box keeps for itself, when the database is a PostgreSQL server


SEARCHED = ("auto", "all")  # ports that are looked for
SPARES = range(2, 9)  # of `port = "all"`: more sticks than a Pi feeds


class Modem(Strict, frozen=True):
    """`[[modem]]`: one modem, one gateway; with `port = "all"` that of every stick that is found."""

    name: str = "a"
    port: str = "auto"
    driver: Literal["auto", "at", "gammu"] = "auto"
    pin: str = ""
    segments_per_day: int = 350
    segments_per_month: int = 10000
    urgent_reserve: int = 30
    segments_per_minute: int = 0
    pace_urgent: bool = False
    tariff_cents: float = 0.0
    bundle_segments: int = 0
    low_balance_cents: int = 200
    self_number: str = ""
    self_test_hours: int = 0
    power_command: tuple[str, ...] = ()
    balance_method: Literal["", "ussd", "sms"] = ""
    balance_code: str = ""
    balance_pattern: str = ""

    @property
    def spares(self) -> tuple["Modem", ...]:
        """As what further sticks are known: "a2", "a3" ... What is of one SIM or one USB port only they do not have."""
        if self.port != "all":
            return ()
        alike = partial(msgspec.structs.replace, self, self_number="", self_test_hours=0, power_command=())
        return tuple(alike(name=f"{self.name}{number}") for number in SPARES)


class Web(Strict, frozen=True):
    """`[web]`: where the page listens; `unix:/path` behind nginx."""

    listen: str = "127.0.0.1:8080"
    metrics: str = ""  # a loopback address and port for Prometheus on the box, when `listen` is a socket


class Panel(Strict, frozen=True):
    """`[panel]`: GPIO numbers (BCM) of the button, the lamp (three colours, or *led* alone), the buzzer, a UPS."""

    enabled: bool = True
    button: int = 17
    red: int = 22
    green: int = 27
    blue: int = 24
    led: int = 0  # 0: a lamp of three colours
    buzzer: int = 0  # 0: none
    ups: int = 0  # by which a UPS says that its battery is nearly empty; 0: none
    ups_high: bool = False  # it says so by a high level, not by one to ground


class FollowUp(Strict, frozen=True):
    """`[follow_up]`: when the police hear the counts again, in minutes after the last text was accepted."""

    minutes: float = 20.0

    @property
    def interval(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.minutes)


class Demo(Strict, frozen=True):
    """`[demo]`: written by `appliance demo` only. `control` is the folder with the sockets of the toys."""

    control: str = ""


class Config(Strict, frozen=True):
    """Everything in the file."""

    bin: Bin = Bin()
    store: Store = Store()
    modem: tuple[Modem, ...] = (Modem(),)
    web: Web = Web()
    panel: Panel = Panel()
    follow_up: FollowUp = FollowUp()
    demo: Demo = Demo()

    @property
    def modems(self) -> tuple[Modem, ...]:
        """Every modem that there may be: those in the file, then the spares of the one with `port = "all"`."""
        return self.modem + tuple(spare for modem in self.modem for spare in modem.spares)


TABLES: dict[str, type[Strict]] = {field.name: field.type for field in msgspec.structs.fields(Config)}
TABLES["modem"] = Modem


def find(given: str | None) -> Path | None:
    """The file in force: `--config`, else `$BIN_CONFIG`, else the default place if it exists, else None."""
    named = given or os.environ.get("BIN_CONFIG")
    if named:
        return Path(named)
    return DEFAULT_PATH if DEFAULT_PATH.exists() else None


def read(path: Path | None) -> Config:
    """The configuration in *path*; the defaults when it is None. Raises BadConfig."""
    return Config() if path is None else checked(_loaded(path), str(path))


def _loaded(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read ({error.strerror}). Check its name and its rights.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: not valid TOML: {error}. Mend that place and start again.") from error


def given(path: Path | None) -> dict[str, Any]:
    """What stands in *path* itself, by table, before any default; nothing when it is None. Raises BadConfig."""
    return {} if path is None else _loaded(path)


def checked(found: dict[str, Any], where: str) -> Config:
    """*found* as a Config. Raises BadConfig with the table, the key and, for a slip of the pen, a suggestion."""
    _refuse_unknown(found, where)
    try:
        config = msgspec.convert(found, Config)
    except msgspec.ValidationError as error:
        raise BadConfig(f"{where}: {error}") from error
    _refuse_contradictions(config, where)
    return config


def _refuse_unknown(found: dict[str, Any], where: str) -> None:
    for table, content in found.items():
        if table not in TABLES:
            raise BadConfig(f"{where}: unknown table [{table}]{_suggestion(table, TABLES)}")
        known = [field.name for field in msgspec.structs.fields(TABLES[table])]
        for part in content if isinstance(content, list) else [content]:
            for key in part if isinstance(part, dict) else ():
                if key not in known:
                    raise BadConfig(f'{where}: unknown key "{key}" in [{table}]{_suggestion(key, known)}')


def _suggestion(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else f". Known are: {', '.join(known)}."


def is_loopback(listen: str) -> bool:
    """Whether only programs on the box can reach *listen*, an address and port."""
    return listen.rpartition(":")[0] in ("127.0.0.1", "localhost", "[::1]")


COUNTS = ("segments_per_day", "segments_per_month", "segments_per_minute", "bundle_segments", "low_balance_cents")


def _refuse_contradictions(config: Config, where: str) -> None:
    if not 0 <= config.bin.link_minutes <= 60:
        raise BadConfig(f"{where}: [bin] link_minutes must be 0 to 60: an urgent text makes sense for an hour.")
    for modem in config.modem:
        below = [name for name in (*COUNTS, "tariff_cents") if not 0 <= getattr(modem, name) < 10**6]
        if below:
            raise BadConfig(f"{where}: [[modem]] {below[0]} must be 0 or more, and below a million.")
        if not 0 <= modem.urgent_reserve <= 90:
            raise BadConfig(f"{where}: [[modem]] urgent_reserve is a part of the ceilings: 0 to 90 (per cent).")
    if len([modem for modem in config.modem if modem.port == "all"]) > 1:
        raise BadConfig(f'{where}: only one [[modem]] can have port = "all": it gets every stick that is found.')
    names = [modem.name for modem in config.modems]
    if not names or len(set(names)) != len(names):
        raise BadConfig(f"{where}: every [[modem]] needs a name of its own; found {', '.join(names) or 'none'}.")
    try:
        ZoneInfo(config.bin.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        zone = config.bin.timezone
        raise BadConfig(f'{where}: [bin] timezone "{zone}" is not known. Example: "Europe/Brussels".') from error
    if config.web.metrics and not is_loopback(config.web.metrics):
        raise BadConfig(f'{where}: [web] metrics must be on the box itself. Example: "127.0.0.1:9105".')
    if not config.store.url.startswith(("sqlite:///", "postgresql://")):
        raise BadConfig(f'{where}: [store] url must begin with "sqlite:///" or "postgresql://".')
