"""What a person has looked at and put away."""

from datetime import datetime

from appliance import audit
from appliance.models import Acknowledgement, Arrival
from appliance.store import writing


def read(arrival: Arrival, by: str, now: datetime) -> None:
    """*arrival* has been read; the first reader counts."""
    with writing():
        changed = Arrival.update(read_at=now).where((Arrival.id == arrival.id) & Arrival.read_at.is_null()).execute()
        if changed:
            audit.record(by, "read", f"arrival {arrival.id}", now)


def acknowledge(acknowledgement: Acknowledgement, by: str, now: datetime) -> None:
    """*acknowledgement* has been seen and is put away; the first one counts."""
    unseen = (Acknowledgement.id == acknowledgement.id) & Acknowledgement.seen_at.is_null()
    with writing():
        if Acknowledgement.update(seen_at=now, seen_by=by).where(unseen).execute():
            audit.record(by, "acknowledged", f"acknowledgement {acknowledgement.id}", now)
