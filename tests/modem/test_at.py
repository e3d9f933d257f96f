"""The AT driver against what real modems answer, line by line (facts of named modems), and against the emulator."""

import contextlib
import os
import re
import threading
import tty
from collections.abc import Iterator

import pytest

from appliance.arrivals import Concatenation, Encoding, Oddity, Outgoing, Report, Ring, Text
from appliance.modem import Offline, Refused, Unanswered, Unsuitable
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines
from appliance.modem.emulator import EmulatedModem, Moment, Network
from appliance.modem.pdu import decode_submit
from appliance.modem.recovery import Step
from appliance.modem.sim import ForgetfulCards
from appliance.queue.retry import Reaction

ADA, BEN = "+32470000001", "+32470000002"
SEGMENT = Outgoing(ADA, "Gezien", Encoding.GSM7, None, validity_minutes=360)
FROM_ADA = "07912374151616F6040B912374000000F100006270419050708006536A905A9D02"
REPORT = "07912374151616F606400B912374000000F1627041905070806270419050228000"
QUICK = Deadlines(
    answer=0.5,
    listing=0.2,
    slow=0.5,
    wake=0.2,
    prompt=0.3,
    submit=0.4,
    rest=0.1,
    sim=1.5,
    caller=0.3,
    radio_off=0.02,
    quiet=0.02,
)
OK = b"\r\nOK\r\n"


class Scripted:
    """A modem that says what the test wrote down, on a pseudo-terminal of its own."""

    def __init__(self) -> None:
        self.prompt: bytes | None = b"\r\n> "
        self.outcome: bytes | list[bytes] = b"\r\n+CMGS: 12\r\n" + OK
        self.answers: dict[str, bytes | list[bytes]] = {
            "AT+CFUN?": b"\r\n+CFUN: 1\r\n" + OK,
            "AT+CPIN?": b"\r\n+CPIN: READY\r\n" + OK,
            "AT+CPMS=?": b'\r\n+CPMS: ("SM"),("SM"),("SM")\r\n' + OK,
            "AT+CPMS?": b'\r\n+CPMS: "SM",0,20,"SM",0,20,"SM",0,20\r\n' + OK,
        }
        self.heard: list[str] = []
        self.gone_at_prompt = self.gone_after_text = False
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, octets: bytes) -> None:
        """Something that nobody asked for."""
        os.write(self._master, octets)

    def close(self) -> None:
        """The test is over."""
        os.close(self._slave)  # wakes the thread, whose read then fails
        self._thread.join()

    def _serve(self) -> None:
        waiting, here = b"", True
        with contextlib.suppress(OSError):
            while here:
                waiting += os.read(self._master, 4096)
                while here and (found := re.match(rb"([^\r\x1a\x1b]*)([\r\x1a\x1b])", waiting)):
                    waiting = waiting[found.end() :]
                    here = self._take(found[1].decode(), found[2])
        os.close(self._master)  # only here: a number that is closed twice may by then be somebody else's

    def _take(self, said: str, end: bytes) -> bool:
        if end == b"\x1b" or (end == b"\r" and not said):
            return True
        self.heard.append(said + ("^Z" if end == b"\x1a" else ""))
        if end == b"\x1a":
            return not self.gone_after_text and self._answered(self.outcome)
        if said.startswith("AT+CMGS"):
            return not self.gone_at_prompt and self._answered(self.prompt or b"")
        return self._answered(self.answers.get(said, OK))

    def _answered(self, answer: bytes | list[bytes]) -> bool:
        if isinstance(answer, list):  # one after the other, then always the last
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        os.write(self._master, answer)
        return True


@pytest.fixture
def script() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.close()


@pytest.fixture
def modem(script: Scripted) -> Iterator[AtModem]:
    driver = AtModem(script.path, name="a", deadlines=QUICK)
    yield driver
    driver.close()


