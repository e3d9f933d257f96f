"""Service 3: the page."""

import time
from pathlib import Path

import click

from appliance import clock, runner, tls
from appliance.cli.parts import Parts
from appliance.cli.street import SocketStreet
from appliance.config import is_loopback
from appliance.web import WebSettings, server
from appliance.web.app import create_app

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@click.command()
@click.pass_obj
def web(parts: Parts) -> None:
    """Service 3: the page."""
    parts.open_anyhow()
    page = create_app(_settings(parts), parts.settled_bin, clock.now)
    listen = [address for address in (parts.config.web.listen, parts.config.web.metrics) if address]
    with server.serving(page, listen):
        runner.run(server.watch(listen[0]), time.sleep)


def _settings(parts: Parts) -> WebSettings:
    listen, metrics = parts.config.web.listen, parts.config.web.metrics
    control = parts.config.demo.control
    behind_tls = listen.startswith("unix:")
    return WebSettings(
        secret_key=parts.secret_key(),
        trusted_hosts=_hosts(listen) + (LOOPBACK if metrics else ()),
        https=behind_tls,
        names=tls.hosts(tls.FOLDER) if behind_tls else (),
        fingerprint=(tls.fingerprint(tls.FOLDER) or "") if behind_tls else "",
        street=SocketStreet(Path(control)) if control and is_loopback(listen) else None,
    )


def _hosts(listen: str) -> tuple[str, ...]:
    """By which names browsers may call us: behind nginx, those of the certificate that it shows."""
    if listen.startswith("unix:"):
        return tls.hosts(tls.FOLDER) or tls.own_names()
    return LOOPBACK


COMMANDS = (web,)
