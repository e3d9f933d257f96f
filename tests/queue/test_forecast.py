"""What is promised before sending: when it is done, what it costs, how sure that is."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import alerts, modem_state
from appliance.alerts import MessageClass, Source, prospect
from appliance.queue import forecast, outbox
from appliance.queue.forecast import Pace

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def minutes(until):
    return (until - NOON).total_seconds() / 60


def test_sixty_members_by_one_modem_of_four_seconds_take_four_minutes():
    told = forecast.of(60, 0, [Pace(4.0, tariff=6000)], NOON)
    assert (minutes(told.finish_at), told.cost_cents) == (4, 360)
    assert told.first_at == NOON + timedelta(seconds=4)
    assert told.low < told.finish_at < told.high


def test_two_modems_take_half_and_what_is_ahead_comes_on_top():
    assert 2 <= minutes(forecast.of(60, 0, [Pace(4.0)] * 2, NOON).finish_at) < 2.1
    assert minutes(forecast.of(60, 15, [Pace(4.0)], NOON).finish_at) == 5


@pytest.mark.parametrize(("segments", "seconds"), [(1, 4), (10, 40), (11, 64), (20, 100), (21, 124)])
def test_an_operator_that_bears_ten_a_minute_lets_ten_go_at_once_and_then_makes_them_wait(segments, seconds):
    told = forecast.of(segments, 0, [Pace(4.0, per_minute=10)], NOON)
    assert told.finish_at == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(("segments", "seconds"), [(4, 16), (5, 24), (10, 44), (11, 64), (14, 76), (15, 84)])
def test_what_went_within_the_last_minute_takes_its_part_of_what_the_operator_bears(segments, seconds):
    claimed = [NOON - timedelta(seconds=40 - 4 * place) for place in range(6)]
    told = forecast.of(segments, 0, [forecast.throttled(Pace(4.0), 10, claimed, NOON)], NOON)
    assert told.finish_at == NOON + timedelta(seconds=seconds)


def test_two_bursts_within_the_last_minute_are_both_remembered():
    """Thirty went 59 to 56 seconds ago, thirty just now: thirty may go at once, the next when the minute is over."""
    claimed = [NOON - timedelta(seconds=ago - place / 10) for ago in (59, 3) for place in range(30)]
    pace = forecast.throttled(Pace(0.1), 60, claimed, NOON)
    assert forecast.of(30, 0, [pace], NOON).finish_at < NOON + timedelta(seconds=5)
    assert forecast.of(31, 0, [pace], NOON).finish_at > NOON + timedelta(seconds=57)


def test_an_operator_that_bears_more_than_the_modem_can_changes_nothing():
    assert forecast.of(60, 0, [Pace(4.0, per_minute=30)], NOON) == forecast.of(60, 0, [Pace(4.0)], NOON)


def test_without_a_modem_nobody_can_say_when():
    told = forecast.of(60, 0, [], NOON)
    assert (told.first_at, told.finish_at, told.segments) == (None, None, 60)


def test_with_nothing_left_it_is_done_now():
    assert forecast.of(0, 5, [Pace()], NOON).finish_at == NOON


def test_the_share_of_the_ceiling_and_what_is_above_it():
    told = forecast.of(300, 0, [Pace(left_today=200), Pace(left_today=50)], NOON)
    assert (told.share, told.over_ceiling) == (1.2, 50)
    assert forecast.of(300, 0, [Pace(left_today=200), Pace()], NOON).share is None


@pytest.mark.parametrize(("ahead", "waits"), [(40, 0), (50, 10), (200, 60)])
def test_those_who_go_first_take_their_part_of_the_ceiling(ahead, waits):
    told = forecast.of(60, ahead, [Pace(left_today=100)], NOON)
    assert told.over_ceiling == waits and (told.finish_at is None) == bool(waits)


PACES = st.builds(
    Pace, st.floats(0.5, 30), per_minute=st.none() | st.integers(1, 100),
    claimed=st.lists(st.floats(0, 59), max_size=20).map(lambda ago: tuple(sorted(ago, reverse=True))),
)  # fmt: skip


@given(st.lists(PACES, min_size=1, max_size=6), st.integers(1, 20_000), st.integers(0, 500))
def test_more_work_never_takes_less_and_the_range_holds_the_promise(paces, segments, ahead):
    told, more = forecast.of(segments, ahead, paces, NOON), forecast.of(segments + 1, ahead, paces, NOON)
    assert NOON < told.first_at <= told.low <= told.finish_at <= told.high
    assert more.finish_at >= told.finish_at


def test_a_pace_is_learned_from_what_the_modem_does():
    chance, at, submits = random.Random(4), NOON, []
    for _ in range(80):
        claimed, at = at + timedelta(seconds=0.02), at + timedelta(seconds=chance.gauss(3.0, 0.5))
        submits.insert(0, (claimed, at))
    pace = forecast.learned(submits)
    assert 2.8 < pace.seconds < 3.2
    assert 0.4 < pace.spread < 0.6


def test_the_time_that_a_modem_had_nothing_to_do_is_not_its_pace():
    submits = [
        (NOON + timedelta(minutes=place), NOON + timedelta(minutes=place, seconds=3)) for place in range(9, -1, -1)
    ]
    assert forecast.learned(submits).seconds == 3


def test_a_clock_that_stood_still_while_it_sent_makes_no_modem_infinitely_quick():
    pace = forecast.learned([(NOON, NOON)] * 9)
    assert forecast.of(60, 0, [pace], NOON).finish_at > NOON


def test_a_modem_that_has_shown_little_is_taken_for_a_usual_one():
    assert forecast.learned([(NOON, NOON + timedelta(seconds=60))]).seconds == forecast.USUAL_SECONDS


def test_nine_of_ten_runs_end_in_the_range():
    chance, kept = random.Random(7), 0
    for _ in range(200):
        told = forecast.of(120, 0, [Pace(3.5, 0.8)], NOON)
        took = timedelta(seconds=sum(chance.gauss(3.5, 0.8) for _ in range(120)))
        kept += told.low <= NOON + took <= told.high
    assert kept >= 180


def test_the_box_tells_it_before_and_while_an_alert_is_sent(street):
    modem_state.remember("a", street.now, heartbeat_at=street.now, online=True, registered=True,
                         segments_per_day=10)  # fmt: skip
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig", "Lies", street.now, street.bin)
    before = prospect.of(alert, street.now, street.bin)
    assert (before.segments, before.share) == (5, 0.5)
    assert before.finish_at == street.now + timedelta(seconds=20)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    assert prospect.of(alert, street.now, street.bin).segments == 4


def test_prevention_that_is_decided_about_in_the_evening_is_promised_for_the_morning(street):
    evening = street.now.replace(hour=20)
    alert = alerts.create(MessageClass.PREVENTIVE, Source.COORDINATOR, "Sluit uw ramen", "Lies", evening, street.bin)
    modem_state.remember("a", evening, heartbeat_at=evening, online=True, registered=True)
    assert prospect.of(alert, evening, street.bin).first_at.hour == 7  # 8 in Brussels
    alerts.forward(alert, "Lies", "page", evening, street.bin)
    assert outbox.claim("a", evening + timedelta(hours=10)) is None
    assert outbox.claim("a", evening + timedelta(hours=11)) is not None
