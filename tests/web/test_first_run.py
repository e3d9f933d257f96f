"""From an empty box to a coordinator: nothing else answers, and nobody gets in who does not stand beside it."""

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from appliance import store
from appliance.access import accounts, presence
from appliance.models import Account, Audit, Choice, Delivery, Heartbeat, Member, Presence, database
from appliance.people import members
from appliance.people.members import Role
from appliance.upkeep import backup
from tests.conftest import NOON
from tests.web.conftest import Browser


@pytest.fixture
def ada(house: Any, make_empty_app: Callable[[], Flask]) -> Browser:
    """Ada in front of a box that was unpacked just now."""
    return Browser(make_empty_app().test_client(), "")


def enrolled(ada: Browser, **changes: str) -> Any:
    form = {"name": "Ada Peeters", "number": "0470 00 02 01", "password": "vier losse woorden hier"} | changes
    return ada.post("/begin/wie", "/begin/wie", **form)


@pytest.mark.slow
def test_every_address_of_an_empty_box_leads_to_the_first_run(ada: Browser) -> None:
    for rule in ada.client.application.url_map.iter_rules():
        path = rule.rule.replace("<int:id_>", "1").replace("<path:filename>", "app.css")
        if "GET" in rule.methods and not rule.rule.startswith(("/begin", "/static", "/api", "/metrics")):
            assert ada.get(path).headers["Location"] == "/begin", path
    assert ada.get("/begin/wie").headers["Location"] == "/begin"
    assert ada.get("/static/app.css").status_code == 200


def test_without_the_button_nobody_becomes_coordinator(ada: Browser, house: Any) -> None:
    assert "nog niet gezien" in ada.post("/begin", "/begin").text
    token = ada.token("/begin")
    answer = ada.client.post(
        "/begin/wie", data={"csrf_token": token, "name": "X", "number": "0470000201", "password": "x" * 20}
    )
    assert answer.headers["Location"] == "/begin"
    presence.pressed(house.now)
    house.later(minutes=11)
    assert ada.post("/begin", "/begin").status_code == 422
    assert not Account.select().exists()


def test_a_press_counts_for_one_browser(ada: Browser, house: Any) -> None:
    presence.pressed(house.now)
    other = Browser(ada.client.application.test_client(), "")
    assert ada.post("/begin", "/begin").headers["Location"] == "/begin/naam"
    assert other.post("/begin", "/begin").status_code == 422


@pytest.mark.slow
def test_from_the_button_to_the_steps_and_the_wizard_is_gone(ada: Browser, house: Any) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    assert "minstens 12 tekens" in enrolled(ada, password="kort").text
    assert enrolled(ada, number="014 12 34 56").status_code == 422
    assert not Account.select().exists()
    assert enrolled(ada).headers["Location"] == "/klaarmaken"
    page = ada.get("/klaarmaken").text
    assert "Nog 6 dingen te doen" in page and "ada.peeters" in page
    assert members.by_number("+32470000201").role == Role.COORDINATOR  # type: ignore[union-attr]
    stranger = ada.client.application.test_client()
    assert stranger.get("/begin").status_code == 404 and stranger.get("/begin/wie").status_code == 404
    assert stranger.get("/").headers["Location"].startswith("/aanmelden")
    assert ada.get("/begin").headers["Location"] == "/", "pressed twice"


@pytest.mark.slow
def test_the_network_is_named_on_the_page_and_the_first_coordinator_speaks_its_language(
    ada: Browser, house: Any
) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    page = ada.get("/begin/naam").text
    assert "Stap 2 van 4" in page and 'value="nl" required checked' in page
    assert "Geef uw netwerk een naam" in ada.post("/begin/naam", "/begin/naam", name=" ", language="fr").text
    given = {"name": "BIN Zuid", "language": "fr", "police_phone": "011 22 33 44"}
    assert ada.post("/begin/naam", "/begin/naam", **given).headers["Location"] == "/begin/wie"
    assert "BIN Zuid" in ada.get("/begin/wie").text, "in French, as a browser that asks for nothing gets it"
    assert 'value="BIN Zuid"' in ada.get("/begin/naam").text, "who stops here finds it filled in"
    enrolled(ada)
    assert members.by_number("+32470000201").language == "fr"  # type: ignore[union-attr]
    assert "BIN Zuid</a>" in ada.get("/").text


