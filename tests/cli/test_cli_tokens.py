"""Tokens at the command line."""

import pytest


def test_a_token_is_shown_once_and_then_only_known_by_its_name(box):
    made = box.told("tokens", "add", "Thuis", "--may-create")
    assert made["token"].startswith("bin_")
    (listed,) = box.told("tokens", "list")
    assert listed == {key: made[key] for key in ("id", "name", "may_create", "created", "revoked")}
    assert listed["may_create"] is True


def test_a_name_is_used_by_one_token_at_a_time(box):
    box.told("tokens", "add", "Thuis")
    assert "Thuis" in box.refused("tokens", "add", "Thuis")
    assert box.told("tokens", "revoke", "Thuis")["revoked"]
    assert "tokens list" in box.refused("tokens", "revoke", "Thuis")
    assert box.told("tokens", "add", "Thuis")["id"] == 2


def test_a_token_without_a_name_is_refused(box):
    assert "1 to 40" in box.refused("tokens", "add", "  ")
    assert box.told("tokens", "list") == []


@pytest.mark.slow
def test_people_read_what_each_may(box):
    box.told("tokens", "add", "Thuis")
    box.told("tokens", "add", "Poort", "--may-create")
    box.told("tokens", "revoke", "Poort")
    lines = box.run("tokens", "list").stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [["Thuis", "lezen"], ["Poort", "vragen", "ingetrokken"]]
