"""Members, police contacts and coordinators, at the command line."""

import csv
import io
import unicodedata

import pyotp
import pytest
from argon2 import PasswordHasher

from appliance import codes
from appliance.models import Account, Audit, Member, PoliceContact

ADA, BEN, LIES, OFFICER = "+32470000001", "+32470000002", "+32470000003", "+32475000009"
FILE = "name;mobile;street;language;consent\nAda Claes;0470 00 00 01;Dorpsstraat;nl;ja\nBen;011 22 33 44;;nl;ja\n"


def test_a_dry_run_reports_every_row_and_stores_nothing(box):
    answer = box.told("members", "import", "-", "--dry-run", given=FILE)
    assert [(row["number"], row["outcome"]) for row in answer["rows"]] == [(2, "new"), (3, "error")]
    assert "vast nummer" in answer["rows"][1]["reason"]
    assert box.told("members", "list") == []


def test_an_import_stores_the_good_rows_and_counts_all(box):
    answer = box.told("members", "import", "-", given=FILE)
    counts = {word: answer[word] for word in ("new", "changed", "unchanged", "duplicate", "ignored", "error")}
    assert counts == {"new": 1, "changed": 0, "unchanged": 0, "duplicate": 0, "ignored": 0, "error": 1}
    assert answer["separator"] == ";"
    assert [member["number"] for member in box.told("members", "list")] == [ADA]


def test_an_import_from_a_file_in_words_names_the_bad_row(box, tmp_path):
    (tmp_path / "list.csv").write_text(FILE)
    result = box.run("members", "import", str(tmp_path / "list.csv"))
    assert "1 nieuw" in result.stdout
    assert "1 fout" in result.stdout
    assert "Rij 3" in result.stdout


def test_a_file_that_is_no_list_is_refused(box):
    box.refused("members", "import", "-", given=b"\x00\x01\x02")


@pytest.mark.slow
def test_an_export_read_back_changes_nothing_and_holds_no_formula(village):
    village.told("members", "add", "=HYPERLINK(1)", "0470 00 00 04", "--consent", "ja")
    exported = village.run("members", "export").stdout
    again = village.told("members", "import", "-", given=exported)
    assert (again["new"], again["changed"], again["error"]) == (0, 0, 0)
    cells = [cell for row in csv.reader(io.StringIO(exported), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "-", "\t", "\r"))]


@pytest.mark.parametrize(
    ("number", "word"),
    [("011 22 33 44", "vast nummer"), ("101", "noodnummer"), ("112", "noodnummer"), ("8850", "kort")],
)
def test_a_number_that_must_not_be_texted_is_refused(box, number, word):
    assert word in box.refused("members", "add", "Ada", number)
    assert word in box.refused("police", "add", "Ada", number, "--method", "card")
    assert word in box.refused("coordinators", "add", "Ada", number)
    assert (Member.select().count(), PoliceContact.select().count()) == (0, 0)


def test_ada_without_consent_is_enrolled_and_the_coordinator_is_warned(box):
    result = box.run("members", "add", "Ada", "0470 00 00 01")
    assert result.exit_code == 0
    assert "zonder toestemming" in result.stderr


def test_octets_that_are_no_text_are_not_stored(box):
    box.misused("members", "add", "Ada", ADA, "--consent", "caf\udce9")
    box.refused("members", "add", "Ad\udce9", ADA)
    box.refused("police", "add", "Ad\udce9", OFFICER, "--method", "card")


@pytest.mark.slow
def test_adding_ada_again_changes_only_what_was_said(village):
    member = village.told("members", "add", "Ada Claes-Nijs", ADA, "--language", "fr")
    assert (member["name"], member["language"]) == ("Ada Claes-Nijs", "fr")
    assert (member["street"], member["consent"]) == ("Dorpsstraat", "2026-01-02")


def test_lies_stays_coordinator_when_she_is_added_as_a_member(village):
    assert village.told("members", "add", "Lies Peeters", LIES)["role"] == "coordinator"


@pytest.mark.parametrize("who", ["0470 00 00 01", ADA, "ada claes"])
@pytest.mark.slow
def test_ada_is_removed_by_number_or_by_name(village, who):
    village.told("members", "remove", who)
    assert ADA not in [member["number"] for member in village.told("members", "list")]


@pytest.mark.slow
def test_nobody_is_removed_by_a_name_that_two_people_have(village):
    village.told("members", "add", "Ben Maes", "0470 00 00 05", "--consent", "ja")
    line = village.refused("members", "remove", "Ben Maes")
    assert BEN in line
    assert "+32470000005" in line


@pytest.mark.slow
def test_an_unknown_name_is_refused(village):
    assert "Karel" in village.refused("members", "remove", "Karel")


@pytest.fixture
def lies(village):
    """How Lies logs in."""
    return village.told("coordinators", "add", "Lies Peeters", LIES)


@pytest.mark.slow
def test_a_removed_coordinator_cannot_log_in(village, lies):
    village.told("members", "remove", LIES)
    assert Account.select().count() == 0


@pytest.mark.slow
def test_the_officer_gets_fifty_codes_once_and_the_first_works(box):
    answer = box.told("police", "add", "Inspecteur Smets", OFFICER, "--method", "card")
    assert [code["number"] for code in answer["codes"]] == list(range(1, 51))
    secret = PoliceContact.get().secret
    assert codes.check_card(secret, 0, answer["codes"][0]["code"]) == 0
    listed = box.run("police", "list", "--json").stdout
    assert secret not in listed
    assert answer["codes"][0]["code"] not in listed


