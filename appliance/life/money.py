"""Who paid for the BIN, when and what for: a plain list, with what a sponsor gave marked (R117 to R119)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from peewee import fn

from appliance import audit
from appliance.life.diary import BadEntry
from appliance.models import Payment
from appliance.store import writing

LONGEST = 200  # characters
MOST = 10_000_000  # cents


class Kind(StrEnum):
    """Where money came from, or that it went out."""

    MUNICIPALITY = "municipality"
    ZONE = "zone"
    CONTRIBUTION = "contribution"  # of members together: never who
    SPONSOR = "sponsor"  # for the steering group to look at
    COST = "cost"


@dataclass(frozen=True)
class Balance:
    """Sums in cents."""

    came_in: int
    went_out: int
    sponsored: int  # of what came in


def note(paid_on: date, kind: Kind, cents: int, now: datetime, by: str, *, who: str = "", what: str = "") -> Payment:
    """*cents* came in or went out on that day. No member is named. Raises BadEntry."""
    who, what = " ".join(who.split()), " ".join(what.split())
    if not 0 < cents <= MOST:
        raise BadEntry("Een bedrag ligt tussen 1 cent en 100.000 euro. Schrijf het als 12,50.")
    if kind is Kind.CONTRIBUTION and who:
        raise BadEntry("Bijdragen van leden staan er samen, zonder naam. Laat weg wie betaalde.")
    if max(len(who), len(what)) > LONGEST:
        raise BadEntry(f"Dat is langer dan {LONGEST} tekens. Kort het in.")
    with writing():
        payment = Payment.create(paid_on=paid_on.isoformat(), kind=kind, cents=cents, who=who, what=what)
        audit.record(by, "payment noted", f"payment {payment.id}", now, kind)
    return payment


def noted() -> list[Payment]:
    """All payments, newest first."""
    return list(Payment.select().order_by(Payment.paid_on.desc(), Payment.id.desc()))


def balance() -> Balance:
    """The sums of all that was noted."""
    rows = noted()
    out = sum(row.cents for row in rows if row.kind == Kind.COST)
    return Balance(
        came_in=sum(row.cents for row in rows) - out,
        went_out=out,
        sponsored=sum(row.cents for row in rows if row.kind == Kind.SPONSOR),
    )


def last_sponsored() -> date | None:
    """When a sponsor last paid."""
    found = Payment.select(fn.MAX(Payment.paid_on)).where(Payment.kind == Kind.SPONSOR).scalar()
    return date.fromisoformat(found) if found else None
