"""Reads the lines of an answer. Blanks, quotes and fields come and go with the maker; pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

REGISTRATION = {
    0: "off",
    1: "home",
    2: "searching",
    3: "denied",
    4: "unknown",
    5: "roaming",
    6: "home, texts only",
    7: "roaming, texts only",
    8: "emergency only",
    9: "home",
    10: "roaming",
    11: "emergency only",
}
CAN_TEXT = {1, 5, 6, 7, 9, 10}
TECHNOLOGY = {0: "2G", 1: "2G", 2: "3G", 3: "2G", 4: "3G", 5: "3G", 6: "3G", 7: "4G", 9: "4G", 10: "4G", 11: "5G"}
# Below a header even four digits are a text, if one that nobody can read: else it would stay in its slot for ever.
BODY = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# Unasked lines that look like a name.
NOISE = re.compile(r"(OVER|UNDER)-VOLTAGE|(SMS|PB) DONE|(SMS|Call) Ready|DST:|_O|BUSY")
STRONGEST = 31  # +CSQ, TS 27.007 8.5; 99 is "not known"
LAST_STATE = 11
LONGEST_NAME = 40
IMEI = 14, 16  # digits, fewest and most (3GPP TS 23.003 6.2)


@dataclass(frozen=True)
class Usage:
    """One of the memories that a modem works with, and how full it is."""

    memory: str  # "" when the modem does not name it
    used: int
    total: int


@dataclass(frozen=True)
class Listed:
    """One entry of +CMGL: where it is, and the line below its header ("" when there was none)."""

    index: int
    body: str
    empty: bool = False  # the header itself says that nothing is there


def after(lines: list[str], prefix: str) -> str | None:
    """What follows *prefix* in the first line that begins with it."""
    for line in lines:
        if line.startswith(prefix):
            return line.removeprefix(prefix).strip()
    return None


def usages(lines: list[str]) -> list[Usage]:
    """Each memory in `+CPMS: "SM",1,30,...`; the answer to a change has the counts only."""
    rest = after(lines, "+CPMS:") or ""
    found = re.findall(r'(?:"?([A-Za-z_]+)"?\s*,\s*)?(\d+)\s*,\s*(\d+)', rest)
    return [Usage(name.upper(), int(used), int(total)) for name, used, total in found]


def memories(lines: list[str]) -> list[str]:
    """The memories that texts can be read from: the first group of `+CPMS: ("SM","ME"),...`."""
    rest = after(lines, "+CPMS:") or ""
    names: list[str] = re.findall(r"[A-Z][A-Z_]+", rest.partition(")")[0])
    return list(dict.fromkeys(names))


def listing(lines: list[str]) -> list[Listed]:
    """Each +CMGL header with the PDU that follows it, whatever stands between."""
    found: list[Listed] = []
    for line in lines:
        if header := re.match(r"\+CMGL:\s*(\d+)", line):
            found.append(Listed(int(header[1]), "", empty=_says_empty(line)))
        elif found and not found[-1].body and (body := pdu_in(line)):
            found[-1] = Listed(found[-1].index, body)
    return found


def single(lines: list[str]) -> str | None:
    """The PDU of +CMGR; None when the slot is empty. In text mode the header comes back instead of a PDU."""
    for place, line in enumerate(lines):
        if line.startswith("+CMGR:") and not _says_empty(line):
            bodies = [body for body in map(pdu_in, lines[place + 1 :]) if body]
            return bodies[0] if bodies else line
    return None


def pdu_in(line: str) -> str | None:
    """*line* as a PDU; one stick leaves a quote behind it."""
    bare = line.strip('" ')
    return bare.upper() if BODY.fullmatch(bare) else None


def _says_empty(header: str) -> bool:
    return bool(re.search(r",\s*0$", header))


def registration(lines: list[str], prefix: str) -> tuple[int | None, int | None]:
    """State and radio (TS 27.007 AcT) of `+CREG: mode,state,...`; an unsolicited `+CREG: state` is no answer."""
    state = radio = None
    for line in lines:
        fields = [field.replace(" ", "") for field in line.removeprefix(prefix).split(",")] if prefix in line else []
        if len(fields) > 1 and fields[1].isdecimal() and int(fields[1]) <= LAST_STATE:
            state = int(fields[1])
            radio = int(fields[4]) if len(fields) > 4 and fields[4].isdecimal() else None
    return state, radio


def operator(lines: list[str]) -> tuple[str, int | None]:
    """Name and radio of `+COPS: 0,0,"Proximus",7`."""
    found = re.match(r'\d+\s*,\s*\d+\s*,\s*"([^"]*)"?(?:\s*,\s*(\d+))?', after(lines, "+COPS:") or "")
    if not found:
        return "", None
    return _readable(found[1]), int(found[2]) if found[2] else None


def signal_percent(lines: list[str]) -> int | None:
    """`+CSQ: 0..31` as a percentage; None when the modem does not know."""
    found = re.match(r"(\d+)", after(lines, "+CSQ:") or "")
    level = int(found[1]) if found else STRONGEST + 1
    return round(level * 100 / STRONGEST) if level <= STRONGEST else None


def network_time(lines: list[str]) -> datetime | None:
    """So late it is at least, in UTC, by `+CCLK: "26/11/26,18:03:22+04"`: local time, its zone in quarters of an hour.

    Some say UTC and the zone behind it (Quectel EC25 after +CTZU=1): east of Greenwich that is read as too early. None
    without a zone, which is what a modem says that has not heard the network; from 1980 or 2004, others do.
    """
    found = re.match(r'"?(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d)([+-]\d\d?)"?', after(lines, "+CCLK:") or "")
    if not found:
        return None
    try:
        shown = datetime.strptime(found[1], "%y/%m/%d,%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return shown - timedelta(minutes=15 * max(0, int(found[2])))


def digits(lines: list[str], shortest: int, longest: int) -> str:
    """The first number of that length: an IMEI or ICCID, whatever the maker writes around it."""
    for line in lines:
        if found := re.search(rf"(?<!\d)\d{{{shortest},{longest}}}(?!\d)", line):
            return found[0]
    return ""


def service_centre(lines: list[str]) -> str:
    """The number in +CSCA, with its plus; "" when the SIM has none."""
    found = re.match(r'"?([+0-9A-Fa-f]*)"?\s*(?:,\s*(\d+))?', after(lines, "+CSCA:") or "")
    number = _readable(found[1]) if found else ""
    international = bool(found and found[2] == "145")
    return f"+{number}" if number and international and not number.startswith("+") else number


def name(lines: list[str]) -> str:
    """The first line that is no report: `+CGMM: X` or just `X`."""
    for line in lines:
        bare = re.sub(r"^\+CG\w\w:\s*", "", line).strip('" ')
        if bare and not bare.startswith(("+", "^", "*", "#", "AT")) and not NOISE.match(bare):
            return _printable(bare)
    return ""


def _readable(text: str) -> str:
    """*text*, also when another program left the modem on AT+CSCS="UCS2"."""
    if len(text) >= 8 and re.fullmatch(r"(?:00[2-7][0-9A-Fa-f])+", text):
        text = bytes.fromhex(text).decode("utf-16-be")
    return _printable(text)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:LONGEST_NAME]
