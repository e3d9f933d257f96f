"""Service 1, one per modem: take in what arrived, act on it, then submit at most one segment per step."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta

from appliance import audit, chosen, conversation, health, intake, modem_state
from appliance.alerts import countdown
from appliance.clock import over
from appliance.doorbell import Doorbell
from appliance.gateway import clockwork
from appliance.gateway.absence import Absence
from appliance.gateway.balance import Balance
from appliance.gateway.calm import Calm
from appliance.gateway.ladder import Ladder
from appliance.gateway.lateness import Lateness
from appliance.gateway.self_test import SelfTest
from appliance.gateway.terms import NOTHING, Terms
from appliance.gateway.trouble import Trouble
from appliance.gateway.unowed import Unowed
from appliance.models import Segment
from appliance.modem import Modem, NeedsHuman, Offline, Refused, Status, Unanswered
from appliance.modem.recovery import Step, Suspicion
from appliance.modem_state import Wish
from appliance.neighbourhood import Neighbourhood
from appliance.queue import budget, inbox, outbox
from appliance.queue.budget import Sim
from appliance.queue.retry import Reaction, reaction
from appliance.store import writing

STATUS_EVERY = timedelta(seconds=10)
TIMERS_EVERY = timedelta(seconds=5)  # what the clock asks for is minutes away; an idle box looks seldom
REOPEN_AFTER = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30))  # then each time the last
UNSERVED = timedelta(minutes=2)  # a modem that finds no network by itself for so long is helped
STOPPED_FOR = timedelta(minutes=10)  # then a SIM that may not send is tried again: somebody may have topped it up
NO_BELL = -1
HEAR_OUT = 2.0  # seconds; a report follows its text after some seconds
WEIGHT = 0.2  # of the newest submit in the running mean

log = logging.getLogger(__name__)


class Gateway:
    """Moves one modem. `begin` once, then `step` for ever; the loop in `runner` owns the pace."""

    def __init__(
        self,
        name: str,
        modem: Modem,
        bin_: Neighbourhood,
        bell: Doorbell,
        clock: Callable[[], datetime],
        terms: Terms = NOTHING,
        hear_out: float = HEAR_OUT,
    ) -> None:
        self._name = name
        self._modem = modem
        self._settled = self._bin = bin_
        self._bell = bell
        self._clock = clock
        self._hear_out = hear_out
        self._subscription = terms.subscription
        self._low_credit = terms.low_credit
        self._iccid = ""
        self._able = terms.able
        self._ladder = Ladder(name, modem, terms.power)
        self._suspicion = Suspicion()
        self._self_test = SelfTest(name, terms.self_number, terms.self_test)
        self._balance = Balance(name, terms.balance)
        self._unowed = Unowed(name, modem, self._self_test, self._balance, self._proven)
        self._absence = Absence(name, terms.one_of_many)
        self._calm = Calm()
        self._lateness = Lateness(terms.clock_word)
        self._online = self._served = False
        self._failures = 0
        self._fault = ""
        self._tried_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._unserved_at: datetime | None = None
        self._timers_at: datetime | None = None
        self._sent_at: datetime | None = None
        self._received_at: datetime | None = None
        self._stopped = ""
        self._stopped_at: datetime | None = None
        self._pace: float | None = None

    def begin(self) -> None:
        """What this modem was submitting when the last gateway ended is in doubt now; the log says what goes on."""
        conversation.learn()
        now = self._clock()
        doubtful = outbox.doubt_interrupted(self._name, now)
        if doubtful:
            log.warning("modem %s: %d interrupted submits are in doubt", self._name, doubtful)
        with writing():
            for alert in outbox.broken_off(self._name, now):
                audit.record("klok", "went on after a break", f"alert {alert}", now)

    def step(self) -> bool:
        """One round; True when there may be more to do at once."""
        now = self._clock()
        self._bell.answer()
        try:
            if not self._online and not self._open(now):
                return self._act(now)
            self._look_at_modem(now)
            arrived = self._take_in(now)
            return self._calm.unless(lambda: self._work(now), now) or arrived
        except Offline as lost:
            self._go_offline(lost)
            return False

    def wait(self, seconds: float) -> None:
        """Until the modem or another service has something, at most *seconds*."""
        if self._online:
            pause = outbox.pause(self._name, self._subscription, self._clock()).total_seconds()
            self._modem.wait(min(seconds, pause or seconds), self._bell.fileno())
        else:
            time.sleep(seconds)

    @property
    def away(self) -> bool:
        """Whether its stick, one of those that come and go, is not plugged in."""
        return self._absence.away

    def end(self) -> None:
        """Let go of the modem."""
        self._modem.close()
        self._bell.close()

    def _open(self, now: datetime) -> bool:
        if not over(self._tried_at, REOPEN_AFTER[min(max(self._failures, 1), len(REOPEN_AFTER)) - 1], now):
            return False
        try:
            self._modem.open()
        except Offline as error:
            self._go_offline(error)
            return False
        self._online, self._failures, self._fault = True, 0, ""
        self._looked_at = self._unserved_at = None
        self._absence.over()
        log.info("modem %s online", self._name)
        return True

    def _go_offline(self, lost: Offline) -> None:
        """The modem is closed, the next step of the ladder taken if it is due, and `open` is tried again later."""
        if isinstance(lost, Trouble):
            self._hear_reports()
        self._modem.close()
        fault = "" if self._absence.heard(lost, self._clock()) else str(lost)
        if fault not in ("", self._fault):
            log.warning("modem %s offline: %r", self._name, fault)
        self._online, self._fault = False, fault
        self._failures += 1
        trouble = lost if isinstance(lost, Trouble) else None
        if trouble and trouble.submit:
            self._ladder.submit_failed()
        self._remember(self._clock(), online=False, fault=self._fault)
        no_way = self._absence.is_out and Wish.POWER not in self._able  # the other steps go by the port, which is gone
        if not (self.away or no_way or isinstance(lost, NeedsHuman)):
            at_least = self._hardest if self._restart_wanted() else trouble.at_least if trouble else Step.REOPEN
            self._ladder.climb(self._clock(), at_least)
        self._tried_at = self._clock()

    def _hear_reports(self) -> None:
        """What the network says to a port that is closed is lost: reports that are on their way get a moment."""
        until = time.monotonic() + self._hear_out
        with suppress(Offline):
            self._take_in(self._clock())
            while (left := until - time.monotonic()) > 0:
                self._modem.wait(left, NO_BELL)
                self._take_in(self._clock())

    def _look_at_modem(self, now: datetime) -> None:
        """Every STATUS_EVERY: ask the modem how it is. The answer is the heartbeat. Raises Offline."""
        if not over(self._looked_at, STATUS_EVERY, now):
            return
        self._looked_at = now
        status = self._modem.status()
        self._lateness.hear(status.network_time, now)
        self._served, self._iccid = status.registered, status.iccid
        facts = {column: getattr(status, column) for column in STATUS_COLUMNS}
        if not status.imei:  # the name is bound to it (`names`): a modem that does not say frees nothing
            del facts["imei"]
        self._remember(now, online=True, fault=self._stopped, **facts)
        if status.registered:
            self._unserved_at = None
            self._ladder.registered(now)
        else:
            self._help_unserved(status, now)
        if self._restart_wanted():
            raise Trouble("Somebody at the page wants the modem started anew.", self._hardest)
        if self._self_test.lost(now):
            raise Trouble("The test text to the own number did not come back: the modem is deaf.", Step.RADIO)

    @property
    def _hardest(self) -> Step:
        return Step.POWER if Wish.POWER in self._able else Step.RESET

    def _restart_wanted(self) -> bool:
        """Whether somebody asked for it since; asked once, done once."""
        row = modem_state.of(self._name)
        if row is None or row.restart_wanted_at is None:
            return False
        modem_state.remember(self._name, self._clock(), restart_wanted_at=None)
        return True

    def _help_unserved(self, status: Status, now: datetime) -> None:
        self._unserved_at = self._unserved_at or now
        if over(self._unserved_at, UNSERVED, now):
            raise Trouble(f"The modem has no network ({status.registration or 'it does not say why'}).", Step.RADIO)

    def _remember(self, now: datetime, **facts: object) -> None:
        known = {"sent_at": self._sent_at, "received_at": self._received_at, "seconds_per_submit": self._pace}
        facts |= {column: value for column, value in known.items() if value is not None}
        with writing():
            modem_state.remember(
                self._name, now, heartbeat_at=now, stopped=self._stopped, able=" ".join(self._able),
                **asdict(self._subscription),
                **self._purse(now), **facts,
            )  # fmt: skip
            health.beat("gateway", now)

    def _sim(self) -> Sim:
        """A card that does not say its number is known by its modem."""
        return Sim(self._iccid or self._name, self._bin.zone, self._subscription)

    def _purse(self, now: datetime) -> dict[str, object]:
        credit = budget.credit(self._sim().iccid)
        low = credit is not None and credit < self._low_credit
        return {"room": budget.room(self._sim(), now), "credit_low": low}

    def _take_in(self, now: datetime) -> bool:
        """Commit point 1, and only then out of the modem."""
        arrivals = self._modem.collect()
        if not arrivals:
            return False
        ours = [arrival for arrival in arrivals if self._self_test.heard(arrival, now)]
        inbox.keep([arrival for arrival in arrivals if arrival not in ours], self._name, now)
        for arrival in arrivals:
            self._balance.hear(arrival, now)
            self._lateness.came(arrival, now)
            self._modem.discard(arrival)
        self._received_at = now
        return True

    def _work(self, now: datetime) -> bool:
        """What the store asks for; True when there may be more."""
        acted = self._act(now)
        return self._submit_one() or acted

    def _act(self, now: datetime) -> bool:
        """Commit point 2 for each arrival, then whatever the clock asks for."""
        acted = [intake.act(arrival, now, self._bin) for arrival in inbox.waiting(now)]
        countdown.release(now, self._bin)
        if over(self._timers_at, TIMERS_EVERY, now):
            self._timers_at = now
            self._bin = chosen.in_force(self._settled)
            clockwork.run(now, self._bin)
        return any(acted)

    def _submit_one(self) -> bool:
        """Commit points 4 and 5 around one hand-over."""
        now = self._clock()
        segment = outbox.claim(self._name, now, self._sim()) if self._may_submit(now) else None
        if segment is None:
            return self._served and not self._stopped and self._unowed.ask(self._sim(), now)
        began = time.monotonic()
        try:
            reference = self._modem.submit(outbox.outgoing(segment))
        except Offline as lost:
            outbox.put_back(segment, str(lost), self._clock())
            raise
        except Unanswered as silence:
            outbox.doubted(segment, self._clock())
            raise Trouble(f"{silence} The modem is set up anew.", submit=True) from silence
        except Refused as no:
            self._refused(segment, no)
            return True
        self._accepted(segment, reference, time.monotonic() - began)
        return True

    def _may_submit(self, now: datetime) -> bool:
        """Not while this SIM is barred; and without a network only when no other modem can do it."""
        if not over(self._stopped_at, STOPPED_FOR, now):
            return False
        return self._served or not modem_state.another_is_well(self._name, now)

    def _accepted(self, segment: Segment, reference: int | None, seconds: float) -> None:
        now = self._clock()
        outbox.accepted(segment, reference, now)
        self._pace = seconds if self._pace is None else (1 - WEIGHT) * self._pace + WEIGHT * seconds
        self._proven(now)

    def _proven(self, now: datetime) -> None:
        """The network took a text: whatever was the matter is over."""
        self._sent_at = now
        self._suspicion.sent()
        self._ladder.sent(now)
        if self._stopped:
            self._stopped, self._stopped_at = "", None
            self._remember(now, fault="")
            log.info("modem %s: the SIM may send again", self._name)

    def _refused(self, segment: Segment, no: Refused) -> None:
        """One reaction per kind of refusal (facts/modems 2.9). Raises Trouble when the modem is to be mended first."""
        now = self._clock()
        what = reaction(no.reaction, no.pace, segment.attempts, again=segment.code == no.code)
        if no.several and self._suspicion.forbidden(no.code, segment.number, segment.id):
            what = Reaction.STOP
            outbox.clear(self._suspicion.wrongly_blamed, no.code, now)
        log.warning("segment %s refused: %r, reaction %s", segment.id, no.code, what)
        match what:
            case Reaction.SENT:
                outbox.accepted(segment, None, now)
            case Reaction.DOUBT:
                outbox.doubted(segment, now, no.code, no.words, no.pace)
                self._suspect(segment, no)
            case Reaction.PERMANENT:
                outbox.refused(segment, no.code, no.words)
            case Reaction.TRANSIENT:
                outbox.postponed(segment, no.code, no.words, now, no.pace)
                self._suspect(segment, no)
            case Reaction.REPAIR:
                outbox.postponed(segment, no.code, no.words, now, no.pace)
                raise Trouble(f"{no}. The modem is set up anew.", submit=True)
            case Reaction.STOP:
                outbox.put_back(segment, str(no), now)
                self._stop(no, now)

    def _suspect(self, segment: Segment, no: Refused) -> None:
        """Raises Trouble when it looks as if the modem, not the recipient, were to blame."""
        if self._suspicion.failed(segment.number):
            raise Trouble(f"Two texts in a row were refused ({no}): the modem is set up anew.", submit=True)
        if no.reaction is Reaction.DOUBT and self._suspicion.in_vain:
            raise Trouble(f"A text was tried several times in vain ({no}).", Step.RADIO, submit=True)

    def _stop(self, no: Refused, now: datetime) -> None:
        """The SIM submits nothing for STOPPED_FOR; other modems do. The set-up finds out whether it is its PIN."""
        self._stopped = f"The network lets this SIM send nothing ({no}): look at its credit and subscription."
        self._stopped_at = now
        raise Trouble(self._stopped) from no


STATUS_COLUMNS = (
    "registered", "registration", "operator", "technology", "signal_percent", "storage_used", "storage_total",
    "imei", "iccid", "service_centre", "model",
)  # fmt: skip
