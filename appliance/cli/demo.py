"""`appliance demo`: a whole neighbourhood on an emulated modem, three real services, and a page to play with."""

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from appliance import codes, control, police, store
from appliance.access import accounts
from appliance.cli.parts import Parts, Refused
from appliance.cli.supervise import Supervisor
from appliance.demo import street as toys
from appliance.demo.neighbours import COORDINATOR_LOGIN, COORDINATORS, NEIGHBOURS, OFFICER
from appliance.demo.script import Script
from appliance.demo.street import Street
from appliance.life import charter, in_force
from appliance.models import PoliceContact
from appliance.modem.emulator import EmulatedModem, Network
from appliance.people import members
from appliance.police import Method

CONFIG = """[bin]
name = "BIN Zonnebos"
police_phone = "011 22 33 44"
[store]
url = "sqlite:///{folder}/bin.db"
[[modem]]
name = "a"
port = "{folder}/modem-a"
driver = "at"
[web]
listen = "127.0.0.1:{port}"
[follow_up]
minutes = {follow_up}
[demo]
control = "{folder}"
"""
FOLLOW_UP = 1.0  # minutes; a real box waits twenty
HURRY = 2.5  # seconds per submit at which people in a script take their real time
PAGE_WITHIN = 60.0  # seconds


@click.command()
@click.option("--script", is_flag=True, help="Play the story unattended; exit code 0 if nothing was lost.")
@click.option("--json", "as_json", is_flag=True, help="With --script: the last line is the outcome.")
@click.option("--seconds-per-submit", "pace", default=0.5, show_default=True, help="How slow the modem is.")
@click.option("--port", default=8080, show_default=True, help="Of the page, on this machine only.")
@click.pass_obj
def demo(parts: Parts, script: bool, as_json: bool, pace: float, port: int) -> None:
    """A neighbourhood on an emulated modem, three services, a page to play with. Needs no hardware and no network."""
    if script:
        port = _free_port()
    _refuse_taken(port)
    haste = min(1.0, pace / HURRY) if script else 1.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bin-kast-")))
        config = folder / "config.toml"
        config.write_text(CONFIG.format(folder=folder, port=port, follow_up=FOLLOW_UP * haste if script else FOLLOW_UP))
        contact, password = _furnish(Parts(str(config)), folder)
        network = Network()
        modem = stack.enter_context(EmulatedModem("a", network, seconds_per_submit=pace, link=folder / "modem-a"))
        street = Street(network, haste)
        stack.callback(street.stop)
        stack.enter_context(control.serve(folder / "street.sock", _verbs(street, contact)))
        children = stack.enter_context(_services(config, folder))
        if script:
            _play(Script(street, modem, _next_code(contact), click.echo, pace), as_json)
        else:
            _open_house(children, port, password, folder)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _refuse_taken(port: int) -> None:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(f"Port {port} is in use. Choose another one: appliance demo --port {port + 1}") from error


def _furnish(parts: Parts, folder: Path) -> tuple[PoliceContact, str]:
    """A database with forty members, one officer with a code card, and a log-in for Lies."""
    store.open_store(f"sqlite:///{folder}/bin.db")
    store.migrate()
    now = parts.now()
    for n in NEIGHBOURS:
        street, _, _ = n.street.rpartition(" ")
        members.enrol(n.name, n.number, now, "demo", street=street, language=n.language, role=n.role, consent="demo")
    contact = police.add(*OFFICER, Method.CARD, now, "demo", os.urandom)
    lies = members.by_number(COORDINATORS[0].number)
    assert lies is not None
    charter.draft(in_force.settings(parts.bin), now, "demo")
    charter.sign(parts.bin.local(now).date(), lies.name, "A. Burgemeester", "K. Chef", now, "demo")
    return contact, accounts.create(lies, COORDINATOR_LOGIN, now)


def _next_code(contact: PoliceContact) -> str:
    """The next code on the officer's card that was not used yet."""
    counter = PoliceContact.get_by_id(contact.id).counter
    return codes.card(contact.secret, counter, 1)[0][1]


def _verbs(street: Street, contact: PoliceContact) -> dict[str, Callable[..., Any]]:
    return {
        "phones": toys.phones,
        "screen": street.screen,
        "screens": street.screens,
        "text": street.text,
        "ring": street.ring,
        "code": lambda: _next_code(contact),
    }


@contextmanager
def _services(config: Path, folder: Path) -> Iterator[Supervisor]:
    """The three services as on a box, on mock pins."""
    environment = os.environ | {"GPIOZERO_PIN_FACTORY": "mock"}
    with Supervisor(config, environment, folder / "services.log") as children:
        children.start("gateway", "--modem", "a")
        children.start("panel")
        children.start("web")
        yield children


def _play(story: Script, as_json: bool) -> None:
    outcome = story.play()
    if as_json:
        click.echo(msgspec.json.encode(outcome.as_dict()).decode())
    else:
        click.echo("\n".join(f"{key:>22}: {value}" for key, value in outcome.as_dict().items()))
    sys.exit(0 if outcome.well else 1)


def _open_house(children: Supervisor, port: int, password: str, folder: Path) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    click.echo("De kast start op ...")
    _await_page(port, stopping, folder / "services.log")
    click.echo(
        f"\n  De straat staat klaar:  http://127.0.0.1:{port}/straat\n"
        f"  De pagina van de kast:  http://127.0.0.1:{port}/\n"
        f"  Aanmelden als:          {COORDINATOR_LOGIN}   wachtwoord: {password}\n\n"
        f"  Ctrl-C stopt alles. Het logboek van de diensten: {folder}/services.log\n"
    )
    while not stopping.wait(0.5):
        children.revive()


def _await_page(port: int, stopping: threading.Event, log: Path) -> None:
    """The page takes calls, or somebody has had enough. Raises Refused."""
    deadline = time.monotonic() + PAGE_WITHIN
    while not _takes_calls(port) and not stopping.wait(0.1):
        if time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
            raise Refused(f"The page did not start within {PAGE_WITHIN:.0f} s. Its log ends with: {' '.join(last)}")


def _takes_calls(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


COMMANDS = (demo,)
