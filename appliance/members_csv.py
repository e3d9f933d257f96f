"""A list of members as a spreadsheet file: what reading it in would change, doing so, and writing one out.

`report` changes nothing; `apply` does what the report announced, looking at the store again. Cells are hostile: they
are only ever text, and `to_csv` writes none that a spreadsheet would take for a formula (facts/ux C6, C33).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from appliance import audit, lang, members, phone, store
from appliance.members import BadMember, Role, Standing
from appliance.models import Member

LARGEST = 2_000_000  # octets
MOST_ROWS = 2_000
SEPARATORS = (";", ",", "\t")
BLANK = " \t\r\n;,\N{NO-BREAK SPACE}"
FIELDS = ("name", "mobile", "street", "language", "consent")
FEWEST_DIGITS = 6  # of what may be a telephone number in a file without headings
SHOWN = 30  # characters of a cell or heading that an error repeats

# As people head their columns, without capitals, accents and punctuation; the best of several columns first.
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "naam", "nom", "volledigenaam", "nomcomplet", "achternaam", "familienaam", "nomdefamille", "nachname",
        "lastname", "surname", "lid", "membre",
    ),
    "first_name": ("voornaam", "prenom", "vorname", "firstname"),
    "mobile": (
        "mobile", "gsm", "gsmnummer", "gsmnr", "mobiel", "mobielnummer", "numerogsm", "numerodegsm", "portable",
        "handy", "handynummer", "mobilnummer", "mobilenumber", "telefoonnummer", "telefoon", "telephone", "telefon",
        "phone", "tel", "nummer", "number",
    ),
    "street": ("street", "straat", "straatnaam", "rue", "strasse", "adres", "adresse", "address"),
    "language": ("language", "taal", "langue", "sprache"),
    "consent": ("consent", "toestemming", "consentement", "akkoord", "accord", "einwilligung", "zustimmung"),
}  # fmt: skip
NO = ("nee", "neen", "non", "no", "nein", "n", "0", "-", "geen", "false", "onwaar", "faux")

_CUT_OFF = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)  # 3,25E+10: what a spreadsheet makes of a number
_ZERO_LOST = re.compile(r"4[5-9]\d{7}")
_DANGEROUS = re.compile(r"'*[=+\-@\t\r#]")  # "#" would make the row a comment


class BadFile(ValueError):
    """The file as a whole cannot be read; `str()` is a Dutch sentence that says what to do. Nothing was changed."""


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


@dataclass(frozen=True)
class Row:
    """One row of the file: its number as a spreadsheet shows it, and what becomes of it, in words."""

    number: int
    outcome: Outcome
    reason: str
    name: str = ""
    entry: Entry | None = None


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


@dataclass(frozen=True)
class _Table:
    encoding: str
    separator: str
    columns: Mapping[str, int]
    rows: Sequence[tuple[int, list[str]]]


def report(data: bytes) -> Report:
    """What `apply` would do with the file *data* as things stand. Changes nothing. Raises BadFile."""
    table = _table(data)
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
    before = _known(known) if known else Entry(entry.name, entry.number, "", "nl", "")
    after = _merged(entry, before)
    members.enrol(
        after.name, after.number, now, by, street=after.street or "", language=after.language or "",
        role=Role(known.role) if known else Role.MEMBER, consent=after.consent or "",
    )  # fmt: skip


# Judging rows


def _row(number: int, cells: list[str], columns: Mapping[str, int]) -> Row:
    """One row by itself, without the store: an entry, or why there is none."""
    found = {field: _cell(cells, columns.get(field)) for field in HEADINGS}
    found["name"] = " ".join(f"{found['first_name']} {found['name']}".split())
    if not _first(cells):
        return Row(number, Outcome.IGNORED, "Leeg.")
    if _says_nothing(cells):
        return Row(number, Outcome.IGNORED, "Een opmerking.")
    try:
        return Row(number, Outcome.NEW, "", found["name"], _entry(found))
    except (BadMember, phone.BadNumber) as error:
        return Row(number, Outcome.ERROR, str(error), found["name"][: members.NAME_LENGTH])


def _cell(cells: Sequence[str], column: int | None) -> str:
    """What stands there, without the quote that keeps it from being a formula."""
    if column is None or column >= len(cells):
        return ""
    text = cells[column].strip(" \N{NO-BREAK SPACE}")
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def _entry(found: Mapping[str, str]) -> Entry:
    """Raises BadMember, BadNumber."""
    language = _LANGUAGES.get(_plain(found["language"]), found["language"][:SHOWN])
    tidy = members.checked(found["name"], found["street"], language)
    return Entry(
        name=tidy["name"],
        number=_number(found["mobile"]),
        street=tidy["street"] or None,
        language=tidy["language"] if language else None,
        consent=_consent(found["consent"]),
    )


def _number(written: str) -> str:
    """The E.164 form, also of a number whose first 0 a spreadsheet took away. Raises BadMember, BadNumber."""
    if _CUT_OFF.fullmatch(written):
        raise BadMember(
            f"{written[:SHOWN]} is door het rekenblad afgekapt. Zet de kolom op Tekst en typ het nummer opnieuw."
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
    return Row(row.number, Outcome.DUPLICATE, f"Hetzelfde gsm-nummer als rij {first}.", row.name)


def _judged(rows: Iterable[Row]) -> list[Row]:
    """*rows* with an entry, compared with what the store has now; the others as they are."""
    known = {member.number: member for member in Member.select()}
    return [_compared(row, row.entry, known.get(row.entry.number)) if row.entry else row for row in rows]


def _compared(row: Row, entry: Entry, member: Member | None) -> Row:
    if member is None:
        consent = "" if entry.consent else " Nog geen toestemming: krijgt geen sms."
        return replace(row, outcome=Outcome.NEW, reason=f"Nieuw.{consent}")
    if member.state == Standing.LEFT:
        return replace(row, outcome=Outcome.IGNORED, reason=_LEFT)
    before = _known(member)
    after = _merged(entry, before)
    changes = [
        words(before, after) for field, words in _CHANGES.items() if getattr(before, field) != getattr(after, field)
    ]
    if not changes:
        return replace(row, outcome=Outcome.UNCHANGED, reason="Staat al zo in de lijst.")
    return replace(row, outcome=Outcome.CHANGED, reason=f"{'; '.join(changes)}.")


_LEFT = "Heeft zich uitgeschreven en komt niet vanzelf terug. Schrijf dit lid zelf opnieuw in als het dat vraagt."

_CHANGES: dict[str, Callable[[Entry, Entry], str]] = {
    "name": lambda before, after: f"Naam {before.name} wordt {after.name}",
    "street": lambda before, after: f"Straat {before.street or '(leeg)'} wordt {after.street}",
    "language": lambda before, after: f"Taal {before.language} wordt {after.language}",
    "consent": lambda before, after: f"Toestemming {before.consent or '(geen)'} wordt {after.consent or '(geen)'}",
}


def _known(member: Member) -> Entry:
    return Entry(member.name, member.number, member.street, member.language, member.consent)


def _merged(entry: Entry, before: Entry) -> Entry:
    """*before* with everything that the file says."""
    return Entry(
        name=entry.name,
        number=entry.number,
        street=before.street if entry.street is None else entry.street,
        language=before.language if entry.language is None else entry.language,
        consent=before.consent if entry.consent is None else entry.consent,
    )


# Reading the file


def _table(data: bytes) -> _Table:
    """The cells, each row with its number, and which column is which. Raises BadFile."""
    if len(data) > LARGEST:
        raise BadFile("Het bestand is groter dan 2 MB. Bewaar alleen de ledenlijst als CSV.")
    text, encoding = _decoded(data)
    separator = max(SEPARATORS, key=lambda mark: _fit(text, mark))
    rows = _parsed(text, separator)
    begin, columns = _columns(rows)
    return _Table(encoding, separator, columns, rows[begin:])


def _decoded(data: bytes) -> tuple[str, str]:
    """The text of *data*, and the name of its encoding. Raises BadFile."""
    if data.startswith(b"PK\x03\x04"):
        raise BadFile("Dit is een rekenblad (.xlsx of .ods). Kies in uw rekenblad: Opslaan als, CSV.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    else:
        tried = ["utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8", "windows-1252"]
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise BadFile("Dit is geen tekstbestand. Kies in uw rekenblad: Opslaan als, CSV UTF-8.")


def _fit(text: str, separator: str) -> tuple[int, int]:
    """How well *separator* suits the first row with something in it: known headings, then cells."""
    try:
        cells = next((cells for cells in _reader(text, separator) if not _says_nothing(cells)), [])
    except csv.Error:
        return (0, 0)
    return (len(_headings(cells)), len(cells))


def _reader(text: str, separator: str) -> Iterable[list[str]]:
    # strict: a quotation mark that is never closed must not swallow the rest of the list in silence
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _parsed(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """All rows, numbered as a spreadsheet does. Raises BadFile."""
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(_reader(text, separator), start=1):
            if number <= MOST_ROWS + 1:
                rows.append((number, cells))
            elif _first(cells):  # spreadsheets may save thousands of empty rows below the last one
                raise BadFile(f"Het bestand telt meer dan {MOST_ROWS} rijen. Splits het in kleinere bestanden.")
    except csv.Error as error:
        raise BadFile(
            f"Rij {len(rows) + 1}: een aanhalingsteken heeft geen einde of staat verkeerd, of een cel is veel te lang. "
            "Haal het weg en probeer opnieuw."
        ) from error
    return rows


def _columns(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, Mapping[str, int]]:
    """Where the people begin in *rows*, and the column of each field. Raises BadFile."""
    place, cells = next(((place, cells) for place, (_, cells) in enumerate(rows) if not _says_nothing(cells)), (0, []))
    if not cells:
        raise BadFile("Het bestand is leeg.")
    columns = _headings(cells)
    if columns.keys() & {"name", "first_name"} and "mobile" in columns:
        return place + 1, columns
    if not columns and sum(character.isdigit() for character in _cell(cells, 1)) >= FEWEST_DIGITS:
        return place, {field: column for column, field in enumerate(FIELDS)}
    found = ", ".join(cell.strip()[:SHOWN] for cell in cells[:10] if cell.strip())
    raise BadFile(
        "De eerste rij moet de titels van de kolommen bevatten: naam;gsm;straat;taal;toestemming. "
        f"Naam en gsm zijn nodig. Gevonden: {found}."
    )


def _headings(cells: Sequence[str]) -> dict[str, int]:
    """Which column holds each field, as far as its heading is known."""
    titles = [_plain(cell) for cell in cells]
    found = {field: [titles.index(name) for name in names if name in titles] for field, names in HEADINGS.items()}
    return {field: places[0] for field, places in found.items() if places}


def _first(cells: Sequence[str]) -> str:
    """The first cell with something in it, be it more than separators; "" when there is none."""
    return next((cell.strip() for cell in cells if cell.strip(BLANK)), "")


def _says_nothing(cells: Sequence[str]) -> bool:
    """Empty, or a comment."""
    return not _first(cells) or _first(cells).startswith("#")


def _plain(text: str) -> str:
    """*text* without capitals, accents, blanks and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss").casefold()) if c.isalnum())


_LANGUAGES = {
    _plain(name): language for language in members.LANGUAGES for name in lang.load(language)["words"]["names"]
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
            [_safe(cell) for cell in (member.name, member.number, member.street, member.language, member.consent)]
        )
    return written.getvalue()


def _safe(cell: str) -> str:
    """A leading quote makes a spreadsheet take *cell* for text; `_cell` takes it off again."""
    return f"'{cell}" if _DANGEROUS.match(cell) else cell
