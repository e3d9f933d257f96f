"""A newcomer's first evening: a box that was unpacked just now, its page in a real browser, and a real gateway.

From the press on the button to the yearly report, by what the page says. The network is the emulator's.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright import sync_api

from appliance.access import presence
from appliance.clock import now as real_now
from appliance.models import Member
from appliance.modem.emulator import EmulatedModem, Network
from tests.web.conftest import BROWSER, LONGEST_WAIT, AtWork, faults, picture, serve, try_to_log_in, wait_for

pytestmark = BROWSER
SOON = 60_000  # milliseconds for what a gateway must do first
LIES, ADA, BEN, OFFICER = "+32470000001", "+32471000001", "+32471000002", "+32475000009"
LIST = """naam;gsm;straat;taal;toestemming
Ada;0471 00 00 01;Kerkstraat;nl;formulier 3/11
Ben;0471 00 00 02;Kerkstraat;nl;formulier 3/11
Clé;0471 00 00 03;Lindedreef;fr;formulier 3/11
Dirk;0471 00 00;Lindedreef;nl;formulier 3/11
Els;0471 00 00 05;Dorp;nl;
"""


@pytest.fixture
def box(house: Any, tmp_path: Path) -> Iterator[AtWork]:
    """Nobody can log in yet; its gateway runs."""
    house.now, house.live = real_now(), True
    with EmulatedModem("a", Network(), link=tmp_path / "modem-a") as modem:
        one = AtWork(house, modem)
        one.start()
        yield one
        one.kill()


@pytest.fixture
def page(chromium: Any, box: AtWork, make_empty_app: Callable[[], Flask]) -> Iterator[Any]:
    """The newcomer's telephone."""
    with serve(make_empty_app()) as address:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=address, locale="nl-BE")
        yield context.new_page()
        context.close()


def test_from_an_empty_box_to_the_yearly_report(page: Any, box: AtWork, tmp_path: Path) -> None:
    begin(page, box)
    password = second_coordinator(page)
    members_by_a_list(page, tmp_path)
    codes = police_contact(page)
    first_test(page, box)
    first_urgent_text(page, box, codes[0])
    yearly_report(page)
    page.context.clear_cookies()
    assert try_to_log_in(page, "jan.janssens", password) == ""


def press(page: Any, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).first.click()


def says(page: Any, words: str | re.Pattern[str]) -> None:
    sync_api.expect(page.locator("main")).to_contain_text(words, timeout=SOON)


def begin(page: Any, box: AtWork) -> None:
    page.goto("/")
    press(page, "Ik heb gedrukt")
    says(page, "nog niet gezien")
    presence.pressed(real_now())
    press(page, "Ik heb gedrukt")
    page.fill("[name=name]", "BIN Zonnebos")
    press(page, "Verder")
    page.fill("[name=name]", "Lies Peeters")
    page.fill("[name=number]", "0470 00 00 01")
    press(page, "Verder")
    page.wait_for_url("**/klaarmaken")
    assert page.locator("main a[role=button]:not(.quiet), main button:not(.quiet)").count() == 1  # one thing at a time
    press(page, "Stuur mij een proef-sms")
    wait_for(lambda: box.told("Proef van de BIN-kast") == [LIES])
    press(page, "Herstelblad maken")
    press(page, "Maak een nieuw blad")
    press(page, "Ik heb het blad")
    says(page, "De kast klaarmaken")


def second_coordinator(page: Any) -> str:
    """Jan; his password, as the page shows it once."""
    press(page, "Coördinator toevoegen")
    page.fill("[name=name]", "Jan Janssens")
    page.fill("[name=number]", "0470 00 00 02")
    press(page, "Toegang geven")
    says(page, "jan.janssens")
    password = str(page.locator("main code").inner_text())
    press(page, "Verder met klaarmaken")
    return password


def members_by_a_list(page: Any, folder: Path) -> None:
    (folder / "leden.csv").write_text(LIST, encoding="cp1252")
    press(page, "Lijst of contacten inlezen")
    page.set_input_files("[type=file]", folder / "leden.csv")
    press(page, "Bekijken wat er verandert")
    says(page, "Rij 5")
    picture(page, "nieuwkomer-lijst")
    press(page, "4 leden toevoegen")
    says(page, "4 leden toegevoegd.")
    assert Member.get(number="+32471000003").name == "Clé"
    press(page, "Verder met klaarmaken")


def police_contact(page: Any) -> list[str]:
    """The codes of Zone Noord: all of them can be read on a telephone, for they are shown once."""
    press(page, "Politiecontact toevoegen")
    page.get_by_role("button", name="Contact toevoegen").click()
    page.fill("[name=name]", "Zone Noord")
    page.fill("[name=number]", "0475 00 00 09")
    press(page, "Toevoegen en codes tonen")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    edges = page.locator(".code-card li").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert len(edges) == 50 and max(edges) <= 390
    picture(page, "nieuwkomer-codes")
    return list(page.locator(".code-card b").all_inner_texts())


def first_test(page: Any, box: AtWork) -> None:
    page.goto("/oefening")
    press(page, "Test klaarzetten")
    press(page, "Nu versturen naar 5 leden")
    press(page, "Nu meteen versturen")
    says(page, "Verstuurd naar alle 5 leden")
    box.network.text(ADA, "OK")
    box.network.ring(BEN, seconds=2)
    sync_api.expect(page.locator(".bars li", has_text="Bevestigd")).to_contain_text("2 / 5", timeout=SOON)
    sync_api.expect(page.locator("main")).to_contain_text(re.compile(r"Bevestigd \(2\)"), timeout=SOON)


def first_urgent_text(page: Any, box: AtWork, code: str) -> None:
    page.goto("/")
    box.network.text(OFFICER, f"DRINGEND {code} Inbraak bezig Kerkstraat, grijze bestelwagen. Blijf binnen, bel 101.")
    says(page, "Politie: nieuw bericht")
    assert page.get_by_role("button", name="Nieuw bericht").get_attribute("class") == "full quiet"  # that can wait
    press(page, "Bekijken en beoordelen")
    press(page, "Doorsturen: eerst nakijken")
    press(page, "Nu versturen naar 5 leden")
    page.wait_for_url(re.compile(r"/berichten/\d+$"), timeout=SOON)  # after the countdown, by itself
    says(page, "Verstuurd naar alle 5 leden")
    box.network.text(ADA, "OK")
    box.network.text(BEN, "ik zie hem aan de kerk")
    says(page, re.compile(r"Bevestigd \([12]\)"))
    picture(page, "nieuwkomer-verloop")
    assert faults(page) == []
    page.goto("/antwoorden")
    says(page, "ik zie hem aan de kerk")


def yearly_report(page: Any) -> None:
    page.goto("/meer")
    page.get_by_role("link", name="Afdrukken").click()
    page.locator("article", has_text="Jaarverslag").get_by_role("button", name="Bekijken en afdrukken").first.click()
    sync_api.expect(page.locator("body")).to_contain_text("jaarverslag", timeout=LONGEST_WAIT)
    sync_api.expect(page.locator("table").first).to_contain_text(re.compile(r"DRINGEND\s*1\s*1\s*0\s*5\s*5\s*5"))
