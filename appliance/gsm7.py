"""The GSM 7-bit default alphabet, its extension and a few national tables (3GPP TS 23.038 6.1.2, 6.2.1, annex A). Pure.

Text becomes *septets* (one `bytes` item each, 0 to 127) by `encode`; septets become octets by `pack`, and back.
"""

from collections.abc import Mapping

ESCAPE = 0x1B

# 0x09 is the capital Ç, as the standard has it; an old Unicode table and some modems' manuals say ç.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Mapping[int, str] = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip

TURKISH, SPANISH, PORTUGUESE = (
    1,
    2,
    3,
)  # national language identifiers, TS 23.038 6.2.1.2.4

# The Indian languages (4 to 13) are not here: their texts are read by the default table, as 6.2.1.2.5 allows.
_LOCKING_CHANGES: Mapping[int, Mapping[int, str]] = {
    TURKISH: {0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"},
    PORTUGUESE: {
        0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á",
        0x12: "ª", 0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€", 0x19: "Ó", 0x1A: "|",
        0x1C: "Â", 0x1D: "â", 0x1E: "Ê", 0x24: "º", 0x40: "Í", 0x5B: "Ã", 0x5C: "Õ", 0x5D: "Ú", 0x5E: "Ü",
        0x60: "~", 0x7B: "ã", 0x7C: "õ", 0x7D: "`", 0x7E: "ü",
    },
}  # fmt: skip
_SINGLE_CHANGES: Mapping[int, Mapping[int, str]] = {
    TURKISH: {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    SPANISH: {
        0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
    },
    PORTUGUESE: {
        0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "Φ", 0x13: "Γ", 0x15: "Ω",
        0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú",
        0x5B: "Ã", 0x5C: "Õ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
    },
}  # fmt: skip

_CODES: Mapping[str, bytes] = {
    **{character: bytes([code]) for code, character in enumerate(ALPHABET) if code != ESCAPE},
    **{character: bytes([ESCAPE, code]) for code, character in EXTENSION.items()},
}


class NotInAlphabet(ValueError):
    """The text holds a character that GSM-7 does not have."""


def septets(character: str) -> int:
    """How many septets one character takes: 1, or 2 by the extension table; 0 when GSM-7 does not have it."""
    return len(_CODES.get(character, b""))


def fits(text: str) -> bool:
    """Whether every character of *text* is in the default alphabet or its extension."""
    return all(character in _CODES for character in text)


def encode(text: str) -> bytes:
    """The septets of *text*, one per byte. Raises NotInAlphabet."""
    try:
        return b"".join(_CODES[character] for character in text)
    except KeyError as missing:
        raise NotInAlphabet(f"{missing.args[0]!r} is not in the GSM 7-bit default alphabet") from None


def decode(codes: bytes, locking: int = 0, single: int = 0) -> str:
    """The text of *codes*, one septet per byte, by the national tables *locking* and *single* (0: default).

    Never fails: an escape before an unknown code shows the main table's character, a double or last escape a
    space (TS 23.038 6.2.1.1).
    """
    main = _LOCKING_CHANGES.get(locking, {})
    shifted = {**EXTENSION, **_SINGLE_CHANGES.get(single, {})}
    text = []
    escaped = False
    for code in codes:
        if code == ESCAPE:
            if escaped:
                text.append(" ")
            escaped = not escaped
            continue
        plain = main.get(code, ALPHABET[code])
        text.append(shifted.get(code, plain) if escaped else plain)
        escaped = False
    return "".join(text) + (" " if escaped else "")


def pack(codes: bytes, fill: int = 0) -> bytes:
    """*codes*, seven bits each, least significant first, after *fill* zero bits (TS 23.038 6.1.2.1)."""
    value = 0
    for position, code in enumerate(codes):
        value |= code << (7 * position)
    return (value << fill).to_bytes((len(codes) * 7 + fill + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """The *count* septets that begin *fill* bits into *octets*. Bits beyond the end read as zero."""
    value = int.from_bytes(octets, "little") >> fill
    return bytes((value >> (7 * position)) & 0x7F for position in range(count))
