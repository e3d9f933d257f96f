"""From an idea to an active BIN: phases in a fixed order, each with what must be true first (R98 to R104)."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from appliance import audit
from appliance.alerts import AlertState, MessageClass, progress
from appliance.alerts.progress import Line
from appliance.life import charter, diary
from appliance.models import Alert, Milestone
from appliance.people import members
from appliance.people.members import Role
from appliance.plain import PlainError
from appliance.store import writing


class Phase(StrEnum):
    """The order is the order of founding."""

    IDEA = "idea"
    INFO = "info"
    GROUP = "group"
    DATA = "data"
    CHARTER = "charter"
    TEST = "test"
    ACTIVE = "active"


class NotYet(PlainError):
    """Something must be true first; `str()` is a Dutch sentence that says what. Nothing was changed."""


@dataclass(frozen=True)
class Facts:
    """What the phases ask of the BIN."""

    info_meetings: int
    coordinators: int
    with_consent: int
    signed: bool
    certified: bool


def facts() -> Facts:
    """How it is now. Read only."""
    return Facts(
        info_meetings=len(diary.held(diary.Kind.INFO)),
        coordinators=len(members.with_role(Role.COORDINATOR)),
        with_consent=sum(bool(member.consent) for member in members.active()),
        signed=charter.signed() is not None,
        certified=certificate() is not None,
    )


def lacking(phase: Phase, of: Facts, *, alone: bool) -> str:
    """Why *phase* cannot be reached yet, in Dutch; empty when it can. Pure.

    *alone*: there is one volunteer, and no co-coordinator was found (R23, R100).
    """
    needs = {
        Phase.INFO: (of.info_meetings > 0, "Noteer eerst de infovergadering: meetings add DATUM --kind info."),
        Phase.GROUP: (
            of.coordinators > 1 or (alone and of.coordinators == 1),
            "Er is nog geen co-coördinator. Voeg er een toe, of zeg met --alone dat er een enige vrijwilliger is.",
        ),
        Phase.DATA: (of.with_consent > 0, "Er is nog geen lid met toestemming. Lees de ledenlijst in."),
        Phase.CHARTER: (of.signed, "Het charter is nog niet getekend. Leg het vast: charter sign."),
        Phase.TEST: (of.certified, "De oprichtingstest is nog niet vastgelegd: founding certify NUMMER."),
    }
    true, sentence = needs.get(phase, (True, ""))
    return "" if true else sentence


def reached() -> dict[Phase, datetime]:
    """The phases that were reached, and when."""
    return {Phase(row.phase): row.at for row in Milestone.select() if row.phase in list(Phase)}


def current() -> Phase | None:
    """The last phase that was reached, or None."""
    return max(reached(), key=list(Phase).index, default=None)


def reach(phase: Phase, now: datetime, by: str, *, alone: bool = False) -> None:
    """*phase* is reached now. Raises NotYet when an earlier one is not, or what it asks for is lacking."""
    with writing():
        done = reached()
        before = [earlier for earlier in list(Phase)[: list(Phase).index(phase)] if earlier not in done]
        if before:
            raise NotYet(f"Eerst komt de fase: {before[0]}.")
        if why := lacking(phase, facts(), alone=alone):
            raise NotYet(why)
        if phase not in done:
            Milestone.create(phase=phase, at=now)
            audit.record(by, "phase reached", phase, now)


CERTIFICATE = "certificate"


@dataclass(frozen=True)
class Certificate:
    """The result of the founding test, for the annex of the charter: no names in it."""

    alert: int
    told_at: str  # ISO moment
    members: int
    accepted: int
    reached: int
    confirmed: int


def certify(alert: Alert, now: datetime, by: str) -> Certificate:
    """The test *alert* is the founding test; again for a better one. Raises NotYet."""
    if alert.message_class != MessageClass.TEST or alert.state not in (AlertState.FORWARDED, AlertState.CLOSED):
        raise NotYet("Dat is geen testbericht dat verstuurd is. Maak er een met: alerts create --class test.")
    if alert.streets:
        raise NotYet("Die test was maar voor enkele straten. Stuur er een naar iedereen.")
    so_far = progress.of(alert)
    if so_far.busy:
        raise NotYet("De test is nog bezig. Wacht tot alles verstuurd is.")
    told_at = (alert.decided_at or alert.created_at).isoformat()
    counts = so_far.counts
    found = Certificate(
        alert.id, told_at, counts["recipients"], counts["accepted"], counts["reached"], counts["confirmed"]
    )
    with writing():
        Milestone.delete().where(Milestone.phase == CERTIFICATE).execute()
        Milestone.create(phase=CERTIFICATE, at=now, detail=json.dumps(asdict(found)))
        audit.record(by, "founding test certified", f"alert {alert.id}", now)
    return found


def certificate() -> Certificate | None:
    """The founding test as it was certified last."""
    row = Milestone.get_or_none(Milestone.phase == CERTIFICATE)
    return Certificate(**json.loads(row.detail)) if row else None


def not_reached(alert: Alert) -> list[Line]:
    """Whom the founding test did not reach: neither network nor person said a word. For coordinators only."""
    return [line for line in progress.of(alert).lines if line.delivered_at is None and line.confirmed_at is None]
