"""How a modem is brought back: the ladder as data, and the gateway that climbs it on a real tty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance import alerts, modem_state, store
from appliance.alerts import MessageClass, Source, going_on
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.gateway.balance import Question
from appliance.gateway.cards import StoredCards
from appliance.gateway.power import PowerFailed
from appliance.gateway.self_test import WORDS
from appliance.gateway.terms import Terms
from appliance.models import Alert, Arrival, Segment, SimCard
from appliance.modem.at import AtModem
from appliance.modem.dialogue import Deadlines
from appliance.modem.emulator import EmulatedModem, Network
from appliance.modem.recovery import HARD, LADDER, Past, Step, Suspicion, after, next_step
from appliance.modem_state import Wish
from appliance.queue import budget
from appliance.queue.states import State
from appliance.queue.subscription import Room, Subscription

ADA, BEN, CLEO, OWN = "+32470000201", "+32470000202", "+32470000203", "+32470000999"
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
QUICK = Deadlines(
    answer=0.5, slow=0.5, wake=0.1, prompt=0.3, submit=0.3, rest=0.1, sim=0.5, caller=0.1, radio_off=0.02, quiet=0.02
)
DENIED = 3
NO_TERMS = Terms()


# --- the ladder as data


def test_the_ladder_is_climbed_rung_by_rung_and_goes_on_at_the_radio():
    past, now, steps = Past(), NOON, []
    for _ in range(8):
        while (step := next_step(past, now)) is None:
            now += timedelta(seconds=5)
        past = after(past, step, now)
        steps.append(step)
    assert steps[:6] == [Step.REOPEN, Step.OTHER_PORT, Step.RADIO, Step.RESET, Step.POWER, Step.GIVE_UP]
    assert steps[6:] == [Step.RADIO, Step.RESET]


def test_everybody_knows_the_last_rung_by_the_same_number():
    assert modem_state.GAVE_UP == Step.GIVE_UP


def test_what_may_harm_more_than_it_heals_is_never_done_by_the_box_itself():
    assert {rung.step for rung in LADDER if not rung.automatic} == {Step.USB, Step.REBOOT}


def test_a_step_for_which_there_is_no_way_is_passed_over():
    assert next_step(Past(), NOON, at_least=Step.RADIO, without={Step.RADIO, Step.RESET}) is Step.POWER
    assert next_step(Past(), NOON, without=set(Step) - {Step.GIVE_UP}) is Step.GIVE_UP


@given(some.lists(some.tuples(some.integers(1, 600), some.booleans(), some.sampled_from(list(Step)))))
def test_no_storm_whatever_goes_wrong_and_whenever_it_is_well_in_between(events):
    """At most one hard step in five minutes; the power at most each 15, then 30, then 60 minutes."""
    past, now, hard, power = Past(), NOON, [], []
    for seconds, well, at_least in events:
        now += timedelta(seconds=seconds)
        if well:
            past = Past(None, None, past.hard_at, past.power_at, past.powers)
        step = next_step(past, now, at_least=min(at_least, Step.POWER))
        if step is None:
            continue
        past = after(past, step, now)
        if HARD <= step <= Step.POWER:
            hard.append(now)
        if step is Step.POWER:
            power.append(now)
    assert all(later - earlier >= timedelta(minutes=5) for earlier, later in pairwise(hard))
    gaps = [later - earlier for earlier, later in pairwise(power)]
    assert all(gap >= timedelta(minutes=15) for gap in gaps)
    for first, second in pairwise(gaps):
        if max(first, second) < timedelta(hours=2):
            assert second >= timedelta(minutes=30)


def test_a_clock_that_was_wrong_holds_nothing_up():
    tomorrow = NOON + timedelta(days=1)
    past = Past(Step.REOPEN, tomorrow, tomorrow, tomorrow, 3)
    assert next_step(past, NOON, at_least=Step.POWER) is Step.POWER


def test_two_recipients_in_a_row_are_the_modem_and_one_alone_is_himself():
    suspicion = Suspicion()
    assert [suspicion.failed(ADA), suspicion.failed(ADA), suspicion.failed(BEN)] == [False, False, True]
    suspicion.failed(ADA)
    suspicion.sent()
    assert suspicion.failed(BEN) is False
    suspicion.failed(BEN)
    assert not suspicion.in_vain
    suspicion.failed(BEN)
    assert suspicion.in_vain


def test_three_recipients_with_the_same_barring_are_this_sim():
    suspicion = Suspicion()
    refused = [(ADA, 1), (ADA, 2), (BEN, 3), (CLEO, 4)]
    assert [suspicion.forbidden("CMS 10", *one) for one in refused] == [False, False, False, True]
    assert suspicion.wrongly_blamed == {1, 2, 3, 4}
    assert suspicion.forbidden("CMS 29", ADA, 5) is False
    assert suspicion.wrongly_blamed == {5}


# --- the gateway climbs it


class Box:
    """One gateway on one emulated modem, in a neighbourhood whose clock goes on when nothing is done."""

    def __init__(self, street, emulated: EmulatedModem, name: str, terms: Terms, pin: str = "") -> None:
        self.street = street
        self.emulated = emulated
        self.name = name
        driver = AtModem(str(emulated.link), name=name, pin=pin, cards=StoredCards(), deadlines=QUICK)
        bell = Doorbell(store.bells(), f"gateway-{name}")
        self.gateway = Gateway(name, driver, street.bin, bell, street.clock, terms, hear_out=0.05)
        self.gateway.begin()

    def until(self, fact: Callable[[], object], minutes: float = 60, pause: float = 5) -> None:
        """Step until *fact*: *pause* seconds on the box's clock for each step without work."""
        end = self.street.now + timedelta(minutes=minutes)
        while not fact():
            assert self.street.now < end, "the fact never came true"
            if not self.gateway.step():
                self.street.later(seconds=pause)

    def idle(self, minutes: float) -> None:
        """So long goes by."""
        end = self.street.now + timedelta(minutes=minutes)
        self.until(lambda: self.street.now >= end, minutes + 2, pause=max(5.0, minutes * 2))

    @property
    def row(self):
        return modem_state.of(self.name)

    @property
    def taken(self) -> dict[str, int]:
        """How often each step of the ladder was taken."""
        return msgspec.json.decode(self.row.steps_taken) if self.row else {}

    @property
    def commands(self) -> list[str]:
        return [entry.what for entry in self.emulated.wire]


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def plug(network, tmp_path) -> Iterator[Callable[..., EmulatedModem]]:
    """Plugs another modem in."""
    modems: list[EmulatedModem] = []

    def one(name: str = "a", **more) -> EmulatedModem:
        modems.append(EmulatedModem(name, network, link=tmp_path / f"modem-{name}", **more))
        modems[-1].start()
        return modems[-1]

    yield one
    for modem in modems:
        modem.close()


