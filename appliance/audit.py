"""Who did what. Each row is sealed with the hash of the one before, so that a change in the middle shows."""

import hashlib
import json
from datetime import datetime

from appliance.models import Audit


def record(actor: str, verb: str, subject: str, now: datetime, detail: str = "") -> None:
    """Add one row. Call it inside the transaction that does what it tells of. No texts and no numbers in it."""
    last = Audit.select().order_by(Audit.id.desc()).first()
    row = Audit(at=now, actor=actor, verb=verb, subject=subject, detail=detail)
    row.seal = _seal(last.seal if last else "", row)
    row.save()


def first_broken() -> int | None:
    """The id of the first row whose seal does not fit, or None when the log is whole."""
    before = ""
    for row in Audit.select().order_by(Audit.id):
        if row.seal != _seal(before, row):
            return int(row.id)
        before = row.seal
    return None


def _seal(before: str, row: Audit) -> str:
    content = [before, row.at.isoformat(), row.actor, row.verb, row.subject, row.detail]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
