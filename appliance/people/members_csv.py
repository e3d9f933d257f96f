"""A list of members, of a spreadsheet or a telephone: what reading it in would change, doing so, and writing one.

`report` changes nothing; `apply` does what the report announced, looking at the store again. Cells are hostile: they
are only ever text, and `to_csv` writes none that a spreadsheet would take for a formula (facts/ux C6, C33).
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from appliance import audit, lang, phone, store
from appliance.models import Member
from appliance.people import members, members_file, members_vcard, refusals
from appliance.people.members import BadMember, Role, Standing
from appliance.people.members_file import DANGEROUS, FIELDS, HEADINGS, SHOWN, cell, first, plain, says_nothing
from appliance.plain import Said, say

NO = ("nee", "neen", "non", "no", "nein", "n", "0", "-", "geen", "false", "onwaar", "faux")

_CUT_OFF = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)  # 3,25E+10: what a spreadsheet makes of a number
_ZERO_LOST = re.compile(r"4[5-9]\d{7}")


class Outcome(StrEnum):
    """What reading in does with one row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"  # the same number as an earlier row of the file
    IGNORED = "ignored"  # empty, a comment, or somebody who left
    ERROR = "error"


@dataclass(frozen=True)
class Entry:
    """One person as the file has it. None: the file says nothing, so what the store has stays."""

    name: str
    number: str  # E.164
    street: str | None
    language: str | None
    consent: str | None
    form: str | None  # the version of the form that was signed


@dataclass(frozen=True)
class Row:
    """One row of the file: its number as a spreadsheet shows it, and what becomes of it, sentence by sentence."""

    number: int
    outcome: Outcome
    why: tuple[Said, ...]
    name: str = ""
    entry: Entry | None = None

    @property
    def reason(self) -> str:
        """All of *why*, in Dutch."""
        return " ".join(map(str, self.why))


@dataclass(frozen=True)
class Report:
    """What reading in the file would do, or has done."""

    encoding: str
    separator: str
    rows: tuple[Row, ...]  # without the row of headings

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome; all six keys are there."""
        return {outcome.value: sum(row.outcome is outcome for row in self.rows) for outcome in Outcome}


def report(data: bytes) -> Report:
    """What `apply` would do with the file *data* as things stand. Changes nothing. Raises BadFile."""
    table = members_vcard.read(data) if members_vcard.is_vcard(data) else members_file.read(data)
    rows = [_row(number, cells, table.columns) for number, cells in table.rows]
    return Report(table.encoding, table.separator, tuple(_judged(_without_duplicates(rows))))


def apply(announced: Report, now: datetime, by: str) -> Report:
    """The new and changed members of *announced* are in the store, all or none; what was really done.

    The store may have changed since the report, so every row is judged again: nobody who left meanwhile comes back.
    """
    with store.writing():
        done = replace(announced, rows=tuple(_judged(announced.rows)))
        for row in done.rows:
            if row.entry and row.outcome in (Outcome.NEW, Outcome.CHANGED):
                _store(row.entry, now, by)
        audit.record(by, "members read in", "members", now, ", ".join(f"{n} {what}" for what, n in done.counts.items()))
    return done


def _store(entry: Entry, now: datetime, by: str) -> None:
    known = Member.get_or_none(Member.number == entry.number)
    before = _known(known) if known else Entry(entry.name, entry.number, "", "nl", "", "")
    after = _merged(entry, before)
    members.enrol(
        after.name, after.number, now, by, street=after.street or "", language=after.language or "",
        role=Role(known.role) if known else Role.MEMBER, consent=after.consent or "",
        form=after.form or "",
    )  # fmt: skip


# Judging rows


def _row(number: int, cells: list[str], columns: Mapping[str, int]) -> Row:
    """One row by itself, without the store: an entry, or why there is none."""
    found = {field: cell(cells, columns.get(field)) for field in HEADINGS}
    found["name"] = " ".join(f"{found['first_name']} {found['name']}".split())
    if not first(cells):
        return Row(number, Outcome.IGNORED, (Said("Leeg."),))
    if says_nothing(cells):
        return Row(number, Outcome.IGNORED, (Said("Een opmerking."),))
    try:
        return Row(number, Outcome.NEW, (), found["name"], _entry(found))
    except (BadMember, phone.BadNumber) as error:
        return Row(number, Outcome.ERROR, (error.said,), found["name"][: members.NAME_LENGTH])


def _entry(found: Mapping[str, str]) -> Entry:
    """Raises BadMember, BadNumber."""
    language = _LANGUAGES.get(plain(found["language"]), found["language"][:SHOWN])
    tidy = members.checked(found["name"], found["street"], language)
    return Entry(
        name=tidy["name"],
        number=_number(found["mobile"]),
        street=tidy["street"] or None,
        language=tidy["language"] if language else None,
        consent=_consent(found["consent"]),
        form=" ".join(found["form"].split())[: members.NAME_LENGTH] or None,
    )


def _number(written: str) -> str:
    """The E.164 form, also of a number whose first 0 a spreadsheet took away. Raises BadMember, BadNumber."""
    if _CUT_OFF.fullmatch(written):
        raise BadMember(
            "%(cell)s is door het rekenblad afgekapt. Zet de kolom op Tekst en typ het nummer opnieuw.",
            cell=written[:SHOWN],
        )
    bare = re.sub(r"[ ./]", "", written)
    return phone.mobile("0" + bare if _ZERO_LOST.fullmatch(bare) else written)


def _consent(written: str) -> str | None:
    """What the form says; "" for a no; None for an empty cell, which takes nobody's consent away."""
    text = " ".join(written.split())[: members.NAME_LENGTH]
    if not text:
        return None
    return "" if text.casefold() in NO else text