def test_what_the_file_settles_is_not_asked(ada: Browser, house: Any) -> None:
    object.__setattr__(house.bin, "settled", frozenset({"name", "police_phone"}))
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    page = ada.get("/begin/naam").text
    assert 'name="language"' in page and 'name="name"' not in page and 'name="police_phone"' not in page
    ada.post("/begin/naam", "/begin/naam", name="BIN Vals", language="nl")
    object.__setattr__(house.bin, "settled", frozenset({"name", "police_phone", "language", "people"}))
    assert ada.get("/begin/naam").headers["Location"] == "/begin/wie"
    assert "BIN Zonnebos" in ada.get("/begin/wie").text


@pytest.mark.slow
@pytest.mark.parametrize(("ticked", "kept"), [({"resident": "1"}, "2026-11-25"), ({}, "")])
def test_the_first_coordinator_says_that_he_lives_there_and_only_the_day_is_kept(
    ada: Browser, house: Any, ticked: dict[str, str], kept: str
) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    assert "Ik woon in deze buurt." in ada.get("/begin/wie").text
    enrolled(ada, **ticked)
    assert members.by_number("+32470000201").resident_on == kept  # type: ignore[union-attr]


def test_nobody_names_the_network_who_was_not_at_the_box(ada: Browser, house: Any) -> None:
    assert ada.get("/begin/naam").headers["Location"] == "/begin"
    token = ada.token("/begin")
    ada.client.post("/begin/naam", data={"csrf_token": token, "name": "BIN Vals", "language": "nl"})
    assert not Choice.select().exists()


def test_a_box_without_a_button_believes_the_code_of_its_terminal_once(ada: Browser, house: Any) -> None:
    code = presence.new_code(house.now)
    assert code not in str(list(Presence.select().dicts()))
    for _ in range(3):
        assert "Die code klopt niet" in ada.post("/begin", "/begin", code="aaaa").text
    assert "U kunt opnieuw proberen" in ada.post("/begin", "/begin", code=code).text
    house.later(seconds=10)
    assert ada.post("/begin", "/begin", code=code.upper()).headers["Location"] == "/begin/naam"


@pytest.mark.slow
def test_the_steps_follow_what_is_there_and_the_test_sms_is_owed_once(ada: Browser, house: Any) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    enrolled(ada)
    for _ in range(2):
        ada.post("/klaarmaken/proef", "/klaarmaken")
    assert Delivery.select().count() == 1 and "Staat klaar" in ada.get("/klaarmaken").text
    ada.post("/toegang/herstelblad", "/toegang/herstelblad")
    ada.post("/overdracht", "/overdracht", name="Ben", number="0470000202")
    assert "Nog 4 dingen te doen" in ada.get("/klaarmaken").text
    assert "Nog 3 dingen te doen voor de kast klaar is" in ada.get("/").text


def test_the_button_means_nothing_here_once_somebody_can_log_in(lies: Any, street: Any) -> None:
    presence.pressed(street.now)
    assert not Presence.select().exists()
    with pytest.raises(presence.NotNeeded):
        presence.new_code(street.now)


@pytest.mark.slow
def test_no_secret_of_the_first_run_is_in_the_log(ada: Browser, house: Any) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    enrolled(ada)
    logged = str(list(Audit.select().dicts()))
    assert "losse woorden" not in logged and not re.search(r"0470|\+32", logged)


