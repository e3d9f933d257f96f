"""The database file: what it promises, and what it refuses."""

import sqlite3

import pytest

from appliance import audit, store
from appliance.models import TABLES, Audit, Member, database
from appliance.store import UnusableStore, writing


def test_commits_survive_a_power_cut_by_full_synchronous_writes_in_wal_mode(house):
    assert database.execute_sql("pragma journal_mode").fetchone() == ("wal",)
    assert database.execute_sql("pragma synchronous").fetchone() == (2,)


def test_the_tables_are_those_of_the_models(house):
    for table in TABLES:
        columns = {column.name for column in database.get_columns(table._meta.table_name)}
        assert columns == set(table._meta.columns), table
        nullable = {column.name for column in database.get_columns(table._meta.table_name) if column.null}
        assert nullable == {field.column_name for field in table._meta.sorted_fields if field.null}, table


def test_the_indexes_are_those_of_the_models(house):
    for table in TABLES:
        indexes = {(tuple(index.columns), index.unique) for index in database.get_indexes(table._meta.table_name)}
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
    with pytest.raises(UnusableStore, match="not a usable database"):
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
        other = sqlite3.connect(f"{house.folder}/bin.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("begin immediate")
        other.close()


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
