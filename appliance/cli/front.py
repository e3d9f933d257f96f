"""What stands before the page: its certificate, and the address that a phone is pointed at."""

import socket
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import click
import segno

from appliance import tls
from appliance.cli.parts import Parts, Refused, json_option, show
from appliance.tls import renewal

ELSEWHERE = ("192.0.2.1", 9)  # TEST-NET-1 (RFC 5737): on the other side of every router

folder_option = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=tls.FOLDER, show_default=True
)


def own_addresses() -> tuple[IPv4Address, ...]:
    """The address that this machine has on the side of the router, now; none when it has no router."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(ELSEWHERE)  # a datagram socket: the kernel chooses an address, and nothing is sent
        except OSError:
            return ()
        return (IPv4Address(asking.getsockname()[0]),)


@click.group("tls")
def tls_group() -> None:
    """The certificate of the page, and the authority behind it."""


@tls_group.command("renew")
@folder_option
@json_option
@click.pass_obj
def renew(parts: Parts, folder: Path, as_json: bool) -> None:
    """Make what is lacking, old, or for another name or address. Safe to repeat; a timer does."""
    made = renewal.renew(folder, tls.own_names(), own_addresses(), parts.now())
    hosts = tls.hosts(folder)
    words = "A new certificate" if made else "Nothing to do: the certificate is"
    show({"made": made, "hosts": hosts}, as_json, lambda _: f"{words} for {', '.join(hosts)}.")


@tls_group.command("show")
@folder_option
@json_option
def show_(folder: Path, as_json: bool) -> None:
    """The address of the page, as words and as a QR code, and the fingerprint for the sticker."""
    hosts = tls.hosts(folder)
    if not hosts:
        raise Refused(f"{folder}: no certificate yet. Make one: appliance tls renew")
    answer = {"address": f"https://{hosts[0]}/", "hosts": hosts, "fingerprint": tls.fingerprint(folder)}
    show(answer, as_json, _words)


def _words(answer: dict[str, Any]) -> str:
    picture = "\n".join("".join("██" if dark else "  " for dark in row) for row in segno.make(answer["address"]).matrix)
    others = " ".join(f"https://{host}/" for host in answer["hosts"][1:])
    return f"{picture}\n{answer['address']}\nook: {others}\nvingerafdruk van de kast: {answer['fingerprint']}"


COMMANDS: tuple[click.Command, ...] = (tls_group,)
