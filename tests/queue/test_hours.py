"""Prevention keeps hours, on the clock on the wall, also when the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.queue.hours import CLOSES, OPENS, opens

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("2026-11-25T12:00", "2026-11-25T12:00+01:00"),
        ("2026-11-25T08:00", "2026-11-25T08:00+01:00"),
        ("2026-11-25T07:59", "2026-11-25T08:00+01:00"),
        ("2026-11-25T20:00", "2026-11-26T08:00+01:00"),
        ("2026-12-31T23:59", "2027-01-01T08:00+01:00"),
        ("2026-03-28T22:00", "2026-03-29T08:00+02:00"),  # the night has 9 hours left, not 10
        ("2026-10-24T22:00", "2026-10-25T08:00+01:00"),  # and 11 here
        ("2026-03-29T03:30", "2026-03-29T08:00+02:00"),
    ],
)
def test_it_leaves_at_once_by_day_and_at_eight_after_a_night(asked, leaves):
    local = datetime.fromisoformat(asked).replace(tzinfo=BRUSSELS)
    assert opens(local).isoformat(timespec="minutes") == leaves


def test_the_hour_that_comes_twice_is_night_both_times():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(BRUSSELS)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(BRUSSELS)
    assert first.hour == second.hour == 2
    assert opens(first).astimezone(UTC) == opens(second).astimezone(UTC) == datetime(2026, 10, 25, 7, tzinfo=UTC)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
@pytest.mark.slow
def test_it_is_never_earlier_never_more_than_a_night_later_and_always_within_hours(moment):
    found = opens(moment.astimezone(BRUSSELS))
    assert 0 <= (found.astimezone(UTC) - moment).total_seconds() <= 13 * 3600
    assert OPENS <= found.time() < CLOSES
