"""A database that is damaged or gone: named with what to do, left as it is, replaced only by somebody with the key."""

import subprocess
import sys

import pytest


def over(start: int, size: int):
    """So many octets are not what they were."""

    def damage(file):
        whole = file.read_bytes()
        file.write_bytes(whole[:start] + b"\xff" * size + whole[start + size :])

    return damage


def a_folder(file):
    file.unlink()
    file.mkdir()


DAMAGES = {
    "its header is overwritten": over(0, 100),
    "a page is overwritten": over(4096, 4096),
    "half of it is missing": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "it is empty": lambda file: file.write_bytes(b""),
    "it is not there": lambda file: file.unlink(),
    "a folder is in its place": a_folder,
}


@pytest.fixture
def used(village, tmp_path):
    """The village after services have run there, with a backup of it; returned are the backup and its key."""
    key, backup = tmp_path / "key", tmp_path / "backup.age"
    recipient = village.told("backup-key", str(key))["recipient"]
    village.told("backup", str(backup), "--to", recipient)
    village.close()
    village.file.with_name("bin.db.bells").mkdir()
    return backup, key


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.slow
def test_it_is_named_and_not_made_anew_until_a_backup_is_restored_with_its_key(village, used, damage):
    backup, key = used
    damage(village.file)
    before = village.file.read_bytes() if village.file.is_file() else None
    assert village.run("doctor").exit_code == 1
    assert village.run("migrate").exit_code == 1 or before  # a single page is not looked at here
    if before:
        assert village.file.read_bytes() == before
    if village.file.is_dir():
        village.close()
        village.file.rmdir()  # whoever put it there takes it away
    assert village.told("restore", str(backup), "--key", str(key))["restored"]
    assert len(village.told("members", "list")) == 3


@pytest.mark.slow
def test_an_empty_database_is_filled_on_a_new_box_and_refused_on_one_that_was_in_use(village, used):
    village.file.write_bytes(b"")
    for words in (["migrate"], ["status"], ["members", "list"]):
        assert "restore" in village.refused(*words)
    village.file.with_name("bin.db.bells").rmdir()
    village.close()
    assert village.told("migrate")["steps"]


HOLDER = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_the_doctor_names_the_program_that_keeps_the_database_locked(village):
    village.close()
    command = [sys.executable, "-c", HOLDER, str(village.file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"locked\n"
        words = village.run("doctor").stdout
        holder.stdin.close()
    assert "is kept locked by" in words and f"(process {holder.pid})" in words
