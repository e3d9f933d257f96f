"""When an alert will be out and what it costs, told before it is sent and while it is. Pure.

A modem's pace is known as a mean and a spread of seconds per submit; the finish time is the sum of many submits, so
it is far surer than one of them. What is not known is said too: nine of ten runs end between `low` and `high`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev

from appliance.queue.subscription import cents

USUAL_SECONDS = 4.0  # per submit, until a modem has measured its own (facts/modems)
USUAL_SPREAD = 0.25  # of the mean
DRIFT = 0.05  # standard deviation of the pace itself from one run to another, as a part of it
NINE_OF_TEN = 1.645  # standard deviations to either side
QUICKEST = 0.001  # seconds: no submit takes no time, whatever a clock that was set meanwhile makes of it
ENOUGH = 5  # submits, before they are believed
AT_ONCE = timedelta(seconds=1)
MINUTE = 60.0  # seconds


@dataclass(frozen=True)
class Pace:
    """What one modem has shown, and what its SIM bears.

    Seconds per submit; how many segments its operator bears in any minute and it may still send today, None:
    no ceiling; what one costs, in millicents, once those that are paid for already are used up. `claimed`: how many
    seconds ago each one of the last minute left, the oldest first.
    """

    seconds: float = USUAL_SECONDS
    spread: float | None = None  # standard deviation of one submit
    per_minute: int | None = None
    claimed: tuple[float, ...] = ()
    left_today: int | None = None
    tariff: int = 0
    left_in_bundle: int = 0


@dataclass(frozen=True)
class Forecast:
    """`low` and `high` are the earliest and latest likely finish; all times are None when no modem can send.

    `share` is the part that it takes of what the SIM cards may still send today. `over_ceiling` segments find no
    room there once others have gone first: they wait for tomorrow or for a coordinator who decides to go on, so that
    nobody knows the finish then.
    """

    segments: int
    cost_cents: int | None  # None when no modem can send
    first_at: datetime | None
    finish_at: datetime | None
    low: datetime | None
    high: datetime | None
    share: float | None
    over_ceiling: int


def of(segments: int, ahead: int, paces: Sequence[Pace], starts_at: datetime) -> Forecast:
    """*segments* of one alert, behind *ahead* others, over the modems with *paces*, from *starts_at* on."""
    left = None if any(p.left_today is None for p in paces) else sum(p.left_today or 0 for p in paces)
    known = Forecast(
        segments=segments,
        cost_cents=cents(_cost(segments, paces)) if paces else None,
        first_at=None, finish_at=None, low=None, high=None,
        share=segments / left if left else None,
        over_ceiling=0 if left is None or not paces else min(segments, max(0, ahead + segments - left)),
    )  # fmt: skip
    if not paces:
        return known
    if not segments:
        return replace(known, first_at=starts_at, finish_at=starts_at, low=starts_at, high=starts_at)
    first, finish = _after(ahead + 1, paces), _after(ahead + segments, paces)
    if known.over_ceiling:
        return replace(known, first_at=starts_at + first if known.over_ceiling < segments else None)
    unsure = timedelta(seconds=_spread(ahead + segments, paces))
    return replace(
        known,
        first_at=starts_at + first,
        finish_at=starts_at + finish,
        low=starts_at + max(first, finish - unsure),
        high=starts_at + finish + unsure,
    )


def with_wave(told: Forecast, segments: int, due: datetime, paces: Sequence[Pace]) -> Forecast:
    """*told*, when so many of its *segments* leave only at *due*, unless a street leader confirms before (R61).

    The finish is that without a confirmation; `low` stays that of leaders who confirm at once.
    """
    if not segments or told.finish_at is None:
        return told
    last = of(segments, 0, paces, due)
    if last.finish_at is None or last.finish_at <= told.finish_at:
        return told
    return replace(told, finish_at=last.finish_at, high=max(last.high or due, told.high or due))


def _cost(segments: int, paces: Sequence[Pace]) -> float:
    """Millicents: each modem takes its part of *segments* by its speed, out of its bundle first."""
    together = sum(1 / _lasting(pace) for pace in paces)
    parts = [(segments / _lasting(pace) / together, pace) for pace in paces]
    return sum(max(0.0, part - pace.left_in_bundle) * pace.tariff for part, pace in parts)


def _after(submits: int, paces: Sequence[Pace]) -> timedelta:
    """When the last of *submits* is accepted. The modems work side by side; in the last round some are idle."""
    needed = submits + (len(paces) - 1) / 2
    late = 2 * MINUTE + needed / sum(1 / _lasting(pace) for pace in paces)
    counts = [_counting(pace, late) for pace in paces]
    milliseconds = range(round(late * 1000))
    found = bisect_left(milliseconds, needed, key=lambda at: sum(count(at / 1000) for count in counts))
    return timedelta(seconds=max(found / 1000, min(pace.seconds for pace in paces)))


def _counting(pace: Pace, late: float) -> Callable[[float], float]:
    """How many one modem has submitted after so many seconds, *late* at most."""
    if pace.per_minute is None:
        return lambda seconds: seconds / pace.seconds
    accepted = _accepted(pace, pace.per_minute, late)
    return lambda seconds: bisect_right(accepted, seconds)


def _accepted(pace: Pace, per_minute: int, late: float) -> list[float]:
    """When each is, until *late*: one after the other, and no more than *per_minute* in any minute."""
    left = [-ago for ago in pace.claimed]
    accepted, free = [], 0.0
    while free < late:
        left.append(max(free, left[-per_minute] + MINUTE) if len(left) >= per_minute else free)
        free = left[-1] + pace.seconds
        accepted.append(free)
    return accepted


def _lasting(pace: Pace) -> float:
    """Seconds per submit of a queue that is long."""
    return pace.seconds if pace.per_minute is None else max(pace.seconds, MINUTE / pace.per_minute)


def _spread(submits: int, paces: Sequence[Pace]) -> float:
    """Seconds to either side within which nine of ten runs end: by chance of each submit, and by drift of the pace."""
    deviations = [p.seconds * USUAL_SPREAD if p.spread is None else p.spread for p in paces]
    by_chance = sum(deviations) / len(paces) * sqrt(submits) / len(paces)
    by_drift = DRIFT * submits / sum(1 / pace.seconds for pace in paces)
    return NINE_OF_TEN * sqrt(by_chance**2 + by_drift**2)


def learned(submits: Sequence[tuple[datetime, datetime]]) -> Pace:
    """The pace that *submits* show: (claimed, accepted) of one modem, newest first.

    One that followed at once on the one before counts with the pause between them: that is the pace of a full queue.
    """
    took = [(accepted - claimed).total_seconds() for claimed, accepted in submits]
    for place, ((claimed, accepted), (_, before)) in enumerate(pairwise(submits)):
        if timedelta(0) <= claimed - before < AT_ONCE:
            took[place] = (accepted - before).total_seconds()
    if len(took) < ENOUGH:
        return Pace()
    return Pace(max(QUICKEST, fmean(took)), stdev(took))


def throttled(pace: Pace, per_minute: int | None, claimed: Sequence[datetime], now: datetime) -> Pace:
    """*pace* on a network that bears only so many segments *per_minute*, of which those *claimed* took their part."""
    ago = tuple((now - at).total_seconds() for at in sorted(claimed))
    return replace(pace, per_minute=per_minute, claimed=ago)
