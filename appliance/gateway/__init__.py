"""Service 1, one per modem: take in what arrived, act on it, then submit at most one segment per step."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from appliance import alerts, health, intake
from appliance.doorbell import Doorbell
from appliance.models import ModemState, Segment
from appliance.modem import Modem, Offline, Refused, Unanswered
from appliance.neighbourhood import Neighbourhood
from appliance.queue import inbox, outbox
from appliance.queue.retry import Reaction
from appliance.store import writing

STATUS_EVERY = timedelta(seconds=10)
TIMERS_EVERY = timedelta(seconds=1)
REOPEN_AFTER = (1, 2, 5, 10, 30)  # seconds; then each time the last
WEIGHT = 0.2  # of the newest submit in the running mean

log = structlog.get_logger()


class Gateway:
    """Moves one modem. `begin` once, then `step` for ever; the loop in `runner` owns the pace."""

    def __init__(
        self, name: str, modem: Modem, bin_: Neighbourhood, bell: Doorbell, clock: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._modem = modem
        self._bin = bin_
        self._bell = bell
        self._clock = clock
        self._online = False
        self._failures = 0
        self._open_at: datetime | None = None
        self._status_at: datetime | None = None
        self._timers_at: datetime | None = None
        self._sent_at: datetime | None = None
        self._received_at: datetime | None = None
        self._pace: float | None = None

    def begin(self) -> None:
        """What this modem was submitting when the last gateway ended is in doubt now."""
        doubtful = outbox.doubt_interrupted(self._name, self._clock())
        if doubtful:
            log.warning("interrupted submits are in doubt", modem=self._name, segments=doubtful)

    def step(self) -> bool:
        """One round; True when there may be more to do at once."""
        now = self._clock()
        self._bell.answer()
        try:
            if not self._online and not self._open(now):
                return self._act(now)
            self._look_at_modem(now)
            arrived = self._take_in(now)
            acted = self._act(now)
            return self._submit_one() or arrived or acted
        except Offline as lost:
            self._go_offline(str(lost), now)
            return False

    def wait(self, seconds: float) -> None:
        """Until the modem or another service has something, at most *seconds*."""
        if self._online:
            self._modem.wait(seconds, self._bell.fileno())
        else:
            time.sleep(seconds)

    def end(self) -> None:
        """Let go of the modem."""
        self._modem.close()
        self._bell.close()

    def _open(self, now: datetime) -> bool:
        if self._open_at and now < self._open_at:
            return False
        try:
            self._modem.open()
        except Offline as error:
            self._go_offline(str(error), now)
            return False
        self._online, self._failures, self._status_at = True, 0, None
        log.info("modem online", modem=self._name)
        return True

    def _go_offline(self, why: str, now: datetime) -> None:
        self._modem.close()
        if self._online or not self._failures:
            log.warning("modem offline", modem=self._name, why=why)
        self._online = False
        pause = REOPEN_AFTER[min(self._failures, len(REOPEN_AFTER) - 1)]
        self._failures += 1
        self._open_at = now + timedelta(seconds=pause)
        self._remember(now, online=False, fault=why)

    def _look_at_modem(self, now: datetime) -> None:
        """Every STATUS_EVERY: ask the modem how it is. The answer is the heartbeat."""
        if self._status_at and now - self._status_at < STATUS_EVERY:
            return
        self._status_at = now
        status = self._modem.status()
        facts = {column: getattr(status, column) for column in STATUS_COLUMNS}
        self._remember(now, online=True, fault="", **facts)

    def _remember(self, now: datetime, *, online: bool, **facts: object) -> None:
        with writing():
            row = ModemState.get_or_none(ModemState.name == self._name) or ModemState(name=self._name, changed_at=now)
            was_well = row.online and row.registered
            for column, value in facts.items():
                setattr(row, column, value)
            row.online, row.heartbeat_at = online, now
            if was_well != (row.online and row.registered):
                row.changed_at = now
            row.sent_at, row.received_at = self._sent_at or row.sent_at, self._received_at or row.received_at
            row.seconds_per_submit = self._pace or row.seconds_per_submit
            row.save()
            health.beat("gateway", now)

    def _take_in(self, now: datetime) -> bool:
        """Commit point 1, and only then out of the modem."""
        arrivals = self._modem.collect()
        if not arrivals:
            return False
        inbox.keep(arrivals, self._name, now)
        for arrival in arrivals:
            self._modem.discard(arrival)
        self._received_at = now
        return True

    def _act(self, now: datetime) -> bool:
        """Commit point 2 for each arrival, then whatever the clock asks for."""
        acted = [intake.act(arrival, now, self._bin) for arrival in inbox.waiting(now)]
        if self._timers_at is None or now - self._timers_at >= TIMERS_EVERY:
            self._timers_at = now
            alerts.release_delayed(now, self._bin)
            alerts.follow_up(now, self._bin)
        return any(acted)

    def _submit_one(self) -> bool:
        """Commit points 4 and 5 around one hand-over."""
        segment = outbox.claim(self._name, self._clock())
        if segment is None:
            return False
        began = time.monotonic()
        try:
            reference = self._modem.submit(outbox.outgoing(segment))
        except Offline as lost:
            outbox.put_back(segment, str(lost), self._clock())
            raise
        except Unanswered as silence:
            outbox.doubted(segment, self._clock())
            raise Offline(f"{silence} The modem is set up anew.") from silence
        except Refused as no:
            self._refused(segment, no)
            return True
        self._accepted(segment, reference, time.monotonic() - began)
        return True

    def _accepted(self, segment: Segment, reference: int | None, seconds: float) -> None:
        now = self._clock()
        outbox.accepted(segment, reference, now)
        self._sent_at = now
        self._pace = seconds if self._pace is None else (1 - WEIGHT) * self._pace + WEIGHT * seconds

    def _refused(self, segment: Segment, no: Refused) -> None:
        """One reaction per kind of refusal (facts/modems 2.9)."""
        now = self._clock()
        log.warning("segment refused", segment=segment.id, code=no.code, reaction=no.reaction)
        match no.reaction:
            case Reaction.SENT:
                outbox.accepted(segment, None, now)
            case Reaction.DOUBT:
                outbox.doubted(segment, now)
            case Reaction.PERMANENT:
                outbox.refused(segment, no.code, no.words)
            case Reaction.TRANSIENT:
                outbox.postponed(segment, no.code, no.words, now)
            case Reaction.REPAIR | Reaction.STOP:
                outbox.postponed(segment, no.code, no.words, now)
                raise Offline(f"{no}. The modem is set up anew.") from no


STATUS_COLUMNS = (
    "registered", "registration", "operator", "technology", "signal_percent", "storage_used", "storage_total",
    "imei", "iccid", "service_centre", "model",
)  # fmt: skip
