"""The cells of a spreadsheet file, whoever saved it: its encoding, its separator, and which column is which. Pure.

Cells are hostile: they are only ever text.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from appliance.plain import Unfit

LARGEST = 2_000_000  # octets
MOST_ROWS = 2_000
SEPARATORS = (";", ",", "\t")
BLANK = " \t\r\n;,\N{NO-BREAK SPACE}"
FIELDS = ("name", "mobile", "street", "language", "consent", "form")
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
    "form": ("form", "formulier", "formulierversie", "formulaire", "formular", "version", "versie"),
}  # fmt: skip
# What a spreadsheet would take for a formula; "#" would make the row a comment.
DANGEROUS = re.compile(r"'*[=+\-@\t\r#]")


class BadFile(Unfit):
    """The file as a whole cannot be read."""


@dataclass(frozen=True)
class Table:
    """The rows below the headings, each with its number as a spreadsheet shows it."""

    encoding: str
    separator: str
    columns: Mapping[str, int]
    rows: Sequence[tuple[int, list[str]]]


def read(data: bytes) -> Table:
    """The cells, each row with its number, and which column is which. Raises BadFile."""
    if len(data) > LARGEST:
        raise BadFile("Het bestand is groter dan 2 MB. Bewaar alleen de ledenlijst als CSV.")
    text, encoding = _decoded(data)
    separator = max(SEPARATORS, key=lambda mark: _fit(text, mark))
    rows = _parsed(text, separator)
    begin, columns = _columns(rows)
    return Table(encoding, separator, columns, rows[begin:])


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
        cells = next((cells for cells in _reader(text, separator) if not says_nothing(cells)), [])
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
            elif first(cells):  # spreadsheets may save thousands of empty rows below the last one
                raise BadFile("Het bestand telt meer dan %(n)d rijen. Splits het in kleinere bestanden.", n=MOST_ROWS)
    except csv.Error as error:
        raise BadFile(
            "Rij %(row)d: een aanhalingsteken heeft geen einde of staat verkeerd, of een cel is veel te lang. "
            "Haal het weg en probeer opnieuw.",
            row=len(rows) + 1,
        ) from error
    return rows


def _columns(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, Mapping[str, int]]:
    """Where the people begin in *rows*, and the column of each field. Raises BadFile."""
    place, cells = next(((place, cells) for place, (_, cells) in enumerate(rows) if not says_nothing(cells)), (0, []))
    if not cells:
        raise BadFile("Het bestand is leeg.")
    columns = _headings(cells)
    if columns.keys() & {"name", "first_name"} and "mobile" in columns:
        return place + 1, columns
    if not columns and sum(character.isdigit() for character in cell(cells, 1)) >= FEWEST_DIGITS:
        return place, {field: column for column, field in enumerate(FIELDS)}
    found = ", ".join(cell.strip()[:SHOWN] for cell in cells[:10] if cell.strip())
    raise BadFile(
        "De eerste rij moet de titels van de kolommen bevatten: naam;gsm;straat;taal;toestemming. "
        "Naam en gsm zijn nodig. Gevonden: %(found)s.",
        found=found,
    )


def _headings(cells: Sequence[str]) -> dict[str, int]:
    """Which column holds each field, as far as its heading is known."""
    titles = [plain(cell) for cell in cells]
    found = {field: [titles.index(name) for name in names if name in titles] for field, names in HEADINGS.items()}
    return {field: places[0] for field, places in found.items() if places}


def first(cells: Sequence[str]) -> str:
    """The first cell with something in it, be it more than separators; "" when there is none."""
    return next((cell.strip() for cell in cells if cell.strip(BLANK)), "")


def says_nothing(cells: Sequence[str]) -> bool:
    """Empty, or a comment."""
    return not first(cells) or first(cells).startswith("#")


def plain(text: str) -> str:
    """*text* without capitals, accents, blanks and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss").casefold()) if c.isalnum())


def cell(cells: Sequence[str], column: int | None) -> str:
    """What stands there, without the quote that keeps it from being a formula."""
    if column is None or column >= len(cells):
        return ""
    text = cells[column].strip(" \N{NO-BREAK SPACE}")
    return text[1:] if text.startswith("'") and DANGEROUS.match(text) else text
