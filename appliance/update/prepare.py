"""Whether a new version may be installed now; it is tried on a copy before anything changes, and handed to `steps`."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from appliance import store
from appliance.alerts import countdown
from appliance.health.machine import MEGABYTE
from appliance.models import Heartbeat
from appliance.plain import PlainError
from appliance.queue import outbox
from appliance.update import release, steps
from appliance.update.steps import Stand

PACKAGE = "bin-kast"
PUBLIC = Path("/usr/share/bin-kast/release.pub")
USER = "bin-kast"  # of the services
FRESH = timedelta(seconds=60)  # a sign of life
LEAVE_FREE = 100_000_000  # octets
UNPACKED = 8  # times as large as the package, when it is tried and installed; measured: 5
TRY_SECONDS = 600
SERVICE = "update-bin-kast.service"
WATCHED = ("bin-kast-gateway@", "bin-kast-panel", "bin-kast-web", "bin-kast-front")

# what runs a program of a tree that is not installed: its first word is where its modules are
RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from appliance.cli import main; main()"


class NotNow(PlainError):
    """The update is not begun; `str()` says why. The box is as it was."""


@dataclass(frozen=True)
class Facts:
    """What decides whether an update may begin."""

    package: str
    fits_machine: bool  # its architecture
    newer: bool
    free: int  # octets
    needed: int
    sending: bool
    counting: bool  # an alert leaves in some seconds unless somebody says STOP
    under_way: bool  # another update
    shared: bool  # the database is of several boxes


def refusal(facts: Facts) -> str:
    """Why not; empty when nothing speaks against it. Pure."""
    reasons = (
        (facts.package != PACKAGE, f'This is "{facts.package}", and not {PACKAGE}.'),
        (not facts.fits_machine, "It is for another kind of computer."),
        (not facts.newer, "It is not newer than what runs here."),
        (facts.under_way, "Another update is under way."),
        (facts.shared, "Boxes that share a database are updated together, by hand: docs/scale.md."),
        (facts.counting, "An alert is counting down. Try again when it is out."),
        (facts.sending, "The box is sending. Try again when it is done."),
        (facts.free < facts.needed, f"It needs {facts.needed // MEGABYTE} MB, and {facts.free // MEGABYTE} are free."),
    )  # fmt: skip
    return next((why for true, why in reasons if true), "")


def take(package: Path, folder: Path, public: Path = PUBLIC) -> str:
    """*package* and its signature are in *folder*, where nobody but root writes, and checked there. Raises NotOurs.

    A stick may show other octets the second time that it is read: what is checked is what is installed.
    """
    folder.mkdir(mode=0o755, exist_ok=True)
    taken = folder / "new.deb"
    for source, target in ((package, taken), (_signature_of(package), _signature_of(taken))):
        try:
            if source.stat().st_size > release.LARGEST:
                raise release.NotOurs(f"{source.name} is larger than any release of ours.")
            shutil.copyfile(source, target)
        except OSError as error:
            raise release.NotOurs(f"{source}: cannot be read ({error.strerror}).") from error
    try:
        return release.check(taken, _signature_of(taken), public)
    except release.NotOurs:
        forget(folder)
        raise


def _signature_of(package: Path) -> Path:
    return package.with_name(package.name + release.ENDING)


def forget(folder: Path) -> None:
    """What was prepared in *folder* and never begun is gone."""
    shutil.rmtree(folder / "trial", ignore_errors=True)
    for name in ("new.deb", f"new.deb{release.ENDING}", "old.deb"):
        (folder / name).unlink(missing_ok=True)


def facts(folder: Path, url: str, now: datetime) -> Facts:
    """What there is to know of *folder*'s new.deb, which was checked, and of this box, whose database is at *url*."""
    new = folder / "new.deb"
    used = 0 if store.is_shared(url) else store.path_of(url).stat().st_size
    return Facts(
        package=field(new, "Package"),
        fits_machine=field(new, "Architecture") == _said("dpkg", "--print-architecture"),
        newer=_ended_well("dpkg", "--compare-versions", field(new, "Version"), "gt", installed()),
        free=shutil.disk_usage(folder).free,
        needed=UNPACKED * new.stat().st_size + 3 * used + LEAVE_FREE,
        sending=outbox.busy(now),
        counting=bool(countdown.running()),
        under_way=steps.read(folder) is not None,
        shared=store.is_shared(url),
    )


def field(package: Path, name: str) -> str:
    """What *package* says of itself."""
    return _said("dpkg-deb", "--field", str(package), name)


