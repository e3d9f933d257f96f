"""The modems on the command line: what is known of them, the power, and what the doctor makes of a stick."""

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import modem_state, store
from appliance.clock import now
from appliance.health import doctor
from appliance.health.doctor import Verdict
from appliance.models import Segment
from appliance.modem.recovery import Step

WELL = {"online": True, "registered": True, "operator": "Proximus", "technology": "4G", "model": "EC25"}


@pytest.fixture
def seen(box):
    """Writes down what a gateway saw."""

    def write(name: str = "a", **facts: object) -> None:
        store.open_store(f"sqlite:///{box.file}")
        modem_state.remember(name, now(), **{"heartbeat_at": now(), **facts})

    return write


def configure(box, *lines: str) -> None:
    box.config.write_text(f'[store]\nurl = "sqlite:///{box.file}"\n[[modem]]\nname = "a"\n' + "\n".join(lines))


def script(folder: Path, body: str) -> str:
    """A power_command that runs *body*."""
    path = folder / "cut.py"
    path.write_text(f"import os, sys, time\n{body}\n")
    return f"power_command = {[sys.executable, str(path)]}"


def test_a_modem_that_no_gateway_has_seen_is_listed_all_the_same(box):
    (modem,) = box.told("modems", "list")
    assert (modem["name"], modem["online"], modem["segments_today"], modem["segments_per_day"]) == ("a", None, 0, 350)
    assert modem["recovery"] == {"step": None, "words": "", "at": None, "taken": {}}


def test_a_modem_is_listed_with_what_was_done_for_it(box, seen):
    seen(**WELL, recovery_step=int(Step.RADIO), recovery_at=now(), steps_taken='{"radio":2,"reopen":5}')
    (modem,) = box.told("modems", "list")
    assert (modem["operator"], modem["model"]) == ("Proximus", "EC25")
    assert modem["recovery"]["step"] == "radio"
    assert modem["recovery"]["taken"] == {"radio": 2, "reopen": 5}
    assert "radio uit en aan" in box.run("modems", "list").stdout


@pytest.mark.slow
def test_the_power_is_tried_and_the_port_seen_to_go_and_come_back(box):
    port = box.folder / "ttyUSB0"
    port.touch()
    cut = (
        f"os.rename({str(port)!r}, {str(port)!r} + 'x'); time.sleep(0.4); os.rename({str(port)!r} + 'x', {str(port)!r})"
    )
    configure(box, f'port = "{port}"', script(box.folder, cut))
    answer = box.told("modems", "test-power")
    assert (answer["modem"], answer["port_went"], answer["port_came_back"]) == ("a", True, True)


@pytest.mark.slow
def test_a_hub_that_only_says_that_it_switches_is_found_out(box):
    port = box.folder / "ttyUSB0"
    port.touch()
    configure(box, f'port = "{port}"', script(box.folder, "pass"))
    result = box.run("modems", "test-power", "a")
    assert result.exit_code == 1
    assert "the port never went" in result.stdout


@pytest.mark.slow
def test_a_power_command_that_fails_says_what_it_said(box):
    configure(box, script(box.folder, "sys.exit('no compatible hub')"))
    assert "no compatible hub" in box.refused("modems", "test-power")
    configure(box, 'power_command = ["/nowhere/uhubctl"]')
    assert "cannot be run" in box.refused("modems", "test-power")


def test_without_a_command_or_a_known_name_there_is_nothing_to_try(box):
    assert "has no power_command" in box.refused("modems", "test-power")
    assert "Which modem?" in box.refused("modems", "test-power", "z")


@pytest.mark.slow
def test_the_power_is_not_cut_in_the_midst_of_a_text(box):
    configure(box, script(box.folder, "pass"))
    box.told("members", "add", "Ada", "0470000001", "--consent", "2026")
    number = box.told("alerts", "create", "--class", "urgent", "--text", "Brand")["id"]
    box.told("alerts", "forward", str(number))
    store.open_store(f"sqlite:///{box.file}")
    Segment.update(state="submitting", modem="a").execute()
    assert "right now" in box.refused("modems", "test-power")


def test_the_name_of_a_stick_that_was_replaced_is_free_again(box, seen):
    assert "nothing to forget" in box.refused("modems", "forget", "a")
    seen(**WELL, imei="350000000000001")
    assert "unplug it first" in box.refused("modems", "forget", "a")
    seen(online=False)
    assert box.told("modems", "forget", "a") == {"modem": "a", "imei": "350000000000001"}
    assert box.told("modems", "list")[0]["imei"] == ""


@pytest.fixture
def many(box, seen):
    """Modem a works; a2 was found once, and is not plugged in."""
    configure(box, 'port = "all"')
    seen("a", **WELL)
    seen("a2", imei="350000000000002", online=False, fault="", heartbeat_at=now() - timedelta(days=3))


def test_of_the_sticks_that_come_and_go_those_are_listed_that_were_ever_found(box, many):
    listed = {modem["name"]: modem["away"] for modem in box.told("modems", "list")}
    assert listed == {"a": False, "a2": True}
    assert re.search(r"(?m)^a2 +weg", box.run("modems", "list").stdout)
    assert box.told("modems", "forget", "a2") == {"modem": "a2", "imei": "350000000000002"}


def test_the_doctor_finds_nothing_wrong_with_a_stick_that_may_be_away_unless_it_is_the_only_one(box, many, seen):
    gone = doctor.seen("a2", now())
    assert gone and (gone.verdict, gone.sentence) == (Verdict.GOOD, "Its stick is not plugged in.")
    seen("a", online=False, fault="")
    gone = doctor.seen("a2", now())
    assert gone and (gone.verdict, gone.step) == (Verdict.BAD, "Plug it in.")


def test_a_box_without_such_a_modem_needs_nobody_who_looks_for_sticks(box):
    result = box.run("sticks")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to do" in result.stderr


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (WELL, Verdict.GOOD, "EC25 answers, its SIM is open and Proximus 4G serves it"),
        (WELL | {"technology": "2G"}, Verdict.ODD, "LTE modem"),
        (WELL | {"registered": False, "registration": "denied"}, Verdict.BAD, r"no network \(denied\).*antenna"),
        (WELL | {"stopped": "Look at its credit."}, Verdict.BAD, "credit"),
        ({"fault": "The SIM asks for its PIN"}, Verdict.BAD, "asks for its PIN"),
        ({"fault": "Silent.", "recovery_step": 8}, Verdict.BAD, "unplug the modem, wait ten seconds"),
        (WELL | {"heartbeat_at": now() - timedelta(hours=1)}, Verdict.BAD, "systemctl restart bin-kast-gateway@a"),
    ],
)
def test_the_doctor_says_in_one_sentence_what_is_wrong_with_the_stick(box, seen, facts, verdict, words):
    seen(**facts)
    found = doctor.seen("a", now())
    assert found is not None
    assert found.verdict is verdict
    assert re.search(words, f"{found.sentence} {found.step}")
    assert found.sentence in box.run("doctor").stdout


def test_the_doctor_says_nothing_of_a_gateway_that_never_ran(box):
    assert "gateway of modem" not in box.run("doctor").stdout
