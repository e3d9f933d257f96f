"""A new version, as the owner brings it: a stick with a release on it, and `appliance update`.

The releases are made from the package that is in the image and signed with a key of this run. The image as it was
flashed does not trust that key: it is laid there by hand, in this run only.
"""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from appliance import __version__
from appliance.update import release
from image.test.story import Story
from image.test.vm import Stick, until
from tests.releases import Maintainer, altered

NEW, SICK = "9.0.1", "9.0.2"
TRUSTED = "/usr/share/bin-kast/release.pub"
STRANGER = r"trusts nobody's releases yet|signed with another key"
# As with systemd's own limits (`vm.FOR_THE_TEST`): a start that takes a Pi one minute takes an emulated processor five.
PATIENT_UNIT = """[Service]
ExecStart=
ExecStart=/usr/bin/python3 -IBc 'import sys; sys.path.insert(0, "/var/lib/bin-kast-update"); import steps; \
steps.ALIVE_WITHIN = 600.0; steps.main()'
"""
PATIENT = "/run/systemd/system/update-bin-kast.service.d/patient.conf"
SECONDS = 5400.0  # tried on a copy, installed and watched, and all that once more for the way back


# --- the stages


def a_new_version(story: Story) -> None:
    """A stranger's release is refused, a trusted maker's taken: it goes on with all there was, and with what came."""
    _bring_stick(story)
    before = story.confirmed()
    assert re.search(STRANGER, _update(story, NEW)), "the image as it was flashed takes a release of anybody"
    story.ssh(f"cp /mnt/release.pub {TRUSTED}")
    story.ssh(f"install -D /mnt/patient.conf {PATIENT} && systemctl daemon-reload")
    with ThreadPoolExecutor(1) as owner:
        said = owner.submit(_update, story, NEW)
        until(lambda: said.done() or not story.box.pins.colours(), "a lamp that is dark while the program is replaced")
        story.network.text("+32470110031", "OK")
    assert json.loads(said.result()) == {"outcome": "done", "old": f"{__version__}-1", "new": f"{NEW}-1"}
    _lives_as(story, NEW)
    until(lambda: story.confirmed() == before + 1, "one more confirmed: while the program was replaced")


def a_sick_version(story: Story) -> None:
    """Its page does not start: the version before it runs again by itself, and nothing was lost."""
    before = story.confirmed()
    assert f"{NEW}-1 runs again" in _update(story, SICK)
    _lives_as(story, NEW)
    assert story.confirmed() == before
    assert story.ssh("ls /var/lib/bin-kast-update") == "result.json"


# --- what they do


def _lives_as(story: Story, version: str) -> None:
    """The box is in order, of *version*, and its lamp says so."""
    assert story.ssh("appliance --version").endswith(version)
    assert story.ssh("dpkg --audit") == ""
    until(lambda: story.box.pins.colours() == "rg", "a yellow lamp, as before")
    assert not story.complaints()


def _update(story: Story, version: str) -> str:
    """What the owner reads who takes *version* from the stick."""
    command = f"appliance update /mnt/{_release(story, version).name} --json 2>&1"
    return story.ssh(command, check=False, seconds=SECONDS)


def _release(story: Story, version: str) -> Path:
    """The release of *version*, on the owner's PC."""
    return story.folder / f"bin-kast_{version}-1_arm64.deb"


def _bring_stick(story: Story) -> None:
    """A good release, and a sick one that is newer, are on a stick in the box, mounted as the manual says."""
    package, maintainer = _release(story, __version__), Maintainer(story.folder)
    shutil.copy(story.image.parent / package.name, package)
    made = [
        altered(package, story.folder, NEW, maintainer),
        altered(package, story.folder, SICK, maintainer, well=False),
    ]
    stick = Stick(story.folder / "stick.img")
    patient = story.folder / "patient.conf"
    patient.write_text(PATIENT_UNIT)
    stick.write(patient, maintainer.public, *made, *(one.with_name(one.name + release.ENDING) for one in made))
    story.box.plug_in(stick)
    until(lambda: story.ssh("test -b /dev/sda1 && echo there", check=False), "the stick in the box")
    story.ssh("mount -o ro /dev/sda1 /mnt")
