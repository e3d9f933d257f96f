"""The commands about texts (3GPP TS 27.005), PDU mode only."""

from appliance.modem.emulator.cell import READ, Cell, Todo
from appliance.modem.emulator.syntax import Table, Wrong, cms, one_of, values

COMMANDS = Table()
_ALL = 4  # CMGL: whatever its status


@COMMANDS("+CMGF")
def _mode(cell: Cell, argument: str) -> list[str]:
    if not argument.startswith("=") or argument == "=?":
        return [f"+CMGF: {'(0,1)' if argument == '=?' else int(cell.settings.text_mode)}"]
    cell.settings.text_mode = bool(one_of(argument, range(2)))
    return []


@COMMANDS("+CSMS")
def _service(cell: Cell, argument: str) -> list[str]:
    if argument.startswith("=") and argument != "=?":
        cell.settings.service = one_of(argument, range(2))
        return ["+CSMS: 1,1,1"]
    return ["+CSMS: (0,1)" if argument == "=?" else f"+CSMS: {cell.settings.service},1,1,1"]


@COMMANDS("+CMMS")
def _more(cell: Cell, argument: str) -> list[str]:
    if argument.startswith("=") and argument != "=?":
        if not cell.profile.keeps_link:
            raise Wrong(cms(500))
        cell.settings.link = one_of(argument, range(3))
        return []
    return ["+CMMS: (0-2)" if argument == "=?" else f"+CMMS: {cell.settings.link}"]


@COMMANDS("+CNMI")
def _indications(cell: Cell, argument: str) -> list[str]:
    if argument == "?":
        return [f"+CNMI: {','.join(map(str, cell.settings.indications))}"]
    if argument == "=?":
        return [f"+CNMI: {','.join(_spelled(allowed) for allowed in cell.profile.cnmi)}"]
    current = cell.settings.indications
    given = [int(value) if value else kept for value, kept in zip(values(argument), current, strict=False)]
    limits = list(zip(given, cell.profile.cnmi, strict=False))
    if any(value not in allowed for value, allowed in limits):
        raise Wrong(cms(303) if cell.profile.unknown == "ERROR" else "ERROR")
    cell.settings.indications = (*given, *current[len(given) :])
    return []


def _spelled(allowed: range | tuple[int, ...]) -> str:
    return f"({allowed[0]}-{allowed[-1]})" if isinstance(allowed, range) else f"({','.join(map(str, allowed))})"


@COMMANDS("+CPMS")
def _memories(cell: Cell, argument: str) -> list[str]:
    names = ",".join(f'"{name}"' for name in cell.profile.memories)
    if argument == "=?":
        return [f"+CPMS: ({names}),({names}),({names})"]
    chosen = (*cell.settings.selected[:2], cell.receiving)
    if argument == "?":
        return [
            "+CPMS: " + cell.profile.comma.join(f'"{name}"{cell.profile.comma}{_used(cell, name)}' for name in chosen)
        ]
    wanted = values(argument)
    if any(name not in cell.profile.memories for name in wanted) or not 1 <= len(wanted) <= len(chosen):
        raise Wrong(cms(302))
    first, second, third = (*wanted, *cell.settings.selected[len(wanted) :])
    cell.settings.selected = (first, second, third)
    cell.todo.append(Todo.FETCH)
    return ["+CPMS: " + cell.profile.comma.join(_used(cell, name) for name in (first, second, cell.receiving))]


def _used(cell: Cell, memory: str) -> str:
    return f"{len(cell.stores[memory])}{cell.profile.comma}{cell.profile.memories[memory]}"


@COMMANDS("+CMGL")
def _list(cell: Cell, argument: str) -> list[str]:
    if argument == "=?":
        return ["+CMGL: (0-4)"]
    _only_pdu_mode(cell)
    lines = []
    for index, stored in cell.listing(one_of(argument, range(_ALL + 1)) if argument else 0):
        lines += [f"+CMGL: {index},{stored.stat},,{stored.mail.length}", stored.mail.hex]
        stored.stat = READ
    return lines


@COMMANDS("+CMGR")
def _read(cell: Cell, argument: str) -> list[str]:
    _only_pdu_mode(cell)
    index = _index(cell, argument)
    stored = cell.stores[cell.settings.selected[0]].get(index)
    if stored is None:
        if cell.profile.empty_slot == "OK":
            return []
        raise Wrong(cell.profile.empty_slot)
    stat, stored.stat = stored.stat, READ
    return [f"+CMGR: {stat},,{stored.mail.length}", stored.mail.hex]


@COMMANDS("+CMGD")
def _delete(cell: Cell, argument: str) -> list[str]:
    memory = cell.settings.selected[0]
    if argument == "=?":
        return [f"+CMGD: ({','.join(map(str, sorted(cell.stores[memory])))}),(0-4)"]
    flag = int((values(argument)[1:] or ["0"])[0])
    store = cell.stores[memory]
    if flag == 0:
        store.pop(_index(cell, argument), None)
    elif flag == _ALL:
        store.clear()
    else:  # 1 to 3: what has been read; here is nothing stored that was to be sent
        cell.stores[memory] = {index: stored for index, stored in store.items() if stored.stat != READ}
    cell.todo.append(Todo.FETCH)
    return []


def _index(cell: Cell, argument: str) -> int:
    index = int(values(argument)[0])
    if index not in cell.slots(cell.settings.selected[0]):
        raise Wrong(cms(321))
    return index


def _only_pdu_mode(cell: Cell) -> None:
    if cell.settings.text_mode:
        raise Wrong(cms(303))


@COMMANDS("+CNMA")
def _acknowledge(cell: Cell, argument: str) -> list[str]:
    if cell.settings.service == 0:
        raise Wrong(cms(340))
    return []


@COMMANDS("+CMGS")
def _send(cell: Cell, argument: str) -> list[str]:
    if argument == "=?":
        return []
    _only_pdu_mode(cell)
    cell.expected = int(values(argument)[0])
    cell.todo.append(Todo.PROMPT)
    return []
