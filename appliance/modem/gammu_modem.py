"""The second driver: python-gammu, for phones and sticks that `appliance.modem.at` cannot drive.

libgammu cannot be cancelled: a call blocks for 100 s and more when a modem falls silent, so it lives in a child process
(`appliance.modem.gammu_inside`) that is killed at its deadline and replaced at the next `open`.

What it cannot do, whatever we do about it:

- It hides the network's error codes: every refusal but "memory full" looks alike. The modem may have said that it does
  not know, so each counts as doubt: a barred number is tried until its segment expires, and is shown as possibly twice.
  Its time-out does not tell whether a prompt ever came: that is doubt too.
- It needs 0.7 s of its own for each segment and 4 s to open. A caller is rejected only between two calls.
- It shows no PDU: `raw` is "" in all that comes in, and what it cannot read is an Oddity that names its place only.
- Names with other letters than A to Z come out wrong, national shift tables are not decoded, and a concatenation
  element that is not the first of its header is not seen.
- Reports that it hands over directly wait in the child: those that nobody collected are lost when it is killed.
"""

import select
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from appliance import clock as wall
from appliance.arrivals import Arrival, Oddity, Outgoing, Report, Ring, Text
from appliance.modem import Cards, Offline, Refused, Status, Unanswered, discovery, rousing
from appliance.modem.gammu_child import LOST, Dead, Process
from appliance.modem.recovery import Step
from appliance.modem.sim import ForgetfulCards, Pin
from appliance.queue.retry import Reaction

BATCH = 30
UNKNOWN_CARD = ""  # gammu does not tell the ICCID
PATIENCE = 120.0  # seconds; gammu itself gives up 100 s after Ctrl-Z
PATIENCE_OTHERWISE = 40.0


class GammuModem:
    """One modem on *port*, driven by libgammu in a child. After Offline or Unanswered call `open` again."""

    def __init__(
        self,
        port: str,
        *,
        name: str,
        pin: str = "",
        cards: Cards | None = None,
        take: discovery.Take | None = None,
        clock: Callable[[], datetime] = wall.now,
        patience: float = PATIENCE,
    ) -> None:
        self.name = name
        self._port = port
        self._path = "" if port == "auto" else port  # where it was last
        self._take = take
        self._pin = Pin(pin, cards or ForgetfulCards())
        self._clock = clock
        self._patience = patience
        self._direct: list[Arrival] = []
        self._stored: dict[str, Text | Report | Oddity] = {}
        self._child: Process | None = None

    def open(self) -> None:
        """A new child has the modem open and set up. Raises Offline."""
        self.close()
        self._path = path = discovery.locate(self._port, self._take, last=self._path)
        self._child = Process(path)
        try:
            if self._call("open", path) == "PIN":
                self._pin.unlock(lambda digits: self._call("enter_pin", digits), UNKNOWN_CARD, None)
            self._pin.opened(UNKNOWN_CARD)
            self._call("listen")
        except (Refused, Offline) as error:
            self.close()
            if isinstance(error, Offline):
                raise
            raise Offline(f"{path}: the modem cannot be set up ({error}); plug it in again.") from error

    def close(self) -> None:
        """The child is dead and the port is free."""
        child, self._child = self._child, None
        self._stored = {}
        if child:
            child.kill()

    def submit(self, outgoing: Outgoing) -> int:
        """The message reference. Raises Offline, Unanswered, Refused (nearly always as doubt: see above)."""
        try:
            answer = self._ready().ask(("submit", outgoing), self._patience)
        except Dead as error:
            self.close()
            raise Unanswered(f"{self._port}: the text was given to gammu, and then: {error}.") from error
        return int(self._value(answer))

    def collect(self) -> Sequence[Arrival]:
        """At most BATCH arrivals that were not discarded yet. Raises Offline."""
        direct, stored = self._call("collect")
        self._direct += direct
        self._direct += [Ring(number, self._clock()) for number in self._call("callers")]
        if stored is not None:
            self._stored = {arrival.slot: arrival for arrival in stored}
        return [*self._direct, *self._stored.values()][:BATCH]

    def discard(self, arrival: Arrival) -> None:
        """*arrival* is gone from the modem. One that is not there any more is no error. Raises Offline."""
        if arrival in self._direct:
            self._direct.remove(arrival)
            return
        slot = None if isinstance(arrival, Ring) else arrival.slot
        if slot is not None and self._stored.get(slot) == arrival:
            self._call("delete", slot)
            del self._stored[slot]

    def status(self) -> Status:
        """What the modem says now. Raises Offline."""
        found: Status = self._call("status")
        return found

    def ussd(self, code: str) -> str:
        """See `Modem.ussd`: always refused, it is not worth a child that may hang."""
        raise Refused("USSD", "not with gammu", Reaction.PERMANENT)

    def recover(self, step: Step) -> bool:
        """See `Modem.recover`. Told over AT: libgammu has no such calls that can be trusted."""
        self.close()
        return bool(self._path) and rousing.take(step, self._path)

    def wait(self, seconds: float, bell: int) -> None:
        """Return when the child heard something, at the bell, or after *seconds*."""
        if self._child is None:
            select.select([bell] if bell >= 0 else [], [], [], seconds)
        elif not self._child.wait(seconds, bell):
            self.close()

    def _call(self, method: str, *arguments: object) -> Any:
        try:
            return self._value(self._ready().ask((method, *arguments), PATIENCE_OTHERWISE))
        except Dead as error:
            self.close()
            raise Offline(f"{self._port}: the modem does not answer gammu ({error}); plug it in again.") from error

    def _ready(self) -> "Process":
        if self._child is None:
            raise Offline(f"Modem {self.name} is not open: open it first.")
        return self._child

    def _value(self, answer: tuple[str, Any]) -> Any:
        """What the child gave back, or what it raised."""
        kind, value = answer
        if kind == "refused":
            raise Refused(*value)
        if kind == "unanswered":
            self.close()
            raise Unanswered(value)
        if kind in LOST:
            self.close()
            raise LOST[kind](value)
        return value
