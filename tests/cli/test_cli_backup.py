"""Backups: only the key opens them, and what is restored is checked before it counts (facts/ux C32)."""

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import msgspec
import psycopg
import pyrage
import pytest

from appliance.alerts import timers
from appliance.models import Alert, Audit, Member, PoliceContact, Segment
from appliance.people import members
from appliance.upkeep import backup

ADA, BEN, OFFICER = "+32470000001", "+32470000002", "+32475000009"


@pytest.fixture
def bare(bare, engine, request, tmp_path):
    """A box on either store, without tables."""
    if engine == "postgresql":
        cluster = request.getfixturevalue("cluster")
        share(bare, cluster.new())
        yield bare
        bare.close()
        cluster.drop(bare.shared)
    else:
        bare.shared = ""
        yield bare


def share(box, url):
    """From now on *box* has its database at *url*."""
    box.shared = url
    box.config.write_text(f'[bin]\nname = "BIN Test"\n[store]\nurl = "{url}"\nfolder = "{box.folder}"\n')


def on_server(box, words):
    with psycopg.connect(box.shared, autocommit=True) as connection:
        cursor = connection.execute(words)
        return cursor.fetchall() if cursor.description else []


def lose(box):
    """The database is gone."""
    box.close()
    if box.shared:
        on_server(box, "DROP SCHEMA bin_kast CASCADE")
    else:
        box.file.unlink()


def left(box):
    """What is there beside the database in use."""
    box.close()
    if box.shared:
        schemas = on_server(box, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bin_kast%'")
        return {name for (name,) in schemas} - {"bin_kast"}
    files = {path.name for path in box.folder.iterdir() if path.name.startswith("bin.db")}
    return files - {"bin.db", "bin.db-wal", "bin.db-shm", "bin.db.bells"}


@pytest.fixture
def key(tmp_path):
    """A key file and the recipient that goes with it."""
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "key.txt"
    file.write_text(f"# made for a test\n{identity}\n")
    return file, str(identity.to_public())


@pytest.fixture
def backed_up(village, key, tmp_path):
    """A backup of the village, with an alert that is still owed and one that is delayed."""
    village.told("police", "add", "Smets", OFFICER, "--method", "card")
    village.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.")
    village.told("alerts", "forward", "1")
    village.told("alerts", "create", "--class", "test", "--text", "Proef.")
    village.told("alerts", "forward", "2", "--at", "2999-01-01T10:00")
    file = tmp_path / "bin.age"
    village.told("backup", str(file), "--to", key[1])
    return file


def restore(box, file, key, *more):
    return box.told("restore", str(file), "--key", str(key[0]), *more)


def forged(key, tmp_path, lines):
    """A backup that somebody else wrote for the right key."""
    file = tmp_path / "forged.age"
    plain = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    file.write_bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(key[1])]))
    return file


def opened(file, key):
    """The lines of a backup, as its owner can read them."""
    identity = pyrage.x25519.Identity.from_str(key[0].read_text().splitlines()[1])
    return [json.loads(line) for line in pyrage.decrypt(file.read_bytes(), [identity]).splitlines()]


@pytest.mark.slow
def test_a_backup_is_an_age_file_without_a_readable_name(backed_up):
    content = backed_up.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"Ada" not in content
    assert backed_up.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_the_same_counts_come_back_in_a_fresh_box(backed_up, key, village):
    before = {table: table.select().count() for table in (Member, Alert, PoliceContact, Segment)}
    log = Audit.select().count()
    lose(village)
    answer = restore(village, backed_up, key)
    assert answer["restored"]
    assert answer["bin"] == "BIN Test"
    assert answer["previous"] is None
    village.told("members", "list")
    assert {table: table.select().count() for table in before} == before
    assert Audit.select().count() == log - 1  # the backup itself was noted after it was made
    assert village.told("log", "verify")["head"] == answer["log_head"]
    assert village.shared or village.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_service_that_is_just_leaving_the_database_is_waited_for_and_one_that_stays_is_not(backed_up, key, village):
    village.close()
    leaving = psycopg.connect(village.shared, application_name="bin-kast")
    threading.Timer(1.0, leaving.close).start()
    assert restore(village, backed_up, key)["restored"]
    village.close()
    with psycopg.connect(village.shared, application_name="bin-kast"):
        assert "still use the database" in village.refused("restore", str(backed_up), "--key", str(key[0]))


