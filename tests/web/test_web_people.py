"""Members and answers."""

from typing import Any

from appliance.models import Arrival, Audit, Delivery, Member, PoliceContact
from appliance.people import members, reachable


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


def test_one_officer_is_made_known_to_the_members_and_is_there_on_info(lies: Any, street: Any) -> None:
    street.officer("Inspecteur Smets", "0475000009")
    at = f"/politie/{PoliceContact.get().id}/bekend"
    assert "Geen van hen is het aanspreekpunt" in lies.get("/politie").text
    answer = lies.post(at, at, duty="officer", public_phone="011 22 33 55", hours="van negen tot zeventien uur")
    assert answer.status_code == 422 and 'value="011 22 33 55"' in answer.text
    lies.post(at, at, duty="officer", public_phone="011 22 33 55", hours="ma-vr 9-17u")
    page = lies.get("/politie").text
    assert "aanspreekpunt van dit BIN" in page and "ma-vr 9-17u" in page and "Geen van hen" not in page
    assert "Inspecteur Smets 011 22 33 55" in reachable.on_sms("nl")
    lies.post(at, at, duty="")
    assert reachable.officer() is None


def test_a_coordinator_gives_hours_and_takes_them_back_and_a_member_has_none(lies: Any) -> None:
    jan, ada = members.by_number("+32470000102"), members.by_number("+32470000201")
    assert jan and ada
    lies.post(f"/leden/{jan.id}/uren", f"/leden/{jan.id}", hours="18-20u")
    assert "Jan 0470 00 01 02, 18-20u" in reachable.on_sms("nl")
    lies.post(f"/leden/{jan.id}/uren", f"/leden/{jan.id}", hours="")
    assert reachable.on_sms("nl") == ""
    assert lies.post(f"/leden/{ada.id}/uren", f"/leden/{jan.id}", hours="18-20u").status_code == 404


def test_whether_a_coordinator_lives_here_is_asked_and_shown_with_its_day(lies: Any) -> None:
    assert lies.get("/overdracht").text.count("nog niet bevestigd") == 2
    lies.post("/overdracht", "/overdracht", name="Nele", number="0470000301", resident="1")
    page = lies.get("/overdracht").text
    assert page.count("nog niet bevestigd") == 2 and "bevestigd op 25 november 2026" in page
    jan = Member.get(Member.name == "Jan")
    for _ in range(2):
        lies.post(f"/overdracht/{jan.id}/woont-hier", "/overdracht")
    assert Member.get_by_id(jan.id).resident_on == "2026-11-25"
    confirmed = Audit.select().where((Audit.verb == "residence confirmed") & (Audit.subject == f"member {jan.id}"))
    assert confirmed.count() == 1
    lies.post(f"/overdracht/{jan.id}/weg", "/overdracht")
    assert Member.get_by_id(jan.id).resident_on == ""


def told_by_ada(street: Any, words: str = "Er staat een fiets zonder slot aan mijn haag") -> Arrival:
    return Arrival.create(
        key="1", kind="text", number="+32470000201", text=words, received_at=street.now, intent="other", state="acted"
    )


def test_what_ada_told_goes_on_to_the_police_in_one_step(lies: Any, street: Any) -> None:
    smets = street.officer("Inspecteur Smets", "0475000009")
    reachable.appoint(smets, reachable.Duty.OFFICER, "011 22 33 55", "ma-vr 9-17u", street.now, "Lies")
    row = told_by_ada(street)
    page = lies.get("/antwoorden").text
    assert "Geef door aan de politie" in page and "Gebeurt het nu?" in page and 'href="tel:101"' in page
    for _ in range(2):
        lies.post(f"/antwoorden/{row.id}/doorgeven", "/antwoorden?alles=1")
    (sent,) = Delivery.select().where(Delivery.number == smets.number)
    assert "Lies 0470 00 01 01" in sent.text and "fiets" not in sent.text
    assert "Dat was al doorgegeven." in lies.get("/antwoorden").text
    everything = lies.get("/antwoorden?alles=1").text
    assert "doorgegeven aan de politie vandaag om 12u00" in everything and "Geef door" not in everything


def test_words_that_are_adas_own_are_refused_and_what_was_typed_is_kept(lies: Any, street: Any) -> None:
    smets = street.officer("Inspecteur Smets", "0475000009")
    reachable.appoint(smets, reachable.Duty.OFFICER, "011 22 33 55", "ma-vr 9-17u", street.now, "Lies")
    row = told_by_ada(street)
    answer = lies.post(f"/antwoorden/{row.id}/doorgeven", "/antwoorden", words=f"<b>{row.text}")
    assert answer.status_code == 422 and "eigen woorden" in answer.text and "&lt;b&gt;Er staat" in answer.text


def test_without_an_officer_the_page_gives_the_number_of_the_zone_and_a_tick(lies: Any, street: Any) -> None:
    row = told_by_ada(street)
    page = lies.get("/antwoorden").text
    assert 'href="tel:011223344"' in page and "Stuur de sms" not in page
    lies.post(f"/antwoorden/{row.id}/doorgeven", "/antwoorden", how="told")
    assert Arrival.get_by_id(row.id).handed_at == street.now


def test_ben_is_sent_to_other_services_with_one_tap(lies: Any, street: Any) -> None:
    lies.post("/instellingen/naam", "/instellingen/naam", municipality_phone="011 44 55 66", utility_phone="")
    row = told_by_ada(street, "Mijn kelder staat onder water")
    assert "de gemeente 011 44 55 66" in lies.get("/antwoorden").text
    for _ in range(2):
        lies.post(f"/antwoorden/{row.id}/antwoord", "/antwoorden?alles=1", ready="other-services")
    (sent,) = Delivery.select().where(Delivery.number == row.number)
    assert "1722" in sent.text and "011 44 55 66" in sent.text
    assert "Daar was al op geantwoord." in lies.get("/antwoorden").text
    assert "beantwoord vandaag om 12u00" in lies.get("/antwoorden?alles=1").text
    assert lies.post(f"/antwoorden/{row.id}/antwoord", "/antwoorden?alles=1", ready="x").status_code == 404


def test_a_number_of_the_municipality_that_is_none_is_told_apart(lies: Any) -> None:
    answer = lies.post("/instellingen/naam", "/instellingen/naam", municipality_phone="hallo")
    assert answer.status_code == 422 and "van de gemeente klopt niet" in answer.text
