"""A modem that answers and does not do its work."""

from appliance.modem import Offline
from appliance.modem.recovery import Step


class Trouble(Offline):
    """It is closed, and brought back by the ladder, which takes *at_least* this step."""

    def __init__(self, why: str, at_least: Step = Step.REOPEN, *, submit: bool = False) -> None:
        super().__init__(why)
        self.at_least = at_least
        self.submit = submit  # only a text that the network takes will prove that it is over
