"""What the coordinators choose on the page is in force where the configuration file is silent."""

from dataclasses import replace

import pytest

from appliance import chosen, wording
from appliance.chosen import BadChoice
from appliance.gateway import Gateway
from appliance.models import Audit, Choice
from appliance.wording import Key


def test_what_was_chosen_is_in_force_and_can_be_chosen_anew(house):
    chosen.choose({"name": " BIN  Zuid ", "language": "fr"}, house.bin, house.now, "Lies")
    chosen.choose({"name": "BIN Oost"}, house.bin, house.now, "Lies")
    now = chosen.in_force(house.bin)
    assert (now.name, now.language, now.police_phone) == ("BIN Oost", "fr", house.bin.police_phone)
    assert [row.detail for row in Audit.select()] == ["name, language", "name"]


def test_what_stands_in_the_file_goes_before_it(house):
    settled = replace(house.bin, settled=frozenset({"name"}))
    chosen.choose({"name": "BIN Zuid", "language": "de"}, settled, house.now, "Lies")
    assert (chosen.in_force(settled).name, chosen.in_force(settled).language) == ("BIN Zonnebos", "de")
    assert {row.name for row in Choice.select()} == {"language"}


def test_a_name_that_left_the_file_is_chosen_again(house):
    chosen.choose({"name": "BIN Zuid"}, house.bin, house.now, "Lies")
    assert chosen.in_force(replace(house.bin, settled=frozenset({"name"}))).name == "BIN Zonnebos"
    assert chosen.in_force(house.bin).name == "BIN Zuid"


@pytest.mark.parametrize(
    "wrong", [{"name": "  "}, {"name": "x" * 41}, {"name": "a\x07b"}, {"language": "it"}, {"language": ""},
              {"police_phone": "hallo"}, {"name": "BIN Zuid", "language": "it"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(house, wrong):
    with pytest.raises(BadChoice):
        chosen.choose(wrong, house.bin, house.now, "Lies")
    assert not Choice.select().exists() and not Audit.select().exists()


def test_a_police_number_may_be_left_empty(house):
    chosen.choose({"police_phone": ""}, house.bin, house.now, "Lies")
    assert chosen.in_force(house.bin).police_phone == ""


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_longest_name_still_fits_the_texts_that_carry_it(language):
    assert wording.text(Key.WELCOME, language, name="x" * chosen.LONGEST_NAME)


def test_a_gateway_that_runs_takes_it_up_within_a_second(house):
    gateway = Gateway("a", None, house.bin, None, house.clock)  # type: ignore[arg-type] - only its clock's work is tried
    chosen.choose({"name": "BIN Zuid"}, house.bin, house.now, "Lies")
    gateway._act(house.later(seconds=1))
    assert gateway._bin.name == "BIN Zuid"
