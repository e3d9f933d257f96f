"""Every page and every form, for everybody who plays a part: what is done is what `roles.TABLE` says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from appliance import alerts, roles
from appliance.access import accounts
from appliance.models import TABLES, Account, Acknowledgement, Alert, Arrival, Device
from appliance.people import members
from appliance.people.members import Role
from appliance.roles import Act, Part
from appliance.web import rights

pytestmark = pytest.mark.slow

OWN = ("access.", "passkeys.", "proof.", "log_in.", "languages.", "recovery.", "countdown.stop")  # everybody's own
FOR_PROGRAMS = ("api.", "metrics.")
PEOPLE = re.compile(r"\b(Ada|Ben|Cleo)\b|0470 00 02|\+32470000")
SOMETHING = {"<path:filename>": "app.css", "<name>": "verslag", "<wish>": "restart"}
# none of them is behind the numbers 1 to 3: what is done to those makes nobody lose his part
PLAYERS = {"Nele": Part.COORDINATOR, "Greet": Part.STEERING, "Stan": Part.MEMBER, "": None}


def urls(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Each endpoint for people that answers *method*, with every alert that there is behind its number."""
    for rule in app.url_map.iter_rules():
        if method in rule.methods and not rule.endpoint.startswith(FOR_PROGRAMS) and rule.endpoint != "prints.as_pdf":
            for id_ in (1, 2, 3) if "<int:id_>" in rule.rule else (1,):
                parts = re.split(r"(<[^>]+>)", rule.rule)
                yield rule.endpoint, "".join(SOMETHING.get(part, part) for part in parts).replace("<int:id_>", str(id_))


def everything() -> list[Any]:
    """All rows but those that only say that somebody is at the page."""
    return [list(table.select().tuples()) for table in TABLES if table is not Device]


@pytest.fixture
def busy_street(street: Any, police_alert: Callable[..., Alert]) -> None:
    """An alert that waits, one that is out, and something behind every other number 1."""
    police_alert("Nog te beoordelen")
    alerts.forward(police_alert("Inbraak"), "Lies", "sms", street.now, street.bin)
    alerts.decline(police_alert("Niet voor ons"), "reden", "Lies", "page", street.now, street.bin)
    Arrival.create(key="1", kind="text", number="+32470000201", text="hallo", received_at=street.now)
    Acknowledgement.create(kind="button", detail="2", at=street.now)


@pytest.fixture
def come(street: Any, new_browser: Callable[..., Any], quick_hash: str) -> Callable[[str], Any]:
    """Somebody of that name logs in; "" is who set the box up, and is no member."""
    street.enrol("Nele", "0470000300", Role.COORDINATOR)
    street.enrol("Greet", "0470000301", Role.CORE)
    street.enrol("Stan", "0470000302", Role.STREET_LEADER)

    def come_(name: str) -> Any:
        person = next((one for one in members.active() if one.name == name), None)
        login = name.casefold() or "installateur"
        if accounts.by_name(login) is None:
            Account.create(
                username=login, member=person, password=quick_hash, session_stamp=login, created_at=street.now
            )
        browser = new_browser()
        assert browser.log_in(login).status_code == 302
        return browser

    return come_


def may(name: str, endpoint: str, method: str) -> bool:
    """What the table says of *name*; who set the box up is a coordinator."""
    act = rights.need(endpoint)
    granted = roles.grant(PLAYERS[name] or Part.COORDINATOR, act) if act else roles.Grant.YES
    if granted is roles.Grant.PROPOSE:
        return endpoint.startswith(rights.ASKING)
    return granted in (roles.CHANGING if method == "POST" else roles.LOOKING)


@pytest.mark.parametrize("name", PLAYERS)
def test_every_page_opens_for_whom_the_table_says_and_for_nobody_else(
    busy_street: None, come: Any, app: Flask, name: str
) -> None:
    browser = come(name)
    unseen = {f"/berichten/{id_}{page}" for id_ in (1, 3) for page in ("", "/stand", "/beelden")}  # sent to nobody
    judges = roles.may(PLAYERS[name] or Part.COORDINATOR, Act.DECIDE)
    for endpoint, path in urls(app, "GET"):
        refused = browser.get(path).status_code == 403
        assert refused == (not may(name, endpoint, "GET") or (path in unseen and not judges)), path


@pytest.mark.parametrize("name", PLAYERS)
def test_every_form_is_taken_from_whom_the_table_says_and_from_nobody_else(
    busy_street: None, come: Any, app: Flask, name: str
) -> None:
    forms = sorted(
        set(urls(app, "POST")), key=lambda url: (url[0].startswith(OWN), url)
    )  # after those, logged in no more
    form = {"choice": "decline", "why": "x", "name": "Eva", "number": "0470999999", "text": "Gas", "class": "urgent"}
    browser = come(name)
    token = browser.token("/toegang")
    for endpoint, path in forms:
        if endpoint.startswith(OWN):
            browser = come(name)
            token = browser.token("/toegang")
        before = everything()
        answer = browser.client.post(path, data={"csrf_token": token, **form}, buffered=True)
        if may(name, endpoint, "POST"):
            assert answer.status_code != 403, path
        else:
            assert answer.status_code == 403 and "Dit is voor coördinatoren" in answer.text, path
            assert everything() == before, path


@pytest.mark.parametrize("name", ["Greet", "Stan"])
def test_no_page_that_opens_for_others_shows_them_a_person_or_leads_where_they_may_not_go(
    busy_street: None, come: Any, app: Flask, name: str
) -> None:
    browser, links = come(name), {}
    for endpoint, path in urls(app, "GET"):
        answer = browser.get(path)
        if answer.status_code == 200 and endpoint != "static":
            assert PEOPLE.search(answer.text) is None, path
            links |= dict.fromkeys(re.findall(r'(?:href|action)="(/[^"#]*)"', answer.text), path)
    there = {link: page for link, page in links.items() if ".pdf" not in link}  # the same sheet, a second each
    assert {link: page for link, page in there.items() if browser.get(link).status_code == 403} == {}


@pytest.mark.parametrize(
    ("name", "sheets"),
    [
        ("Lies", {"verslag", "toestemming", "register", "overdracht", "koelkastkaart"}),
        ("Greet", {"verslag", "register", "overdracht", "koelkastkaart"}),  # settings to read, figures, and no names
        ("Stan", {"verslag", "koelkastkaart"}),  # the yearly sheet
    ],
)
def test_each_sheet_is_for_whom_its_contents_are(come: Any, name: str, sheets: set[str]) -> None:
    browser, asked = come(name), ("verslag", "toestemming", "register", "overdracht", "koelkastkaart")
    assert {sheet for sheet in asked if browser.get(f"/afdrukken/{sheet}").status_code == 200} == sheets
    listed = browser.get("/afdrukken/").text
    assert {sheet for sheet in asked if f"/afdrukken/{sheet}?" in listed} == sheets - {"toestemming"}


def test_the_table_knows_every_page_and_only_pages_that_exist(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    rooms = {endpoint.partition(".")[0] for endpoint in endpoints} | {"street"}
    assert rooms <= set(rights.NEEDS) and set(rights.NEEDS) <= endpoints | rooms


def test_a_page_that_was_forgotten_is_for_coordinators(app: Flask, come: Any) -> None:
    app.add_url_rule("/vergeten", "forgotten", lambda: "iets")
    assert (come("Lies").get("/vergeten").status_code, come("Greet").get("/vergeten").status_code) == (200, 403)
