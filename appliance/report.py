"""A year in totals: what was told, how far it came. No names or numbers of people, nothing estimated (R106 to R115)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from peewee import fn

from appliance import audit
from appliance.alerts import AlertState, MessageClass, Source, progress
from appliance.conversation import Intent
from appliance.life import diary, drills, survey
from appliance.life.drills import Drill
from appliance.life.survey import Feeling
from appliance.models import Alert, Arrival, Audit, MonthCount
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.upkeep import tallies

WENT_OUT = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)


@dataclass(frozen=True)
class Totals:
    """One message class. `recipients` and below count only alerts whose deliveries, or their counts, are still kept."""

    alerts: int
    told: int  # of them: went out
    on_trial: int  # of those: before the charter was signed (R20)
    outcomes: int  # of those: the members heard how it ended (R67)
    states: dict[str, int]
    details_erased: int  # alerts that went out and of which nothing is left to count
    recipients: int
    segments: int
    accepted: int  # recipients for whom the network took all segments
    reached: int  # recipients whose handset has all segments, says the network
    confirmed: int
    failed: int  # segments
    possibly_twice: int  # segments


@dataclass(frozen=True)
class Pace:
    """Medians in seconds over the alerts where both ends are known; null when there is none (R110)."""

    decision: int | None  # urgent police texts: from coming in to the decision
    sending: int | None  # urgent: from the decision to the last segment accepted
    confirming: int | None  # urgent: the median of each alert's median
    test_confirming: int | None  # the same for tests


@dataclass(frozen=True)
class Month:
    """What went out in one month, by when it was made; for a picture (R115)."""

    month: int
    urgent: int
    preventive: int
    other: int  # feedback, organisation, tests, the button


@dataclass(frozen=True)
class Life:
    """The network itself (R113, R114)."""

    members: int  # who receive on the day of the report
    streets: int  # of theirs
    joined: int
    left: int
    meetings: dict[str, int]
    attended: int  # over the meetings where somebody counted
    redirected: int  # texts and rings that were answered with "call 101"


@dataclass(frozen=True)
class Year:
    """All classes of one calendar year on the clocks of the neighbourhood."""

    year: int
    classes: dict[str, Totals]
    pace: Pace
    pace_before: Pace  # the year before
    months: tuple[Month, ...]  # all twelve
    tests: tuple[Drill, ...]  # those of which the counts are kept, oldest first
    life: Life
    feeling: Feeling | None  # null: it was not asked (R112)
    feeling_before: Feeling | None  # the year before
    log_rows: int
    log_head: str  # first eight digits of the year's last seal
    head: str  # the same with its row, to be kept on paper: `audit.read_head`


COUNTED = ("recipients", "segments", "accepted", "reached", "confirmed", "failed", "possibly_twice")


def of_year(year: int, bin_: Neighbourhood) -> Year:
    """The totals of *year*. Read only."""
    before, begin, end = (datetime(y, 1, 1, tzinfo=bin_.zone).astimezone(UTC) for y in (year - 1, year, year + 1))
    found = _between(begin, end)
    log = Audit.select().where((Audit.at >= begin) & (Audit.at < end))
    last = log.order_by(Audit.id.desc()).first()
    return Year(
        year=year,
        classes={c.value: _totals(alert for alert in found if alert.message_class == c) for c in MessageClass},
        pace=_pace(found),
        pace_before=_pace(_between(before, begin)),
        months=_months(found, bin_),
        tests=tuple(test for test in reversed(drills.held()) if test.recipients and begin <= test.at < end),
        life=_life(year, begin, end, bin_),
        feeling=survey.of_year(year),
        feeling_before=survey.of_year(year - 1),
        log_rows=log.count(),
        log_head=last.seal[: audit.HEAD] if last else "",
        head=str(audit.Head(last.id, last.seal)) if last else "",
    )


def _between(begin: datetime, end: datetime) -> list[Alert]:
    return list(Alert.select().where((Alert.created_at >= begin) & (Alert.created_at < end)))


def _months(alerts: Sequence[Alert], bin_: Neighbourhood) -> tuple[Month, ...]:
    out = [alert for alert in alerts if alert.state in WENT_OUT]
    counted = Counter((bin_.local(alert.created_at).month, alert.message_class) for alert in out)
    by_month = Counter(bin_.local(alert.created_at).month for alert in out)
    named = [(m, counted[m, MessageClass.URGENT], counted[m, MessageClass.PREVENTIVE]) for m in range(1, 13)]
    return tuple(Month(month, urgent, tips, by_month[month] - urgent - tips) for month, urgent, tips in named)


def _totals(of_class: Iterable[Alert]) -> Totals:
    alerts = list(of_class)
    states = Counter(alert.state for alert in alerts)
    counts: Counter[str] = Counter()
    told = erased = outcomes = on_trial = 0
    for alert in alerts:
        so_far = progress.of(alert).counts
        told += alert.state in WENT_OUT
        on_trial += alert.state in WENT_OUT and alert.on_trial
        outcomes += alert.state in WENT_OUT and alert.feedback_at is not None
        erased += alert.state in WENT_OUT and not so_far["recipients"]
        counts.update({name: so_far[name] for name in COUNTED})
    return Totals(
        alerts=len(alerts), told=told, on_trial=on_trial, outcomes=outcomes,
        states={state.value: states[state] for state in AlertState},
        details_erased=erased, **{name: counts[name] for name in COUNTED},
    )  # fmt: skip


def _pace(alerts: Sequence[Alert]) -> Pace:
    urgent = [alert for alert in alerts if alert.message_class == MessageClass.URGENT and alert.decided_at]
    tests = [alert for alert in alerts if alert.message_class == MessageClass.TEST]
    from_police = [alert for alert in urgent if alert.source == Source.POLICE]
    lasts = [(alert.decided_at, progress.of(alert).last_submitted_at) for alert in urgent]
    return Pace(
        decision=_median([(alert.decided_at - alert.created_at).total_seconds() for alert in from_police]),
        sending=_median([(last - decided).total_seconds() for decided, last in lasts if last]),
        confirming=_median([drills.median_seconds(alert) for alert in urgent]),
        test_confirming=_median([drills.median_seconds(alert) for alert in tests]),
    )


def _median(seconds: Sequence[float | None]) -> int | None:
    known = [value for value in seconds if value is not None]
    return round(median(known)) if known else None


def _life(year: int, begin: datetime, end: datetime, bin_: Neighbourhood) -> Life:
    now = members.active()
    meetings = [meeting for meeting in diary.held() if meeting.held_on.startswith(f"{year}-")]
    return Life(
        members=len(now),
        streets=len({member.street for member in now if member.street}),
        joined=_logged(begin, end, members.JOINED, members.CAME_BACK),
        left=_logged(begin, end, members.LEFT),
        meetings={kind.value: sum(meeting.kind == kind for meeting in meetings) for kind in diary.Kind},
        attended=sum(meeting.attended or 0 for meeting in meetings),
        redirected=_redirected(year, begin, end),
    )


def _logged(begin: datetime, end: datetime, *verbs: str) -> int:
    return int(Audit.select().where((Audit.verb << verbs) & (Audit.at >= begin) & (Audit.at < end)).count())


def _redirected(year: int, begin: datetime, end: datetime) -> int:
    """Those that are still kept, and those that are a number by now."""
    kept = (Arrival.intent == Intent.REPORT) & (Arrival.kind << tallies.COUNTED)
    still = Arrival.select().where(kept & (Arrival.received_at >= begin) & (Arrival.received_at < end)).count()
    months = (MonthCount.what == Intent.REPORT) & MonthCount.month.startswith(f"{year}-")
    counted = MonthCount.select(fn.SUM(MonthCount.number)).where(months).scalar() or 0
    return int(still + counted)
