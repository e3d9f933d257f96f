"""A whole year of one BIN on a simulated clock: the real gateway, and a modem that takes no time.

Everything is told to the box as people do it: by SMS, by ring, by the coordinator's hand. The script keeps its own
figures while it plays; the yearly report, made when nearly all persons behind it have been erased, must equal them.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from appliance import alerts, audit, lang, report, store
from appliance.alerts import AlertState, MessageClass, Source
from appliance.arrivals import Arrival as Incoming
from appliance.arrivals import Outgoing, Report, Ring, Text
from appliance.codes import card
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway
from appliance.life import diary, drills, printing
from appliance.models import Alert, Arrival, Delivery, Member, PoliceContact, Segment, database
from appliance.modem import Refused, Status
from appliance.people import members, membership
from appliance.people.members import Role
from appliance.queue.retry import Reaction
from appliance.upkeep import retention

YEAR = 2027
OFFICER, LIES, JAN = "+32475000001", "+32470000101", "+32470000102"
PACE = timedelta(seconds=0.5)  # the network takes so long for each text
STREETS = ("Kerkstraat", "Lindedreef", "Papaverdreef", "Zonnelaan", "Heidestraat")
BARRED, OFF = "+32470001007", ("+32470001003", "+32470001011")  # refused for ever; never switched on


@dataclass
class Air:
    """The network and the telephones behind it, in memory: a modem as `appliance.modem.Modem` asks."""

    clock: datetime
    sent: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[Incoming] = field(default_factory=list)
    reference: int = 0

    def now(self) -> datetime:
        return self.clock

    def submit(self, outgoing: Outgoing) -> int:
        self.clock += PACE
        if outgoing.number == BARRED:
            raise Refused("CMS 1", "unassigned number", Reaction.PERMANENT)
        self.reference = (self.reference + 1) % 256
        self.sent.append((outgoing.number, outgoing.text))
        if outgoing.number not in OFF:
            self.waiting.append(Report(outgoing.number, self.reference, 0, self.clock, self.clock, "", None))
        return self.reference

    def text(self, number: str, words: str) -> None:
        self.waiting.append(Text(number, words, self.clock, None, "00", None, False))

    def ring(self, number: str) -> None:
        self.waiting.append(Ring(number, self.clock))

    def collect(self) -> Sequence[Incoming]:
        return self.waiting[:20]

    def discard(self, arrival: Incoming) -> None:
        self.waiting.remove(arrival)

    def status(self) -> Status:
        return Status(registered=True, registration="home", operator="Proximus", iccid="8932")

    def open(self) -> None: ...
    def close(self) -> None: ...
    def wait(self, seconds: float, bell: int) -> None: ...
    def ussd(self, code: str) -> str:
        return ""

    def recover(self, step: object) -> bool:
        return True

    def last_to(self, number: str) -> str:
        return next(words for to, words in reversed(self.sent) if to == number)


class Year:
    """The script: what happens, and what it counts for itself."""

    def __init__(self, house) -> None:
        self.chance = random.Random(2027)
        self.bin = replace(house.bin, draw=random.Random(7).randrange)
        self.air = Air(datetime(YEAR - 1, 12, 28, 9, tzinfo=UTC))
        self.gateway = Gateway("a", self.air, self.bin, Doorbell(store.bells(), "gateway-a"), self.air.now)
        self.figures: dict[str, Counter[str]] = {name.value: Counter() for name in MessageClass}
        self.life: Counter[str] = Counter()
        self.decisions: list[float] = []
        self.people: dict[str, set[str]] = {}  # what each phone has asked to get: classes
        self.alerts: list[Alert] = []

    # the clock

    def settle(self) -> None:
        """Until the box has nothing left to do at this moment."""
        while (busy := self.gateway.step()) or self.air.waiting or self.owed():
            self.air.clock += timedelta(0) if busy else timedelta(seconds=1)

    def owed(self) -> bool:
        due = (Segment.state << ("queued", "in_doubt")) & (Segment.due_at <= self.air.clock)
        return bool(Segment.select().where(due).exists())

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """The clock goes on to that moment here; every night on the way the box is awake for its own work."""
        until = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.bin.zone).astimezone(UTC)
        while self.air.clock < until:
            night = self.bin.local(self.air.clock).replace(hour=3, minute=30, second=0, microsecond=0)
            night += timedelta(days=night <= self.bin.local(self.air.clock))
            self.air.clock = min(until, night.astimezone(UTC))
            self.settle()

    # people

    def join(self, name: str, number: str, role: Role = Role.MEMBER) -> None:
        street = STREETS[len(self.people) % len(STREETS)]
        members.enrol(name, number, self.air.clock, "Lies", street=street, role=role, consent="2026-12-01", form="1")
        self.people[number] = {name.value for name in MessageClass}
        self.life["joined"] += 1

    def ask_back(self, number: str) -> None:
        self.air.text(number, "START")
        self.settle()
        membership.accept(membership.requests()[-1], "Een buur", self.air.clock, "Lies", self.bin)
        self.settle()
        self.people[number] = {name.value for name in MessageClass}
        self.life["joined"] += 1

    def stop(self, number: str) -> None:
        self.air.text(number, "STOP")
        self.settle()
        del self.people[number]
        self.life["left"] += 1

    def no_prevention(self, number: str) -> None:
        self.air.text(number, "STOP PREVENTIEF")
        self.settle()
        self.people[number].discard("preventive")

    def see_something(self, number: str, words: str) -> None:
        if words:
            self.air.text(number, words)
        else:
            self.air.ring(number)
        self.settle()
        self.life["redirected"] += 1

    # alerts

    def from_police(self, keyword: str, words: str) -> Alert:
        contact = PoliceContact.get()
        self.air.text(OFFICER, f"{keyword} {card(contact.secret, contact.counter, 1)[0][1]} {words}")
        self.settle()
        return Alert.select().order_by(Alert.id.desc()).get()

    def decide(self, alert: Alert, by: str, after: timedelta, word: str = "JA") -> Alert:
        """The coordinator *by* answers the box by SMS so long *after* the text came in."""
        self.air.clock = max(self.air.clock, alert.created_at + after)
        asked = (re.search(r"JA (\d{4})", words) for to, words in reversed(self.air.sent) if to == by)
        self.air.text(by, f"{word} {next(filter(None, asked)).group(1)}")
        self.settle()
        return Alert.get_by_id(alert.id)

    def counted(self, alert: Alert, words: str) -> list[str]:
        """What the script expects of *alert*, from its own list of people and from the air; who got it."""
        figures, kind = self.figures[alert.message_class], alert.message_class
        wanted = [number for number, classes in self.people.items() if kind in classes]
        if alert.about:  # the outcome goes to those who got the alert
            wanted.remove(BARRED)
        carried = [number for number, text in self.air.sent if words in text and number in wanted]
        figures.update(
            alerts=1, told=1, recipients=len(wanted), segments=len(wanted), accepted=len(set(carried)),
            reached=len(set(carried) - set(OFF)), failed=len(set(wanted) & {BARRED}),
        )  # fmt: skip
        assert sorted(set(carried)) == sorted(set(wanted) - {BARRED}), "the air disagrees with the script"
        self.alerts.append(alert)
        return [number for number in carried if number not in OFF]

    def answers(self, alert: Alert, got: list[str], share: float) -> set[str]:
        """Some of who *got* it answer, by a word or a ring, each once; who did."""
        answered = set()
        for number in sorted(set(got)):
            if self.chance.random() < share:
                self.air.clock += timedelta(seconds=self.chance.randint(5, 40))
                self.air.ring(number) if self.chance.random() < 0.3 else self.air.text(
                    number, self.chance.choice(WORDS)
                )
                self.figures[alert.message_class]["confirmed"] += 1
                answered.add(number)
        self.settle()
        return answered

    def close(self, alert: Alert) -> None:
        alert = Alert.get_by_id(alert.id)
        if alert.state != AlertState.CLOSED:  # its outcome may have closed it
            alerts.close(alert, "Lies", "page", self.air.clock, self.bin)


RINGING = 0.3  # of those who answer
WORDS = ("OK", "ok merci", "gelezen", "Oké!", "1", "👍")


def play(year: Year, house) -> Year:
    database.execute_sql("PRAGMA synchronous=OFF") if not house.shared else None  # no power is cut this year
    house.officer("De Wit", OFFICER)
    year.join("Lies", LIES, Role.COORDINATOR)
    year.join("Jan", JAN, Role.COORDINATOR)
    for number in range(58):
        year.join(f"Buur {number}", f"+324700010{number:02}")
    year.gateway.begin()
    year.at(date(YEAR, 1, 1), 1)
    year.life.clear()
    for month in range(1, 13):
        play_month(year, month)
    year.at(date(YEAR + 1, 1, 25), 12)
    return year


def play_month(year: Year, month: int) -> None:
    """A drill, an urgent alert with its outcome, two tips; somebody joins, somebody leaves, somebody sees something."""
    year.at(date(YEAR, month, 2), 10)
    year.join(f"Nieuw {month}", f"+324700020{month:02}")
    words = f"Oefening {month:02}."
    drill = alerts.create(MessageClass.TEST, Source.COORDINATOR, words, "Lies", year.air.clock, year.bin)
    alerts.forward(drill, "Lies", "page", year.air.clock, year.bin)
    year.settle()
    year.answers(drill, year.counted(drill, words), 0.6)
    year.at(date(YEAR, month, 10), 10)
    year.close(drill)
    urgent(year, month)
    for day in (16, 23):
        year.at(date(YEAR, month, day), 10)
        words = f"Tip {month:02}-{day}: sluit uw ramen."
        tip = year.from_police("PREVENTIEF", words)
        tip = year.decide(tip, LIES if month % 2 else JAN, timedelta(minutes=5))
        year.counted(tip, words)
        year.close(tip)
    comings_and_goings(year, month)


def urgent(year: Year, month: int) -> None:
    """In March and July Lies is away, in August both are slow, in May they decline."""
    year.at(date(YEAR, month, 12), 22, 30)
    words = f"Inbraak {month:02} in de Kerkstraat."
    alert = year.from_police("DRINGEND", words)
    minutes = {3: 14, 7: 9, 8: 45}.get(month, 2)
    by = JAN if month in (3, 7) else LIES
    alert = year.decide(alert, by, timedelta(minutes=minutes), "NEE" if month == 5 else "JA")
    year.decisions.append((alert.decided_at - alert.created_at).total_seconds())
    assert timedelta(minutes=minutes) <= alert.decided_at - alert.created_at <= timedelta(minutes=minutes + 2)
    if month == 5:
        year.figures["urgent"]["alerts"] += 1
        return
    answered = year.answers(alert, year.counted(alert, words), 0.7)
    year.at(date(YEAR, month, 13), 9)
    outcome = f"Afloop {month:02}: twee verdachten aangehouden."
    feedback = year.decide(year.from_police("FEEDBACK", outcome), LIES, timedelta(minutes=3))
    year.counted(feedback, outcome)
    year.figures["urgent"]["confirmed"] += LIES not in answered  # her JA of this morning is a sign of life as well
    year.at(date(YEAR, month, 14), 9)
    for done in (alert, feedback):
        year.close(done)


def comings_and_goings(year: Year, month: int) -> None:
    year.at(date(YEAR, month, 25), 18)
    year.stop(f"+324700010{month + 20:02}")
    if month == 4:
        year.no_prevention("+32470001050")
    if month == 9:
        year.ask_back("+32470001023")  # said STOP in March, and was erased since
    if month % 3 == 0:
        year.see_something(f"+324700010{month + 33:02}", "er staat een verdachte man in mijn tuin")
        year.see_something(f"+324700010{month + 40:02}", "")  # a ring, long after the last alert
        diary.hold(date(YEAR, month, 26), diary.Kind.GROUP, year.air.clock, "Lies", attended=7)
        year.life.update(meetings=1, attended=7)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_yearly_report_is_what_happened(house, engine):
    year = Year(house)
    try:
        play(year, house)
    finally:
        year.gateway.end()
    found = report.of_year(YEAR, year.bin)

    for name, own in year.figures.items():
        totals = found.classes[name]
        assert {key: getattr(totals, key) for key in own} == dict(own), name
        assert (totals.possibly_twice, totals.details_erased) == (0, 0)
    assert (found.classes["urgent"].told, found.classes["urgent"].outcomes) == (11, 11)
    assert [found.classes[name].told for name in ("feedback", "test", "preventive")] == [11, 12, 24]
    assert found.classes["urgent"].states["declined"] == 1

    life = found.life
    assert (life.joined, life.left) == (year.life["joined"], year.life["left"]) == (13, 12)
    assert (life.members, life.streets) == (len(year.people), len(STREETS)) == (61, 5)
    assert (sum(life.meetings.values()), life.attended) == (year.life["meetings"], year.life["attended"]) == (4, 28)
    assert life.redirected == year.life["redirected"] == 8
    assert found.pace.decision == round(median(year.decisions))
    assert found.pace.sending and found.pace.confirming and found.pace.test_confirming

    assert nobody_is_left_of_the_year()
    assert audit.first_broken() is None
    assert audit.holds(audit.read_head(found.head))
    assert len(drills.held()) == 12
    printed = "".join(printing.year(found, year.bin, language) for language in lang.LANGUAGES)
    assert not [name for name in ("Lies", "Jan", "Buur", "Nieuw", "De Wit", "+3247", "Inbraak 0") if name in printed]


def nobody_is_left_of_the_year() -> bool:
    """No delivery, no arrival, nobody who left: the figures above came from what was counted in time.

    Only the second coordinator still hears every week where the log ends.
    """
    kept = (
        Delivery.select().where(Delivery.number.not_in(("", JAN))).count()
        + Arrival.select().where(Arrival.kind != "report").count()
    )
    return (
        kept == 0 and not Member.select().where(Member.state == "left").exists() and retention.last_done() is not None
    )
