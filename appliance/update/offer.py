"""A release from the stick of the backups: `stick` copies it, a coordinator says yes at the page, root installs it.

The services can only say yes to what is signed: it is checked when it is copied from the stick, and root checks its
own copy of that once more. Neither is the page's work, so what checks is not loaded here.
"""

import shutil
from pathlib import Path

from appliance.update import steps

NAME = "offered"  # a folder among what the services own
YES = "yes"  # in it: bin-kast-update.path waits for this
VERSION = "version"
UNDER_WAY = Path("/run/update-bin-kast-offered")  # there while root tries and installs it
REFUSED = "refused"  # in the folder of the updates, where root writes alone


def offered(folder: Path) -> str:
    """The version that waits for somebody's yes, or was just given it; "" when none does."""
    try:
        return (folder / VERSION).read_text(encoding="ascii")
    except OSError:
        return ""


def accept(folder: Path) -> None:
    """Somebody may, and says yes."""
    (folder / YES).touch()


def accepted(folder: Path) -> bool:
    """Whether somebody said yes to what is offered, and that has not ended."""
    return (folder / YES).exists() or (UNDER_WAY.exists() and offered(folder) != "")


def begun(folder: Path) -> Path:
    """The package of the yes, which is used up."""
    (folder / YES).unlink(missing_ok=True)
    return folder / "new.deb"


def forget(folder: Path) -> None:
    """Nothing is offered any more."""
    shutil.rmtree(folder, ignore_errors=True)


def refused(updates: Path = steps.FOLDER) -> str:
    """Why the last yes came to nothing before anything was changed; "" when it did not."""
    try:
        return (updates / REFUSED).read_text(encoding="utf-8")
    except OSError:
        return ""


def note_refusal(why: str, updates: Path = steps.FOLDER) -> None:
    """For the page, until the next yes; "" for none. By root."""
    updates.mkdir(mode=0o755, exist_ok=True)
    if why:
        (updates / REFUSED).write_text(why, encoding="utf-8")
    else:
        (updates / REFUSED).unlink(missing_ok=True)
