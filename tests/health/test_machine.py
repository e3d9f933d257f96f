"""What the kernel says of the computer itself."""

from pathlib import Path

import pytest

from appliance.health import machine
from appliance.health.machine import Machine


def pi(tmp_path: Path, warmth: str, power: str) -> Machine:
    for name, words in (("temp", warmth), ("throttled", power)):
        (tmp_path / name).write_text(words)
    return machine.read(tmp_path, tmp_path / "temp", tmp_path / "throttled")


def test_a_warm_pi_with_good_power_is_read_as_such(tmp_path):
    seen = pi(tmp_path, "48312\n", "0\n")
    assert (seen.celsius, seen.under_voltage) == (48.312, False)


@pytest.mark.parametrize("bits", ["50005", "50000", "1", "0x1"])
def test_a_supply_that_sagged_once_since_the_start_is_seen(tmp_path, bits):
    assert pi(tmp_path, "40000", bits).under_voltage


def test_the_room_left_is_that_of_the_folder_asked_for(tmp_path):
    room = pi(tmp_path, "40000", "0").free_megabytes
    assert room is not None and room > 0


@pytest.mark.parametrize("nonsense", ["", "hot", "\x00"])
def test_what_the_kernel_does_not_say_is_not_known(tmp_path, nonsense):
    seen = pi(tmp_path, nonsense, nonsense)
    assert (seen.celsius, seen.under_voltage) == (None, None)


def test_a_computer_that_is_no_pi_says_nothing_and_that_is_no_error(tmp_path):
    nowhere = tmp_path / "nowhere"
    assert machine.read(nowhere, nowhere, nowhere) == Machine()
