"""The units, judged by systemd's own tools."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "systemd").glob("bin-kast*.service"))
INSTALLED = "/opt/bin-kast/bin/appliance"
HERE = str(Path(sys.executable).with_name("appliance"))
TENTH_POINTS = "10"  # an exposure of 1.0 of 10


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units as they are installed, but for the place of the program."""
    for path in [*UNITS, ROOT / "systemd/bin-kast.target"]:
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8").replace(INSTALLED, HERE), encoding="utf-8")
    return sorted(str(path) for path in tmp_path.iterdir())


def verified(units: list[str]) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_systemd_has_nothing_to_say_about_any_unit(units):
    judged = verified(units)
    assert (judged.returncode, judged.stderr) == (0, "")


def test_the_judge_does_see_a_slip_of_the_pen(units):
    one = Path(next(unit for unit in units if "panel" in unit))
    one.write_text(one.read_text().replace("Restart=always", "Restrat=always"))
    assert "Restrat" in verified([str(one)]).stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_each_service_can_do_no_more_than_it_must(unit):
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={TENTH_POINTS}", "--no-pager", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("service", ["gateway@", "panel", "web"])
def test_each_service_comes_back_by_itself_and_never_before_the_database_is_of_this_version(service):
    lines = (ROOT / f"systemd/bin-kast-{service}.service").read_text(encoding="utf-8").splitlines()
    assert {"Restart=always", "Type=notify", "Requires=bin-kast-migrate.service"} <= set(lines)


def test_the_user_of_the_services_is_made_without_a_password_or_a_shell(tmp_path):
    for file in ("passwd", "group", "shadow", "gshadow"):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc" / file).touch()
    command = ["systemd-sysusers", f"--root={tmp_path}", str(ROOT / "systemd/bin-kast.sysusers")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    user = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("bin-kast:"))
    assert user.endswith("/usr/sbin/nologin")
    assert "bin-kast:!" in (tmp_path / "etc/shadow").read_text()


def test_the_settings_that_a_new_box_gets_are_understood():
    command = [HERE, "--config", str(ROOT / "setup/config.toml"), "config", "show", "--json"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
