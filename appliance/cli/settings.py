"""What is set on this box, and where each value comes from."""

from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click
import msgspec

from appliance import chosen, config, logo, png, store
from appliance.cli.parts import HERE, Parts, json_option, show
from appliance.config import Config
from appliance.store import faults

MASK = "••••"


@click.group("config")
def config_group() -> None:
    """The configuration."""


@config_group.command("show")
@json_option
@click.pass_obj
def config_show(parts: Parts, as_json: bool) -> None:
    """The values in force and the file they are from; PINs and passwords are hidden."""
    tables, given, page = _masked(parts.config), config.given(parts.config_path), _from_page(parts)
    tables["bin"] |= {key: value for key, value in page.items() if key not in given.get("bin", {})}
    source = str(parts.config_path) if parts.config_path else None
    sources = {name: _sources(given.get(name), part, page if name == "bin" else {}) for name, part in tables.items()}
    show({"file": source, "config": tables, "from": sources}, as_json, _config_words)


def _from_page(parts: Parts) -> dict[str, str]:
    """What was chosen; nothing without a database, which looking does not make."""
    url = parts.config.store.url
    if store.is_shared(url) or store.path_of(url).exists():
        with suppress(*faults.failures(store.UnusableStore)):
            parts.bind()
            return chosen.made()
    return {}


def _sources(given: Any, content: Any, page: dict[str, str]) -> Any:
    """Of each value of a table, or of each of several alike: the file, the page or the default."""
    if isinstance(content, tuple):
        return tuple(_sources(one, part, page) for one, part in zip_longest(given or (), content))
    return {key: "file" if key in (given or {}) else "page" if key in page else "default" for key in content}


SOURCES = {"file": "", "page": "  # chosen on the page", "default": "  # default"}


def _masked(config: Config) -> dict[str, Any]:
    tables: dict[str, Any] = msgspec.to_builtins(config)
    for modem in tables["modem"]:
        modem["pin"] = MASK if modem["pin"] else ""
    tables["store"]["url"] = store.shown(tables["store"]["url"])
    return tables


def _toml(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _config_words(answer: dict[str, Any]) -> str:
    lines = [f"# {answer['file'] or 'no file: these are the defaults'}"]
    for name, content in answer["config"].items():
        several, sources = isinstance(content, tuple), answer["from"][name]
        for part, its in zip(content, sources, strict=True) if several else [(content, sources)]:
            lines += ["", f"[[{name}]]" if several else f"[{name}]"]
            lines += [
                f"{key} = {msgspec.json.encode(value).decode()}{SOURCES[its[key]]}" for key, value in part.items()
            ]
    return "\n".join(lines)


@click.group("logo")
def logo_group() -> None:
    """The BIN's own logo, on the page and on paper."""


@logo_group.command("set")
@click.argument("path", metavar="FILE.png", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def set_logo(parts: Parts, path: Path, as_json: bool) -> None:
    """The picture in FILE.png is the logo from now on."""
    parts.open()
    with path.open("rb") as file:
        logo.choose(file.read(png.LARGEST + 1), parts.now(), HERE)
    show({"chosen": logo.chosen_at()}, as_json, lambda _: "Het logo is gekozen.")


@logo_group.command("remove")
@json_option
@click.pass_obj
def remove_logo(parts: Parts, as_json: bool) -> None:
    """There is no logo any more."""
    parts.open()
    gone = logo.remove(parts.now(), HERE)
    show({"removed": gone}, as_json, lambda _: "Het logo is weg." if gone else "Er was geen logo.")


COMMANDS: tuple[click.Command, ...] = (config_group, logo_group)
