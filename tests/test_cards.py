"""What is remembered of SIM cards: by the store for ever, and by a look at a modem for as long as that lasts."""

import pytest

from appliance.gateway.cards import StoredCards
from appliance.modem import Cards
from appliance.modem.sim import ForgetfulCards

CARD, OTHER, UNKNOWN = "8932010000000000019", "8932010000000000027", ""


@pytest.fixture(params=[StoredCards, ForgetfulCards])
def cards(request, house) -> Cards:
    made: Cards = request.param()
    return made


def test_a_card_remembers_the_pin_that_it_refused_and_no_other(cards):
    cards.remember_refused(CARD, "1234")
    assert cards.refused(CARD, "1234")
    assert not cards.refused(CARD, "4711")
    assert not cards.refused(OTHER, "1234")


def test_a_card_that_does_not_say_which_one_it_is_may_be_any(cards):
    cards.remember_refused(CARD, "1234")
    assert cards.refused(UNKNOWN, "1234")
    cards.remember_refused(UNKNOWN, "0000")
    assert cards.refused(CARD, "0000")


def test_a_card_that_is_open_has_nothing_against_its_pin(cards):
    cards.remember_refused(UNKNOWN, "4711")
    cards.remember_refused(CARD, "4711")
    cards.forget_refused(CARD)
    assert not cards.refused(CARD, "4711")


def test_a_service_centre_belongs_to_a_card(cards):
    cards.remember_service_centre(CARD, "+32475161616")
    cards.remember_service_centre(UNKNOWN, "+32000000000")
    assert [cards.service_centre(card) for card in (CARD, OTHER, UNKNOWN)] == ["+32475161616", "", ""]


def test_another_process_knows_what_the_first_one_learnt(house):
    StoredCards().remember_refused(CARD, "1234")
    StoredCards().remember_service_centre(CARD, "+32475161616")
    assert StoredCards().refused(CARD, "1234")
