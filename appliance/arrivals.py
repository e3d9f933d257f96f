"""What can come in from, and go out to, the network: plain values, shared by modem, queue and intake."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Encoding(StrEnum):
    """How a segment's text is coded on the air (3GPP TS 23.038)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True)
class Concatenation:
    """Which part of a longer text this is (3GPP TS 23.040 9.2.3.24.1 and .8)."""

    reference: int
    total: int
    sequence: int  # counts from 1
    bits: int = 8  # width of the reference: 8 or 16


@dataclass(frozen=True)
class Outgoing:
    """One segment, ready to be submitted. The same value always gives the same octets."""

    number: str  # E.164, with "+"
    text: str  # this segment's text only
    encoding: Encoding
    concatenation: Concatenation | None
    validity_minutes: int  # TP-VP: how long the network keeps trying
    report: bool = True  # TP-SRR: ask for a delivery report


@dataclass(frozen=True)
class Text:
    """A text that came in, or one part of it. Anybody may have written it, under any name."""

    number: str  # as the network gave it: "+32...", "1914", "Proximus"; may be ""
    text: str
    sent_at: datetime | None  # the service centre's time stamp; None when it made no sense
    concatenation: Concatenation | None
    raw: str  # the PDU in hexadecimal digits, as the modem printed it
    slot: str | None  # where the modem keeps it ("SM:3"); None when it was handed over directly
    alphanumeric: bool = False  # the sender is a name, not a number
    binary: bool = False  # no words of a person: data, for an application, or silent (type 0); shown, never obeyed


@dataclass(frozen=True)
class Report:
    """The network's word about a segment that was submitted (SMS-STATUS-REPORT, TS 23.040 9.2.2.3)."""

    number: str
    reference: int  # TP-MR: 0 to 255, wraps
    status: int  # TP-ST, TS 23.040 9.2.3.15
    sent_at: datetime | None
    discharged_at: datetime | None
    raw: str
    slot: str | None


@dataclass(frozen=True)
class Ring:
    """Somebody rang the box. The call was rejected; `number` is "" when the caller hid it."""

    number: str
    at: datetime


@dataclass(frozen=True)
class Oddity:
    """Something in the modem's store that could not be read. It is kept for a human and discarded."""

    raw: str
    why: str
    slot: str | None


Arrival = Text | Report | Ring | Oddity


class ReportMeaning(StrEnum):
    """What TP-ST says about the segment (TS 23.040 9.2.3.15)."""

    DELIVERED = "delivered"
    TRYING = "trying"  # the service centre has it and goes on; proves that it was submitted
    FAILED = "failed"


def meaning(status: int) -> ReportMeaning:
    """Which of the three a TP-ST octet stands for. 0x01 ("forwarded") is no proof of delivery."""
    if status in (0x00, 0x02):
        return ReportMeaning.DELIVERED
    if status == 0x01 or 0x20 <= status <= 0x3F:
        return ReportMeaning.TRYING
    return ReportMeaning.FAILED if status >= 0x40 else ReportMeaning.DELIVERED
