"""What the gateway relies on, proven for both real drivers on a real tty."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.arrivals import Arrival, Concatenation, Encoding, Outgoing, Report, Ring, Text
from appliance.modem import Modem, NeedsHuman, Offline, Refused, Unanswered
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines
from appliance.modem.emulator import EmulatedModem, Network
from appliance.modem.gammu_modem import GammuModem
from appliance.modem.recovery import Step
from appliance.modem.sim import ForgetfulCards

ADA, BEN, CLEO = "+32470000001", "+32470000002", "+32470000003"
DEADLINE = 20.0
DRIVERS: dict[str, Callable[[str], Modem]] = {
    "at": lambda port: AtModem(port, name="a", deadlines=Deadlines(submit=0.5, quiet=0.02)),
    "gammu": lambda port: GammuModem(port, name="a", patience=3.0),
}


@dataclass
class Bench:
    """One emulated modem, the driver on it, and the network around."""

    network: Network
    emulated: EmulatedModem
    modem: Modem
    nobody: int  # a bell that is never rung

    def until(self, wanted: Callable[[Arrival], bool]) -> Arrival:
        """The first arrival that is *wanted*; it stays in the modem."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            for arrival in self.modem.collect():
                if wanted(arrival):
                    return arrival
            self.modem.wait(0.2, self.nobody)
        raise AssertionError("it never came")

    def empty(self) -> None:
        """Nothing is left over from the test before."""
        while left := self.modem.collect():
            for arrival in left:
                self.modem.discard(arrival)


@pytest.fixture(scope="module", params=["at", pytest.param("gammu", marks=pytest.mark.slow)])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    network = Network()
    link = tmp_path_factory.mktemp("serial") / "by-path"
    bell, ringer = os.pipe()
    with EmulatedModem("a", network, link=link) as emulated:
        modem = DRIVERS[request.param](str(link))
        modem.open()
        yield Bench(network, emulated, modem, bell)
        modem.close()
    os.close(bell)
    os.close(ringer)


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.empty()
    return shared


def segment(text: str, number: str = ADA, part: Concatenation | None = None) -> Outgoing:
    encoding = Encoding.GSM7 if text.isascii() or "€" in text else Encoding.UCS2
    return Outgoing(number, text, encoding, part, validity_minutes=360)


@pytest.mark.parametrize("text", ["Verdachte bestelwagen [wit] ~ 50 € {x}", "Hoog water 🌊, blijf binnen ~ ê"])
def test_what_is_submitted_arrives_word_for_word(bench: Bench, text: str) -> None:
    reference = bench.modem.submit(segment(text))
    sent = bench.network.airwaves[-1]
    assert (sent.number, sent.text, sent.reference, sent.report) == (ADA, text, reference, True)


def test_a_part_of_a_long_text_keeps_its_place(bench: Bench) -> None:
    place = Concatenation(reference=200, total=3, sequence=2)
    bench.modem.submit(segment("middenstuk", part=place))
    assert bench.network.airwaves[-1].concatenation == place


def test_adas_answer_stays_in_the_modem_until_it_is_discarded(bench: Bench) -> None:
    bench.network.text(ADA, "OK € gezien")
    text = bench.until(lambda arrival: isinstance(arrival, Text))
    assert isinstance(text, Text)
    assert (text.number, text.text, text.concatenation) == (ADA, "OK € gezien", None)
    assert text.sent_at is not None
    assert text in bench.modem.collect()
    bench.modem.discard(text)
    assert text not in bench.modem.collect()
    bench.modem.discard(text)


def test_a_long_answer_comes_part_by_part(bench: Bench) -> None:
    bench.network.text(BEN, "ik zag hem aan de kerk 🚗 " * 6)
    seen: dict[int, str] = {}

    def last_part(arrival: Arrival) -> bool:
        if isinstance(arrival, Text) and arrival.concatenation:
            seen[arrival.concatenation.sequence] = arrival.text
            return len(seen) == arrival.concatenation.total
        return False

    bench.until(last_part)
    assert "".join(seen[place] for place in sorted(seen)) == "ik zag hem aan de kerk 🚗 " * 6


def test_a_ring_from_ben_is_rejected_and_kept(bench: Bench) -> None:
    bench.network.ring(BEN)
    ring = bench.until(lambda arrival: isinstance(arrival, Ring))
    assert isinstance(ring, Ring)
    assert ring.number == BEN
    assert bench.network.calls[-1].rejected
    assert ring in bench.modem.collect()
    bench.modem.discard(ring)
    assert not [arrival for arrival in bench.modem.collect() if isinstance(arrival, Ring)]