@pytest.fixture(scope="module")
def old_box(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """A backup of the box that was, where Lies could log in, and the key on paper."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copy(template, folder / "bin.db")
    store.open_store(f"sqlite:///{folder}/bin.db")
    lies = members.enrol("Lies", "0470000101", NOON, "test", role=Role.COORDINATOR, consent="ja")
    members.enrol("Ben", "0470000202", NOON, "test", consent="ja")
    accounts.create(lies, "lies", NOON, "test", "vier losse woorden hier")
    recipient, secret = backup.draw_key()
    backup.write(folder / "kopie.age", recipient, "BIN Zonnebos", NOON)
    database.close()
    return (folder / "kopie.age").read_bytes(), secret


def put_back(ada: Browser, copy: bytes, key: str, **more: Any) -> Any:
    return ada.post("/begin/kopie", "/begin/kopie", copy=(io.BytesIO(copy), "kopie.age"), key=key, **more)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_with_copy_and_paper_the_box_is_what_it_was_and_its_services_go_on(
    old_box: tuple[bytes, str], ada: Browser, house: Any
) -> None:
    with store.writing():
        Heartbeat.create(service="panel", at=house.now)
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    copy, secret = old_box
    typed = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)).lower()
    assert put_back(ada, copy, typed).headers["Location"] == "/aanmelden"
    assert sorted(member.name for member in Member.select()) == ["Ben", "Lies"]
    assert Heartbeat.get().service == "panel" and Audit.select().count() == 3
    assert not [path.name for path in house.folder.iterdir() if path.name.startswith(("tmp", "bin.db.scratch"))]
    lies = Browser(ada.client.application.test_client(), "vier losse woorden hier")
    assert lies.log_in().status_code == 302
    assert put_back_again(ada, copy, secret) == 302, "its wizard is gone"


def put_back_again(ada: Browser, copy: bytes, key: str) -> int:
    form = {"copy": (io.BytesIO(copy), "kopie.age"), "key": key, "csrf_token": ada.token("/aanmelden")}
    return int(ada.client.post("/begin/kopie", data=form).status_code)


def slipped(key: str) -> str:
    """The key with another last character, whichever it ends in."""
    return key[:-1] + ("8" if key.endswith("7") else "7")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_copy_that_is_cut_a_stranger_s_key_and_a_slip_of_the_pen_change_nothing(
    old_box: tuple[bytes, str], ada: Browser, house: Any
) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    copy, secret = old_box
    for wrong, key, why in (
        (copy[:-40], secret, "gaat niet open"), (b"PK\x03\x04../../etc/passwd", secret, "gaat niet open"),
        (copy, backup.draw_key()[1], "gaat niet open"), (copy, slipped(secret), "tikfout"), (copy, "", "tikfout"),
    ):  # fmt: skip
        answer = put_back(ada, wrong, key)
        assert answer.status_code == 422 and why in answer.text and "niets veranderd" in answer.text
    assert "Kies eerst" in ada.post("/begin/kopie", "/begin/kopie", key=secret).text
    assert not Member.select().exists() and presence.wanted()
    assert secret not in str(list(Audit.select().dicts()))


def test_nobody_puts_a_copy_on_a_box_that_he_does_not_stand_at(ada: Browser) -> None:
    form = {"csrf_token": ada.token("/begin"), "copy": (io.BytesIO(b"x"), "kopie.age"), "key": "x"}
    assert ada.client.post("/begin/kopie", data=form).headers["Location"] == "/begin"
    assert ada.get("/begin/kopie").headers["Location"] == "/begin"
    assert large(ada, ada.token("/begin"), "x").headers["Location"] == "/begin", "before a byte of it is read"


def large(ada: Browser, token: str, key: str) -> Any:
    """A copy of three million octets, as a browser sends it."""
    part = '--end\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    fields = "".join(f"{part.format(name, '')}{value}\r\n" for name, value in (("csrf_token", token), ("key", key)))
    file = part.format("copy", '; filename="kopie.age"') + "x" * 3_000_000
    body = f"{fields}{file}\r\n--end--\r\n".encode()
    return ada.client.post("/begin/kopie", data=body, content_type="multipart/form-data; boundary=end")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_copy_may_be_larger_than_any_other_request_from_whoever_stands_at_the_box(ada: Browser, house: Any) -> None:
    presence.pressed(house.now)
    ada.post("/begin", "/begin")
    answer = large(ada, ada.token("/begin/kopie"), backup.draw_key()[1])
    assert answer.status_code == 422 and "gaat niet open" in answer.text
