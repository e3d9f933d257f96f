"""Who did what. Each row is sealed with the hash of the one before, so that a change in the middle shows.

Persons are in it by the number of their row, never by name: erasing a person leaves the chain whole. What is at the
end can only be proven by something outside the box: the `head`, on paper or in a coordinator's telephone.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from appliance.models import Account, Audit, Member, PoliceContact
from appliance.plain import PlainError

SHORTENED = "log shortened"  # its detail is the seal of the last row that was erased: the chain goes on from there
HEAD = 8  # digits of a seal that a person writes down


@dataclass(frozen=True)
class Head:
    """Where the log ends: the number of its last row and that row's seal; 0 and "" for an empty log."""

    row: int
    seal: str

    def __str__(self) -> str:
        return f"{self.row}:{self.seal[:HEAD]}" if self.row else "-"


class BadHead(PlainError):
    """What was typed is no head; `str()` says in Dutch how one looks."""


def record(actor: str, verb: str, subject: str, now: datetime, detail: str = "") -> None:
    """Add one row. Call it inside the transaction that does what it tells of. No texts and no numbers in it."""
    row = Audit(at=now, actor=_without_name(actor), verb=verb, subject=subject, detail=detail)
    row.seal = _seal(head().seal, row)
    row.save()


def _without_name(actor: str) -> str:
    """*actor*, or the rows of whom that is the name: "member 3". Several people may bear one name."""
    members = Member.select(Member.id).where(Member.name == actor).order_by(Member.id)
    contacts = PoliceContact.select(PoliceContact.id).where(PoliceContact.name == actor).order_by(PoliceContact.id)
    accounts = Account.select(Account.id).where(Account.username == actor)
    for kind, found in (("member", members), ("contact", contacts), ("account", accounts)):
        if ids := [str(row.id) for row in found]:
            return f"{kind} {' or '.join(ids)}"
    return actor


def head() -> Head:
    """Where the log ends now."""
    last = Audit.select(Audit.id, Audit.seal).order_by(Audit.id.desc()).first()
    return Head(last.id, last.seal) if last else Head(0, "")


def first_broken() -> int | None:
    """The number of the first row whose seal does not fit, or None when the log is whole up to its end."""
    shortened = Audit.select().where(Audit.verb == SHORTENED).order_by(Audit.id.desc()).first()
    before = shortened.detail if shortened else ""
    for row in Audit.select().order_by(Audit.id):
        if row.seal != _seal(before, row):
            return int(row.id)
        before = row.seal
    return None


def read_head(written: str) -> Head:
    """*written*, as a report or a text gave it: "812:175765b3". Raises BadHead."""
    row, colon, seal = written.strip().lower().partition(":")
    if not colon or not row.isascii() or not row.isdigit() or len(row) > HEAD or len(seal) < HEAD:
        raise BadHead(f'"{written}" is geen slot van het logboek. Het ziet eruit als 812:175765b3.')
    return Head(int(row), seal)


def holds(known: Head) -> bool:
    """Whether the log has the row of a head that was *known* outside the box, still with that seal."""
    row = Audit.get_or_none(Audit.id == known.row)
    return row is not None and row.seal.startswith(known.seal)


def shorten(until: datetime, now: datetime) -> int:
    """Rows from before *until* are gone, how many; what follows still proves itself. Call it inside `writing()`."""
    last = Audit.select().where(Audit.at < until).order_by(Audit.id.desc()).first()
    if last is None or last.id == head().row:
        return 0
    record("de kast", SHORTENED, f"until row {last.id}", now, last.seal)
    return int(Audit.delete().where(Audit.id <= last.id).execute())


def _seal(before: str, row: Audit) -> str:
    content = [before, row.at.isoformat(), row.actor, row.verb, row.subject, row.detail]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
