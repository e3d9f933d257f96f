"""The communication plan as settings: drafted, signed by three, and held against what is in force (R20, R28, R105)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from peewee import Expression

from appliance import audit
from appliance.models import Charter
from appliance.people import members
from appliance.people.members import Role
from appliance.plain import PlainError
from appliance.store import writing

Settings = Mapping[str, str]


class NothingDrafted(PlainError):
    """There is no draft to sign; `str()` is a Dutch sentence. Nothing was changed."""


class NotSigned(PlainError):
    """Somebody's name is lacking; `str()` is a Dutch sentence. Nothing was changed."""


@dataclass(frozen=True)
class Drift:
    """One setting that is not what was signed."""

    setting: str
    signed: str
    now: str


def newest() -> Charter | None:
    """The version that was drafted last."""
    found: Charter | None = Charter.select().order_by(Charter.version.desc()).first()
    return found


def signed() -> Charter | None:
    """The version that was signed last."""
    found: Charter | None = Charter.select().where(_whole()).order_by(Charter.version.desc()).first()
    return found


def on_trial() -> bool:
    """Whether no version has its three signatories and its date yet: whatever leaves is marked so (R20)."""
    return not Charter.select().where(_whole()).exists()


def _whole() -> Expression:
    """Three names and a date."""
    return (Charter.signed_on != "") & (Charter.coordinator != "") & (Charter.mayor != "") & (Charter.chief != "")


def deciders(version: Charter) -> set[int]:
    """The coordinators who decide by *version*, as rows of members; none when it was signed before that was kept."""
    return {int(id_) for id_ in version.deciders.split()}


def settings_of(version: Charter) -> dict[str, str]:
    """What *version* says."""
    found: dict[str, str] = json.loads(version.settings)
    return found


def draft(settings: Settings, now: datetime, by: str) -> Charter:
    """The newest version says *settings*; a version that says so already is not made again."""
    with writing():
        last = newest()
        if last and settings_of(last) == dict(settings):
            return last
        version = Charter.create(
            version=last.version + 1 if last else 1, settings=json.dumps(dict(settings)), drafted_at=now
        )
        audit.record(by, "charter drafted", f"version {version.version}", now)
    return version


def sign(on: date, coordinator: str, mayor: str, chief: str, now: datetime, by: str) -> Charter:
    """The newest version was signed *on* that day by these three; the coordinators of now decide by it.

    Raises NothingDrafted, NotSigned.
    """
    if not (coordinator.strip() and mayor.strip() and chief.strip()):
        raise NotSigned("Het charter wordt door drie mensen getekend: coördinator, burgemeester en korpschef.")
    with writing():
        version = newest()
        if version is None:
            raise NothingDrafted("Er is nog geen plan om te tekenen. Maak het eerst: charter draft.")
        version.signed_on = on.isoformat()
        version.coordinator, version.mayor, version.chief = coordinator, mayor, chief
        version.deciders = " ".join(str(member.id) for member in members.with_role(Role.COORDINATOR))
        version.save()
        audit.record(by, "charter signed", f"version {version.version}", now)
    return version


def drift(agreed: Settings, in_force: Settings) -> list[Drift]:
    """Where *in_force* differs from what was *agreed*. Pure."""
    keys = [*agreed, *(key for key in in_force if key not in agreed)]
    return [
        Drift(key, agreed.get(key, ""), in_force.get(key, ""))
        for key in keys
        if agreed.get(key, "") != in_force.get(key, "")
    ]
