"""What the documents promise is what there is."""

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from appliance.cli import main
from appliance.config import TABLES

DOCS = Path(__file__).parents[2] / "docs"


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command that does something, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command, f"{name} is named in the table and not in its module"
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name)


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_every_command_is_in_the_manual(words):
    manual = (DOCS / "cli.md").read_text(encoding="utf-8")
    *group, name = words
    lines = [line for line in manual.splitlines() if f"appliance {' '.join(group)}".rstrip() in line]
    assert any(name in line for line in lines)


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_the_configuration_is_in_the_manual_with_its_default(table):
    manual = (DOCS / "config.md").read_text(encoding="utf-8")
    section = next(part for part in manual.split("\n## ") if part.startswith((f"`[{table}]`", f"`[[{table}]]`")))
    for field in msgspec.structs.fields(TABLES[table]):
        assert f"`{field.name}`" in section
        assert f"`{msgspec.json.encode(field.default).decode()}`" in section