@contextmanager
def running(
    street, emulated: EmulatedModem, terms: Terms = NO_TERMS, *, name: str = "a", pin: str = ""
) -> Iterator[Box]:
    box = Box(street, emulated, name, terms, pin)
    try:
        yield box
    finally:
        box.gateway.end()


def forward(street, message_class=MessageClass.URGENT):
    alert = alerts.create(message_class, Source.COORDINATOR, "Inbraak Kerkstraat", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    return alert


def states() -> set[str]:
    return {segment.state for segment in Segment.select()}


def all_told() -> bool:
    return states() <= {State.SUBMITTED, State.DELIVERED}


@pytest.mark.slow
def test_a_modem_that_never_says_a_word_again_is_brought_back_by_its_power_and_loses_nothing(street, network, plug):
    emulated, cuts = plug(), []

    def cut() -> None:
        cuts.append(street.now)
        emulated.unplug()
        emulated.plug_in()

    with running(street, emulated, Terms(power=cut)) as box:
        box.until(lambda: box.row)
        emulated.hang()
        forward(street)
        fell = street.now
        box.until(all_told)
        assert len(network.airwaves) == 5
        assert cuts[0] - fell < timedelta(minutes=2)
        assert (len(cuts), box.taken["power"], box.row.recovery_step) == (1, 1, None)


@pytest.mark.slow
@pytest.mark.parametrize(("cuts_power", "step"), [(True, "power"), (False, "reset")])
def test_a_modem_that_somebody_at_the_page_wants_started_anew_is_once_and_goes_on(
    street, network, plug, cuts_power, step
):
    emulated = plug()

    def cut() -> None:
        emulated.unplug()
        emulated.plug_in()

    with running(street, emulated, Terms(power=cut if cuts_power else None)) as box:
        box.until(lambda: box.row and box.row.online)
        modem_state.wish(box.row, Wish.RESTART, "Lies", street.now)
        box.until(lambda: box.taken.get(step))
        box.until(lambda: box.row.online and box.row.recovery_step is None)
        assert box.row.restart_wanted_at is None
        forward(street)
        box.until(all_told)
        assert box.taken == {step: 1}


@pytest.mark.slow
def test_without_a_way_to_cut_the_power_it_gives_up_aloud_and_a_human_who_replugs_is_enough(street, network, plug):
    emulated = plug()
    with running(street, emulated) as box:
        box.until(lambda: box.row)
        emulated.hang()
        forward(street)
        box.until(lambda: box.row.recovery_step == Step.GIVE_UP)
        assert not box.row.online
        emulated.unplug()
        emulated.plug_in()
        box.until(all_told)
        assert len(network.airwaves) == 5


@pytest.mark.slow
def test_a_network_that_denies_the_modem_is_asked_anew_with_the_radio_off_and_on(street, network, plug):
    emulated = plug()
    network.registration = DENIED
    with running(street, emulated) as box:
        box.until(lambda: box.taken.get("radio"))
        assert box.commands.index("AT+CFUN=4") < box.commands.index("AT+CFUN=1")
        network.registration = 1
        box.until(lambda: box.row.registered and box.row.recovery_step is None)


@pytest.mark.slow
def test_two_refusals_in_a_row_to_different_people_make_the_box_look_at_its_modem(street, network, plug):
    with running(street, plug()) as box:
        network.refuse_next(42, times=2)
        forward(street)
        box.until(all_told)
        assert box.taken == {"reopen": 1}
        assert len(network.airwaves) == 5


@pytest.mark.slow
@pytest.mark.parametrize("code", [332, 500])
def test_a_report_settles_what_the_modem_did_not_know_and_nobody_gets_it_twice(street, network, plug, code):
    with running(street, plug()) as box:
        network.accept_but_say(code)
        network.accept_but_say(code)  # two in a row: the modem is set up anew, and the reports are heard before
        forward(street)
        box.until(all_told)
        assert box.taken == {"reopen": 1}
        assert len(network.airwaves) == 5
        assert not Segment.select().where(Segment.possibly_twice).exists()


@pytest.mark.slow
def test_a_text_about_which_the_modem_does_not_know_three_times_makes_it_register_anew(street, network, plug):
    with running(street, plug()) as box:
        network.refuse(ADA, 500)
        forward(street)
        box.until(lambda: box.taken == {"radio": 1}, minutes=10)
        network.accept(ADA)
        box.until(all_told)
        assert Segment.get(Segment.number == ADA).possibly_twice


@pytest.mark.slow
def test_one_persons_phone_that_is_out_of_order_is_no_fault_of_the_modem(street, network, plug):
    with running(street, plug()) as box:
        network.refuse(ADA, 27)
        forward(street)
        box.idle(minutes=30)
        assert box.taken == {}
        network.accept(ADA)
        box.until(all_told)


@pytest.mark.slow
@pytest.mark.slow
def test_submits_that_are_never_answered_are_a_fault_although_the_modem_says_that_it_is_well(street, network, plug):
    emulated, cuts = plug(), []
    network.reports = False

    def cut() -> None:
        cuts.append(street.now)
        network._next.clear()  # that mends it

    for _ in range(500):
        network.silence_next_submit(after_accept=False)
    with running(street, emulated, Terms(power=cut)) as box:
        box.until(lambda: box.row)
        forward(street)
        box.until(lambda: cuts, pause=30)
        assert box.taken == {"reopen": 1, "radio": 1, "reset": 1, "power": 1}
        box.until(all_told)
        assert box.row.recovery_step is None
        assert len(network.airwaves) == 5


@pytest.mark.slow
def test_the_power_is_not_cut_while_another_modem_is_in_the_midst_of_a_text(street, plug):
    emulated, cuts = plug(), []
    forward(street)
    Segment.update(state=State.SUBMITTING, modem="b").where(Segment.number == ADA).execute()
    emulated.unplug()
    with running(street, emulated, Terms(power=lambda: cuts.append(1))) as box:
        box.idle(minutes=10)
        assert cuts == []
        Segment.update(state=State.SUBMITTED).where(Segment.number == ADA).execute()
        box.until(lambda: cuts)


@pytest.mark.slow
def test_a_power_command_that_fails_is_no_recovery(street, plug):
    def cut() -> None:
        raise PowerFailed("uhubctl ended with 1: no compatible hub")

    emulated = plug()
    emulated.unplug()
    with running(street, emulated, Terms(power=cut)) as box:
        box.until(lambda: box.row and box.row.recovery_step == Step.GIVE_UP)
        assert "power" not in box.taken


@pytest.mark.slow
def test_the_ladder_is_not_begun_anew_by_a_restart_of_the_box(street, plug):
    emulated, cuts = plug(), []
    emulated.unplug()
    for _ in range(5):
        with running(street, emulated, Terms(power=lambda: cuts.append(street.now))) as box:
            box.idle(minutes=2)
    assert len(cuts) == 1


# --- two modems


@pytest.mark.slow
def test_a_sim_that_is_barred_leaves_the_texts_to_the_other_one_and_is_tried_again_later(street, network, plug):
    with running(street, plug("a")) as a:
        a.until(lambda: a.row and a.row.registered)
        network.refuse_next(8)
        forward(street)
        a.idle(minutes=1)
        assert "credit" in a.row.stopped
        assert network.airwaves == []
        with running(street, plug("b"), name="b") as b:
            b.until(all_told, minutes=1)
        assert {sent.modem for sent in network.airwaves} == {"b"}
        forward(street)
        a.until(all_told, minutes=15)
        assert (a.row.stopped, a.row.fault) == ("", "")


@pytest.mark.slow
def test_the_same_barring_for_three_people_in_a_row_stops_this_sim_and_fails_nobody(street, network, plug):
    with running(street, plug()) as box:
        network.refuse_next(10, times=3)
        forward(street)
        box.until(lambda: State.FAILED in states())  # the first two look like the recipients' own
        box.until(lambda: box.row and box.row.stopped)
        assert states() == {State.QUEUED}
        box.until(all_told, minutes=15)
        assert len(network.airwaves) == 5


@pytest.mark.slow
def test_above_its_ceiling_a_modem_keeps_what_can_wait_and_another_one_takes_it(street, network, plug):
    with running(street, plug("a"), Terms(subscription=Subscription(segments_per_day=2))) as a:
        forward(street, MessageClass.PREVENTIVE)
        a.idle(minutes=5)
        assert len(network.airwaves) == 2
        waiting = Segment.select().where(Segment.state == State.QUEUED)
        assert {segment.code_words for segment in waiting} == {budget.WAITS[Room.DECIDED]}
        forward(street)  # urgent: it waits too, and both coordinators hear so
        a.until(lambda: len(network.airwaves) == 2 + 2, minutes=5)
        going_on.go_on(Alert.get(Alert.message_class == MessageClass.URGENT), "Lies", "page", street.now)
        a.until(lambda: len(network.airwaves) == 2 + 2 + 5, minutes=5)
        with running(street, plug("b"), name="b") as b:
            b.until(all_told)
        assert [sent.modem for sent in network.airwaves].count("b") == 3


@pytest.mark.slow
def test_a_modem_without_network_leaves_the_texts_to_one_that_has_it(street, network, plug):
    with running(street, plug("a")) as a, running(street, plug("b"), name="b") as b:
        a.until(lambda: a.row and a.row.registered)
        b.until(lambda: b.row and b.row.registered)
        a.emulated.cell.settings.functional = 4
        a.until(lambda: not a.row.registered)
        b.until(lambda: b.row.heartbeat_at >= a.row.heartbeat_at)
        forward(street)
        a.gateway.step()
        assert states() == {State.QUEUED}
        b.until(all_told)


@pytest.mark.slow
def test_a_reply_counts_whichever_modem_hears_it(street, network, plug):
    with running(street, plug("a")) as a:
        alert = forward(street)
        a.until(all_told)
        with running(street, plug("b"), name="b") as b:
            b.until(lambda: b.row and b.row.registered)
            network.text(ADA, "OK", to="b")
            b.until(lambda: [delivery.name for delivery in alert.deliveries if delivery.confirmed_at] == ["Ada"])


# --- PIN


@pytest.mark.slow
def test_a_wrong_pin_is_tried_once_however_often_systemd_starts_the_gateway(street, plug):
    emulated = plug(pin="4711")
    for _ in range(4):
        with running(street, emulated, pin="1234") as box:
            box.idle(minutes=2)
            assert "PIN" in box.row.fault
    assert emulated.cell.card.tries == 2
    assert box.taken == {}  # no reset helps against a wrong PIN


@pytest.mark.slow
def test_a_corrected_pin_opens_the_card_and_is_taken_at_every_later_start(street, plug):
    emulated = plug(pin="4711")
    for pin in ("1234", "4711", "4711"):
        with running(street, emulated, pin=pin) as box:
            box.idle(minutes=1)
        emulated.unplug()
        emulated.plug_in()
    assert box.row.online
    assert emulated.cell.card.tries == 3
    assert {card.refused_pin for card in SimCard.select()} <= {""}


@pytest.mark.slow
def test_the_pin_is_not_readable_in_the_store(street, plug):
    with running(street, plug(pin="4711"), pin="1234") as box:
        box.idle(minutes=1)
    assert "1234" not in str(list(SimCard.select().dicts()))


@pytest.mark.slow
def test_a_card_that_asks_for_its_puk_is_left_alone(street, plug):
    emulated = plug(pin="4711")
    emulated.cell.card.tries = 0
    with running(street, emulated, pin="4711") as box:
        box.idle(minutes=2)
        assert "PUK" in box.row.fault
    assert not [command for command in box.commands if command.startswith("AT+CPIN=")]


@pytest.mark.slow
def test_a_card_that_has_lost_its_service_centre_gets_it_back(street, plug):
    emulated = plug()
    with running(street, emulated) as box:
        box.until(lambda: box.row and box.row.online)
    known, emulated.cell.service_centre = emulated.cell.service_centre, ""
    with running(street, emulated) as box:
        box.idle(minutes=0.5)
    assert emulated.cell.service_centre == known


# --- the self-test


DAILY = Terms(self_number=OWN, self_test=timedelta(hours=24))


@pytest.mark.slow
def test_the_test_text_comes_back_and_is_nobodys_message(street, network, plug):
    with running(street, plug(), DAILY) as box:
        box.until(lambda: network.inbox(OWN) == [WORDS])
        network.text(OWN, WORDS)
        box.until(lambda: box.row.self_heard_at)
        box.idle(minutes=30)
        assert box.taken == {}
        assert network.inbox(OWN) == [WORDS]
        assert not box.emulated.cell.stores["SM"]


@pytest.mark.slow
def test_a_test_text_that_does_not_come_back_means_that_the_modem_is_deaf(street, network, plug):
    with running(street, plug(), DAILY) as box:
        box.until(lambda: network.inbox(OWN))
        box.until(lambda: box.taken == {"radio": 1}, minutes=15)


# --- the credit


@pytest.mark.slow
def test_the_credit_is_asked_once_a_day_by_a_code(street, network, plug):
    with running(street, plug(), Terms(balance=Question("ussd", "*100#", "([0-9]+,[0-9]+)"))) as box:
        box.until(lambda: box.row and box.row.balance == "12,50")
        box.idle(minutes=30)
        assert len([command for command in box.commands if command.startswith("AT+CUSD=1")]) == 1
        network.ussd["*100#"] = "Uw saldo is 9,00 EUR"
        box.until(lambda: box.row.balance == "9,00", minutes=60 * 25, pause=600)


@pytest.mark.slow
def test_the_credit_is_asked_by_a_text_whose_answer_is_kept_like_any_other(street, network, plug):
    with running(street, plug(), Terms(balance=Question("sms", "1984 SALDO", "([0-9]+) euro"))) as box:
        box.until(lambda: network.inbox("1984") == ["SALDO"])
        network.text("1984", "Uw tegoed bedraagt 15 euro.")
        box.until(lambda: box.row.balance == "15")
        assert Arrival.get().text == "Uw tegoed bedraagt 15 euro."
