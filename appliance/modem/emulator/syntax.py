"""How a line of AT commands is taken apart and carried out (3GPP TS 27.007 4, ITU-T V.250 5)."""

import re
from collections.abc import Callable, Mapping

from appliance.modem.emulator.cell import Cell

Command = Callable[[Cell, str], list[str]]  # what stands behind its name -> lines of information; raises Wrong

_CME_WORDS = {
    3: "operation not allowed",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    16: "incorrect password",
    50: "Incorrect parameters",
    100: "unknown",
}  # TS 27.007 9.2.1
_OPEN_WHILE_LOCKED = {"+CPIN", "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+GSN", "+CMEE", "+CFUN", "+CREG", "+CSQ", "I", "&F"}
_NEEDS_CARD = {"+CMGF", "+CMGS", "+CMGL", "+CMGR", "+CMGD", "+CNMI", "+CPMS", "+CSCA", "+CSMS"}
_BASIC = re.compile(r"(?P<name>[EQVXZHIS]|&[A-Z])(?P<digits>\d*)(?P<rest>=\d+|\?)?", re.IGNORECASE)
_EXTENDED = re.compile(r"(?P<name>[+^$*#%!][A-Z0-9]+)(?P<argument>\?|=.*)?", re.IGNORECASE | re.DOTALL)
_SEPARATOR = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # not inside quotes


class Wrong(Exception):
    """The command's result line when it is not OK."""

    def __init__(self, line: str = "ERROR") -> None:
        super().__init__(line)
        self.line = line


def run(cell: Cell, line: str, known: Mapping[str, Command]) -> tuple[list[str], str]:
    """Carry out what stands behind "AT": the lines of information, and the result line."""
    lines: list[str] = []
    try:
        for name, argument in _parse(line, cell.profile.unknown):
            command = known.get(name)
            if command is None:
                raise Wrong(cell.profile.unknown)
            if cell.locked and name.startswith("+") and name not in _OPEN_WHILE_LOCKED:
                raise Wrong(cme(11 if cell.card.tries else 12))
            if cell.starting and name in _NEEDS_CARD:
                raise Wrong(cell.profile.too_early)
            if cell.starting and name == "+CPIN" and cell.profile.card_lies:
                raise Wrong(cme(13))
            lines += command(cell, argument)
    except Wrong as wrong:
        return [], _worded(cell, wrong.line)
    except (ValueError, IndexError):  # a value that is missing or no number
        return [], "ERROR"
    return lines, "OK"


def _parse(line: str, unknown: str) -> list[tuple[str, str]]:
    found = []
    for piece in _SEPARATOR.split(line.strip()):
        rest = piece.strip()
        while rest:
            extended = _EXTENDED.fullmatch(rest)
            basic = _BASIC.match(rest)
            if extended is not None:
                found.append((extended["name"].upper(), (extended["argument"] or "").strip()))
                break
            if basic is None:
                raise Wrong(unknown)
            found.append((basic["name"].upper(), basic["digits"] + (basic["rest"] or "")))
            rest = rest[basic.end() :]
    return found


def cme(code: int) -> str:
    """The result line of an equipment error."""
    return f"+CME ERROR: {code}"


def cms(code: int | str) -> str:
    """The result line of a refusal: a CMS code, or a line already."""
    return f"+CMS ERROR: {code}" if str(code).isdigit() else str(code)


def _worded(cell: Cell, line: str) -> str:
    """*line* as CMEE wants it (TS 27.007 9.1); CMS errors always have their code."""
    head, _, code = line.partition("+CME ERROR: ")
    if head or not code.isdecimal() or cell.settings.verbose_errors == 1:
        return line
    return f"+CME ERROR: {_CME_WORDS.get(int(code), code)}" if cell.settings.verbose_errors else "ERROR"


class Table(dict[str, Command]):
    """Commands by name."""

    def __call__(self, *names: str) -> Callable[[Command], Command]:
        """Enter the function below under *names*."""

        def enter(command: Command) -> Command:
            self.update(dict.fromkeys(names, command))
            return command

        return enter


def values(argument: str) -> list[str]:
    """The values behind "=", without quotes; a comma inside quotes stands for itself."""
    pieces = re.findall(r'"([^"]*)"?|([^,"]+)|(?<=,)(?=,|$)|^(?=,)', argument.removeprefix("="))
    return [quoted or bare.strip() for quoted, bare in pieces]


def charset(cell: Cell, text: str) -> str:
    """*text* as CSCS wants it."""
    return text.encode("utf-16-be").hex().upper() if cell.settings.charset == "UCS2" else text


def one_of(argument: str, allowed: range) -> int:
    """The first value, which must be one of *allowed*."""
    value = int(values(argument)[0])
    if value not in allowed:
        raise Wrong(cme(50))
    return value