@pytest.mark.slow
def test_a_member_who_is_added_after_a_restore_gets_a_number_of_her_own(backed_up, key, village):
    lose(village)
    restore(village, backed_up, key)
    village.told("members", "add", "Nieuw", "0470 00 00 07", "--consent", "ja")
    assert len(village.told("members", "list")) == 4


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_one_box_moves_to_postgresql_by_a_backup_and_back_again(backed_up, key, village, cluster, tmp_path):
    before = village.told("members", "list")
    share(village, cluster.new())
    assert restore(village, backed_up, key)["previous"] is None
    assert village.told("members", "list") == before
    second = tmp_path / "second.age"
    village.told("backup", str(second), "--to", key[1])
    village.config.write_text(f'[store]\nurl = "sqlite:///{village.file}"\n')
    assert restore(village, second, key)["counts"]["segment"] == 4
    assert village.told("members", "list") == before


@pytest.mark.slow
def test_what_was_owed_comes_back_in_doubt_and_what_was_delayed_waits_for_a_decision(backed_up, key, village):
    answer = restore(village, backed_up, key)
    assert (answer["in_doubt"], answer["decide_again"]) == (4, 1)  # the police hear of it too
    counts = village.told("alerts", "show", "1")["counts"]
    assert (counts["in_doubt"], counts["queued"]) == (3, 0)
    assert village.told("alerts", "show", "2")["state"] == "waiting"
    assert all(segment.due_at > datetime.now(UTC) and segment.doubts == 1 for segment in Segment.select())


@pytest.mark.slow
def test_of_a_police_text_that_was_delayed_every_coordinator_is_asked_anew_after_a_restore(village, key, tmp_path):
    village.told("alerts", "create", "--class", "preventive", "--text", "Tip.", "--source", "police")
    village.told("alerts", "forward", "1", "--at", "2999-01-01T10:00")
    file = tmp_path / "bin.age"
    village.told("backup", str(file), "--to", key[1])
    restore(village, file, key)
    village.told("status")
    steps = [timer.step for timer in timers.due(datetime.now(UTC)) if timer.alert.id == 1]
    assert steps == [timers.Step.STALE]


@pytest.mark.slow
def test_the_old_database_is_kept_and_nothing_else_is_left(backed_up, key, village):
    village.told("members", "add", "Nieuw", "0470 00 00 07", "--consent", "ja")
    answer = restore(village, backed_up, key)
    assert len(village.told("members", "list")) == 3
    where = answer["previous"].rpartition(" " if village.shared else "/")[2]
    assert left(village) == {where}
    if village.shared:
        assert on_server(village, f"SELECT count(*) FROM {where}.member") == [(4,)]
    else:
        with closing(sqlite3.connect(answer["previous"])) as old:
            assert old.execute("SELECT count(*) FROM member").fetchone() == (4,)


@pytest.mark.slow
def test_a_dry_run_shows_what_is_in_it_and_changes_nothing(backed_up, key, village):
    village.told("members", "remove", ADA)
    answer = restore(village, backed_up, key, "--dry-run")
    assert not answer["restored"]
    assert answer["counts"]["member"] == 3
    assert len(village.told("members", "list")) == 2


@pytest.mark.slow
def test_a_person_sees_counts_and_dates(backed_up, key, village):
    shown = village.run("restore", str(backed_up), "--key", str(key[0])).stdout
    assert "3 member" in shown
    assert f"{datetime.now(UTC):%Y-%m-%d}" in shown
    assert "The log is whole" in shown


@pytest.mark.slow
def test_who_said_stop_since_the_backup_does_not_come_back(backed_up, key, village):
    village.told("members", "list")
    ada = members.by_number(ADA)
    members.leave(ada, datetime.now(UTC), f"member {ada.id}")
    village.told("members", "remove", BEN)  # by the coordinator: a restore may be meant to undo that
    answer = restore(village, backed_up, key)
    assert answer["kept_newer"]
    numbers = [member["number"] for member in village.told("members", "list")]
    assert ADA not in numbers
    assert BEN in numbers


