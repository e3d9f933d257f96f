"""Members and answers."""

from typing import Any

from appliance import members
from appliance.models import Arrival, Member


def test_the_list_has_everybody_with_masked_numbers(lies: Any) -> None:
    page = lies.get("/leden").text
    for name in ("Ada", "Ben", "Cleo", "Lies", "Jan"):
        assert f"<b>{name}</b>" in page
    assert "+32 470 •• •• 01" in page and "0470000201" not in page and "coördinator" in page


def test_the_search_finds_by_name_street_and_number(lies: Any) -> None:
    for word in ("cleo", "lindedreef", "0470 00 02 03"):
        page = lies.get("/leden", query_string={"zoek": word}).text
        assert "<b>Cleo</b>" in page and "<b>Ada</b>" not in page
    assert "Niemand gevonden." in lies.get("/leden?zoek=zzz").text


def test_adding_without_consent_says_that_nothing_is_sent(lies: Any) -> None:
    answer = lies.post("/leden/nieuw", "/leden/nieuw", name="Dré", number="0470 00 02 04", street="Kerkstraat")
    assert answer.headers["Location"] == "/leden"
    page = lies.get("/leden").text
    assert "er is nog geen toestemming" in page and "nog geen toestemming" in page


def test_a_bad_number_is_explained_and_the_rest_kept(lies: Any) -> None:
    answer = lies.post("/leden/nieuw", "/leden/nieuw", name="Dré", number="101", street="Kerkstraat")
    assert answer.status_code == 422 and "noodnummer" in answer.text and 'value="Dré"' in answer.text


def test_a_role_that_does_not_exist_is_an_ordinary_member(lies: Any) -> None:
    lies.post("/leden/nieuw", "/leden/nieuw", name="Eva", number="0470000299", role="police", consent="ja")
    assert Member.get(name="Eva").role == "member"


def test_removing_asks_first_and_then_stops_the_texts(lies: Any, street: Any) -> None:
    ada = members.by_number("+32470000201")
    assert ada
    assert "Ada schrappen?" in lies.get(f"/leden/{ada.id}/schrappen").text
    lies.post(f"/leden/{ada.id}/schrappen", f"/leden/{ada.id}/schrappen")
    assert Member.get_by_id(ada.id).state == "left"
    assert lies.get(f"/leden/{ada.id}/schrappen").status_code == 404


def test_an_answer_is_read_once_and_gone_from_the_pile(lies: Any, street: Any) -> None:
    row = Arrival.create(
        key="1",
        kind="text",
        number="+32470000201",
        text="ik zie hem aan de kerk",
        received_at=street.now,
        intent="report",
    )
    assert "1 antwoord te lezen" in lies.get("/").text
    page = lies.get("/antwoorden").text
    assert "<b>Ada</b>" in page and "ik zie hem aan de kerk" in page
    lies.post(f"/antwoorden/{row.id}/gelezen", "/antwoorden")
    assert "ik zie hem" not in lies.get("/antwoorden").text
    assert "ik zie hem" in lies.get("/antwoorden?alles=1").text


def test_a_name_as_sender_is_never_taken_for_a_member(lies: Any, street: Any) -> None:
    Arrival.create(key="1", kind="text", number="Ada", alphanumeric=True, text="win geld", received_at=street.now)
    page = lies.get("/antwoorden").text
    assert "<b>Ada</b>" in page and "Onbekend nummer" not in page
