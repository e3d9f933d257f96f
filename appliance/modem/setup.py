"""Brings a modem that was just opened, or has just started, into the one state the driver works in.

Always whole: after a reset echo, error codes, format, announcements and memories are all lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from appliance.modem import Cards, NeedsHuman, Offline, Refused, Unsuitable, answers, codes
from appliance.modem.dialogue import Deadlines, Dialogue
from appliance.modem.memory import Memory
from appliance.modem.sim import Pin

# TS 27.005 3.4.1. Texts are stored and announced (2,1); reports come at once (ds=1), else stored (ds=2), else not at
# all. Some want 1 as the last value (MC75i), some know no mode 2, some no more than two values.
ANNOUNCEMENTS = (
    "2,1,0,1,0",
    "2,1,0,1,1",
    "2,1,0,2,0",
    "2,1,0,2,1",
    "1,1,0,1,0",
    "1,1,0,2,0",
    "2,1,0,0,0",
    "2,1,0,0,1",
    "1,1,0,0,0",
    "2,1",
)
# Best effort: a modem that refuses one of these is as good as another.
HABITS = (
    "AT+CSMS=0",  # with 1 each report must be acknowledged within 15 s, or announcements stop
    'AT+CSCS="GSM"',  # another program may have left hexadecimal texts
    "AT+CREG=0",
    "AT+CLIP=1",  # who rings
    "AT^CURC=0",  # Huawei: no periodic reports
    "AT!GPSEND=0,255",  # Sierra: a running GPS swallows the answer to a text
    "AT+CTZU=1",  # its clock follows the network's (TS 27.007 8.40)
    "AT+CMMS=2",  # the link stays up between two texts (TS 27.005 3.5.6): 2.2 s instead of 3.5 s where it is taken
)
T = TypeVar("T")

NO_SIM = 310
NOT_YET = {302, 303, 313, 314, 514, 515, 517, 532}  # a SIM that starts says so for ten seconds and more


@dataclass(frozen=True)
class Identity:
    """What does not change while the modem is on."""

    model: str
    imei: str
    iccid: str
    service_centre: str


class Setup:
    """One run of the routine on one open port. Raises Offline, Unsuitable; Silence or Gone from the dialogue."""

    def __init__(self, talk: Dialogue, pin: str, cards: Cards, deadlines: Deadlines) -> None:
        self._talk = talk
        self._pin = Pin(pin, cards)
        self._cards = cards
        self._deadlines = deadlines

    def run(self, memory: Memory) -> Identity:
        """The modem is awake, unlocked, in PDU mode, announces what comes in, and stores it in *memory*."""
        self._talk.wake(self._deadlines)
        self._try("ATE0")
        self._try("AT+CMEE=1")
        self._radio_on()
        iccid = self._unlock()
        self._pdu_mode()
        for habit in HABITS:
            self._try(habit)
        memory.choose()
        self._announce()
        return self._identity(iccid)

    def _radio_on(self) -> None:
        """Some sticks start in flight mode (DWM-157: +CFUN: 4)."""
        state = answers.after(self._try("AT+CFUN?"), "+CFUN:")
        if state and not state.startswith("1"):
            self._try("AT+CFUN=1", self._deadlines.slow)

    def _unlock(self) -> str:
        """The SIM is ready; its ICCID. First answers lie: "SIM failure" heals, so it is asked for a while."""
        state = self._patiently(self._lock_state)
        iccid = self._iccid()
        if state == "SIM PIN":
            self._pin.unlock(self._enter_pin, iccid, self._tries_left())
            state = self._patiently(self._lock_state)
        if state == "SIM PIN":
            raise NeedsHuman("The SIM asks for its PIN again: correct pin under [[modem]] before the card locks.")
        if state.startswith("SIM PUK"):
            raise NeedsHuman("The SIM is locked and asks for its PUK: put it in a phone and unlock it there.")
        if state != "READY":
            raise NeedsHuman(f'The SIM is not usable (it says "{state[:40]}"): unlock it in a phone.')
        iccid = iccid or self._iccid()  # some do not say it while the card is locked
        self._pin.opened(iccid)
        return iccid

    def _iccid(self) -> str:
        return next(filter(None, (self._number(ask, 18, 20) for ask in ("AT+CCID", "AT^ICCID?", "AT+QCCID"))), "")

    def _lock_state(self) -> str:
        """Raises Refused while nobody can say."""
        lines = self._talk.ask("AT+CPIN?", self._deadlines.answer, without_ok="+CPIN:")  # Wavecom forgets its OK
        state = (answers.after(lines, "+CPIN:") or "").strip('"').upper()
        if state in ("", "NOT READY"):
            raise Refused("CME 14", "SIM busy", codes.TRANSIENT)
        return state

    def _enter_pin(self, digits: str) -> None:
        self._talk.ask(f'AT+CPIN="{digits}"', self._deadlines.slow)

    def _tries_left(self) -> int | None:
        """TS 27.007 8.65; few modems know it."""
        left = (answers.after(self._try('AT+CPINR="SIM PIN"'), "+CPINR:") or "").split(",")
        return int(left[1]) if len(left) > 1 and left[1].strip().isdecimal() else None

    def _pdu_mode(self) -> None:
        """PDU mode is on. A modem whose texts start later than its SIM refuses it for a while."""
        try:
            self._patiently(lambda: self._talk.ask("AT+CMGF=0", self._deadlines.answer))
        except Offline as error:
            raise Unsuitable(f"This modem refuses every text command ({error}): use another modem.") from error

    def _announce(self) -> None:
        """Announcements are on, as well as this modem can. Without any the store is still polled."""
        for form in ANNOUNCEMENTS:
            try:
                self._talk.ask(f"AT+CNMI={form}", self._deadlines.answer)
                return
            except Refused:
                continue

    def _identity(self, iccid: str) -> Identity:
        return Identity(
            model=answers.name(self._try("AT+CGMM")),
            imei=self._number("AT+CGSN", *answers.IMEI),
            iccid=iccid,
            service_centre=self._service_centre(iccid),
        )

    def _service_centre(self, iccid: str) -> str:
        """A card that has lost its service centre (ZTE, after AT+CSMP) gets back the one it had."""
        number = answers.service_centre(self._try("AT+CSCA?"))
        if number:
            self._cards.remember_service_centre(iccid, number)
        elif number := self._cards.service_centre(iccid):
            self._try(f'AT+CSCA="{number}",{145 if number.startswith("+") else 129}')
        return number

    def _number(self, command: str, shortest: int, longest: int) -> str:
        return answers.digits(self._try(command), shortest, longest)

    def _try(self, command: str, seconds: float | None = None) -> list[str]:
        """The answer, or nothing when the modem does not know the command."""
        try:
            return self._talk.ask(command, self._deadlines.answer if seconds is None else seconds)
        except Refused:
            return []

    def _patiently(self, ask: Callable[[], T]) -> T:
        """What *ask* returns once the SIM is ready. Raises Offline with the last refusal when it never is."""
        until = self._talk.monotonic() + self._deadlines.sim
        while True:
            try:
                return ask()
            except Refused as refused:
                if self._talk.monotonic() >= until or not _heals(refused):
                    raise _never_ready(refused) from refused
            self._talk.linger(1.0)


def _heals(refused: Refused) -> bool:
    return codes.number_of(refused) in NOT_YET or not refused.code.startswith("CM")


def _never_ready(refused: Refused) -> Offline:
    if codes.number_of(refused) == NO_SIM:
        return NeedsHuman("There is no SIM in the modem: put one in, chip first, and plug the modem in again.")
    return Offline(f"The SIM does not become ready ({refused}): take it out, clean it, put it back, replug the modem.")
