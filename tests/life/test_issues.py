"""Problems inside the network: noted without a person in it, and gone by themselves."""

from pathlib import Path

import pytest

from appliance import audit
from appliance.life import issues
from appliance.life.issues import BadIssue
from appliance.models import Audit, Issue, Member, database
from appliance.upkeep import retention

LATE = "In de Lindedreef komen de sms'en laat aan: operator gebeld."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ADA weigert haar formulier", "Ada is een lid"),
        ("Bel 0470 00 02 01 eens op", "telefoonnummer"),
        ("Bel +32 470/00.02.01", "telefoonnummer"),
        (" \n ", "paar woorden"),
        ("x" * 1001, "langer dan 1000 tekens"),
    ],
)
def test_a_note_is_on_a_problem_and_not_on_ada(street, text, why):
    with pytest.raises(BadIssue, match=why):
        issues.note(text, street.now, "Lies")
    assert issues.known() == []


@pytest.mark.parametrize("text", [LATE, "ik ben aan het bellen", "Adapter stuk sinds 24/11/2026, 2 dagen", "x" * 1000])
def test_a_word_in_which_a_name_happens_to_be_and_a_date_are_fine(street, text):
    assert issues.note(text, street.now, "Lies").text == text


def test_no_column_ties_a_note_to_a_person(street):
    assert set(Issue._meta.fields) == {"id", "text", "made_at", "changed_at"}
    assert Member not in Issue._meta.model_refs


def test_a_note_is_erased_by_itself_thirty_days_after_its_last_change(street):
    issue = issues.note(LATE, street.now, "Lies")
    issues.change(issue, LATE.upper(), street.later(days=20), "Jan")
    retention.erase(street.later(days=29), street.bin)
    assert [known.text for known in issues.known()] == [LATE.upper()]
    assert retention.erase(street.later(days=2), street.bin)["issues"] == 1
    assert issues.known() == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_is_solved_is_in_no_byte_of_the_file_after_the_night(street, engine):
    issues.solve(issues.note(LATE, street.now, "Lies"), street.now, "Lies")
    retention.erase(street.later(days=9), street.bin)
    database.close()
    files = [path for path in Path(street.folder).glob("bin.db*") if path.is_file()]
    assert files and not [path for path in files if b"Lindedreef komen" in path.read_bytes()]


def test_the_log_says_that_there_was_a_note_and_not_what(street):
    issue = issues.note(LATE, street.now, "Lies")
    for _ in range(2):
        issues.solve(issue, street.now, "Lies")
    rows = [(row.verb, row.subject, row.detail) for row in Audit.select().where(Audit.verb.startswith("issue"))]
    assert rows == [("issue noted", f"issue {issue.id}", ""), ("issue solved", f"issue {issue.id}", "")]
    assert audit.first_broken() is None
