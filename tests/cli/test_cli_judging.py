"""What a coordinator at the box does with an alert besides forwarding it."""

import pytest

from appliance.models import Alert, Delivery, Segment

TEXT = "Inbraak in de Dorpsstraat. Kijk uit naar een grijze bestelwagen. Bel 101."
DEAR = "Inbraak in België: twee verdachten met bivakmuts, één in het zwart, vluchten richting het station"


def created(village, text=TEXT, *more):
    return str(village.told("alerts", "create", "--class", "urgent", "--text", text, *more)["id"])


@pytest.fixture
def out(village):
    """The number of an alert that everybody has."""
    alert = created(village)
    village.told("alerts", "forward", alert)
    Segment.update(state="submitted").execute()
    return alert


@pytest.mark.slow
def test_what_is_worth_a_second_look_is_said_with_its_reason_and_holds_nothing_up(village):
    answer = village.told("alerts", "create", "--class", "urgent", "--text", "Patrouille vanavond, zie www.bin.be")
    assert {"patrol", "link", "place", "call_101"} == {warning["rule"] for warning in answer["warnings"]}
    assert village.told("alerts", "forward", str(answer["id"]))["state"] == "forwarded"


def test_a_person_reads_the_remarks_in_dutch(village):
    shown = village.run("alerts", "create", "--class", "test", "--text", "Patrouille in de Kerkstraat, bel 101").stdout
    assert "Let op: een BIN patrouilleert, achtervolgt en houdt niemand tegen (Patrouille)" in shown


def test_a_text_of_the_police_may_name_a_plate(village):
    found = village.told(
        "alerts", "create", "--class", "urgent", "--source", "police", "--text", "Kerkstraat: 1-ABC-234. Bel 101"
    )
    assert found["warnings"] == []


@pytest.mark.slow
def test_fast_leaves_the_trema_out_and_keeps_the_original(village):
    alert = created(village, DEAR)
    village.told("alerts", "forward", alert, "--fast")
    shown = village.told("alerts", "show", alert)
    assert (shown["original"], "Belgie" in shown["text"]) == (DEAR, True)
    later = created(village, DEAR)
    village.told("alerts", "forward", later, "--fast", "--at", "18:30")
    assert "Belgie" in village.told("alerts", "show", later)["text"]


@pytest.mark.slow
def test_the_silent_are_told_once_more_and_not_a_third_time(village, out):
    assert village.told("alerts", "repeat", out)["repeated"] == 3
    assert "al een tweede keer" in village.refused("alerts", "repeat", out)
    assert village.told("alerts", "show", out)["repeated"]


@pytest.mark.slow
def test_nothing_is_repeated_before_it_is_out(village):
    alert = created(village)
    assert "loopt niet" in village.refused("alerts", "repeat", alert)
    village.told("alerts", "forward", alert)
    assert "Wacht tot alles weg is" in village.refused("alerts", "repeat", alert)


@pytest.mark.slow
def test_a_correction_is_ready_and_goes_to_those_who_got_the_alert(village, out):
    village.told("members", "add", "Nieuw", "0470 00 00 07", "--consent", "ja")
    made = village.told("alerts", "correct", out)
    assert (made["about"], "geldt niet meer" in made["text"]) == (int(out), True)
    assert village.told("alerts", "forward", str(made["id"]))["recipients"] == 3
    shown = village.told("alerts", "show", str(made["id"]))
    assert shown["about"] == int(out)
    assert "niet van politie" in Delivery.get(Delivery.alert == made["id"], Delivery.kind == "alert").text


@pytest.mark.slow
def test_an_outcome_is_owed_until_it_is_sent_and_then_the_alert_is_closed(village, out):
    assert [alert["id"] for alert in village.told("alerts", "owed")] == [int(out)]
    made = village.told("alerts", "create", "--class", "feedback", "--text", "Opgelost.", "--about", out)
    village.told("alerts", "forward", str(made["id"]))
    assert village.told("alerts", "owed") == []
    assert Alert.get_by_id(int(out)).state == "closed"
    assert village.told("alerts", "show", out)["outcome"]


@pytest.mark.slow
def test_an_outcome_of_an_alert_that_is_not_there_is_refused(village):
    line = village.refused("alerts", "create", "--class", "feedback", "--text", "Opgelost.", "--about", "99")
    assert "Er is geen bericht 99" in line
    assert Alert.select().count() == 0
