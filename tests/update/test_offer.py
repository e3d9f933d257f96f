"""A release on the stick of the backups: what of it waits for a coordinator, and what is never even mentioned."""

from pathlib import Path

import pytest

from appliance.update import offer, stick
from appliance.update.release import NotOurs
from tests.releases import Maintainer

SIGNED = "1.1.0-1"


class Desk:
    """Where a maintainer makes releases and Lies fills her stick, and the folder of the box that she brings it to."""

    def __init__(self, place: Path) -> None:
        self.maintainer = Maintainer(place)
        self.stick, self.folder = place / "stick", place / "offered"
        self.stick.mkdir()

    def release(self) -> Path:
        """It lies on the stick, signed."""
        package = self.stick / f"bin-kast_{SIGNED}_arm64.deb"
        package.write_bytes(b"a package")
        self.maintainer.sign(package)
        return package

    def rename(self, version: str) -> None:
        """Somebody calls it another version."""
        for file in list(self.stick.iterdir()):
            file.rename(file.with_name(file.name.replace(SIGNED, version)))

    def brought(self, installed: str = "1.0.0-1", sick: str = "") -> str:
        return stick.bring(self.stick, self.folder, installed, sick, self.maintainer.public)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_newer_version_waits_for_lies_and_for_nobody_twice(desk: Desk) -> None:
    desk.release()
    assert desk.brought() == SIGNED == offer.offered(desk.folder)
    assert desk.brought() == "", "it is the same stick the next night"
    assert offer.offered(desk.folder) == SIGNED and not offer.accepted(desk.folder)


def test_a_stick_without_anything_newer_is_left_alone(desk: Desk) -> None:
    assert desk.brought() == ""
    desk.release()
    assert desk.brought(installed=SIGNED) == "" == desk.brought(installed="2.0.0-1")
    (desk.stick / "bin-kast_9.0.0-1_arm64.deb").write_bytes(b"no signature")
    (desk.stick / "bin-kast_weekend in Gent.deb").write_bytes(b"holiday")
    assert desk.brought(installed=SIGNED) == "" and not desk.folder.exists()


def test_an_old_version_under_a_new_name_is_not_offered(desk: Desk) -> None:
    desk.release()
    desk.rename("9.0.0-1")
    assert desk.brought(installed="2.0.0-1") == "" and not desk.folder.exists()


def test_a_strangers_and_a_changed_release_are_refused_and_nothing_of_them_stays(desk: Desk, tmp_path: Path) -> None:
    package = desk.release()
    package.write_bytes(b"another package")
    with pytest.raises(NotOurs, match="not what was signed"):
        desk.brought()
    (tmp_path / "elsewhere").mkdir()
    Maintainer(tmp_path / "elsewhere").sign(package)
    with pytest.raises(NotOurs, match="another key"):
        desk.brought()
    assert not desk.folder.exists()


def test_a_stick_that_is_pulled_out_amid_the_copy_leaves_nothing(desk: Desk) -> None:
    package = desk.release()
    package.with_name(f"{package.name}.minisig").unlink()
    package.with_name(f"{package.name}.minisig").mkdir()  # it cannot be read
    with pytest.raises(NotOurs, match="cannot be read"):
        desk.brought()
    assert not desk.folder.exists()


def test_what_did_not_do_well_here_is_not_offered_again(desk: Desk) -> None:
    desk.release()
    assert desk.brought(sick=SIGNED) == ""
    desk.rename("1.2.0-1")
    assert desk.brought(sick=SIGNED) == "", "nor under another name"


def test_a_yes_is_used_up_when_it_begins_and_why_it_came_to_nothing_can_be_read(desk: Desk, tmp_path: Path) -> None:
    package = desk.release()
    desk.brought()
    offer.accept(desk.folder)
    assert offer.accepted(desk.folder)
    assert offer.begun(desk.folder).read_bytes() == package.read_bytes()
    assert not offer.accepted(desk.folder) and offer.offered(desk.folder) == SIGNED
    offer.note_refusal("The box is sending. Try again when it is done.", tmp_path / "updates")
    assert "sending" in offer.refused(tmp_path / "updates")
    offer.note_refusal("", tmp_path / "updates")
    assert offer.refused(tmp_path / "updates") == ""