@pytest.mark.slow
def test_a_code_that_was_used_since_the_backup_stays_used(backed_up, key, village):
    village.told("police", "list")
    PoliceContact.update(counter=7).execute()
    restore(village, backed_up, key)
    assert village.told("police", "list")[0]["codes_left"] == 43


@pytest.mark.slow
def test_a_contact_who_was_revoked_since_the_backup_stays_revoked(backed_up, key, village):
    village.told("police", "revoke", OFFICER)
    restore(village, backed_up, key)
    assert village.told("police", "list")[0]["revoked"]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_a_broken_database_is_replaced_and_the_coordinator_told_what_to_check(backed_up, key, village):
    village.close()
    for ending in ("-wal", "-shm"):
        village.file.with_name(f"bin.db{ending}").unlink(missing_ok=True)
    village.file.write_bytes(b"rubbish " * 1000)
    village.file.with_name("bin.db-wal").write_bytes(b"more rubbish")
    assert "could not be read" in village.run("restore", str(backed_up), "--key", str(key[0])).stdout
    assert len(village.told("members", "list")) == 3


@pytest.mark.slow
def test_a_database_that_a_service_has_open_is_not_taken_away(backed_up, key, village):
    village.close()
    opened_by_a_service = (
        psycopg.connect(village.shared, application_name="bin-kast")
        if village.shared
        else sqlite3.connect(village.file)
    )
    with closing(opened_by_a_service) as service:
        service.execute(f"SELECT count(*) FROM {'bin_kast.' if village.shared else ''}member").fetchone()
        assert "Stop them first" in village.refused("restore", str(backed_up), "--key", str(key[0]))
    assert restore(village, backed_up, key)["restored"]


@pytest.mark.slow
def test_a_log_row_that_was_changed_before_the_backup_is_named(village, key, tmp_path):
    village.told("status")
    Audit.update(actor="niemand").where(Audit.id == 2).execute()
    village.told("backup", str(tmp_path / "b.age"), "--to", key[1])
    assert restore(village, tmp_path / "b.age", key)["log_broken_at"] == 2


@pytest.mark.slow
def test_another_key_a_cut_file_and_another_file_are_refused(backed_up, key, village, tmp_path):
    stranger, cut, other = (tmp_path / name for name in ("stranger.txt", "cut.age", "other.age"))
    stranger.write_text(str(pyrage.x25519.Identity.generate()))
    cut.write_bytes(backed_up.read_bytes()[:-50])
    other.write_text("hello")
    village.refused("restore", str(backed_up), "--key", str(stranger))
    village.refused("restore", str(backed_up), "--key", str(other))
    for wrong in (cut, other, tmp_path / "none.age"):
        village.refused("restore", str(wrong), "--key", str(key[0]))
    assert len(village.told("members", "list")) == 3


def test_a_key_that_is_none_and_a_place_that_cannot_be_written_are_refused(village, key, tmp_path):
    village.refused("backup", str(tmp_path / "b.age"), "--to", "age1nonsense")
    village.refused("backup", str(tmp_path / "no" / "b.age"), "--to", key[1])
    assert not (tmp_path / "b.age").exists()


def altered(lines, row, change):
    return [*lines[:row], change(lines[row]), *lines[row + 1 :]]


