"""Tokens for the API: made, listed, revoked at the box only."""

from typing import Any

import click

from appliance.access import tokens
from appliance.cli.parts import HERE, Parts, Refused, Words, json_option, show, table
from appliance.models import Token


@click.group("tokens")
def tokens_group() -> None:
    """What programs in the house show at the API (docs/api.md)."""


@tokens_group.command("add")
@click.argument("name", type=Words())
@click.option("--may-create", is_flag=True, help="It may also ask for an alert, which waits for a coordinator.")
@json_option
@click.pass_obj
def add(parts: Parts, name: str, may_create: bool, as_json: bool) -> None:
    """A token called NAME; it is printed once, now."""
    parts.open()
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > tokens.LONGEST_NAME:
        raise Refused(f"A token needs a name of 1 to {tokens.LONGEST_NAME} characters.")
    token, words = tokens.add(tidy, may_create, parts.now(), HERE)
    show(_token(token) | {"token": words}, as_json, lambda _: f"{tidy}. Dit ziet u maar een keer:\n{words}")


@tokens_group.command("list")
@json_option
@click.pass_obj
def list_tokens(parts: Parts, as_json: bool) -> None:
    """All tokens, revoked ones too. What proves them is never shown again."""
    parts.open()
    show([_token(token) for token in tokens.every()], as_json, _words)


def _words(rows: list[dict[str, Any]]) -> str:
    lines = [
        (row["name"], "vragen" if row["may_create"] else "lezen", "ingetrokken" if row["revoked"] else "")
        for row in rows
    ]
    return table(("naam", "mag", ""), lines)


@tokens_group.command("revoke")
@click.argument("name", type=Words())
@json_option
@click.pass_obj
def revoke(parts: Parts, name: str, as_json: bool) -> None:
    """Nobody gets in with the token NAME any more."""
    parts.open()
    token = tokens.current(name)
    if token is None:
        raise Refused(f'No token "{name}". See: appliance tokens list')
    tokens.revoke(token, parts.now(), HERE)
    show(_token(token), as_json, lambda _: f"{token.name} is ingetrokken.")


def _token(token: Token) -> dict[str, Any]:
    columns = {"id": token.id, "name": token.name, "may_create": token.may_create}
    return columns | {"created": token.created_at, "revoked": token.revoked_at}


COMMANDS: tuple[click.Command, ...] = (tokens_group,)
