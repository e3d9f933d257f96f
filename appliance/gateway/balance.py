"""The credit on a prepaid card, asked of the network once a day: by a code (*100#) or by a text.

It is shown to people, who hear when it is low. Nothing else depends on it: on LTE alone many networks answer no codes.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from appliance import modem_state
from appliance.arrivals import Arrival, Encoding, Outgoing, Text
from appliance.clock import over
from appliance.plain import PlainError
from appliance.queue import budget

EVERY = timedelta(hours=24)
ANSWERED_WITHIN = timedelta(hours=1)
VALIDITY_MINUTES = 60


class BadQuestion(PlainError):
    """The settings cannot be asked with; `str()` says which and why."""


@dataclass(frozen=True)
class Question:
    """How the credit is asked for, and what in the answer it is. Raises BadQuestion."""

    method: Literal["ussd", "sms"]
    code: str  # "*100#"; for a text its number and its words: "1984 SALDO"
    pattern: str = ""  # a regular expression; its first group is the credit. Empty: the whole answer

    def __post_init__(self) -> None:
        """Checked at start, not at night."""
        if self.method == "ussd" and not re.fullmatch(r"[0-9*#+]{1,30}", self.code):
            raise BadQuestion(f'balance_code "{self.code}" is no code like *100#.')
        if self.method == "sms" and not re.fullmatch(r"\+?[0-9]+ [ -~]{1,100}", self.code):
            raise BadQuestion(f'balance_code "{self.code}" must be a number and words, like "1984 SALDO".')
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise BadQuestion(f'balance_pattern "{self.pattern}" is no regular expression ({error}).') from error

    @property
    def number(self) -> str:
        """Whom a text asks."""
        return self.code.partition(" ")[0]

    def text(self) -> Outgoing:
        """The text that asks."""
        words = self.code.partition(" ")[2]
        return Outgoing(self.number, words, Encoding.GSM7, None, VALIDITY_MINUTES, report=False)

    def credit_in(self, answer: str) -> str:
        """What *answer* says about the credit; "" when it is about something else."""
        found = re.search(self.pattern, answer)
        if found is None:
            return ""
        return ((found[1] or "") if found.re.groups else answer).strip()


class Balance:
    """Of the SIM in the modem called *name*; without a *question* it is never asked."""

    def __init__(self, name: str, question: Question | None) -> None:
        self._name = name
        self._question = question

    def due(self, now: datetime) -> Question | None:
        """What should be asked now, or None."""
        row = modem_state.of(self._name) if self._question else None
        last = row.balance_asked_at if row else None
        return self._question if over(last, EVERY, now) else None

    def asked(self, now: datetime) -> None:
        """It is not due again for a day, whatever the answer."""
        modem_state.remember(self._name, now, balance_asked_at=now)

    def answered(self, words: str, now: datetime) -> None:
        """*words* came back."""
        if self._question and (credit := self._question.credit_in(words)):
            row = modem_state.remember(self._name, now, balance=credit, balance_at=now)
            budget.remember_credit(row.iccid or row.name, credit)

    def hear(self, arrival: Arrival, now: datetime) -> None:
        """A text that answers ours is read; it is kept like any other."""
        asked = self._question
        if asked is None or asked.method != "sms" or not isinstance(arrival, Text) or arrival.number != asked.number:
            return
        row = modem_state.of(self._name)
        if row and row.balance_asked_at and now - row.balance_asked_at < ANSWERED_WITHIN:
            self.answered(arrival.text, now)
