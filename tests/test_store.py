"""The database, a file or a server: what it promises, and what it refuses."""

import sqlite3
import subprocess
import sys

import psycopg
import pytest

from appliance import audit, store
from appliance.models import TABLES, Audit, Heartbeat, Member, database
from appliance.store import UnusableStore, writing


def test_commits_survive_a_power_cut(house):
    if house.shared:
        assert database.execute_sql("show synchronous_commit").fetchone() == ("on",)
    else:
        assert database.execute_sql("pragma journal_mode").fetchone() == ("wal",)
        assert database.execute_sql("pragma synchronous").fetchone() == (2,)


def test_a_box_that_dies_in_a_transaction_frees_the_others_within_half_a_minute(house):
    if house.shared:
        assert database.execute_sql("show idle_in_transaction_session_timeout").fetchone() == ("30s",)
        assert database.execute_sql("show lock_timeout").fetchone() == ("30s",)


def test_the_tables_are_those_of_the_models(house):
    for table in TABLES:
        columns = {column.name for column in database.get_columns(table._meta.table_name)}
        assert columns == set(table._meta.columns), table
        nullable = {column.name for column in database.get_columns(table._meta.table_name) if column.null}
        assert nullable == {field.column_name for field in table._meta.sorted_fields if field.null}, table


def test_the_indexes_are_those_of_the_models(house):
    for table in TABLES:
        found = database.get_indexes(table._meta.table_name)
        indexes = {(tuple(index.columns), index.unique) for index in found if index.columns != ["id"]}
        modelled = {
            (tuple(getattr(part, "column_name", part) for part in index._expressions), bool(index._unique))
            for index in table._meta.fields_to_index()
        }
        assert indexes == modelled, table


def test_migrating_twice_changes_nothing(house):
    assert store.migrate() == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(house):
    database.execute_sql("insert into schema_migration (name, applied) values ('0099_later', '2027-01-01')")
    with pytest.raises(UnusableStore, match="newer version"):
        store.migrate()
    with pytest.raises(UnusableStore, match="newer version"):
        store.refuse_older()


def test_a_database_that_lacks_a_step_is_refused_by_the_services(house):
    database.execute_sql("delete from schema_migration")
    with pytest.raises(UnusableStore, match="appliance migrate"):
        store.refuse_older()


def test_a_file_that_is_no_database_is_said_so(house):
    database.close()
    (house.folder / "rubbish.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(UnusableStore, match=r"cannot be used .*restore"):
        store.open_store(f"sqlite:///{house.folder}/rubbish.db")
        store.refuse_older()


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(UnusableStore, match="no such folder"):
        store.open_store(f"sqlite:///{tmp_path}/nowhere/bin.db")


def test_all_of_a_block_is_written_or_nothing(house):
    with pytest.raises(ZeroDivisionError), writing():
        house.enrol("Ada", "0470000201")
        raise ZeroDivisionError
    assert Member.select().count() == 0


def test_the_write_lock_is_taken_at_once_so_that_reading_first_never_fails_later(house):
    with writing():
        assert not another_may_write(house)
    assert another_may_write(house)


def another_may_write(house) -> bool:
    """Whether a second service would get the write lock now."""
    if house.shared:
        with psycopg.connect(house.url) as other:
            return other.execute("select pg_try_advisory_xact_lock(%s)", [store.WRITERS]).fetchone()[0]
    other = sqlite3.connect(f"{house.folder}/bin.db", timeout=0)
    try:
        other.execute("begin immediate")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


def test_a_server_that_is_not_there_is_said_so(tmp_path):
    store.open_store(f"postgresql://bin@/bin?host={tmp_path}", tmp_path)
    with pytest.raises(UnusableStore, match="Is its server on"):
        store.refuse_older()


def test_a_password_is_never_shown():
    assert store.shown("postgresql://bin:geheim@kast1/bin") == "postgresql://bin:••••@kast1/bin"
    assert store.shown("sqlite:///var/lib/bin.db") == "sqlite:///var/lib/bin.db"


def test_a_text_with_a_nul_is_kept(house):
    with writing():
        audit.record("Lies", "created", "alert 1", house.now, "a\0b")
    assert Audit.get().detail in ("a\0b", "a\N{SYMBOL FOR NULL}b")


def test_the_log_of_who_did_what_shows_a_changed_row(house):
    for verb in ("created", "forwarded", "closed"):
        audit.record("Lies", verb, "alert 1", house.now)
    assert audit.first_broken() is None
    Audit.update(actor="Jan").where(Audit.id == 2).execute()
    assert audit.first_broken() == 2


def test_a_row_taken_out_of_the_log_shows_too(house):
    for verb in ("created", "forwarded", "closed"):
        audit.record("Lies", verb, "alert 1", house.now)
    Audit.delete().where(Audit.id == 2).execute()
    assert audit.first_broken() == 3


@pytest.mark.slow
def test_a_box_with_sqlite_does_not_load_the_driver_of_a_server(tmp_path):
    """15 MB in each of its services."""
    words = "import sys, appliance.cli, appliance.web; print(sys.modules.get('psycopg'))"
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout == "None\n"


def test_the_version_of_the_store_changes_with_each_commit_of_whoever_and_with_nothing_else(house):
    first = store.version()
    assert store.version() == first
    with store.writing():
        Heartbeat.create(service="panel", at=house.now)
    ours = store.version()
    assert ours != first
    assert Heartbeat.select().count() == 1
    assert store.version() == ours
    other = (
        "from pathlib import Path; from appliance import health, store; from appliance.clock import now;"
        f"store.open_store({house.url!r}, Path({str(house.folder)!r})); health.beat('gateway', now())"
    )
    subprocess.run([sys.executable, "-c", other], check=True)
    assert store.version() != ours