CHANGES = {
    "no header": lambda lines: lines[1:],
    "not ours": lambda lines: altered(lines, 0, lambda header: header | {"format": "zip"}),
    "newer format": lambda lines: altered(lines, 0, lambda header: header | {"version": 2}),
    "newer tables": lambda lines: altered(lines, 0, lambda header: header | {"steps": [*header["steps"], "9999_new"]}),
    "no tables": lambda lines: altered(lines, 0, lambda header: header | {"steps": []}),
    "a row less": lambda lines: lines[:-1],
    "a row twice": lambda lines: [*lines, lines[-1]],
    "an unknown table": lambda lines: [*lines, ["../../etc/passwd", {"id": 1}]],
    "a table of the engine": lambda lines: [*lines, ["sqlite_master", {"sql": "x"}]],
    "the history": lambda lines: [*lines, ["schema_migration", {"name": "9999"}]],
    "an unknown column": lambda lines: altered(lines, 1, lambda row: [row[0], row[1] | {"x) --": 1}]),
    "a value of another kind": lambda lines: altered(lines, 1, lambda row: [row[0], row[1] | {"id": [1]}]),
    "a time that is none": lambda lines: altered(lines, 1, lambda row: [row[0], row[1] | {"at": "x"}]),
    "not JSON": lambda lines: [*lines, b"\x00\xff\n"],
    "a line without end": lambda lines: [*lines, b'["member", {"name": "' + b"a" * 2_000_000],
    "another log": lambda lines: altered(lines, 0, lambda header: header | {"log_head": "0" * 64}),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.slow
def test_a_backup_that_was_tampered_with_changes_nothing(backed_up, key, village, tmp_path, change):
    lines = CHANGES[change](opened(backed_up, key))
    village.told("members", "remove", ADA)
    village.refused("restore", str(forged(key, tmp_path, lines)), "--key", str(key[0]))
    assert len(village.told("members", "list")) == 2
    assert left(village) == set()


@pytest.mark.slow
def test_a_file_larger_than_any_backup_is_not_even_opened(village, key, tmp_path):
    huge = tmp_path / "huge.age"
    with huge.open("wb") as file:
        file.truncate(10_000_000_000)
    assert "larger" in village.refused("restore", str(huge), "--key", str(key[0]))


@pytest.mark.slow
def test_a_key_pair_is_made_once_and_fits(village, tmp_path):
    file = tmp_path / "secret.txt"
    recipient = village.told("backup-key", str(file))["recipient"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "exists" in village.refused("backup-key", str(file))
    village.told("backup", str(tmp_path / "b.age"), "--to", recipient)
    assert restore(village, tmp_path / "b.age", (file, recipient))["restored"]


@pytest.mark.slow
def test_the_answer_of_a_backup_tells_what_is_in_it(village, key, tmp_path):
    answer = village.told("backup", str(tmp_path / "b.age"), "--to", key[1])
    assert answer["counts"]["member"] == 3
    assert msgspec.convert(answer["made"], datetime)
    assert "3 member" in village.run("backup", str(tmp_path / "b.age"), "--to", key[1]).stdout


@pytest.fixture
def chosen(village, key):
    """The key was chosen on the page."""
    village.told("status")
    backup.know(key[1], datetime.now(UTC), "Lies")
    return village


@pytest.mark.slow
def test_the_timer_makes_one_that_the_paper_opens_and_one_on_the_stick(chosen, key, tmp_path):
    made = chosen.told("backup-nightly")
    assert (made["counts"]["member"], made["removed"]) == (3, [])
    assert restore(chosen, made["file"], key, "--dry-run")["counts"] == made["counts"]
    stick = tmp_path / "stick"
    stick.mkdir()
    taken = chosen.told("backup-stick", str(stick))
    assert restore(chosen, taken["file"], key, "--dry-run")["counts"]["member"] == 3


@pytest.mark.slow
def test_without_a_key_the_timer_has_nothing_to_do(village, tmp_path):
    assert village.told("backup-nightly") == {"file": None} == village.told("backup-stick", str(tmp_path))
    assert not (village.folder / "backups").exists()


@pytest.mark.slow
def test_a_key_typed_from_paper_may_have_spaces_and_small_letters_and_no_slip_of_the_pen(key):
    secret = key[0].read_text().splitlines()[1]
    typed = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)).lower()
    assert str(backup.keys_in(f"{typed[:40]}\n{typed[40:]}")[0].to_public()) == key[1]
    slip = secret[:-1] + ("Q" if secret[-1] != "Q" else "P")
    for wrong in ("", "nee", secret[:-1], slip):
        with pytest.raises(backup.BadKey):
            backup.keys_in(wrong)
