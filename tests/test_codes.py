"""One-time codes: what counts once, what never counts, and how long a guesser waits."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import codes

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
counters = st.integers(min_value=0, max_value=10_000)


def test_a_card_prints_the_values_of_rfc_4226_appendix_d() -> None:
    assert codes.card(RFC_SECRET, 0, 10) == list(enumerate(RFC_CODES))


def test_the_next_code_on_the_card_is_taken() -> None:
    assert codes.check_card(RFC_SECRET, 3, RFC_CODES[3]) == 3


def test_a_code_that_was_used_is_never_taken_again() -> None:
    matched = codes.check_card(RFC_SECRET, 3, RFC_CODES[3])
    assert matched is not None
    assert codes.check_card(RFC_SECRET, matched + 1, RFC_CODES[3]) is None


def test_the_dispatcher_may_skip_ten_codes_and_no_more() -> None:
    eleven = codes.card(RFC_SECRET, 0, 12)
    assert codes.check_card(RFC_SECRET, 0, eleven[10][1]) == 10
    assert codes.check_card(RFC_SECRET, 0, eleven[11][1]) is None


@pytest.mark.parametrize("code", ["", "75522", "7552244", "٧٥٥٢٢٤", "755224\n", "\ud800", "geen"])
def test_what_is_not_the_code_is_refused_quietly(code: str) -> None:
    assert codes.check_card(RFC_SECRET, 0, code) is None


@given(counters, counters)
def test_a_code_counts_only_inside_its_window(next_counter: int, used: int) -> None:
    ((_, code),) = codes.card(RFC_SECRET, used, 1)
    matched = codes.check_card(RFC_SECRET, next_counter, code)
    assert matched is None or next_counter <= matched <= next_counter + 10
    if next_counter <= used <= next_counter + 10:
        assert matched is not None


def totp_at(at: datetime) -> str:
    return codes.card(RFC_SECRET, int(at.timestamp()) // codes.STEP, 1)[0][1]


def test_totp_agrees_with_rfc_6238_appendix_b() -> None:
    # The last six of the eight digits in the table, for SHA-1 at 59 and at 1111111109 seconds.
    for seconds, code in ((59, "287082"), (1111111109, "081804")):
        assert codes.check_totp(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC), None) == seconds // 30


@pytest.mark.parametrize("late", [-60, -30, 0, 30, 60])
def test_an_officers_code_is_good_two_steps_early_or_late(late: int) -> None:
    assert codes.check_totp(RFC_SECRET, totp_at(NOW), NOW + timedelta(seconds=late), None) is not None


@pytest.mark.parametrize("late", [-120, 120])
def test_and_no_more_than_two(late: int) -> None:
    assert codes.check_totp(RFC_SECRET, totp_at(NOW), NOW + timedelta(seconds=late), None) is None


def test_the_same_step_never_counts_twice_nor_does_an_older_one() -> None:
    step = codes.check_totp(RFC_SECRET, totp_at(NOW), NOW, None)
    assert step is not None
    assert codes.check_totp(RFC_SECRET, totp_at(NOW), NOW, step) is None
    assert codes.check_totp(RFC_SECRET, totp_at(NOW - timedelta(seconds=30)), NOW, step) is None
    assert codes.check_totp(RFC_SECRET, totp_at(NOW + timedelta(seconds=30)), NOW, step) == step + 1


@pytest.mark.parametrize("failures", [0, 1, 2, 3])
def test_three_slips_cost_nothing(failures: int) -> None:
    assert codes.throttle(failures, NOW, NOW) == timedelta(0)


def test_then_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [codes.throttle(failures, NOW, NOW).total_seconds() for failures in range(4, 11)]
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_the_wait_runs_out_so_that_nobody_is_ever_locked_out() -> None:
    assert codes.throttle(10**9, NOW, NOW + timedelta(minutes=5)) == timedelta(minutes=10)
    assert codes.throttle(10**9, NOW, NOW + timedelta(minutes=15)) == timedelta(0)


def test_a_clock_that_was_set_back_does_not_lengthen_the_wait() -> None:
    assert codes.throttle(4, NOW, NOW - timedelta(days=400)) == timedelta(seconds=30)


def test_failures_without_a_time_do_not_block() -> None:
    assert codes.throttle(9, None, NOW) == timedelta(0)


@given(st.integers(min_value=0, max_value=8999))
def test_a_challenge_is_four_digits_and_does_not_begin_with_zero(drawn: int) -> None:
    number = codes.challenge(lambda limit: drawn % limit)
    assert len(number) == 4 and number.isdecimal() and number[0] != "0"


def test_all_nine_thousand_challenges_can_be_drawn() -> None:
    drawn = iter(range(9000))
    assert len({codes.challenge(lambda limit: next(drawn)) for _ in range(9000)}) == 9000


def test_a_new_secret_holds_the_160_bits_it_was_given() -> None:
    assert base64.b32decode(codes.new_secret(lambda count: bytes(range(count)))) == bytes(range(20))
