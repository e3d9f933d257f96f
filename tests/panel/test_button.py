"""The button on a simulated clock: what a finger, a worn contact and a noisy cable make of it."""

import itertools
import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.panel import button
from appliance.panel.button import MOVES, Action, Button, Event, Phase

Line = list[tuple[float, bool]]  # seconds, contact closed

OPEN, CLOSED = False, True
REST: Line = [(1.0, OPEN)]
HOLD: Line = [(3.3, CLOSED)]
TAP: Line = [(0.2, CLOSED)]


def watch(line: Line, pace: Iterable[float] = (0.02,)) -> tuple[Button, list[Action]]:
    """What the button makes of *line*, read at every change and, in between, at *pace* but as often as it wants."""
    state, done, now = Button(), [], 0.0
    steps = itertools.cycle(pace)
    for seconds, closed in line:
        end = now + seconds
        while now < end:
            state, actions = button.step(state, closed, now)
            done += actions
            now = min(end, now + min(next(steps), button.next_look(state) or 1.0))
    return state, done


def test_a_hold_of_three_seconds_fires_once_after_the_countdown() -> None:
    state, done = watch(REST + HOLD + [(20.0, OPEN)])
    assert done == [Action.ARMED, Action.FIRE]
    assert state.phase is Phase.IDLE


def test_nothing_fires_before_the_ten_seconds_are_over() -> None:
    _, done = watch(REST + HOLD + [(9.5, OPEN)])
    assert done == [Action.ARMED]


def test_a_hold_of_2_9_seconds_is_too_short() -> None:
    _, done = watch([*REST, (2.9, CLOSED), (20.0, OPEN)])
    assert done == [Action.TOO_SHORT]


def test_letting_go_just_before_three_seconds_does_not_arm_while_the_release_is_still_being_filtered() -> None:
    _, done = watch([*REST, (2.98, CLOSED), (20.0, OPEN)])
    assert done == [Action.TOO_SHORT]


def test_a_short_press_asks_how_the_box_is() -> None:
    _, done = watch(REST + TAP + REST)
    assert done == [Action.SAY_STATE]


@pytest.mark.parametrize("after", [0.1, 1.0, 5.0, 9.5])
def test_a_short_press_during_the_countdown_cancels_it(after: float) -> None:
    state, done = watch(REST + HOLD + [(after, OPEN)] + TAP + [(20.0, OPEN)])
    assert done == [Action.ARMED, Action.CANCELLED]
    assert state.phase is Phase.IDLE


def test_a_press_that_began_just_before_the_end_of_the_countdown_still_cancels() -> None:
    _, done = watch(REST + HOLD + [(9.67, OPEN)] + TAP + [(20.0, OPEN)])  # 12.97 s after the first contact
    assert done == [Action.ARMED, Action.CANCELLED]


def test_a_cancelling_press_that_is_held_on_arms_nothing() -> None:
    _, done = watch(REST + HOLD + [(2.0, OPEN), (6.0, CLOSED), (20.0, OPEN)])
    assert done == [Action.ARMED, Action.CANCELLED]


def test_who_never_lets_go_until_the_end_of_the_countdown_is_heard_when_he_does() -> None:
    _, done = watch([*REST, (14.0, CLOSED), (1.0, OPEN)])
    assert done == [Action.ARMED, Action.FIRE]


def test_a_button_that_hangs_fires_nothing_and_says_so_once() -> None:
    state, done = watch([*REST, (60.0, CLOSED)])
    assert done == [Action.ARMED, Action.STUCK]
    assert state.phase is Phase.STUCK


def test_a_button_that_is_down_at_power_on_is_stuck_until_it_comes_free() -> None:
    state, done = watch([(30.0, CLOSED), (1.0, OPEN)])
    assert done == [Action.STUCK, Action.FREED]
    assert state.phase is Phase.IDLE


def test_a_button_that_came_free_works_again() -> None:
    _, done = watch([(30.0, CLOSED), *REST, *HOLD, (12.0, OPEN)])
    assert done == [Action.STUCK, Action.FREED, Action.ARMED, Action.FIRE]


def test_a_hold_that_nobody_looked_at_proves_nothing() -> None:
    """The service was away for four seconds: two readings are not a hold."""
    state = Button()
    for now, closed in ((0.0, OPEN), (0.1, OPEN), (1.0, CLOSED), (1.06, CLOSED), (5.0, CLOSED), (5.1, CLOSED)):
        state, actions = button.step(state, closed, now)
        assert actions == []
    assert state.phase is Phase.HOLDING


def test_the_countdown_tells_how_long_it_still_runs() -> None:
    state, _ = watch(REST + HOLD + [(2.0, OPEN)])
    assert button.seconds_left(state, 6.3) == pytest.approx(7.7)
    assert button.seconds_left(Button(), 6.3) is None


