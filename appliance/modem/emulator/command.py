"""What `appliance emulator` runs."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from appliance import control
from appliance.modem.emulator.control import play, read_script, verbs
from appliance.modem.emulator.modem import EmulatedModem
from appliance.modem.emulator.network import Network


def serve_forever(
    *,
    modems: int = 1,
    profile: str = "plain",
    seconds_per_submit: float = 0.0,
    script: Path | None = None,
    control_socket: Path | None = None,
    links: Path | None = None,
    announce: Callable[[str], None] = print,
    stop: threading.Event | None = None,
) -> None:
    """Keep *modems* modems, named a, b, ... on one network, until *stop* is set (never, when there is none).

    *announce* is told one path per modem: in the folder *links* a symlink `modem-a` that follows the port, without it
    the tty as it is now. *control_socket* answers `appliance.control.call` with the verbs of `emulator.control`.
    Raises KeyError for an unknown profile and BadScript.
    """
    network, stop = Network(), stop or threading.Event()
    with contextlib.ExitStack() as stack:
        made = []
        for name in (chr(ord("a") + count) for count in range(modems)):
            link = links / f"modem-{name}" if links else None
            modem = EmulatedModem(name, network, profile=profile, seconds_per_submit=seconds_per_submit, link=link)
            made.append(stack.enter_context(modem))
        known = verbs(network, made)
        lines = read_script(script, known) if script else []
        if control_socket is not None:
            stack.enter_context(control.serve(control_socket, known))
        for modem in made:
            announce(str(modem.link or modem.path))
        play(lines, known, stop)
        stop.wait()
