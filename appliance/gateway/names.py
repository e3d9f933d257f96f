"""Which stick is which [[modem]], when more than one is looked for: bound by IMEI, in the store."""

from collections.abc import Callable, Sequence
from datetime import datetime

from appliance import modem_state
from appliance.models import ModemState
from appliance.queue.outbox import LEASE
from appliance.store import writing


class StoredNames:
    """What the gateway of *own* may take, among the sticks of this box. *looked_for*: the names with port = "auto".

    Sticks come back in any order; who has the PIN, the ceiling and the power command of a name must not change with it.
    """

    def __init__(
        self, own: str, names: Sequence[str], looked_for: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        self._own = own
        self._names = names  # all of this box, in the order of the settings
        self._looked_for = looked_for
        self._clock = clock

    def take(self, imei: str) -> str:
        """Empty when the stick with *imei* is ours, from now on; else, in words, whose it is."""
        with writing():
            bound = _bound(self._names)
            if reason := self._not_ours(imei, bound):
                return reason
            if imei and bound.get(self._own) != imei:
                modem_state.remember(self._own, self._clock(), imei=imei)
        return ""

    def _not_ours(self, imei: str, bound: dict[str, str]) -> str:
        if len(self._looked_for) > 1 and self._own in bound:
            if bound[self._own] == imei:
                return ""
            return f"is not the stick of modem {self._own} (was that one replaced? appliance modems forget {self._own})"
        holder = _holder(imei, {name: other for name, other in bound.items() if name != self._own})
        if holder:
            return f"is the stick of modem {holder}"
        first = next((name for name in self._looked_for if name not in bound), self._own)
        return "" if first in (self._own, "") else f"will be modem {first}"


class GivenNames:
    """The names of the sticks that come and go: the *spares* of *looked_for*, among all *names* of this box.

    The others have a gateway that always runs and takes its stick itself.
    """

    def __init__(
        self, names: Sequence[str], looked_for: Sequence[str], spares: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        self._names = names
        self._looked_for = looked_for
        self._spares = spares
        self._clock = clock

    def give(self, imei: str) -> str:
        """The name of the stick with *imei*, from now on.

        Empty when none is free, when the first that is free is not for us to give, or when there is no IMEI to keep.
        """
        with writing():
            bound = _bound(self._names)
            if holder := _holder(imei, bound):
                return holder
            first = next((name for name in self._looked_for if name not in bound and not _works(name)), "")
            if not imei or first not in self._spares:
                return ""
            modem_state.remember(first, self._clock(), imei=imei)
        return first

    def put_away(self) -> None:
        """Those whose gateway ended without a word, as in a power cut, are away like any that is not plugged in."""
        now = self._clock()
        silent = ModemState.name.in_(self._spares) & (ModemState.heartbeat_at < now - LEASE)
        for row in ModemState.select().where(silent):
            if not modem_state.away(row):
                modem_state.remember(row.name, now, online=False, fault="")


def _bound(names: Sequence[str]) -> dict[str, str]:
    return {name: row.imei for name in names if (row := modem_state.of(name)) and row.imei}


def _holder(imei: str, bound: dict[str, str]) -> str:
    return next((name for name, other in bound.items() if other == imei), "")


def _works(name: str) -> bool:
    """Whether a stick has that name that does not say which one it is."""
    row = modem_state.of(name)
    return bool(row and row.online)
