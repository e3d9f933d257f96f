"""The commands about the modem, its card and the network (3GPP TS 27.007)."""

from appliance.modem.emulator.cell import Cell, Todo
from appliance.modem.emulator.syntax import Table, Wrong, charset, cme, one_of, values

COMMANDS = Table()
_CHARSETS = ("GSM", "IRA", "UCS2")


@COMMANDS("E")
def _echo(cell: Cell, argument: str) -> list[str]:
    cell.settings.echo = argument == "1"
    return []


@COMMANDS("Q", "V", "X", "S", "&C", "&D", "&K", "&W", "&S")
@COMMANDS("+IPR", "+IFC", "+ICF", "+CSDH", "+CCWA", "+CRC", "+CTZU", "+CTZR", "+CGEREP", "+QURCCFG", "+QINDCFG")
def _taken(cell: Cell, argument: str) -> list[str]:
    return []


@COMMANDS("+CSMP")
def _text_mode_values(cell: Cell, argument: str) -> list[str]:
    if cell.profile.forgets_centre:
        cell.service_centre = ""
    return []


@COMMANDS("!GPSEND")
def _end_positioning(cell: Cell, argument: str) -> list[str]:
    if cell.profile.maker != "Sierra Wireless, Incorporated":
        raise Wrong(cell.profile.unknown)
    cell.positioning = False
    return []


@COMMANDS("^CURC", "^PORTSEL", "^USSDMODE")
def _huawei(cell: Cell, argument: str) -> list[str]:
    if cell.profile.maker != "huawei":
        raise Wrong(cell.profile.unknown)
    return []


@COMMANDS("Z", "&F")
def _defaults(cell: Cell, argument: str) -> list[str]:
    kept = cell.settings.functional, cell.settings.selected
    locked = cell.locked
    cell.reset()
    cell.settings.functional, cell.settings.selected = kept
    cell.locked = locked
    return []


@COMMANDS("+CMEE")
def _errors(cell: Cell, argument: str) -> list[str]:
    if argument.startswith("="):
        cell.settings.verbose_errors = one_of(argument, range(3))
        return []
    return [f"+CMEE: {cell.settings.verbose_errors}"]


# --- who it is


@COMMANDS("+CGMI", "+GMI")
def _maker(cell: Cell, argument: str) -> list[str]:
    name = "+CGMI: " if cell.profile.names_command else ""
    return [name + cell.profile.maker] if not argument else []


@COMMANDS("+CGMM", "+GMM")
def _model(cell: Cell, argument: str) -> list[str]:
    return [cell.profile.model] if not argument else []


@COMMANDS("+CGMR", "+GMR")
def _firmware(cell: Cell, argument: str) -> list[str]:
    return [cell.profile.firmware] if not argument else []


@COMMANDS("I")
def _identity(cell: Cell, argument: str) -> list[str]:
    return [f"Manufacturer: {cell.profile.maker}", f"Model: {cell.profile.model}", f"IMEI: {cell.imei}"]


@COMMANDS("+CGSN", "+GSN")
def _imei(cell: Cell, argument: str) -> list[str]:
    return [cell.imei] if not argument else []


@COMMANDS("+CIMI")
def _imsi(cell: Cell, argument: str) -> list[str]:
    return [cell.card.imsi] if not argument else []


@COMMANDS("+CCID", "+QCCID")
def _ccid(cell: Cell, argument: str) -> list[str]:
    return [f"+CCID: {cell.card.iccid}"]


@COMMANDS("+ICCID", "^ICCID")
def _iccid(cell: Cell, argument: str) -> list[str]:
    return [f"+ICCID: {cell.card.iccid}"]


@COMMANDS("+CSCS")
def _charsets(cell: Cell, argument: str) -> list[str]:
    if argument == "=?":
        return ['+CSCS: ("GSM","IRA","UCS2")']
    if argument.startswith("="):
        wanted = values(argument)[0].upper()
        if wanted not in _CHARSETS:
            raise Wrong(cme(50))
        cell.settings.charset = wanted
        return []
    return [f'+CSCS: "{cell.settings.charset}"']


@COMMANDS("+CPIN")
def _pin(cell: Cell, argument: str) -> list[str]:
    if not cell.card.present:
        raise Wrong(cme(10))
    if not argument.startswith("="):
        state = "READY" if not cell.locked else "SIM PIN" if cell.card.tries else "SIM PUK"
        return [f"+CPIN: {state}"]
    if not cell.locked:
        raise Wrong(cme(3))
    if not cell.card.tries:
        raise Wrong(cme(12))
    if values(argument)[0] != cell.card.pin:
        cell.card.tries -= 1
        raise Wrong(cme(16))
    cell.card.tries, cell.locked = 3, False
    cell.todo.append(Todo.FETCH)
    return []


