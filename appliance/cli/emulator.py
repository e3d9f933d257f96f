"""A radio network with modems, on pseudo-terminals."""

from pathlib import Path

import click

from appliance.cli.parts import Refused
from appliance.cli.supervise import stop_event
from appliance.modem.emulator import PROFILES, BadScript, serve_forever


@click.command()
@click.option("--modems", default=1, show_default=True, help="How many, all on one network.")
@click.option("--profile", default="plain", show_default=True, help="Whose oddities to play.")
@click.option("--seconds-per-submit", "pace", default=0.0, show_default=True, help="How slow the network is.")
@click.option("--script", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Timed actions.")
@click.option("--control", "socket", type=click.Path(path_type=Path), help="Answer calls at this unix socket.")
@click.option("--links", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Symlinks that stay.")
def emulator(
    modems: int, profile: str, pace: float, script: Path | None, socket: Path | None, links: Path | None
) -> None:
    """GSM modems on pseudo-terminals, with a little network behind them. Prints the paths; Ctrl-C ends them."""
    if profile not in PROFILES:
        raise Refused(f'No profile "{profile}". Known are: {", ".join(PROFILES)}.')
    try:
        serve_forever(
            modems=modems, profile=profile, seconds_per_submit=pace, script=script, control_socket=socket, links=links,
            announce=click.echo, stop=stop_event(),
        )  # fmt: skip
    except BadScript as error:
        raise Refused(f"{script}: {error}") from error


COMMANDS = (emulator,)
