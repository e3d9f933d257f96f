"""One answer to "is it well?", read from the store; lamp, page and command line say the same.

`judge` is pure; `read` gathers the facts that it judges.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from peewee import Case, fn

from appliance import bookmarks, clock, lang, modem_state, store
from appliance.alerts import AlertState, MessageClass, Source
from appliance.floods import FLOOD
from appliance.health import machine
from appliance.health.machine import UNKNOWN, Machine
from appliance.models import (
    Acknowledgement,
    Alert,
    Arrival,
    Audit,
    BackupKey,
    Heartbeat,
    Member,
    ModemState,
    Segment,
)
from appliance.people import members
from appliance.queue import budget, outbox
from appliance.queue.inbox import Standing
from appliance.queue.states import State
from appliance.queue.subscription import Room

MODEM_SILENT = timedelta(seconds=240)  # a submit may take 180 s, and no heartbeat is written meanwhile
SERVICE_SILENT = timedelta(seconds=30)
WRITES_STOPPED = timedelta(seconds=60)  # no service has had a commit: a disk or a lock, for each tries every 10 s
NETWORK_GONE = timedelta(minutes=3)
QUEUE_STUCK = timedelta(minutes=15)
WEAK_SIGNAL = 20  # per cent
STORAGE_FULL = 70  # per cent
CARD_FULL = 20  # megabytes: less than one night of writing
CARD_LOW = 200  # megabytes
HOT = 80.0  # degrees Celsius: from here a Raspberry Pi slows itself down
BACKUP_AGE = timedelta(days=35)
NIGHTLY_AGE = timedelta(days=3)  # of the one on the box; a night may be missed
PROOF_AGE = timedelta(days=35)  # the monthly test, and a few days of grace
DRILL = timedelta(hours=1)  # so long most people take to answer a test
COORDINATORS = 2  # one who is away must not be the only one


class Level(StrEnum):
    """What the lamp shows at rest, worst first (facts/ux 4.5)."""

    BROKEN = "broken"  # cannot send
    SENDING = "sending"
    WAITING = "waiting"  # a police text waits for a decision
    ATTENTION = "attention"
    DRILL = "drill"  # a test is under way
    STARTING = "starting"
    READY = "ready"


class Trouble(StrEnum):
    """What is the matter; each is told in lang/health_*.toml and in docs/lamp.md."""

    NO_MODEM = "no_modem"
    GAVE_UP = "gave_up"
    MODEM_SILENT = "modem_silent"
    NO_NETWORK = "no_network"
    SIM_BARRED = "sim_barred"
    CEILING_URGENT = "ceiling_urgent"
    QUEUE_STUCK = "queue_stuck"
    CARD_FULL = "card_full"
    NOT_WRITING = "not_writing"
    ONE_GAVE_UP = "one_gave_up"
    CEILING = "ceiling"
    WEAK_SIGNAL = "weak_signal"
    STORAGE = "storage"
    UNREADABLE = "unreadable"
    BUTTON_USED = "button_used"
    FLOOD = "flood"
    ONE_COORDINATOR = "one_coordinator"
    NOBODY = "nobody"
    NO_CLOCK = "no_clock"
    WEAK_POWER = "weak_power"
    HOT = "hot"
    CARD_LOW = "card_low"
    NO_NIGHTLY = "no_nightly"
    NO_BACKUP = "no_backup"
    NO_PROOF = "no_proof"
    LOW_CREDIT = "low_credit"
    PANEL_SILENT = "panel_silent"
    BUTTON_STUCK = "button_stuck"


BROKEN = {
    Trouble.NO_MODEM, Trouble.GAVE_UP, Trouble.MODEM_SILENT, Trouble.NO_NETWORK, Trouble.SIM_BARRED,
    Trouble.CEILING_URGENT, Trouble.QUEUE_STUCK, Trouble.CARD_FULL, Trouble.NOT_WRITING, Trouble.BUTTON_STUCK,
}  # fmt: skip

# From where on: the figure that stands in the sentence or in docs/lamp.md; the others begin with the fact itself.
LIMITS: dict[Trouble, int] = {
    Trouble.MODEM_SILENT: round(MODEM_SILENT.total_seconds()),
    Trouble.NO_NETWORK: round(NETWORK_GONE.total_seconds() / 60),
    Trouble.QUEUE_STUCK: round(QUEUE_STUCK.total_seconds() / 60),
    Trouble.CARD_FULL: CARD_FULL,
    Trouble.NOT_WRITING: round(WRITES_STOPPED.total_seconds()),
    Trouble.WEAK_SIGNAL: WEAK_SIGNAL,
    Trouble.STORAGE: STORAGE_FULL,
    Trouble.ONE_COORDINATOR: COORDINATORS,
    Trouble.HOT: round(HOT),
    Trouble.CARD_LOW: CARD_LOW,
    Trouble.NO_NIGHTLY: NIGHTLY_AGE.days,
    Trouble.NO_BACKUP: BACKUP_AGE.days,
    Trouble.NO_PROOF: PROOF_AGE.days,
    Trouble.PANEL_SILENT: round(SERVICE_SILENT.total_seconds()),
}


@dataclass(frozen=True)
class Told:
    """A trouble in one language, for somebody who stands before the box at night."""

    sentence: str
    step: str  # what to do now
    since: str  # from where on it is one


def told(trouble: Trouble, language: str) -> Told:
    """What to say of *trouble*."""
    words = _WORDS[language]["troubles"][trouble]
    limit = LIMITS.get(trouble, "")
    return Told(**{name: text.format(limit=limit) for name, text in words.items()})


_WORDS = {language: lang.health(language) for language in lang.LANGUAGES}


@dataclass(frozen=True)
class Facts:
    """What `judge` goes by. Times are UTC; None means never."""

    modems: tuple["ModemFacts", ...]
    waiting: int  # police texts to decide about
    owed: int  # segments of alerts and notices that are due or on their way
    oldest_owed: timedelta
    unreadable: int
    button_used: int
    coordinators: int
    members: int
    floods: int = 0  # senders of far too many texts, not yet put away
    held_urgent: int = 0  # urgent segments that wait because every SIM's ceilings are used up
    machine: Machine = UNKNOWN
    unwritten: timedelta = timedelta(0)  # since a service last told the store that it lives
    nightly_age: timedelta = timedelta(0)  # since the last one on the box was read back, or since there is a key for it
    backup_age: timedelta = timedelta(0)  # since the last one off the box, or since the box is in use
    proof_age: timedelta = timedelta(0)  # since the network last took a text, or since the box is in use
    drill: bool = False  # a test was forwarded less than DRILL ago
    button_stuck: bool = False  # so the panel says
    panel_age: timedelta = timedelta(0)  # since button and lamp gave a sign of life, if they ever did


@dataclass(frozen=True)
class ModemFacts:
    """One modem, as its gateway last saw it."""

    name: str
    online: bool
    fault: str
    heartbeat_at: datetime
    changed_at: datetime
    registered: bool
    operator: str
    technology: str
    signal_percent: int | None
    storage_percent: int | None
    sent_at: datetime | None
    received_at: datetime | None
    barred: bool = False  # the network takes nothing from this SIM
    gave_up: bool = False  # all that the box can do to bring it back was done
    room: str = Room.ALL  # who may still leave by it
    credit_low: bool = False


@dataclass(frozen=True)
class Health:
    """The verdict: one level, what is the matter (worst first), and the facts behind it."""

    level: Level
    troubles: tuple[Trouble, ...]
    facts: Facts
    checked_at: datetime

    def sentence(self, language: str) -> str:
        """What to tell a person, in one sentence."""
        if self.troubles and self.level in (Level.BROKEN, Level.ATTENTION):
            return told(self.troubles[0], language).sentence
        return str(_WORDS[language]["levels"][self.level])


def judge(facts: Facts, now: datetime) -> Health:
    """The verdict on *facts* at *now*. Pure."""
    troubles = tuple(_troubles(facts, now))
    if not facts.modems:
        level = Level.STARTING
        troubles = ()
    elif any(trouble in BROKEN for trouble in troubles):
        level = Level.BROKEN
    elif facts.owed:
        level = Level.SENDING
    elif facts.waiting:
        level = Level.WAITING
    elif troubles:
        level = Level.ATTENTION
    else:
        level = Level.DRILL if facts.drill else Level.READY
    return Health(level, troubles, facts, now)


def _troubles(facts: Facts, now: datetime) -> list[Trouble]:
    """Everything that is the matter, worst first. One modem that works is enough to send."""
    best = [_modem_trouble(modem, now) for modem in facts.modems]
    found = [trouble for trouble in best if trouble] if all(best) else []
    signals = [m.signal_percent for m in facts.modems if m.signal_percent is not None]
    checks = (
        (bool(facts.held_urgent), Trouble.CEILING_URGENT),
        (facts.oldest_owed > QUEUE_STUCK and not _moving(facts, now), Trouble.QUEUE_STUCK),
        (_below(facts.machine.free_megabytes, CARD_FULL), Trouble.CARD_FULL),
        (facts.unwritten > WRITES_STOPPED, Trouble.NOT_WRITING),
        (facts.button_stuck, Trouble.BUTTON_STUCK),
        (bool(facts.button_used), Trouble.BUTTON_USED),
        (bool(facts.floods), Trouble.FLOOD),
        (not all(best) and any(m.gave_up for m in facts.modems), Trouble.ONE_GAVE_UP),
        (facts.panel_age > SERVICE_SILENT, Trouble.PANEL_SILENT),
        (not facts.members, Trouble.NOBODY),
        (bool(facts.modems) and all(m.room != Room.ALL for m in facts.modems), Trouble.CEILING),
        (any(m.credit_low for m in facts.modems), Trouble.LOW_CREDIT),
        (bool(signals) and max(signals) < WEAK_SIGNAL, Trouble.WEAK_SIGNAL),
        (any((m.storage_percent or 0) >= STORAGE_FULL for m in facts.modems), Trouble.STORAGE),
        (bool(facts.unreadable), Trouble.UNREADABLE),
        (facts.coordinators < COORDINATORS, Trouble.ONE_COORDINATOR),
        (not clock.trusted(now), Trouble.NO_CLOCK),
        (bool(facts.machine.under_voltage), Trouble.WEAK_POWER),
        ((facts.machine.celsius or 0.0) >= HOT, Trouble.HOT),
        (_below(facts.machine.free_megabytes, CARD_LOW), Trouble.CARD_LOW),
        (facts.proof_age > PROOF_AGE, Trouble.NO_PROOF),
        (facts.nightly_age > NIGHTLY_AGE, Trouble.NO_NIGHTLY),
        (facts.backup_age > BACKUP_AGE, Trouble.NO_BACKUP),
    )
    return found[:1] + [trouble for true, trouble in checks if true]


def _below(measured: int | None, limit: int) -> bool:
    return measured is not None and measured < limit


def _moving(facts: Facts, now: datetime) -> bool:
    """Whether the network took a text lately: a long list takes the better part of an hour, and is not stuck."""
    return any(modem.sent_at and now - modem.sent_at < QUEUE_STUCK for modem in facts.modems)


def _modem_trouble(modem: ModemFacts, now: datetime) -> Trouble | None:
    if now - modem.heartbeat_at > MODEM_SILENT:
        return Trouble.MODEM_SILENT
    if not modem.online:
        return Trouble.GAVE_UP if modem.gave_up else Trouble.NO_MODEM
    if not modem.registered and now - modem.changed_at > NETWORK_GONE:
        return Trouble.NO_NETWORK
    return Trouble.SIM_BARRED if modem.barred else None


def read(now: datetime) -> Health:
    """The verdict on what the store says at *now*."""
    owed = Segment.select().where(
        (Segment.state == State.SUBMITTING)
        | ((Segment.state << (State.QUEUED, State.IN_DOUBT)) & (Segment.due_at <= now))
    )
    waiting = (Alert.state == AlertState.WAITING) & (Alert.source == Source.POLICE)
    unread = (Arrival.state == Standing.ASIDE) & Arrival.read_at.is_null()
    owing = owed.count()
    unseen, people = _unseen(), _people()
    modems = tuple(map(_modem_facts, _present(list(ModemState.select().order_by(ModemState.name)))))
    panel = Heartbeat.get_or_none(Heartbeat.service == "panel")
    facts = Facts(
        modems=modems,
        waiting=Alert.select().where(waiting).count(),
        owed=owing,
        oldest_owed=outbox.oldest_owed(now) if owing else timedelta(0),
        unreadable=Arrival.select().where(unread).count(),
        button_used=unseen.get("button", 0),
        floods=unseen.get(FLOOD, 0),
        coordinators=people[0],
        members=people[1],
        held_urgent=budget.held_urgent(now) if owing else 0,
        machine=machine.read(store.own()),
        unwritten=_unwritten(now),
        nightly_age=_nightly_age(now),
        backup_age=_age(last_backup(), now),
        proof_age=_age(max((modem.sent_at for modem in modems if modem.sent_at), default=None), now),
        drill=_drill(now),
        panel_age=now - panel.at if panel else timedelta(0),
        button_stuck=_lately(bookmarks.last(bookmarks.STUCK), now),
    )
    return judge(facts, now)


def _unseen() -> dict[str, int]:
    """How many notes of each kind nobody has put away."""
    counted = Acknowledgement.select(Acknowledgement.kind, fn.COUNT(Acknowledgement.id))
    unseen = counted.where(Acknowledgement.seen_at.is_null()).group_by(Acknowledgement.kind)
    return dict(unseen.tuples().iterator())


def _people() -> tuple[int, int]:
    """How many coordinators there are, and how many who agreed to get messages."""
    decides = Case(None, ((Member.role == members.Role.COORDINATOR, 1),))
    agreed = Case(None, ((Member.consent != "", 1),))
    counted = Member.select(fn.COUNT(decides), fn.COUNT(agreed)).where(Member.state == members.Standing.ACTIVE)
    coordinators, told = cast(tuple[int, int], counted.tuples().get())
    return coordinators, told


def _drill(now: datetime) -> bool:
    test = (Alert.message_class == MessageClass.TEST) & (Alert.state == AlertState.FORWARDED)
    return bool(Alert.select().where(test & (Alert.decided_at > now - DRILL)).exists())


def _unwritten(now: datetime) -> timedelta:
    """Since the last heartbeat of any service; nothing when none ever beat."""
    last = Heartbeat.select(fn.MAX(Heartbeat.at)).scalar()
    return now - last if last else timedelta(0)


def _nightly_age(now: datetime) -> timedelta:
    """Since the last nightly backup for the key that is known; nothing as long as there is no key."""
    key = BackupKey.select().order_by(BackupKey.id.desc()).first()
    if key is None:
        return timedelta(0)
    since: datetime = max(bookmarks.last(bookmarks.NIGHTLY) or key.made_at, key.made_at)
    return now - since


def last_backup() -> datetime | None:
    """When one was last taken off the box: by the page, the command line or a stick."""
    last = Audit.select().where(Audit.verb == "backed up").order_by(Audit.id.desc()).first()
    return last.at if last else None


def _age(last: datetime | None, now: datetime) -> timedelta:
    """Since *last*; since the first line of the log when there never was one."""
    if last is None:
        first = Audit.select().order_by(Audit.id).first()
        last = first.at if first else now
    return now - last


def _present(rows: list[ModemState]) -> list[ModemState]:
    """Without those that may come and go and are away; when all are, the one whose gateway still speaks counts."""
    there = [row for row in rows if not modem_state.away(row)]
    return there or sorted(rows, key=lambda row: row.heartbeat_at)[-1:]


def _modem_facts(row: ModemState) -> ModemFacts:
    used = row.storage_used
    percent = round(100 * used / row.storage_total) if row.storage_total and used is not None else None
    return ModemFacts(
        name=row.name, online=row.online, fault=row.fault, heartbeat_at=row.heartbeat_at, changed_at=row.changed_at,
        registered=row.registered, operator=row.operator, technology=row.technology,
        signal_percent=row.signal_percent, storage_percent=percent, sent_at=row.sent_at, received_at=row.received_at,
        barred=bool(row.stopped), gave_up=row.recovery_step == modem_state.GAVE_UP, room=row.room,
        credit_low=row.credit_low,
    )  # fmt: skip


def _lately(at: datetime | None, now: datetime) -> bool:
    """Whether a service said so and still speaks."""
    return at is not None and now - at <= SERVICE_SILENT


def beat(service: str, now: datetime) -> None:
    """*service* has finished a step."""
    Heartbeat.insert(service=service, at=now).on_conflict(
        conflict_target=[Heartbeat.service], update={Heartbeat.at: now}
    ).execute()
