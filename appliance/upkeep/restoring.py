"""A restore at the page of an empty box, in a process of its own: it binds the tables to a scratch database.

The page has many threads on one binding; here there is one. The parent and the child of it are both in this module.
"""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec

from appliance import store
from appliance.models import database
from appliance.upkeep import backup
from appliance.upkeep.backup import BadBackup, BadKey, Header, Newer, Put

PATIENCE = 240.0  # seconds: the largest that the page takes, on a slow card
REFUSALS: dict[str, type[BadBackup]] = {one.__name__: one for one in (BadBackup, BadKey, Newer)}


class Asked(msgspec.Struct, frozen=True):
    """What the child is told, on its standard input: the key is in no file and in no list of processes."""

    file: str
    key: str
    url: str
    now: datetime


class Answered(msgspec.Struct, frozen=True):
    """What the child answers. `refusal`: the name of an error, empty when it was done."""

    header: Header | None = None
    refusal: str = ""
    why: str = ""


def into_this_box(file: Path, key: str, now: datetime) -> Header:
    """All that *file* holds is on this box, where nobody could log in yet; its services go on.

    Raises BadBackup, BadKey or Newer; nothing was changed then.
    """
    if isinstance(database.obj, store.Shared):
        raise BadBackup("boxes that share a database get it back on the command line: appliance restore")
    asked = Asked(str(file), key, f"sqlite:///{Path(database.database).absolute()}", now)
    command = [sys.executable, "-I", "-m", "appliance.upkeep.restoring"]  # -I: nothing from the folder it is in
    try:
        done = subprocess.run(
            command, input=msgspec.json.encode(asked), capture_output=True, timeout=PATIENCE, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise BadBackup(f"the restore did not come to an end ({type(error).__name__}).") from error
    answered = msgspec.json.decode(done.stdout, type=Answered)
    if answered.header is None:
        raise REFUSALS[answered.refusal](answered.why)
    return answered.header


def main() -> None:
    """The child: does what Asked says and prints Answered."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    try:
        keys = backup.keys_in(asked.key)
        done = backup.restore(Path(asked.file), keys, asked.url, asked.now, put=Put.INTO)
        answered = Answered(done.header)
    except BadBackup as no:
        answered = Answered(None, type(no).__name__, str(no))
    sys.stdout.buffer.write(msgspec.json.encode(answered))


if __name__ == "__main__":
    main()
