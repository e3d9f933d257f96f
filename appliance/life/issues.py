"""Problems inside the network that a coordinator is solving (R19): a note on a problem, never on a person.

It is tied to no member, is erased by itself (`retention`), and what names a member or holds a number is not taken.
"""

import re
from datetime import datetime

from appliance import audit
from appliance.models import Issue
from appliance.people import members
from appliance.plain import Unfit
from appliance.store import writing

LONGEST = 1000  # characters
_NUMBER = re.compile(r"[+0][0-9 ./()-]{7,}[0-9]")


class BadIssue(Unfit):
    """That cannot be kept as a note on a problem."""


def note(text: str, now: datetime, by: str) -> Issue:
    """A problem is written down. Raises BadIssue. The log says that it was, and not what."""
    words = _checked(text)
    with writing():
        issue = Issue.create(text=words, made_at=now, changed_at=now)
        audit.record(by, "issue noted", f"issue {issue.id}", now)
    return issue


def change(issue: Issue, text: str, now: datetime, by: str) -> None:
    """*issue* says *text* from now on, and is kept as long again. Raises BadIssue."""
    words = _checked(text)
    with writing():
        if Issue.update(text=words, changed_at=now).where(Issue.id == issue.id).execute():
            audit.record(by, "issue changed", f"issue {issue.id}", now)


def solve(issue: Issue, now: datetime, by: str) -> None:
    """*issue* is solved, and nothing of it is left but that it was."""
    with writing():
        if Issue.delete().where(Issue.id == issue.id).execute():
            audit.record(by, "issue solved", f"issue {issue.id}", now)


def known() -> list[Issue]:
    """The problems that are being solved, the newest first."""
    return list(Issue.select().order_by(Issue.id.desc()))


def _checked(text: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise BadIssue("Schrijf in een paar woorden wat het probleem is.")
    if len(words) > LONGEST:
        raise BadIssue("Dat is langer dan %(n)d tekens. Kort het in.", n=LONGEST)
    if _NUMBER.search(words):
        raise BadIssue("Er staat een telefoonnummer in. Schrijf over het probleem, niet over de persoon.")
    named = next((name for name in _names() if _is_in(name, words)), "")
    if named:
        raise BadIssue("%(name)s is een lid. Schrijf over het probleem, niet over de persoon.", name=named)
    return words


def _is_in(name: str, words: str) -> bool:
    """Whether *words* name *name*; who is only "Ben" in the list is not meant by "ik ben"."""
    hits = re.finditer(rf"\b{re.escape(name)}\b", words, re.IGNORECASE)
    return any(" " in name or not hit[0].islower() for hit in hits)


def _names() -> list[str]:
    """The members by their whole name: a first name alone may be a word."""
    return [member.name for member in members.enrolled()]
