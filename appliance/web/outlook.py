"""What will happen if this alert is forwarded now: to how many, in which words, and until when. Nothing is written."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from appliance import alerts, notices
from appliance.alerts import Source, Variants, prospect
from appliance.models import Alert
from appliance.neighbourhood import Neighbourhood
from appliance.queue.forecast import Forecast
from appliance.segments import split


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
    forecast: Forecast

    @property
    def per_member(self) -> int:
        """SMS per member, for the longest version."""
        return max((version.segments for version in self.versions), default=0)


def of(alert: Alert, now: datetime, bin_: Neighbourhood) -> Outlook:
    """The outlook for *alert*, saved or not. Raises segments.BadText when its text cannot be sent."""
    receiving = alerts.recipients(alert, now, bin_)
    languages = Counter(member.language for member in receiving)
    versions = tuple(_version(alert, language, people, now, bin_) for language, people in languages.most_common())
    return Outlook(len(receiving), versions, prospect.of(alert, now, bin_))


def _version(alert: Alert, language: str, people: int, now: datetime, bin_: Neighbourhood) -> Version:
    text = alerts.frame(alert, language, now, bin_)
    return Version(language, text, len(split(text, notices.LONGEST).parts), people)


def choice(alert: Alert, now: datetime, bin_: Neighbourhood) -> Variants | None:
    """To the letter or fast, as most members would get it; None when there is nothing to choose. Raises BadText."""
    languages = Counter(member.language for member in alerts.recipients(alert, now, bin_))
    most = languages.most_common(1)[0][0] if languages else bin_.language
    exact = Alert(**(alert.__data__ | {"text": alerts.spelled(alert, fast=False)}))
    both = alerts.variants(alerts.frame(exact, most, now, bin_))
    return both if both.saves else None


def draft(
    message_class: str, text: str, author: str, now: datetime, about: Alert | None = None, streets: str = ""
) -> Alert:
    """An alert that a coordinator is composing; it is in no store yet."""
    return Alert(
        id=0,
        message_class=message_class,
        source=Source.COORDINATOR,
        original=text,
        text=text,
        author=author,
        created_at=now,
        about=about,
        streets=streets,
    )
