"""The page of a box whose database cannot be used: it says so, and needs nothing of it to do so."""

import sqlite3

import pytest

from appliance import store
from appliance.models import database


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("path", ["/", "/aanmelden", "/toestel"])
def test_a_damaged_database_is_said_with_what_to_do_and_the_page_comes_back_by_itself(lies, house, path):
    file = store.path_of(house.url)
    whole = file.read_bytes()
    database.close()
    file.write_bytes(b"\xff" * len(whole))
    answer = lies.get(path)
    assert answer.status_code == 503
    assert "Ze zijn beschadigd" in answer.text and "reservekopie" in answer.text
    file.write_bytes(whole)
    assert lies.get("/").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_decision_while_another_program_keeps_the_database_locked_is_refused_and_changes_nothing(
    lies, house, police_alert
):
    alert = police_alert()
    store.open_store(house.url, patience=0.05)
    token = lies.token(f"/berichten/{alert.id}")
    other = sqlite3.connect(store.path_of(house.url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = lies.client.post(f"/berichten/{alert.id}/doorsturen", data={"csrf_token": token})
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert "houdt ze bezet" in answer.text
    assert alert.select().get().state == "waiting"
