"""Who heard an alert by telephone or at the door, because a coordinator says so: told, not confirmed (R61)."""

from datetime import datetime
from enum import StrEnum

from appliance import audit
from appliance.models import Alert, Callee, Delivery, Phoned
from appliance.store import writing


class Whom(StrEnum):
    """What the number of a person on the call list is the number of."""

    CALLEE = "callee"  # a neighbour without a mobile
    DELIVERY = "delivery"  # a member whom an SMS was for


class NotCalled(ValueError):
    """That person is not one who could be called about that alert. Nothing was changed."""


def of(alert: Alert) -> dict[Whom, dict[int, Phoned]]:
    """Who was told so far, by their number."""
    rows = list(Phoned.select().where(Phoned.alert == alert))
    return {whom: {row.__data__[whom]: row for row in rows if row.__data__[whom]} for whom in Whom}


def tick(alert: Alert, whom: Whom, number: int, by: str, now: datetime) -> None:
    """That person heard *alert* from somebody; ticked twice it is once. Raises NotCalled."""
    with writing():
        _check(alert, whom, number)
        if number not in of(alert)[whom]:
            Phoned.create(alert=alert, by=by, at=now, **{whom.value: number})
            audit.record(by, "told by telephone", f"alert {alert.id}", now, f"{whom} {number}")


def untick(alert: Alert, whom: Whom, number: int, by: str, now: datetime) -> None:
    """That was a slip: nobody told that person."""
    with writing():
        row = of(alert)[whom].get(number)
        if row:
            row.delete_instance()
            audit.record(by, "not told by telephone", f"alert {alert.id}", now, f"{whom} {number}")


def _check(alert: Alert, whom: Whom, number: int) -> None:
    """Raises NotCalled for a number of nobody, of another alert, or of a neighbour who has not agreed to be rung."""
    found: Callee | Delivery | None
    if whom is Whom.CALLEE:
        found = Callee.get_or_none((Callee.id == number) & (Callee.consent != ""))
    else:
        found = Delivery.get_or_none((Delivery.id == number) & (Delivery.alert == alert))
    if found is None:
        raise NotCalled(f"{whom} {number}")
