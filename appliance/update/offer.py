"""A release on the stick of the backups: the box copies it, a coordinator says yes at the page, root installs it.

The services can only say yes to what is signed: `prepare.take` checks it when it is copied from the stick, and root
checks its own copy of that once more.
"""

import re
import shutil
import subprocess
from pathlib import Path

from appliance.update import prepare, release, steps

NAME = "offered"  # a folder among what the services own
YES = "yes"  # in it: bin-kast-update.path waits for this
VERSION = "version"
REFUSED = "refused"  # in the folder of the updates, where root writes alone
NAMED = re.compile(r"bin-kast_([0-9][0-9a-zA-Z.+~-]*)_[a-z0-9]+")


def bring(stick: Path, folder: Path, installed: str, sick: str = "", public: Path = prepare.PUBLIC) -> str:
    """The newest version on *stick* is in *folder* now; "" when it is not newer than *installed*, or was there already.

    Nor is what proved *sick* here. The name of a file says whether it is worth copying; what it is, its signature says.
    Raises NotOurs, NotNow.
    """
    found = _newest(stick, installed)
    if found is None or _named(found.stem) in (sick, offered(folder)):
        return ""
    forget(folder)
    if found.stat().st_size + prepare.LEAVE_FREE > shutil.disk_usage(folder.parent).free:
        raise prepare.NotNow("There is no room to copy the new version from the stick.")
    try:
        signed = _named(prepare.take(found, folder, public))
    except release.NotOurs:
        forget(folder)
        raise
    if signed == sick or not _newer(signed, installed):
        forget(folder)
        return ""
    (folder / VERSION).write_text(signed, encoding="ascii")
    return signed


def _newest(stick: Path, installed: str) -> Path | None:
    newest, found = installed, None
    for package in stick.glob("bin-kast_*.deb"):
        if package.with_name(package.name + release.ENDING).exists() and _newer(_named(package.stem), newest):
            newest, found = _named(package.stem), package
    return found


def _named(name: str) -> str:
    """The version in bin-kast_VERSION_ARCHITECTURE; "" when that is not what *name* is."""
    found = NAMED.fullmatch(name)
    return found[1] if found else ""


def _newer(version: str, than: str) -> bool:
    comparing = ["dpkg", "--compare-versions", version, "gt", than]
    return bool(version) and subprocess.run(comparing, check=False, stdin=subprocess.DEVNULL).returncode == 0


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
    """Whether somebody said yes, and it is not begun."""
    return (folder / YES).exists()


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
