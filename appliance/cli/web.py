"""Service 3: the page."""

from pathlib import Path
from wsgiref.types import WSGIApplication

import click

from appliance import clock, tls
from appliance.cli.parts import Parts, start_log
from appliance.cli.street import SocketStreet
from appliance.config import is_loopback
from appliance.web import WebSettings, server

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@click.command()
@click.pass_obj
def web(parts: Parts) -> None:
    """Service 3: the page."""
    parts.open_anyhow()
    _settings(parts)  # what is wrong with them is said here, in one line
    addresses = (parts.config.web.listen, parts.config.web.metrics)
    path = parts.config_path and str(parts.config_path)
    server.serve(f"{__name__}:page({path!r})", [address for address in addresses if address])


def page(path: str | None) -> WSGIApplication:
    """The page by the configuration at *path*, in the process that serves it."""
    from appliance.web.app import create_app  # noqa: PLC0415 - once for each start, not twice

    start_log()
    parts = Parts(path)
    parts.open_anyhow()
    return create_app(_settings(parts), parts.settled_bin, clock.now)


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
