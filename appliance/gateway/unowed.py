"""What the box asks of the network for itself, when nothing is owed to anybody: the test text, the credit."""

import logging
from collections.abc import Callable
from datetime import datetime

from appliance.arrivals import Outgoing
from appliance.gateway.balance import Balance, Question
from appliance.gateway.self_test import SelfTest
from appliance.gateway.trouble import Trouble
from appliance.modem import Modem, Offline, Refused, Unanswered
from appliance.queue import budget
from appliance.queue.budget import Counted, Sim
from appliance.store import writing

log = logging.getLogger(__name__)


class Unowed:
    """By the modem called *name*. *took* is called when the network took a text."""

    def __init__(
        self, name: str, modem: Modem, self_test: SelfTest, balance: Balance, took: Callable[[datetime], None]
    ) -> None:
        self._name = name
        self._modem = modem
        self._self_test = self_test
        self._balance = balance
        self._took = took

    def ask(self, sim: Sim, now: datetime) -> bool:
        """What is due is asked; False when nothing is. Raises Offline."""
        if text := self._self_test.due(now):
            self._self_test.tried(now, left=False)
            if self._sent(text, sim, now):
                self._self_test.tried(now, left=True)
        elif question := self._balance.due(now):
            self._balance.asked(now)  # first: a code that upsets the modem is not asked again before tomorrow
            self._ask_balance(question, sim, now)
        else:
            return False
        return True

    def _ask_balance(self, question: Question, sim: Sim, now: datetime) -> None:
        if question.method == "sms":
            self._sent(question.text(), sim, now)
            return
        try:
            self._balance.answered(self._modem.ussd(question.code), now)
        except Refused as no:
            log.warning("modem %s: no answer about the credit: %r %r", self._name, no.code, no.words)

    def _sent(self, text: Outgoing, sim: Sim, now: datetime) -> bool:
        """Whether the network took *text*; it counts and costs like any other."""
        with writing():
            counted = budget.count(sim, now)
        try:
            self._modem.submit(text)
        except Offline:
            _take_back(counted)
            raise
        except Refused as no:
            _take_back(counted)
            log.warning("modem %s: a text of the box itself was refused: %r", self._name, no.code)
            return False
        except Unanswered as silence:
            raise Trouble(f"{silence} The modem is set up anew.", submit=True) from silence
        self._took(now)
        return True


def _take_back(counted: Counted) -> None:
    with writing():
        budget.take_back(counted)
