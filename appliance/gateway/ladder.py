"""Climbs the recovery ladder of one modem. How far it is, and what may not come again too soon, is in the store."""

import logging
from collections.abc import Callable
from datetime import datetime

import msgspec

from appliance import modem_state
from appliance.gateway.power import PowerFailed
from appliance.modem import Modem
from appliance.modem.recovery import WORDS, Past, Step, after, next_step
from appliance.queue import outbox

log = logging.getLogger(__name__)


class Ladder:
    """Of the modem called *name*. *power* cuts its power and gives it back (raises PowerFailed); None: no way to."""

    def __init__(self, name: str, modem: Modem, power: Callable[[], None] | None) -> None:
        self._name = name
        self._modem = modem
        self._power = power
        self._submits_fail = False
        self._begun = True  # for all that is known before the store is asked

    def submit_failed(self) -> None:
        """From now on only a text that the network takes proves that the modem is well."""
        self._submits_fail = True

    def registered(self, now: datetime) -> None:
        """The modem answers, has its SIM and a network: enough, unless it was a submit that failed."""
        if not self._submits_fail:
            self._well(now)

    def sent(self, now: datetime) -> None:
        """The network took a text."""
        self._submits_fail = False
        self._well(now)

    def climb(self, now: datetime, at_least: Step = Step.REOPEN) -> None:
        """The step that is due, if any, was taken and is counted. The modem must be closed, and is to be opened."""
        past = self._past()
        without = set() if self._power else {Step.POWER}
        while (step := next_step(past, now, at_least=at_least, without=without)) is not None:
            if step is Step.POWER and outbox.submitting(but=self._name):
                return
            if self._take(step):
                self._note(after(past, step, now), now)
                return
            without.add(step)

    def _take(self, step: Step) -> bool:
        match step:
            case Step.REOPEN | Step.GIVE_UP:
                return True
            case Step.POWER:
                return self._cut_power()
            case _:
                return self._modem.recover(step)

    def _cut_power(self) -> bool:
        assert self._power is not None
        try:
            self._power()
        except PowerFailed as error:
            log.warning("modem %s: power was not cut: %r", self._name, str(error))
            return False
        return True

    def _past(self) -> Past:
        row = modem_state.of(self._name)
        if row is None:
            return Past()
        step = None if row.recovery_step is None else Step(row.recovery_step)
        return Past(step, row.recovery_at, row.hard_at, row.power_at, row.powers)

    def _note(self, past: Past, now: datetime) -> None:
        assert past.step is not None
        self._begun = True
        row = modem_state.of(self._name)
        taken = msgspec.json.decode(row.steps_taken, type=dict[str, int]) if row else {}
        taken[past.step.name.lower()] = taken.get(past.step.name.lower(), 0) + 1
        modem_state.remember(
            self._name, now, recovery_step=int(past.step), recovery_at=past.at, hard_at=past.hard_at,
            power_at=past.power_at, powers=past.powers, steps_taken=msgspec.json.encode(taken).decode(),
        )  # fmt: skip
        log.warning("modem %s: recovery step %s: %s", self._name, past.step.name, WORDS[past.step])

    def _well(self, now: datetime) -> None:
        if not self._begun:
            return
        self._begun = False
        row = modem_state.of(self._name)
        if row and row.recovery_step is not None:
            modem_state.remember(self._name, now, recovery_step=None, recovery_at=None)
            log.info("modem %s recovered after %s", self._name, Step(row.recovery_step).name)
