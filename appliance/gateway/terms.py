"""What the subscription and the settings of one modem ask for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from appliance.gateway.balance import Question
from appliance.modem_state import Wish
from appliance.queue.subscription import Subscription


@dataclass(frozen=True)
class Terms:
    """By default nothing."""

    subscription: Subscription = field(default_factory=Subscription)
    low_credit: int = 0  # millicents of credit below which a person is told
    power: Callable[[], None] | None = None  # cuts the modem's power and gives it back; raises PowerFailed
    self_number: str = ""  # E.164
    self_test: timedelta = timedelta(0)  # how often; 0: never
    balance: Question | None = None  # how the SIM's credit is asked for; None: never
    clock_word: Path | None = None  # where to say how late it is, for a machine without a clock: see `lateness`
    one_of_many: bool = False  # its stick may come and go: see `absence`

    @property
    def able(self) -> tuple[Wish, ...]:
        """What somebody at the page may ask for."""
        tests_itself = self.self_number and self.self_test
        ways = {Wish.POWER: self.power, Wish.SELF_TEST: tests_itself, Wish.BALANCE: self.balance}
        return tuple(wish for wish, way in ways.items() if way)


NOTHING = Terms()
