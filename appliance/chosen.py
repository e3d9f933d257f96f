"""What the coordinators chose on the page for [bin]: in force wherever the configuration file is silent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from appliance import audit, phone
from appliance.lang import LANGUAGES
from appliance.models import Choice
from appliance.neighbourhood import Neighbourhood, People
from appliance.phone import BadNumber
from appliance.plain import Unfit, say
from appliance.store import faults, writing

AT_FIRST = ("name", "language", "police_phone", "people")  # the keys of [bin] that a new box asks for
LATER = ("municipality_phone", "utility_phone")
NAMES = AT_FIRST + LATER  # the keys of [bin] that can be chosen
PHONES = {
    "police_phone": say("Het nummer van de politiezone klopt niet. Laat het leeg als u het nog niet kent."),
    "municipality_phone": say("Het nummer van de gemeente klopt niet. Laat het leeg als u het nog niet kent."),
    "utility_phone": say("Het nummer van het netbedrijf klopt niet. Laat het leeg als u het nog niet kent."),
}
LONGEST_NAME = 40  # characters: it is in texts that must fit one SMS


class BadChoice(Unfit):
    """That cannot be chosen."""


def made() -> dict[str, str]:
    """What was chosen, by key."""
    return {row.name: row.value for row in Choice.select().where(Choice.name << NAMES)}


def in_force(settled: Neighbourhood) -> Neighbourhood:
    """*settled* by the configuration file, with what was chosen where that file is silent."""
    ours: dict[str, Any] = {key: value for key, value in made().items() if key not in settled.settled}
    if "people" in ours:
        ours["people"] = People(ours["people"])
    return replace(settled, **ours)


def in_force_anyhow(settled: Neighbourhood) -> Neighbourhood:
    """The same, for what must speak though the database cannot be used: then it is as the file settles it."""
    try:
        return in_force(settled)
    except faults.failures():
        return settled


def choose(wanted: Mapping[str, str], bin_: Neighbourhood, now: datetime, by: str) -> None:
    """*wanted* is chosen from now on, for every service; what the file settles is left as it is. Raises BadChoice."""
    values = checked({key: wanted[key] for key in NAMES if key in wanted and key not in bin_.settled})
    with writing():
        before = made()
        changed = {key: value for key, value in values.items() if before.get(key) != value}
        for key, value in changed.items():
            Choice.delete().where(Choice.name == key).execute()
            Choice.create(name=key, value=value, by=by, at=now)
        if changed:
            audit.record(by, "settings chosen", "", now, ", ".join(changed))


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """*values*, tidied. Raises BadChoice."""
    tidy = {key: " ".join(value.split()) for key, value in values.items()}
    name, language, people = (tidy.get(key) for key in ("name", "language", "people"))
    if name == "":
        raise BadChoice("Geef uw netwerk een naam.")
    if name and (len(name) > LONGEST_NAME or not name.isprintable()):
        raise BadChoice("De naam is langer dan %(most)d tekens, of bevat tekens die niemand ziet.", most=LONGEST_NAME)
    if language is not None and language not in LANGUAGES:
        raise BadChoice("Kies een taal.")
    if people is not None and people not in list(People):
        raise BadChoice("Kies wie de leden zijn: buren of handelaars.")
    for key in PHONES:
        if tidy.get(key):
            _check_number(key, tidy[key])
    return tidy


def _check_number(key: str, number: str) -> None:
    try:
        phone.canonical(number)
    except BadNumber as bad:
        raise BadChoice(PHONES[key]) from bad
