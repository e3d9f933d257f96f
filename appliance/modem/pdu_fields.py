"""The fields that short-message PDUs are made of, read and written (3GPP TS 23.040 9.1.2 and 9.2.3). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from appliance import gsm7

INTERNATIONAL, NATIONAL_OR_UNKNOWN, ALPHANUMERIC = (
    0x91,
    0x81,
    0xD0,
)  # type-of-address octets, 9.1.2.5
MAX_DIGITS = 20  # semi-octets in an address, 9.1.2.5
MAX_SERVICE_CENTRE = 11  # octets after the length, TS 24.011 8.2.5.1

_TYPE_OF_NUMBER = 0x70
_SEMI_OCTETS = "0123456789*#abc"  # 0xF is the filler; TS 24.008 table 10.5.118
_CENTURY = 2000  # the stamp has two digits; nobody texted before


class Malformed(ValueError):
    """These octets are not a short message. `str()` says in English what is wrong with them."""


class Reader:
    """Octets taken from the front, never past the end."""

    def __init__(self, octets: bytes) -> None:
        """Begin at the first of *octets*."""
        self._octets = octets
        self._at = 0

    def take(self, count: int, what: str) -> bytes:
        """The next *count* octets. Raises Malformed, naming *what* is missing."""
        taken = self._octets[self._at : self._at + count]
        if len(taken) < count:
            raise Malformed(f"the PDU ends inside its {what}")
        self._at += count
        return taken

    def octet(self, what: str) -> int:
        """The next octet."""
        return self.take(1, what)[0]

    @property
    def left(self) -> int:
        """How many octets have not been taken."""
        return len(self._octets) - self._at


def from_hex(digits: str) -> bytes:
    """The octets that *digits* spell. Raises Malformed."""
    digits = digits.strip()
    if not digits.isascii() or not digits.isalnum():
        raise Malformed("not hexadecimal digits")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        what = "an odd number of hexadecimal digits" if len(digits) % 2 else "not hexadecimal digits"
        raise Malformed(what) from None


# --- addresses: 9.1.2.5 ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """Who a message is from or for: a number (with "+" when international) or a name."""

    number: str
    kind: int  # the type-of-address octet

    @property
    def alphanumeric(self) -> bool:
        """Whether it is a name, which cannot be answered and may be anything, a number's digits too."""
        return self.kind & _TYPE_OF_NUMBER == ALPHANUMERIC & _TYPE_OF_NUMBER


