"""Short messages as a modem takes and prints them: hexadecimal PDUs (3GPP TS 23.040 9.2.2, TS 27.005 3.1). Pure.

`encode_submit` and `decode` are what a driver needs; the rest serves the emulator, the tests and `appliance explain`.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from appliance import gsm7
from appliance.arrivals import Concatenation, Encoding, Outgoing, Report, Text, meaning
from appliance.modem.pdu_fields import (
    Address,
    Malformed,
    Reader,
    from_hex,
    read_address,
    read_service_centre,
    read_time,
    validity_minutes,
    validity_octet,
    write_address,
    write_service_centre,
    write_time,
)
from appliance.modem.pdu_userdata import (
    Coding,
    UserData,
    message_class,
    read_user_data,
    write_user_data,
)

__all__ = [
    "Malformed",
    "Submission",
    "SubmitFields",
    "decode",
    "decode_submit",
    "describe",
    "encode_deliver",
    "encode_report",
    "encode_submit",
]

SERVICE_CENTRE = "+32475161616"  # the emulated network's

# First octet, 9.2.2.1 to 9.2.2.3. The type's meaning depends on the direction; a PDU in hand is one of these three.
DELIVER, SUBMIT, STATUS_REPORT = 0b00, 0b01, 0b10
_TYPE = 0b11
_NO_MORE_MESSAGES = 0x04  # TP-MMS is inverted: 1 says that no more are waiting (9.2.3.2)
_REPORT_REQUESTED = 0x20  # TP-SRR
_HAS_HEADER = 0x40  # TP-UDHI
_VALIDITY_FORMAT = 0x18  # TP-VPF
_NO_VALIDITY, _ENHANCED, _RELATIVE, _ABSOLUTE = 0x00, 0x08, 0x10, 0x18
_VALIDITY_OCTETS = {_NO_VALIDITY: 0, _ENHANCED: 7, _RELATIVE: 1, _ABSOLUTE: 7}
SILENT = 0x40  # TP-PID of a type 0 message: acknowledged and thrown away by a phone (9.2.3.9)
PORTS = {0x04, 0x05}  # information elements that address an application: WAP push, MMS notices (9.2.3.24.3 and .4)
_UCS2, _GSM7 = 0x08, 0x00  # TP-DCS without a class: the phone keeps it like any text

_TYPES = {DELIVER: "deliver", SUBMIT: "submit", STATUS_REPORT: "status-report"}


@dataclass(frozen=True)
class Submission:
    """A PDU in hexadecimal and the number that goes with it: octets without the SMSC field, as in AT+CMGS."""

    hex: str
    length: int


@dataclass(frozen=True)
class SubmitFields:
    """What an SMS-SUBMIT asks for."""

    number: str
    text: str  # "" for binary data
    encoding: Encoding | None  # None: binary data
    concatenation: Concatenation | None
    validity_minutes: int | None  # None: none given, or not as a relative period
    report: bool


def encode_submit(outgoing: Outgoing, *, validity: bool = True) -> Submission:
    """The SMS-SUBMIT (9.2.2.2) for *outgoing*: always the same octets for the same value.

    Without *validity* the service centre uses its own: some refuse any (C6, C7).

    The SMSC field is empty (the SIM's own is used) and TP-MR is 0 (the modem counts). TP-RD stays 0: a network that
    rejected duplicates would refuse the second try of a segment in doubt on an equal reference, which the modem, not
    we, has chosen. Raises ValueError when the text does not fit in one segment or the number is not one.
    """
    if not outgoing.number.removeprefix("+").isdigit():
        raise ValueError("a text goes to a number, not to a name")
    if outgoing.validity_minutes < 1:
        raise ValueError("a validity period is at least one minute")
    first = SUBMIT | (_RELATIVE if validity else _NO_VALIDITY)
    first |= _REPORT_REQUESTED if outgoing.report else 0
    first |= _HAS_HEADER if outgoing.concatenation else 0
    tpdu = (
        bytes([first, 0])
        + write_address(outgoing.number)
        + bytes([0, _UCS2 if outgoing.encoding is Encoding.UCS2 else _GSM7])
        + (bytes([validity_octet(outgoing.validity_minutes)]) if validity else b"")
        + write_user_data(outgoing.text, outgoing.encoding, outgoing.concatenation)
    )
    return _submission(tpdu, "")


def encode_deliver(
    number: str,
    text: str,
    sent_at: datetime,
    *,
    concatenation: Concatenation | None = None,
    service_centre: str = SERVICE_CENTRE,
) -> Submission:
    """The SMS-DELIVER (9.2.2.1) of *text* from *number* (E.164, short code, name or ""), as a modem would print it.

    In GSM-7 where that has every character, else in UCS-2. Raises ValueError when it does not fit.
    """
    encoding = Encoding.GSM7 if gsm7.fits(text) else Encoding.UCS2
    tpdu = (
        bytes([DELIVER | _NO_MORE_MESSAGES | (_HAS_HEADER if concatenation else 0)])
        + write_address(number)
        + bytes([0, _UCS2 if encoding is Encoding.UCS2 else _GSM7])
        + write_time(sent_at)
        + write_user_data(text, encoding, concatenation)
    )
    return _submission(tpdu, service_centre)


def encode_report(
    number: str,
    reference: int,
    status: int,
    sent_at: datetime,
    discharged_at: datetime,
    *,
    service_centre: str = SERVICE_CENTRE,
) -> Submission:
    """The SMS-STATUS-REPORT (9.2.2.3) about the segment *reference* to *number*, as a modem would print it."""
    tpdu = (
        bytes([STATUS_REPORT | _NO_MORE_MESSAGES, reference])
        + write_address(number)
        + write_time(sent_at)
        + write_time(discharged_at)
        + bytes([status])
    )
    return _submission(tpdu, service_centre)


def _submission(tpdu: bytes, service_centre: str) -> Submission:
    return Submission((write_service_centre(service_centre) + tpdu).hex().upper(), len(tpdu))


def decode(hex: str, slot: str | None = None) -> Text | Report:
    """What came in, from the line a modem printed. Raises Malformed, and nothing else, for whatever is not that.

    The text is always fit to be stored. Binary data (pictures, settings, MMS notices) is a Text that says nothing:
    `text` is "" and `raw` keeps the octets. A reserved message type, which 9.2.3.1 would have shown as a text, is
    Malformed: kept as an oddity it is seen by a human and obeyed by nobody.
    """
    pdu = _parse(hex)
    if pdu.type == STATUS_REPORT:
        assert pdu.reference is not None and pdu.status is not None
        return Report(
            pdu.address.number,
            pdu.reference,
            pdu.status,
            pdu.time,
            pdu.discharge,
            hex,
            slot,
        )
    if pdu.type != DELIVER:
        raise Malformed("an SMS-SUBMIT: a text to be sent, not one that came in")
    data = pdu.data
    assert data is not None
    return Text(
        pdu.address.number,
        data.text,
        pdu.time,
        data.concatenation,
        hex,
        slot,
        pdu.address.alphanumeric,
        binary=data.coding is Coding.DATA or bool(PORTS & data.elements.keys()) or pdu.protocol == SILENT,
    )


def decode_submit(hex: str) -> SubmitFields:
    """What an SMS-SUBMIT in *hex* (with its SMSC field) asks for. Raises Malformed."""
    pdu = _parse(hex)
    data = pdu.data
    if pdu.type != SUBMIT or data is None:
        raise Malformed("not an SMS-SUBMIT")
    encoding = None if data.coding is Coding.DATA else Encoding(data.coding.value)
    minutes = validity_minutes(pdu.validity[0]) if pdu.first & _VALIDITY_FORMAT == _RELATIVE else None
    report = bool(pdu.first & _REPORT_REQUESTED)
    return SubmitFields(pdu.address.number, data.text, encoding, data.concatenation, minutes, report)


@dataclass(frozen=True)
class _Pdu:
    """Any of the three, whole."""

    service_centre: str | None
    length: int  # octets without the SMSC field
    first: int
    address: Address
    reference: int | None = None
    protocol: int | None = None
    dcs: int | None = None
    time: datetime | None = None
    discharge: datetime | None = None
    status: int | None = None
    validity: bytes = b""
    data: UserData | None = None

    @property
    def type(self) -> int:
        """DELIVER, SUBMIT or STATUS_REPORT."""
        return self.first & _TYPE


def _parse(hex: str) -> _Pdu:
    reader = Reader(from_hex(hex))
    service_centre = read_service_centre(reader)
    length = reader.left
    first = reader.octet("first octet")
    kind = first & _TYPE
    if kind not in _TYPES:
        raise Malformed("message type 3 is reserved")
    reference = None if kind == DELIVER else reader.octet("message reference")
    address = read_address(reader)
    if kind == STATUS_REPORT:  # TP-PI and what may follow it say nothing that we use
        time, discharge = (read_time(reader.take(7, "time stamp")) for _ in range(2))
        status = reader.octet("status")
        return _Pdu(
            service_centre,
            length,
            first,
            address,
            reference,
            time=time,
            discharge=discharge,
            status=status,
        )
    protocol, dcs = reader.take(2, "protocol and coding")
    time = read_time(reader.take(7, "time stamp")) if kind == DELIVER else None
    validity = reader.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT], "validity period") if kind == SUBMIT else b""
    data = read_user_data(reader, dcs, bool(first & _HAS_HEADER))
    return _Pdu(
        service_centre,
        length,
        first,
        address,
        reference,
        protocol,
        dcs,
        time,
        validity=validity,
        data=data,
    )


def describe(hex: str) -> dict[str, object]:
    """Everything *hex* says, ready for JSON; a key is absent where that type of PDU has no such field.

    Times are ISO 8601 with the offset they came with, null when they make no sense. A PDU written down without its
    SMSC field, as other programs log it, is read too (`smsc_in_hex` says so). Raises Malformed.
    """
    pdu, smsc_in_hex = _parse_either(hex)
    facts: dict[str, object] = {
        "type": _TYPES[pdu.type],
        "smsc": pdu.service_centre,
        "smsc_in_hex": smsc_in_hex,
        "tpdu_length": pdu.length,
        "number": pdu.address.number,
        "alphanumeric": pdu.address.alphanumeric,
        "toa": pdu.address.kind,
    }
    if pdu.reference is not None:
        facts["reference"] = pdu.reference
    if pdu.type != SUBMIT:
        facts["time"] = _iso(pdu.time)
    if pdu.status is not None:
        facts |= {
            "discharge": _iso(pdu.discharge),
            "status": pdu.status,
            "meaning": str(meaning(pdu.status)),
        }
    if pdu.type == SUBMIT:
        facts |= {
            "report_requested": bool(pdu.first & _REPORT_REQUESTED),
            "validity": _validity(pdu),
        }
    if pdu.data is not None and pdu.dcs is not None:
        facts |= {"pid": pdu.protocol, "dcs": pdu.dcs} | _describe_data(pdu.data, pdu.dcs)
    return facts


def _parse_either(hex: str) -> tuple[_Pdu, bool]:
    try:
        return _parse(hex), True
    except Malformed:
        with suppress(Malformed):
            return _parse("00" + hex.strip()), False
        raise


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _validity(pdu: _Pdu) -> dict[str, object] | None:
    form = pdu.first & _VALIDITY_FORMAT
    if form == _NO_VALIDITY:
        return None
    if form == _RELATIVE:
        return {
            "format": "relative",
            "octet": pdu.validity[0],
            "minutes": validity_minutes(pdu.validity[0]),
        }
    if form == _ABSOLUTE:
        return {"format": "absolute", "until": _iso(read_time(pdu.validity))}
    return {"format": "enhanced", "octets": pdu.validity.hex().upper()}


def _describe_data(data: UserData, dcs: int) -> dict[str, object]:
    concatenation = data.concatenation
    return {
        "class": message_class(dcs),
        "encoding": data.coding.value,
        "text": data.text,
        "data": data.octets.hex().upper() if data.coding is Coding.DATA else None,
        "concatenation": asdict(concatenation) if concatenation else None,
        "elements": {f"{identifier:02X}": value.hex().upper() for identifier, value in data.elements.items()},
    }
