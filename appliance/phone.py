"""Telephone numbers: what people type and what networks give, to E.164 and back. Pure.

The numbering plan is phonenumbers' (Google's libphonenumber); what may be texted is the BIN's rule: never an
emergency number, a short code, a dear one or a landline.
"""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import (
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from appliance.plain import Unfit, say

HOME = "BE"

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_PREMIUM = (
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
)

# phonenumbers reads letters as the keys of a telephone and digits of every script; people who type those err.
_WRITTEN = re.compile(r"\+?[0-9 ()./\-]+")
_BLANKS = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\t": " ",
                         "\N{EN DASH}": "-", "\N{NON-BREAKING HYPHEN}": "-"})  # fmt: skip
_BELGIAN_PREFIX = re.compile(r"^(\+32|0032|32(?=\d{3,4}$|116\d{3}$))")
_EMERGENCY = ("100", "101", "112")
_SHORT = re.compile(r"[1-9]\d{2,3}|116\d{3}")  # 1722, 8850; 116 000: missing children
_DEAR = re.compile(r"0?(70\d{6}|90\d{6})")
_BELGIAN_MOBILE = re.compile(r"\+32(4[5-9][0-9])[0-9]{4}([0-9]{2})")
_BELGIUM, _LANDLINE_DIGITS, _MOBILE_START = 32, 8, re.compile(r"4[5-9]")


