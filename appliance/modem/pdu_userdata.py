"""A short message's user data: its coding, its header, its text (3GPP TS 23.040 9.2.3.16, .24; TS 23.038 4). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from appliance import gsm7
from appliance.arrivals import Concatenation, Encoding
from appliance.modem.pdu_fields import Malformed, Reader

MAX_OCTETS, MAX_SEPTETS = (
    140,
    160,
)  # 9.2.3.16 with 9.2.3.24: the room in one short message

# Information elements, 9.2.3.24
CONCATENATED_8, CONCATENATED_16 = 0x00, 0x08
SINGLE_SHIFT, LOCKING_SHIFT = 0x24, 0x25


class Coding(StrEnum):
    """How user data is coded: the two alphabets, and data that is no text."""

    GSM7 = "gsm7"
    DATA = "8bit"
    UCS2 = "ucs2"


@dataclass(frozen=True)
class UserData:
    """What a message carries. `octets` are those of the body: without header, septets still packed."""

    coding: Coding
    octets: bytes
    elements: Mapping[int, bytes]  # information elements by identifier; of several alike, the last counts
    text: str  # "" for data; may hold half a surrogate pair and NUL: `queue.inbox.storable`

    @property
    def concatenation(self) -> Concatenation | None:
        """Which part of a longer text this is. An element with impossible numbers is ignored (9.2.3.24.1)."""
        for identifier, value in reversed(list(self.elements.items())):
            if (identifier, len(value)) in ((CONCATENATED_8, 3), (CONCATENATED_16, 4)):
                *reference, total, sequence = value
                if 1 <= sequence <= total:
                    bits = 8 * len(reference)
                    return Concatenation(int.from_bytes(bytes(reference), "big"), total, sequence, bits)
        return None


def coding(dcs: int) -> Coding:
    """Which coding a TP-DCS octet announces (TS 23.038 4); reserved values mean GSM-7, compressed text is data."""
    group = dcs >> 4
    if group < 0x8:  # 00xx general, 01xx marked for automatic deletion
        if dcs & 0x20:
            return Coding.DATA
        return {0b01: Coding.DATA, 0b10: Coding.UCS2}.get(dcs >> 2 & 0b11, Coding.GSM7)
    if group == 0xE:  # message waiting, in UCS-2
        return Coding.UCS2
    return Coding.DATA if group == 0xF and dcs & 0x04 else Coding.GSM7


def message_class(dcs: int) -> int | None:
    """0 (flash) to 3, or None when the TP-DCS octet gives none (TS 23.038 4)."""
    general = dcs < 0x80 and dcs & 0x10
    return dcs & 0b11 if general or dcs >> 4 == 0xF else None


def read_user_data(reader: Reader, dcs: int, has_header: bool) -> UserData:
    """TP-UDL and TP-UD. Octets beyond TP-UDL are left alone: some modems print the whole SIM record.

    Raises Malformed when fewer are there than announced: half a text is not a text.
    """
    kind = coding(dcs)
    length = reader.octet("user data length")
    if length > (MAX_SEPTETS if kind is Coding.GSM7 else MAX_OCTETS):
        raise Malformed(f"user data of length {length}: more than a short message holds")
    octets = reader.take((length * 7 + 7) // 8 if kind is Coding.GSM7 else length, "user data")
    header = (octets[0] if octets else length) + 1 if has_header else 0
    if header > len(octets):
        raise Malformed("a user data header longer than the user data")
    elements = _elements(octets[1:header])
    if kind is not Coding.GSM7:
        body = octets[header:]
        return UserData(kind, body, elements, units_to_text(body) if kind is Coding.UCS2 else "")
    skipped = (header * 8 + 6) // 7  # the text begins on a septet boundary, 9.2.3.24
    codes = gsm7.unpack(octets, length)[skipped:]
    locking, single = (elements.get(shift, b"\0")[:1] or b"\0" for shift in (LOCKING_SHIFT, SINGLE_SHIFT))
    return UserData(kind, octets[header:], elements, gsm7.decode(codes, locking[0], single[0]))


def units_to_text(octets: bytes) -> str:
    """UTF-16 (what "UCS-2" is in practice) made text; an odd last octet is dropped.

    Half a surrogate pair stays as it is: the other half may begin the next part (`queue.inbox.whole`).
    """
    even = octets[: len(octets) & ~1]
    return even.decode("utf-16-be", "surrogatepass")


def write_user_data(text: str, encoding: Encoding, concatenation: Concatenation | None) -> bytes:
    """TP-UDL and TP-UD for one segment. Raises ValueError when it does not fit or is not in the alphabet."""
    header = _header(concatenation)
    if encoding is Encoding.UCS2:
        octets = header + text.encode("utf-16-be", "surrogatepass")
        length, room = len(octets), MAX_OCTETS
    else:
        codes = gsm7.encode(text)
        fill = -len(header) * 8 % 7
        octets = header + gsm7.pack(codes, fill)
        length, room = (len(header) * 8 + fill) // 7 + len(codes), MAX_SEPTETS
    if length > room:
        raise ValueError(f"the text does not fit in one segment: {length} of {room}")
    return bytes([length]) + octets


def _header(concatenation: Concatenation | None) -> bytes:
    if concatenation is None:
        return b""
    width = concatenation.bits // 8
    identifier = {1: CONCATENATED_8, 2: CONCATENATED_16}[width]
    value = concatenation.reference.to_bytes(width, "big") + bytes([concatenation.total, concatenation.sequence])
    return bytes([len(value) + 2, identifier, len(value)]) + value


def _elements(header: bytes) -> dict[int, bytes]:
    """The information elements by identifier; none at all when the last one does not fit (9.2.3.24)."""
    elements: dict[int, bytes] = {}
    at = 0
    while at < len(header):
        identifier, *length = header[at : at + 2]
        end = at + 2 + length[0] if length else len(header) + 1
        if end > len(header):
            return {}
        elements.pop(identifier, None)  # keeps the order of the last occurrences
        elements[identifier] = header[at + 2 : end]
        at = end
    return elements
