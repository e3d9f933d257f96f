"""The log of who did what proves itself, and outlives the people in it."""

import hashlib
import re
from datetime import timedelta

import pytest

from appliance import audit, bookmarks
from appliance.audit import BadHead, Head
from appliance.models import Audit, Delivery, Member
from appliance.people import members
from appliance.upkeep import witness


@pytest.fixture
def log(house):
    """Twelve rows."""
    for number in range(12):
        audit.record("knop", "held", f"alert {number}", house.later(minutes=1))
    return house


def rows():
    return list(Audit.select().order_by(Audit.id))


@pytest.mark.parametrize("column", ["actor", "verb", "subject", "detail", "seal"])
@pytest.mark.parametrize("place", [1, 6, 12])
def test_a_changed_row_is_found_wherever_it_is(log, column, place):
    Audit.update({getattr(Audit, column): "iets anders"}).where(Audit.id == place).execute()
    assert audit.first_broken() == place


def test_a_moved_time_is_found(log):
    Audit.update(at=log.now).where(Audit.id == 4).execute()
    assert audit.first_broken() == 4


@pytest.mark.parametrize("place", [1, 6, 11])
def test_a_removed_row_is_found(log, place):
    Audit.delete().where(Audit.id == place).execute()
    assert audit.first_broken() == place + 1


def test_an_inserted_row_is_found(log):
    Audit.delete().where(Audit.id == 5).execute()
    Audit.create(id=5, at=log.now, actor="knop", verb="held", subject="alert 99", seal=hashlib.sha256(b"").hexdigest())
    assert audit.first_broken() == 5


def test_two_rows_that_changed_places_are_found(log):
    Audit.update(id=100).where(Audit.id == 5).execute()
    Audit.update(id=5).where(Audit.id == 6).execute()
    assert audit.first_broken() is not None


def test_what_is_cut_off_at_the_end_only_the_head_outside_the_box_can_tell(log):
    kept = audit.head()
    Audit.delete().where(Audit.id > 10).execute()
    assert audit.first_broken() is None
    assert not audit.holds(kept)


def test_a_log_that_was_sealed_anew_does_not_hold_the_old_head(log):
    kept = audit.head()
    before = ""
    for row in rows():
        row.actor = "niemand"
        row.seal = before = audit._seal(before, row)
        row.save()
    assert audit.first_broken() is None
    assert not audit.holds(kept)


def test_a_head_is_read_as_it_was_printed_and_still_held_when_the_log_has_grown(log):
    printed = str(audit.head())
    audit.record("knop", "held", "alert 13", log.now)
    assert audit.holds(audit.read_head(f" {printed.upper()} "))


@pytest.mark.parametrize(
    "written", ["", "175765b3", "12:", "twaalf:175765b3", "12:1757", "-1:175765b3", "9" * 30 + ":175765b3"]
)
def test_what_is_no_head_is_refused(written):
    with pytest.raises(BadHead):
        audit.read_head(written)


def test_an_empty_log_has_a_head_too(house):
    assert (audit.head(), str(audit.head())) == (Head(0, ""), "-")


def test_a_shortened_log_is_whole_and_still_shows_what_is_taken_out(log):
    old = audit.head()
    log.later(days=800)
    audit.record("knop", "held", "alert 13", log.now)
    assert audit.shorten(log.now - timedelta(days=730), log.now) == old.row
    assert audit.first_broken() is None
    first = rows()[0]
    Audit.delete().where(Audit.id == first.id).execute()
    assert audit.first_broken() is not None


def test_a_log_without_old_rows_is_not_shortened(log):
    assert audit.shorten(log.now - timedelta(days=730), log.now) == 0
    assert [row.verb for row in rows()] == ["held"] * 12


def test_people_are_in_the_log_by_number_so_that_erasing_them_breaks_nothing(street):
    street.officer("De Wit", "0470000001")
    lies = Member.get(Member.name == "Lies")
    for who in ("Lies", "De Wit", "knop"):
        audit.record(who, "tried", "alert 1", street.now)
    assert [row.actor for row in rows()[-3:]] == [f"member {lies.id}", "contact 1", "knop"]
    members.leave(lies, street.now, "Lies")
    lies.delete_instance()
    assert audit.first_broken() is None
    assert not [row for row in rows() if "Lies" in row.actor + row.detail]


# --- the witness


def heads(house, days):
    """What the box tells Jan, when somebody looks every hour of so many days."""
    for _ in range(24 * days):
        witness.weekly(house.later(hours=1), house.bin)
    return [d.text for d in Delivery.select().where(Delivery.name == "Jan")]


def test_every_week_the_second_coordinator_hears_where_the_log_ends(street):
    told = heads(street, 15)
    assert len(told) == 2
    assert not Delivery.select().where(Delivery.name != "Jan").exists()
    known = [audit.read_head(re.search(r"\d+:[0-9a-f]{8}", words).group()) for words in told]
    assert all(audit.holds(head) for head in known)
    Audit.update(seal="0" * 64).where(Audit.id == known[0].row).execute()
    assert not audit.holds(known[0])


def test_it_wakes_nobody_and_with_one_coordinator_there_is_no_witness(street):
    assert witness.is_due(street.now, street.now + timedelta(days=8), 3) is False
    assert witness.is_due(street.now, street.now + timedelta(days=8), 11) is True
    members.remove_coordinator(Member.get(Member.name == "Jan"), street.now, "Lies")
    assert heads(street, 15) == []


def test_before_the_clock_is_set_no_week_begins(street):
    witness.weekly(street.now.replace(year=2000), street.bin)
    assert bookmarks.last(witness.TOLD) is None
