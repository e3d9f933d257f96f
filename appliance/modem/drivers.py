"""Which driver a configuration names."""

from collections.abc import Sequence
from typing import Literal

from appliance.arrivals import Arrival, Outgoing
from appliance.modem import Cards, Modem, Status, Unsuitable
from appliance.modem.at import AtModem
from appliance.modem.discovery import Take
from appliance.modem.gammu_modem import GammuModem
from appliance.modem.recovery import Step
from appliance.modem.sim import ForgetfulCards

Driver = Literal["auto", "at", "gammu"]


def open_modem(
    driver: Driver, port: str, *, name: str, pin: str = "", cards: Cards | None = None, take: Take | None = None
) -> Modem:
    """The modem that the configuration names; it is up to the caller to `open` it, now and after each error.

    With port "auto" it is one that *take* takes. Without *cards*, what is learnt about SIM cards is forgotten with it.
    """
    cards = cards or ForgetfulCards()
    if driver == "at":
        return AtModem(port, name=name, pin=pin, cards=cards, take=take)
    second = GammuModem(port, name=name, pin=pin, cards=cards, take=take)
    if driver == "gammu":
        return second
    return EitherModem(AtModem(port, name=name, pin=pin, cards=cards, take=take), second)


class EitherModem:
    """*first*, until it finds at `open` that it can never drive this modem; from then on *second*."""

    def __init__(self, first: Modem, second: Modem) -> None:
        self._modem = first
        self._second = second

    def open(self) -> None:
        """One of the two has the modem open. Raises Offline."""
        try:
            self._modem.open()
        except Unsuitable:
            if self._modem is self._second:
                raise
            self._modem = self._second
            self._modem.open()

    def close(self) -> None:
        """Let go of the port."""
        self._modem.close()

    def submit(self, outgoing: Outgoing) -> int | None:
        """See `Modem.submit`."""
        return self._modem.submit(outgoing)

    def collect(self) -> Sequence[Arrival]:
        """See `Modem.collect`."""
        return self._modem.collect()

    def discard(self, arrival: Arrival) -> None:
        """See `Modem.discard`."""
        self._modem.discard(arrival)

    def status(self) -> Status:
        """See `Modem.status`."""
        return self._modem.status()

    def ussd(self, code: str) -> str:
        """See `Modem.ussd`."""
        return self._modem.ussd(code)

    def recover(self, step: Step) -> bool:
        """See `Modem.recover`."""
        return self._modem.recover(step)

    def wait(self, seconds: float, bell: int) -> None:
        """See `Modem.wait`."""
        self._modem.wait(seconds, bell)
