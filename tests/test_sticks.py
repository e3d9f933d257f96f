"""`port = "all"`: sticks that come and go, each with a name that it keeps."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from appliance import alerts, health, modem_state, store
from appliance.alerts import MessageClass, Source, progress
from appliance.cli.supervise import AWAY, Supervisor
from appliance.clock import now as real_now
from appliance.config import Modem as ModemConfig
from appliance.demo import truth
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.gateway.absence import AWAY_AFTER
from appliance.gateway.names import GivenNames, StoredNames
from appliance.gateway.sticks import Marks, Sticks
from appliance.gateway.terms import Terms
from appliance.health import Trouble
from appliance.models import ModemState, Segment
from appliance.modem.at import AtModem
from appliance.modem.emulator import EmulatedModem, Moment, Network

X, Y, Z = "350000000000001", "350000000000002", "350000000000003"
NAMES = ["a", *(spare.name for spare in ModemConfig(port="all").spares)]
SPARES = NAMES[1:]
MEMBERS = 30
PATIENCE = 240.0
WELL = {"online": True, "registered": True, "operator": "Proximus", "technology": "4G"}

CONFIG = """[store]
url = "{url}"
[web]
listen = "unix:{folder}/web.sock"
[panel]
enabled = false
[[modem]]
name = "a"
port = "all"
driver = "at"
segments_per_day = 0
segments_per_month = 0
"""


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.05)


# --- names


def given(house) -> GivenNames:
    return GivenNames(NAMES, NAMES, SPARES, house.clock)


def test_the_first_stick_is_for_the_gateway_that_always_runs_and_the_others_get_the_next_names(house):
    assert given(house).give(X) == ""
    assert StoredNames("a", NAMES, NAMES, house.clock).take(X) == ""
    assert [given(house).give(imei) for imei in (X, Y, Z, Y)] == ["a", "a2", "a3", "a2"]
    assert StoredNames("a3", NAMES, NAMES, house.clock).take(Z) == ""
    assert StoredNames("a3", NAMES, NAMES, house.clock).take(Y) != ""


def test_a_stick_that_does_not_say_which_one_it_is_is_only_for_the_gateway_that_always_runs(house):
    modem_state.remember("a", house.now, heartbeat_at=house.now, **WELL)
    assert given(house).give("") == ""
    assert given(house).give(X) == "a2"


def test_the_stick_of_a_modem_with_a_port_of_its_own_gets_no_second_name(house):
    modem_state.remember("c", house.now, imei=X)
    assert GivenNames(["c", *NAMES], NAMES, SPARES, house.clock).give(X) == "c"


def test_when_eight_sticks_have_a_name_the_ninth_waits(house):
    StoredNames("a", NAMES, NAMES, house.clock).take("0")
    assert [given(house).give(str(number)) for number in range(1, 9)] == [*SPARES, ""]


# --- a stick that is not there


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The ports that USB has, by place; a test plugs in by writing here."""
    plugged: dict[str, str] = {}
    monkeypatch.setattr(list_ports, "comports", lambda: [port(place, path) for place, path in plugged.items()])
    return plugged


def port(place: str, path: str) -> ListPortInfo:
    listed = ListPortInfo(path)
    listed.location, listed.vid, listed.pid = f"{place}:1.2", 0x2C7C, 0x0125
    return listed


def gateway(house, name: str, *, one_of_many: bool = True) -> Gateway:
    modem = AtModem("auto", name=name, devices=house.folder / "usb")
    bell = Doorbell(store.bells(), f"gateway-{name}")
    return Gateway(name, modem, house.bin, bell, house.clock, Terms(one_of_many=one_of_many))


