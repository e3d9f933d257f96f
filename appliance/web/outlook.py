"""What will happen if this alert is forwarded now: to how many, in which words, and until when. Nothing is written."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import alerts, notices
from appliance.alerts import Source
from appliance.models import Alert, ModemState
from appliance.neighbourhood import Neighbourhood
from appliance.segments import split

USUAL_SECONDS_PER_SUBMIT = 4.0  # until a modem has measured its own (facts/modems)


@dataclass(frozen=True)
class Version:
    """The text as the members with one language get it."""

    language: str
    text: str
    segments: int
    people: int


@dataclass(frozen=True)
class Outlook:
    """The promise that the button makes."""

    recipients: int
    versions: tuple[Version, ...]  # the most read first
    segments: int
    takes: timedelta
    done_at: datetime

    @property
    def per_member(self) -> int:
        """SMS per member, for the longest version."""
        return max((version.segments for version in self.versions), default=0)


def of(alert: Alert, now: datetime, bin_: Neighbourhood) -> Outlook:
    """The outlook for *alert*, saved or not. Raises segments.BadText when its text cannot be sent."""
    receiving = alerts.recipients(alert, now, bin_)
    languages = Counter(member.language for member in receiving)
    versions = tuple(_version(alert, language, people, now, bin_) for language, people in languages.most_common())
    segments = sum(version.segments * version.people for version in versions)
    takes = takes_for(segments)
    return Outlook(len(receiving), versions, segments, takes, now + takes)


def _version(alert: Alert, language: str, people: int, now: datetime, bin_: Neighbourhood) -> Version:
    text = alerts.frame(alert, language, now, bin_)
    return Version(language, text, len(split(text, notices.LONGEST).parts), people)


def draft(message_class: str, text: str, author: str, now: datetime) -> Alert:
    """An alert that a coordinator is composing; it is in no store yet."""
    return Alert(
        id=0,
        message_class=message_class,
        source=Source.COORDINATOR,
        original=text,
        text=text,
        author=author,
        created_at=now,
    )


def takes_for(segments: int) -> timedelta:
    """How long the modems that are there need for *segments*."""
    measured = [m.seconds_per_submit or USUAL_SECONDS_PER_SUBMIT for m in ModemState.select() if m.online]
    per_second = sum(1 / seconds for seconds in measured) or 1 / USUAL_SECONDS_PER_SUBMIT
    return timedelta(seconds=segments / per_second)
