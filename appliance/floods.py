"""Loops and floods of texts from one number: acted on, but no longer answered, and told of once (domain section 8)."""

from datetime import datetime, timedelta

from appliance import phone
from appliance.models import Acknowledgement, Arrival

FLOOD = "flood"  # the kind of Acknowledgement that says so
PERIOD = timedelta(hours=1)
SAME = 3  # identical texts within PERIOD: a machine that answers our answers
MANY = 20  # texts within PERIOD, whatever they say


def collapses(arrival: Arrival, now: datetime) -> bool:
    """Whether *arrival* only adds to a loop or a flood: a human has enough to read without it.

    Call it inside `writing()`: a flood is noted here, once in PERIOD.
    """
    lately = (Arrival.number == arrival.number) & (Arrival.kind == "text") & (Arrival.received_at > now - PERIOD)
    before = Arrival.select().where(lately & (Arrival.id < arrival.id))
    if before.count() >= MANY:
        note(phone.masked(arrival.number), now)
        return True
    return arrival.text != "" and before.where(Arrival.text == arrival.text).count() >= SAME - 1


def note(whom: str, now: datetime) -> bool:
    """A flood from *whom* is noted, for a human to see and put away; False when it already was within PERIOD."""
    noted = (Acknowledgement.kind == FLOOD) & (Acknowledgement.detail == whom) & (Acknowledgement.at > now - PERIOD)
    if Acknowledgement.select().where(noted).exists():
        return False
    Acknowledgement.create(kind=FLOOD, detail=whom, at=now)
    return True
