"""Codes like *100# and what the network answers (+CUSD, 3GPP TS 27.007 7.15). Pure."""

import re

from appliance import gsm7

PLAIN = 15  # coding scheme of TS 23.038 5: GSM letters
UCS2 = 72
SEPTETS_PER_SEVEN_OCTETS = 8
LONGEST = 300  # characters that are kept of an answer
ANSWER = re.compile(r'\+CUSD:\s*(\d)(?:\s*,\s*"(.*?)"(?:\s*,\s*(\d+))?)?', re.DOTALL)


def commands(code: str) -> tuple[str, str]:
    """How *code* is asked for: as the standard says, and packed, as Huawei sticks want it."""
    packed = gsm7.pack(gsm7.encode(code)).hex().upper()
    return f'AT+CUSD=1,"{code}",{PLAIN}', f'AT+CUSD=1,"{packed}",{PLAIN}'


def answer(line: str) -> tuple[bool, str]:
    """Whether the network waits for more, and its words, from `+CUSD: 0,"...",15`; no words when it gave none.

    How the words are coded is told by themselves: makers disagree about what the number behind them means.
    """
    found = ANSWER.match(line)
    if found is None or found[2] is None:
        return False, ""
    return found[1] == "1", _printable(_decoded(found[2], int(found[3] or PLAIN)))


def _decoded(words: str, scheme: int) -> str:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}){4,}", words):
        return words
    octets = bytes.fromhex(words)
    if scheme == UCS2 or (len(octets) % 2 == 0 and not any(octets[::2])):
        return octets.decode("utf-16-be", "replace")
    return gsm7.decode(gsm7.unpack(octets, len(octets) * SEPTETS_PER_SEVEN_OCTETS // 7))


def _printable(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST]
