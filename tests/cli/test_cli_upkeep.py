"""Looking after the box: database, health, configuration, log, yearly report."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from appliance import __version__, audit, chosen
from appliance.cli.parts import Parts
from appliance.cli.upkeep import MARKS
from appliance.health import doctor
from appliance.health.doctor import Verdict
from appliance.models import Alert, Audit, ModemState

ADA = "+32470000001"


def really(*words, **environment):
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "appliance", *words],
        capture_output=True, text=True, timeout=30, check=False, env=os.environ | environment,
    )  # fmt: skip


@pytest.mark.slow
def test_the_real_command_migrates_refuses_and_is_misused_with_its_three_exit_codes(bare):
    config = str(bare.config)
    assert really("--config", config, "migrate").returncode == 0
    refused = really("alerts", "show", "1", BIN_CONFIG=config)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1
    assert really("--config", config, "alerts", "create").returncode == 2
    assert __version__ in really("--version").stdout


def test_migrating_twice_takes_no_step_twice(bare):
    assert bare.told("migrate")["steps"]
    assert bare.told("migrate")["steps"] == []


def test_commands_before_the_first_migrate_say_what_to_run(bare):
    assert "appliance migrate" in bare.refused("members", "list")


def test_a_slip_of_the_pen_in_the_configuration_is_named_with_a_suggestion(box):
    box.config.write_text('[modem]\n[store]\nurll = "x"\n')
    assert 'did you mean "url"?' in box.refused("members", "list")


def test_broken_toml_is_named_with_its_place(box):
    box.config.write_text('[bin\nname = "x"')
    assert "line 1" in box.refused("status")


def test_a_configuration_that_is_not_there_is_refused(bare):
    bare.config.unlink()
    bare.refused("config", "show")


def test_the_configuration_in_force_says_where_each_value_comes_from(box):
    parts = Parts(str(box.config))
    parts.open()
    chosen.choose({"police_phone": "011 22 33 44", "language": "fr"}, parts.bin, parts.now(), "Lies")
    box.config.write_text(box.config.read_text().replace("[bin]", '[bin]\nlanguage = "de"') + '[[modem]]\nname = "z"\n')
    shown = box.told("config", "show")
    keys = ("name", "language", "police_phone", "timezone")
    assert [shown["config"]["bin"][key] for key in keys] == ["BIN Test", "de", "011 22 33 44", "Europe/Brussels"]
    assert [shown["from"]["bin"][key] for key in keys] == ["file", "file", "page", "default"]
    assert (shown["from"]["modem"][0]["name"], shown["from"]["modem"][0]["pin"]) == ("file", "default")
    said = box.run("config", "show").stdout
    assert (
        'police_phone = "011 22 33 44"  # chosen on the page' in said and tomllib.loads(said)["bin"]["language"] == "de"
    )


def test_looking_at_the_configuration_makes_no_database(bare):
    bare.file.unlink(missing_ok=True)
    assert bare.told("config", "show")["from"]["bin"]["name"] in ("default", "file")
    assert not bare.file.exists()


@pytest.mark.slow
def test_a_database_of_a_newer_version_is_left_alone(village):
    with closing(sqlite3.connect(village.file)) as store, store:
        store.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
    for words in (["members", "list"], ["migrate"], ["alerts", "create", "--class", "test", "--text", "x"]):
        assert "newer version" in village.refused(*words)


@pytest.mark.parametrize("words", [["members", "list"], ["migrate"], ["status"], ["log", "verify"]])
def test_a_file_that_is_no_database_is_left_alone(bare, words):
    bare.file.write_bytes(b"not a database at all " * 500)
    before = bare.file.read_bytes()
    assert "restore" in bare.refused(*words)
    assert bare.file.read_bytes() == before


@pytest.mark.slow
def test_a_database_with_a_damaged_page_is_said_to_be_damaged(village):
    village.close()
    whole = village.file.read_bytes()
    village.file.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    result = village.run("doctor", "--json")
    assert result.exit_code == 1
    damaged = [
        village.run(*words) for words in (["members", "list"], ["alerts", "list"], ["log", "verify"], ["status"])
    ]
    assert any(result.exit_code for result in damaged)
    assert all(len(result.stderr.splitlines()) == 1 for result in damaged if result.exit_code)


def test_a_folder_that_is_not_there_is_refused(bare):
    bare.config.write_text('[store]\nurl = "sqlite:////nowhere/at/all/bin.db"\n')
    assert "/nowhere/at/all" in bare.refused("migrate")


@pytest.mark.parametrize("slashes", ["//", "///"])
@pytest.mark.slow
def test_three_slashes_and_four_are_the_same_database(bare, slashes):
    bare.config.write_text(f'[store]\nurl = "sqlite:{slashes}{bare.file}"\n')
    bare.told("migrate")
    assert bare.file.exists()


def test_the_configuration_is_shown_with_its_file_and_without_its_pin(bare):
    bare.config.write_text('[bin]\nname = "BIN Test"\n[[modem]]\nname = "a"\npin = "4711"\n')
    shown = bare.run("config", "show").stdout
    assert str(bare.config) in shown
    assert 'name = "BIN Test"' in shown
    assert "4711" not in shown
    answer = bare.told("config", "show")
    assert answer["file"] == str(bare.config)
    assert answer["config"]["modem"][0]["pin"] == "••••"


def test_what_config_shows_is_itself_a_configuration(bare, tmp_path):
    copy = tmp_path / "copy.toml"
    copy.write_text(bare.run("config", "show").stdout)
    before = bare.told("config", "show")["config"]
    bare.config = copy
    assert bare.told("config", "show")["config"] == before


def test_a_box_whose_gateway_never_ran_is_starting(village):
    answer = village.told("status")
    assert (answer["level"], answer["troubles"]) == ("starting", [])
    assert answer["queue"] == {"queued": 0, "submitting": 0, "in_doubt": 0, "oldest_seconds": 0}
    assert (answer["members"], answer["coordinators"]) == (3, 1)


@pytest.mark.slow
def test_a_silent_modem_is_said_in_a_sentence_with_a_next_step(village):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    ModemState.create(name="a", heartbeat_at=long_ago, changed_at=long_ago, online=True, operator="Proximus")
    answer = village.told("status")
    assert answer["level"] == "broken"
    assert answer["troubles"][0]["trouble"] == "modem_silent"
    assert answer["troubles"][0]["step"]
    assert answer["modems"][0]["operator"] == "Proximus"
    shown = village.run("status").stdout
    assert answer["sentence"] in shown
    assert answer["troubles"][0]["step"] in shown


@pytest.mark.slow
def test_an_owed_alert_is_counted_in_the_queue(village):
    village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.")
    village.told("alerts", "forward", "1")
    assert village.told("status")["queue"]["queued"] == 3


@pytest.mark.slow
def test_the_log_is_whole_until_a_row_is_changed(village):
    answer = village.told("log", "verify")
    assert (answer["whole"], answer["first_broken"]) == (True, None)
    assert answer["rows"] == Audit.select().count()
    assert "Logboek volledig" in village.run("log", "verify").stdout
    village.told("status")
    Audit.update(actor="niemand").where(Audit.id == 2).execute()
    assert "Regel 2" in village.refused("log", "verify")
    result = village.run("log", "verify", "--json")
    assert (result.exit_code, json.loads(result.stdout)["first_broken"]) == (1, 2)


@pytest.mark.slow
def test_a_year_is_reported_in_totals_without_a_name_or_number(village):
    village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak bij Ada.")
    village.told("alerts", "forward", "1")
    village.told("alerts", "create", "--class", "preventive", "--text", "Sluit uw ramen.")
    year = str(datetime.now(UTC).astimezone().year)
    answer = village.told("report", year)
    urgent, preventive = answer["classes"]["urgent"], answer["classes"]["preventive"]
    assert (urgent["alerts"], urgent["recipients"], urgent["accepted"], urgent["details_erased"]) == (1, 3, 0, 0)
    assert (preventive["alerts"], preventive["states"]["waiting"], preventive["recipients"]) == (1, 1, 0)
    assert answer["log_head"] == village.told("log", "verify")["head"][:8]
    printed = village.run("report", year, "--json").stdout + village.run("report", year).stdout
    assert not [word for word in ("Ada", "Ben", "Lies", "47000000", "Inbraak") if word in printed]


@pytest.mark.slow
def test_another_year_has_nothing(village):
    village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.")
    answer = village.told("report", "2001")
    assert all(of["alerts"] == 0 for of in answer["classes"].values())
    village.misused("report", "vorig")


@pytest.mark.slow
def test_an_alert_at_new_year_belongs_to_the_year_on_the_clocks_here(village):
    Alert.create(
        message_class="urgent", source="coordinator", state="waiting", original="x", text="x",
        created_at=datetime(2024, 12, 31, 23, 30, tzinfo=UTC),
    )  # fmt: skip
    assert village.told("report", "2025")["classes"]["urgent"]["alerts"] == 1
    assert village.told("report", "2024")["classes"]["urgent"]["alerts"] == 0


@pytest.mark.slow
def test_counts_that_were_erased_are_said_to_be_and_not_invented(village):
    now = datetime.now(UTC)
    Alert.create(
        message_class="urgent", source="police", state="closed", original="", text="", created_at=now,
    )  # fmt: skip
    urgent = village.told("report", str(now.astimezone().year))["classes"]["urgent"]
    assert (urgent["alerts"], urgent["details_erased"], urgent["recipients"]) == (1, 1, 0)


def findings(box):
    result = box.run("doctor", "--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code == 0) == answer["ok"]
    return {finding["subject"]: finding for finding in answer["findings"]}


def modem_on(box, port):
    modem = f'[[modem]]\nname = "a"\nport = "{port}"\n'
    box.config.write_text(f'[store]\nurl = "sqlite:///{box.file}"\n{modem}[panel]\nenabled = false\n')


@pytest.mark.slow
def test_the_doctor_finds_a_healthy_box_well(village):
    master, slave = pty.openpty()
    try:
        modem_on(village, os.ttyname(slave))
        os.close(slave)
        found = findings(village)
    finally:
        os.close(master)
    assert [f for f in found.values() if f["verdict"] != "good"] == []
    assert "folder" in found
    assert "✔ database" in village.run("doctor").stdout


def test_the_doctor_does_not_make_a_database(bare):
    assert findings(bare)["database"]["verdict"] == "bad"
    assert not bare.file.exists()


def test_the_doctor_names_a_database_that_is_none_and_what_to_do(bare):
    bare.file.write_bytes(b"not a database" * 100)
    assert "restore" in findings(bare)["database"]["step"]


def test_the_doctor_names_a_missing_port_and_one_that_is_no_tty(village):
    modem_on(village, "/dev/ttyNONE")
    assert "does not exist" in findings(village)["modem a"]["sentence"]
    modem_on(village, village.file)
    assert "not a serial port" in findings(village)["modem a"]["sentence"]


@pytest.mark.slow
def test_the_doctor_names_the_program_that_holds_the_port(village):
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    held = subprocess.Popen(["sleep", "60"], stdin=slave, close_fds=True)
    os.close(slave)
    try:
        modem_on(village, name)
        assert f"sleep (process {held.pid})" in findings(village)["modem a"]["sentence"]
    finally:
        held.kill()
        held.wait()
        os.close(master)


def test_the_doctor_names_a_broken_configuration(bare):
    bare.config.write_text("[bin\n")
    assert findings(bare)["configuration"]["verdict"] == "bad"


@pytest.mark.parametrize(
    ("pin", "verdict"), [("", "good"), ("1234", "good"), ("12", "bad"), ("12ab", "bad"), ("١٢٣٤", "bad")]
)
def test_a_sim_pin_has_four_to_eight_digits(pin, verdict):
    assert doctor.sim_pin("a", pin).verdict == verdict


@pytest.mark.parametrize("pins", [(17, 17, 27, 24), (17, 22, 27, 40), (0, 22, 27, 24)])
def test_panel_pins_are_four_different_pins_of_the_header(pins):
    assert doctor.panel_pins(pins).verdict is Verdict.BAD
    assert doctor.panel_pins((17, 22, 27, 24)).verdict is not Verdict.BAD


def test_every_verdict_has_a_mark():
    assert MARKS.keys() == set(Verdict)


def test_the_log_head_is_none_for_an_empty_log(box):
    assert audit.first_broken() is None
    empty = {"whole": True, "rows": 0, "first_broken": None, "head": "", "last": "-", "lost": []}
    assert box.told("log", "verify") == empty


@pytest.mark.slow
def test_a_head_that_was_kept_outside_shows_what_was_cut_off_the_end(village):
    kept = village.told("log", "verify")["last"]
    village.told("members", "add", "Dora", "0470 00 00 09", "--consent", "ja")
    assert village.told("log", "verify", "--head", kept)["lost"] == []
    Audit.delete().where(Audit.id >= int(kept.partition(":")[0])).execute()
    assert kept in village.refused("log", "verify", "--head", kept)
    assert "slot" in village.refused("log", "verify", "--head", "gisteren")


def test_the_logo_is_chosen_and_taken_away_at_the_command_line(box, tmp_path):
    picture = tmp_path / "logo.png"
    Image.new("RGB", (8, 8)).save(picture)
    assert box.told("logo", "set", str(picture))["chosen"]
    picture.write_text("<svg/>")
    assert "geen png" in box.refused("logo", "set", str(picture))
    assert [box.told("logo", "remove")["removed"] for _ in range(2)] == [True, False]
