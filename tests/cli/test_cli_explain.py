"""What the box would make of a text or a PDU."""

import json

import pytest

from appliance.models import database

ADA, LIES, OFFICER = "+32470000001", "+32470000003", "+32475000009"
DELIVER = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"


@pytest.mark.parametrize(
    ("text", "intent", "receipt", "answered"),
    [
        ("OK", "confirm", True, False),
        ("STOP", "stop", True, True),
        ("ik zie een inbreker bij de buren", "report", True, True),
        ("INFO", "info", True, True),
    ],
)
def test_a_text_is_explained_without_any_database(bare, text, intent, receipt, answered):
    answer = bare.told("explain", "text", text)
    assert (answer["intent"], answer["receipt"], answer["reply"] is not None) == (intent, receipt, answered)
    assert answer["why"]
    assert (answer["who"], answer["window_open"]) == ("member", True)
    assert not bare.file.exists()


def test_the_answer_is_in_the_language_that_was_asked(bare):
    dutch, french = (bare.told("explain", "text", "STOP", "--language", language)["reply"] for language in ("nl", "fr"))
    assert dutch != french


@pytest.mark.parametrize("number", ["8850", "Proximus", "1722", "+3211223344"])
def test_an_operator_gets_no_answer(bare, number):
    answer = bare.told("explain", "text", "Uw saldo is 3 euro", "--from", number)
    assert (answer["intent"], answer["receipt"], answer["reply"]) == ("operator", False, None)


def test_a_number_that_no_store_knows_is_taken_for_a_members(bare, village):
    assert bare.told("explain", "text", "OK", "--from", "+32499999999")["who"] == "member"


@pytest.mark.slow
def test_known_numbers_have_their_role_and_their_own_window(village):
    village.told("police", "add", "Smets", OFFICER, "--method", "card")
    assert village.told("explain", "text", "BIN1 123456 inbraak", "--from", OFFICER)["police"]["keyword"] == "urgent"
    assert village.told("explain", "text", "JA 4821", "--from", LIES)["decision"]["challenge"] == "4821"
    answer = village.told("explain", "text", "OK", "--from", "0470 00 00 01".replace(" ", ""))
    assert (answer["who"], answer["window_open"], answer["receipt"]) == ("member", False, False)


def test_a_database_that_cannot_be_used_does_not_stand_in_the_way(bare):
    bare.file.write_bytes(b"not a database" * 100)
    assert bare.told("explain", "text", "OK", "--from", ADA)["intent"] == "confirm"


def test_a_text_is_explained_to_a_person(bare):
    printed = bare.run("explain", "text", "STOP").stdout
    assert "intent:  stop" in printed


def test_each_line_that_comes_is_answered_by_a_line(bare):
    result = bare.run("explain", "text", "-", given=b"OK\r\n\xff\xfe\n\nSTOP")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["intent"] for answer in answers] == ["confirm", "other", "confirm", "stop"]


def test_octets_that_are_no_text_are_explained_all_the_same(bare):
    assert bare.told("explain", "text", "caf\udce9")["intent"] == "other"


def test_a_pdu_is_described(bare):
    answer = bare.told("explain", "pdu", DELIVER)
    assert (answer["type"], answer["number"], answer["text"]) == ("deliver", "+31641600986", "How are you?")
    assert answer["time"].endswith(("+02:00", "+01:00", "+00:00"))
    assert "How are you?" in bare.run("explain", "pdu", DELIVER).stdout


def test_what_is_no_pdu_is_refused(bare):
    for wrong in ("", "zz", DELIVER[:30]):
        bare.refused("explain", "pdu", wrong)


def test_a_bad_line_among_pdus_is_an_error_line_and_the_next_goes_on(bare):
    result = bare.run("explain", "pdu", "-", given=f"{DELIVER}\nnonsense\n\n{DELIVER}\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False, True, True, False]
    assert result.exit_code == 0


def test_explaining_opens_no_store_when_none_is_needed(bare):
    bare.told("explain", "text", "OK")
    assert database.obj is None


def test_a_number_that_is_police_and_member_is_judged_by_what_it_writes_as_a_text_is(village):
    village.told("police", "add", "Ada Claes", ADA, "--method", "card")
    as_police = village.told("explain", "text", "DRINGEND 123456 Inbraak", "--from", ADA)
    as_member = village.told("explain", "text", "wanneer is de vergadering?", "--from", ADA)
    assert (as_police["who"], as_police["intent"]) == ("police", "police")
    assert (as_member["who"], as_member["intent"]) == ("member", "question")
    lines = village.run("explain", "text", "-", "--from", ADA, given="BINS\nSTOP\n").stdout.splitlines()
    assert [json.loads(line)["who"] for line in lines] == ["police", "member"]
