"""The box's own authority and certificate, judged by OpenSSL's command as well."""

import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

from appliance import clock, tls
from appliance.tls import renewal

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
NAMES, HOME = ("zonnebos.local", "bin.local"), IPv4Address("192.168.1.20")


@pytest.fixture
def box(tmp_path):
    assert renewal.renew(tmp_path, NAMES, [HOME], NOW)
    return tmp_path


def openssl(*words, check=True):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=check, timeout=60).stdout


def trusts(folder, now=NOW):
    judged = openssl("verify", "-attime", int(now.timestamp()), "-x509_strict", "-purpose", "sslserver", "-CAfile",
                     folder / "ca.crt", folder / "leaf.crt", check=False)  # fmt: skip
    return judged.endswith(": OK\n")


def test_a_phone_that_trusts_the_box_trusts_its_page_by_name_and_address(box):
    assert trusts(box)
    assert tls.hosts(box) == (*NAMES, str(HOME))
    shown = openssl("x509", "-in", box / "leaf.crt", "-noout", "-ext", "subjectAltName")
    assert "DNS:bin.local, IP Address:192.168.1.20" in shown


def test_the_fingerprint_on_the_sticker_is_the_one_that_openssl_sees(box):
    assert tls.fingerprint(box) in openssl("x509", "-in", box / "ca.crt", "-noout", "-fingerprint", "-sha256")


@pytest.mark.parametrize("bank", ["bank.example", "bin.local.bank.example", "8.8.8.8", "2001:db8::1"])
def test_whoever_steals_the_box_cannot_play_a_bank(box, bank):
    """Signed with the stolen key, and still no phone believes it."""
    places = tls.Places(box)
    renewal._make_leaf(places, [bank], NOW)
    assert not trusts(box)


def test_a_public_address_is_left_out(tmp_path):
    renewal.renew(tmp_path, NAMES, [IPv4Address("81.82.83.84"), HOME], NOW)
    assert tls.hosts(tmp_path)[-1] == str(HOME) and trusts(tmp_path)


def test_nothing_is_made_twice_until_it_must(box):
    before = {path.name: path.read_bytes() for path in box.iterdir()}
    assert not renewal.renew(box, NAMES, [HOME], NOW + timedelta(days=59))
    assert {path.name: path.read_bytes() for path in box.iterdir()} == before


@pytest.mark.parametrize(("addresses", "days"), [([HOME], 61), ([IPv4Address("10.0.0.7")], 0), ([], 0)])
def test_age_and_another_address_make_a_new_certificate_of_the_same_authority(box, addresses, days):
    authority, now = (box / "ca.crt").read_bytes(), NOW + timedelta(days=days)
    assert renewal.renew(box, NAMES, addresses, now)
    assert (box / "ca.crt").read_bytes() == authority
    assert trusts(box, now)


def test_another_name_needs_another_authority(box):
    before = tls.fingerprint(box)
    renewal.renew(box, ("meiboom.local", "bin.local"), [HOME], NOW)
    assert tls.fingerprint(box) != before and trusts(box)


@pytest.mark.parametrize("name", ["ca.key", "ca.crt", "leaf.key", "leaf.crt", "server_name.conf"])
@pytest.mark.parametrize("harm", ["gone", "cut", "of another"])
def test_what_a_power_cut_left_in_halves_is_made_again(box, tmp_path, name, harm):
    file = box / name
    other = tmp_path / "other"
    other.mkdir()
    renewal.renew(other, NAMES, [HOME], NOW)
    {"gone": file.unlink, "cut": lambda: file.write_bytes(file.read_bytes()[:40]),
     "of another": lambda: file.write_bytes((other / name).read_bytes())}[harm]()  # fmt: skip
    renewal.renew(box, NAMES, [HOME], NOW)
    assert trusts(box)
    key, certificate = openssl("pkey", "-in", box / "leaf.key", "-pubout"), (box / "leaf.crt")
    assert key == openssl("x509", "-in", certificate, "-noout", "-pubkey")
    assert tls.hosts(box) == (*NAMES, str(HOME))


def test_names_that_a_power_cut_kept_from_nginx_are_told_to_it_at_the_next_look(box):
    """The router gave another address, and the power went between the certificate and the file that is written last."""
    before = (box / "server_name.conf").read_bytes()
    moved = [IPv4Address("192.168.1.77")]
    renewal.renew(box, NAMES, moved, NOW)
    (box / "server_name.conf").write_bytes(before)
    assert renewal.renew(box, NAMES, moved, NOW)
    assert tls.hosts(box) == (*NAMES, "192.168.1.77") and trusts(box)


def test_a_new_authority_whose_page_a_power_cut_left_with_the_old_one_makes_it_a_certificate(box, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    renewal.renew(other, NAMES, [HOME], NOW)
    for name in ("ca.key", "ca.crt"):
        (box / name).write_bytes((other / name).read_bytes())
    assert not trusts(box)
    assert renewal.renew(box, NAMES, [HOME], NOW) and trusts(box)


def test_of_half_a_file_nothing_is_shown(box):
    for name in ("ca.crt", "server_name.conf"):
        (box / name).write_bytes((box / name).read_bytes()[:-8])
    assert tls.fingerprint(box) is None and tls.hosts(box) == ()


def test_the_keys_are_for_nobody_else(box):
    assert [(box / name).stat().st_mode & 0o777 for name in ("ca.key", "leaf.key")] == [0o600, 0o640]


def test_a_box_whose_clock_is_not_set_has_a_certificate_that_is_good_once_it_is(tmp_path):
    renewal.renew(tmp_path, NAMES, [HOME], datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    assert trusts(tmp_path, clock.RELEASED)


def test_two_boxes_have_no_secret_in_common(box, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    renewal.renew(other, NAMES, [HOME], NOW)
    assert all((box / path.name).read_bytes() != path.read_bytes() for path in other.glob("*.key"))
