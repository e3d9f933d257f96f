"""The library of tips: look, and make an alert of one."""

from typing import Any

import click

from appliance import alerts, tips
from appliance.alerts import MessageClass, Source
from appliance.cli.parts import HERE, Parts, Refused, Words, first_words, json_option, show, table
from appliance.people.members import LANGUAGES


@click.group("tips")
def tips_group() -> None:
    """Texts for a preventive message."""


@tips_group.command("list")
@click.option("--language", type=click.Choice(LANGUAGES), help="Else that of the BIN.")
@json_option
@click.pass_obj
def list_tips(parts: Parts, language: str | None, as_json: bool) -> None:
    """All tips, those that fit this month first."""
    month = parts.bin.local(parts.now()).month
    rows: list[dict[str, Any]] = [
        {"name": tip.name, "title": tip.title, "text": tip.text, "months": tip.months}
        for tip in tips.known(language or parts.bin.language, month)
    ]
    lines = [(row["name"], row["title"], first_words(row["text"], 70)) for row in rows]
    show(rows, as_json, lambda _: table(("naam", "titel", "tekst"), lines))


@tips_group.command("use")
@click.argument("name", type=Words())
@click.option("--language", type=click.Choice(LANGUAGES), help="Else that of the BIN.")
@click.option("--street", "streets", type=Words(), multiple=True, help="Only for who lives there; may be repeated.")
@json_option
@click.pass_obj
def use(parts: Parts, name: str, language: str | None, streets: tuple[str, ...], as_json: bool) -> None:
    """A preventive alert with that tip waits for a decision: alerts forward ID, with --at for later."""
    parts.open()
    tip = tips.named(name, language or parts.bin.language)
    if tip is None:
        raise Refused(f"Er is geen tip {name}. Kijk in de lijst met: tips list.")
    alert = alerts.create(
        MessageClass.PREVENTIVE, Source.COORDINATOR, tip.text, HERE, parts.now(), parts.bin, streets=streets
    )
    show(
        {"id": alert.id, "text": alert.text},
        as_json,
        lambda _: f"Bericht {alert.id} wacht op een beslissing: {tip.text}",
    )


COMMANDS: tuple[click.Command, ...] = (tips_group,)
