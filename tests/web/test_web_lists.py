"""Lists in and out, requests, consent, and one member's page."""

import io
import re
from typing import Any

import pytest

from appliance.conversation import Intent
from appliance.models import Arrival, Audit, Delivery, Member
from appliance.people import members

LIST = "naam;gsm;straat\nAda;0470000201;Lindedreef\nEva;0470000204;Kerkstraat\n=Fout;047012;\n"


def bring(lies: Any, content: str, name: str = "lijst.csv") -> Any:
    token = lies.token("/leden/inlezen")
    data = {"csrf_token": token, "file": (io.BytesIO(content.encode()), name)}
    return lies.client.post("/leden/inlezen", data=data, content_type="multipart/form-data")


@pytest.mark.slow
def test_a_list_is_a_report_first_then_members_then_as_before(lies: Any) -> None:
    path = bring(lies, LIST).headers["Location"]
    page = lies.get(path).text
    assert "Er is nog niets veranderd" in page and "1 toevoegen en 1 wijzigen" in page and "Rij 4" in page
    assert not Member.get_or_none(Member.name == "Eva")
    lies.post(path, path)
    assert Member.get(Member.name == "Eva").street == "Kerkstraat"
    assert lies.get(path).headers["Location"] == "/leden/inlezen"
    lies.post(f"{path}/terug", "/leden/inlezen")
    assert "2 leden staan weer zoals ervoor" in lies.get("/leden").text
    assert not Member.get_or_none(Member.name == "Eva")


def test_the_rows_that_are_wrong_are_a_file_without_formulas(lies: Any) -> None:
    path = bring(lies, LIST).headers["Location"]
    answer = lies.get(f"{path}/fouten")
    assert answer.content_type.startswith("text/csv")
    assert answer.data.decode("utf-8-sig").splitlines()[1].startswith("4;'=Fout;")


def test_why_a_row_is_not_taken_over_is_said_in_the_language_of_the_page(lies: Any) -> None:
    path = bring(lies, LIST).headers["Location"]
    french = {"Accept-Language": "fr"}
    assert "047012 est trop court." in lies.get(path, headers=french).text
    assert "047012 est trop court." in lies.get(f"{path}/fouten", headers=french).data.decode("utf-8-sig")


def test_contacts_of_a_telephone_come_in_by_the_same_door(lies: Any) -> None:
    path = bring(lies, "BEGIN:VCARD\nVERSION:3.0\nFN:Dré\nTEL:0470 00 02 09\nEND:VCARD\n", "a.vcf").headers["Location"]
    lies.post(path, path)
    assert members.by_number("+32470000209").name == "Dré"  # type: ignore[union-attr]


def test_no_file_and_an_odd_file_are_told_in_one_sentence(lies: Any) -> None:
    assert "Kies eerst een bestand." in bring(lies, "").text
    answer = bring(lies, "PK\x03\x04 rekenblad")
    assert answer.status_code == 422 and "Opslaan als, CSV" in answer.text


def test_a_list_leaves_the_box_with_a_reason_that_the_log_keeps(lies: Any) -> None:
    answer = lies.post("/leden/uitvoeren", "/leden/uitvoeren", reason="police")
    assert "+32470000201" in answer.data.decode("utf-8-sig")
    last = Audit.select().order_by(Audit.id.desc()).first()
    assert (last.verb, last.detail) == ("exported members", "police")
    assert lies.post("/leden/uitvoeren", "/leden/uitvoeren", reason="zomaar").status_code == 400


def test_start_waits_for_a_yes_and_a_yes_is_a_member_with_a_welcome(lies: Any, street: Any) -> None:
    row = Arrival.create(key="1", kind="text", number="+32470000299", text="START", received_at=street.now,
                         intent=Intent.START)  # fmt: skip
    assert "1 vraag om lid te worden" in lies.get("/leden").text
    lies.post(f"/leden/vragen/{row.id}/ja", "/leden/vragen", name="Fien")
    fien = members.by_number("+32470000299")
    assert fien and fien.consent.startswith("START") and Delivery.select().where(Delivery.member == fien).exists()
    assert "Niemand wacht" in lies.get("/leden/vragen").text


def test_a_no_is_ticked_off_and_nobody_is_answered(lies: Any, street: Any) -> None:
    row = Arrival.create(key="1", kind="text", number="+32470000299", text="START", received_at=street.now,
                         intent=Intent.START)  # fmt: skip
    lies.post(f"/leden/vragen/{row.id}/nee", "/leden/vragen")
    assert "Niemand wacht" in lies.get("/leden/vragen").text and not members.by_number("+32470000299")


def test_consent_is_printed_street_by_street_and_noted(lies: Any, street: Any) -> None:
    members.enrol("Dré", "0470000204", street.now, "test", street="Kerkstraat")
    assert "<b>Dré</b>" in lies.get("/leden/toestemming").text
    assert "Dré · Kerkstraat" in lies.get("/afdrukken/toestemming?straat=Kerkstraat").text
    dre = members.by_number("+32470000204")
    assert dre
    path = f"/leden/{dre.id}"
    lies.post(
        path, path, name="Dré", street="Kerkstraat", language="nl", role="member", consent="formulier 3", form="1"
    )
    assert Member.get_by_id(dre.id).consent == "formulier 3"
    assert "Iedereen gaf toestemming." in lies.get("/leden/toestemming").text


@pytest.mark.slow
def test_a_wrong_number_is_seen_and_put_right(lies: Any, street: Any) -> None:
    ada = members.by_number("+32470000201")
    assert ada
    members.suspend(ada, street.now, "test")
    assert "Fout nummer: krijgen niets" in lies.get("/leden").text
    lies.post(f"/leden/{ada.id}/nummer", f"/leden/{ada.id}", number="0470 00 02 44")
    assert members.by_number("+32470000244").name == "Ada"  # type: ignore[union-attr]


def test_a_second_number_needs_a_consent_of_its_own(lies: Any) -> None:
    ada = members.by_number("+32470000201")
    assert ada
    path = f"/leden/{ada.id}"
    assert lies.post(f"{path}/tweede", path, name="Zus", number="0470000288").status_code == 422
    lies.post(f"{path}/tweede", path, name="Zus", number="0470000288", consent="formulier")
    assert members.second_numbers(ada)[0].name == "Zus" and "Zus" in lies.get(path).text


def test_what_is_held_is_a_sheet_and_erasing_leaves_nothing(lies: Any, street: Any) -> None:
    ada = members.by_number("+32470000201")
    assert ada
    sheet = lies.get(f"/leden/{ada.id}/blad").text
    assert "+32470000201" in sheet and "Gegevensbeschermingsautoriteit" in sheet
    lies.post(f"/leden/{ada.id}/wissen", f"/leden/{ada.id}/wissen")
    assert not Member.get_or_none(Member.id == ada.id)
    assert not re.search(r"<b>Ada</b>", lies.get("/leden").text)


def test_a_coordinator_hands_over_before_being_erased(lies: Any) -> None:
    jan = members.by_number("+32470000102")
    assert jan
    answer = lies.post(f"/leden/{jan.id}/wissen", f"/leden/{jan.id}/wissen")
    assert answer.headers["Location"] == "/overdracht" and Member.get_or_none(Member.id == jan.id)
