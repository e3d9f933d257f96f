"""Where an alert went otherwise than the signed plan says: in the log, and shown beside the alert (R50)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from appliance import audit
from appliance.life import charter
from appliance.life.charter import Settings
from appliance.models import Account, Alert, Audit, Member

VERB = "deviated"


class Deviation(StrEnum):
    """One way in which it went otherwise; its words are in lang/papers_*.toml."""

    MODE = "mode"  # from whom to whom: not as agreed
    DECIDER = "decider"  # decided by somebody who is no coordinator of the charter
    LATE = "late"  # nobody decided in time
    HOURS = "hours"  # what keeps hours left outside those that were agreed


@dataclass(frozen=True)
class Course:
    """How one alert went, as far as the plan says something about it."""

    mode: str
    deciders: frozenset[int] = frozenset()  # the members who bear the name of who decided; 0 is nobody of the list
    leaves: time | None = None  # on the clocks of the neighbourhood, when it keeps hours


@dataclass(frozen=True)
class Noted:
    """What the log holds of one alert."""

    at: datetime
    alert: int
    deviations: tuple[Deviation, ...]


def judge(agreed: Settings, named: Collection[int], went: Course) -> list[Deviation]:
    """Where *went* is not what was *agreed*; *named* are the coordinators of the charter, empty when unknown. Pure."""
    found = {
        Deviation.MODE: agreed.get("mode", went.mode) != went.mode,
        Deviation.DECIDER: bool(named) and bool(went.deciders) and not went.deciders & set(named),
        Deviation.HOURS: went.leaves is not None and not _within(agreed.get("preventive_hours", ""), went.leaves),
    }
    return [deviation for deviation, true in found.items() if true]


def _within(hours: str, at: time) -> bool:
    """Whether *at* is in *hours*, such as 08:00-20:00; what says no hours forbids none."""
    opens, dash, closes = hours.partition("-")
    return not dash or time.fromisoformat(opens) <= at < time.fromisoformat(closes)


def decided(alert: Alert, by: str, mode: str, leaves: time | None, now: datetime) -> None:
    """What deviates in a decision about *alert* is in the log; without a charter nothing. Inside `writing()`."""
    agreed = charter.signed()
    if agreed:
        went = Course(mode, _bearing(by), leaves)
        _note(alert, judge(charter.settings_of(agreed), charter.deciders(agreed), went), by, now)


def nobody_decided(alert: Alert, now: datetime) -> None:
    """That nobody decided about *alert* in time is in the log; without a charter it is not. Inside `writing()`."""
    if charter.signed():
        _note(alert, [Deviation.LATE], "klok", now)


def _bearing(name: str) -> frozenset[int]:
    """Who may have decided as *name*: members by their row; 0 is an account of no member. The button bears no name."""
    members = {row.id for row in Member.select(Member.id).where(Member.name == name)}
    nobodys = Account.select().where((Account.username == name) & Account.member.is_null()).exists()
    return frozenset(members or ({0} if nobodys else ()))


def _note(alert: Alert, deviations: Collection[Deviation], by: str, now: datetime) -> None:
    """Each once for one alert, however often it is decided about."""
    known = of(alert)
    fresh = [deviation for deviation in deviations if deviation not in known]
    if fresh:
        audit.record(by, VERB, f"alert {alert.id}", now, ", ".join(fresh))


def of(alert: Alert) -> list[Deviation]:
    """How *alert* went otherwise than agreed."""
    rows = Audit.select().where((Audit.subject == f"alert {alert.id}") & (Audit.verb == VERB)).order_by(Audit.id)
    return [deviation for row in rows for deviation in read(row.detail)]


def read(detail: str) -> tuple[Deviation, ...]:
    """The deviations in the *detail* of a row of the log."""
    return tuple(Deviation(word) for word in detail.split(", "))


def lately(most: int) -> list[Noted]:
    """What went otherwise last, newest first, at *most* so many."""
    rows = Audit.select().where(Audit.verb == VERB).order_by(Audit.id.desc()).limit(most)
    return [Noted(row.at, int(row.subject.removeprefix("alert ")), read(row.detail)) for row in rows]
