"""The GSM 7-bit alphabet, against an independent codec and by its own laws."""

import pytest
from gsm0338 import SINGLE_SHIFT_CHARACTER_SET_SPANISH, Codec  # registers the codec "gsm03.38" too
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import gsm7

CHARACTERS = [*gsm7.ALPHABET.replace("\x1b", ""), *gsm7.EXTENSION.values()]
texts = st.text(st.sampled_from(CHARACTERS), max_size=160)
septets = st.lists(st.integers(0, 127), max_size=160).map(bytes)
patient = settings(deadline=None)


def test_the_alphabet_has_every_code_and_no_character_twice():
    assert len(gsm7.ALPHABET) == 128
    assert len(set(CHARACTERS)) == 137


def test_code_nine_is_the_capital_c_with_cedilla():
    assert gsm7.decode(b"\x09") == "Ç"
    assert not gsm7.fits("ç")


@pytest.mark.parametrize("character", CHARACTERS)
def test_each_character_has_the_code_that_an_independent_codec_gives_it(character):
    assert gsm7.encode(character) == character.encode("gsm03.38")
    assert gsm7.septets(character) == len(character.encode("gsm03.38"))


@patient
@given(texts)
def test_text_comes_back_from_its_septets_as_the_independent_codec_has_it(text):
    codes = gsm7.encode(text)
    assert codes == text.encode("gsm03.38")
    assert gsm7.decode(codes) == text == codes.decode("gsm03.38")


@pytest.mark.parametrize("character", ["ë", "ê", "’", "…", "\t", "\N{NO-BREAK SPACE}", "\0", "\x1b", "`", "😀"])
def test_what_gsm7_lacks_is_refused_and_never_replaced(character):
    assert gsm7.septets(character) == 0
    with pytest.raises(gsm7.NotInAlphabet):
        gsm7.encode(f"a{character}")


@patient
@given(septets, st.integers(0, 6))
def test_septets_come_back_from_octets_after_any_fill(codes, fill):
    octets = gsm7.pack(codes, fill)
    assert len(octets) == -(-(7 * len(codes) + fill) // 8)
    assert gsm7.unpack(octets, len(codes), fill) == codes


def test_hello_is_packed_as_the_standards_example():
    assert gsm7.pack(gsm7.encode("hellohello")).hex() == "e8329bfd4697d9ec37"


@patient
@given(septets, st.integers(0, 255), st.integers(0, 255))
def test_any_septets_by_any_table_are_some_text(codes, locking, single):
    assert len(gsm7.decode(codes, locking, single)) <= len(codes)


def test_an_escape_without_meaning_shows_the_main_tables_character_or_a_space():
    assert gsm7.decode(b"\x1b\x41") == "A"
    assert gsm7.decode(b"\x1b\x1bA") == " A"
    assert gsm7.decode(b"A\x1b") == "A "


def test_turkish_spanish_and_portuguese_texts_are_read_by_their_own_tables():
    assert gsm7.decode(b"\x0b\x1c\x40", locking=gsm7.TURKISH) == "ĞŞİ"
    assert gsm7.decode(b"\x1bs\x1be", single=gsm7.TURKISH) == "ş€"
    assert gsm7.decode(b"\x1b\x09\x1bo", single=gsm7.SPANISH) == "çó"
    assert gsm7.decode(b"\x0c\x7b\x09", locking=gsm7.PORTUGUESE) == "ôãç"
    assert gsm7.decode(b"\x1b\x7c\x1b\x05", single=gsm7.PORTUGUESE) == "õê"


def test_the_spanish_table_is_the_one_that_an_independent_codec_has():
    oracle = Codec(single_shift_decode_map=SINGLE_SHIFT_CHARACTER_SET_SPANISH)
    for code in SINGLE_SHIFT_CHARACTER_SET_SPANISH:
        codes = bytes([gsm7.ESCAPE, code])
        assert gsm7.decode(codes, single=gsm7.SPANISH) == oracle.decode(codes)[0]
