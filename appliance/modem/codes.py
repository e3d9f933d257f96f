"""What the network's and the modem's codes mean, and which way to react to each. Data; pure.

Meanings: 3GPP TS 24.011 annex E (1 to 127), TS 23.040 9.2.3.22 (128 to 255), TS 27.005 3.2.5 (300 to 500) and
TS 27.007 9.2 (+CME). Above 511 makers differ: those are what is seen in the field.

Once the text was handed over, two kinds of answer leave open whether the network took it, and are doubt: what the modem
says when it does not know (300, 332, 350, 500 and the like), and the network's own causes that are also given when it
is a switch or the service centre that did not answer in time (17, 38, 127). Every other cause of the network (1 to 255)
says that somebody looked at the text and did not take it, and is believed.
"""

import re
from dataclasses import dataclass

from appliance.modem import Refused
from appliance.queue.retry import USUAL, Pace, Reaction

PERMANENT, TRANSIENT, REPAIR = Reaction.PERMANENT, Reaction.TRANSIENT, Reaction.REPAIR
STOP, SENT, DOUBT = Reaction.STOP, Reaction.SENT, Reaction.DOUBT


@dataclass(frozen=True)
class Meaning:
    """One row of the table: what the code says, what to do about it, and at which pace."""

    words: str
    reaction: Reaction
    pace: Pace = USUAL
    several: bool = False  # from one recipient it is his; from several in a row it is this SIM's: STOP


@dataclass(frozen=True)
class Family:
    """A range of codes, both ends included, that are treated alike; an exact row goes before it."""

    first: int
    last: int
    meaning: Meaning


ONCE_MORE = Pace((15,), most=2)
ONCE_MORE_IN_A_MINUTE = Pace((60,), most=2)
ONCE_MORE_THEN_STOP = Pace((60,), most=2, then=STOP)
QUICK = Pace((5, 10, 10, 30, 60, 120, 300, 600))
SLOW = Pace((120, 120, 300, 600))
FAR_APART = Pace((300, 600, 900))
FEW = Pace((30, 120, 300, 600))
IN_TEN_SECONDS = Pace((10, 10, 30, 60, 120, 300, 600))
IN_HALF_A_MINUTE = Pace((30, 30, 60, 120, 300, 600))