def installed() -> str:
    """The version that runs here; empty when it was not installed as a package."""
    return _said("dpkg-query", "--show", "--showformat=${Version}", PACKAGE)


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""


def _ended_well(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def pack_old(folder: Path) -> None:
    """old.deb in *folder* is what is installed now, made from its files: the way back. Raises NotNow."""
    tree, control = folder / "trial/old", folder / "trial/old/DEBIAN"
    control.mkdir(parents=True)
    for path in _said("dpkg-query", "--listfiles", PACKAGE).splitlines():
        source, target = Path(path), tree / path.lstrip("/")
        if source.is_dir() and not source.is_symlink():
            target.mkdir(parents=True, exist_ok=True)
        elif source.is_symlink() or source.exists():
            shutil.copy2(source, target, follow_symlinks=False)
    for script in ("postinst", "prerm", "postrm", "md5sums"):
        shutil.copy2(f"/var/lib/dpkg/info/{PACKAGE}.{script}", control / script)
    stanza = _said("dpkg-query", "--status", PACKAGE).splitlines()
    (control / "control").write_text("\n".join(line for line in stanza if not line.startswith("Status:")) + "\n")
    packing = ("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(folder / "old.deb"))
    if not _ended_well(*packing):
        raise NotNow("What is installed now cannot be packed, so that there would be no way back.")
    shutil.rmtree(tree)


def try_out(folder: Path, url: str, config: Path | None, user: str | None = USER) -> None:
    """new.deb in *folder* was unpacked, but not installed, and did well on a copy of the database. Raises NotNow."""
    trial = folder / "trial"
    trial.mkdir(exist_ok=True)
    if not _ended_well("dpkg-deb", "--extract", str(folder / "new.deb"), str(trial / "tree")):
        raise NotNow("The package cannot be unpacked.")
    place = trial / "box"
    place.mkdir(mode=0o700)
    steps.copy_of(store.path_of(url), place / "bin.db")
    (place / "config.toml").write_text(f'[store]\nurl = "sqlite:///{place}/bin.db"\n[panel]\nenabled = false\n')
    if user:
        for path in (place, place / "bin.db", place / "config.toml"):
            shutil.chown(path, user, user)
    _run_new(trial, user, place / "config.toml", "migrate")
    found = _run_new(trial, user, place / "config.toml", "doctor", "--json", well=(0, 1))
    bad = [one["sentence"] for one in msgspec.json.decode(found)["findings"]
           if one["subject"] in ("configuration", "database") and one["verdict"] == "bad"]  # fmt: skip
    if bad:
        raise NotNow(f"The new version does not do well on a copy of the database: {bad[0]}")
    if config:
        _run_new(trial, user, config, "config", "show")
    shutil.rmtree(trial)


def _run_new(trial: Path, user: str | None, config: Path, *words: str, well: tuple[int, ...] = (0,)) -> bytes:
    (site,) = (trial / "tree/usr/lib/bin-kast/lib").glob("python3.*/site-packages")
    python = f"/usr/bin/{site.parent.name}"
    try:
        done = subprocess.run(
            [python, "-I", "-c", RUN, str(site), "--config", str(config), *words],
            capture_output=True, check=False, stdin=subprocess.DEVNULL, user=user, group=user,
            extra_groups=[] if user else None, timeout=TRY_SECONDS, cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotNow(f"The new version cannot be tried here ({error}).") from error
    if done.returncode not in well:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise NotNow(f"The new version does not do well on a copy of the database: {why[0]}")
    return done.stdout


def begin(folder: Path, url: str, socket: str, now: datetime) -> Stand:
    """What *folder* holds is handed to the steps, and their unit begins them."""
    steps.forget_result(folder)
    lines = _said("systemctl", "list-units", "--plain", "--no-legend", "--state=active", steps.UNITS).splitlines()
    shutil.copyfile(Path(steps.__file__), folder / "steps.py")
    for path in (
        "new.deb",
        "old.deb",
        "steps.py",
        ".",
    ):  # a state that survives a power cut without them would be no use
        steps.sync(folder / path)
    stand = Stand(
        old=installed(), new=field(folder / "new.deb", "Version"), boot=steps.boot_id(),
        database=str(store.path_of(url)), socket=socket,
        units=tuple(name for name in (line.split()[0] for line in lines) if name.startswith(WATCHED)),
        hearts=tuple(row.service for row in Heartbeat.select().where(Heartbeat.at > now - FRESH)),
    )  # fmt: skip
    steps.write(folder, stand)
    subprocess.run(["systemctl", "start", "--no-block", SERVICE], check=True)
    return stand
