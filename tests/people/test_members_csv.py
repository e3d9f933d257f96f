"""Lists of members as people really have them: facts/ux S9, check 19, C6 and C33."""

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.models import Audit, Member
from appliance.people import members, members_csv, members_file
from appliance.people.members import Role
from appliance.people.members_csv import Outcome, Report, apply, report, to_csv
from appliance.people.members_file import BadFile

HEAD = "naam;gsm;straat;taal;toestemming\n"


def outcomes(found: Report) -> list[str]:
    return [row.outcome.value for row in found.rows]


def read_in(house: Any, text: str) -> Report:
    return apply(report(text.encode()), house.now, "Lies")


def test_a_dutch_list_with_semicolons_brings_in_dora(house: Any) -> None:
    done = read_in(house, HEAD + "Dora De Smet;0470 12 34 56;Kerkstraat 4;fr;formulier 3/11/2026\n")
    dora = Member.get()
    assert outcomes(done) == ["new"]
    assert (dora.name, dora.number, dora.street) == ("Dora De Smet", "+32470123456", "Kerkstraat 4")
    assert (dora.language, dora.consent, dora.role) == ("fr", "formulier 3/11/2026", Role.MEMBER)


@pytest.mark.parametrize(
    ("head", "row", "separator"),
    [
        ("name;mobile;street;language;consent", "Dora;0470123456;Kerkstraat;fr;ja", ";"),
        ("nom,gsm,rue,langue,consentement", "Dora,0470123456,Kerkstraat,français,oui", ","),
        ("Naam\tGSM-nummer\tStraat\tTaal\tToestemming", "Dora\t0470123456\tKerkstraat\tFrans\tja", "\t"),
        ("Name;Handy;Straße;Sprache;Einwilligung", "Dora;0470123456;Kerkstraat;F;ja", ";"),
        ("# ledenlijst van Zonnebos\nnaam,gsm,straat,taal,toestemming", "Dora,0470123456,Kerkstraat,FR,ja", ","),
        (
            "Straat;Toestemming;Telefoon;GSM;Achternaam;Voornaam;Taal",
            "Kerkstraat;ja;011223344;0470123456;;Dora;fr",
            ";",
        ),
    ],
)
def test_headings_in_any_language_and_order_are_understood(house: Any, head: str, row: str, separator: str) -> None:
    found = report(f"{head}\n{row}\n".encode())
    apply(found, house.now, "Lies")
    dora = Member.get()
    assert found.separator == separator
    assert (dora.name, dora.number, dora.street, dora.language) == ("Dora", "+32470123456", "Kerkstraat", "fr")
    assert dora.consent


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "windows-1252"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_found_and_named(house: Any, encoding: str, name: str) -> None:
    found = report((HEAD + "Zoë Müller;0470123456;Église;nl;ja\n").encode(encoding))
    apply(found, house.now, "Lies")
    assert found.encoding == name
    assert (Member.get().name, Member.get().street) == ("Zoë Müller", "Église")


def test_a_list_without_headings_is_read_in_the_usual_order(house: Any) -> None:
    done = read_in(house, "Dora;0470 12 34 56;Kerkstraat\nEls;0470 12 34 57;Lindedreef\n")
    assert [(row.number, row.outcome) for row in done.rows] == [(1, Outcome.NEW), (2, Outcome.NEW)]


def test_row_numbers_are_those_of_a_spreadsheet_empty_rows_and_cells_of_two_lines_included(house: Any) -> None:
    text = HEAD + '"Dora\nDe Smet";0470123456;;;\n;;;;\n# hier beginnen de Lindedreef-leden\nEls;0470 12 34 5;;;\n'
    found = report(text.encode())
    assert [(row.number, row.outcome.value) for row in found.rows] == [
        (2, "new"), (3, "ignored"), (4, "ignored"), (5, "error")
    ]  # fmt: skip
    assert found.rows[0].name == "Dora De Smet"
    assert found.rows[3].reason.startswith("0470 12 34 5 is te kort")


def test_the_report_counts_every_outcome_and_stores_nothing(street: Any) -> None:
    before = list(Member.select().dicts())
    text = HEAD + (
        "Dora;0470123456;;;ja\n"  # new
        "Ada;0470000201;Lindedreef;;\n"  # changed: she moved
        "Ben;0470000202;Kerkstraat;nl;paper 2026\n"  # unchanged
        "Dora B.;+32 470 12 34 56;;;ja\n"  # duplicate of row 2
        "\n"  # ignored
        "Els;011 22 33 44;;;ja\n"  # error: a landline
    )
    found = report(text.encode("cp1252"))
    assert found.counts == {"new": 1, "changed": 1, "unchanged": 1, "duplicate": 1, "ignored": 1, "error": 1}
    assert found.rows[3].reason == "Hetzelfde gsm-nummer als rij 2."
    assert "Kerkstraat wordt Lindedreef" in found.rows[1].reason
    assert list(Member.select().dicts()) == before


