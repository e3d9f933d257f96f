"""Who made it is asked before anything is unpacked: held against minisign itself."""

import pytest

from appliance.update import release
from appliance.update.release import NotOurs
from tests.releases import Maintainer


@pytest.fixture(scope="module")
def maintainer(tmp_path_factory):
    return Maintainer(tmp_path_factory.mktemp("maintainer"))


@pytest.fixture
def package(tmp_path):
    file = tmp_path / "bin-kast_1.1.0-1_arm64.deb"
    file.write_bytes(b"!<arch>\ndebian-binary   " + bytes(range(256)) * 40)
    return file


def test_what_the_maintainer_signed_is_his(maintainer, package):
    assert release.check(package, maintainer.sign(package), maintainer.public) == package.stem


@pytest.mark.parametrize("place", [0, 5000, -1])
def test_one_bit_that_is_different_is_seen(maintainer, package, place):
    signature = maintainer.sign(package)
    octets = bytearray(package.read_bytes())
    octets[place] ^= 1
    package.write_bytes(octets)
    with pytest.raises(NotOurs, match="changed"):
        release.check(package, signature, maintainer.public)


def test_another_key_than_that_of_the_box_opens_nothing(maintainer, package, tmp_path):
    (tmp_path / "stranger").mkdir()
    stranger = Maintainer(tmp_path / "stranger")
    with pytest.raises(NotOurs, match="another key"):
        release.check(package, stranger.sign(package), maintainer.public)


def test_a_key_that_only_calls_itself_ours_opens_nothing(maintainer, package, tmp_path):
    """The eight octets of its name are not signed: anybody can write ours there."""
    (tmp_path / "stranger").mkdir()
    ours = maintainer.sign(package).read_text().splitlines()
    forged = Maintainer(tmp_path / "stranger").sign(package)
    first, value, *rest = forged.read_text().splitlines()
    forged.write_text("\n".join([first, ours[1][:13] + value[13:], *rest]) + "\n")
    with pytest.raises(NotOurs):
        release.check(package, forged, maintainer.public)


def test_the_version_beside_the_signature_cannot_be_rewritten(maintainer, package):
    signature = maintainer.sign(package)
    signature.write_text(signature.read_text().replace("1.1.0", "9.9.9"))
    with pytest.raises(NotOurs):
        release.check(package, signature, maintainer.public)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a\nb\nc\nd\n", b"untrusted comment: x\n" * 4])
def test_what_is_no_signature_is_told_as_such(maintainer, package, content):
    signature = package.with_name(package.name + release.ENDING)
    signature.write_bytes(content)
    with pytest.raises(NotOurs, match="not a signature"):
        release.check(package, signature, maintainer.public)


def test_without_signature_and_without_a_key_of_the_box_nothing_is_ours(maintainer, package, tmp_path):
    with pytest.raises(NotOurs, match="no signature"):
        release.check(package, tmp_path / "none", maintainer.public)
    with pytest.raises(NotOurs, match="trusts nobody"):
        release.check(package, maintainer.sign(package), tmp_path / "none.pub")


def test_a_signature_of_the_older_kind_is_not_taken(maintainer, package):
    with pytest.raises(NotOurs, match="of the kind"):
        release.check(package, maintainer.sign(package, "-l"), maintainer.public)


def test_a_package_larger_than_any_of_ours_is_not_even_read(maintainer, package):
    signature = maintainer.sign(package)
    with package.open("r+b") as file:
        file.truncate(release.LARGEST + 1)
    with pytest.raises(NotOurs, match="larger"):
        release.check(package, signature, maintainer.public)