PROMPTS = {
    "most modems": b"\r\n> ",
    "no line end before it": b"> ",
    "SIM7670G": b"AT+CMGS=20\r\r\n>\r\n\r",
    "no blank": b"\r\n>",
    "blank and line end": b"\r\n> \r\n",
    "behind unasked lines": b'\r\n+ZPASR: "HSPA"\r\n\r\n^RSSI:19\r\n\r\n+CUSD: 4\r\n\r\n> ',
    "behind its echo": b"AT+CMGS=20\r\r\n> ",
    "unasked line before the echo": b"^SRVST:0\r\nAT+CMGS=20\r\r\n> ",
    "behind somebody else's OK": b"\r\nOK\r\n\r\n> ",
    "behind the late answer to the text before": b"\r\n+CMGS: 99\r\n\r\nOK\r\n\r\n> ",
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_every_form_of_the_prompt_is_understood(script: Scripted, modem: AtModem, prompt: bytes) -> None:
    modem.open()
    script.prompt = prompt
    assert modem.submit(SEGMENT) == 12


OUTCOMES = {
    "usual": (b"\r\n+CMGS: 12\r\n\r\nOK\r\n", 12),
    "reference 0": (b"\r\n+CMGS: 0\r\n\r\nOK\r\n", 0),
    "no blank": (b"\r\n+CMGS:255\r\n\r\nOK\r\n", 255),
    "more behind it": (b'\r\n+CMGS: 12,"26/07/14,09:05:07+08"\r\n\r\nOK\r\n', 12),
    "without OK": (b"\r\n+CMGS: 12\r\n", 12),
    "OK first": (b"\r\nOK\r\n\r\n+CMGS: 12\r\n", 12),
    "OK alone": (b"\r\n\r\nOK\r\n", None),
    "no number": (b"\r\n+CMGS:\r\n\r\nOK\r\n", None),
    "unasked lines all over": (
        b"\r\n^BOOT:1,0\r\n\r\n+CREG: 1\r\nOVER-VOLTAGE WARNNING\r\n+CMGS: 12\r\n#STN: 1\r\nOK\r\n",
        12,
    ),
    "duplicate at the service centre": (b"\r\n+CMS ERROR: 197\r\n", None),
}


@pytest.mark.parametrize(("outcome", "reference"), OUTCOMES.values(), ids=OUTCOMES)
def test_an_accepted_text_gives_its_reference_or_none(
    script: Scripted, modem: AtModem, outcome: bytes, reference: int | None
) -> None:
    modem.open()
    script.outcome = outcome
    assert modem.submit(SEGMENT) == reference


REFUSALS = {
    "+CMS ERROR: 1": ("CMS 1", Reaction.PERMANENT),
    "+CMS ERROR: 42": ("CMS 42", Reaction.TRANSIENT),
    "+CMS ERROR:500": ("CMS 500", Reaction.DOUBT),
    "+CMS ERROR: 332": ("CMS 332", Reaction.DOUBT),
    "+CMS ERROR: Unknown error": ("CMS Unknown error", Reaction.DOUBT),
    "+CME ERROR: SIM failure": ("CME SIM failure", Reaction.TRANSIENT),
    "+CMS ERROR:": ("CMS", Reaction.DOUBT),
    "+CMS ERROR: 322": ("CMS 322", Reaction.REPAIR),
    "+CMS ERROR: 8": ("CMS 8", Reaction.STOP),
    "ERROR": ("ERROR", Reaction.DOUBT),
    "COMMAND NOT SUPPORT": ("COMMAND NOT SUPPORT", Reaction.TRANSIENT),
}


@pytest.mark.parametrize("where", ["prompt", "outcome"])
@pytest.mark.parametrize("line", REFUSALS)
def test_a_refusal_tells_code_and_reaction_and_leaves_doubt_only_once_the_text_was_given(
    script: Scripted, modem: AtModem, line: str, where: str
) -> None:
    modem.open()
    setattr(script, where, f"\r\n{line}\r\n".encode())
    with pytest.raises(Refused) as refused:
        modem.submit(SEGMENT)
    code, reaction = REFUSALS[line]
    if where == "prompt" and reaction is Reaction.DOUBT:
        reaction = Reaction.TRANSIENT
    assert (refused.value.code, refused.value.reaction) == (code, reaction)


def test_a_service_centre_that_takes_no_validity_period_gets_none(script: Scripted, modem: AtModem) -> None:
    modem.open()
    answers = [b"\r\n+CMS ERROR: 199\r\n", b"\r\n+CMGS: 4\r\n\r\nOK\r\n"]
    script.outcome = answers
    assert modem.submit(SEGMENT) == 4
    given = [decode_submit(said.removesuffix("^Z")).validity_minutes for said in script.heard if said.endswith("^Z")]
    assert given == [360, None]
    assert modem.submit(SEGMENT) == 4
    assert decode_submit(script.heard[-1].removesuffix("^Z")).validity_minutes is None


def test_the_pdu_may_come_back_as_an_echo(script: Scripted, modem: AtModem) -> None:
    modem.open()
    modem.submit(SEGMENT)
    pdu = script.heard[-1].removesuffix("^Z")
    script.outcome = pdu.encode() + b"\x1a\r\n+CMGS: 13\r\n\r\nOK\r\n"
    assert modem.submit(SEGMENT) == 13


@pytest.mark.slow
def test_ok_right_behind_the_prompt_proves_nothing(script: Scripted, modem: AtModem) -> None:
    """Sierra MC7455 with GPS: OK at once, the PDU as an echo, then silence; the text was sent."""
    modem.open()
    modem.submit(SEGMENT)
    script.prompt = b"\r\n> \r\nOK\r\n"
    script.outcome = script.heard[-1].removesuffix("^Z").encode() + b"\r\n"
    with pytest.raises(Unanswered):
        modem.submit(SEGMENT)


@pytest.mark.slow
def test_ok_that_overtakes_the_echo_proves_nothing_either(script: Scripted, modem: AtModem) -> None:
    modem.open()
    modem.submit(SEGMENT)
    script.outcome = b"\r\nOK\r\n" + script.heard[-1].removesuffix("^Z").encode() + b"\r\n"
    with pytest.raises(Unanswered):
        modem.submit(SEGMENT)


@pytest.mark.slow
def test_after_the_text_nothing_is_written_until_the_answer_or_the_deadline(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.outcome = b'\r\nRING\r\n\r\n+CLIP: "+32470000002",145\r\n\r\n+CMTI: "SM",1\r\n'
    with pytest.raises(Unanswered):
        modem.submit(SEGMENT)
    assert script.heard[-1].endswith("^Z")


def test_a_caller_during_a_submit_is_rejected_right_after_it(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.outcome = b'\r\nRING\r\n\r\n+CLIP: "+32470000002",145\r\n\r\nRING\r\n' + script.outcome
    script.answers["AT+CHUP"] = b"\r\nCOMMAND NOT SUPPORT\r\n"
    assert modem.submit(SEGMENT) == 12
    assert script.heard[-2:] == ["AT+CHUP", "ATH"]
    [ring] = [arrival for arrival in modem.collect() if isinstance(arrival, Ring)]
    assert ring.number == BEN


def test_a_caller_who_hides_or_gives_up_is_a_ring_too(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.say(b'\r\nRING\r\n\r\n+CLIP: "+32470000002",145\r\n\r\nNO CARRIER\r\n\r\nRING\r\n\r\n+CLIP: "",128\r\n')
    modem.wait(5, -1)
    numbers: list[str] = []
    while len(numbers) < 2:
        numbers = sorted(arrival.number for arrival in modem.collect() if isinstance(arrival, Ring))
    assert numbers == ["", BEN]


def test_a_port_that_goes_before_the_text_is_offline(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.gone_at_prompt = True
    with pytest.raises(Offline):
        modem.submit(SEGMENT)


def test_a_port_that_goes_after_the_text_is_unanswered(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.gone_after_text = True
    with pytest.raises(Unanswered):
        modem.submit(SEGMENT)
    with pytest.raises(Offline, match="not open"):
        modem.submit(SEGMENT)


@pytest.mark.slow
def test_without_a_prompt_it_starts_again_once_and_is_offline(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.prompt = None
    with pytest.raises(Offline):
        modem.submit(SEGMENT)
    assert [said for said in script.heard if said.startswith("AT+CMG")][-3:] == [
        "AT+CMGS=20",
        "AT+CMGF=0",
        "AT+CMGS=20",
    ]


@pytest.mark.parametrize("text", ["x" * 161, "ż"])
def test_a_text_that_cannot_be_coded_is_refused_for_good(script: Scripted, modem: AtModem, text: str) -> None:
    modem.open()
    with pytest.raises(Refused) as refused:
        modem.submit(Outgoing(ADA, text, Encoding.GSM7, None, 360))
    assert refused.value.reaction is Reaction.PERMANENT


LISTINGS = {
    "usual": b"\r\n+CMGL: 1,1,,25\r\n%s\r\n\r\nOK\r\n",
    "alpha field missing": b"\r\n+CMGL: 1,3,25\r\n%s\r\n\r\nOK\r\n",
    "unasked line before the PDU": b'\r\n+CMGL: 1,1,"",25\r\n\r\n^RSSI:19\r\n%s\r\n\r\nOK\r\n',
    "quote behind the PDU": b'\r\n+CMGL: 1,1,,25\r\n%s"\r\nOK\r\n',
    "a report between header and PDU": b"\r\n+CMGL: 1,1,,25\r\n+CDS: 25\r\n"
    + REPORT.encode()
    + b"\r\n%s\r\n\r\nOK\r\n",
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_every_form_of_the_list_gives_adas_text(script: Scripted, modem: AtModem, listing: bytes) -> None:
    modem.open()
    script.answers["AT+CMGL=4"] = listing.replace(b"%s", FROM_ADA.encode())
    texts = [arrival for arrival in modem.collect() if isinstance(arrival, Text)]
    assert [(text.number, text.slot) for text in texts] == [(ADA, "SM:1")]


@pytest.mark.slow
def test_a_list_that_never_comes_is_read_slot_by_slot_and_not_asked_for_again(script: Scripted, modem: AtModem) -> None:
    script.answers["AT+CPMS?"] = b'\r\n+CPMS: "SM",1,3,"SM",1,3,"SM",1,3\r\n' + OK
    script.answers["AT+CMGL=4"] = b""
    script.answers["AT+CMGR=0"] = b"\r\n+CMS ERROR: 321\r\n"
    script.answers["AT+CMGR=1"] = b"\r\nERROR\r\n"
    script.answers["AT+CMGR=2"] = b"\r\n+CMGR: 0,,26\r\n" + FROM_ADA.encode() + b"\r\n" + OK
    modem.open()
    (text,) = modem.collect()
    assert isinstance(text, Text)
    assert (text.number, text.slot) == (ADA, "SM:2")
    script.say(b'\r\n+CMTI: "SM",3\r\n')
    modem.wait(1, -1)
    assert len(modem.collect()) == 1
    assert script.heard.count("AT+CMGL=4") == 1
    modem.discard(text)


def test_a_report_on_the_line_stays_until_it_is_discarded(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.outcome = b"\r\n+CDS: 25\r\n" + REPORT.encode() + script.outcome
    assert modem.submit(SEGMENT) == 12
    [report] = modem.collect()
    assert isinstance(report, Report)
    assert (report.reference, report.slot) == (64, None)
    modem.open()
    assert list(modem.collect()) == [report]
    modem.discard(report)
    assert not modem.collect()


def test_what_nobody_can_read_is_an_oddity_that_can_be_discarded(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.answers["AT+CMGL=4"] = b"\r\n+CMGL: 7,1,,25\r\n" + b"FF" * 20 + b"\r\n\r\nOK\r\n"
    [oddity] = modem.collect()
    assert isinstance(oddity, Oddity)
    assert oddity.why
    modem.discard(oddity)
    assert script.heard[-1] == "AT+CMGD=7"
    assert not modem.collect()


def test_a_slot_is_deleted_once_only(script: Scripted, modem: AtModem) -> None:
    """A newer text may be in it by the time somebody asks again."""
    modem.open()
    script.answers["AT+CMGL=4"] = b"\r\n+CMGL: 1,1,,25\r\n" + FROM_ADA.encode() + OK
    [text] = modem.collect()
    modem.discard(text)
    modem.discard(text)
    assert script.heard.count("AT+CMGD=1") == 1


def test_a_report_in_the_memory_for_reports_is_found(script: Scripted, modem: AtModem) -> None:
    """D-Link DWM-156 lists nothing there; EC25 announces "SM",0 and means it."""
    script.answers["AT+CPMS=?"] = b'\r\n+CPMS: ("SM","SR"),("SM"),("SM")\r\n' + OK
    script.answers["AT+CMGR=52"] = b"\r\n+CMGR: ,,25\r\n" + REPORT.encode() + OK
    modem.open()
    script.say(b'\r\n+CDSI: "SM",52\r\n')
    modem.wait(5, -1)
    [report] = modem.collect()
    assert isinstance(report, Report)
    assert report.slot == "SR:52"
    modem.discard(report)
    assert script.heard[-2:] == ['AT+CPMS="SR"', "AT+CMGD=52"]


def test_a_modem_that_restarts_by_itself_is_offline_until_it_is_set_up_again(script: Scripted, modem: AtModem) -> None:
    modem.open()
    script.say(b"\r\nRDY\r\n")
    modem.wait(5, -1)
    with pytest.raises(Offline, match="started anew"):
        modem.submit(SEGMENT)
    modem.open()
    assert modem.submit(SEGMENT) == 12


@pytest.mark.slow
def test_a_sim_that_is_busy_at_first_is_asked_again(script: Scripted, modem: AtModem) -> None:
    busy, ready = b"\r\n+CME ERROR: 14\r\n", b"\r\n+CPIN: READY\r\n"
    script.answers["AT+CPIN?"] = [busy, ready]  # Wavecom: no OK behind it
    modem.open()
    assert modem.submit(SEGMENT) == 12


@pytest.mark.slow
def test_a_wrong_pin_is_entered_once_only(script: Scripted) -> None:
    modem = AtModem(script.path, name="a", pin="1234", deadlines=QUICK)
    script.answers["AT+CPIN?"] = b"\r\n+CPIN: SIM PIN\r\n" + OK
    script.answers['AT+CPIN="1234"'] = b"\r\n+CME ERROR: 16\r\n"
    for _ in range(3):
        with pytest.raises(Offline, match="PIN"):
            modem.open()
    assert script.heard.count('AT+CPIN="1234"') == 1


def test_a_pin_that_was_refused_elsewhere_is_not_tried(script: Scripted) -> None:
    modem = AtModem(script.path, name="a", pin="1234", deadlines=QUICK)
    script.answers["AT+CPIN?"] = b"\r\n+CPIN: SIM PIN\r\n" + OK
    script.answers['AT+CPINR="SIM PIN"'] = b"\r\n+CPINR: SIM PIN,2,3\r\n" + OK
    with pytest.raises(Offline, match="refused a PIN before"):
        modem.open()
    assert 'AT+CPIN="1234"' not in script.heard


LOCKED = {
    b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n": "asks for its PIN",
    b"\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n": "PUK",
    b"\r\n+CME ERROR: 10\r\n": "no SIM",
    b"\r\n+CME ERROR: SIM not inserted\r\n": "no SIM",
}


@pytest.mark.parametrize("answer", LOCKED)
def test_a_sim_that_needs_a_human_is_named(script: Scripted, modem: AtModem, answer: bytes) -> None:
    script.answers["AT+CPIN?"] = answer
    with pytest.raises(Offline, match=LOCKED[answer]):
        modem.open()


@pytest.mark.slow
def test_a_modem_built_without_texts_is_unsuitable(script: Scripted, modem: AtModem) -> None:
    script.answers["AT+CMGF=0"] = b"\r\nERROR\r\n"
    with pytest.raises(Unsuitable, match="use another modem"):
        modem.open()


def test_announcements_fall_back_to_what_the_modem_knows(script: Scripted, modem: AtModem) -> None:
    script.answers["AT+CNMI=2,1,0,1,0"] = b"\r\n+CMS ERROR: 538\r\n"
    modem.open()
    assert [said for said in script.heard if "CNMI" in said] == ["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,1,1"]


def test_the_memory_falls_back_to_what_the_modem_takes(script: Scripted, modem: AtModem) -> None:
    script.answers["AT+CPMS=?"] = b'\r\n+CPMS: ("ME","SM"),("ME","SM"),("SM")\r\n' + OK
    script.answers['AT+CPMS="ME","ME","ME"'] = b"\r\n+CMS ERROR: 302\r\n"
    modem.open()
    assert [said for said in script.heard if 'CPMS="' in said][:2] == [
        'AT+CPMS="ME","ME","ME"',
        'AT+CPMS="SM","SM","SM"',
    ]


@pytest.mark.slow
def test_a_modem_that_is_silent_or_talks_without_end_is_offline(script: Scripted, modem: AtModem) -> None:
    script.answers["AT"] = b"\r\n^RSSI:19\r\n" * 3
    with pytest.raises(Offline, match="did not answer"):
        modem.open()


# --- the same on the emulator: time, faults in the middle, other programs


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def emulated(network: Network) -> Iterator[EmulatedModem]:
    with EmulatedModem("a", network) as one:
        yield one


@pytest.fixture
def driver(emulated: EmulatedModem) -> Iterator[AtModem]:
    one = AtModem(emulated.path, name="a", deadlines=Deadlines(submit=0.5, radio_off=0.02, quiet=0.02))
    one.open()
    yield one
    one.close()


@pytest.mark.slow
def test_a_line_every_moment_does_not_put_off_the_deadline(
    driver: AtModem, emulated: EmulatedModem, network: Network
) -> None:
    emulated.chatter("^RSSI:19", 0.05)
    network.silence_next_submit(after_accept=True)
    with pytest.raises(Unanswered):
        driver.submit(SEGMENT)


def test_a_port_unplugged_at_the_prompt_has_sent_nothing(
    driver: AtModem, emulated: EmulatedModem, network: Network
) -> None:
    emulated.at_moment(Moment.COMMAND, emulated.unplug)
    with pytest.raises(Offline):
        driver.submit(SEGMENT)
    assert not network.airwaves


def test_a_port_unplugged_after_acceptance_is_doubt(driver: AtModem, emulated: EmulatedModem, network: Network) -> None:
    emulated.at_moment(Moment.ACCEPTED, emulated.unplug)
    with pytest.raises(Unanswered):
        driver.submit(SEGMENT)
    assert len(network.airwaves) == 1


@pytest.mark.slow
def test_a_modem_left_at_the_prompt_is_freed_and_sends_nothing(emulated: EmulatedModem, network: Network) -> None:
    other = os.open(emulated.path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(other)
    os.write(other, b"AT+CMGS=20\r0011000B91")
    os.close(other)
    modem = AtModem(emulated.path, name="a")
    modem.open()
    modem.submit(SEGMENT)
    modem.close()
    assert [sent.text for sent in network.airwaves] == ["Gezien"]


def test_a_port_in_use_is_named_with_its_user(driver: AtModem, emulated: EmulatedModem) -> None:
    with pytest.raises(Offline, match=r"is in use by .*: stop that program"):
        AtModem(emulated.path, name="b").open()


def test_texts_are_found_without_any_announcement(driver: AtModem, emulated: EmulatedModem, network: Network) -> None:
    emulated.announces = False
    network.text(ADA, "OK")
    driver.open()
    assert [arrival.text for arrival in driver.collect() if isinstance(arrival, Text)] == ["OK"]


@pytest.mark.slow
def test_a_full_hand_of_arrivals_comes_in_bounded_batches(driver: AtModem, network: Network) -> None:
    for count in range(40):
        network.text(ADA, f"antwoord {count}")
    seen: list[str] = []
    while len(seen) < 40:
        batch = driver.collect()
        assert len(batch) <= 30
        for arrival in batch:
            assert isinstance(arrival, Text)
            seen.append(arrival.text)
            driver.discard(arrival)
        driver.wait(0.1, -1)
    assert sorted(seen) == sorted(f"antwoord {count}" for count in range(40))


def test_a_concatenated_segment_goes_out_as_it_is(driver: AtModem, network: Network) -> None:
    place = Concatenation(7, 2, 1)
    driver.submit(Outgoing(ADA, "deel één é", Encoding.GSM7, place, 360))
    assert network.airwaves[-1].concatenation == place


def test_the_link_is_kept_up_between_two_texts_where_the_modem_can(
    driver: AtModem, emulated: EmulatedModem, script: Scripted, modem: AtModem
) -> None:
    assert emulated.cell.settings.link == 2
    script.answers["AT+CMMS=2"] = b"\r\n+CMS ERROR: 500\r\n"  # E1752
    modem.open()
    assert modem.submit(SEGMENT) == 12


@pytest.mark.parametrize("step", [Step.RADIO, Step.RESET])
@pytest.mark.slow
def test_a_step_of_the_ladder_is_told_to_the_modem_and_it_sends_again(
    driver: AtModem, emulated: EmulatedModem, network: Network, step: Step
) -> None:
    driver.close()
    assert driver.recover(step)
    while not emulated.path:  # a USB modem is away for a while
        driver.wait(0.05, -1)
    again = AtModem(emulated.path, name="a")
    again.open()
    again.submit(SEGMENT)
    again.close()
    assert [sent.text for sent in network.airwaves] == ["Gezien"]


def test_the_first_reset_that_the_maker_knows_is_taken(script: Scripted, modem: AtModem) -> None:
    script.answers["AT+CFUN=1,1"] = script.answers["AT+CRESET"] = b"\r\nERROR\r\n"
    assert modem.recover(Step.RESET)
    assert [command for command in script.heard if command != "AT"] == ["AT+CFUN=1,1", "AT+CRESET", "AT^RESET"]


@pytest.mark.slow
def test_a_step_that_cannot_be_taken_is_no_step(script: Scripted, modem: AtModem) -> None:
    assert not modem.recover(Step.POWER)
    for command in ("AT+CFUN=4", "AT+CFUN=0"):
        script.answers[command] = b"\r\nERROR\r\n"
    assert not modem.recover(Step.RADIO)
    script.answers["AT"] = b""
    assert not modem.recover(Step.RESET)
    assert not AtModem("/dev/nowhere", name="a").recover(Step.RADIO)


@pytest.mark.slow
def test_a_pin_that_was_never_answered_is_not_tried_again(script: Scripted) -> None:
    """The card may have counted it."""
    cards = ForgetfulCards()
    script.answers["AT+CPIN?"] = b"\r\n+CPIN: SIM PIN\r\n" + OK
    script.answers['AT+CPIN="1234"'] = b""
    for _ in range(2):  # another process each time
        modem = AtModem(script.path, name="a", pin="1234", cards=cards, deadlines=QUICK)
        with pytest.raises(Offline):
            modem.open()
        modem.close()
    assert script.heard.count('AT+CPIN="1234"') == 1
