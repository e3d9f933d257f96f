"""The command line: the one place that reads the configuration and builds real parts.

Exit code 0: done. 1: refused, with one clear line on stderr. 2: wrong usage.
"""

import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from appliance import __version__, store
from appliance.cli.parts import Parts, printable, start_log
from appliance.models import database
from appliance.plain import PlainError
from appliance.store import faults, reserve

# which module has which commands: a service loads its own only, for an idle box must be small
COMMANDS = {
    "run": ("run",),
    "gateway": ("gateway",),
    "sticks": ("sticks",),
    "panel": ("panel",),
    "web": ("web",),
    "demo": ("demo",),
    "emulator": ("emulator",),
    "upkeep": ("migrate", "status", "doctor", "log", "report"),
    "settings": ("config", "logo"),
    "backups": ("backup-key", "backup", "backup-nightly", "backup-stick", "restore"),
    "updating": ("update", "update-offer", "update-offered"),
    "front": ("tls",),
    "modems": ("modems",),
    "ledger": ("ledger",),
    "money": ("money", "survey"),
    "membership": ("members",),
    "people": ("coordinators", "first-run"),
    "police": ("police",),
    "tokens": ("tokens",),
    "issues": ("issues",),
    "life": ("founding", "charter", "meetings", "themes", "drills", "hints", "print", "retention"),
    "alerts": ("alerts",),
    "inbox": ("inbox",),
    "tips": ("tips",),
    "calls": ("callees",),
    "explain": ("explain",),
}
_modules = {name: module for module, names in COMMANDS.items() for name in names}


class OneLine(click.Group):
    """A group that turns every refusal of ours into one line on stderr and exit code 1."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Every command, as help shows them."""
        return sorted(_modules)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """The command called *name*; its module is loaded now."""
        if name not in _modules:
            return None
        there: tuple[click.Command, ...] = import_module(f"appliance.cli.{_modules[name]}").COMMANDS
        return next(command for command in there if command.name == name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; nothing was changed when it was refused."""
        try:
            return super().invoke(ctx)
        except PlainError as no:
            _refuse(str(no))
        except faults.failures(OSError) as error:  # whichever meets a bad disk first
            why = faults.line(error)
            if why is None:  # a mistake of ours
                raise
            if faults.of(error) is faults.Fault.FULL and database.obj:
                reserve.give_up(store.own())
            _refuse(why)


def _refuse(why: str) -> NoReturn:
    click.echo(f"appliance: {printable(' '.join(why.split()))}", err=True)
    sys.exit(1)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "path", metavar="FILE", help="The configuration; else $BIN_CONFIG, else the default place.")
@click.version_option(__version__, prog_name="BIN-kast")
@click.pass_context
def main(context: click.Context, path: str | None) -> None:
    """BIN-kast: the SMS alert box of one neighbourhood information network."""
    start_log()
    context.obj = Parts(path)
