"""The command line: the one place that reads the configuration and builds real parts.

Exit code 0: done. 1: refused, with one clear line on stderr. 2: wrong usage.
"""

import sys
from typing import Any, NoReturn

import click
import structlog
from peewee import DatabaseError

from appliance import __version__
from appliance.alerts import NobodyToTell, TooSoon
from appliance.backup import BadBackup
from appliance.cli import alerts, demo, explain, modems, people, services, upkeep
from appliance.cli.parts import Parts, Refused, printable
from appliance.config import BadConfig
from appliance.gateway.balance import BadQuestion
from appliance.members import BadMember
from appliance.members_csv import BadFile
from appliance.phone import BadNumber
from appliance.police import AlreadyContact
from appliance.queue.states import NotAllowed
from appliance.segments import BadText
from appliance.store import UnusableStore

REFUSALS = (
    Refused, BadBackup, BadQuestion, BadConfig, BadFile, UnusableStore, BadText, BadNumber, BadMember, AlreadyContact,
    NotAllowed, NobodyToTell, TooSoon,
)  # fmt: skip


class OneLine(click.Group):
    """A group that turns every refusal of ours into one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; nothing was changed when it was refused."""
        try:
            return super().invoke(ctx)
        except REFUSALS as no:
            _refuse(str(no))
        except DatabaseError as error:
            if type(error) is not DatabaseError:  # its children are mistakes of ours, or another service's turn
                raise
            _refuse(f"The database is damaged ({error}). Stop the services and restore a backup: appliance restore")


def _refuse(why: str) -> NoReturn:
    click.echo(f"appliance: {printable(' '.join(why.split()))}", err=True)
    sys.exit(1)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "path", metavar="FILE", help="The configuration; else $BIN_CONFIG, else the default place.")
@click.version_option(__version__, prog_name="BIN-kast")
@click.pass_context
def main(context: click.Context, path: str | None) -> None:
    """BIN-kast: the SMS alert box of one neighbourhood information network."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    context.obj = Parts(path)


for _module in (services, demo, upkeep, modems, people, alerts, explain):
    for _command in _module.COMMANDS:
        main.add_command(_command)
