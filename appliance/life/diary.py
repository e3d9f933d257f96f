"""Meetings that were held and what prevention is about each month (R29, R42, R99, R106, R109)."""

from datetime import date, datetime
from enum import StrEnum

from peewee import fn

from appliance import audit
from appliance.models import Meeting, Theme
from appliance.plain import PlainError
from appliance.store import writing

LONGEST = 2000  # characters


class Kind(StrEnum):
    """Who meets."""

    INFO = "info"
    GROUP = "group"  # the steering group
    POLICE = "police"
    GENERAL = "general"


class BadEntry(PlainError):
    """That cannot be written down so; `str()` is a Dutch sentence. Nothing was changed."""


def hold(
    on: date, kind: Kind, now: datetime, by: str, *, topics: str = "", decisions: str = "", attended: int | None = None
) -> Meeting:
    """A meeting of this *kind* was held *on* that day: how many came, never who. Raises BadEntry."""
    if max(len(topics), len(decisions)) > LONGEST:
        raise BadEntry(f"Dat is langer dan {LONGEST} tekens. Kort het in.")
    with writing():
        meeting = Meeting.create(
            held_on=on.isoformat(), kind=kind, topics=topics, decisions=decisions, attended=attended
        )
        audit.record(by, "meeting noted", f"meeting {meeting.id}", now, kind)
    return meeting


def held(kind: Kind | None = None) -> list[Meeting]:
    """The meetings, of one *kind* or all, newest first."""
    meetings = Meeting.select().order_by(Meeting.held_on.desc(), Meeting.id.desc())
    return list(meetings.where(Meeting.kind == kind) if kind else meetings)


def last_of_each() -> dict[Kind, date]:
    """When a meeting of each kind was last held, for the kinds that were."""
    lasts = Meeting.select(Meeting.kind, fn.MAX(Meeting.held_on)).group_by(Meeting.kind)
    return {Kind(kind): date.fromisoformat(on) for kind, on in lasts.tuples().iterator()}


def plan(month: int, text: str, source: str, now: datetime, by: str) -> None:
    """Prevention in *month* (1 to 12) of every year is about *text*; an empty text takes it off. Raises BadEntry."""
    text, source = " ".join(text.split()), " ".join(source.split())
    if len(text) > LONGEST:
        raise BadEntry(f"Dat is langer dan {LONGEST} tekens. Kort het in.")
    with writing():
        Theme.delete().where(Theme.month == month).execute()
        if text:
            Theme.create(month=month, text=text, source=source)
        audit.record(by, "theme planned", f"month {month}", now)


def themes() -> dict[int, Theme]:
    """What each month is about, for the months that have a theme."""
    return {theme.month: theme for theme in Theme.select().order_by(Theme.month)}
