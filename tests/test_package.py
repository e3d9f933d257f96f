"""The Debian package: built twice, and installed, upgraded, removed and purged on a Debian 13 that is really booted."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance import __version__
from tests.debian import Debian, booted
from tests.releases import Maintainer, altered

ROOT = Path(__file__).parents[1]
UV = ROOT / ".venv/bin/uv"
SERVICES = ("bin-kast-gateway@a", "bin-kast-panel", "bin-kast-web", "bin-kast-front")
PHONE = """
import http.client, socket, ssl
trusting = ssl.create_default_context(cafile="/var/lib/bin-kast-tls/ca.crt")
asking = http.client.HTTPSConnection("bin.local")
asking.sock = trusting.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname="bin.local")
asking.request("GET", "/aanmelden")
print(asking.getresponse().status in (200, 302))
"""
OURS = ("/etc/bin-kast", "/var/lib/bin-kast", "/var/lib/bin-kast-tls", "/usr/lib/bin-kast", "/usr/share/bin-kast")
AS_THE_BOX = ("setpriv", "--reuid=bin-kast", "--regid=bin-kast", "--init-groups")

pytestmark = pytest.mark.machine


def build(folder: Path, version: str) -> Path:
    """The package for this machine, from a copy of the sources in which they are of *version*."""
    source = folder / "source"
    skip = shutil.ignore_patterns(".git", ".venv", "dist", "build", "tests", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, source, ignore=skip)
    (source / ".venv").symlink_to(ROOT / ".venv")
    module = source / "appliance/__init__.py"
    module.write_text(module.read_text().replace(f'"{__version__}"', f'"{version}"'))
    command = ["sh", str(source / "setup/deb"), str(UV), "amd64", "3.13"]
    subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1790000000"}, capture_output=True)
    (package,) = (source / "dist").glob("*.deb")
    return package


def hashed(package: Path) -> str:
    return hashlib.sha256(package.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return build(tmp_path_factory.mktemp("first"), "1.0.0")


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return build(tmp_path_factory.mktemp("second"), "1.1.0")


def test_the_same_sources_give_the_same_octets(first, tmp_path):
    assert hashed(build(tmp_path, "1.0.0")) == hashed(first)


def test_debians_own_judge_has_nothing_to_say(first):
    judged = subprocess.run(["lintian", "--allow-root", str(first)], capture_output=True, text=True, check=False)
    assert judged.stdout == ""


def test_a_box_is_installed_lives_is_upgraded_removed_and_purged(first, second, tmp_path):
    hang = tmp_path / "debian"
    hang.mkdir()
    with booted(hang) as debian:
        for package in (first, second):
            shutil.copy(package, debian.root / "root" / package.name)
        debian.run("apt-get", "update", "-qq")
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")

        debian.run(*install, f"/root/{first.name}")
        assert debian.says("appliance", "--version").endswith("1.0.0")
        for service in SERVICES:
            debian.until("active", "systemctl", "is-active", service)
        debian.until("True", "python3", "-c", PHONE)  # through TLS, nginx and the socket, each in its sandbox
        add = ("appliance", "members", "add", "Ada Claes", "0470000001", "--consent", "2026-01-02")
        debian.run(*AS_THE_BOX, *add)
        findings = json.loads(debian.says(*AS_THE_BOX, "appliance", "doctor", "--json"))["findings"]
        bad = {finding["subject"] for finding in findings if finding["verdict"] == "bad"}
        assert all(subject.endswith("modem a") for subject in bad), findings  # there is none; everything else is well
        # it ends well only when nothing was lost or doubled
        debian.run(*AS_THE_BOX, "appliance", "demo", "--script", "--seconds-per-submit", "0")

        assert debian.says("find", "/proc", "-maxdepth", "1", "-user", "bin-kast") != ""
        before = debian.says("systemctl", "show", "-P", "MainPID", "bin-kast-web")
        debian.run(*install, f"/root/{second.name}")
        assert debian.says("appliance", "--version").endswith("1.1.0")
        for service in SERVICES:
            debian.until("active", "systemctl", "is-active", service)
        assert debian.says("systemctl", "show", "-P", "MainPID", "bin-kast-web") not in (before, "0")
        assert "Ada Claes" in debian.says(*AS_THE_BOX, "appliance", "members", "list")

        debian.run("apt-get", "remove", "-y", "-qq", "bin-kast")
        assert debian.says("find", "/proc", "-maxdepth", "1", "-user", "bin-kast") == ""
        assert debian.says("ls", "/usr/lib/bin-kast", "/var/lib/bin-kast/bin.db") == "/var/lib/bin-kast/bin.db"

        debian.run("apt-get", "purge", "-y", "-qq", "bin-kast")
        assert debian.says("ls", "-d", *OURS) == ""
        assert debian.says("find", "/etc", "/usr", "/var/lib/systemd", "-name", "*bin-kast*") == ""


@pytest.fixture(scope="module")
def maintainer(tmp_path_factory):
    return Maintainer(tmp_path_factory.mktemp("maintainer"))


def update(debian: Debian, package: Path) -> subprocess.CompletedProcess[str]:
    return debian.run("appliance", "update", f"/root/{package.name}", "--json", check=False, seconds=1800)


OFFER = "/var/lib/bin-kast/offered"


def offered(debian: Debian, package: Path) -> str:
    """The version that waits for a coordinator, after a stick with *package* on it."""
    stick = debian.root / "srv/stick"
    shutil.rmtree(stick, ignore_errors=True)
    stick.mkdir()
    for file in (package, package.with_name(f"{package.name}.minisig")):
        shutil.copy(debian.root / "root" / file.name, stick / file.name)
    debian.run(*AS_THE_BOX, "appliance", "update-offer", "/srv/stick")
    return debian.says("sh", "-c", f"cat {OFFER}/version 2>/dev/null")


def test_a_signed_version_is_installed_a_changed_one_refused_and_a_bad_one_goes_away_by_itself(
    first, maintainer, tmp_path
):
    hang = tmp_path / "debian"
    hang.mkdir()
    old = altered(first, tmp_path, "1.0.1", maintainer)
    new = altered(first, tmp_path, "1.1.0", maintainer)
    bad = altered(first, tmp_path, "1.2.0", maintainer, well=False)
    later = altered(first, tmp_path, "1.1.1", maintainer)
    with booted(hang) as debian:
        for package in (old, new, bad, later):
            for file in (package, package.with_name(f"{package.name}.minisig")):
                shutil.copy(file, debian.root / "root" / file.name)
        debian.run("apt-get", "update", "-qq")
        debian.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", f"/root/{old.name}")
        debian.run("udevadm", "verify", "/usr/lib/udev/rules.d/70-bin-kast.rules")
        for service in SERVICES:
            debian.until("active", "systemctl", "is-active", service)
        add = ("appliance", "members", "add", "Ada Claes", "0470000001", "--consent", "2026-01-02")
        debian.run(*AS_THE_BOX, *add)

        changed = debian.root / "root/changed.deb"
        changed.write_bytes(new.read_bytes() + b"x")
        shutil.copy(debian.root / "root" / f"{new.name}.minisig", debian.root / "root/changed.deb.minisig")
        assert "is not what was signed" in update(debian, changed).stderr

        assert json.loads(update(debian, new).stdout) == {"outcome": "done", "old": "1.0.1-1", "new": "1.1.0-1"}
        assert debian.says("appliance", "--version").endswith("1.1.0")
        assert "not newer" in update(debian, old).stderr

        assert "1.1.0-1 runs again" in update(debian, bad).stderr, debian.journal()
        assert offered(debian, bad) == "", "what did not do well here is not offered again"
        assert debian.says("appliance", "--version").endswith("1.1.0")
        for service in SERVICES:
            debian.until("active", "systemctl", "is-active", service)
        assert "Ada Claes" in debian.says(*AS_THE_BOX, "appliance", "members", "list")
        assert debian.says("ls", "/var/lib/bin-kast-update") == "result.json"
        assert debian.says("dpkg", "--audit") == ""

        assert offered(debian, later) == "1.1.1-1"
        debian.run(*AS_THE_BOX, "touch", f"{OFFER}/yes")  # as the page does
        debian.until("1.1.1", "sh", "-c", "appliance --version | grep -o '[0-9.]*$'", seconds=600)
        debian.until("result.json", "ls", "/var/lib/bin-kast-update", seconds=600)
        debian.until("", "sh", "-c", f"ls {OFFER} 2>/dev/null")
        for service in SERVICES:
            debian.until("active", "systemctl", "is-active", service)
