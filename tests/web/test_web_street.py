"""The demo's street."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from appliance import alerts
from appliance.web.street import Bubble, Lamp, Phone, StreetGone, lay_out, offers

WIM = Phone("+32470000900", "Wim", "police", "", "played")
LIES = Phone("+32470000101", "Lies", "coordinator", "Kerkstraat", "played")
ADA = Phone("+32470000201", "Ada", "member", "Kerkstraat", "silent")


class Toys:
    """A street that only remembers what was done to it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.gone = False

    def phones(self) -> Sequence[Phone]:
        if self.gone:
            raise StreetGone("stopped")
        return [WIM, LIES, ADA]

    def bubbles(self) -> Mapping[str, Sequence[Bubble]]:
        return {
            ADA.number: [Bubble("<b>dag</b>", False)],
            LIES.number: [Bubble("Doorsturen: JA 4821. Niet: NEE 4821", False)],
        }

    def text(self, number: str, text: str) -> None:
        self.done.append(("text", number, text))

    def ring(self, number: str) -> None:
        self.done.append(("ring", number))

    def lamp(self) -> Lamp:
        return Lamp(
            "green", "ready", {"nl": "Alles goed", "fr": "Tout va bien", "de": "Alles gut", "en": "All is well"}
        )

    def button_down(self) -> None:
        self.done.append(("down",))

    def button_up(self) -> None:
        self.done.append(("up",))

    def code(self) -> str:
        return "482913"


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def app(make_app: Callable[..., Flask], toys: Toys) -> Flask:
    return make_app(street=toys)


def test_the_street_shows_everybody_the_lamp_and_the_card(stranger: Any) -> None:
    page = stranger.get("/straat").text
    for word in (
        "Wim",
        "Lies",
        "Ada",
        "Alles goed",
        "482 913",
        "&lt;b&gt;dag&lt;/b&gt;",
        ">JA 4821</button>",
        ">NEE 4821</button>",
    ):
        assert word in page


def test_texts_rings_and_the_button_reach_the_toys(stranger: Any, toys: Toys) -> None:
    stranger.post("/straat/sms", "/straat", number=ADA.number, text="OK")
    stranger.post("/straat/bel", "/straat", number=ADA.number)
    stranger.post("/straat/knop", "/straat", move="down")
    stranger.post("/straat/knop", "/straat", move="up")
    assert toys.done == [("text", ADA.number, "OK"), ("ring", ADA.number), ("down",), ("up",)]


def test_a_number_outside_the_street_is_refused(stranger: Any, toys: Toys) -> None:
    assert stranger.post("/straat/sms", "/straat", number="101", text="x").status_code == 404
    assert toys.done == []


def test_without_a_token_nothing_happens(stranger: Any, toys: Toys) -> None:
    for path in ("/straat/sms", "/straat/bel", "/straat/knop"):
        assert stranger.client.post(path, data={"number": ADA.number, "text": "x", "move": "down"}).status_code == 400
    assert toys.done == []


def test_another_computer_gets_nothing(new_browser: Callable[..., Any]) -> None:
    for path in ("/straat", "/straat/stand"):
        assert new_browser("192.168.1.20").get(path).status_code == 403
    assert new_browser("::1").get("/straat").status_code == 200


def test_outside_the_demo_there_is_no_street(make_app: Callable[..., Flask], lies_password: str) -> None:
    assert make_app().test_client().get("/straat").headers["Location"].startswith("/aanmelden")


def test_logging_in_is_still_needed_for_the_page(stranger: Any) -> None:
    assert stranger.get("/leden").status_code == 302


def test_what_did_not_change_is_not_sent_again(stranger: Any) -> None:
    first = stranger.get("/straat/stand")
    again = stranger.get("/straat/stand", query_string={"v": first.headers["X-Version"]})
    assert again.status_code == 204 and again.data == b""


def test_a_stopped_street_says_so(stranger: Any, toys: Toys) -> None:
    toys.gone = True
    answer = stranger.get("/straat")
    assert answer.status_code == 503 and "antwoordt niet" in answer.text


def test_houses_follow_the_newest_alert_and_the_story_is_ticked(
    stranger: Any, street: Any, police_alert: Callable[..., Any]
) -> None:
    assert "s-none" in stranger.get("/straat/stand").text
    alert = police_alert()
    assert "Er wacht een bericht van de politie" in stranger.get("/straat/stand").text
    alerts.forward(alert, "Lies", "sms", street.now, street.bin)
    page = stranger.get("/straat/stand").text
    assert 'class="house s-queued"' in page and 'Beslissing</a><span class="hidden"> (gedaan)' in page


@given(some.lists(some.sampled_from(["Kerkstraat", "Zonneweg", ""]), max_size=60))
def test_every_member_has_a_house_of_its_own_inside_the_drawing(streets: list[str]) -> None:
    people = [Phone(f"+{at}", f"P{at}", "member", name, "") for at, name in enumerate(streets)]
    houses = [house for road in lay_out(people, {}) for house in road.houses]
    assert sorted(house.phone.number for house in houses) == sorted(person.number for person in people)
    assert len({(house.x, house.y) for house in houses}) == len(houses)
    assert all(0 < house.x < 800 for house in houses)


def test_somebody_who_has_answered_is_offered_nothing() -> None:
    assert offers(ADA, []) == []
    assert offers(ADA, [Bubble("BIN DRINGEND", False)]) == ["OK"]
    assert offers(ADA, [Bubble("BIN DRINGEND", False), Bubble("OK", True)]) == []
    assert offers(WIM, [Bubble("BIN", False)]) == []


def test_the_lamp_and_the_neighbours_speak_the_language_of_who_looks(stranger: Any) -> None:
    page = stranger.client.get("/straat", headers={"Accept-Language": "en"}).text
    assert "All is well" in page and "never answers" in page
    assert "Alles goed" not in page and "antwoordt nooit" not in page
