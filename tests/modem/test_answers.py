"""Answers and unasked lines as makers write them, and as nobody should."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.modem import answers
from appliance.modem.unasked import Unasked

REGISTRATIONS = {
    "+CREG: 1,3": 3,
    "+CREG: 1,1,84CD,00D30173": 1,
    '+CREG: 2,1,"CE00","01CEAD8F"': 1,
    "+CREG: 2,0,00,0": 0,
    '+CREG: 2,5,"2AF5","0B88E350",2': 5,
    '+CREG: 2,1,"0B,"0100701",7': 1,
    '+CREG: 2,1,"5E25': 1,
    '+CREG:002,001,"18d8","ffff"': 1,
    "+CREG: 2,1,  0 5, 2715": 1,
    '+CREG: 2,6,"8B37","0A265185",7': 6,
    "+CREG: 0,11": 11,
    "+CREG: 3": None,
    '+CREG: 1,"CE00","00005449"': None,
    "+CREG: 2,,": None,
    "+CREG: 1, E006B, ABE0016": None,
}


@pytest.mark.parametrize("line", REGISTRATIONS)
def test_every_form_of_creg_gives_its_state(line: str) -> None:
    assert answers.registration([line], "+CREG:")[0] == REGISTRATIONS[line]


def test_the_radio_is_read_where_it_is_told() -> None:
    assert answers.registration(['+CREG: 2,1,"84CD","00D30173",7'], "+CREG:") == (1, 7)
    assert answers.operator(['+COPS: 0,0,"Proximus",7']) == ("Proximus", 7)
    assert answers.operator(['+COPS: 0,0,"00500072006F00780069006D00750073",2']) == ("Proximus", 2)
    assert answers.operator(["+COPS: 0"]) == ("", None)


USAGES = {
    '+CPMS: "SM",1,30,"SM",1,30,"SM",1,30': ("SM", 1, 30),
    '+CPMS: "ME", 0, 50, "ME", 0, 50, "ME", 0, 50': ("ME", 0, 50),
    "+CPMS: 14,50,14,50": ("", 14, 50),
}


@pytest.mark.parametrize("line", USAGES)
def test_every_form_of_cpms_gives_its_counts(line: str) -> None:
    assert answers.usages([line])[0] == answers.Usage(*USAGES[line])


CLOCKS = {
    '+CCLK: "26/11/26,18:03:22+04"': datetime(2026, 11, 26, 17, 3, 22, tzinfo=UTC),  # Belgium in winter
    '+CCLK: "26/07/26,18:03:22+08"': datetime(2026, 7, 26, 16, 3, 22, tzinfo=UTC),
    '+CCLK: "26/11/26,18:03:22-20"': datetime(2026, 11, 26, 18, 3, 22, tzinfo=UTC),  # at least
    '+CCLK: "80/01/06,00:00:17"': None,
    '+CCLK: "26/11/26,18:03:22"': None,
    '+CCLK: "26/13/26,18:03:22+04"': None,
    "+CCLK: ": None,
}


@pytest.mark.parametrize("line", CLOCKS)
def test_every_form_of_cclk_gives_a_moment_that_has_gone_by(line: str) -> None:
    assert answers.network_time([line]) == CLOCKS[line]


MEMORIES = {
    '+CPMS: ("SM", "ME", "SM_P"), ("SM"), ("SM")': ["SM", "ME", "SM_P"],
    '+CPMS: (ME", "SR"), ("ME", "SR"), ("ME")': ["ME", "SR"],
    '+CPMS: (("SM","BM","SR"),("SM"))': ["SM", "BM", "SR"],
    "+CPMS: ": [],
}


@pytest.mark.parametrize("line", MEMORIES)
def test_every_list_of_memories_is_read(line: str) -> None:
    assert answers.memories([line]) == MEMORIES[line]


SERVICE_CENTRES = {
    '+CSCA: "+79168999100",145': "+79168999100",
    '+CSCA: "6281100000",145': "+6281100000",
    "+CSCA: 002B00390037003200350034003100320030003000330032,145": "+97254120032",
    '+CSCA: "",129': "",
}


@pytest.mark.parametrize("line", SERVICE_CENTRES)
def test_every_form_of_the_service_centre_is_read(line: str) -> None:
    assert answers.service_centre([line]) == SERVICE_CENTRES[line]


def test_an_empty_slot_is_empty_in_each_of_its_forms() -> None:
    assert answers.single([]) is None
    assert answers.single(["+CMGR: 0,,0"]) is None


def test_the_signal_is_a_percentage_or_unknown() -> None:
    assert answers.signal_percent(["OVER-VOLTAGE WARNNING", "+CSQ: 31,0"]) == 100
    assert answers.signal_percent(["+CSQ: 99,99"]) is None
    assert answers.signal_percent([]) is None


def test_a_warning_is_not_the_name_of_the_modem() -> None:
    assert answers.name(["OVER-VOLTAGE WARNNING", "^RSSI:19", "+CGMM: EC25"]) == "EC25"


def test_an_announcement_without_memory_is_a_hint_all_the_same() -> None:
    heard = Unasked()
    assert heard.take("+CMTI: ,-1", 0.0)
    assert heard.hinted


@given(st.lists(st.text(max_size=40)))
@pytest.mark.slow
def test_no_answer_from_outside_breaks_the_reading(lines: list[str]) -> None:
    heard = Unasked()
    for line in lines:
        heard.take(line, 0.0)
    for prefix in ("+CPMS: ", "+CMGL: ", "+CMGR: ", "+CREG: ", "+COPS: ", "+CSQ: ", "+CSCA: ", ""):
        said = [prefix + line for line in lines]
        answers.usages(said), answers.memories(said), answers.listing(said), answers.single(said)
        answers.registration(said, "+CREG:"), answers.operator(said), answers.signal_percent(said)
        answers.service_centre(said), answers.name(said), answers.digits(said, 14, 16)


def test_a_superscript_is_a_digit_to_python_and_no_number_to_us():
    assert answers.registration(["+CREG: 2,\N{SUPERSCRIPT TWO}"], "+CREG:") == (None, None)
