"""A new version, from a file: on a stick, or fetched elsewhere."""

import os
import time
from pathlib import Path
from typing import Any

import click

from appliance import audit, store
from appliance.cli.parts import HERE, Parts, Refused, json_option, show
from appliance.plain import PlainError
from appliance.update import offer, prepare, steps
from appliance.update.steps import Stand, State
from appliance.update.stick import bring
from appliance.upkeep.erasure import BOX

LOOK_AGAIN = 1.0  # seconds
PATIENCE = 1800.0  # seconds: dpkg on a Pi Zero takes some minutes, twice when it goes back
WORDS = {
    State.DONE: "Version {new} runs here now.",
    State.BACK: "Version {new} did not do well here; {old} runs again, and nothing was lost.",
    State.LEFT: "Version {new} does not do well here, and something came in that going back would lose. Look: "
    "appliance status, journalctl -u 'bin-kast-*'",
}


@click.command("update")
@click.argument("package", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@click.pass_obj
def update_(parts: Parts, package: Path, as_json: bool) -> None:
    """Install PACKAGE, a release with its signature beside it (PACKAGE.minisig); goes back by itself. As root."""
    _only_root()
    stand = _install(parts, package)
    show(_told(stand), as_json, lambda _: _words(stand))


@click.command("update-offer")
@click.argument("stick", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.pass_obj
def update_offer(parts: Parts, stick: Path) -> None:
    """A newer release on STICK, checked and copied, waits for a yes at the page. Plugging the stick in does it."""
    parts.open()
    last = steps.last()
    sick = last.new if last and last.state is not State.DONE else ""
    if version := bring(stick, store.own() / offer.NAME, prepare.installed(), sick):
        with store.writing():
            audit.record(BOX, "update offered", "", parts.now(), version)
        click.echo(f"{version} waits for a coordinator.")


@click.command("update-offered")
@click.pass_obj
def update_offered(parts: Parts) -> None:
    """Install what waits, for a coordinator said yes at the page; a unit does it. As root."""
    _only_root()
    settings = parts.config.store
    folder = store.own_folder(settings.url, Path(settings.folder)) / offer.NAME
    package = offer.begun(folder)
    offer.note_refusal("")
    try:
        prepared = _prepared(parts, package)
    except PlainError as no:
        offer.note_refusal(str(no))
        raise
    offer.forget(folder)  # root has a copy of its own: whatever becomes of it, nobody is asked twice
    click.echo(_words(_handed_over(parts, *prepared)))


def _only_root() -> None:
    if os.geteuid() != 0:
        raise Refused("Only root can install a version. Run: sudo appliance update FILE")


def _install(parts: Parts, package: Path) -> Stand:
    """How it ended; Refused when not in the new version."""
    return _handed_over(parts, *_prepared(parts, package))


def _prepared(parts: Parts, package: Path) -> tuple[Path, str]:
    """Nothing speaks against it, and the way back is packed: where, and for which database."""
    parts.open()
    folder, url = steps.FOLDER, parts.config.store.url
    if steps.read(folder):
        raise Refused("Another update is under way.")
    prepare.take(package, folder)
    try:
        if why := prepare.refusal(prepare.facts(folder, url, parts.now())):
            raise Refused(why)
        prepare.try_out(folder, url, parts.config_path)
        prepare.pack_old(folder)
    except BaseException:
        prepare.forget(folder)
        raise
    return folder, url


def _handed_over(parts: Parts, folder: Path, url: str) -> Stand:
    _hand_over(parts, folder, url)
    stand = _end(folder)
    if stand.state is not State.DONE:
        raise Refused(_words(stand))
    return stand


def _words(stand: Stand) -> str:
    return WORDS[stand.state].format(old=stand.old, new=stand.new)


def _hand_over(parts: Parts, folder: Path, url: str) -> None:
    with store.writing():
        audit.record(HERE, "update begun", "", parts.now(), prepare.field(folder / "new.deb", "Version"))
    prepare.begin(folder, url, _socket(parts.config.web.listen), parts.now())


def _socket(listen: str) -> str:
    return listen.removeprefix("unix:") if listen.startswith("unix:") else ""


def _end(folder: Path) -> Stand:
    """How it ended. What this process needs it has loaded: the program is replaced while it waits."""
    until = time.monotonic() + PATIENCE
    while (stand := steps.last(folder)) is None:
        if time.monotonic() > until:
            raise Refused(f"It is still under way after {PATIENCE / 60:.0f} minutes: journalctl -u {prepare.SERVICE}")
        time.sleep(LOOK_AGAIN)
    return stand


def _told(stand: Stand) -> dict[str, Any]:
    return {"outcome": stand.state, "old": stand.old, "new": stand.new}


COMMANDS: tuple[click.Command, ...] = (update_, update_offer, update_offered)