def test_one_number_written_in_four_ways_is_one_member(house: Any) -> None:
    done = read_in(
        house,
        HEAD + "".join(f"Dora;{n};;;ja\n" for n in ("0470/12.34.56", "+32470123456", "0032470123456", "470123456")),
    )
    assert outcomes(done) == ["new", "duplicate", "duplicate", "duplicate"]


def test_who_has_not_agreed_is_brought_in_and_gets_nothing(house: Any) -> None:
    done = read_in(house, HEAD + "Dora;0470123456;;;\nEls;0470123457;;;nee\n")
    assert [member.consent for member in Member.select()] == ["", ""]
    assert "nog geen toestemming" in done.rows[0].reason.lower()
    assert members.recipients("urgent", turn=0, local=house.now) == []


def test_an_empty_cell_takes_nothing_away_and_a_no_takes_the_consent_away(street: Any) -> None:
    read_in(street, HEAD + "Ada;0470000201;;;\nBen;0470000202;;;nee\n")
    ada, ben = members.by_number("+32470000201"), members.by_number("+32470000202")
    assert ada is not None and ben is not None
    assert (ada.street, ada.consent) == ("Kerkstraat", "paper 2026")
    assert (ben.street, ben.consent) == ("Kerkstraat", "")


def test_who_said_stop_is_not_brought_back_by_a_list(street: Any) -> None:
    ada = members.by_number("+32470000201")
    assert ada is not None
    members.leave(ada, street.now, "ada")
    done = read_in(street, HEAD + "Ada;0470000201;Kerkstraat;nl;ja\n")
    assert outcomes(done) == ["ignored"]
    assert "uitgeschreven" in done.rows[0].reason
    assert members.by_number("+32470000201") is None


def test_who_says_stop_between_the_report_and_the_button_stays_out(street: Any) -> None:
    announced = report((HEAD + "Ada;0470000201;Lindedreef;nl;ja\n").encode())
    assert outcomes(announced) == ["changed"]
    ada = members.by_number("+32470000201")
    assert ada is not None
    members.leave(ada, street.now, "ada")
    assert outcomes(apply(announced, street.now, "Lies")) == ["ignored"]
    assert members.by_number("+32470000201") is None


def test_a_coordinator_in_the_list_stays_coordinator(street: Any) -> None:
    read_in(street, HEAD + "Lies;0470000101;Dorpsplein;;\n")
    assert [member.name for member in members.with_role(Role.COORDINATOR)] == ["Lies", "Jan"]


def test_reading_in_is_all_or_nothing(house: Any) -> None:
    announced = report((HEAD + "Dora;0470123456;;;ja\nEls;0470123457;;;ja\n").encode())
    Member.create(name="Fien", number="+32470999999", created_at=house.now)
    Audit.create(at=house.now, actor="x", verb="x", seal="x")
    broken = Report(announced.encoding, announced.separator, (*announced.rows, bad_row()))
    with pytest.raises(members.BadMember):
        apply(broken, house.now, "Lies")
    assert [member.name for member in Member.select()] == ["Fien"]