CMS: dict[int, Meaning] = {
    1: Meaning("number not allotted", PERMANENT),
    8: Meaning("operator determined barring: account, unpaid, or no right to text", STOP),
    10: Meaning("outgoing texts barred for this destination", PERMANENT, several=True),
    11: Meaning("reserved", PERMANENT),
    17: Meaning("network failure: the connection to the switch broke", DOUBT),
    21: Meaning(
        "transfer rejected: in practice no credit, a spam filter or a bad format",
        TRANSIENT,
        ONCE_MORE_IN_A_MINUTE,
        several=True,
    ),
    22: Meaning("congestion or memory exceeded", TRANSIENT),
    27: Meaning("destination out of order", TRANSIENT, FAR_APART),
    28: Meaning("unidentified subscriber: the network does not know this SIM", STOP),
    29: Meaning("facility rejected", PERMANENT, several=True),
    30: Meaning("unknown subscriber", PERMANENT),
    # What a switch says of a service centre that did not answer, too.
    38: Meaning("network out of order", DOUBT, SLOW),
    41: Meaning("temporary failure", TRANSIENT, QUICK),
    42: Meaning("congestion", TRANSIENT),
    47: Meaning("resources unavailable", TRANSIENT),
    50: Meaning("facility not subscribed", STOP),
    69: Meaning("facility not implemented, perhaps not on this radio", TRANSIENT, ONCE_MORE_THEN_STOP),
    81: Meaning("invalid reference value", TRANSIENT, ONCE_MORE),
    95: Meaning("semantically incorrect message", PERMANENT),
    96: Meaning("mandatory information missing or wrong", PERMANENT),
    97: Meaning("message type unknown", PERMANENT),
    98: Meaning("message does not fit the state", PERMANENT),
    99: Meaning("information element unknown", PERMANENT),
    111: Meaning("protocol error", PERMANENT),
    127: Meaning("interworking: another network was asked, and its cause is not known", DOUBT, FEW),
    192: Meaning("service centre busy", TRANSIENT),
    193: Meaning("no subscription at the service centre", STOP),
    194: Meaning("service centre failure", TRANSIENT),
    195: Meaning("invalid address", PERMANENT),
    196: Meaning("destination barred", PERMANENT),
    # The service centre already has the very same text: our earlier try got through.
    197: Meaning("rejected as a duplicate", SENT),
    198: Meaning("validity period not supported", REPAIR),
    199: Meaning("validity period format not supported", REPAIR),
    208: Meaning("SIM storage full", REPAIR),
    209: Meaning("no storage on the SIM", TRANSIENT),
    210: Meaning("error in the modem", TRANSIENT),
    211: Meaning("memory exceeded", REPAIR),
    212: Meaning("SIM toolkit busy", TRANSIENT),
    213: Meaning("data download error", TRANSIENT),
    255: Meaning("unspecified", TRANSIENT, FEW),
    300: Meaning("modem failure", DOUBT),
    301: Meaning("text service reserved", TRANSIENT),
    302: Meaning("operation not allowed: too early, or another port is busy", TRANSIENT, QUICK),
    303: Meaning("operation not supported", PERMANENT),
    304: Meaning("invalid PDU parameter, or the modem is not in PDU mode", REPAIR, ONCE_MORE),
    305: Meaning("invalid text parameter, or the modem is not in PDU mode", REPAIR, ONCE_MORE),
    310: Meaning("no SIM", STOP),
    311: Meaning("SIM PIN needed", STOP),
    312: Meaning("phone-to-SIM PIN needed", STOP),
    313: Meaning("SIM failure", TRANSIENT, IN_TEN_SECONDS),
    314: Meaning("SIM busy", TRANSIENT, QUICK),
    315: Meaning("wrong SIM", TRANSIENT, IN_TEN_SECONDS),
    316: Meaning("SIM PUK needed", STOP),
    317: Meaning("SIM PIN2 needed", STOP),
    318: Meaning("SIM PUK2 needed", STOP),
    320: Meaning("memory failure", TRANSIENT),
    # Says that a slot is empty; at a submit it can only be a modem that is out of step.
    321: Meaning("invalid memory index", TRANSIENT),
    322: Meaning("memory full", REPAIR),
    330: Meaning("service centre address unknown", REPAIR),
    331: Meaning("no network service", TRANSIENT),
    332: Meaning("network time-out", DOUBT),
    340: Meaning("no acknowledgement expected", TRANSIENT),
    350: Meaning("given up after two minutes (Quectel, not in the standard)", DOUBT),
    500: Meaning("unknown error: mostly weak signal", DOUBT),
    512: Meaning("maker's own: collision with an incoming text, or aborted", TRANSIENT, QUICK),
    513: Meaning("maker's own: lower layer failure, or unable to store", DOUBT),
    514: Meaning("maker's own: invalid state", TRANSIENT, IN_TEN_SECONDS),
    515: Meaning("maker's own: please wait", TRANSIENT, IN_TEN_SECONDS),
    517: Meaning("maker's own: the SIM starts anew", TRANSIENT, IN_HALF_A_MINUTE),
    528: Meaning("maker's own: temporary", DOUBT),
    529: Meaning("maker's own: temporary", DOUBT),
    532: Meaning("SIM not ready", TRANSIENT),
    535: Meaning("busy, or not enough resources", TRANSIENT),
    538: Meaning("invalid parameter", PERMANENT),
}

FAMILIES = (
    Family(128, 159, Meaning("protocol, coding or class of this text not supported", PERMANENT)),
    Family(160, 191, Meaning("command or message type not supported", PERMANENT)),
    Family(224, 254, Meaning("the application's own reason", TRANSIENT, ONCE_MORE)),
)

# +CME numbers and the +CMS numbers that say the same.
SAME_AS_CMS = {3: 302, 4: 303, 10: 310, 11: 311, 12: 316, 13: 313, 14: 314, 15: 315, 17: 317, 18: 318}
CME: dict[int, Meaning] = {
    **{cme: CMS[cms] for cme, cms in SAME_AS_CMS.items()},
    # Never repeated by a program: three wrong ones lock the card.
    16: Meaning("wrong password", STOP),
    20: Meaning("memory full", REPAIR),
    30: Meaning("no network service", TRANSIENT),
    31: Meaning("network time-out", DOUBT),
    32: Meaning("emergency calls only", TRANSIENT),
    100: Meaning("unknown error", DOUBT),
    515: Meaning("please wait", TRANSIENT, IN_TEN_SECONDS),
}

UNLISTED = Meaning("a code that no table has", DOUBT)
NO_REASON = Meaning("refused without a reason", DOUBT)
NOT_SUPPORTED = Meaning("the modem does not know this command", TRANSIENT)
BARE_WORDS = {
    "ERROR": NO_REASON,
    "COMMAND NOT SUPPORT": NOT_SUPPORTED,
    "TOO MANY PARAMETERS": NOT_SUPPORTED,
    "ABORTED": NO_REASON,
}

