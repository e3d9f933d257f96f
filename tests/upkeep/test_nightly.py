"""Backups that nobody has to think of: which stay, that each was read back, and that a send goes first."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import alerts, audit, bookmarks, health, store
from appliance.alerts import MessageClass, Source
from appliance.health import Trouble
from appliance.models import Member
from appliance.upkeep import backup, nightly
from appliance.upkeep.backup import BadBackup, Put

NOW = datetime(2026, 11, 25, 5, 17, tzinfo=UTC)


def days_ago(*days: int) -> list[datetime]:
    return [NOW - timedelta(days=day) for day in days]


def test_of_a_month_of_nights_a_week_of_days_and_four_weeks_stay():
    assert sorted(nightly.kept(days_ago(*range(30)), NOW)) == days_ago(17, 10, 6, 5, 4, 3, 2, 1, 0)


def test_a_box_that_was_off_for_a_fortnight_keeps_what_it_has():
    assert nightly.kept(days_ago(0, 14, 15, 16), NOW) == set(days_ago(0, 14, 15, 16))


def test_of_two_on_one_day_the_last_stays():
    early = NOW - timedelta(hours=2)
    assert nightly.kept([early, NOW], NOW) == {NOW}


@given(st.lists(st.integers(-5, 60), max_size=80))
def test_nobody_who_left_a_month_ago_is_in_any_backup_on_the_box_and_the_last_one_always_stays(days):
    kept = nightly.kept([NOW, *days_ago(*days)], NOW)
    assert NOW in kept and len(kept) <= nightly.DAYS + nightly.WEEKS
    assert all(NOW - at + nightly.LEFT <= nightly.AT_MOST for at in kept)


@pytest.fixture
def paper():
    """The key on paper, chosen on the page."""
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def zonnebos(street, paper):
    """Zonnebos, whose coordinator has chosen that key."""
    backup.know(str(paper.to_public()), street.now, "Lies")
    return street


def make(place, paper):
    return nightly.make(str(paper.to_public()), place.url, place.folder, "BIN Zonnebos", place.now)


@pytest.mark.slow
def test_each_night_a_backup_that_was_read_back_is_on_the_box_for_the_paper_alone(zonnebos, paper):
    made = make(zonnebos, paper)
    assert made.file == zonnebos.folder / "backups" / f"bin-kast-{zonnebos.now:%Y%m%dT%H%M%S}.age"
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert bookmarks.last(bookmarks.NIGHTLY) == zonnebos.now
    assert Member.select().count() == 5, "the box goes on with its own database"
    looked = backup.restore(made.file, [paper], zonnebos.url, zonnebos.now, folder=zonnebos.folder, put=Put.NOWHERE)
    assert looked.header == made.header
    assert not list(zonnebos.folder.glob("*.scratch*"))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_backup_that_cannot_be_restored_is_not_kept_and_counts_for_nothing(zonnebos, paper, engine):
    """A row that refers to nobody: SQLite takes it from a program that does not ask for references to be held."""
    with closing(sqlite3.connect(zonnebos.folder / "bin.db", isolation_level=None)) as careless:
        careless.execute("INSERT INTO list_change (member_list_id, member_id, before, after) VALUES (77, 78, '', '')")
    with pytest.raises(BadBackup, match="cannot be restored"):
        make(zonnebos, paper)
    assert not list((zonnebos.folder / "backups").iterdir())
    assert bookmarks.last(bookmarks.NIGHTLY) is None


@pytest.mark.slow
def test_old_ones_go_strangers_stay_and_what_a_power_cut_left_is_swept_up(zonnebos, paper):
    there = zonnebos.folder / "backups"
    there.mkdir()
    old, partial, strange, nonsense = (
        there / name
        for name in ("bin-kast-20260101T051700.age", "bin-kast-20261124T051700.age.partial", "foto.jpg",
                     "bin-kast-20269999T999999.age")
    )  # fmt: skip
    for file in (old, partial, strange, nonsense):
        file.touch()
    made = make(zonnebos, paper)
    assert made.removed == [old]
    assert sorted(there.iterdir()) == sorted([made.file, strange, nonsense])


@pytest.mark.slow
def test_nothing_old_goes_before_the_clock_was_set(zonnebos, paper):
    old = zonnebos.folder / "backups" / "bin-kast-20260101T051700.age"
    old.parent.mkdir()
    old.touch()
    zonnebos.now = datetime(2000, 1, 1, tzinfo=UTC)
    assert make(zonnebos, paper).removed == [] and old.exists()


@pytest.mark.slow
def test_a_stick_gets_its_own_and_the_log_says_so(zonnebos, paper, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    made = nightly.take_away(stick, str(paper.to_public()), "BIN Zonnebos", zonnebos.now)
    assert list((stick / "bin-kast").iterdir()) == [made.file]
    assert health.last_backup() == zonnebos.now and audit.first_broken() is None


def test_a_stick_that_cannot_be_written_is_refused_in_one_line(zonnebos, paper, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "bin-kast").write_text("a file where the folder should be")
    with pytest.raises(BadBackup, match="cannot be written"):
        nightly.take_away(stick, str(paper.to_public()), "BIN Zonnebos", zonnebos.now)


def test_while_texts_leave_there_is_no_backup(zonnebos):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak.", "Lies", zonnebos.now, zonnebos.bin)
    alerts.forward(alert, "Lies", "page", zonnebos.now, zonnebos.bin)
    with pytest.raises(BadBackup, match="sending"):
        nightly.await_quiet(zonnebos.clock, patience=-1)


def test_three_nights_without_a_good_backup_are_told_and_a_box_without_a_key_is_not_blamed(street, paper):
    assert Trouble.NO_NIGHTLY not in health.read(street.now).troubles
    backup.know(str(paper.to_public()), street.now, "Lies")
    assert health.read(street.later(days=3)).facts.nightly_age == timedelta(days=3)
    with store.writing():
        bookmarks.mark(bookmarks.NIGHTLY, street.now)
    assert health.read(street.later(days=2)).facts.nightly_age == timedelta(days=2)
    backup.know(str(paper.to_public()), street.now, "Lies")  # for a new key the old ones are worth nothing
    assert health.read(street.now).facts.nightly_age == timedelta(0)
