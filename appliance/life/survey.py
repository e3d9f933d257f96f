"""How safe do you feel, 0 to 10: asked once a year by SMS, kept as a sum and a number of answers (R112)."""

import re
from dataclasses import dataclass
from datetime import datetime

from appliance import alerts, wording
from appliance.alerts import MessageClass, Source
from appliance.models import Alert, Delivery, Survey
from appliance.neighbourhood import Neighbourhood
from appliance.queue.states import NotAllowed
from appliance.store import writing
from appliance.wording import Key

ENOUGH = 5  # answers, before an average is told: one of two would tell who said what
ANSWERED = "survey"  # Delivery.confirmed_by of whoever has answered: that he did, and never what


class AskedAlready(NotAllowed):
    """Once a year is enough; `str()` is a Dutch sentence. Nothing was changed."""


@dataclass(frozen=True)
class Feeling:
    """One year's answers."""

    answers: int
    average: float | None  # one decimal; null below ENOUGH answers


def ask(by: str, via: str, now: datetime, bin_: Neighbourhood) -> Alert:
    """Every member is asked, by day, in the language of the BIN. Raises AskedAlready, NobodyToTell."""
    year = bin_.local(now).year
    with writing():
        if Survey.select().where(Survey.year == year).exists():
            raise AskedAlready(f"Die vraag is in {year} al gesteld. Eens per jaar is genoeg.")
        words = wording.text(Key.SURVEY, bin_.language)
        alert = alerts.create(MessageClass.ORGANISATION, Source.COORDINATOR, words, by, now, bin_)
        alerts.forward(alert, by, via, now, bin_)
        Survey.create(year=year, alert=alert)
    return alert


def hear(asked: Delivery, text: str) -> bool:
    """Whether *text* answers the question that *asked* brought; the first answer counts. Call it inside `writing()`.

    The caller keeps no word of it.
    """
    found = re.fullmatch(r"\s*(10|\d)\s*(?:/\s*10)?\s*[.!]?\s*", text, re.ASCII)
    survey = Survey.get_or_none(Survey.alert == asked.alert) if found else None
    if found is None or survey is None:
        return False
    first = (Delivery.id == asked.id) & (Delivery.confirmed_by != ANSWERED)
    if Delivery.update(confirmed_by=ANSWERED).where(first).execute():
        more = {Survey.answers: Survey.answers + 1, Survey.total: Survey.total + int(found[1])}
        Survey.update(more).where(Survey.id == survey.id).execute()
    return True


def of_year(year: int) -> Feeling | None:
    """What was answered in *year*; None when it was not asked."""
    survey = Survey.get_or_none(Survey.year == year)
    if survey is None:
        return None
    enough = survey.answers >= ENOUGH
    return Feeling(survey.answers, round(survey.total / survey.answers, 1) if enough else None)
