"""The emulator as a client on its tty sees it, and the verbs of the tests that use it."""

import os
import select
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import control
from appliance.arrivals import Concatenation, Encoding, Outgoing, Report, Text
from appliance.modem import pdu
from appliance.modem.emulator import PROFILES, BadScript, EmulatedModem, Moment, Network, serve_forever, verbs
from appliance.modem.emulator.control import read_script

ADA, BEN, CELINE = "+32470000001", "+32470000002", "+32470000003"
PATIENCE = 5.0


class Terminal:
    """A bare client of a tty."""

    def __init__(self, path: str | Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.unread = b""

    def close(self) -> None:
        os.close(self.descriptor)

    def write(self, octets: bytes) -> None:
        os.write(self.descriptor, octets)

    def until(self, *ends: bytes) -> str:
        """What comes, up to and with the first of *ends*."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = [self.unread.index(end) + len(end) for end in ends if end in self.unread]
            if found:
                said, self.unread = self.unread[: min(found)], self.unread[min(found) :]
                return said.decode("latin-1")
            left = deadline - time.monotonic()
            assert left > 0, f"still waiting for {ends}, have {self.unread!r}"
            if select.select([self.descriptor], [], [], left)[0]:
                self.unread += os.read(self.descriptor, 4096)

    def ask(self, command: str) -> str:
        """The answer to *command*, echo and all."""
        self.write(command.encode() + b"\r")
        said = self.until(b"\r\nOK\r\n", b"ERROR")
        return said + self.until(b"\r\n") if said.endswith("ERROR") else said

    def prompt(self, submission: pdu.Submission) -> None:
        self.write(f"AT+CMGS={submission.length}\r".encode())
        self.until(b"> ")

    def hand_over(self, submission: pdu.Submission) -> None:
        self.prompt(submission)
        self.write(submission.hex.encode() + b"\x1a")

    def submit(self, number: str, text: str = "Brand in de Kerkstraat", place: Concatenation | None = None) -> str:
        self.hand_over(segment(number, text, place))
        said = self.until(b"\r\nOK\r\n", b"ERROR")
        return said + self.until(b"\r\n") if said.endswith("ERROR") else said

    def listing(self) -> list[Text | Report]:
        said = self.ask("AT+CMGL=4").split("\r\n")
        return [pdu.decode(said[at + 1]) for at, line in enumerate(said) if line.startswith("+CMGL:")]


def segment(number: str, text: str, place: Concatenation | None = None) -> pdu.Submission:
    return pdu.encode_submit(Outgoing(number, text, Encoding.GSM7, place, 60))


def eventually(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def modem(network: Network) -> Iterator[EmulatedModem]:
    with EmulatedModem("a", network) as modem:
        yield modem


@pytest.fixture
def terminal(modem: EmulatedModem) -> Iterator[Terminal]:
    terminal = Terminal(modem.path)
    terminal.ask("ATE0")
    terminal.ask("AT+CNMI=2,1,0,1,0")
    terminal.ask("AT+CMEE=1")
    yield terminal
    terminal.close()


def on_profile(name: str, network: Network) -> EmulatedModem:
    return EmulatedModem(name, network, profile=name)


# --- sending


def test_ada_gets_what_was_submitted_and_the_report_says_so(network: Network, terminal: Terminal) -> None:
    assert terminal.submit(ADA) == "\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert network.inbox(ADA) == ["Brand in de Kerkstraat"]
    header, report = terminal.until(b"\r\n+CDS: 25\r\n").strip(), terminal.until(b"\r\n").strip()
    assert header == "+CDS: 25"
    decoded = pdu.decode(report)
    assert isinstance(decoded, Report)
    assert (decoded.number, decoded.reference, decoded.status) == (ADA, 0, 0)


def test_the_echo_is_on_until_it_is_switched_off(modem: EmulatedModem) -> None:
    terminal = Terminal(modem.path)
    assert terminal.ask("AT") == "AT\r\r\nOK\r\n"
    assert terminal.ask("ate0") == "ate0\r\r\nOK\r\n"
    assert terminal.ask("AT") == "\r\nOK\r\n"


def test_references_wrap_after_255(modem: EmulatedModem, terminal: Terminal) -> None:
    modem.cell.set_reference(255)
    assert "+CMGS: 255" in terminal.submit(ADA)
    assert "+CMGS: 0" in terminal.submit(BEN)


def test_a_text_in_two_parts_arrives_whole_and_once(network: Network, terminal: Terminal) -> None:
    heard: list[tuple[str, str]] = []
    network.on_delivery(lambda number, text: heard.append((number, text)))
    terminal.submit(ADA, "een ", Concatenation(7, 2, 1))
    assert network.inbox(ADA) == []
    terminal.submit(ADA, "twee", Concatenation(7, 2, 2))
    assert network.inbox(ADA) == ["een twee"]
    assert heard == [(ADA, "een twee")]
    assert [sent.text for sent in network.airwaves] == ["een ", "twee"]


def test_a_refused_number_is_told_with_its_code_and_gets_nothing(network: Network, terminal: Terminal) -> None:
    network.refuse(ADA, 21)
    assert terminal.submit(ADA) == "\r\n+CMS ERROR: 21\r\n"
    network.accept(ADA)
    network.refuse_next("+CMS ERROR: Unknown error")
    assert terminal.submit(ADA) == "\r\n+CMS ERROR: Unknown error\r\n"
    assert "+CMGS" in terminal.submit(ADA)
    assert len(network.airwaves) == 1


def test_without_network_submits_are_refused_with_331(network: Network, terminal: Terminal) -> None:
    terminal.ask("AT+CREG=1")
    network.registered = False
    assert terminal.until(b"+CREG: 2\r\n")
    assert terminal.submit(ADA) == "\r\n+CMS ERROR: 331\r\n"
    assert "+CREG: 1,2" in terminal.ask("AT+CREG?")
    network.text(ADA, "OK")
    network.registered = True
    terminal.until(b'+CMTI: "SM",1\r\n')


@pytest.mark.parametrize("left", [True, False])
def test_a_silenced_submit_is_never_answered_and_the_modem_goes_on(
    network: Network, terminal: Terminal, left: bool
) -> None:
    network.reports = False
    network.silence_next_submit(after_accept=left)
    terminal.hand_over(segment(ADA, "x"))
    assert terminal.ask("AT+CSQ") == "\r\n+CSQ: 23,99\r\n\r\nOK\r\n"
    assert [sent.number for sent in network.airwaves] == ([ADA] if left else [])


def test_a_late_answer_comes_amid_other_commands(network: Network, terminal: Terminal) -> None:
    network.delay_next_answer(0.02)
    terminal.hand_over(segment(ADA, "x"))
    assert "+CSQ" in terminal.ask("AT+CSQ")
    assert network.inbox(ADA) == ["x"]
    terminal.until(b"+CMGS: 0\r\n")


def test_a_phone_that_is_off_is_reported_pending_then_expired(network: Network, terminal: Terminal) -> None:
    network.unreachable(ADA, expires_after=0.01)
    terminal.submit(ADA)
    for status in ("30", "46"):
        terminal.until(b"+CDS: 25\r\n")
        assert terminal.until(b"\r\n").strip().endswith(status)
    assert network.inbox(ADA) == []


def test_a_phone_that_comes_on_gets_what_was_held(network: Network, terminal: Terminal) -> None:
    network.unreachable(ADA)
    terminal.submit(ADA)
    terminal.until(b"+CDS: 25\r\n")
    network.reachable(ADA)
    terminal.until(b"+CDS: 25\r\n")
    assert network.inbox(ADA) == ["Brand in de Kerkstraat"]


def test_a_report_can_overtake_the_answer(network: Network, terminal: Terminal) -> None:
    network.report_after = -1
    said = terminal.submit(ADA)
    assert said.index("+CDS:") < said.index("+CMGS:")


def test_a_broken_pdu_or_a_wrong_length_is_refused_with_304(network: Network, terminal: Terminal) -> None:
    for hex, length in (("zz", 1), ("0001", 1), (segment(ADA, "x").hex, 3)):
        terminal.hand_over(pdu.Submission(hex, length))
        terminal.until(b"+CMS ERROR: 304\r\n")
    assert network.airwaves == []


def test_escape_leaves_the_prompt_without_sending(network: Network, terminal: Terminal) -> None:
    terminal.prompt(segment(ADA, "x"))
    terminal.write(b"0011\x1b")
    terminal.until(b"OK\r\n")
    assert "+CSQ" in terminal.ask("AT+CSQ")
    assert network.airwaves == []


def test_a_client_that_dies_at_the_prompt_leaves_it_to_the_next(modem: EmulatedModem, terminal: Terminal) -> None:
    terminal.prompt(segment(ADA, "x"))
    successor = Terminal(modem.path)
    successor.write(b"AT\r\x1b")
    successor.until(b"OK\r\n")
    assert successor.ask("AT") == "\r\nOK\r\n"
    successor.close()


def test_what_is_on_the_air_arrives_though_the_client_is_gone(network: Network) -> None:
    with EmulatedModem("slow", network, seconds_per_submit=0.05) as modem:
        terminal = Terminal(modem.path)
        terminal.hand_over(segment(ADA, "x"))
        eventually(lambda: len(modem.wire) == 2)
        terminal.close()
        eventually(lambda: network.inbox(ADA) == ["x"])
        successor = Terminal(modem.path)
        assert "OK" in successor.ask("AT")
        successor.close()


def test_commands_wait_while_a_text_is_on_the_air(network: Network) -> None:
    with EmulatedModem("slow", network, seconds_per_submit=0.03) as modem:
        terminal = Terminal(modem.path)
        terminal.hand_over(segment(ADA, "x"))
        terminal.write(b"AT+CSQ\r")
        said = terminal.until(b"+CSQ: 23,99")
        assert said.index("+CMGS: 0") < said.index("+CSQ: 23,99")
        terminal.close()


def test_the_wire_tells_what_the_client_wrote_and_when(modem: EmulatedModem, terminal: Terminal) -> None:
    before = time.monotonic()
    terminal.submit(ADA)
    command, typed = list(modem.wire)[-2:]
    assert command.what.startswith("AT+CMGS=")
    assert typed.what.endswith("\x1a")
    assert before <= command.at <= typed.at


# --- receiving


def test_bens_text_is_stored_announced_listed_and_deleted(network: Network, terminal: Terminal) -> None:
    network.text(BEN, "OK 👍")
    terminal.until(b'+CMTI: "SM",1\r\n')
    (text,) = terminal.listing()
    assert isinstance(text, Text)
    assert (text.number, text.text) == (BEN, "OK 👍")
    assert "+CMGR: 1,," in terminal.ask("AT+CMGR=1")
    terminal.ask("AT+CMGD=1")
    assert terminal.listing() == []
    assert terminal.ask("AT+CMGR=1") == "\r\n+CMS ERROR: 321\r\n"


def test_a_long_text_comes_in_parts_in_any_order(network: Network, terminal: Terminal) -> None:
    network.text(BEN, "a" * 150 + "b" * 100, order=[2, 1, 1])
    parts = terminal.listing()
    assert [part.concatenation.sequence for part in parts if isinstance(part, Text) and part.concatenation] == [2, 1, 1]


def test_what_finds_no_room_waits_in_the_network(network: Network, terminal: Terminal, modem: EmulatedModem) -> None:
    for count in range(31):
        network.text(BEN, str(count))
    assert '+CPMS: "SM",30,30' in terminal.ask("AT+CPMS?")
    terminal.ask("AT+CMGD=5")
    texts = terminal.listing()
    assert len(texts) == 30
    assert "30" in [text.text for text in texts if isinstance(text, Text)]


def test_a_broken_pdu_comes_in_as_it_is(network: Network, terminal: Terminal) -> None:
    network.raw("0791237415")
    assert "\r\n0791237415\r\n" in terminal.ask("AT+CMGL=4")


def test_the_store_outlives_the_client_and_the_power(network: Network, modem: EmulatedModem) -> None:
    network.text(BEN, "OK")
    modem.unplug()
    modem.plug_in()
    terminal = Terminal(modem.path)
    assert [text.text for text in terminal.listing() if isinstance(text, Text)] == ["OK"]
    terminal.close()


def test_an_announcement_can_get_lost(network: Network, modem: EmulatedModem, terminal: Terminal) -> None:
    modem.announces = False
    network.text(BEN, "OK")
    assert "+CMTI" not in terminal.ask("AT")
    assert len(terminal.listing()) == 1


def test_a_ring_is_announced_with_its_number_until_it_is_rejected(network: Network, terminal: Terminal) -> None:
    terminal.ask("AT+CLIP=1")
    network.ring(CELINE)
    terminal.until(b"RING\r\n")
    terminal.until(f'+CLIP: "{CELINE}",145,'.encode())
    terminal.ask("AT+CHUP")
    assert [(call.number, call.rejected) for call in network.calls] == [(CELINE, True)]


def test_a_ring_that_nobody_rejects_ends_by_itself(network: Network, terminal: Terminal) -> None:
    network.ring("", seconds=0.01)
    terminal.until(b"NO CARRIER\r\n")
    assert [call.rejected for call in network.calls] == [False]


# --- faults of the port and the modem


def test_an_unplugged_modem_comes_back_under_another_name_and_the_link_follows(
    network: Network, tmp_path: Path
) -> None:
    link = tmp_path / "modem-a"
    with EmulatedModem("a", network, link=link) as modem:
        first = modem.path
        terminal = Terminal(link)
        modem.unplug()
        assert not link.exists()
        assert modem.path == ""
        with pytest.raises(OSError):
            terminal.write(b"AT\r")
        modem.plug_in()
        assert modem.path != first
        assert str(link.resolve()) == modem.path
        back = Terminal(link)
        assert "OK" in back.ask("AT")
        back.close()
        terminal.close()
    assert not link.is_symlink()


@pytest.mark.parametrize(
    ("moment", "left"),
    [(Moment.COMMAND, False), (Moment.PROMPT, False), (Moment.TYPED, False), (Moment.ACCEPTED, True)],
)
def test_the_port_can_go_at_any_moment_of_a_submit(
    network: Network, modem: EmulatedModem, terminal: Terminal, moment: Moment, left: bool
) -> None:
    modem.at_moment(moment, modem.unplug)
    submission = segment(ADA, "x")
    terminal.write(f"AT+CMGS={submission.length}\r".encode())
    if moment in (Moment.TYPED, Moment.ACCEPTED):
        terminal.until(b"> ")
        terminal.write(submission.hex.encode() + b"\x1a")
    eventually(lambda: modem.path == "")
    modem.plug_in()
    assert network.inbox(ADA) == (["x"] if left else [])


def test_a_hung_modem_says_nothing_until_it_wakes(modem: EmulatedModem, terminal: Terminal) -> None:
    modem.hang()
    terminal.write(b"AT\r")
    assert select.select([terminal.descriptor], [], [], 0.02)[0] == []
    modem.wake()
    assert terminal.ask("AT") == "\r\nOK\r\n"


def test_a_reset_loses_the_settings_and_says_the_start_up_lines(network: Network) -> None:
    with on_profile("ec25", network) as modem:
        terminal = Terminal(modem.path)
        terminal.ask("ATE0")
        terminal.ask("AT+CNMI=2,1,0,1,0")
        terminal.ask("AT+CFUN=1,1")
        terminal.until(b"RDY\r\n")
        terminal.until(b"+QIND: SMS DONE\r\n")
        assert "+CNMI: 0,0,0,0,0" in terminal.ask("AT+CNMI?")
        assert terminal.ask("AT").startswith("AT\r")
        terminal.close()


def test_a_busy_card_answers_314_for_a_while(modem: EmulatedModem, terminal: Terminal) -> None:
    modem.card_busy(0.02)
    assert terminal.ask("AT+CMGL=4") == "\r\n+CMS ERROR: 314\r\n"
    eventually(lambda: "OK" in terminal.ask("AT+CMGL=4"))


def test_uncalled_lines_come_at_any_moment(modem: EmulatedModem, terminal: Terminal) -> None:
    terminal.prompt(segment(ADA, "x"))
    modem.unsolicited("^RSSI:19")
    terminal.until(b"\r\n^RSSI:19\r\n")
    modem.garbage(b"\xff\x00")
    terminal.until(b"\xff\x00")
    modem.chatter("^BOOT:1", 0.005)
    for _ in range(3):
        terminal.until(b"^BOOT:1\r\n")


def test_a_locked_card_wants_its_pin_and_counts_the_wrong_ones(network: Network) -> None:
    with EmulatedModem("a", network, pin="1234") as modem:
        terminal = Terminal(modem.path)
        terminal.ask("AT+CMEE=1")
        assert "+CPIN: SIM PIN" in terminal.ask("AT+CPIN?")
        assert "+CME ERROR: 11" in terminal.ask("AT+CPMS?")
        assert "+CME ERROR: 16" in terminal.ask('AT+CPIN="9999"')
        assert "OK" in terminal.ask('AT+CPIN="1234"')
        assert "+CPIN: READY" in terminal.ask("AT+CPIN?")
        modem.reboot()
        for _ in range(3):
            terminal.ask("AT+CPIN=0000")
        assert "+CPIN: SIM PUK" in terminal.ask("AT+CPIN?")
        terminal.close()


def test_two_modems_share_a_network_and_reports_go_to_the_right_one(network: Network) -> None:
    with EmulatedModem("a", network), EmulatedModem("b", network) as other:
        terminal = Terminal(other.path)
        terminal.ask("AT+CNMI=2,1,0,1,0")
        terminal.submit(ADA)
        terminal.until(b"+CDS: 25\r\n")
        network.text(BEN, "OK", to="b")
        terminal.until(b'+CMTI: "SM",1\r\n')
        assert [sent.modem for sent in network.airwaves] == ["b"]
        terminal.close()


# --- profiles


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_sends_and_receives(network: Network, name: str) -> None:
    with on_profile(name, network) as modem:
        terminal = Terminal(modem.path)
        if modem.cell.positioning:
            terminal.ask("AT!GPSEND=0,255")
        submission = segment(ADA, "Hallo")
        terminal.write(f"AT+CMGS={submission.length}\r".encode())
        terminal.until(b"\n>")
        terminal.write(submission.hex.encode() + b"\x1a")
        terminal.until(b"+CMGS: 0\r\n")
        network.text(BEN, "OK")
        terminal.until(b"OK\r\n")
        assert network.inbox(ADA) == ["Hallo"]
        memory = modem.cell.receiving
        terminal.ask(f'AT+CPMS="{memory}"')
        assert len(terminal.listing()) == 1 + modem.cell.profile.stores_twice
        terminal.close()


@pytest.mark.slow
def test_a_text_that_follows_on_a_kept_link_takes_less_time(network: Network) -> None:
    with EmulatedModem("a", network, seconds_per_submit=0.3, seconds_on_kept_link=0.05) as modem:
        terminal = Terminal(modem.path)
        terminal.ask("AT+CMMS=2")
        for _ in range(3):
            terminal.submit(ADA)
        _, second, third = (sent.at for sent in network.airwaves)
        assert third - second < 0.3  # a sleeping machine can only make it longer
        terminal.ask("AT+CMMS=0")
        terminal.submit(ADA)
        assert network.airwaves[-1].at - third >= 0.3
        terminal.close()


def test_an_ec25_says_that_a_report_is_where_it_is_not(network: Network) -> None:
    with on_profile("ec25", network) as modem:
        terminal = Terminal(modem.path)
        terminal.ask("AT+CNMI=2,1,0,2,0")
        terminal.submit(ADA)
        terminal.until(b'+CDSI: "SM",0\r\n')
        terminal.ask('AT+CPMS="SM"')
        assert "+CMGR" not in terminal.ask("AT+CMGR=0").removeprefix("AT+CMGR")
        terminal.ask('AT+CPMS="SR"')
        assert "+CMGR: 0,,25" in terminal.ask("AT+CMGR=0")
        terminal.close()


def test_a_sim800c_refuses_stored_reports(network: Network) -> None:
    with on_profile("sim800c", network) as modem:
        terminal = Terminal(modem.path)
        assert terminal.ask("AT+CNMI=2,1,0,2,0").endswith("ERROR\r\n")
        assert "(0-3),(0-3),(0,2),(0,1),(0,1)" in terminal.ask("AT+CNMI=?")
        assert terminal.ask("AT+CNMI=2,1,0,1,0").endswith("OK\r\n")
        terminal.close()


# --- from outside


def test_another_process_may_use_the_verbs(network: Network, modem: EmulatedModem, tmp_path: Path) -> None:
    door = tmp_path / "control"
    with control.serve(door, verbs(network, [modem])):
        assert stat.S_IMODE(door.stat().st_mode) == 0o600
        assert control.call(door, "paths") == {"a": modem.path}
        control.call(door, "text", number=BEN, text="OK")
        eventually(lambda: control.call(door, "stored") == {"SM": 1, "ME": 0})
        terminal = Terminal(modem.path)
        terminal.submit(ADA)
        (sent,) = control.call(door, "airwaves")
        assert (sent["number"], sent["encoding"]) == (ADA, "gsm7")
        assert control.call(door, "inbox", number=ADA) == ["Brand in de Kerkstraat"]
        assert control.call(door, "wire")[-1]["what"].endswith("\x1a")
        control.call(door, "garbage", hex="0D0A6761726261676500")
        assert "garbage" in terminal.until(b"garbage")
        control.call(door, "pin", pin="1234")
        control.call(door, "reboot")
        assert "SIM PIN" in terminal.ask("AT+CPIN?")
        control.call(door, "unplug")
        control.call(door, "plug_in", mode="cd")
        assert control.call(door, "paths") == {"a": ""}
        control.call(door, "plug_in", mode="modem")
        assert control.call(door, "paths") == {"a": modem.path} != {"a": ""}
        with pytest.raises(control.ControlError, match="unknown"):
            control.call(door, "fly")
        with pytest.raises(control.ControlError, match="TypeError"):
            control.call(door, "text", wings=2)
        terminal.close()
    assert not door.exists()


def test_a_script_is_played_and_a_wrong_line_is_named(network: Network, tmp_path: Path) -> None:
    script, links, stop = tmp_path / "script", tmp_path, threading.Event()
    script.write_text(f"# first what nobody sees at once\n0.0 refuse_next 500 2\n0.0 text {BEN} OK, ik kom\n")
    told: list[str] = []
    service = threading.Thread(
        target=serve_forever,
        kwargs={"modems": 2, "script": script, "links": links, "announce": told.append, "stop": stop},
    )
    service.start()
    eventually(lambda: len(told) == 2)
    terminal = Terminal(told[0])
    terminal.ask("ATE0")
    eventually(lambda: [text.text for text in terminal.listing() if isinstance(text, Text)] == ["OK, ik kom"])
    assert terminal.submit(ADA) == "\r\n+CMS ERROR: 500\r\n"
    terminal.close()
    stop.set()
    service.join()
    script.write_text("0 text\n")
    with pytest.raises(BadScript, match="line 1"):
        read_script(script, verbs(network, []))


# --- hostile clients


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                lambda name, rest: b"AT" + name.encode() + rest + b"\r",
                st.sampled_from(
                    [
                        "+CMGS",
                        "+CMGL",
                        "+CMGR",
                        "+CMGD",
                        "+CNMI",
                        "+CPMS",
                        "+CREG",
                        "+COPS",
                        "+CUSD",
                        "+CPIN",
                        "+CFUN",
                        "E",
                        "H",
                        "&F",
                    ]
                ),
                st.text(alphabet='=?",0123456789-+;AT²', max_size=12).map(str.encode),
            ),
        ),
        max_size=12,
    )
)
@pytest.mark.slow
def test_no_octets_ever_kill_it(chunks: list[bytes]) -> None:
    with EmulatedModem("a", Network()) as modem:
        terminal = Terminal(modem.path)
        for chunk in chunks:
            terminal.write(chunk)
        terminal.write(b"\x1b\rAT+CFUN=1\rAT+CSCA?\r")
        terminal.until(b"+CSCA: ", b"ERROR: 11\r\n")
        terminal.close()


# --- the other driver's library


GAMMU = """
import sys, gammu
machine = gammu.StateMachine()
machine.ReadConfig(Filename=sys.argv[1])
machine.Init()
machine.SetIncomingCallback(lambda *event: None)  # without one, an event is a segmentation fault
machine.SetIncomingSMS(True)
sms = {"Text": "Hallo", "SMSC": {"Location": 1}, "Number": sys.argv[2], "Type": "Status_Report"}
print("reference", machine.SendSMS(sms), flush=True)
sys.stdin.readline()
stored = [machine.GetNextSMS(0, True)[0]]
stored.append(machine.GetNextSMS(0, False, stored[0]["Location"])[0])
for each in stored:
    print(each["Type"], each["Number"])
    machine.DeleteSMS(0, each["Location"])
"""


@pytest.mark.slow
def test_python_gammu_sends_reads_and_deletes(network: Network, modem: EmulatedModem, tmp_path: Path) -> None:
    """In a process of its own, since the library may take its process down."""
    rc = tmp_path / "gammurc"
    rc.write_text(f"[gammu]\nport = {modem.path}\nconnection = at\n")
    command = [sys.executable, "-c", GAMMU, str(rc), ADA]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "reference 0\n"
        assert network.inbox(ADA) == ["Hallo"]
        network.text(BEN, "OK")
        eventually(lambda: len(modem.cell.stores["SM"]) == 2)
        client.stdin.write("\n")
        client.stdin.flush()
        assert client.stdout.readline() == f"Status_Report {ADA}\n"
        assert client.stdout.readline() == f"Deliver {BEN}\n"
        assert client.wait() == 0
    assert not modem.cell.stores["SM"]
