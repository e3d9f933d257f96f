"""How much credit a prepaid card has: by a code or by a text, read by the coordinator's own pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance import gsm7
from appliance.gateway.balance import BadQuestion, Question
from appliance.modem import ussd

ANSWERS = {
    '+CUSD: 0,"Uw saldo is 12,50 EUR",15': "Uw saldo is 12,50 EUR",
    '+CUSD:1,"Uw saldo is 12,50 EUR"': "Uw saldo is 12,50 EUR",
    '+CUSD: 0,"' + "Saldo: 5 €".encode("utf-16-be").hex().upper() + '",72': "Saldo: 5 €",
    '+CUSD: 0,"' + "Saldo 7".encode("utf-16-be").hex() + '",15': "Saldo 7",
    '+CUSD: 0,"' + gsm7.pack(gsm7.encode("Saldo: 5 €")).hex().upper() + '",15': "Saldo: 5 €",
    '+CUSD: 0,"Saldo:\x07 5",15 junk': "Saldo: 5",
    "+CUSD: 4": "",
    "+CUSD: 2": "",
}


@pytest.mark.parametrize(("line", "words"), ANSWERS.items())
def test_every_makers_way_of_writing_the_answer_is_read(line, words):
    assert ussd.answer(line)[1] == words


def test_a_network_that_waits_for_more_is_told_from_one_that_is_done():
    assert ussd.answer('+CUSD: 1,"1. Saldo",15') == (True, "1. Saldo")
    assert ussd.answer('+CUSD: 0,"Saldo",15') == (False, "Saldo")


def test_the_code_is_asked_as_the_standard_says_and_as_huawei_wants_it():
    assert ussd.commands("*100#") == ('AT+CUSD=1,"*100#",15', 'AT+CUSD=1,"AA180C3602",15')


@given(some.text())
def test_no_answer_from_outside_breaks_the_reading(line):
    ussd.answer(line)
    ussd.answer(f'+CUSD: 0,"{line}",15')


@pytest.mark.parametrize(
    ("pattern", "answer", "credit"),
    [
        ("", "Uw saldo is 12,50 EUR", "Uw saldo is 12,50 EUR"),
        ("saldo is ([0-9,]+)", "Uw saldo is 12,50 EUR", "12,50"),
        ("saldo is [0-9,]+", "Uw saldo is 12,50 EUR", "Uw saldo is 12,50 EUR"),
        ("saldo is ([0-9,]+)", "Win een reis!", ""),
    ],
)
def test_the_pattern_finds_the_credit_or_nothing(pattern, answer, credit):
    assert Question("ussd", "*100#", pattern).credit_in(answer) == credit


@pytest.mark.parametrize(
    ("method", "code", "pattern"),
    [("ussd", "saldo", ""), ("ussd", '*1"00#', ""), ("sms", "SALDO", ""), ("ussd", "*100#", "([0-9")],
)
def test_a_question_that_cannot_be_asked_is_refused_at_start(method, code, pattern):
    with pytest.raises(BadQuestion, match="balance_"):
        Question(method, code, pattern)
