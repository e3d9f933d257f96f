"""The three services, and all of them in one terminal."""

import os
import signal
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from appliance import clock, phone, runner, store
from appliance.cli.parts import Parts, Refused
from appliance.cli.supervise import Supervisor
from appliance.config import Modem as ModemConfig
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway, Terms, power
from appliance.gateway.balance import Question
from appliance.gateway.cards import StoredCards
from appliance.modem.drivers import open_modem
from appliance.modem.emulator import PROFILES, BadScript, serve_forever
from appliance.queue import outbox

LOOK_AGAIN = 0.5  # seconds between two looks at the children


@click.command()
@click.option("--modem", "name", metavar="NAME", help="Which [[modem]]; may be left out when there is one.")
@click.pass_obj
def gateway(parts: Parts, name: str | None) -> None:
    """Service 1: moves one modem."""
    chosen = parts.modem(name)
    parts.open()
    store.be_the_only(outbox.seat(chosen.name))
    bell = Doorbell(store.bells(), f"gateway-{chosen.name}")
    modem = open_modem(chosen.driver, chosen.port, name=chosen.name, pin=chosen.pin, cards=StoredCards())
    moving = Gateway(chosen.name, modem, parts.bin, bell, clock.now, _terms(chosen))
    moving.begin()
    try:
        runner.run(moving.step, moving.wait)
    finally:
        moving.end()


def _terms(chosen: ModemConfig) -> Terms:
    """Raises BadNumber when the SIM's own number is none, BadQuestion when its credit cannot be asked for so."""
    return Terms(
        segments_per_day=chosen.segments_per_day or None,
        power=partial(power.cycle, chosen.power_command) if chosen.power_command else None,
        self_number=phone.mobile(chosen.self_number) if chosen.self_number else "",
        self_test=timedelta(hours=chosen.self_test_hours),
        balance=_question(chosen),
    )


def _question(chosen: ModemConfig) -> Question | None:
    if not chosen.balance_method:
        return None
    return Question(chosen.balance_method, chosen.balance_code, chosen.balance_pattern)


@click.command()
@click.pass_obj
def panel(parts: Parts) -> None:
    """Service 2: the button and the lamp."""
    from appliance.panel import service, toy

    parts.open()
    settings = parts.config.panel
    with ExitStack() as stack:
        pins = service.pins(settings.enabled, settings.button, settings.red, settings.green, settings.blue)
        moving = service.Panel(pins, parts.bin, clock.now)
        if parts.config.demo.control:
            stack.enter_context(toy.serve(Path(parts.config.demo.control) / "panel.sock", moving))
        stack.callback(moving.close)
        runner.run(moving.step, moving.wait)


@click.command()
@click.pass_obj
def web(parts: Parts) -> None:
    """Service 3: the page."""
    from appliance.cli.street import SocketStreet
    from appliance.web import WebSettings, create_app, server

    parts.open()
    listen = parts.config.web.listen
    control = parts.config.demo.control
    settings = WebSettings(
        secret_key=parts.secret_key(),
        trusted_hosts=_hosts(listen),
        https=listen.startswith("unix:"),
        street=SocketStreet(Path(control)) if control and _is_loopback(listen) else None,
    )
    server.serve(create_app(settings, parts.bin, clock.now), listen)


def _is_loopback(listen: str) -> bool:
    return listen.rpartition(":")[0] in ("127.0.0.1", "localhost", "[::1]")


def _hosts(listen: str) -> tuple[str, ...]:
    """By which names browsers may call us: nginx passes the box's own names on a unix socket."""
    if listen.startswith("unix:"):
        name = os.uname().nodename
        return (name, f"{name}.local", "bin.local")
    return ("127.0.0.1", "localhost", "[::1]")


@click.command()
@click.pass_obj
def run(parts: Parts) -> None:
    """All three services in this terminal; Ctrl-C ends them."""
    parts.open()
    stopping = _stop_event()
    with Supervisor(parts.config_path, os.environ) as children:
        for modem in parts.config.modem:
            children.start("gateway", "--modem", modem.name)
        children.start("panel")
        children.start("web")
        click.echo(f"Running. The page: http://{parts.config.web.listen}  (Ctrl-C ends it.)", file=sys.stderr)
        while not stopping.wait(LOOK_AGAIN):
            children.revive()


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
            announce=click.echo, stop=_stop_event(),
        )  # fmt: skip
    except BadScript as error:
        raise Refused(f"{script}: {error}") from error


def _stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


COMMANDS = (run, gateway, panel, web, emulator)
