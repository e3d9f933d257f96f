"""The table of codes: every row of it, in numbers and in words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.modem import codes
from appliance.queue.retry import Reaction

P, T, R = Reaction.PERMANENT, Reaction.TRANSIENT, Reaction.REPAIR
S, SENT, DOUBT = Reaction.STOP, Reaction.SENT, Reaction.DOUBT

# facts/modems.md 2.9, row by row; 17, 38 and 127 are also said when nobody beyond the switch has answered: doubt
CMS = {
    P: [1, 10, 11, 29, 30, 95, 96, 97, 98, 99, 111, 128, 143, 159, 160, 175, 191, 195, 196, 303, 538],
    T: [
        21,
        22,
        27,
        41,
        42,
        47,
        69,
        81,
        192,
        194,
        209,
        210,
        212,
        213,
        224,
        254,
        255,
        301,
        302,
        313,
        314,
        315,
        320,
        331,
        512,
        514,
        515,
        517,
        532,
        535,
    ],
    R: [198, 199, 208, 211, 304, 305, 322, 330],
    S: [8, 28, 50, 193, 310, 311, 312, 316, 317, 318],
    SENT: [197],
    DOUBT: [17, 38, 127, 300, 332, 350, 500, 513, 528, 529],
}
CME = {T: [3, 13, 14, 15, 30, 32, 515], P: [4], S: [10, 11, 12, 16, 17, 18], DOUBT: [31, 100]}


def rows(table: dict[Reaction, list[int]]) -> list[tuple[int, Reaction]]:
    return [(code, reaction) for reaction, numbers in table.items() for code in numbers]


@pytest.mark.parametrize(("code", "reaction"), rows(CMS))
def test_every_cms_code_has_its_reaction(code: int, reaction: Reaction) -> None:
    for line in (f"+CMS ERROR: {code}", f"+CMS ERROR:{code}"):
        refused = codes.refusal(line)
        assert refused
        assert (refused.code, refused.reaction) == (f"CMS {code}", reaction)
        assert refused.words


@pytest.mark.parametrize(("code", "reaction"), rows(CME))
def test_every_cme_code_has_its_reaction(code: int, reaction: Reaction) -> None:
    refused = codes.refusal(f"+CME ERROR: {code}")
    assert refused
    assert (refused.code, refused.reaction) == (f"CME {code}", reaction)


WORDS = {
    "+CMS ERROR: Unknown error": DOUBT,
    "+CMS ERROR: unknown error": DOUBT,
    "+CMS ERROR:": DOUBT,
    "+CMS ERROR: memory full": R,
    "+CMS ERROR: SMSC address unknown": R,
    "+CMS ERROR: network timeout": DOUBT,
    "+CMS ERROR: SIM not inserted": S,
    "+CME ERROR: SIM failure": T,
    "+CME ERROR: SIM PIN required": S,
    "+CME ERROR: incorrect password": S,
    "+CME ERROR: operation not supported": P,
    "ERROR": DOUBT,
    "COMMAND NOT SUPPORT": T,
    "TOO MANY PARAMETERS": T,
}


@pytest.mark.parametrize("line", WORDS)
def test_words_mean_what_the_numbers_mean(line: str) -> None:
    refused = codes.refusal(line)
    assert refused
    assert refused.reaction is WORDS[line]


@pytest.mark.parametrize("line", ["OK", "RING", "NO CARRIER", "BUSY", "+CMGS: 12", "^RSSI:19", "", "ERROR 5", "> "])
def test_other_lines_are_no_refusal(line: str) -> None:
    assert codes.refusal(line) is None


def test_one_fact_has_one_number_however_it_is_said() -> None:
    lines = ["+CMS ERROR: 314", "+CME ERROR: 14", "+CME ERROR: SIM busy"]
    numbers = [codes.number_of(refused) for line in lines if (refused := codes.refusal(line))]
    assert numbers == [314, 314, 314]


@given(st.integers(min_value=0, max_value=9999))
def test_a_code_that_no_table_has_leaves_doubt(code: int) -> None:
    if code not in codes.CMS and not 128 <= code <= 254:
        assert codes.cms(code).reaction is DOUBT


@given(st.text())
@example("²")
def test_no_line_from_outside_breaks_the_reading(line: str) -> None:
    for hostile in (line, f"+CMS ERROR: {line}", f"+CME ERROR:{line}"):
        refused = codes.refusal(hostile)
        if refused:
            codes.number_of(refused)
            assert len(refused.code) < 80
