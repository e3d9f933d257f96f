"""One answer to "is it well?", read from the store; lamp, page and command line say the same.

`judge` is pure; `read` gathers the facts that it judges.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance import clock, machine, members, store
from appliance.alerts import AlertState, Source
from appliance.machine import UNKNOWN, Machine
from appliance.models import Acknowledgement, Alert, Arrival, Audit, Heartbeat, Member, ModemState, Segment
from appliance.queue import outbox
from appliance.queue.inbox import Standing
from appliance.queue.states import State

MODEM_SILENT = timedelta(seconds=240)  # a submit may take 180 s, and no heartbeat is written meanwhile
SERVICE_SILENT = timedelta(seconds=30)
NETWORK_GONE = timedelta(minutes=3)
QUEUE_STUCK = timedelta(minutes=15)
WEAK_SIGNAL = 20  # per cent
STORAGE_FULL = 70  # per cent
CARD_FULL = 20  # megabytes: less than one night of writing
CARD_LOW = 200  # megabytes
HOT = 80.0  # degrees Celsius: from here a Raspberry Pi slows itself down
BACKUP_AGE = timedelta(days=35)


class Level(StrEnum):
    """What the lamp shows at rest, worst first (facts/ux 4.5)."""

    BROKEN = "broken"  # cannot send
    SENDING = "sending"
    WAITING = "waiting"  # a police text waits for a decision
    ATTENTION = "attention"
    STARTING = "starting"
    READY = "ready"


class Trouble(StrEnum):
    """What is the matter; each has a sentence and a next step in `sentence` and in docs/lamp.md."""

    NO_MODEM = "no_modem"
    MODEM_SILENT = "modem_silent"
    NO_NETWORK = "no_network"
    SIM_BARRED = "sim_barred"
    QUEUE_STUCK = "queue_stuck"
    CARD_FULL = "card_full"
    WEAK_SIGNAL = "weak_signal"
    STORAGE = "storage"
    UNREADABLE = "unreadable"
    BUTTON_USED = "button_used"
    ONE_COORDINATOR = "one_coordinator"
    NOBODY = "nobody"
    NO_CLOCK = "no_clock"
    WEAK_POWER = "weak_power"
    HOT = "hot"
    CARD_LOW = "card_low"
    NO_BACKUP = "no_backup"


BROKEN = {
    Trouble.NO_MODEM, Trouble.MODEM_SILENT, Trouble.NO_NETWORK, Trouble.SIM_BARRED, Trouble.QUEUE_STUCK,
    Trouble.CARD_FULL,
}  # fmt: skip

# What it says and what to do now, for somebody who stands before the box at night.
SENTENCES: dict[Trouble, tuple[str, str]] = {
    Trouble.NO_MODEM: (
        "De kast vindt geen modem.",
        "Kijk of de modem goed in de kast zit. Trek hem los, wacht tien tellen en steek hem terug.",
    ),
    Trouble.MODEM_SILENT: (
        "De modem antwoordt niet meer.",
        "Wacht vijf minuten. Blijft het rood? Trek de stekker van de kast uit, wacht tien tellen en steek hem terug.",
    ),
    Trouble.NO_NETWORK: (
        "De kast heeft geen gsm-netwerk.",
        "Kijk of de antenne vastzit. Heeft uw eigen gsm ook geen netwerk? Wacht dan even.",
    ),
    Trouble.SIM_BARRED: (
        "Het netwerk laat de simkaart niets versturen.",
        "Kijk na of de kaart nog krediet heeft en of het abonnement betaald is.",
    ),
    Trouble.QUEUE_STUCK: (
        "Er staan al een kwartier sms'en klaar die niet vertrekken.",
        "Kijk op de pagina Toestel. Bel intussen via uw belboom.",
    ),
    Trouble.CARD_FULL: (
        "De geheugenkaart is vol: de kast kan niets meer bewaren.",
        "Bel wie de kast onderhoudt. Gebruik intussen uw belboom.",
    ),
    Trouble.WEAK_SIGNAL: ("Het gsm-signaal is zwak.", "Zet de kast of de antenne dichter bij een raam."),
    Trouble.STORAGE: (
        "Het geheugen van de simkaart raakt vol.",
        "De kast maakt het zelf leeg. Blijft dit staan? Herstart de kast.",
    ),
    Trouble.UNREADABLE: ("Er kwam een sms binnen die de kast niet kan lezen.", "Bekijk hem bij Antwoorden."),
    Trouble.BUTTON_USED: ("De noodknop is gebruikt.", "Bekijk het op de startpagina en vink het af."),
    Trouble.ONE_COORDINATOR: ("Er is geen tweede coördinator.", "Voeg een coördinator toe bij Leden."),
    Trouble.NOBODY: ("Er zijn nog geen leden met toestemming.", "Voeg leden toe of lees een lijst in bij Leden."),
    Trouble.NO_CLOCK: (
        "De kast weet niet hoe laat het is.",
        "Sluit ze even aan op het internet. Versturen kan intussen gewoon.",
    ),
    Trouble.WEAK_POWER: (
        "De stroom was even te zwak.",
        "Gebruik de voeding die bij de Raspberry Pi hoort, en niets anders op dezelfde stekker.",
    ),
    Trouble.HOT: ("De kast is te warm.", "Zet ze waar lucht kan, niet in de zon."),
    Trouble.CARD_LOW: ("De geheugenkaart raakt vol.", "Bel deze week wie de kast onderhoudt."),
    Trouble.NO_BACKUP: (
        "Er is al vijf weken geen reservekopie gemaakt.",
        "Maak er een op een usb-stick en bewaar die buitenshuis.",
    ),
}


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
    machine: Machine = UNKNOWN
    backup_age: timedelta = timedelta(0)  # since the last one, or since the box is in use


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


@dataclass(frozen=True)
class Health:
    """The verdict: one level, what is the matter (worst first), and the facts behind it."""

    level: Level
    troubles: tuple[Trouble, ...]
    facts: Facts
    checked_at: datetime

    @property
    def sentence(self) -> str:
        """What to tell a person, in one Dutch sentence."""
        if self.troubles and self.level in (Level.BROKEN, Level.ATTENTION):
            return SENTENCES[self.troubles[0]][0]
        return LEVEL_SENTENCES[self.level]


LEVEL_SENTENCES = {
    Level.BROKEN: "Kan nu niet versturen.",
    Level.SENDING: "Bezig met versturen.",
    Level.WAITING: "Er wacht een bericht van de politie.",
    Level.ATTENTION: "Klaar om te versturen, maar kijk als het past.",
    Level.STARTING: "Even geduld: de kast start op.",
    Level.READY: "Klaar om te versturen.",
}


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
    else:
        level = Level.ATTENTION if troubles else Level.READY
    return Health(level, troubles, facts, now)


def _troubles(facts: Facts, now: datetime) -> list[Trouble]:
    """Everything that is the matter, worst first. One modem that works is enough to send."""
    best = [_modem_trouble(modem, now) for modem in facts.modems]
    found = [trouble for trouble in best if trouble] if all(best) else []
    signals = [m.signal_percent for m in facts.modems if m.signal_percent is not None]
    checks = (
        (facts.oldest_owed > QUEUE_STUCK and not _moving(facts, now), Trouble.QUEUE_STUCK),
        (_below(facts.machine.free_megabytes, CARD_FULL), Trouble.CARD_FULL),
        (bool(facts.button_used), Trouble.BUTTON_USED),
        (not facts.members, Trouble.NOBODY),
        (bool(signals) and max(signals) < WEAK_SIGNAL, Trouble.WEAK_SIGNAL),
        (any((m.storage_percent or 0) >= STORAGE_FULL for m in facts.modems), Trouble.STORAGE),
        (bool(facts.unreadable), Trouble.UNREADABLE),
        (facts.coordinators < 2, Trouble.ONE_COORDINATOR),
        (not clock.trusted(now), Trouble.NO_CLOCK),
        (bool(facts.machine.under_voltage), Trouble.WEAK_POWER),
        ((facts.machine.celsius or 0.0) >= HOT, Trouble.HOT),
        (_below(facts.machine.free_megabytes, CARD_LOW), Trouble.CARD_LOW),
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
        return Trouble.NO_MODEM
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
    button = (Acknowledgement.kind == "button") & Acknowledgement.seen_at.is_null()
    facts = Facts(
        modems=tuple(_modem_facts(row) for row in ModemState.select().order_by(ModemState.name)),
        waiting=Alert.select().where(waiting).count(),
        owed=owed.count(),
        oldest_owed=outbox.oldest_owed(now),
        unreadable=Arrival.select().where(unread).count(),
        button_used=Acknowledgement.select().where(button).count(),
        coordinators=len(members.with_role(members.Role.COORDINATOR)),
        members=Member.select().where((Member.state == members.Standing.ACTIVE) & (Member.consent != "")).count(),
        machine=machine.read(store.bells().parent),
        backup_age=_backup_age(now),
    )
    return judge(facts, now)


def _backup_age(now: datetime) -> timedelta:
    """Since the last backup; since the first line of the log when there never was one."""
    last = Audit.select().where(Audit.verb == "backed up").order_by(Audit.id.desc()).first()
    since = last or Audit.select().order_by(Audit.id).first()
    return now - since.at if since else timedelta(0)


def _modem_facts(row: ModemState) -> ModemFacts:
    used = row.storage_used
    percent = round(100 * used / row.storage_total) if row.storage_total and used is not None else None
    return ModemFacts(
        name=row.name, online=row.online, fault=row.fault, heartbeat_at=row.heartbeat_at, changed_at=row.changed_at,
        registered=row.registered, operator=row.operator, technology=row.technology,
        signal_percent=row.signal_percent, storage_percent=percent, sent_at=row.sent_at, received_at=row.received_at,
        barred=bool(row.stopped),
    )  # fmt: skip


def beat(service: str, now: datetime) -> None:
    """*service* has finished a step."""
    Heartbeat.insert(service=service, at=now).on_conflict(
        conflict_target=[Heartbeat.service], update={Heartbeat.at: now}
    ).execute()
