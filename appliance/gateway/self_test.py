"""A text to the box's own number, now and then: the only proof that what is sent also comes back in."""

from datetime import datetime, timedelta

from appliance import modem_state, phone
from appliance.arrivals import Arrival, Encoding, Outgoing, Text
from appliance.clock import over

WORDS = "BIN-kast zelftest"
VALIDITY = timedelta(minutes=10)  # what has not come back by then never will


class SelfTest:
    """Of the modem called *name*, whose SIM has *number* (E.164), once per *every*; without one of them it is off."""

    def __init__(self, name: str, number: str, every: timedelta) -> None:
        self._name = name
        self._number = number
        self._every = every if number else timedelta(0)
        self._left_at: datetime | None = None  # a test that is out, in this process

    def due(self, now: datetime) -> Outgoing | None:
        """The text that should leave now, or None. It costs what a text costs."""
        if not self._every:
            return None
        row = modem_state.of(self._name)
        last = row.self_test_at if row else None
        if not over(last, self._every, now):
            return None
        minutes = int(VALIDITY.total_seconds() // 60)
        return Outgoing(self._number, WORDS, Encoding.GSM7, None, minutes, report=False)

    def tried(self, now: datetime, *, left: bool) -> None:
        """It is not due again before its time; *left*: the network took it, and it is expected back."""
        self._left_at = now if left else None
        modem_state.remember(self._name, now, self_test_at=now)

    def heard(self, arrival: Arrival, now: datetime) -> bool:
        """Whether *arrival* is our own text: nobody's words, to be thrown away."""
        if not self._every or not isinstance(arrival, Text) or arrival.text != WORDS:
            return False
        if not phone.same(arrival.number, self._number):
            return False
        self._left_at = None
        modem_state.remember(self._name, now, self_heard_at=now)
        return True

    def lost(self, now: datetime) -> bool:
        """Whether a test that left did not come back in time: the modem sends, and is deaf. Said once per test."""
        if self._left_at is None or not over(self._left_at, VALIDITY, now):
            return False
        self._left_at = None
        return True