def test_a_button_at_rest_wants_no_readings_and_one_under_a_finger_does() -> None:
    at_rest, _ = watch(REST)
    held, _ = watch(REST + TAP)
    assert button.next_look(at_rest) is None
    assert button.next_look(held) == button.LOOK_EVERY
    assert button.next_look(button.step(at_rest, CLOSED, 1.0)[0]) == button.SETTLE_EVERY


IMPOSSIBLE = {
    # a level that is known already cannot become known again
    *((phase, Event.PRESSED) for phase in (Phase.HOLDING, Phase.ARMED, Phase.DUE, Phase.SPENT, Phase.STUCK)),
    *((phase, Event.RELEASED) for phase in (Phase.IDLE, Phase.COUNTDOWN)),
    *((phase, Event.TAPPED) for phase in (Phase.WAKING, Phase.IDLE, Phase.COUNTDOWN)),
    # armed after three seconds: no tap any more
    *((phase, Event.TAPPED) for phase in (Phase.ARMED, Phase.DUE)),
}


@pytest.mark.parametrize(("phase", "event"), [*itertools.product(Phase, (Event.PRESSED, Event.TAPPED, Event.RELEASED))])
def test_every_press_and_release_has_a_meaning_wherever_it_can_happen(phase: Phase, event: Event) -> None:
    assert (event in MOVES[phase]) != ((phase, event) in IMPOSSIBLE)


def test_only_the_end_of_a_countdown_fires() -> None:
    firing = {
        (phase, event)
        for phase, moves in MOVES.items()
        for event, (_, action) in moves.items()
        if action is Action.FIRE
    }
    assert firing == {(Phase.COUNTDOWN, Event.ELAPSED), (Phase.DUE, Event.RELEASED)}


# A worn contact: closures and openings shorter than the filter, in any number.
noise = st.lists(st.floats(0.001, 0.045), max_size=12)
paces = st.lists(st.floats(0.002, 0.06), min_size=1, max_size=7)


def bouncing(chatter: list[float], settles: bool) -> Line:
    """*chatter* as a contact that opens and closes, beginning with the opposite of where it *settles*."""
    return [(seconds, settles if place % 2 == 0 else not settles) for place, seconds in enumerate(chatter)]


@settings(deadline=None, max_examples=25)
@given(noise, noise, st.floats(3.5, 12.0), paces)
@pytest.mark.slow
def test_one_deliberate_hold_fires_exactly_once_however_the_contact_bounces(
    make: list[float], break_: list[float], hold: float, pace: list[float]
) -> None:
    line = REST + bouncing(make, CLOSED) + [(hold, CLOSED)] + bouncing(break_, OPEN) + [(20.0, OPEN)]
    _, done = watch(line, pace)
    assert done.count(Action.FIRE) == 1
    assert done.count(Action.ARMED) == 1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.001, 2.9), st.floats(0.06, 5.0)), max_size=15), noise, paces)
@pytest.mark.slow
def test_presses_shorter_than_three_seconds_never_fire_however_many(
    presses: list[tuple[float, float]], chatter: list[float], pace: list[float]
) -> None:
    line = REST + [part for closed, open_ in presses for part in ((closed, CLOSED), (open_, OPEN))]
    _, done = watch(line + bouncing(chatter, OPEN) + [(20.0, OPEN)], pace)
    assert not {Action.ARMED, Action.FIRE} & set(done)


@settings(deadline=None, max_examples=25)
@given(st.integers(), paces)
@pytest.mark.slow
def test_a_noisy_cable_alone_never_does_anything(seed: int, pace: list[float]) -> None:
    chance = random.Random(seed)  # hypothesis would shrink away the length that makes this interesting
    line = REST + [(chance.uniform(0.0005, 0.049), bool(place % 2)) for place in range(600)]
    _, done = watch(line, pace)
    assert done == []


@settings(deadline=None, max_examples=25)
@given(noise, noise, st.floats(0.1, 9.5), st.floats(0.12, 4.0), paces)
@pytest.mark.slow
def test_a_cancelled_countdown_never_fires(
    chatter: list[float], other: list[float], after: float, press: float, pace: list[float]
) -> None:
    chatter, other = chatter[:3], other[:3]
    line = REST + HOLD + [(after, OPEN)] + bouncing(chatter, CLOSED) + [(press, CLOSED)]
    _, done = watch(line + bouncing(other, OPEN) + [(30.0, OPEN)], pace)
    assert Action.FIRE not in done
    assert done.count(Action.CANCELLED) == 1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.001, 20.0), st.booleans()), max_size=20), paces)
@pytest.mark.slow
def test_whatever_happens_the_button_fires_no_oftener_than_it_was_armed(line: Line, pace: list[float]) -> None:
    _, done = watch(line, pace)
    assert done.count(Action.FIRE) + done.count(Action.CANCELLED) <= done.count(Action.ARMED)