def read_address(reader: Reader) -> Address:
    """TP-OA, TP-DA, TP-RA: a length in semi-octets, a type, the number. Raises Malformed."""
    length = reader.octet("address")
    if length > MAX_DIGITS:
        raise Malformed(f"an address of {length} digits: more than {MAX_DIGITS}")
    kind = reader.octet("address")
    value = reader.take((length + 1) // 2, "address")
    if Address("", kind).alphanumeric:
        return Address(gsm7.decode(gsm7.unpack(value, length * 4 // 7)), kind)
    return Address(_plus(kind) + _digits(value)[:length].rstrip("f"), kind)


def read_service_centre(reader: Reader) -> str | None:
    """The SMSC field before the TPDU: a length in octets, a type, the number; None when it is not given.

    TS 27.005 3.1 (`<pdu>`) and TS 24.011 8.2.5.1. Raises Malformed.
    """
    length = reader.octet("service centre")
    if length > MAX_SERVICE_CENTRE:
        raise Malformed(f"a service centre of {length} octets: more than {MAX_SERVICE_CENTRE}")
    if not length:
        return None
    kind = reader.octet("service centre")
    digits = _digits(reader.take(length - 1, "service centre")).rstrip("f")
    return _plus(kind) + digits if digits else ""


def write_address(number: str) -> bytes:
    """TP-OA, TP-DA or TP-RA for an E.164 number, bare digits or a name of at most 11 GSM-7 characters.

    Raises ValueError for anything else.
    """
    kind, digits = _kind(number)
    if kind == ALPHANUMERIC:
        codes = gsm7.encode(number)
        length = (len(codes) * 7 + 3) // 4
        value = gsm7.pack(codes)
    else:
        length, value = len(digits), _semi_octets(digits)
    if length > MAX_DIGITS:
        raise ValueError("an address holds at most 20 digits or a name of 11 characters")
    return bytes([length, kind]) + value


def write_service_centre(number: str) -> bytes:
    """The SMSC field for *number*; "" leaves the choice to the SIM (length 00)."""
    if not number:
        return b"\x00"
    kind, digits = _kind(number)
    value = _semi_octets(digits)
    return bytes([len(value) + 1, kind]) + value


def _kind(number: str) -> tuple[int, str]:
    digits = number.removeprefix("+")
    if not (digits.isascii() and (digits.isdigit() or not number)):
        return ALPHANUMERIC, ""
    return (INTERNATIONAL if number.startswith("+") else NATIONAL_OR_UNKNOWN), digits


def _plus(kind: int) -> str:
    return "+" if kind & _TYPE_OF_NUMBER == INTERNATIONAL & _TYPE_OF_NUMBER else ""


def _digits(octets: bytes) -> str:
    digits = _SEMI_OCTETS + "f"
    return "".join(digits[octet & 0x0F] + digits[octet >> 4] for octet in octets)


def _semi_octets(digits: str) -> bytes:
    padded = digits + "f" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2)))


# --- time: 9.2.3.11, 9.2.3.12 ----------------------------------------------------------------------------------------

_NEGATIVE = 0x08  # the sign of the zone, in the first semi-octet of quarters of an hour
_MAX_QUARTERS = 79


def read_time(octets: bytes) -> datetime | None:
    """A service centre's time stamp with its own zone; None when the seven octets make no sense as one.

    9.2.3.11 would have a digit beyond nine read as zero: that invents a time, so here it makes none. Only in the
    zone's quarters it counts for what it is, as most decoders have it and some networks seem to mean it.
    """
    tens = [octet & 0x0F for octet in octets[:6]]
    units = [octet >> 4 for octet in octets[:6]]
    quarters = (octets[6] & 0x07) * 10 + (octets[6] >> 4)
    if max(*tens, *units) > 9 or quarters > _MAX_QUARTERS:
        return None
    year, month, day, hour, minute, second = (ten * 10 + unit for ten, unit in zip(tens, units, strict=True))
    zone = timezone(timedelta(minutes=-15 * quarters if octets[6] & _NEGATIVE else 15 * quarters))
    try:
        return datetime(_CENTURY + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def write_time(at: datetime) -> bytes:
    """The seven octets of *at*, in its own zone, which counts in whole quarters of an hour. Raises ValueError."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a time stamp needs a time zone")
    quarters = int(abs(offset) / timedelta(minutes=15))
    if quarters > _MAX_QUARTERS:
        raise ValueError("no time zone on Earth is that far off")
    digits = at.strftime("%y%m%d%H%M%S") + f"{quarters:02d}"
    stamp = bytearray(_semi_octets(digits))
    if offset < timedelta(0):
        stamp[6] |= _NEGATIVE
    return bytes(stamp)


# --- validity period: 9.2.3.12.1 -------------------------------------------------------------------------------------

_HALF_DAY, _DAY, _WEEK = 12 * 60, 24 * 60, 7 * 24 * 60


def validity_minutes(octet: int) -> int:
    """What a relative TP-VP octet stands for: 5 minutes to 63 weeks."""
    if octet <= 143:  # the four ranges of the clause
        return (octet + 1) * 5
    if octet <= 167:
        return _HALF_DAY + (octet - 143) * 30
    if octet <= 196:
        return (octet - 166) * _DAY
    return (octet - 192) * _WEEK


def validity_octet(minutes: int) -> int:
    """The TP-VP octet for the shortest period that is at least *minutes*; the longest there is beyond that."""
    return next((octet for octet in range(256) if validity_minutes(octet) >= minutes), 255)
