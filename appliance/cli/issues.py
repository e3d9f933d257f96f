"""Problems inside the network, noted and solved: never on a person."""

from typing import Any

import click

from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.life import issues
from appliance.models import Issue


@click.group("issues")
def issues_group() -> None:
    """Problems that a coordinator is solving; a note is erased by itself."""


@issues_group.command("add")
@click.argument("text", type=Words())
@json_option
@click.pass_obj
def add(parts: Parts, text: str, as_json: bool) -> None:
    """Note a problem. A text with a member's name or a telephone number in it is refused."""
    parts.open()
    issue = issues.note(text, parts.now(), HERE)
    show(_row(issue), as_json, lambda _: f"Probleem {issue.id} genoteerd.")


@issues_group.command("list")
@json_option
@click.pass_obj
def list_issues(parts: Parts, as_json: bool) -> None:
    """What is being solved, the newest first."""
    parts.open()
    rows = [_row(issue) for issue in issues.known()]
    cells = [(str(row["id"]), f"{parts.bin.local(row['changed']):%d/%m/%Y}", row["text"]) for row in rows]
    show(rows, as_json, lambda _: table(("nr", "dag", "probleem"), cells))


@issues_group.command("solve")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31))
@json_option
@click.pass_obj
def solve(parts: Parts, number: int, as_json: bool) -> None:
    """It is solved: the note is erased now."""
    parts.open()
    issue = Issue.get_or_none(Issue.id == number)
    if issue is None:
        raise Refused(f"Er is geen probleem {number}. Kijk in de lijst met: issues list.")
    issues.solve(issue, parts.now(), HERE)
    show({"id": number}, as_json, lambda _: f"Probleem {number} is opgelost en gewist.")


def _row(issue: Issue) -> dict[str, Any]:
    return {"id": issue.id, "text": issue.text, "made": issue.made_at, "changed": issue.changed_at}


COMMANDS: tuple[click.Command, ...] = (issues_group,)
