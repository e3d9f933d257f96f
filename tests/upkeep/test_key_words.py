"""The key of a backup as 24 words: Ann has it on paper in the drawer of her sister."""

import re
import unicodedata

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.upkeep import backup, key_words

# BIP-39's own vectors for 256 bits (github.com/trezor/python-mnemonic, vectors.json)
STANDARD = {
    "00" * 32: "abandon " * 23 + "art",
    "7f" * 32: "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful "
    "legal winner thank year wave sausage worth title",
    "ff" * 32: "zoo " * 23 + "vote",
}
LANGUAGES = ["nl", "fr", "de", "en"]


def a_key() -> str:
    return str(pyrage.x25519.Identity.generate())


def opens(text: str, secret: str) -> bool:
    """Whether *text* is taken for *secret*."""
    (key,) = backup.keys_in(text)
    return str(key) == secret


@pytest.mark.parametrize(("octets", "words"), STANDARD.items())
def test_the_words_are_those_of_the_standard(octets: str, words: str) -> None:
    secret = key_words.secret_of(bytes.fromhex(octets))
    assert " ".join(key_words.words_of(secret, "nl")) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ann_reads_aloud_her_sister_types_and_it_opens(language: str) -> None:
    secret = a_key()
    words = key_words.words_of(secret, language)
    assert len(words) == 24
    assert opens(" ".join(words), secret)
    assert opens("\n".join(f"{number}. {word.upper()}," for number, word in enumerate(words, start=1)), secret)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_four_letters_of_a_word_are_enough_and_accents_do_not_count(language: str) -> None:
    secret = a_key()
    words = [unicodedata.normalize("NFD", word) for word in key_words.words_of(secret, language)]
    assert opens(" ".join(re.sub(r"[^a-z]", "", word)[:4] for word in words), secret)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_words_that_changed_places_and_a_word_of_another_list_are_noticed(language: str) -> None:
    words = list(key_words.words_of(key_words.secret_of(bytes(range(32))), language))
    for wrong in ([words[1], words[0], *words[2:]], [*words[:-1], "huis"], [*words[:-1], words[0]]):
        with pytest.raises(backup.BadKey, match="slip of the pen"):
            backup.keys_in(" ".join(wrong))


def test_a_word_too_few_is_no_key() -> None:
    words = key_words.words_of(a_key(), "nl")
    with pytest.raises(backup.BadKey, match="24 words"):
        backup.keys_in(" ".join(words[:-1]))


@given(octets=st.binary(min_size=32, max_size=32), language=st.sampled_from(LANGUAGES))
def test_every_key_comes_back_from_its_words(octets: bytes, language: str) -> None:
    secret = key_words.secret_of(octets)
    assert key_words.secrets_in(" ".join(key_words.words_of(secret, language))) == [secret]