def test_a_delivery_report_names_the_reference_of_its_segment(bench: Bench) -> None:
    reference = bench.modem.submit(segment("met rapport", CLEO))
    report = bench.until(lambda arrival: isinstance(arrival, Report) and arrival.number == CLEO)
    assert isinstance(report, Report)
    assert (report.reference, report.status) == (reference, 0)
    assert report in bench.modem.collect()
    bench.modem.discard(report)
    assert report not in bench.modem.collect()


def test_a_text_that_nobody_can_read_does_not_hide_the_next_one(bench: Bench) -> None:
    bench.network.raw("0791FFFF")
    bench.network.text(ADA, "na het onleesbare")
    text = bench.until(lambda arrival: isinstance(arrival, Text))
    assert isinstance(text, Text)
    assert text.text == "na het onleesbare"


def test_a_refused_number_raises_refused_and_the_next_one_goes_out(bench: Bench) -> None:
    bench.network.refuse(BEN, 1)
    with pytest.raises(Refused):
        bench.modem.submit(segment("hallo", BEN))
    bench.network.accept(BEN)
    bench.modem.submit(segment("hallo", BEN))
    assert bench.network.airwaves[-1].number == BEN


@pytest.mark.slow
def test_silence_after_the_hand_over_is_unanswered_and_open_mends_it(bench: Bench) -> None:
    before = len(bench.network.airwaves)
    bench.network.silence_next_submit(after_accept=True)
    with pytest.raises(Unanswered):
        bench.modem.submit(segment("stilte"))
    assert len(bench.network.airwaves) == before + 1
    bench.emulated.reboot()
    bench.modem.open()
    bench.modem.submit(segment("na de stilte"))
    assert bench.network.airwaves[-1].text == "na de stilte"


def test_a_port_that_is_gone_is_offline_and_back_it_works_again(bench: Bench) -> None:
    bench.emulated.unplug()
    with pytest.raises(Offline):
        bench.modem.submit(segment("niemand"))
    with pytest.raises(Offline):
        bench.modem.open()
    bench.emulated.plug_in()
    bench.modem.open()
    bench.modem.submit(segment("weer daar"))
    assert bench.network.airwaves[-1].text == "weer daar"


def test_it_starts_anew_when_told_and_has_no_power_switch(bench: Bench) -> None:
    assert not bench.modem.recover(Step.POWER)
    assert bench.modem.recover(Step.RESET)
    bench.emulated.plug_in()  # at once; a real one takes its time
    bench.modem.open()
    bench.modem.submit(segment("na de herstart"))
    assert bench.network.airwaves[-1].text == "na de herstart"


def test_it_says_how_it_is(bench: Bench) -> None:
    status = bench.modem.status()
    assert (status.registered, status.registration, status.operator) == (True, "home", "Proximus")
    assert status.imei.isdigit()
    assert status.storage_total


def test_the_bell_wakes_it(bench: Bench) -> None:
    bell, ringer = os.pipe()
    os.write(ringer, b"!")
    bench.modem.wait(600, bell)
    os.close(bell)
    os.close(ringer)


@pytest.mark.parametrize("driver", ["at", "gammu"])
def test_a_path_without_a_modem_is_named_with_what_to_do(driver: str, tmp_path: Path) -> None:
    with pytest.raises(Offline, match="is not there: plug the modem in"):
        DRIVERS[driver](str(tmp_path / "ttyUSB9")).open()
    with pytest.raises(Offline, match="/etc/hostname is not a modem port"):
        DRIVERS[driver]("/etc/hostname").open()


@pytest.mark.parametrize("driver", [AtModem, pytest.param(GammuModem, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_wrong_pin_is_entered_once_by_whichever_driver(driver: type[AtModem | GammuModem]) -> None:
    cards = ForgetfulCards()
    with EmulatedModem("a", Network(), pin="4711") as emulated:
        for _ in range(2):
            modem = driver(emulated.path, name="a", pin="1234", cards=cards)
            with pytest.raises(NeedsHuman, match="PIN"):
                modem.open()
            modem.close()
        assert emulated.cell.card.tries == 2
        modem = driver(emulated.path, name="a", pin="4711", cards=cards)
        modem.open()
        modem.close()