def _without_duplicates(rows: Sequence[Row]) -> list[Row]:
    """*rows*, but a number that an earlier row has is a duplicate: the first one counts."""
    first: dict[str, int] = {}
    for row in rows:
        if row.entry:
            first.setdefault(row.entry.number, row.number)
    return [_duplicate(row, first[row.entry.number]) if row.entry else row for row in rows]


def _duplicate(row: Row, first: int) -> Row:
    if row.number == first:
        return row
    return Row(row.number, Outcome.DUPLICATE, (Said("Hetzelfde gsm-nummer als rij %(n)d.", {"n": first}),), row.name)


def _judged(rows: Iterable[Row]) -> list[Row]:
    """*rows* with an entry, compared with what the store has now; the others as they are."""
    known = {member.number: member for member in Member.select()}
    return [_compared(row, row.entry, known.get(row.entry.number)) if row.entry else row for row in rows]


def _compared(row: Row, entry: Entry, member: Member | None) -> Row:
    if member is None and refusals.holds(entry.number):
        return replace(row, outcome=Outcome.IGNORED, why=(_LEFT,))
    if member is None:
        return replace(row, outcome=Outcome.NEW, why=(_NEW,) if entry.consent else (_NEW, _NO_CONSENT))
    if member.state != Standing.ACTIVE:
        return replace(row, outcome=Outcome.IGNORED, why=(_LEFT if member.state == Standing.LEFT else _SUSPENDED,))
    before = _known(member)
    after = _merged(entry, before)
    pairs = {words: (getattr(before, field), getattr(after, field)) for field, words in _CHANGES.items()}
    changes = tuple(
        Said(words, {"before": was or "–", "after": will or "–"}) for words, (was, will) in pairs.items() if was != will
    )
    if not changes:
        return replace(row, outcome=Outcome.UNCHANGED, why=(Said("Staat al zo in de lijst."),))
    return replace(row, outcome=Outcome.CHANGED, why=changes)


_NEW = Said("Nieuw.")

_NO_CONSENT = Said("Nog geen toestemming: krijgt geen sms.")

_LEFT = Said("Heeft zich uitgeschreven en komt niet vanzelf terug. Schrijf dit lid zelf opnieuw in als het dat vraagt.")

_SUSPENDED = Said(
    "Op dit nummer is gezegd dat het fout is. Vraag het juiste nummer, of schrijf dit lid zelf opnieuw in."
)

_CHANGES = {
    "name": say("Naam %(before)s wordt %(after)s."),
    "street": say("Straat %(before)s wordt %(after)s."),
    "language": say("Taal %(before)s wordt %(after)s."),
    "consent": say("Toestemming %(before)s wordt %(after)s."),
    "form": say("Formulier %(before)s wordt %(after)s."),
}


def _known(member: Member) -> Entry:
    return Entry(member.name, member.number, member.street, member.language, member.consent, member.consent_form)


def _merged(entry: Entry, before: Entry) -> Entry:
    """*before* with everything that the file says."""
    return Entry(
        name=entry.name,
        number=entry.number,
        street=before.street if entry.street is None else entry.street,
        language=before.language if entry.language is None else entry.language,
        consent=before.consent if entry.consent is None else entry.consent,
        form=before.form if entry.form is None else entry.form,
    )


_LANGUAGES = {
    plain(name): language for language in members.LANGUAGES for name in lang.load(language)["words"]["names"]
} | {language[0]: language for language in members.LANGUAGES}


# Writing one


def to_csv(people: Iterable[Member]) -> str:
    """*people* as a list that `report` finds unchanged, and in which no cell is a formula.

    Encode it as "utf-8-sig": spreadsheets take a file without that mark for Windows-1252.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    writer.writerow(FIELDS)
    for member in people:
        writer.writerow(
            [
                safe(cell)
                for cell in (
                    member.name,
                    member.number,
                    member.street,
                    member.language,
                    member.consent,
                    member.consent_form,
                )
            ]
        )
    return written.getvalue()


def safe(cell: str) -> str:
    """A leading quote makes a spreadsheet take *cell* for text; `_cell` takes it off again."""
    return f"'{cell}" if DANGEROUS.match(cell) else cell
