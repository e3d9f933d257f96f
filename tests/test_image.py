"""The image for the card: what can be seen without building it, and how a box takes over its settings file."""

import configparser
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
IMAGE = ROOT / "image"
FILES = IMAGE / "files"
UNITS = FILES / "usr/lib/systemd/system"
FILLED_IN = """
[bin]
name = "BIN \\"De Linde\\""
[sim]
pin = "4821"   # op het doosje
[wifi]
name = "Gäste & Freunde"
password = 'geheim genoeg'
country = "NL"
[box]
name = "linde"
"""


def the_settings() -> ModuleType:
    where = FILES / "usr/lib/box/settings.py"
    spec = importlib.util.spec_from_file_location("box_settings", where)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


settings = the_settings()


class Box:
    """A card in a box, as far as the settings go; *said* are the commands that ran."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[tuple[str, ...]] = []
        for folder in ("boot/firmware", "etc/bin-kast", "var/lib"):
            (root / folder).mkdir(parents=True)
        config = (ROOT / "setup/package/config.toml").read_text()
        (root / settings.CONFIG).write_text(config)
        (root / settings.CONFIG).chmod(0o640)
        self.write((IMAGE / "bin-kast.toml").read_text())

    def write(self, text: str, encoding: str = "utf-8") -> None:
        """Somebody writes the file at his computer."""
        (self.root / settings.FILE).write_text(text, encoding=encoding, newline="")

    def start(self) -> int:
        return settings.main(self.root, lambda *words: self.said.append(words))

    def file(self) -> str:
        return (self.root / settings.FILE).read_text()

    def config(self) -> dict:
        return tomllib.loads((self.root / settings.CONFIG).read_text())

    def complaint(self) -> str:
        path = self.root / settings.MISTAKE
        return path.read_text() if path.exists() else ""


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_card_as_it_was_flashed_starts_a_box_that_is_called_bin(box: Box) -> None:
    assert box.start() == 0
    assert (box.root / "etc/hostname").read_text() == "bin\n"
    assert ("iw", "reg", "set", "BE") in box.said
    assert not (box.root / settings.WIFI).exists() and not (box.root / settings.SSH_KEYS).exists()
    assert not box.complaint()


def test_what_the_owner_filled_in_is_in_force_and_no_secret_is_left_on_the_card(box: Box) -> None:
    box.write(FILLED_IN)
    before = len(box.file())
    assert box.start() == 0
    assert box.config()["bin"]["name"] == 'BIN "De Linde"'
    assert box.config()["modem"][0]["pin"] == "4821" and box.config()["modem"][0]["port"] == "auto"
    assert (box.root / "etc/hostname").read_text() == "linde\n" and ("hostname", "linde") in box.said
    assert "4821" not in box.file() and "geheim" not in box.file() and len(box.file()) == before
    assert 'name = "linde"' in box.file() and "# op het doosje" in box.file()
    mounts = [words[2] for words in box.said if words[0] == "mount"]
    assert mounts == ["remount,rw", "remount,ro"], "it is written only at that moment"


def test_the_config_keeps_its_comments_its_rights_and_what_nobody_asked_for(box: Box) -> None:
    was = box.config()
    box.write(FILLED_IN + "[panel]\nenabled = true\nbutton = 4\n")
    box.start()
    assert "docs/config.md tells them all" in (box.root / settings.CONFIG).read_text()
    assert (box.root / settings.CONFIG).stat().st_mode & 0o777 == 0o640
    assert box.config()["web"] == was["web"] and "language" not in box.config()["bin"]
    assert box.config()["panel"] == {"enabled": True, "button": 4}


def test_the_wifi_is_one_that_networkmanager_reads_and_the_family_password_is_not_in_it(box: Box) -> None:
    box.write(FILLED_IN)
    box.start()
    path = box.root / settings.WIFI
    keyfile = configparser.ConfigParser(interpolation=None)
    keyfile.read(path)
    octets = bytes(int(octet) for octet in keyfile["wifi"]["ssid"].rstrip(";").split(";"))
    assert octets.decode() == "Gäste & Freunde"
    assert keyfile["wifi-security"]["psk"] == hashlib.pbkdf2_hmac("sha1", b"geheim genoeg", octets, 4096, 32).hex()
    assert "geheim" not in path.read_text() and path.stat().st_mode & 0o777 == 0o600


def test_the_key_of_a_network_is_that_of_the_standard() -> None:
    """IEEE 802.11i, annex H.4.3, second case."""
    key = "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"
    assert f"psk={key}" in settings.connection("ThisIsASSID", "ThisIsAPassword")


def test_a_network_without_a_password_is_an_open_one(box: Box) -> None:
    box.write('[wifi]\nname = "Bibliotheek"\n')
    box.start()
    assert "wifi-security" not in (box.root / settings.WIFI).read_text()


def test_ssh_is_off_until_there_is_a_key(box: Box) -> None:
    box.start()
    assert not any("ssh" in " ".join(words) for words in box.said)
    box.write('[ssh]\nkey = "ssh-ed25519 AAAAC3Nza ann@laptop"\n')
    box.start()
    assert ("systemctl", "enable", "ssh.service") in box.said and ("ssh-keygen", "-A") in box.said
    assert (box.root / settings.SSH_KEYS).read_text() == "ssh-ed25519 AAAAC3Nza ann@laptop\n"
    assert "tcp dport 22 accept" in (box.root / settings.SSH_DOOR).read_text()


def test_the_second_start_changes_nothing_even_what_was_changed_elsewhere(box: Box) -> None:
    box.write(FILLED_IN)
    box.start()
    (box.root / "etc/hostname").write_text("anders\n")
    box.said.clear()
    assert box.start() == 0
    assert (box.root / "etc/hostname").read_text() == "anders\n" and not box.said


def test_a_new_password_of_the_same_length_is_taken_over_later(box: Box) -> None:
    box.write(FILLED_IN)
    box.start()
    box.write(box.file().replace("*" * len("geheim genoeg"), "anders genoeg"))
    box.start()
    key = hashlib.pbkdf2_hmac("sha1", b"anders genoeg", "Gäste & Freunde".encode(), 4096, 32).hex()
    assert key in (box.root / settings.WIFI).read_text() and "anders genoeg" not in box.file()
    assert box.config()["modem"][0]["pin"] == "4821", "stars are not a PIN"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_notepad_may_write_the_file_as_it_likes(box: Box, encoding: str) -> None:
    box.write(FILLED_IN.replace("\n", "\r\n"), encoding)
    assert box.start() == 0
    assert box.config()["modem"][0]["pin"] == "4821"
    left = (box.root / settings.FILE).read_bytes()
    assert b"4821" not in left and b"geheim" not in left and "Gäste".encode(encoding)[-5:] in left
    assert box.start() == 0 and not box.complaint()


def test_a_slip_of_the_pen_is_told_beside_the_file_and_gone_when_it_is_mended(box: Box) -> None:
    box.write('[wifi]\nname = "Thuis\npassword = "geheim genoeg"\n')
    assert box.start() == 1
    assert "aanhalingstekens" in box.complaint() and "line 2" in box.complaint()
    assert "geheim" not in box.complaint() and box.config()["modem"][0]["pin"] == ""
    box.write('[wifi]\nname = "Thuis"\npassword = "geheim genoeg"\n')
    assert box.start() == 0 and not box.complaint()


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('[sim]\npin = "12"', "vier tot acht cijfers"),
        ("[sim]\npin = 1234", "tussen aanhalingstekens"),
        ('[wifi]\nname = "Thuis"\npassword = "kort"', "8 tot 63"),
        ('[wifi]\npassword = "lang genoeg"', "geen naam"),
        ('[wifi]\ncountry = "België"', "twee hoofdletters"),
        ('[box]\nname = "Onze Kast"', "kleine letters"),
        ('[wifi]\nssid = "Thuis"', "bestaat niet"),
        ('[wiffi]\nname = "Thuis"', "bestaat niet"),
        ('name = "Thuis"', "kopje"),
        ("[panel]\nbutton = 99", "0 tot 27"),
        ('[ssh]\nkey = "mijn wachtwoord"', "openbare sleutel"),
        ('[bin]\nname = "a\\nb"', "60 tekens"),
    ],
)
def test_what_cannot_be_is_told_in_words_and_changes_nothing(box: Box, written: str, complaint: str) -> None:
    before = (box.root / settings.CONFIG).read_text()
    box.write(f"{written}\n")
    assert box.start() == 1 and complaint in box.complaint()
    assert (box.root / settings.CONFIG).read_text() == before and not (box.root / "etc/hostname").exists()


@pytest.mark.parametrize(
    "written",
    [
        'sim = { pin = "4821" }',
        '[sim]\npin = """4821"""',
        'sim.pin = "4821"',
        '[sim]\n"pin" = "4821"',
        "[sim]\npin='4821'",
    ],
)
def test_a_secret_written_in_an_unusual_way_is_wiped_as_well(box: Box, written: str) -> None:
    box.write(f"{written}\n")
    assert box.start() == 0
    assert box.config()["modem"][0]["pin"] == "4821" and "4821" not in box.file()
    assert box.start() == 0, "what is left can be read"


class Cut(Exception):
    """The plug is pulled."""


@contextmanager
def plug_pulled(monkeypatch: pytest.MonkeyPatch, moment: int) -> Iterator[None]:
    """Within, so many writes reach the card, and at the next one the power is gone."""
    real, left = os.fsync, [moment]

    def counted(file: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Cut
        real(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counted)
        yield


@pytest.mark.slow
def test_wherever_the_plug_is_pulled_the_next_start_finishes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in range(50):
        box = Box(tmp_path / str(moment))
        box.write(FILLED_IN)
        try:
            with plug_pulled(monkeypatch, moment):
                box.start()
        except Cut:
            box_is_well(box)
        else:
            break
    assert 8 < moment < 49, "each of its writes was tried"


def box_is_well(box: Box) -> None:
    assert box.start() == 0
    assert box.config()["modem"][0]["pin"] == "4821" and (box.root / "etc/hostname").read_text() == "linde\n"
    assert "psk=" in (box.root / settings.WIFI).read_text()
    assert "4821" not in box.file() and "geheim" not in box.file()


def test_a_card_without_its_data_opens_ssh_and_takes_the_rest_over_when_the_data_is_back(box: Box) -> None:
    config = (box.root / settings.CONFIG).read_text()
    (box.root / settings.CONFIG).unlink()
    box.write(FILLED_IN + '[ssh]\nkey = "ssh-ed25519 AAAAC3Nza ann@laptop"\n')
    assert box.start() == 1 and ("systemctl", "enable", "ssh.service") in box.said
    (box.root / settings.CONFIG).write_text(config)
    box_is_well(box)


def test_a_file_that_was_half_wiped_is_wiped_and_not_taken_over_again(box: Box) -> None:
    box.write(FILLED_IN)
    box.start()
    seen = (box.root / settings.SEEN).read_text()
    (box.root / settings.SEEN).write_text(seen.replace("done", "wiping"))
    box.write(box.file().replace("*" * len("geheim genoeg"), "geheim ******"))
    was = (box.root / settings.WIFI).read_text()
    assert box.start() == 0
    assert "geheim" not in box.file() and (box.root / settings.WIFI).read_text() == was


# --- what the image is made of


@pytest.mark.parametrize("script", ["build", "base", "emulation", "hooks/setup", "hooks/essential", "hooks/customize"])
def test_the_scripts_are_ones_that_sh_reads(script: str) -> None:
    assert subprocess.run(["sh", "-n", IMAGE / script], capture_output=True, check=False).stderr == b""


def test_the_source_of_lgpio_is_the_one_that_the_lock_file_knows() -> None:
    script = (ROOT / "setup/lgpio").read_text()
    version, wanted = (re.search(rf"^{name}=(\S+)$", script, re.MULTILINE) for name in ("version", "source_hash"))
    assert version and wanted
    _, _, locked = (ROOT / "requirements-test.txt").read_text().partition(f"lgpio=={version[1]} ")
    assert wanted[1] in re.split(r"\n(?=\S)", locked)[0]


def test_the_packages_are_sorted_each_on_its_line() -> None:
    packages = (IMAGE / "packages.txt").read_text().splitlines()
    assert packages == sorted(set(packages)) and all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in packages)


def test_the_package_of_the_box_finds_what_it_needs_in_the_image() -> None:
    control = (ROOT / "setup/package/control").read_text()
    (needed,) = re.findall(r"^Depends: (.*)$", control, re.MULTILINE)
    names = {entry.split()[0] for entry in needed.split(", ")} - {"libc6"}  # of every Debian
    assert names <= set((IMAGE / "packages.txt").read_text().split())


def fstab() -> list[list[str]]:
    lines = (FILES / "etc/fstab").read_text().splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def test_what_the_services_keep_is_on_the_data_partition_and_a_bad_one_does_not_stop_the_start() -> None:
    mounts = {entry[1]: entry for entry in fstab()}
    units = "".join(path.read_text() for path in (ROOT / "systemd").glob("*.service"))
    for name in re.findall(r"^StateDirectory=(.+)$", units, re.MULTILINE):
        assert mounts[f"/var/lib/{name}"][0].startswith("/data/")
    assert mounts["/etc/bin-kast"][0].startswith("/data/")
    assert all("nofail" in entry[3] for where, entry in mounts.items() if where != "/")
    assert all("noatime" in entry[3] for entry in fstab() if entry[2] != "none")
    made = set(re.findall(r"^own \S+ (\w+)$", (IMAGE / "build").read_text(), re.MULTILINE))
    assert {entry[0] for entry in fstab() if entry[2] == "none"} == {f"/data/{name}" for name in made}


def test_the_labels_are_those_that_the_build_gives() -> None:
    build = (
        (IMAGE / "build").read_text() + (IMAGE / "hooks/setup").read_text() + (UNITS / "box-grow.service").read_text()
    )
    for entry in fstab():
        if entry[0].startswith("LABEL="):
            assert entry[0].removeprefix("LABEL=") in build


def test_our_units_run_what_is_there_and_the_preset_knows_them() -> None:
    preset = (FILES / "usr/lib/systemd/system-preset/00-box.preset").read_text()
    for unit in UNITS.glob("*.service"):
        ran = re.findall(r"^ExecStart=.* (/usr/lib/box/\S+)$", unit.read_text(), re.MULTILINE)
        assert ran and all((FILES / path.lstrip("/")).exists() for path in ran)
        assert f"enable {unit.name}" in preset
    for never in ("ssh.service", "ssh.socket", "nginx.service"):
        assert f"disable {never}" in preset


def test_only_the_page_and_the_name_are_let_in() -> None:
    rules = (FILES / "etc/nftables.conf").read_text()
    assert "hook input priority filter; policy drop" in rules
    doors = re.findall(r"(?:tcp|udp) dport (\{[^}]*\}|\d+) accept", rules)
    assert doors == ["{ 80, 443 }", "5353", "546"]  # 546: the answers of a router, from its own port and side


def test_no_password_no_key_and_no_host_is_in_what_makes_the_image() -> None:
    made = [path for path in IMAGE.rglob("*") if path.is_file() and path.suffix != ".pyc" and "test" not in path.parts]
    text = "\n".join(path.read_text() for path in made)
    assert not re.search(r"chpasswd|passwd -|BEGIN [A-Z ]*PRIVATE|\bssh-(rsa|ed25519) AAAA|useradd.* -p", text)
    assert not re.search(r"https?://(?!bin\.local)\S", text)
    assert re.search(r"(?m)^password = \"\"$", (IMAGE / "bin-kast.toml").read_text())
    assert "[ssh]" not in (IMAGE / "bin-kast.toml").read_text()


def test_the_settings_file_that_is_flashed_says_nothing_that_the_box_does_not_know() -> None:
    want = settings.wanted((IMAGE / "bin-kast.toml").read_text())
    assert want.values == {("wifi", "country"): "BE", ("box", "name"): "bin"}
