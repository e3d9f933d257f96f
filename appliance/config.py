"""The configuration: one TOML file, one frozen object, checked at start. Only `cli` reads it."""

import difflib
import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

Language = Literal["nl", "fr", "de", "en"]
DEFAULT_PATH = Path("/etc/bin-kast/config.toml")


class BadConfig(Exception):
    """The configuration cannot be used; `str()` says where and what to do."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table whose keys are all known: the one rule that every table below shares."""


class Bin(Strict, frozen=True):
    """`[bin]`: who we are."""

    name: str = "BIN Zonnebos"
    language: Language = "nl"
    timezone: str = "Europe/Brussels"
    police_phone: str = ""  # the zone's number, for "call the zone back"


class Store(Strict, frozen=True):
    """`[store]`: where the facts are."""

    url: str = "sqlite:///var/lib/bin-kast/bin.db"
    folder: str = "/var/lib/bin-kast"  # what a box keeps for itself, when the database is a PostgreSQL server


class Modem(Strict, frozen=True):
    """`[[modem]]`: one modem, one gateway."""

    name: str = "a"
    port: str = "auto"
    driver: Literal["auto", "at", "gammu"] = "auto"
    pin: str = ""
    segments_per_day: int = 350
    self_number: str = ""
    self_test_hours: int = 0
    power_command: tuple[str, ...] = ()
    balance_method: Literal["", "ussd", "sms"] = ""
    balance_code: str = ""
    balance_pattern: str = ""


class Web(Strict, frozen=True):
    """`[web]`: where the page listens; `unix:/path` behind nginx."""

    listen: str = "127.0.0.1:8080"


class Panel(Strict, frozen=True):
    """`[panel]`: GPIO numbers (BCM) of the button and the three colours of the lamp."""

    enabled: bool = True
    button: int = 17
    red: int = 22
    green: int = 27
    blue: int = 24


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
    if path is None:
        return Config()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read ({error.strerror}). Check its name and its rights.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: not valid TOML: {error}. Mend that place and start again.") from error
    return checked(found, str(path))


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


def _refuse_contradictions(config: Config, where: str) -> None:
    names = [modem.name for modem in config.modem]
    if not names or len(set(names)) != len(names):
        raise BadConfig(f"{where}: every [[modem]] needs a name of its own; found {', '.join(names) or 'none'}.")
    try:
        ZoneInfo(config.bin.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        zone = config.bin.timezone
        raise BadConfig(f'{where}: [bin] timezone "{zone}" is not known. Example: "Europe/Brussels".') from error
    if not config.store.url.startswith(("sqlite:///", "postgresql://")):
        raise BadConfig(f'{where}: [store] url must begin with "sqlite:///" or "postgresql://".')