class Refusal(StrEnum):
    """Why a number is not taken."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    LANDLINE = "landline"
    EMERGENCY = "emergency"
    SHORT_NUMBER = "short_number"
    PREMIUM = "premium"
    NOT_MOBILE = "not_mobile"


_SENTENCES = {
    Refusal.EMPTY: say("Er is geen nummer ingevuld. Vul het gsm-nummer in, bijvoorbeeld 0470 12 34 56."),
    Refusal.NOT_A_NUMBER: say("%(raw)s is geen telefoonnummer. Schrijf het zoals 0470 12 34 56 of +32 470 12 34 56."),
    Refusal.TOO_SHORT: say(
        "%(raw)s is te kort. Kijk na of er geen cijfer ontbreekt: een Belgisch gsm-nummer heeft er tien."
    ),
    Refusal.LANDLINE: say("%(raw)s is een vast nummer en kan geen sms krijgen. Vraag een gsm-nummer."),
    Refusal.EMERGENCY: say("%(raw)s is een noodnummer en krijgt nooit een sms. Vul een gsm-nummer in."),
    Refusal.SHORT_NUMBER: say("%(raw)s is een kort nummer van een dienst. Vul een gsm-nummer in."),
    Refusal.PREMIUM: say("%(raw)s is een betaalnummer en krijgt nooit een sms. Vul een gsm-nummer in."),
    Refusal.NOT_MOBILE: say("%(raw)s is geen gsm-nummer. Vul een nummer in dat sms kan krijgen."),
}


class BadNumber(Unfit):
    """The number is not taken; it is shown as it was written."""

    def __init__(self, reason: Refusal, raw: str) -> None:
        super().__init__(_SENTENCES[reason], raw=raw.strip()[:30])
        self.reason = reason
        self.raw = raw


def canonical(raw: str, region: str = HOME) -> str:
    """*raw* in E.164, whatever kind of number it is. Raises BadNumber, for emergency and short numbers too."""
    return _e164(_understand(raw, region))


def mobile(raw: str) -> str:
    """The E.164 form of a number that can be texted: a Belgian mobile in any usual form, a foreign one with its code.

    Raises BadNumber.
    """
    number = _understand(raw, HOME)
    kind = phonenumbers.number_type(number)
    if kind in _MOBILE:
        return _e164(number)
    if kind == PhoneNumberType.FIXED_LINE:
        raise BadNumber(Refusal.LANDLINE, raw)
    raise BadNumber(Refusal.PREMIUM if kind in _PREMIUM else Refusal.NOT_MOBILE, raw)


def network(number: str) -> str:
    """The normal form of a number as the network gave it: E.164 for ordinary numbers, all else as it stands.

    Not for alphanumeric senders: a name may be made of anybody's digits.
    """
    digits = number.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return number
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    # Without "+" or 0 only a mobile number is believed: eight digits may as well be a service's.
    written_whole = number.startswith(("+", "0"))
    return _e164(parsed) if written_whole or phonenumbers.number_type(parsed) in _MOBILE else number


def same(a: str, b: str) -> bool:
    """Whether *a* and *b* are one subscriber, by the whole E.164 number; names and short codes never are."""
    return network(a).startswith("+") and network(a) == network(b)


def answerable(number: str) -> bool:
    """Whether a text may be sent to *number*, as the network gave it: a mobile, not a name, nor a short code."""
    parsed = _parsed(network(number))
    return parsed is not None and phonenumbers.number_type(parsed) in _MOBILE


def as_dialled(number: str) -> str:
    """*number*, in E.164, as people in Belgium write and dial it: "0470 12 34 56", "+31 6 12345678"."""
    parsed = _parsed(number)
    if parsed is None:
        return number
    at_home = parsed.country_code == phonenumbers.country_code_for_region(HOME)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def masked(number: str) -> str:
    """*number* for logs and lists: "+32 470 •• •• 56". Short codes and names stay as they are."""
    usual = _BELGIAN_MOBILE.fullmatch(number)
    if usual:  # nearly every member: a list of a thousand does not ask the numbering plan a thousand times
        return "+32 {} •• •• {}".format(*usual.groups())
    parsed = _parsed(network(number))
    if parsed is not None:
        national = str(parsed.national_number)
        return f"+{parsed.country_code} {national[:3]} •• •• {national[-2:]}"
    hides_a_number = sum(character.isdigit() for character in number) > len("116000")
    return f"•• •• {number[-2:]}" if hides_a_number else number


def _understand(raw: str, region: str) -> PhoneNumber:
    written = raw.translate(_BLANKS).strip()
    if not written:
        raise BadNumber(Refusal.EMPTY, raw)
    if not _WRITTEN.fullmatch(written):
        raise BadNumber(Refusal.NOT_A_NUMBER, raw)
    service = _service(re.sub(r"[^+0-9]", "", written))
    if service:
        raise BadNumber(service, raw)
    try:
        parsed = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        short = error.error_type in (error.TOO_SHORT_NSN, error.TOO_SHORT_AFTER_IDD)
        raise BadNumber(Refusal.TOO_SHORT if short else Refusal.NOT_A_NUMBER, raw) from error
    if phonenumbers.is_valid_number(parsed):
        return parsed
    raise BadNumber(_why_invalid(parsed), raw)


def _service(digits: str) -> Refusal | None:
    """What to refuse whatever the numbering plan says: emergency, short and dear numbers."""
    local = _BELGIAN_PREFIX.sub("", digits)
    if local.removeprefix("0") in _EMERGENCY:
        return Refusal.EMERGENCY
    if _SHORT.fullmatch(local):
        return Refusal.SHORT_NUMBER
    return Refusal.PREMIUM if _DEAR.fullmatch(local) else None


def _why_invalid(number: PhoneNumber) -> Refusal:
    """The likeliest slip: in Belgium eight digits after the 0 are a landline, or a mobile that lost one."""
    national = str(number.national_number)
    if number.country_code == _BELGIUM and len(national) == _LANDLINE_DIGITS:
        return Refusal.TOO_SHORT if _MOBILE_START.match(national) else Refusal.LANDLINE
    possible = phonenumbers.is_possible_number_with_reason(number)
    short = possible in (
        ValidationResult.TOO_SHORT,
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    )
    return Refusal.TOO_SHORT if short else Refusal.NOT_A_NUMBER


def _parsed(number: str) -> PhoneNumber | None:
    """The parsed form of an E.164 number; None for short codes, names and what no plan knows."""
    if not number.startswith("+"):
        return None
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
