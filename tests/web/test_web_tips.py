"""The library of tips on the page: chosen, read over, sent or planned."""

from typing import Any

from appliance import tips
from appliance.life import diary
from appliance.models import Alert


def test_lies_chooses_a_tip_and_plans_it(lies: Any, street: Any) -> None:
    alarm = tips.named("alarm", "nl")
    assert alarm
    answer = lies.post("/tips/alarm", "/tips", taal="nl")
    assert answer.headers["Location"] == "/nieuw"
    form = lies.get("/nieuw").text
    assert alarm.text in form and 'value="preventive" required checked' in form
    assert not Alert.select().exists()
    lies.post("/nieuw", "/nieuw", message_class="preventive", text=alarm.text, action="next")
    check = lies.get("/nieuw/nakijken").text
    token = check.partition('name="token" value="')[2].partition('"')[0]
    lies.post("/nieuw/later", "/nieuw/nakijken", token=token, until="18:30")
    planned = Alert.get()
    assert (planned.state, planned.original, planned.source) == ("delayed", alarm.text, "coordinator")


def test_what_fits_the_month_is_first_and_the_theme_of_the_month_is_there(lies: Any, street: Any) -> None:
    diary.plan(11, "Donkere dagen", "", street.now, "Lies")
    page = lies.get("/tips").text
    assert "Donkere dagen" in page and page.index("Licht aan in donkere dagen") < page.index("Fiets op slot")


def test_a_tip_is_there_in_the_language_that_was_asked_for(lies: Any) -> None:
    assert "Fahrrad" in lies.get("/tips?taal=de").text
    assert lies.get("/tips?taal=it").status_code == 404
    assert lies.post("/tips/no-such-tip", "/tips").status_code == 404


def test_the_way_to_the_tips_is_under_more_and_in_the_form(lies: Any) -> None:
    assert 'href="/tips"' in lies.get("/meer").text and 'href="/tips"' in lies.get("/nieuw").text
