"""What the core group proposes: a preventive text that waits for a coordinator, who alone can send it (domain 1H)."""

from datetime import datetime
from typing import Any

from appliance import alerts
from appliance.alerts import AlertState, MessageClass, Source
from appliance.models import Alert
from appliance.neighbourhood import Neighbourhood
from appliance.plain import Unfit, say
from appliance.segments import sendable
from appliance.store import writing

MOST_WAITING = 3  # of one person: what the police write must not be buried
LONGEST = 2_000  # characters
SHOWN = 10


class TooMany(Unfit):
    """So many of this person wait already. Nothing was changed."""


def propose(text: str, by: str, now: datetime, bin_: Neighbourhood) -> Alert:
    """*text* waits for a coordinator; one that waits already is the same, however often it is proposed.

    Raises TooMany, segments.BadText.
    """
    with writing():
        ours = _of(by).where(Alert.state == AlertState.WAITING)
        known: Alert | None = ours.where(Alert.text == sendable(text)).first()
        if known:
            return known
        if ours.count() >= MOST_WAITING:
            raise TooMany(
                say("Er wachten al %(most)d voorstellen van u. Laat eerst een coördinator beslissen."),
                most=MOST_WAITING,
            )
        return alerts.create(MessageClass.PREVENTIVE, Source.COORDINATOR, text, by, now, bin_)


def of(by: str) -> list[Alert]:
    """What *by* proposed or wrote, newest first, with what became of it."""
    return list(_of(by).order_by(Alert.id.desc()).limit(SHOWN))


def _of(by: str) -> Any:
    mine = (
        (Alert.author == by) & (Alert.source == Source.COORDINATOR) & (Alert.message_class == MessageClass.PREVENTIVE)
    )
    return Alert.select().where(mine)
