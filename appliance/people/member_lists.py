"""A list of members that is read in on the page in steps: looked at, applied, and for a day undone.

Between the steps the file is in the database, so that a browser that is closed, or a box that restarts, loses nothing.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import audit
from appliance.models import Arrival, Delivery, ListChange, Member, MemberList
from appliance.people import members_csv
from appliance.people.members_csv import Outcome, Report
from appliance.store import writing

KEPT = timedelta(days=1)
COLUMNS = ("name", "street", "language", "role", "state", "consent", "consent_way", "consent_form", "consented_at")


class TooLate(ValueError):
    """The list was applied, undone or forgotten before. Nothing was changed."""


@dataclass(frozen=True)
class Undone:
    """How many members are as they were, and how many are not, because something happened to them since."""

    back: int
    left_alone: int


def keep(data: bytes, by: str, now: datetime) -> MemberList:
    """*data* is kept, to be looked at; no member is changed. Raises members_file.BadFile."""
    members_csv.report(data)
    with writing():
        return MemberList.create(made_at=now, made_by=by, content=base64.b64encode(data).decode("ascii"))


def find(number: int, now: datetime) -> MemberList | None:
    """The list with that number, while it is kept."""
    found: MemberList | None = MemberList.get_or_none((MemberList.id == number) & (MemberList.made_at > now - KEPT))
    return found


def latest(now: datetime) -> MemberList | None:
    """The list that was applied last and can still be undone."""
    applied = MemberList.applied_at.is_null(False) & MemberList.undone_at.is_null()
    fresh = MemberList.select().where(applied & (MemberList.made_at > now - KEPT))
    found: MemberList | None = fresh.order_by(MemberList.applied_at.desc()).first()
    return found


def report(kept: MemberList) -> Report:
    """What applying *kept* would do as things stand. Raises TooLate when it was applied already."""
    if not kept.content:
        raise TooLate
    return members_csv.report(base64.b64decode(kept.content))


def apply(kept: MemberList, now: datetime, by: str) -> Report:
    """The members of *kept* are in the store, and what it takes to undo that: one transaction. Raises TooLate."""
    with writing():
        report_ = report(MemberList.get_by_id(kept.id))
        before = {member.number: _state(member) for member in Member.select()}
        done = members_csv.apply(report_, now, by)
        changed = [row.entry.number for row in done.rows
                   if row.entry and row.outcome in (Outcome.NEW, Outcome.CHANGED)]  # fmt: skip
        for member in Member.select().where(Member.number << changed):
            ListChange.create(
                member_list=kept, member=member, before=before.get(member.number, ""), after=_state(member)
            )
        MemberList.update(content="", made_at=now, applied_at=now).where(MemberList.id == kept.id).execute()
    return done


def undo(kept: MemberList, now: datetime, by: str) -> Undone:
    """Whoever is still as *kept* made him is as he was before. Raises TooLate.

    Whom it brought in is gone again, unless the box texted him or heard from him meanwhile.
    """
    with writing():
        fresh = MemberList.get_by_id(kept.id)
        if fresh.applied_at is None or fresh.undone_at is not None:
            raise TooLate
        changes = list(ListChange.select(ListChange, Member).join(Member).where(ListChange.member_list == kept))
        back = sum(_put_back(change) for change in changes)
        MemberList.update(undone_at=now).where(MemberList.id == kept.id).execute()
        ListChange.delete().where(ListChange.member_list == kept).execute()
        audit.record(by, "list undone", "members", now, f"{back} back, {len(changes) - back} left alone")
    return Undone(back, len(changes) - back)


def _put_back(change: ListChange) -> bool:
    """Whether that member is as he was."""
    member = change.member
    if _state(member) != change.after:
        return False
    if change.before:
        values = json.loads(change.before)
        at = values.pop("consented_at")
        Member.update(**values, consented_at=datetime.fromisoformat(at) if at else None).where(
            Member.id == member.id
        ).execute()
        return True
    if _heard_of(member):
        return False
    member.delete_instance(recursive=True)
    return True


def _heard_of(member: Member) -> bool:
    told = Delivery.select().where((Delivery.member == member) | (Delivery.number == member.number)).exists()
    return bool(told or Arrival.select().where(Arrival.number == member.number).exists())


def _state(member: Member) -> str:
    """What a list may change of *member*, and what shows that somebody else did."""
    values = {column: getattr(member, column) for column in COLUMNS}
    at = member.consented_at
    return json.dumps(values | {"consented_at": at.isoformat() if at else None})


def forget(lists: list[MemberList]) -> None:
    """*lists* are gone, and with them what could be undone. Call it inside `writing()`."""
    for kept in lists:
        kept.delete_instance(recursive=True)


def over(now: datetime) -> list[MemberList]:
    """The lists that were kept for their day."""
    return list(MemberList.select().where(MemberList.made_at < now - KEPT))
