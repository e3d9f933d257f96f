"""The secret key of a backup as 24 words (BIP-39), to read aloud and to type over; the last one is partly a check.

Of the lists that the standard has, the BIN's languages know French and English; Dutch and German have none, and a list
of our own would be known by no other program. Four letters of a word are enough, and accents do not count.
"""

import re
import unicodedata
from functools import cache

from bech32 import bech32_decode, bech32_encode, convertbits
from mnemonic import Mnemonic

NAME = "age-secret-key-"  # what age writes before the 1 (age-encryption.org/v1)
LISTS = {"fr": "french"}
OTHERWISE = "english"
COUNT = 24  # of 11 bits: 256 of the key and 8 of its check
ENOUGH = 4  # letters


class BadWords(Exception):
    """The words are no key: one was not in the list, or the check does not come out."""


def words_of(secret: str, language: str) -> tuple[str, ...]:
    """The words of *secret*, AGE-SECRET-KEY-1..., in the list that whoever speaks *language* knows best."""
    _, data = bech32_decode(secret)
    octets = convertbits(data or [], 5, 8, pad=False)
    assert octets, "not a secret key of age"
    said = _list(LISTS.get(language, OTHERWISE)).to_mnemonic(bytes(octets))
    return tuple(unicodedata.normalize("NFC", said).split())


def secrets_in(text: str) -> list[str]:
    """The secret key that *text* says in words, as the only one; none when it is not so many words.

    Numbers before the words, commas, capitals and accents do not count. Raises BadWords.
    """
    typed = [_short(word) for word in re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text))]
    if len(typed) != COUNT:
        return []
    for name in (OTHERWISE, *LISTS.values()):
        if all(word in _by_letters(name) for word in typed):
            return [_secret(name, typed)]
    raise BadWords


def _secret(name: str, typed: list[str]) -> str:
    try:
        return secret_of(bytes(_list(name).to_entropy([_by_letters(name)[word] for word in typed])))
    except ValueError as error:
        raise BadWords from error


def secret_of(octets: bytes) -> str:
    """The 32 *octets* of a secret key as age writes them."""
    return bech32_encode(NAME, convertbits(octets, 8, 5) or []).upper()


@cache
def _list(name: str) -> Mnemonic:
    return Mnemonic(name)


@cache
def _by_letters(name: str) -> dict[str, str]:
    """Each word of a list by its first letters, which no other word of that list has."""
    return {_short(word): word for word in _list(name).wordlist}


def _short(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))[:ENOUGH]
