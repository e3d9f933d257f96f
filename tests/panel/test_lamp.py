"""The lamp's table: facts/ux 4.5."""

from dataclasses import replace
from itertools import combinations, pairwise, product

import pytest

from appliance import lang
from appliance.health import Level
from appliance.panel import lamp
from appliance.panel.button import Phase
from appliance.panel.lamp import BRIEFS, PATTERNS, Brief, Pattern, Show

ALL = [*PATTERNS.values(), *BRIEFS.values(), *(lamp.spoken(level) for level in Level)]


def film(shown: Pattern, seconds: float, step: float = 0.01) -> list[float]:
    """The brightest of the three colours, one picture per *step*."""
    return [max(lamp.lit(shown, 0.0, picture * step)) for picture in range(round(seconds / step))]


def flashes(pictures: list[float]) -> int:
    """How often it went from dark to bright."""
    return sum(before < 0.5 <= after for before, after in pairwise(pictures))


@pytest.mark.parametrize("shown", ALL, ids=lambda shown: shown.name)
def test_no_pattern_flashes_more_than_three_times_in_any_second(shown: Pattern) -> None:
    pictures = film(shown, 12.0)
    assert max(flashes(pictures[at : at + 100]) for at in range(len(pictures) - 100)) <= 3


@pytest.mark.parametrize("shown", ALL, ids=lambda shown: shown.name)
def test_every_colour_stays_between_dark_and_full(shown: Pattern) -> None:
    assert all(0.0 <= part <= 1.0 for at in range(500) for part in lamp.lit(shown, 3.0, at / 37))


@pytest.mark.parametrize("shown", ALL, ids=lambda shown: shown.name)
def test_the_light_stays_as_it_is_until_it_was_said_to_change(shown: Pattern) -> None:
    now = 0.0
    for _ in range(40):
        wait = lamp.until_change(shown, 0.0, now)
        assert wait > 0
        if not shown.soft and wait > lamp.SOONEST:
            assert lamp.lit(shown, 0.0, now) == lamp.lit(shown, 0.0, now + wait * 0.99)
        now += wait + 1e-6


def test_every_state_has_words_and_a_colour_of_its_own_or_a_rhythm_of_its_own() -> None:
    assert list(PATTERNS) == list(Show)
    assert all(lamp.words(shown, language) for shown in ALL for language in lang.LANGUAGES)
    assert len({(shown.colour, shown.beats) for shown in PATTERNS.values()}) == len(Show)


def alike(one: Pattern, other: Pattern) -> bool:
    """Whether an eye that cannot compare may take one for the other: as many beats, none half as long again."""
    if one.soft is not other.soft or len(one.beats) != len(other.beats):
        return False
    lengths = [(seconds, theirs) for (_, seconds), (_, theirs) in zip(one.beats, other.beats, strict=True)]
    lights = [strength for strength, _ in one.beats] == [strength for strength, _ in other.beats]
    return lights and all(max(pair) < 1.5 * min(pair) for pair in lengths)


@pytest.mark.parametrize(
    ("one", "other"), [*combinations([*PATTERNS.values(), *BRIEFS.values()], 2)], ids=lambda shown: shown.name
)
def test_the_rhythm_alone_tells_any_two_states_apart_for_a_lamp_of_one_colour(one: Pattern, other: Pattern) -> None:
    assert not alike(one, other)


def test_a_rhythm_that_is_a_little_slower_is_no_other_rhythm() -> None:
    slower = tuple((strength, seconds * 1.25) for strength, seconds in PATTERNS[Show.COUNTDOWN].beats)
    assert alike(PATTERNS[Show.COUNTDOWN], replace(PATTERNS[Show.COUNTDOWN], beats=slower))


# Who is shown when two are true at once: facts/ux 4.5, highest first. A finger comes before what is at rest.
AT_REST: dict[Show, Level | None] = {show: level for level, show in lamp.LEVELS.items()}
AT_THE_BUTTON = {Show.HOLDING: Phase.HOLDING, Show.COUNTDOWN: Phase.COUNTDOWN, Show.BROKEN: Phase.STUCK}


@pytest.mark.parametrize(("finger", "rest"), [*product(AT_THE_BUTTON, AT_REST)], ids=str)
def test_of_a_finger_and_a_state_at_rest_the_higher_one_is_shown(finger: Show, rest: Show) -> None:
    order = [
        "holding", "countdown", "broken", "sending", "waiting", "attention", "drill", "ready", "starting", "off"
    ]  # fmt: skip
    assert [show.value for show in Show] == order
    shown = lamp.pattern(AT_REST[rest], AT_THE_BUTTON[finger], 10.0)
    assert shown.name == min(finger, rest, key=order.index)


def test_the_buzzer_is_silent_for_everything_but_panic() -> None:
    heard = {shown.name for shown in ALL if any(lamp.sounds(shown, 0.0, at / 50) for at in range(3000))}
    assert heard == {Show.HOLDING, Show.COUNTDOWN, *Brief}


