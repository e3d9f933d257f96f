"""A release on the stick of the backups: the newest one is checked and copied, and waits in `offer` for a yes."""

import re
import shutil
import subprocess
from pathlib import Path

from appliance.update import offer, prepare, release

NAMED = re.compile(r"bin-kast_([0-9][0-9a-zA-Z.+~-]*)_[a-z0-9]+")


def bring(stick: Path, folder: Path, installed: str, sick: str = "", public: Path = prepare.PUBLIC) -> str:
    """The newest version on *stick* is in *folder* now; "" when it is not newer than *installed*, or was there already.

    Nor is what proved *sick* here. The name of a file says whether it is worth copying; what it is, its signature says.
    Raises NotOurs, NotNow.
    """
    found = _newest(stick, installed)
    if found is None or _named(found.stem) in (sick, offer.offered(folder)):
        return ""
    offer.forget(folder)
    if found.stat().st_size + prepare.LEAVE_FREE > shutil.disk_usage(folder.parent).free:
        raise prepare.NotNow("There is no room to copy the new version from the stick.")
    try:
        signed = _named(prepare.take(found, folder, public))
    except release.NotOurs:
        offer.forget(folder)
        raise
    if signed == sick or not _newer(signed, installed):
        offer.forget(folder)
        return ""
    (folder / offer.VERSION).write_text(signed, encoding="ascii")
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
