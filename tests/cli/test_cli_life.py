"""The life of a BIN at the command line: from the first meeting to the paper in the drawer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import lang
from appliance.models import Arrival, Audit, Delivery, Member, Refusal
from appliance.queue import outbox

ADA, BEN, LIES, DORA = "+32470000001", "+32470000002", "+32470000003", "+32470000009"
SIGNED = ("--on", "2026-11-25", "--coordinator", "Lies Peeters", "--mayor", "A. Burg", "--chief", "K. Chef")


def ask(number, words="START"):
    """*number* has asked to become a member."""
    return Arrival.create(
        key=number, kind="text", number=number, text=words, intent="start", state="acted", received_at=datetime.now(UTC)
    ).id


def send_all():
    now = datetime.now(UTC)
    while segment := outbox.claim("a", now):
        outbox.accepted(segment, segment.id % 256, now)


@pytest.mark.slow
def test_a_request_is_accepted_with_a_name_welcomed_and_put_away(village):
    village.told("members", "list")
    number = ask(DORA)
    (request,) = village.told("members", "requests")
    assert (request["number"], request["was_member"]) == (DORA, False)
    assert "naam" in village.refused("members", "accept", str(number))
    member = village.told("members", "accept", str(number), "--name", "Dora")
    assert (member["consent_way"], member["state"]) == ("sms", "active")
    assert village.told("members", "requests") == []
    assert "99" in village.refused("members", "refuse", "99")


@pytest.mark.slow
def test_a_request_is_refused_without_a_word(village):
    village.told("members", "list")
    village.told("members", "refuse", str(ask(DORA)))
    assert Delivery.select().count() == 0
    assert village.told("members", "requests") == []


@pytest.mark.slow
def test_everybody_is_welcomed_once(village):
    assert village.told("members", "welcome") == {"welcomed": 3}
    assert village.told("members", "welcome") == {"welcomed": 0}


@pytest.mark.slow
def test_a_second_number_and_another_number(village):
    second = village.told("members", "second", "Ada Claes", "Tom", DORA, "--consent", "2026-11-20", "--form", "1")
    assert (second["second_of"], second["consent_form"], second["street"]) == (1, "1", "Dorpsstraat")
    assert "al in de lijst" in village.refused("members", "number", "Ben Maes", DORA)
    assert village.told("members", "number", "Ben Maes", "0470 00 00 08")["number"] == "+32470000008"


@pytest.mark.slow
def test_a_sheet_holds_everything_and_erasing_leaves_nothing(village):
    village.told("members", "add", "Ada Claes", ADA, "--language", "fr", "--form", "2")
    assert "ce que nous conservons" in village.run("members", "sheet", "Ada Claes").stdout
    answer = village.told("members", "erase", ADA)
    assert answer["bytes_gone"]
    village.close()
    assert b"Ada Claes" not in village.file.read_bytes()
    assert village.told("log", "verify")["whole"]
    assert Refusal.select().count() == 1
    again = village.told("members", "import", "-", given="name;mobile;consent\nAda;0470 00 00 01;ja\n")
    assert again["ignored"] == 1


@pytest.mark.slow
def test_a_bin_is_founded_from_the_first_meeting_to_active(village):
    village.told("coordinators", "add", "Jan", "0470 00 00 04")
    assert "Eerst" in village.refused("founding", "reach", "test")
    village.told("meetings", "add", "2026-09-01", "--kind", "info", "--attended", "31")
    for phase in ("idea", "info", "group", "data"):
        village.told("founding", "reach", phase)
    assert "charter draft" in village.refused("charter", "sign", *SIGNED)
    assert village.told("charter", "draft")["version"] == 1
    assert village.told("charter", "sign", *SIGNED)["mayor"] == "A. Burg"
    village.told("founding", "reach", "charter")
    alert = village.told("alerts", "create", "--class", "test", "--text", "Dit is een test.")["id"]
    village.told("alerts", "forward", str(alert))
    send_all()
    found = village.told("founding", "certify", str(alert))
    assert (found["members"], found["accepted"], len(found["not_reached"])) == (4, 4, 4)
    village.told("founding", "reach", "test")
    village.told("founding", "reach", "active")
    shown = village.told("founding", "show")
    assert (shown["phase"], shown["certificate"]["members"]) == ("active", 4)
    assert "4 van 4" in village.run("founding", "show").stdout
    assert "Er is geen bericht" in village.refused("founding", "certify", "99")


@pytest.mark.slow
def test_settings_that_differ_from_the_signed_charter_are_named_and_hinted_at(village):
    village.told("charter", "draft")
    village.told("charter", "sign", *SIGNED)
    assert village.told("charter", "show")["drift"] == []
    village.config.write_text(village.config.read_text().replace("BIN Test", "BIN Anders"))
    drift = village.told("charter", "show")["drift"]
    assert {"setting": "name", "signed": "BIN Test", "now": "BIN Anders"} in drift
    assert "getekend BIN Test, nu BIN Anders" in village.run("charter", "show").stdout
    assert "drift" in [row["hint"] for row in village.told("hints")]
    village.misused("charter", "sign", "--on", "gisteren")


@pytest.mark.slow
def test_meetings_themes_drills_and_hints_are_listed(village):
    village.told("meetings", "add", "2026-09-01", "--kind", "police", "--topics", "Inbraken")
    village.told("themes", "set", "10", "Verlichting", "--source", "wijkagent")
    assert village.told("meetings", "list")[0]["topics"] == "Inbraken"
    assert village.told("themes", "list") == [{"month": 10, "text": "Verlichting", "source": "wijkagent"}]
    assert village.told("drills") == {"drills": [], "silent": []}
    assert [row["hint"] for row in village.told("hints")] == ["trial", "unwelcomed", "residence"]
    for words in (["meetings", "list"], ["themes", "list"], ["drills"], ["hints"]):
        assert village.run(*words).stdout.strip()


@pytest.mark.parametrize("paper", ["register", "theft", "sign-up", "about", "card", "tips", "handover", "plan"])
@pytest.mark.slow
def test_every_paper_is_printed_in_the_language_of_the_bin_or_another(village, paper):
    assert village.run("print", paper).stdout.startswith("BIN Test") or paper == "register"
    printed = {village.told("print", paper, "--language", language)["text"] for language in lang.LANGUAGES}
    assert len(printed) == 4


@pytest.mark.slow
def test_retention_is_shown_and_done(village):
    village.told("members", "remove", BEN)
    shown = village.told("retention")
    assert (shown["erased"], shown["last"], shown["backups"]["made_before"]) == (False, None, None)
    Member.update(left_at=datetime.now(UTC) - timedelta(days=8)).where(Member.number == BEN).execute()
    assert {rule["name"]: rule["rows"] for rule in village.told("retention")["rules"]}["left"] == 1
    done = village.told("retention", "--do")
    assert {rule["name"]: rule["rows"] for rule in done["rules"]}["left"] == 1
    assert done["backups"]["newer_made"] is False
    assert "Vernietig reservekopieën" in village.run("retention").stdout
    assert Audit.select().where(Audit.verb == "kept to retention").exists()


@pytest.mark.slow
def test_who_paid_is_noted_listed_and_summed(village):
    village.told("money", "add", "2026-11-03", "100", "--kind", "municipality", "--who", "Gemeente Zonnebos")
    village.told("money", "add", "2026-11-09", "50,00", "--kind", "sponsor", "--who", "Bakkerij")
    answer = village.told("money", "list")
    assert [(row["day"], row["cents"]) for row in answer["payments"]] == [("2026-11-09", 5000), ("2026-11-03", 10000)]
    assert (answer["came_in"], answer["sponsored"], answer["went_out"]) == (15000, 5000, 0)
    assert "SPONSOR" in village.run("money", "list").output
    assert village.run("money", "add", "2026-11-03", "veel", "--kind", "cost").exit_code == 2


@pytest.mark.slow
def test_jefs_sheet_is_printed_and_then_he_is_erased(village):
    village.told("callees", "add", "Jef Peeters", "011 22 33 44", "--consent", "2026-01-02")
    assert "Jef Peeters" in village.told("callees", "sheet", "jef peeters")["sheet"]
    assert village.told("callees", "remove", "Jef Peeters")["bytes_gone"] is True
    assert b"Jef Peeters" not in village.file.read_bytes()


@pytest.mark.slow
def test_how_safe_people_feel_is_asked_once_a_year(village):
    assert village.told("survey", "show", "2020") is None
    village.told("survey", "ask")
    assert "eens per jaar" in village.refused("survey", "ask").lower()


def test_a_problem_is_noted_listed_and_solved(village):
    number = village.told("issues", "add", "De antenne hangt los")["id"]
    assert "telefoonnummer" in village.refused("issues", "add", "Bel 0470 00 00 01")
    assert [row["text"] for row in village.told("issues", "list")] == ["De antenne hangt los"]
    assert village.told("issues", "solve", str(number)) == {"id": number}
    assert "geen probleem" in village.refused("issues", "solve", str(number))


def test_a_coordinator_who_lives_there_is_noted_with_the_day_alone(village):
    village.told("coordinators", "add", "Nele", "0470000333", "--resident")
    (nele,) = [row for row in village.told("coordinators", "list") if row["name"] == "Nele"]
    assert nele["resident_on"] == datetime.now(ZoneInfo("Europe/Brussels")).date().isoformat()


def test_an_alert_from_above_the_zone_is_marked_and_shown_so(village):
    id_ = village.told("alerts", "create", "--class", "preventive", "--text", "Let op.", "--from-above")["id"]
    shown = village.told("alerts", "show", str(id_))
    assert (shown["from_above"], shown["on_trial"], shown["deviations"]) == (True, False, [])
    assert village.told("alerts", "origin", str(id_), "zone") == {"id": id_, "from_above": False}
    assert village.told("alerts", "show", str(id_))["from_above"] is False
