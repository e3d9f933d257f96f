"""Finds the sticks of a [[modem]] that stands for all that are found."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from appliance import clock, runner, store
from appliance.cli.parts import Parts
from appliance.config import SEARCHED, Config
from appliance.config import Modem as ModemConfig
from appliance.gateway.names import GivenNames
from appliance.gateway.sticks import Marks, Sticks


@click.command()
@click.pass_obj
def sticks(parts: Parts) -> None:
    """Finds the sticks of a [[modem]] with port = "all", so that each gets its gateway."""
    further = spares(parts.config)
    if not further:
        runner.notify("READY=1")
        click.echo('No [[modem]] has port = "all": there is nothing to do.', err=True)
        return
    parts.open()
    names = GivenNames(names_of(parts.config.modems), looked_for(parts.config), further, clock.now)
    finding = Sticks(marks(), names, further)
    runner.run(finding.step, finding.wait)


def names_of(modems: Sequence[ModemConfig]) -> list[str]:
    """What *modems* are called."""
    return [modem.name for modem in modems]


def spares(config: Config) -> list[str]:
    """The names that further sticks may get."""
    return [spare.name for modem in config.modem for spare in modem.spares]


def looked_for(config: Config) -> list[str]:
    """The names whose stick is found, not told."""
    return names_of([modem for modem in config.modems if modem.port in SEARCHED])


def marks() -> Marks:
    """In the folder that systemd gives our services, which is empty after a start of the machine; else in our own."""
    return Marks(Path(os.environ.get("RUNTIME_DIRECTORY") or store.own()) / "sticks")


COMMANDS = (sticks,)
