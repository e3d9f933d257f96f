"""Service 3: the page."""

from pathlib import Path
from wsgiref.types import WSGIApplication

import click

from appliance import clock, tls
from appliance.cli.parts import Parts
from appliance.cli.street import SocketStreet
from appliance.config import is_loopback
from appliance.web import WebSettings, server

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@click.command()
@click.pass_obj
def web(parts: Parts) -> None:
    """Service 3: the page."""
    parts.open_anyhow()
    listen, metrics = parts.config.web.listen, parts.config.web.metrics
    control = parts.config.demo.control
    behind_tls = listen.startswith("unix:")
    bin_ = parts.settled_bin
    settings = WebSettings(
        secret_key=parts.secret_key(),
        trusted_hosts=_hosts(listen) + (LOOPBACK if metrics else ()),
        https=behind_tls,
        names=tls.hosts(tls.FOLDER) if behind_tls else (),
        fingerprint=(tls.fingerprint(tls.FOLDER) or "") if behind_tls else "",
        street=SocketStreet(Path(control)) if control and is_loopback(listen) else None,
    )

    def page() -> WSGIApplication:
        from appliance.web.app import create_app  # noqa: PLC0415 - not in the process that only watches

        return create_app(settings, bin_, clock.now)

    server.serve(page, [address for address in (listen, metrics) if address])


def _hosts(listen: str) -> tuple[str, ...]:
    """By which names browsers may call us: behind nginx, those of the certificate that it shows."""
    if listen.startswith("unix:"):
        return tls.hosts(tls.FOLDER) or tls.own_names()
    return LOOPBACK


COMMANDS = (web,)
