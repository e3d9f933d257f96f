"""Nothing that a modem or a stranger can send breaks the codec or the dialogue. The long form is bench/fuzz.py."""

import sys
from importlib import import_module
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
fuzz = import_module("fuzz")
lines = st.sampled_from(
    [b"OK", b"ERROR", b"+CMGS: 7", b"+CMS ERROR: 500", b"> ", b"RING", b'+CLIP: "+32470000001",145', b"RDY",
     b"+CDS: 25", b'+CMTI: "SM",1', b"+CMGL: 0,1,,80", b"0791", b"NO CARRIER", b'+CDSI: "SR",-1', b"+CMT: ,25"]
)  # fmt: skip
talk = st.lists(lines | st.binary(max_size=40), max_size=12).map(b"\r\n".join)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_any_octets_are_a_message_or_malformed(octets: bytes) -> None:
    fuzz.decode(octets.hex())


@given(st.text(max_size=60))
def test_any_text_is_a_message_or_malformed(text: str) -> None:
    fuzz.decode(text)


@given(st.integers(0, 2**32), st.integers(0, 400))
@settings(deadline=None, max_examples=100)
def test_a_real_message_with_octets_changed_is_a_message_or_malformed(seed: int, which: int) -> None:
    chance = fuzz.Chance(seed)
    fuzz.decode(fuzz.mutated(bytes.fromhex(fuzz.MESSAGES[which % len(fuzz.MESSAGES)]), chance).hex())


@given(talk)
@settings(deadline=None, max_examples=60)
def test_whatever_the_modem_says_the_dialogue_ends_in_an_answer_or_a_known_error(said: bytes) -> None:
    fuzz.converse(said)


def test_a_thousand_conversations_end_and_leave_nothing_behind() -> None:
    assert fuzz.run(200_000, seed=1).growth < 20_000_000