def test_the_countdown_is_one_long_tone_and_a_short_one_each_second_after() -> None:
    tones = [lamp.sounds(PATTERNS[Show.COUNTDOWN], 0.0, at / 100) for at in range(1000)]
    assert sum(not before and after for before, after in pairwise([False, *tones])) == 10
    assert sum(tones) == pytest.approx(60 + 9 * 10, abs=2)


@pytest.mark.parametrize(("brief", "tones"), [(Brief.RECORDED, 1), (Brief.CANCELLED, 2), (Brief.TOO_SOON, 2)])
def test_what_was_done_is_heard_once(brief: Brief, tones: int) -> None:
    assert len(tones_of(brief, 30.0)) == tones


@pytest.mark.parametrize("brief", [Brief.NOBODY, Brief.TRYING])
def test_a_hold_that_told_nobody_is_heard_again_and_again(brief: Brief) -> None:
    assert tones_of(brief, 30.0)[-1] > 24.0


def tones_of(brief: Brief, seconds: float) -> list[float]:
    """When each tone begins."""
    heard = [False, *(lamp.sounds(BRIEFS[brief], 0.0, at / 100) for at in range(round(seconds * 100)))]
    return [at / 100 for at, (before, after) in enumerate(pairwise(heard)) if after and not before]


def test_every_level_of_health_is_shown() -> None:
    assert {lamp.pattern(level, Phase.IDLE, 10.0).name for level in Level} == {
        Show.BROKEN, Show.SENDING, Show.WAITING, Show.ATTENTION, Show.DRILL, Show.STARTING,
        Show.READY,
    }  # fmt: skip


def test_ready_is_steady_green_with_a_short_dip_every_five_seconds() -> None:
    ready = PATTERNS[Show.READY]
    pictures = film(ready, 20.0)
    assert ready.colour == lamp.GREEN
    assert flashes(pictures) == 3  # after the dips at 5, 10 and 15 s
    assert sum(picture > 0.5 for picture in pictures) / len(pictures) > 0.95


def test_cannot_send_is_red_two_flashes_and_a_pause() -> None:
    broken = PATTERNS[Show.BROKEN]
    assert broken.colour == lamp.RED
    assert [brightness for brightness, _ in broken.beats] == [1.0, 0.0, 1.0, 0.0]
    assert broken.beats[3][1] > broken.beats[1][1]


def test_the_hold_flashes_faster_and_faster_for_three_seconds() -> None:
    holding = PATTERNS[Show.HOLDING]
    lengths = [seconds for brightness, seconds in holding.beats if brightness]
    assert lengths == sorted(lengths, reverse=True)
    assert holding.period == pytest.approx(3.0)


def test_a_store_that_cannot_be_read_is_red() -> None:
    assert lamp.pattern(None, Phase.IDLE, 10.0) is lamp.NO_STORE
    assert lamp.spoken(None).colour == lamp.RED


def test_a_start_that_takes_over_three_minutes_is_a_fault() -> None:
    assert lamp.pattern(Level.STARTING, Phase.IDLE, 179.0).name == Show.STARTING
    assert lamp.pattern(Level.STARTING, Phase.IDLE, 181.0).name == Show.BROKEN


@pytest.mark.parametrize("level", [None, *Level])
def test_a_finger_on_the_button_and_the_countdown_come_before_everything(level: Level | None) -> None:
    assert lamp.pattern(level, Phase.HOLDING, 10.0).name == Show.HOLDING
    for phase in (Phase.ARMED, Phase.COUNTDOWN, Phase.DUE):
        assert lamp.pattern(level, phase, 10.0) is PATTERNS[Show.COUNTDOWN]


@pytest.mark.parametrize("level", Level)
def test_a_button_that_hangs_is_red_and_says_so(level: Level) -> None:
    shown = lamp.pattern(level, Phase.STUCK, 10.0)
    assert (shown.name, shown.colour, shown) == (Show.BROKEN, lamp.RED, lamp.STUCK)


def test_a_short_press_is_answered_by_one_two_or_three_flashes() -> None:
    counts = {level: flashes([0.0, *film(lamp.spoken(level), 2.99)]) for level in Level}
    assert counts[Level.READY] == 1
    assert counts[Level.ATTENTION] == 2
    assert counts[Level.BROKEN] == 3


def test_at_night_only_red_and_blue_stay_bright() -> None:
    dimmed = {
        show for show in Show if lamp.lit(PATTERNS[show], 0.0, 0.1, night=True) != lamp.lit(PATTERNS[show], 0.0, 0.1)
    }
    assert dimmed == {Show.SENDING, Show.ATTENTION, Show.DRILL, Show.READY, Show.STARTING}
    assert all(not PATTERNS[show].dims for show in (Show.HOLDING, Show.COUNTDOWN, Show.BROKEN, Show.WAITING))


def test_a_hold_that_told_nobody_says_to_call_101() -> None:
    assert all("101" in lamp.words(BRIEFS[Brief.NOBODY], language) for language in lang.LANGUAGES)
    assert all("101" in lamp.words(BRIEFS[Brief.TRYING], language) for language in lang.LANGUAGES)
