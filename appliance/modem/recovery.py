"""How a modem is brought back without a human: the ladder as data, and when each step of it is due. Pure.

A step is taken only while the proof fails (AT, SIM, network, memory; after a failed submit: a submit), and never during
a submit. Each is counted on disk, so that a box that restarts does not begin again with cutting the power.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from appliance.clock import over


class Step(IntEnum):
    """What can be done, the gentlest first."""

    REOPEN = 1  # the port anew; then ESC, CR, read until quiet, AT, the whole set-up: frees a stuck prompt too
    OTHER_PORT = 2  # another AT port of the same device
    RADIO = 3  # flight mode and back: heals "registered but deaf" and "denied"
    RESET = 4  # the modem starts anew
    USB = 5  # de-authorise the device: has frozen whole machines, so never by itself
    POWER = 6  # the command of the settings cuts the modem's power
    REBOOT = 7  # of the box: named to a human, never done by the box itself
    GIVE_UP = 8  # say so; go on with the steps from RADIO


@dataclass(frozen=True)
class Rung:
    """One step: what it is called before people, and how long it is given to help."""

    step: Step
    words: str
    wait: timedelta
    automatic: bool = True


LADDER = (
    Rung(Step.REOPEN, "poort opnieuw geopend", timedelta(seconds=30)),  # it may have started anew, as a CD drive first
    Rung(Step.OTHER_PORT, "andere poort geprobeerd", timedelta(seconds=5)),
    Rung(Step.RADIO, "radio uit en aan", timedelta(seconds=60)),
    Rung(Step.RESET, "modem herstart", timedelta(seconds=60)),
    Rung(Step.USB, "usb losgemaakt", timedelta(seconds=30), automatic=False),
    Rung(Step.POWER, "stroom van de modem uit en aan", timedelta(seconds=60)),
    Rung(Step.REBOOT, "kast herstarten", timedelta(0), automatic=False),
    Rung(Step.GIVE_UP, "opgegeven: trek de stekker uit, wacht tien tellen, steek hem terug", timedelta(minutes=30)),
)
WORDS = {rung.step: rung.words for rung in LADDER}
WAIT = {rung.step: rung.wait for rung in LADDER}
AUTOMATIC = [rung.step for rung in LADDER if rung.automatic]

HARD = Step.RADIO  # from here on the network is lost for a while
HARD_EVERY = timedelta(minutes=5)
POWER_EVERY = (timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60))
POWER_FORGOTTEN = timedelta(hours=2)  # a weak supply dies at each submit and comes back: well in between is not well
SUSPICIOUS = 2  # recipients
SEVERAL = 3  # recipients
IN_VAIN = 3  # tries of one text


@dataclass(frozen=True)
class Past:
    """What was done before, as the store knows it."""

    step: Step | None = None  # the last one of this trouble; None: none yet
    at: datetime | None = None
    hard_at: datetime | None = None  # the last step from HARD to POWER, of any trouble
    power_at: datetime | None = None
    powers: int = 0  # power cycles since the modem was last well for long


def next_step(
    past: Past, now: datetime, *, at_least: Step = Step.REOPEN, without: Collection[Step] = ()
) -> Step | None:
    """The step that is due now; None while the last one may still help, or while the next would come too soon.

    Above the last rung the ladder goes on at RADIO. *without*: steps for which there is no way.
    """
    if past.step is not None and not over(past.at, WAIT[past.step], now):
        return None
    above = -1 if past.step is None else Step.RADIO - 1 if past.step is Step.GIVE_UP else past.step
    step = next(step for step in AUTOMATIC if step > above and step >= at_least and _can(step, without))
    if HARD <= step <= Step.POWER and not over(past.hard_at, HARD_EVERY, now):
        return None
    if step is Step.POWER and not over(past.power_at, power_pause(past, now), now):
        return None
    return step


def _can(step: Step, without: Collection[Step]) -> bool:
    return step is Step.GIVE_UP or step not in without


def power_pause(past: Past, now: datetime) -> timedelta:
    """How long after the last power cycle the next one may come: longer each time."""
    if past.power_at is None or over(past.power_at, POWER_FORGOTTEN, now):
        return timedelta(0)
    return POWER_EVERY[min(max(past.powers, 1), len(POWER_EVERY)) - 1]


def after(past: Past, step: Step, now: datetime) -> Past:
    """*past* once *step* is taken."""
    hard_at = now if HARD <= step <= Step.POWER else past.hard_at
    if step is not Step.POWER:
        return Past(step, now, hard_at, past.power_at, past.powers)
    powers = 1 if over(past.power_at, POWER_FORGOTTEN, now) else past.powers + 1
    return Past(step, now, hard_at, now, powers)


class Suspicion:
    """Whose fault it is that texts are refused: the recipient's, or ours."""

    def __init__(self) -> None:
        self._failed: Counter[str] = Counter()  # number -> tries since the network last took a text
        self._barring = ""  # the code that the last ones had
        self._barred: dict[str, set[int]] = {}  # number -> its segments

    def sent(self) -> None:
        """The network took a text: the modem is not to blame."""
        self._failed, self._barring, self._barred = Counter(), "", {}

    def failed(self, number: str) -> bool:
        """A text to *number* was refused for now; True when that was the second recipient in a row."""
        self._failed[number] += 1
        if len(self._failed) < SUSPICIOUS:
            return False
        self._failed.clear()
        return True

    @property
    def in_vain(self) -> bool:
        """Whether the last recipient was tried IN_VAIN times or more, and nothing else was taken meanwhile."""
        return max(self._failed.values(), default=0) >= IN_VAIN

    def forbidden(self, code: str, number: str, segment: int) -> bool:
        """*segment* to *number* was refused with *code*; True when so many in a row had it that this SIM is barred."""
        if code != self._barring:
            self._barring, self._barred = code, {}
        self._barred.setdefault(number, set()).add(segment)
        return len(self._barred) >= SEVERAL

    @property
    def wrongly_blamed(self) -> set[int]:
        """The segments that had the last barring: if it is this SIM's, it was not their numbers'."""
        return set().union(*self._barred.values())