# --- the network


@COMMANDS("+CFUN")
def _function(cell: Cell, argument: str) -> list[str]:
    if argument == "?":
        return [f"+CFUN: {cell.settings.functional}"]
    given = [int(value) for value in values(argument)]
    if given[1:] == [1]:
        cell.todo.append(Todo.REBOOT)
    elif given[0] not in (0, 1, 4):
        raise Wrong(cme(50))
    cell.settings.functional = given[0]
    cell.todo.append(Todo.FETCH)
    return []


def _registers(cell: Cell, argument: str, name: str) -> list[str]:
    if name not in cell.profile.registers:
        raise Wrong(cell.profile.unknown)
    n = cell.settings.registration.get(name, 0)
    if argument == "?":
        return [f"{name}: {n},{where(cell, n)}"]
    if argument == "=?":
        return [f"{name}: (0-2)"]
    cell.settings.registration[name] = one_of(argument, range(3))
    return []


def where(cell: Cell, n: int) -> str:
    """<stat> and, for n=2 and a served modem, area, cell and technology (TS 27.007 7.2)."""
    served = n > 1 and cell.registration in (1, 5, 6, 7)
    return f"{cell.registration}" + (f',"84CD","00D30173",{cell.profile.technology}' if served else "")


@COMMANDS("+CREG")
def _creg(cell: Cell, argument: str) -> list[str]:
    return _registers(cell, argument, "+CREG")


@COMMANDS("+CGREG")
def _cgreg(cell: Cell, argument: str) -> list[str]:
    return _registers(cell, argument, "+CGREG")


@COMMANDS("+CEREG")
def _cereg(cell: Cell, argument: str) -> list[str]:
    return _registers(cell, argument, "+CEREG")


@COMMANDS("+CGATT")
def _attached(cell: Cell, argument: str) -> list[str]:
    return [f"+CGATT: {int(cell.network.registered and cell.on_air)}"] if argument == "?" else []


@COMMANDS("+COPS")
def _operator(cell: Cell, argument: str) -> list[str]:
    if argument.startswith("=") and argument != "=?":
        given = values(argument)
        if given[0] == "3":
            cell.settings.numeric_operator = given[1] == "2"
        return []
    name = cell.network.operator[cell.settings.numeric_operator]
    if not (cell.network.registered and cell.on_air):
        return ["+COPS: 0"]
    form = 2 if cell.settings.numeric_operator else 0
    return [f'+COPS: 0,{form},"{charset(cell, name)}",{cell.profile.technology}']


@COMMANDS("+CSQ")
def _signal(cell: Cell, argument: str) -> list[str]:
    return [f"+CSQ: {cell.network.signal if cell.on_air else 99},99"]


@COMMANDS("+CSCA")
def _centre(cell: Cell, argument: str) -> list[str]:
    if argument.startswith("="):
        cell.service_centre = values(argument)[0]
        return []
    if not cell.service_centre:
        return []
    kind = 145 if cell.service_centre.startswith("+") else 129
    return [f'+CSCA: "{charset(cell, cell.service_centre)}",{kind}']


@COMMANDS("+CCLK")
def _clock(cell: Cell, argument: str) -> list[str]:
    return [f'+CCLK: "{cell.network.time or "80/01/06,00:00:17"}"']


@COMMANDS("+CUSD")
def _ussd(cell: Cell, argument: str) -> list[str]:
    given = values(argument)
    if not argument.startswith("=") or given[0] != "1" or given[1:] == []:
        return []
    answer = cell.network.ussd.get(given[1])
    cell.unsolicited.append("+CUSD: 4" if answer is None else f'+CUSD: 0,"{charset(cell, answer)}",15')
    return []


@COMMANDS("+CLIP")
def _caller_id(cell: Cell, argument: str) -> list[str]:
    if argument == "?":
        return [f"+CLIP: {int(cell.settings.caller_id)},1"]
    cell.settings.caller_id = bool(one_of(argument, range(2)))
    return []


@COMMANDS("H", "+CHUP")
def _hang_up(cell: Cell, argument: str) -> list[str]:
    if not argument.startswith("="):
        cell.todo.append(Todo.HANG_UP)
    return []
