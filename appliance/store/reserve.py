"""Room on the card that is given up when it is full: what is promised can still be sent, and what comes in kept."""

import logging
import os
from pathlib import Path

SIZE = 16_000_000  # octets: some nights of writing, for the database's journal is used over and over
PLENTY = 20 * SIZE  # free: only then is the room taken
NAME = "reserve"

log = logging.getLogger(__name__)


def keep(folder: Path) -> None:
    """The room is taken, if there is plenty of it. Raises nothing: a box without a reserve is still a box."""
    path = folder / NAME
    try:
        room = os.statvfs(folder)
        if path.exists() or room.f_bavail * room.f_frsize < PLENTY:
            return
        with path.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)
    except OSError as error:
        log.warning("no reserve on the card: %s", error)


def give_up(folder: Path) -> None:
    """The room is free for the database. Raises nothing."""
    try:
        (folder / NAME).unlink()
    except OSError:
        return  # it is given up already, or nothing can be changed on this disk
    log.error("the card is full: its reserve in %s was given up", folder)
