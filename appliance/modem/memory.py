"""Where a modem keeps the texts that came in: choose a memory, list it, empty it."""

from appliance.modem import Refused, answers, codes
from appliance.modem.dialogue import Deadlines, Dialogue, Silence

USUAL = ("ME", "SM")
REPORTS = "SR"
EMPTY_SLOT = 321
SECONDS_PER_SLOT = 0.5
MOST_SLOTS = 255


class Memory:
    """The memories of one modem. Every call raises Refused, Silence or Gone."""

    def __init__(self, talk: Dialogue, deadlines: Deadlines) -> None:
        self._talk = talk
        self._deadlines = deadlines
        self._selected = ""
        self._main = ""
        self.offered: list[str] = []
        self.polled: list[str] = []
        self._unlistable: set[str] = set()

    def choose(self) -> None:
        """One memory for everything where the modem allows it; what it says afterwards counts, not what it was told."""
        try:
            self.offered = answers.memories(self._ask("AT+CPMS=?"))
        except Refused:
            self.offered = []
        for form in self._forms():
            try:
                self._ask(f"AT+CPMS={form}")
                break
            except Refused:
                continue
        used = [usage.memory for usage in self.usage() if usage.memory] or [USUAL[-1]]
        self._main = self._selected = used[0]
        others = [memory for memory in USUAL if memory in self.offered]
        self.polled = list(dict.fromkeys([used[0], used[-1], *others]))

    def _forms(self) -> list[str]:
        """Three values, two (MC75i has another list for the third), one; ME holds more than a SIM."""
        usable = [memory for memory in USUAL if memory in self.offered or not self.offered]
        return [",".join([f'"{memory}"'] * count) for count in (3, 2, 1) for memory in usable]

    def usage(self) -> list[answers.Usage]:
        """How full the selected memories are."""
        return answers.usages(self._ask("AT+CPMS?"))

    def waiting(self) -> list[tuple[str, str | None]]:
        """Everything in every memory as (slot, PDU); None where there is something that is no PDU."""
        return [entry for memory in self.polled for entry in self._list(memory)]

    def rest(self) -> None:
        """The main memory is the selected one again."""
        self._select(self._main)

    def _list(self, memory: str) -> list[tuple[str, str | None]]:
        total = self._select(memory)
        if memory in self._unlistable:
            return self._one_by_one(memory)
        try:
            # Status 4 is "all": listing marks a text as read, so the unread ones are not all there is.
            lines = self._ask("AT+CMGL=4", self._deadlines.listing + SECONDS_PER_SLOT * total)
        except Silence:  # Huawei, after some hours: each text by itself can still be read
            self._talk.wake(self._deadlines)
            self._unlistable.add(memory)
            return self._one_by_one(memory)
        return [
            (slot_name(memory, listed.index), listed.body or self.read(memory, listed.index))
            for listed in answers.listing(lines)
            if listed.body or not listed.empty
        ]

    def _one_by_one(self, memory: str) -> list[tuple[str, str | None]]:
        """Some count from 0, some from 1."""
        usage = next(iter(self.usage()), answers.Usage(memory, 0, 0))
        found: list[tuple[str, str | None]] = []
        for index in range(min(usage.total, MOST_SLOTS) + 1):
            if len(found) == usage.used:
                break
            if body := self.read(memory, index):
                found.append((slot_name(memory, index), body))
        return found

    def read(self, memory: str, index: int) -> str | None:
        """The PDU in one slot; None when there is none."""
        self._select(memory)
        try:
            return answers.single(self._ask(f"AT+CMGR={index}"))
        except Refused as refused:
            if codes.number_of(refused) in (EMPTY_SLOT, None):  # a bare ERROR says no more than that
                return None
            raise

    def delete(self, slot: str) -> None:
        """*slot* is empty."""
        memory, _, index = slot.partition(":")
        self._select(memory)
        try:
            self._ask(f"AT+CMGD={int(index)}")
        except Refused as refused:
            if codes.number_of(refused) != EMPTY_SLOT:
                raise

    def _select(self, memory: str) -> int:
        """*memory* is read from now on; how many slots it has, 0 when that was not said."""
        if memory == self._selected:
            return 0
        try:
            lines = self._ask(f'AT+CPMS="{memory}"')
        except Refused:  # Brovi wants all three, D-Link two
            lines = self._ask(f'AT+CPMS="{memory}","{self._main}","{self._main}"')
        self._selected = memory
        found = answers.usages(lines)
        return found[0].total if found else 0

    def _ask(self, command: str, seconds: float | None = None) -> list[str]:
        return self._talk.ask(command, self._deadlines.answer if seconds is None else seconds)


def slot_name(memory: str, index: int) -> str:
    """How a slot is called outside: "SM:3"."""
    return f"{memory}:{index}"
