"""Our values as the dictionaries that gammu takes and gives; pure."""

from typing import Any

from appliance.arrivals import Concatenation, Encoding, Outgoing, Report, Text

NARROW = 8  # bits of a concatenation reference


def as_dictionary(outgoing: Outgoing, text: str) -> dict[str, Any]:
    """*outgoing*, with *text* in place of its own, for `SendSMS` and `EncodePDU`."""
    part = outgoing.concatenation
    header = b""
    if part:
        element = [0, 3] if part.bits == NARROW else [8, 4]
        header = bytes([*element, *part.reference.to_bytes(part.bits // 8, "big"), part.total, part.sequence])
    return {
        "Number": outgoing.number,
        "Text": text,
        "SMSC": {"Location": 1, "Number": "", "Validity": f"{outgoing.validity_minutes}M"},
        "Type": "Status_Report" if outgoing.report else "Submit",
        "Coding": "Unicode_No_Compression" if outgoing.encoding is Encoding.UCS2 else "Default_No_Compression",
        **({"UDH": {"Type": "UserUDH", "Text": bytes([len(header)]) + header}} if part else {}),
        "Class": -1,
        "Folder": 0,
        "Location": 0,
        "ReplaceMessage": 0,
        "RejectDuplicates": 0,
    }


def arrival(entry: dict[str, Any], slot: str | None) -> Text | Report:
    """What came in, from `GetNextSMS`, `GetSMS` or an event."""
    number = entry.get("Number") or ""
    if entry.get("Type") == "Status_Report":
        sent_at, discharged_at = entry.get("DateTime"), entry.get("SMSCDateTime")
        return Report(number, entry["MessageReference"], entry["DeliveryStatus"], sent_at, discharged_at, "", slot)
    # Behind a text with characters such as the euro sign there is a NUL, and old memory behind that.
    text = (entry.get("Text") or "").partition("\0")[0]
    alphanumeric = any(character.isalpha() for character in number)
    return Text(number, text, entry.get("DateTime"), _concatenation(entry.get("UDH") or {}), "", slot, alphanumeric)


def _concatenation(header: dict[str, Any]) -> Concatenation | None:
    total, sequence = header.get("AllParts", -1), header.get("PartNumber", -1)
    if not 0 < sequence <= total:
        return None
    wide = header.get("ID16bit", -1)
    return Concatenation(wide, total, sequence, 16) if wide > 0 else Concatenation(header["ID8bit"], total, sequence)


def words_of(error: Exception) -> str:
    """What gammu says about *error*."""
    details = error.args[0] if error.args else {}
    return str(details.get("Text", "")) if isinstance(details, dict) else str(details)


def code_of(error: Exception) -> str:
    """Gammu's own number for *error*: "gammu 27"; the network's is lost."""
    details = error.args[0] if error.args else {}
    return f"gammu {details.get('Code', '')}" if isinstance(details, dict) else "gammu"