# With AT+CMEE=2 the same codes come as the words of TS 27.005 3.2.5 and TS 27.007 9.2.1.
IN_WORDS: dict[str, int] = {
    "me failure": 300,
    "phone failure": 300,
    "sms service of me reserved": 301,
    "sms me reserved": 301,
    "operation not allowed": 302,
    "operation not supported": 303,
    "invalid pdu mode parameter": 304,
    "invalid text mode parameter": 305,
    "sim not inserted": 310,
    "sim pin required": 311,
    "sim pin necessary": 311,
    "ph-sim pin required": 312,
    "ph-sim pin necessary": 312,
    "sim failure": 313,
    "sim busy": 314,
    "sim wrong": 315,
    "sim puk required": 316,
    "sim puk necessary": 316,
    "sim pin2 required": 317,
    "sim puk2 required": 318,
    "memory failure": 320,
    "invalid memory index": 321,
    "invalid index": 321,
    "memory full": 322,
    "smsc address unknown": 330,
    "sca address unknown": 330,
    "no network service": 331,
    "no network": 331,
    "network timeout": 332,
    "network time-out": 332,
    "no +cnma acknowledgement expected": 340,
    "no cnma acknowledgement expected": 340,
    "unknown error": 500,
    "unknown": 500,
    "user abort": 512,
    "unable to store": 513,
    "invalid status": 514,
    "invalid character in address string": 538,
    "invalid parameter": 538,
}
CME_IN_WORDS: dict[str, int] = {
    "incorrect password": 16,
    "no network service": 30,
    "network timeout": 31,
    "network time-out": 31,
    "network not allowed - emergency calls only": 32,
    "emergency calls only": 32,
    "unknown": 100,
    "unknown error": 100,
    "please wait": 515,
}

NO_VALIDITY = (198, 199)  # the service centre takes the same text when it names no validity period

CODED = re.compile(r"\+(CM[ES]) ERROR\s*:?\s*(.*)", re.IGNORECASE)


def cms(code: int) -> Meaning:
    """What +CMS ERROR *code* means; a code that no table has leaves doubt."""
    for family in FAMILIES:
        if family.first <= code <= family.last:
            return CMS.get(code, family.meaning)
    return CMS.get(code, UNLISTED)


def cme(code: int) -> Meaning:
    """What +CME ERROR *code* means; some modems answer a text command with a +CMS number under this name."""
    return CME.get(code) or cms(code)


def refusal(line: str) -> Refused | None:
    """*line* as a refusal, in numbers or in words; None when it is no final error result.

    An empty +CMS ERROR counts as 500 (unknown error).
    """
    if line.upper() in BARE_WORDS:
        meaning = BARE_WORDS[line.upper()]
        return _refused(line.upper(), meaning)
    coded = CODED.fullmatch(line.strip())
    if coded is None:
        return None
    return _coded(coded[1].upper(), coded[2].strip())


def _coded(kind: str, detail: str) -> Refused:
    number = re.match(r"\d{1,4}(?!\d)", detail)
    if number is None:
        return _in_words(kind, detail)
    meaning = cms(int(number[0])) if kind == "CMS" else cme(int(number[0]))
    return _refused(f"{kind} {int(number[0])}", meaning)


def _in_words(kind: str, detail: str) -> Refused:
    """The code keeps the words as they came, cut short: they come from outside."""
    words = detail.lower().strip('." ')
    shown = f"{kind} {detail[:60]}".strip()
    meaning = CME[CME_IN_WORDS[words]] if kind == "CME" and words in CME_IN_WORDS else cms(IN_WORDS.get(words, 500))
    return _refused(shown, meaning)


def _refused(code: str, meaning: Meaning) -> Refused:
    return Refused(code, meaning.words, meaning.reaction, meaning.pace, several=meaning.several)


def number_of(refused: Refused) -> int | None:
    """The +CMS number that *refused* stands for: "CME SIM busy", "CME 14" and "CMS 314" are one fact."""
    kind, _, detail = refused.code.partition(" ")
    if detail.isdecimal():  # a superscript is a digit, and no number
        code = int(detail)
        return SAME_AS_CMS.get(code, code) if kind == "CME" else code
    if kind in ("CMS", "CME"):
        return IN_WORDS.get(detail.lower().strip('." '))
    return None