@pytest.mark.slow
def test_fifty_codes_are_printed_for_a_person(box):
    printed = box.run("police", "add", "Smets", OFFICER, "--method", "card").stdout
    secret = PoliceContact.get().secret
    for number, code in codes.card(secret, 0, 50):
        assert f"{number + 1:>2}  {code}" in printed


@pytest.mark.slow
def test_the_app_of_the_officer_makes_the_codes_that_the_box_expects(box):
    answer = box.told("police", "add", "Inspecteur Smets", OFFICER, "--method", "totp")
    app = pyotp.parse_uri(answer["uri"])
    assert app.secret == answer["secret"] == PoliceContact.get().secret
    assert app.issuer == "BIN Test"


@pytest.mark.slow
def test_a_contact_is_not_added_twice_but_again_after_being_revoked(box):
    first = box.told("police", "add", "Smets", OFFICER, "--method", "card")
    assert "Smets" in box.refused("police", "add", "Iemand", OFFICER, "--method", "card")
    assert box.told("police", "revoke", "smets")["revoked"]
    again = box.told("police", "add", "Smets", OFFICER, "--method", "card")
    assert again["codes"] != first["codes"]
    box.told("police", "revoke", OFFICER)
    box.refused("police", "revoke", OFFICER)


@pytest.mark.slow
def test_a_renewed_card_has_the_next_number_and_other_codes(box):
    first = box.told("police", "add", "Smets", OFFICER, "--method", "card", "--role", "desk")
    second = box.told("police", "renew", "Smets")
    assert (first["role"], first["card"], second["card"]) == ("desk", 1, 2)
    assert second["codes"] != first["codes"]
    assert "Codekaart 3" in box.run("police", "renew", OFFICER).stdout


@pytest.mark.slow
def test_the_password_of_lies_is_the_one_that_was_printed(box):
    answer = box.told("coordinators", "add", "Lies Peeters", LIES)
    account = Account.get()
    assert answer["username"] == account.username == "lies.peeters"
    assert PasswordHasher().verify(account.password, unicodedata.normalize("NFKD", answer["password"]))
    assert account.member.consent == "coördinator"


@pytest.mark.slow
def test_adding_lies_again_is_a_new_password_and_the_end_of_her_sessions(village, lies):
    before = Account.get()
    answer = village.told("coordinators", "add", "Lies Peeters", LIES)
    after = Account.get()
    assert answer["password"] != lies["password"]
    assert PasswordHasher().verify(after.password, answer["password"])
    assert after.session_stamp != before.session_stamp


@pytest.mark.slow
def test_two_coordinators_of_one_name_have_two_log_ins(village, lies):
    assert village.told("coordinators", "add", "Lies Peeters", "0470 00 00 06")["username"] == "lies.peeters2"


@pytest.mark.slow
def test_a_coordinator_who_is_removed_stays_a_member_and_cannot_log_in(village, lies):
    village.told("coordinators", "remove", "Lies Peeters")
    assert village.told("coordinators", "list") == []
    assert Account.select().count() == 0
    assert LIES in [member["number"] for member in village.told("members", "list")]


def test_the_log_has_no_numbers_of_people(village):
    village.told("police", "add", "Smets", OFFICER, "--method", "card")
    village.run("members", "export")
    rows = "".join(f"{row.actor}{row.verb}{row.subject}{row.detail}" for row in Audit.select())
    assert "exported" in rows
    assert not [number for number in (ADA, BEN, LIES, OFFICER) if number[3:] in rows]


@pytest.mark.slow
def test_a_name_cannot_move_the_cursor_of_the_coordinators_terminal(village):
    Member.update(name="Ada\x1b[2J\u202e").where(Member.number == ADA).execute()
    listed = village.run("members", "list").stdout
    assert "\x1b" not in listed
    assert "\u202e" not in listed


def test_an_officer_is_appointed_and_relieved(village):
    village.told("police", "add", "Smets", OFFICER, "--method", "card")
    known = village.told("police", "appoint", "smets", "officer", "--number", "011 22 33 55", "--hours", "ma-vr 9-17u")
    assert (known["duty"], known["public_phone"], known["hours"]) == ("officer", "+3211223355", "ma-vr 9-17u")
    assert "011 22 33 55" in village.told("explain", "text", "INFO")["reply"]
    assert "20 tekens" in village.refused(
        "police", "appoint", "smets", "fallback", "--number", "011 22 33 55", "--hours", "van negen tot zeventien uur"
    )
    assert village.told("police", "relieve", "smets")["duty"] == ""
    assert "011 22 33 55" not in village.told("explain", "text", "INFO")["reply"]


@pytest.mark.slow
def test_a_coordinator_says_when_members_may_ring(village, lies):
    village.told("coordinators", "hours", "Lies Peeters", "18-20u")
    assert "Lies Peeters 0470 00 00 03, 18-20u" in village.told("explain", "text", "INFO")["reply"]
    village.told("coordinators", "hours", "Lies Peeters", "")
    assert "Lies" not in village.told("explain", "text", "INFO")["reply"]
