"""All three services in one terminal."""

import os
import sys

import click

from appliance.access import presence
from appliance.cli.parts import Parts
from appliance.cli.sticks import marks, names_of, spares
from appliance.cli.supervise import Supervisor, stop_event

LOOK_AGAIN = 0.5  # seconds between two looks at the children


@click.command()
@click.pass_obj
def run(parts: Parts) -> None:
    """All three services in this terminal; Ctrl-C ends them."""
    parts.open()
    stopping = stop_event()
    with Supervisor(parts.config_path, os.environ) as children:
        for name in names_of(parts.config.modem):
            children.start("gateway", "--modem", name)
        if further := spares(parts.config):
            children.start("sticks")
        children.start("panel")
        children.start("web")
        click.echo(_welcome(parts), file=sys.stderr)
        while not stopping.wait(LOOK_AGAIN):
            children.revive()
            for name in marks().names() if further else ():
                children.ensure("gateway", "--modem", name)


def _welcome(parts: Parts) -> str:
    """Where the page is, and what to do there now."""
    listen = parts.config.web.listen
    where = "the unix socket behind nginx" if listen.startswith("unix:") else f"http://{listen}/"
    first = "Nobody can log in yet. In another terminal, appliance first-run gives a code; open the page and type it.\n"
    all_well = "Is all well? In another terminal: appliance doctor\nCtrl-C ends it."
    return f"The page of the box: {where}\n{first if presence.wanted() else ''}{all_well}"


COMMANDS = (run,)
