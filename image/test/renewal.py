"""The stick of the backups, and a new version on it, as the owner brings it: the page offers it, he says yes there.

The releases are made from the package that is in the image and signed with a key of this run. The image as it was
flashed does not trust that key: it is laid there by hand, in this run only.
"""

import contextlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from appliance import __version__
from appliance.update import release
from appliance.upkeep.nightly import ON_STICK
from image.test.story import PAGE, PASSWORD, Story
from image.test.vm import Stick, until
from tests.releases import Maintainer, altered

NEW, SICK = "9.0.1", "9.0.2"
TRUSTED = "/usr/share/bin-kast/release.pub"
RESULT = "/var/lib/bin-kast-update/result.json"
# As with systemd's own limits (`vm.FOR_THE_TEST`): a start that takes a Pi one minute takes an emulated processor five.
PATIENT_UNIT = """[Service]
ExecStart=
ExecStart=/usr/bin/python3 -IBc 'import sys; sys.path.insert(0, "/var/lib/bin-kast-update"); import steps; \
steps.ALIVE_WITHIN = 600.0; steps.main()'
"""
PATIENT = "/run/systemd/system/update-bin-kast.service.d/patient.conf"
SECONDS = 5400.0  # tried on a copy, installed and watched, and all that once more for the way back


# --- the stages


def stick_of_backups(story: Story) -> None:
    """Put in, it has a backup on it; the version that a stranger signed, which lies there too, is offered to nobody."""
    _click(story, "/reservekopie", "Sleutel maken en tonen")
    story.page().get_by_text("U ziet dit maar één keer").wait_for()
    story.maintainer = Maintainer(story.folder)
    story.stick = Stick(story.folder / "stick.img")
    _bring(story, NEW)
    until(lambda: [name for name in story.stick.files(ON_STICK) if name.endswith(".age")], "a backup on the stick")
    assert f"{NEW}-1" not in _on_page(story, "/toestel"), "the image as it was flashed takes a release of anybody"


def a_new_version(story: Story) -> None:
    """A trusted maker's is offered and installed: the box goes on with all there was, and with what came meanwhile."""
    story.box.pull_out()
    story.ssh(f"cat > {TRUSTED}", said=story.maintainer.public.read_text())
    story.ssh(f"mkdir -p {Path(PATIENT).parent} && cat > {PATIENT} && systemctl daemon-reload", said=PATIENT_UNIT)
    story.box.plug_in(story.stick)
    before = story.confirmed()
    _install(story, NEW)
    until(lambda: _ended(story, NEW) or not story.box.pins.colours(), "a lamp that is dark meanwhile", SECONDS)
    story.network.text("+32470110031", "OK")
    assert until(lambda: _ended(story, NEW), "an end of it", SECONDS) == "done"
    _lives_as(story, NEW)
    until(lambda: story.confirmed() == before + 1, "one more confirmed: while the program was replaced")


def a_sick_version(story: Story) -> None:
    """Its page does not start: the version before it runs again by itself, and nothing was lost."""
    before = story.confirmed()
    story.box.pull_out()
    _bring(story, SICK)
    _install(story, SICK)
    assert until(lambda: _ended(story, SICK), "an end of it", SECONDS) == "back"
    _lives_as(story, NEW)
    assert story.confirmed() == before
    said = _on_page(story, "/toestel")
    assert f"{NEW}-1 werkt weer" in said and f"{SICK}-1 installeren" not in said
    assert story.ssh("ls /var/lib/bin-kast-update") == "result.json"
    story.box.pull_out()


# --- what they do


def _bring(story: Story, version: str) -> None:
    """A release of *version* is on the stick, which is put in; the sick one is sick."""
    package = story.folder / f"bin-kast_{__version__}-1_arm64.deb"
    shutil.copy(story.image.parent / package.name, package)
    made = altered(package, story.folder, version, story.maintainer, well=version != SICK)
    story.stick.write(made, made.with_name(made.name + release.ENDING))
    story.box.plug_in(story.stick)


def _install(story: Story, version: str) -> None:
    """The owner finds it at the page, and says yes."""
    words = f"Versie {version}-1 installeren"
    until(lambda: words in _on_page(story, "/toestel"), "the new version at the page")
    _click(story, "/toestel", words)


def _click(story: Story, path: str, words: str) -> None:
    """The button with *words* at *path* is pressed; who is asked whether it is still her says her password."""
    page = story.page()
    for _ in range(2):
        page.goto(PAGE + path)
        page.get_by_role("button", name=words).click()
        page.wait_for_load_state()
        if not page.get_by_text("Bent u het nog").count():
            return
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Ja, verder").click()
        page.wait_for_load_state()
    raise AssertionError(f"{path} asks for a proof again and again")


def _on_page(story: Story, path: str) -> str:
    page = story.page()
    page.goto(PAGE + path)
    return str(page.content())


def _ended(story: Story, version: str) -> str:
    """How the update to *version* ended; "" as long as it did not."""
    with contextlib.suppress(subprocess.TimeoutExpired, ValueError):
        result = json.loads(story.ssh(f"cat {RESULT}", check=False))
        return str(result["state"]) if result["new"] == f"{version}-1" else ""
    return ""


def _lives_as(story: Story, version: str) -> None:
    """The box is in order, of *version*, and its lamp says so."""
    assert re.search(rf"\b{re.escape(version)}$", story.ssh("appliance --version"))
    assert story.ssh("dpkg --audit") == ""
    until(lambda: story.box.pins.colours() == "rg", "a yellow lamp, as before")
    assert not story.complaints()
