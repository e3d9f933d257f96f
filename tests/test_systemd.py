"""The units, judged by systemd's own tools."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.cli.supervise import AWAY
from appliance.config import Modem as ModemConfig
from appliance.panel.service import BATTERY_LOW

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "systemd").glob("*.service"))
INSTALLED = "/usr/lib/bin-kast/bin/"
HERE = f"{Path(sys.executable).parent}/"
# exposure in tenths
TENTH_POINTS = {
    "bin-kast-front.service": "15",  # it alone stands in the home network, and takes port 443
    "update-bin-kast.service": "24",  # it runs dpkg, as root
    "update-bin-kast-offered.service": "24",  # it prepares that, as root
}


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units as they are installed, but for the place of the program."""
    for path in [
        *UNITS,
        *(found for kind in ("target", "timer", "path", "mount") for found in (ROOT / "systemd").glob(f"*.{kind}")),
    ]:
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
    most = TENTH_POINTS.get(unit.name, "10")
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert judged.returncode == 0, judged.stdout


def test_the_gateway_may_switch_hubs_and_pins_for_its_power_command_and_reach_no_network():
    lines = set((ROOT / "systemd/bin-kast-gateway@.service").read_text(encoding="utf-8").splitlines())
    assert {f"DeviceAllow=char-{kind} rw" for kind in ("188", "166", "usb_device", "gpiochip")} <= lines
    assert {
        "DevicePolicy=closed",
        "SupplementaryGroups=dialout gpio",
        "PrivateNetwork=yes",
        "IPAddressDeny=any",
    } <= lines
    rules = (ROOT / "systemd/70-bin-kast.rules").read_text(encoding="utf-8").splitlines()
    (hubs,) = [rule for rule in rules if 'GROUP="dialout"' in rule]
    assert 'ATTR{bDeviceClass}=="09"' in hubs


def test_the_finder_of_sticks_may_open_what_usb_modems_have_and_nothing_else():
    lines = (ROOT / "systemd/bin-kast-sticks.service").read_text(encoding="utf-8").splitlines()
    allowed = [line for line in lines if line.startswith(("DeviceAllow=", "SupplementaryGroups="))]
    assert allowed == ["SupplementaryGroups=dialout", "DeviceAllow=char-188 rw", "DeviceAllow=char-166 rw"]
    assert {"DevicePolicy=closed", "PrivateNetwork=yes", "IPAddressDeny=any", "User=bin-kast"} <= set(lines)


def test_every_stick_that_the_settings_name_has_a_unit_that_waits_for_it_and_lets_it_go():
    target = (ROOT / "systemd/bin-kast.target").read_text(encoding="utf-8")
    waiting = re.findall(r"bin-kast-stick@(\w+)\.path", target)
    assert waiting == [spare.name for spare in ModemConfig(port="all").spares]
    gateway = (ROOT / "systemd/bin-kast-gateway@.service").read_text(encoding="utf-8").splitlines()
    assert {f"RestartPreventExitStatus={AWAY}", f"SuccessExitStatus={AWAY}"} <= set(gateway)


@pytest.mark.parametrize(("service", "bond"), [("gateway@", "Requires"), ("panel", "Wants"), ("web", "Wants")])
def test_each_service_comes_back_by_itself_and_lamp_and_page_even_without_a_usable_database(service, bond):
    lines = (ROOT / f"systemd/bin-kast-{service}.service").read_text(encoding="utf-8").splitlines()
    needed = {f"{bond}=bin-kast-migrate.service", "After=bin-kast-migrate.service"}
    assert {"Restart=always", "Type=notify"} | needed <= set(lines)


def test_the_user_of_the_services_is_made_without_a_password_or_a_shell(tmp_path):
    for file in ("passwd", "group", "shadow", "gshadow"):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc" / file).touch()
    command = ["systemd-sysusers", f"--root={tmp_path}", str(ROOT / "systemd/bin-kast.sysusers")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    user = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("bin-kast:"))
    assert user.endswith("/usr/sbin/nologin")
    assert "bin-kast:!" in (tmp_path / "etc/shadow").read_text()
    groups = dict(line.split(":", 1) for line in (tmp_path / "etc/group").read_text().splitlines())
    for group in ("dialout", "gpio"):  # or `sudo -u bin-kast appliance doctor` and `panel test` say that all is wrong
        assert groups[group].endswith(":bin-kast"), group


def test_no_stick_but_ours_is_mounted_and_nothing_on_it_is_a_program_or_a_device():
    rules = (ROOT / "systemd/70-bin-kast.rules").read_text(encoding="utf-8").splitlines()
    (stick,) = [rule for rule in rules if 'SYMLINK+="binkast"' in rule]
    assert {'ENV{ID_BUS}=="usb"', 'ENV{ID_FS_LABEL}=="BINKAST"', 'ENV{ID_FS_TYPE}=="vfat|exfat"'} <= set(
        stick.split(", ")
    )
    mount = (ROOT / "systemd/media-binkast.mount").read_text(encoding="utf-8")
    assert "What=/dev/binkast\n" in mount and "Options=nodev,nosuid,noexec," in mount
    writer = (ROOT / "systemd/bin-kast-stick.service").read_text(encoding="utf-8")
    assert "Requires=media-binkast.mount\n" in writer and "CapabilityBoundingSet=\n" in writer


def test_an_empty_battery_stops_the_machine_by_the_service_manager_and_gives_nobody_the_right_to():
    lines = (ROOT / "systemd/bin-kast-battery.service").read_text(encoding="utf-8").splitlines()
    assert {"SuccessAction=poweroff", "User=bin-kast", "CapabilityBoundingSet=", "ExecStart=/usr/bin/true"} <= set(
        lines
    )
    word = (ROOT / "systemd/bin-kast-battery.path").read_text(encoding="utf-8")
    panel = (ROOT / "systemd/bin-kast-panel.service").read_text(encoding="utf-8")
    assert f"PathExists=/run/bin-kast/{BATTERY_LOW}\n" in word and "RuntimeDirectory=bin-kast\n" in panel
    assert "bin-kast-battery.path" in (ROOT / "systemd/bin-kast.target").read_text(encoding="utf-8")


def test_one_service_alone_may_set_the_clock_and_it_may_nothing_else():
    setters = [unit.name for unit in UNITS if "ProtectClock=yes" not in unit.read_text(encoding="utf-8")]
    assert setters == ["bin-kast-clock.service"]
    lines = set((ROOT / "systemd/bin-kast-clock.service").read_text(encoding="utf-8").splitlines())
    assert {
        "User=bin-kast",
        "CapabilityBoundingSet=CAP_SYS_TIME",
        "PrivateNetwork=yes",
        "ProtectSystem=strict",
    } <= lines
    target = (ROOT / "systemd/bin-kast.target").read_text(encoding="utf-8")
    assert "bin-kast-clock.path" in target


@pytest.mark.slow
def test_the_settings_that_a_new_box_gets_are_understood():
    command = [f"{HERE}appliance", "--config", str(ROOT / "setup/package/config.toml"), "config", "show", "--json"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
