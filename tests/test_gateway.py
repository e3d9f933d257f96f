"""The gateway between a real database and a real tty."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import alerts, store
from appliance.alerts import MessageClass, Source, countdown
from appliance.clock import now as real_now
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.models import Alert, Arrival, Audit, Delivery, ModemState, Segment
from appliance.modem.drivers import open_modem
from appliance.modem.emulator import PROFILES, EmulatedModem, Moment, Network
from appliance.people.members import Role
from appliance.queue import outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State

ADA, BEN = "+32470000201", "+32470000202"
PATIENCE = 60.0  # seconds: on a busy machine each commit takes a while


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def modem(network, tmp_path) -> Iterator[EmulatedModem]:
    with EmulatedModem("a", network, link=tmp_path / "modem-a") as one:
        yield one


@pytest.fixture
def gateway(street, modem) -> Iterator[Gateway]:
    street.now = real_now()
    one = started(street, modem)
    yield one
    one.end()


def started(house, modem) -> Gateway:
    driver = open_modem("at", str(modem.link), name="a")
    gateway = Gateway("a", driver, house.bin, Doorbell(store.bells(), "gateway-a"), real_now)
    gateway.begin()
    return gateway


def until(gateway: Gateway, fact: Callable[[], object]) -> None:
    """Step until *fact*, within a deadline that only a fault can reach."""
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        if not gateway.step():
            gateway.wait(0.01)


def forward(house, text="Inbraak bezig Kerkstraat", message_class=MessageClass.URGENT) -> Alert:
    alert = alerts.create(message_class, Source.COORDINATOR, text, "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", real_now(), house.bin)
    return alert


def states() -> list[str]:
    return [segment.state for segment in Segment.select().order_by(Segment.id)]


@pytest.mark.slow
def test_an_alert_reaches_every_phone_word_for_word_and_is_reported_delivered(street, gateway, network):
    forward(street, "l'Église & <b>100€</b>")
    until(gateway, lambda: states() and set(states()) == {State.DELIVERED})
    assert len(network.airwaves) == 5
    assert "l'Église & <b>100€</b>" in network.inbox(ADA)[0]


@pytest.mark.slow
def test_coordinators_come_first(street, gateway, network):
    forward(street)
    until(gateway, lambda: len(network.airwaves) == 5)
    assert {sent.number[-3:] for sent in network.airwaves[:2]} == {"101", "102"}


@pytest.mark.slow
def test_adas_reply_is_counted_and_gone_from_the_modem(street, gateway, network, modem):
    alert = forward(street)
    until(gateway, lambda: len(network.airwaves) == 5)
    network.text(ADA, "OK")
    until(gateway, lambda: [d.name for d in alert.deliveries if d.confirmed_at] == ["Ada"])
    until(gateway, lambda: not any(modem.cell.stores.values()))


@pytest.mark.slow
def test_bens_ring_is_rejected_and_counted(street, gateway, network):
    alert = forward(street)
    until(gateway, lambda: len(network.airwaves) == 5)
    network.ring(BEN)
    until(gateway, lambda: [d.name for d in alert.deliveries if d.confirmed_at] == ["Ben"])
    assert network.calls[0].rejected


@pytest.mark.slow
def test_a_refused_number_stops_nobody_else(street, gateway, network):
    network.refuse(ADA, 1)
    forward(street)
    until(gateway, lambda: states().count(State.DELIVERED) == 4)
    failed = Segment.get(Segment.state == State.FAILED)
    assert (failed.number, failed.code) == (ADA, "CMS 1")


@pytest.mark.slow
def test_a_modem_that_is_pulled_out_and_put_back_goes_on_alone(street, gateway, network, modem):
    modem.at_moment(Moment.COMMAND, modem.unplug)
    forward(street)
    until(gateway, lambda: (row := ModemState.get_or_none()) and not row.online)
    modem.plug_in()
    until(gateway, lambda: set(states()) == {State.DELIVERED})
    assert len(network.airwaves) == 5


@pytest.mark.slow
def test_a_gateway_that_died_between_acceptance_and_outcome_doubles_nothing_when_a_report_comes(
    street, gateway, network, modem
):
    network.reports = True
    forward(street)
    until(gateway, lambda: len(network.airwaves) == 2)
    # what kill -9 after Ctrl-Z leaves: the network has it, the store says "submitting"
    last = Segment.select().where(Segment.message_reference.is_null(False)).order_by(Segment.claimed_at.desc()).get()
    network.reports = False
    Segment.update(state=State.SUBMITTING, message_reference=None, delivered_at=None).where(
        Segment.id == last.id
    ).execute()
    network.reports = True
    gateway.begin()
    assert Segment.get_by_id(last.id).state == State.IN_DOUBT


@pytest.mark.slow
def test_a_gateway_that_starts_amid_an_alert_says_in_the_log_that_it_goes_on(street, gateway, network):
    went_on = Audit.select().where(Audit.verb == "went on after a break")
    forward(street)
    gateway.begin()
    assert not went_on.exists(), "nothing of it had left"
    until(gateway, lambda: len(network.airwaves) == 2)
    assert outbox.broken_off("b", real_now()) == [], "another modem has begun nothing"
    gateway.begin()
    assert [row.subject for row in went_on] == ["alert 1"]
    until(gateway, lambda: set(states()) == {State.DELIVERED})
    gateway.begin()
    assert went_on.count() == 1


@pytest.mark.slow
def test_an_arrival_is_kept_before_it_is_discarded(street, gateway, network, modem):
    network.text(ADA, "is er iets aan de hand?")
    until(gateway, lambda: Arrival.select().count() == 1)
    assert Arrival.get().text == "is er iets aan de hand?"


@pytest.mark.slow
def test_an_idle_gateway_is_woken_by_a_decision(street, gateway, network):
    until(gateway, lambda: not gateway.step())
    forward(street)  # rings the bell after its commit
    began = time.monotonic()
    gateway.wait(60)
    assert time.monotonic() - began < 30  # woken, not timed out
    until(gateway, lambda: len(network.airwaves) == 5)


def test_a_wrong_tty_is_said_in_one_sentence_and_asked_again_later(street, tmp_path):
    driver = open_modem("at", "/etc/hostname", name="a")
    gateway = Gateway("a", driver, street.bin, Doorbell(store.bells(), "gateway-a"), street.clock)
    assert gateway.step() is False
    row = ModemState.get()
    assert not row.online
    assert "/etc/hostname" in row.fault
    gateway.end()


@pytest.mark.slow
def test_delayed_and_counted_by_the_gateways_own_clock(street, gateway, network):
    alert = alerts.create(MessageClass.PREVENTIVE, Source.COORDINATOR, "Sluit uw ramen", "Lies", street.now, street.bin)
    alerts.delay(alert, real_now(), "Lies", "page", street.now, street.bin)
    until(gateway, lambda: Delivery.select().where(Delivery.alert == alert).count() == 5)


@pytest.mark.slow
def test_sixty_answers_during_a_send_with_ten_slots_are_all_counted(house, tmp_path):
    house.now = real_now()
    numbers = [f"+324701{count:05}" for count in range(60)]
    house.enrol("Lies", "0470000101", Role.COORDINATOR)
    for count, number in enumerate(numbers):
        house.enrol(f"Buur {count}", number)
    network = Network()
    network.on_delivery(lambda number, _: network.text(number, "OK") if number in numbers else None)
    ten = replace(PROFILES["plain"], memories={"SM": 10})
    with EmulatedModem("a", network, profile=ten, link=tmp_path / "modem-a") as modem:
        gateway = started(house, modem)
        alert = forward(house)
        until(gateway, lambda: alert.deliveries.where(Delivery.confirmed_at.is_null(False)).count() == 60)
        until(gateway, lambda: not any(modem.cell.stores.values()))
        gateway.end()


@pytest.mark.slow
def test_what_no_decoder_can_read_is_set_aside_and_leaves_the_modem(street, gateway, network, modem):
    network.raw("0791FFFF")
    network.text(ADA, "na het onleesbare")
    until(gateway, lambda: Arrival.select().count() == 2)
    until(gateway, lambda: not any(modem.cell.stores.values()))
    assert Arrival.get(Arrival.kind == "oddity").state == "aside"


@pytest.mark.slow
def test_c36_no_malformed_text_stops_the_gateway_loses_the_next_one_or_tells_a_member_anything(
    street, gateway, network, modem
):
    """CVE-2023-4233 and its kin: the SMS itself attacks the decoder. See tests/web/test_threats.py."""
    vectors = json.loads((Path(__file__).parent / "data/pdus.json").read_text(encoding="utf-8"))
    for vector in vectors["malformed"]:
        if re.fullmatch("(?:[0-9A-Fa-f]{2})+", vector["hex"]):
            network.raw(vector["hex"])
    network.text(ADA, "na het onleesbare")
    until(gateway, lambda: Arrival.select().where(Arrival.text == "na het onleesbare").exists())
    until(gateway, lambda: not any(modem.cell.stores.values()))
    assert ModemState.get().online and not Delivery.select().where(Delivery.kind == Kind.ALERT).exists()
    assert {arrival.state for arrival in Arrival.select().where(Arrival.kind == "oddity")} == {"aside"}


def idle(gateway: Gateway) -> list[str]:
    """What *gateway* asks the store in one round that finds nothing to do."""
    while gateway.step():
        pass
    gateway.step()  # the round before may have written how the modem is
    with asked() as statements:
        assert not gateway.step()
    return statements


@contextmanager
def asked() -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    statements: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            statements.append(str(record.msg))

    listening, log = Heard(), logging.getLogger("peewee")
    level = log.level
    log.addHandler(listening)
    log.setLevel(logging.DEBUG)
    yield statements
    log.removeHandler(listening)
    log.setLevel(level)


@pytest.fixture
def quiet(street, modem) -> Iterator[Gateway]:
    """A gateway on the clock of the test, which stands still until it is moved."""
    driver = open_modem("at", str(modem.link), name="a")
    gateway = Gateway("a", driver, street.bin, Doorbell(store.bells(), "gateway-a"), street.clock)
    gateway.begin()
    yield gateway
    gateway.end()


@pytest.mark.slow
def test_a_gateway_with_nothing_to_do_asks_the_store_only_whether_somebody_wrote(street, quiet):
    assert len(idle(quiet)) == 1
    street.enrol("Dirk", "0470000204")
    with asked() as statements:
        quiet.step()
    assert len(statements) > 1, "Dirk was written down: it looks at everything again"


@pytest.mark.slow
def test_what_was_planned_leaves_when_it_falls_due_although_nobody_writes(street, quiet, network):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Segment.update(due_at=street.now + timedelta(seconds=3)).execute()
    idle(quiet)
    street.later(seconds=2)
    quiet.step()
    assert not network.airwaves
    street.later(seconds=1)
    quiet.step()
    assert network.airwaves


@pytest.mark.slow
def test_a_countdown_that_ends_amid_the_calm_is_not_late(street, quiet, network):
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak", "Lies", street.now, street.bin)
    running = countdown.begin(alert, "Lies", "page", street.now, street.bin)
    street.now = running.due_at - timedelta(seconds=1)
    idle(quiet)
    street.later(seconds=1)
    quiet.step()
    assert Segment.select().exists()


@pytest.mark.slow
def test_a_clock_that_was_set_back_ends_the_calm(street, quiet):
    idle(quiet)
    street.later(days=-30)
    with asked() as statements:
        quiet.step()
    assert len(statements) > 1
