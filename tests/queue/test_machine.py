"""Every order of claim, submit, settle, withdraw, crash, restart and clock jump, against a simple model.

The model knows what nobody in the box can: which segments were really on the air, and how often. It holds the queue to
three promises: nothing owed is forgotten, nothing that may have left twice is hidden, nothing withdrawn leaves anew.
"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from appliance import modem_state, store
from appliance.models import Alert, Delivery, ModemState, Segment, SimDay, database
from appliance.queue import outbox, reports
from appliance.queue.budget import Sim
from appliance.queue.outbox import DOUBT_WAIT, LEASE, Kind, Urgency
from appliance.queue.states import State
from appliance.queue.subscription import Subscription
from appliance.segments import split
from appliance.store import writing

NOON = datetime.fromisoformat("2026-11-25T11:00:00+00:00")
MODEMS = ("a", "b")
VALIDITY = timedelta(minutes=60)
OWED = {State.QUEUED, State.SUBMITTING, State.IN_DOUBT}
modems = st.sampled_from(MODEMS)


class Box(RuleBasedStateMachine):
    """Two modems over one queue; the network may or may not have taken what a crash interrupts."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.air: Counter[int] = Counter()
        self.taken: dict[str, tuple[Segment, bool]] = {}  # by modem: what it is submitting, and whether it went out
        self.crashed: set[str] = set()
        self.withdrawn: set[int] = set()
        self.alerts: list[Alert] = []
        self.next_number = 0

    @initialize()
    def an_empty_queue_and_two_modems(self) -> None:
        for table in (Segment, Delivery, Alert, ModemState, SimDay):
            table.delete().execute()
        for modem in MODEMS:
            self.heartbeat(modem)
        self.promise(2, long=False)

    def heartbeat(self, modem: str) -> None:
        modem_state.remember(modem, self.now, heartbeat_at=self.now, online=True, registered=True)

    @rule(people=st.integers(1, 3), long=st.booleans())
    def promise(self, people: int, long: bool) -> None:
        with writing():
            alert = Alert.create(message_class="urgent", source="coordinator", state="forwarded", original="x",
                                 text="x", created_at=self.now)  # fmt: skip
            for turn in range(people):
                self.next_number += 1
                number = f"+324700{self.next_number:05}"
                delivery = Delivery.create(alert=alert, kind=Kind.ALERT, number=number, text="x", created_at=self.now)
                text = split("x" * (200 if long else 20))
                outbox.add(delivery, text, Urgency(10, VALIDITY), turn, alert.id % 256, self.now)
        self.alerts.append(alert)

    @precondition(lambda self: set(MODEMS) - self.taken.keys() - self.crashed)
    @rule(modem=modems, leaves=st.booleans())
    def claim(self, modem: str, leaves: bool) -> None:
        """A living gateway takes the next segment; *leaves*: the network takes it before whatever comes next."""
        if modem in self.taken or modem in self.crashed:
            return
        self.heartbeat(modem)
        segment = outbox.claim(modem, self.now, Sim(modem, ZoneInfo("Europe/Brussels"), Subscription(tariff=6000)))
        if segment is None:
            return
        alert_id = segment.delivery.alert.id
        assert alert_id not in self.withdrawn, "a withdrawn segment was claimed"
        assert segment.expires_at >= self.now, "an expired segment was claimed"
        assert segment.id not in {other.id for other, _ in self.taken.values()} or segment.possibly_twice
        if self.air[segment.id]:
            assert segment.possibly_twice, "a second copy is about to leave and is not shown"
        self.air[segment.id] += leaves
        self.taken[modem] = (segment, leaves)

    @precondition(lambda self: len(self.taken.keys() - self.crashed) == 1)
    @rule(leaves=st.booleans())
    def taken_for_dead(self, leaves: bool) -> None:
        """A slow one is not heard of for so long that the other takes over, whatever else is before it in the queue."""
        (slow,) = self.taken
        (other,) = set(MODEMS) - {slow}
        self.restart(other)
        self.now += LEASE + timedelta(seconds=1)
        for _ in range(8):
            self.claim(other, leaves)
            if other in self.taken and self.taken[other][0].id == self.taken[slow][0].id:
                return
            if other in self.taken:
                segment, left = self.settled(other)
                if left:
                    outbox.accepted(segment, 5, self.now)
                else:
                    outbox.put_back(segment, "gone", self.now + timedelta(hours=1))
            self.now += DOUBT_WAIT

    def settled(self, modem: str) -> tuple[Segment, bool]:
        self.heartbeat(modem)
        return self.taken.pop(modem)

    @precondition(lambda self: self.taken.keys() - self.crashed)
    @rule(data=st.data(), silent=st.booleans(), reference=st.integers(0, 255))
    def settle(self, data: st.DataObject, silent: bool, reference: int) -> None:
        """The modem answers truly (accepted when the network took it, else refused), or is silent, or does not know."""
        modem = data.draw(st.sampled_from(sorted(self.taken.keys() - self.crashed)))
        segment, left = self.settled(modem)
        if silent:
            outbox.doubted(segment, self.now, *data.draw(st.sampled_from([(), ("CMS 500", "unknown error")])))
        elif left:
            outbox.accepted(segment, reference, self.now)
        else:
            how = data.draw(st.sampled_from(["postponed", "put_back", "refused"]))
            words = {"postponed": ("CMS 42", "congestion", self.now), "put_back": ("gone", self.now),
                     "refused": ("CMS 1", "not allotted")}[how]  # fmt: skip
            getattr(outbox, how)(segment, *words)

    @precondition(lambda self: self.taken)
    @rule(modem=modems)
    def crash(self, modem: str) -> None:
        self.crashed.add(modem)
        self.taken.pop(modem, None)

    @precondition(lambda self: self.crashed)
    @rule(modem=modems)
    def restart(self, modem: str) -> None:
        """systemd starts it again, whether it had crashed or was just stopped between two steps."""
        if modem in self.taken:
            return
        outbox.doubt_interrupted(modem, self.now)
        self.crashed.discard(modem)
        self.heartbeat(modem)

    @precondition(lambda self: any(self.air.values()))
    @rule(data=st.data(), status=st.sampled_from([0x00, 0x30, 0x46]))
    def report(self, data: st.DataObject, status: int) -> None:
        """The network reports on a text that it really took; the reference is the one it gave."""
        segment = Segment.get_by_id(data.draw(st.sampled_from(sorted(self.air.elements()))))
        reference = 77 if segment.message_reference is None else segment.message_reference
        with writing():
            reports.settle(segment.number, reference, status, self.now)

    @precondition(lambda self: self.alerts)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        submitting = [segment.delivery.alert for segment, _ in self.taken.values()]
        alert = data.draw(st.sampled_from(submitting or self.alerts))
        if alert.id in self.withdrawn:
            return
        with writing():
            outbox.withdraw(alert)
        self.withdrawn.add(alert.id)

    @rule(seconds=st.sampled_from([1, 10, DOUBT_WAIT.seconds, LEASE.seconds + 1, 3600, -600]))
    def clock_jumps(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def nothing_is_lost_and_nothing_doubled_is_hidden(self) -> None:
        for segment in Segment.select():
            times, state = self.air[segment.id], State(segment.state)
            assert times <= 1 or segment.possibly_twice, "two copies are out and it is not shown"
            assert state not in (State.SUBMITTED, State.DELIVERED) or times, "called sent and never on the air"
            assert state is not State.DROPPED or not times, "called withdrawn, and it is on the air"
            assert state is not State.QUEUED or not times, "called queued, and it is on the air"

    @invariant()
    def nothing_withdrawn_is_owed(self) -> None:
        owed = Segment.select().join(Delivery).where(Segment.state << [State.QUEUED, State.IN_DOUBT])
        assert not owed.where(Delivery.alert << list(self.withdrawn)).exists()

    @invariant()
    def one_modem_submits_one_segment(self) -> None:
        living = {(segment.id, modem) for modem, (segment, _) in self.taken.items()}
        for segment in Segment.select().where(Segment.state == State.SUBMITTING):
            assert (segment.id, segment.modem) in living or segment.modem in self.crashed

    @invariant()
    def the_ledger_has_all_that_left_and_beyond_that_only_what_may_have(self) -> None:
        on_air, days = sum(self.air.values()), list(SimDay.select())
        counted, in_doubt = sum(day.segments for day in days), sum(day.in_doubt for day in days)
        submitting = Segment.select().where(Segment.state == State.SUBMITTING).count()
        assert counted - in_doubt - submitting <= on_air <= counted
        assert all(0 <= day.in_doubt <= day.segments for day in days)
        assert all(day.millicents == 6000 * day.paid == 6000 * day.segments for day in days)

    def teardown(self) -> None:
        """In the end every box is started again and has all the time it wants: nothing may be owed any more."""
        for modem in MODEMS:
            self.taken.pop(modem, None)
            self.restart(modem)
        for _ in range(40 * (1 + Segment.select().count())):
            if not Segment.select().where(Segment.state << list(OWED)).exists():
                break
            self.now += timedelta(seconds=30)
            self.claim("a", leaves=True)
            if "a" in self.taken:
                self.settle_at_the_end()
        assert not Segment.select().where(Segment.state << list(OWED)).exists(), "something is owed for ever"
        self.nothing_is_lost_and_nothing_doubled_is_hidden()

    def settle_at_the_end(self) -> None:
        segment, _ = self.settled("a")
        outbox.accepted(segment, 200, self.now)


def explore(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Box,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def memory(template: Path):
    """A database without the pauses of a disk: what is explored here is order, not power."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        store.open_store(f"sqlite:///{folder}/bin.db")
        store.migrate()
        database.execute_sql("pragma synchronous=off")
        yield
        database.close()


@pytest.mark.slow
def test_no_order_of_events_loses_a_text_or_hides_a_double(memory):
    explore(examples=5, steps=20)


@pytest.mark.slow
def test_no_order_of_events_loses_a_text_or_hides_a_double_at_length(memory):
    explore(examples=150, steps=40)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_nor_on_postgresql(house):
    explore(examples=8, steps=30)