def steps(house, moving: Gateway, length: timedelta) -> None:
    """*length* goes by in steps of ten seconds."""
    for _ in range(int(length.total_seconds()) // 10 + 1):
        moving.step()
        house.later(seconds=10)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_stick_that_may_come_and_go_is_away_after_a_while_and_then_no_fault(house, ports, engine):
    moving = gateway(house, "a2")
    moving.step()
    assert "No modem is plugged in" in modem_state.of("a2").fault
    assert not moving.away
    steps(house, moving, 2 * AWAY_AFTER)
    assert moving.away
    assert modem_state.away(modem_state.of("a2"))
    moving.end()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_only_kind_of_stick_that_a_box_has_is_never_away(house, ports, engine):
    moving = gateway(house, "a", one_of_many=False)
    steps(house, moving, 3 * AWAY_AFTER)
    assert not moving.away
    assert modem_state.of("a").fault
    moving.end()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_stick_that_is_there_and_cannot_be_used_is_a_fault_and_not_away(house, ports, engine):
    stick = house.folder / "usb" / "1-1"
    stick.mkdir(parents=True)
    (stick / "idVendor").write_text("12d1\n")
    (stick / "idProduct").write_text("14dc\n")
    moving = gateway(house, "a2")
    steps(house, moving, 2 * AWAY_AFTER)
    assert not moving.away
    assert "HiLink" in modem_state.of("a2").fault
    moving.end()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_a_stick_that_is_pulled_out_is_away_and_works_again_when_it_is_back(house, ports, engine):
    with EmulatedModem("a", Network(), link=house.folder / "ttyUSB0") as stick:
        ports["1-1.2"] = str(stick.link)
        moving = gateway(house, "a")
        moving.step()
        assert modem_state.of("a").online
        stick.unplug()
        ports.clear()
        steps(house, moving, 2 * AWAY_AFTER)
        assert moving.away
        stick.plug_in()
        ports["1-1.4"] = str(stick.link)
        house.later(seconds=30)
        moving.step()
        assert modem_state.of("a").online
        assert not moving.away
        moving.end()


# --- what the box says of it


def test_an_absent_stick_of_many_is_no_trouble_while_another_sends(street):
    modem_state.remember("a", street.now, heartbeat_at=street.now, **WELL, signal_percent=70)
    before = health.read(street.now)
    old = street.now - timedelta(days=3)
    modem_state.remember(
        "a2", old, heartbeat_at=old, online=False, fault="", recovery_step=8, credit_low=True, signal_percent=5
    )
    found = health.read(street.now)
    assert found.troubles == before.troubles
    assert [modem.name for modem in found.facts.modems] == ["a"]


def test_when_all_sticks_are_away_the_box_has_no_modem(street):
    old = street.now - timedelta(days=3)
    modem_state.remember("a", street.now, heartbeat_at=street.now, online=False, fault="")
    modem_state.remember("a2", old, heartbeat_at=old, online=False, fault="")
    assert health.read(street.now).troubles[0] is Trouble.NO_MODEM


def test_a_stick_that_was_pulled_out_while_the_power_was_off_is_away(house):
    modem_state.remember("a2", house.now, heartbeat_at=house.now, **WELL)
    modem_state.remember("a3", house.later(minutes=10), heartbeat_at=house.now, **WELL)
    given(house).put_away()
    assert [modem_state.away(modem_state.of(name)) for name in ("a2", "a3")] == [True, False]


# --- who finds them


@pytest.fixture
def three(ports: dict[str, str]) -> Iterator[list[EmulatedModem]]:
    """Three sticks of one network, that are not plugged in yet."""
    network = Network(report_after=0.3)
    with ExitStack() as stack:
        yield [stack.enter_context(EmulatedModem(name, network)) for name in ("red", "white", "blue")]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_each_stick_has_a_mark_while_it_is_plugged_in(house, three, ports, engine):
    marks = Marks(house.folder / "sticks")
    (house.folder / "sticks").mkdir()
    marks.put("a7")
    StoredNames("a", NAMES, NAMES, house.clock).take(three[0].cell.imei)
    finding = Sticks(marks, given(house), SPARES)
    assert marks.names() == []

    def until(wanted: list[str]) -> None:
        wait_for(lambda: finding.step() or marks.names() == wanted)

    for place, stick in enumerate(three):
        ports[f"1-1.{place}"] = stick.path
    until(["a2", "a3"])  # whichever of the two answered first is a2
    name = ModemState.get(ModemState.imei == three[1].cell.imei).name
    del ports["1-1.1"]
    until(["a3" if name == "a2" else "a2"])
    three[1].unplug()
    three[1].plug_in()
    ports["1-1.4"] = three[1].path
    until(["a2", "a3"])
    assert modem_state.of(name).imei == three[1].cell.imei


@pytest.mark.slow
def test_a_gateway_that_ended_because_its_stick_is_away_is_not_started_again_by_itself(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(f"raise SystemExit({AWAY})")
    with Supervisor(None, os.environ | {"PYTHONPATH": str(tmp_path)}) as children:
        children.start("gateway", "--modem", "a2")
        wait_for(children.revive)
        assert children.revive() == []
        children.ensure("gateway", "--modem", "a2")
        wait_for(children.revive)


class Box:
    """`appliance run` with port = "all", and what is plugged in: each tty has the number that the kernel gave it."""

    def __init__(self, house) -> None:
        self.folder: Path = house.folder
        self._ports = house.folder / "ports.json"
        self._plugged: dict[str, str] = {}
        self._write()
        config = house.folder / "config.toml"
        config.write_text(CONFIG.format(url=house.url, folder=house.folder))
        usb = str(Path(__file__).with_name("usb"))
        environment = os.environ | {"PYTHONPATH": usb, "USB_PORTS": str(self._ports)}
        command = [sys.executable, "-m", "appliance", "--config", str(config), "run"]
        with (house.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def plug(self, place: str, number: int, stick: EmulatedModem) -> None:
        """*stick* is at *place* of the bus, as ttyUSB*number*."""
        tty = self.folder / f"ttyUSB{number}"
        tty.symlink_to(stick.path)
        self._plugged[place] = str(tty)
        self._write()

    def pull(self, place: str) -> None:
        """Nothing is there any more."""
        Path(self._plugged.pop(place)).unlink()
        self._write()

    def _write(self) -> None:
        new = self._ports.with_suffix(".new")
        new.write_text(json.dumps(self._plugged))
        new.rename(self._ports)

    def runs(self, name: str) -> bool:
        """Whether there is a gateway of that modem."""
        wanted = b"\0".join([str(self.folder / "config.toml").encode(), b"gateway", b"--modem", name.encode(), b""])
        return any(wanted in _command(process) for process in Path("/proc").glob("[0-9]*"))

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def working() -> set[str]:
    return {row.name for row in ModemState.select() if row.online and row.registered}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_three_sticks_are_found_one_is_pulled_out_amid_a_text_and_comes_back_as_who_it_was(house, three, engine):
    for place in range(MEMBERS):
        house.enrol(f"Lid {place}", f"+3247000{place:04}")
    for stick in three:
        stick.seconds_per_submit = 0.3
    network = three[0].network
    box = Box(house)
    try:
        for place, stick in enumerate(three):
            box.plug(f"1-1.{place}", place, stick)
        wait_for(lambda: working() == {"a", "a2", "a3"})
        names = {row.imei: row.name for row in ModemState.select()}
        assert set(names) == {stick.cell.imei for stick in three}
        pulled = next(stick for stick in three if names[stick.cell.imei] == "a2")

        alert = alerts.create(
            MessageClass.URGENT, Source.COORDINATOR, "Inbraak in de Kerkstraat", "Lies", real_now(), house.bin
        )
        alerts.forward(alert, "Lies", "page", real_now(), house.bin)
        by = lambda name: Segment.select().where(Segment.modem == name).count()  # noqa: E731
        wait_for(lambda: all(by(name) > 2 for name in ("a", "a2", "a3")))
        pulled.at_moment(Moment.TYPED, pulled.unplug)
        wait_for(lambda: not pulled.path)
        box.pull(f"1-1.{three.index(pulled)}")
        left = progress.of(alert).counts["queued"]
        wait_for(lambda: not progress.of(alert).busy)
        counts, found = progress.of(alert).counts, truth.hold(alert, network.airwaves)
        assert left > 0
        assert counts["submitted"] + counts["delivered"] == counts["segments"] == MEMBERS
        assert (found.missing, found.lost, found.doubled_unshown, found.unasked) == (0, 0, 0, 0)

        wait_for(lambda: modem_state.away(modem_state.of("a2")) and not box.runs("a2"))
        assert Trouble.NO_MODEM not in health.read(real_now()).troubles
        assert box.runs("a") and box.runs("a3")
        pulled.plug_in()
        box.plug("1-1.4", 7, pulled)
        wait_for(lambda: working() == {"a", "a2", "a3"})
        assert modem_state.of("a2").imei == pulled.cell.imei
    finally:
        box.end()
    assert "Traceback" not in box.log()
    assert not any(box.runs(name) for name in NAMES)
