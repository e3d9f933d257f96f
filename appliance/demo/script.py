"""The story of the demo, played unattended and held against what the network really carried."""

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from appliance.alerts import progress
from appliance.alerts.progress import Progress
from appliance.demo import truth
from appliance.demo.neighbours import CONFIRMING, COORDINATORS, NEIGHBOURS, OFFICER
from appliance.demo.street import Bubble, Street
from appliance.models import Alert
from appliance.modem.emulator import EmulatedModem

ORIGINAL = "Inbraak bezig in de Kerkstraat, grijze bestelwagen, twee mannen. Blijf binnen. Ziet u iets? Bel 101."
EXPECTED = sum(neighbour.habit in CONFIRMING for neighbour in NEIGHBOURS)
LOOK_AGAIN = 0.05  # seconds
PATIENCE = 180.0  # seconds that one chapter may take beyond the modem's own time

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What happened, counted on both sides of the modem; `lost` and `doubled_unshown` as in `truth.Truth`."""

    recipients: int
    segments: int
    accepted: int
    delivered: int
    confirmed: int
    failed: int
    possibly_twice: int
    lost: int
    doubled: int
    doubled_unshown: int
    confirmed_expected: int
    police_heard: str
    decision_to_first_ms: float
    seconds: float

    @property
    def well(self) -> bool:
        """Nothing lost, nothing doubled in silence, every sign of life counted, the police told the same figure."""
        counts_right = self.confirmed == self.confirmed_expected and f"{self.accepted} verzonden" in self.police_heard
        return not self.lost and not self.doubled_unshown and counts_right and self.recipients == len(NEIGHBOURS)

    def as_dict(self) -> dict[str, object]:
        """For `--json`; stable keys, docs/cli.md."""
        return asdict(self) | {"well": self.well}


class Stuck(Exception):
    """A chapter did not come to its end; `str()` says which."""


class Script:
    """Plays the police officer and Lies; everybody else answers by habit."""

    def __init__(self, street: Street, modem: EmulatedModem, code: str, tell: Tell, pace: float) -> None:
        self._street = street
        self._modem = modem
        self._code = code
        self._tell = tell
        self._patience = PATIENCE + 200 * pace

    def play(self) -> Outcome:
        """The whole story. Raises Stuck."""
        began = time.monotonic()
        lies = COORDINATORS[0]
        self._say(OFFICER[0], "->", f"DRINGEND ****** {ORIGINAL}")
        self._street.text(OFFICER[1], f"DRINGEND {self._code} {ORIGINAL}")
        challenge = self._await("the coordinators have the original", self._challenge)
        for coordinator in COORDINATORS:
            self._say(coordinator.name, "<-", self._street.screen(coordinator.number)[-1].text)
        self._say(lies.name, "->", f"JA {challenge}")
        self._street.text(lies.number, f"JA {challenge}")
        self._await("the alert is promised", lambda: self._progress().counts["recipients"] or None)
        self._follow()
        heard = self._await("the police hear the final counts", lambda: self._counts_told(2))
        self._say(OFFICER[0], "<-", heard)
        return self._outcome(heard, time.monotonic() - began)

    def _challenge(self) -> str | None:
        """What Lies has to repeat: read on her own phone."""
        waiting = [c for c in COORDINATORS if not _numbers(self._street.screen(c.number))]
        return None if waiting else _numbers(self._street.screen(COORDINATORS[0].number))[-1]

    def _follow(self) -> None:
        """A line whenever a quarter more is accepted; then wait for everybody who will answer."""
        shown = -1
        while (now := self._progress()).busy:
            quarter = 4 * now.counts["accepted"] // len(now.lines)
            if quarter > shown:
                shown = quarter
                self._counts(now)
            self._pause("all texts are accepted")
        self._await("everybody who answers has answered", self._all_confirmed)
        self._counts(self._progress())

    def _all_confirmed(self) -> bool:
        return self._progress().counts["confirmed"] >= EXPECTED

    def _counts(self, now: Progress) -> None:
        of = len(now.lines)
        words = ("accepted", "aanvaard"), ("reached", "afgeleverd"), ("confirmed", "bevestigd")
        self._say("de kast", "  ", ", ".join(f"{word} {now.counts[key]}/{of}" for key, word in words))

    def _counts_told(self, times: int) -> str | None:
        told = [b.text for b in self._street.screen(OFFICER[1]) if b.way == "in" and "gelezen" in b.text]
        return told[-1] if len(told) >= times else None

    def _alert(self) -> Alert:
        found: Alert = Alert.select().order_by(Alert.id.desc()).get()
        return found

    def _progress(self) -> Progress:
        return progress.of(self._alert())

    def _await(self, what: str, look: Callable[[], object]) -> str:
        self._deadline = time.monotonic() + self._patience
        while not (found := look()):
            self._pause(what)
        return str(found)

    def _pause(self, what: str) -> None:
        if time.monotonic() > self._deadline:
            raise Stuck(f"Still waiting until {what}. The log says more.")
        time.sleep(LOOK_AGAIN)

    def _say(self, who: str, way: str, words: str) -> None:
        self._tell(f"{datetime.now().astimezone():%H:%M:%S}  {who:<18} {way} {words}")

    def _outcome(self, heard: str, seconds: float) -> Outcome:
        counts = self._progress().counts
        found = truth.hold(self._alert(), self._modem.network.airwaves)
        return Outcome(
            recipients=counts["recipients"], segments=counts["segments"], accepted=counts["accepted"],
            delivered=counts["reached"], confirmed=counts["confirmed"], failed=counts["failed"],
            possibly_twice=counts["possibly_twice"], lost=found.missing, doubled=found.doubled,
            doubled_unshown=found.doubled_unshown, confirmed_expected=EXPECTED, police_heard=heard,
            decision_to_first_ms=self._decision_to_first(), seconds=round(seconds, 2),
        )  # fmt: skip

    def _decision_to_first(self) -> float:
        """From the coordinator's decision to the next AT+CMGS on the wire, in milliseconds."""
        decided = self._alert().decided_at
        assert decided is not None
        at = decided.timestamp() - time.time() + time.monotonic()
        after = [wire.at for wire in self._modem.wire if wire.at > at and wire.what.startswith("AT+CMGS")]
        return float(round(1000 * (min(after) - at), 1))


def _numbers(bubbles: list[Bubble]) -> list[str]:
    """The challenge numbers that a phone has been told."""
    return [found.group(1) for b in bubbles if b.way == "in" and (found := re.search(r"\bJA (\d{4})\b", b.text))]