def bad_row() -> members_csv.Row:
    entry = members_csv.Entry("", "+32470123458", None, None, None, None)
    return members_csv.Row(4, Outcome.NEW, (), "", entry)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Dora;0470 12 34 5;;;ja", "te kort"),
        ("Dora;011 22 33 44;;;ja", "vast nummer"),
        ("Dora;101;;;ja", "noodnummer"),
        ("Dora;;;;ja", "geen nummer"),
        ("Dora;3,2470E+10;;;ja", "afgekapt"),
        ("Dora;hallo;;;ja", "geen telefoonnummer"),
        (";0470123456;;;ja", "naam is leeg"),
        ("Dora;0470123456;;klingon;ja", "taal"),
        (f"{'Do' * 50};0470123456;;;ja", "langer dan"),
        ("Do\u202era;0470123456;;;ja", "onzichtbare"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_words(house: Any, row: str, words: str) -> None:
    found = report((HEAD + row + "\n").encode())
    assert outcomes(found) == ["error"]
    assert words in found.rows[0].reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "leeg"),
        (b"\n\n;;;\n", "leeg"),
        (b"PK\x03\x04rest of a spreadsheet", "Opslaan als"),
        (b"\x00\x01\x02\x81", "geen tekstbestand"),
        (b"straat;taal\nKerkstraat;nl\n", "Gevonden: straat, taal"),
        (b"hallo\n", "titels"),
        (HEAD.encode() + b'"Dora;0470123456;;;ja\nEls;0470123457;;;ja\n', "Rij 2"),
        (b"x" * 2_000_001, "2 MB"),
        (HEAD.encode() + b"Dora;0470123456;;;ja\n" * 2001, "2000 rijen"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(house: Any, data: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        report(data)


@pytest.mark.slow
def test_two_megabytes_of_empty_rows_are_no_burden(house: Any) -> None:
    found = report(HEAD.encode() + b"Dora;0470123456;;;ja\n" + b"\n" * 100_000)
    assert found.counts["new"] == 1
    assert len(found.rows) == members_file.MOST_ROWS


def test_writing_a_list_out_and_reading_it_in_changes_nothing(street: Any) -> None:
    street.enrol("=HYPERLINK(1)", "0470000301", street="@home")
    street.enrol("'t Hof", "0470000302", street="-5")
    street.enrol("'=x", "0470000303", street="#12")
    street.enrol('O\'Neill; "Sam"', "+33612345678", street="a,b")
    done = report(to_csv(members.active()).encode("utf-8-sig"))
    assert done.counts == {"new": 0, "changed": 0, "unchanged": 9, "duplicate": 0, "ignored": 0, "error": 0}


def test_no_cell_that_is_written_out_is_a_formula_and_numbers_come_back_whole(street: Any) -> None:
    street.enrol('=cmd|" /C calc"!A0', "0470000301", street="+1")
    written = to_csv(members.active())
    rows = list(csv.reader(io.StringIO(written), delimiter=";"))
    assert rows[0] == ["name", "mobile", "street", "language", "consent", "form"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    numbers = {row.entry.number for row in report(written.encode()).rows if row.entry}
    assert numbers == {member.number for member in members.active()}


def test_a_formula_in_a_list_is_a_name_like_any_other(house: Any) -> None:
    read_in(house, HEAD + '"=HYPERLINK(""http://example.org"")";0470123456;;;ja\n')
    assert Member.get().name == '=HYPERLINK("http://example.org")'


def test_the_log_tells_who_read_a_list_in_and_no_number(house: Any) -> None:
    read_in(house, HEAD + "Dora;0470123456;;;ja\n")
    rows = list(Audit.select())
    assert (rows[-1].actor, rows[-1].verb) == ("Lies", "members read in")
    assert all("470123456" not in row.detail + row.subject for row in rows)


def test_the_list_of_check_19_gives_exactly_its_counts(house: Any) -> None:
    for place in range(9):
        house.enrol(f"Oud {place}", f"04701000{place:02d}", street="Oude straat")
    text = HEAD
    text += "".join(
        f"Lid {place};0470 20 {place // 100:02d} {place % 100:02d};Kerkstraat;nl;ja\n" for place in range(128)
    )
    text += "".join(f"Oud {place};+32 470 10 00 {place:02d};Nieuwe straat;nl;ja\n" for place in range(9))
    text += "".join(f"Dubbel {place};0470 20 00 0{place};;nl;ja\n" for place in range(3))
    text += "Één;0470 12 34;;nl;ja\nTwee;011 22 33 44;;nl;ja\nDrie;101;;nl;ja\n=HYPERLINK();;;nl;ja\n"
    found = report(text.encode("cp1252"))
    assert found.encoding == "windows-1252"
    assert found.counts == {"new": 128, "changed": 9, "unchanged": 0, "duplicate": 3, "ignored": 0, "error": 4}


printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)
one_house = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@one_house
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEAD + text).encode("utf-8", "replace")))
def test_any_bytes_give_a_report_or_a_clear_refusal(house: Any, data: bytes) -> None:
    try:
        found = report(data)
    except BadFile as error:
        assert str(error)
    else:
        assert sum(found.counts.values()) == len(found.rows)
        assert all(row.reason for row in found.rows)


@one_house
@given(printable, printable)
@pytest.mark.slow
def test_any_name_and_street_survive_being_written_out_and_read_in(house: Any, name: str, street: str) -> None:
    Member.delete().execute()
    try:
        house.enrol(name, "0470000401", street=street)
    except members.BadMember:
        return
    assert report(to_csv(members.active()).encode("utf-8-sig")).counts["unchanged"] == 1
