"""Police and their codes, the log, backups, settings, and the life of the network."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from appliance import alerts, audit, codes
from appliance.life import charter, diary, founding
from appliance.life.founding import Phase
from appliance.models import Audit, BackupKey, Member, PoliceContact, SimDay
from appliance.upkeep import backup
from appliance.web.log_words import VERBS

PACKAGE = Path(__file__).parents[2] / "appliance"


def test_a_new_contact_gets_a_card_that_is_shown_once(lies: Any) -> None:
    form = {"name": "Inspecteur Maes", "number": "0470000901", "role": "mandated", "method": "card"}
    card = lies.post("/politie/nieuw", "/politie/nieuw", **form).text
    maes = PoliceContact.get(PoliceContact.name == "Inspecteur Maes")
    first = codes.card(maes.secret, 0, 1)[0][1]
    assert "DRINGEND (uw code) Er is een dreiging" in card and "Sms BINV" in card
    assert first in card and len(re.findall(r"<b>\d{6}</b>", card)) == 50
    page = lies.get("/politie").text
    assert "0470 00 09 01" in page and "nog 50 codes" in page and first not in page
    assert lies.post("/politie/nieuw", "/politie/nieuw", **form).status_code == 422


def test_a_secret_for_an_app_is_a_picture_once(lies: Any) -> None:
    form = {"name": "Agent Smit", "number": "0470000902", "role": "neighbourhood", "method": "totp"}
    page = lies.post("/politie/nieuw", "/politie/nieuw", **form).text
    secret = PoliceContact.get(PoliceContact.name == "Agent Smit").secret
    assert "dreiging" not in page, "a neighbourhood officer writes nothing urgent"
    assert secret in page and "data:image/svg" in page and secret not in lies.get("/politie").text


def test_renewing_voids_the_old_card_and_revoking_ends_it(lies: Any, street: Any) -> None:
    zone = street.officer("Zone Noord", "0470000900")
    path = f"/politie/{zone.id}"
    assert "gelden niet meer" in lies.get(f"{path}/vernieuwen").text
    lies.post(f"{path}/vernieuwen", f"{path}/vernieuwen")
    renewed = PoliceContact.get_by_id(zone.id)
    assert renewed.secret != zone.secret and renewed.card == zone.card + 1
    lies.post(f"{path}/intrekken", f"{path}/intrekken")
    assert (
        PoliceContact.get_by_id(zone.id).revoked_at and "Zone Noord" not in lies.get("/politie").text.split("<main")[0]
    )
    assert lies.get(f"{path}/vernieuwen").status_code == 404


def test_the_log_is_whole_and_a_paper_head_proves_it(lies: Any) -> None:
    head = str(audit.head())
    page = lies.get("/logboek/nakijken", query_string={"slot": head}).text
    assert "Logboek volledig" in page and "Het slot van uw blad klopt." in page
    assert "staat niet meer" in lies.get("/logboek/nakijken?slot=1:00000000").text
    assert lies.get("/logboek/nakijken?slot=onzin").status_code == 422


def test_a_row_that_was_changed_is_told(lies: Any) -> None:
    first = Audit.select().order_by(Audit.id).first()
    Audit.update(verb="niets").where(Audit.id == first.id).execute()
    assert f"Regel {first.id} is veranderd" in lies.get("/logboek/nakijken").text


def test_the_log_of_one_member_and_of_one_alert(lies: Any, street: Any, police_alert: Any) -> None:
    alert = police_alert()
    page = lies.get(f"/logboek?bericht={alert.id}").text
    assert "bracht een bericht binnen" in page and "schreef in" not in page
    page = lies.get("/logboek?lid=3").text
    assert "<b>test</b> schreef in · Ada" in page and "Ben" not in page.split('<article class="gap">')[1]


@pytest.mark.slow
def test_whatever_the_code_writes_in_the_log_has_its_words_on_the_page() -> None:
    """A verb that is put together ("stopped night") is named in full in the table; these are the constants."""
    calls = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"
    ]
    verbs = {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}
    assert len(verbs) > 40
    assert verbs - set(VERBS) == set()


def test_the_log_as_a_file_ends_with_its_own_making(lies: Any) -> None:
    answer = lies.post("/logboek/bestand", "/logboek", ja="1")
    rows = answer.data.decode("utf-8-sig").splitlines()
    assert len(rows) == Audit.select().count() + 1 and "exported log" in rows[-1]
    assert not re.search(r"Lies|Ada", answer.data.decode("utf-8-sig"))


@pytest.mark.slow
def test_a_key_is_shown_once_and_opens_the_copy_that_was_taken(lies: Any, street: Any, tmp_path: Path) -> None:
    assert "Er is nog geen sleutel." in lies.get("/reservekopie").text
    page = lies.post("/reservekopie/sleutel", "/reservekopie").text
    secret = re.search(r"AGE-SECRET-KEY-1[ 0-9A-Z]+", page)
    assert secret and secret[0] not in lies.get("/reservekopie").text
    answer = lies.post("/reservekopie", "/reservekopie")
    assert answer.headers["Content-Disposition"].endswith(".age")
    assert Audit.get(Audit.verb == "backed up") and not list(tmp_path.glob("tmp*"))
    (tmp_path / "kopie.age").write_bytes(answer.data)
    answer.close()
    looked = backup.restore(tmp_path / "kopie.age", backup.keys_in(secret[0]), street.url, street.now,
                            folder=tmp_path, put=backup.Put.NOWHERE)  # fmt: skip
    assert looked.header.counts["member"] == 5
    (typed,) = backup.keys_in("\n".join(re.findall(r"<li><code>(\w+)</code>", page)))
    assert str(typed) == secret[0].replace(" ", ""), "the sheet has the same key in words"


def test_a_key_of_ones_own_must_be_one(lies: Any) -> None:
    assert lies.post("/reservekopie/gekende-sleutel", "/reservekopie", recipient="age1nee").status_code == 422
    assert not BackupKey.select().exists()
    assert lies.post("/reservekopie", "/reservekopie").status_code == 422


def test_a_hint_on_the_start_page_leads_to_where_it_is_done(lies: Any) -> None:
    page = lies.get("/").text
    assert "Er is nog geen charter getekend" in page and 'href="/buurt/charter"' in page


def test_a_charter_is_drafted_signed_and_held_against_what_is_in_force(lies: Any, street: Any) -> None:
    path = "/buurt/charter"
    lies.post(path, path)
    lies.post(f"{path}/getekend", path, day="2026-11-20", coordinator="Lies", mayor="Mo", chief="Ko")
    assert "zijn zoals getekend" in lies.get(path).text
    old = charter.settings_of(charter.signed()) | {"police_phone": "011 99 99 99"}  # type: ignore[arg-type]
    charter.draft(old, street.now, "test")
    charter.sign(street.now.date(), "Lies", "Mo", "Ko", street.now, "test")
    assert "wijken af" in lies.get(path).text and "011 99 99 99" in lies.get("/instellingen").text


def test_a_charter_is_not_signed_tomorrow_nor_by_nobody(lies: Any) -> None:
    path = "/buurt/charter"
    lies.post(path, path)
    for form in ({"day": "2026-11-26", "mayor": "Mo"}, {"day": "2026-11-20", "mayor": ""}):
        assert lies.post(f"{path}/getekend", path, coordinator="Lies", chief="Ko", **form).status_code == 422
    assert charter.signed() is None


def test_founding_goes_step_by_step(lies: Any, street: Any) -> None:
    path = "/buurt/oprichting"
    lies.post(path, path, phase="idea")
    assert lies.post(path, path, phase="info").status_code == 422
    lies.post("/buurt/vergaderingen", "/buurt/vergaderingen", day="2026-11-01", kind="info", attended="23")
    lies.post(path, path, phase="info")
    assert founding.current() == Phase.INFO and diary.held()[0].attended == 23


@pytest.mark.parametrize("form", [{"day": "2027-01-01"}, {"day": "gisteren"}, {"day": "2026-11-01", "attended": "-1"}])
def test_a_meeting_that_cannot_be_is_not_noted(lies: Any, form: dict[str, str]) -> None:
    page = "/buurt/vergaderingen"
    assert lies.post(page, page, kind="info", **form).status_code == 422
    assert not diary.held()


def test_a_theme_is_planned_and_taken_off(lies: Any) -> None:
    lies.post("/buurt/themas", "/buurt/themas", month="12", text="Donkere dagen", source="wijkagent")
    assert "Donkere dagen" in lies.get("/buurt/themas").text
    lies.post("/buurt/themas", "/buurt/themas", month="12", text="")
    assert not diary.themes()


def test_the_ledger_shows_what_a_card_sent_and_cost(lies: Any) -> None:
    SimDay.create(iccid="8932000000000000001", day="2026-11-25", segments=40, in_doubt=1, paid=40, millicents=280_000)
    page = lies.get("/kosten").text
    assert "40 sms" in page and "€" in page and "2,80" in page and "november 2026" in page
    assert "Niets verstuurd" in lies.get("/kosten?maand=2026-10").text
    assert lies.get("/kosten?maand=2026-13").status_code == 404


@pytest.mark.parametrize("name", ["inschrijving", "wat-is-een-bin", "communicatieplan", "tips", "overdracht",
                                  "register", "diefstal"])  # fmt: skip
def test_every_sheet_of_the_network_is_there_in_four_languages(lies: Any, name: str) -> None:
    titles = {re.search(r"<h1>(.*?)</h1>", lies.get(f"/afdrukken/{name}?taal={one}").text)[1]  # type: ignore[index]
              for one in ("nl", "fr", "de", "en")}  # fmt: skip
    assert len(titles) == 4


def test_more_leads_to_all_of_it(lies: Any) -> None:
    page = lies.get("/meer").text
    for path in ("/toestel", "/politie", "/logboek", "/reservekopie", "/buurt", "/kosten", "/afdrukken/", "/hulp"):
        assert f'href="{path}"' in page
    assert "101" in lies.get("/hulp").text


def test_a_bin_of_traders_is_chosen_on_the_page_and_its_sheets_say_so(lies: Any) -> None:
    given = {"name": "BIN-Z Markt", "language": "nl", "police_phone": ""}
    assert lies.post("/instellingen/naam", "/instellingen/naam", **given, people="klanten").status_code == 422
    lies.post("/instellingen/naam", "/instellingen/naam", **given, people="traders")
    assert "handelaars en zelfstandigen" in lies.get("/instellingen").text
    assert "tussen handelaars en lokale politie" in lies.get("/afdrukken/wat-is-een-bin").text
    assert "voor het blad van de handelaars" in lies.get("/afdrukken/").text


def test_lies_notes_a_problem_changes_it_and_solves_it(lies: Any) -> None:
    page = "/buurt/problemen"
    refused = lies.post(page, page, text="Ada doet niet mee")
    assert (
        refused.status_code == 422 and "niet over de persoon" in refused.text and ">Ada doet niet mee<" in refused.text
    )
    lies.post(page, page, text="De kast staat <b>te warm</b>")
    assert (
        "De kast staat &lt;b&gt;te warm" in lies.get(page).text and "gewist op 25 december 2026" in lies.get(page).text
    )
    assert lies.post(f"{page}/1", page, text="").status_code == 422
    lies.post(f"{page}/1", page, text="De kast staat nu koel")
    assert "nu koel" in lies.get(page).text and page in lies.get("/buurt").text
    lies.post(f"{page}/1/opgelost", page)
    assert "Er is niets genoteerd." in lies.get(page).text
    assert lies.post(f"{page}/1/opgelost", page).status_code == 404


def test_the_core_group_reads_no_notes_on_problems(lies: Any) -> None:
    Member.update(role="core").where(Member.name == "Lies").execute()
    assert lies.get("/buurt/problemen").status_code == 403


def test_the_log_speaks_the_language_of_its_reader_and_shows_no_fingerprints(
    lies: Any, police_alert: Any, street: Any
) -> None:
    alerts.forward(police_alert(), "Jan", "sms", street.now, street.bin)
    page = lies.get("/logboek").text
    assert ">lid<" in page and "gemandateerd, kaart" in page and "per sms" in page
    for ours in (">member<", "mandated", ">sms<"):
        assert ours not in page
    assert not re.search(r"[0-9a-f]{64}", re.sub(r'name="csrf_token" value="[^"]+"', "", page))
