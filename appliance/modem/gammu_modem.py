"""The second driver: python-gammu, for phones and sticks that `appliance.modem.at` cannot drive.

libgammu cannot be cancelled: a call blocks for 100 s and more when a modem falls silent, so it lives in a child process
(`python -m appliance.modem.gammu_modem`) that is killed at its deadline and replaced at the next `open`.

What it cannot do, whatever we do about it:

- It hides the network's error codes: every refusal but "memory full" looks alike and counts as transient, so a
  barred number is tried until its segment expires. Its time-out does not tell whether a prompt ever came: that is
  doubt too.
- It needs 0.7 s of its own for each segment and 4 s to open. A caller is rejected only between two calls.
- It shows no PDU: `raw` is "" in all that comes in, and what it cannot read is an Oddity that names its place only.
- Names with other letters than A to Z come out wrong, national shift tables are not decoded, and a concatenation
  element that is not the first of its header is not seen.
- Reports that it hands over directly wait in the child: those that nobody collected are lost when it is killed.
"""

import contextlib
import ctypes
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import gammu

from appliance import clock as wall
from appliance.arrivals import Arrival, Oddity, Outgoing, Report, Ring, Text
from appliance.modem import Cards, NeedsHuman, Offline, Refused, Status, Unanswered, Unsuitable, discovery, pdu, rousing
from appliance.modem.gammu_child import Dead, Process
from appliance.modem.gammu_values import arrival, as_dictionary, code_of, words_of
from appliance.modem.recovery import Step
from appliance.modem.sim import ForgetfulCards, Pin
from appliance.queue.retry import Reaction

BATCH = 30
LOOK_AGAIN = 30.0  # seconds
LISTEN_EVERY = 0.5  # seconds: gammu hears nothing between two calls
ON_THE_PHONE = 100_000  # what gammu adds to an index outside the SIM
MOST_SLOTS = 255
UNKNOWN_CARD = ""  # gammu does not tell the ICCID
PATIENCE = 120.0  # seconds; gammu itself gives up 100 s after Ctrl-Z
PATIENCE_OTHERWISE = 40.0
SET_PDEATHSIG = 1  # prctl(2)
# How the child says which Offline it means; the last one is any other.
LOST = {"unsuitable": Unsuitable, "human": NeedsHuman, "offline": Offline}
# None of these can come once Ctrl-Z is written.
BEFORE_CTRL_Z = (
    gammu.ERR_DEVICEWRITEERROR, gammu.ERR_DEVICENOTEXIST, gammu.ERR_DEVICENOTWORK, gammu.ERR_DEVICEOPENERROR,
    gammu.ERR_NOTCONNECTED, gammu.ERR_SECURITYERROR, gammu.ERR_GETTING_SMSC, gammu.ERR_EMPTYSMSC,
)  # fmt: skip


class GammuModem:
    """One modem on *port*, driven by libgammu in a child. After Offline or Unanswered call `open` again."""

    def __init__(
        self,
        port: str,
        *,
        name: str,
        pin: str = "",
        cards: Cards | None = None,
        clock: Callable[[], datetime] = wall.now,
        patience: float = PATIENCE,
    ) -> None:
        self.name = name
        self._port = port
        self._path = "" if port == "auto" else port  # where it was last
        self._pin = Pin(pin, cards or ForgetfulCards())
        self._clock = clock
        self._patience = patience
        self._direct: list[Arrival] = []
        self._stored: dict[str, Text | Report | Oddity] = {}
        self._child: Process | None = None

    def open(self) -> None:
        """A new child has the modem open and set up. Raises Offline."""
        self.close()
        self._path = path = discovery.find() if self._port == "auto" else self._port
        self._child = Process(path)
        try:
            if self._call("open", path) == "PIN":
                self._pin.unlock(lambda digits: self._call("enter_pin", digits), UNKNOWN_CARD, None)
            self._pin.opened(UNKNOWN_CARD)
            self._call("listen")
        except (Refused, Offline) as error:
            self.close()
            if isinstance(error, Offline):
                raise
            raise Offline(f"{path}: the modem cannot be set up ({error}); plug it in again.") from error

    def close(self) -> None:
        """The child is dead and the port is free."""
        child, self._child = self._child, None
        self._stored = {}
        if child:
            child.kill()

    def submit(self, outgoing: Outgoing) -> int:
        """The message reference. Raises Offline, Unanswered, Refused (nearly always as transient: see above)."""
        try:
            answer = self._ready().ask(("submit", outgoing), self._patience)
        except Dead as error:
            self.close()
            raise Unanswered(f"{self._port}: the text was given to gammu, and then: {error}.") from error
        return int(self._value(answer))

    def collect(self) -> Sequence[Arrival]:
        """At most BATCH arrivals that were not discarded yet. Raises Offline."""
        direct, stored = self._call("collect")
        self._direct += direct
        self._direct += [Ring(number, self._clock()) for number in self._call("callers")]
        if stored is not None:
            self._stored = {arrival.slot: arrival for arrival in stored}
        return [*self._direct, *self._stored.values()][:BATCH]

    def discard(self, arrival: Arrival) -> None:
        """*arrival* is gone from the modem. One that is not there any more is no error. Raises Offline."""
        if arrival in self._direct:
            self._direct.remove(arrival)
            return
        slot = None if isinstance(arrival, Ring) else arrival.slot
        if slot is not None and self._stored.get(slot) == arrival:
            self._call("delete", slot)
            del self._stored[slot]

    def status(self) -> Status:
        """What the modem says now. Raises Offline."""
        found: Status = self._call("status")
        return found

    def ussd(self, code: str) -> str:
        """See `Modem.ussd`: always refused, it is not worth a child that may hang."""
        raise Refused("USSD", "not with gammu", Reaction.PERMANENT)

    def recover(self, step: Step) -> bool:
        """See `Modem.recover`. Told over AT: libgammu has no such calls that can be trusted."""
        self.close()
        return bool(self._path) and rousing.take(step, self._path)

    def wait(self, seconds: float, bell: int) -> None:
        """Return when the child heard something, at the bell, or after *seconds*."""
        if self._child is None:
            select.select([bell] if bell >= 0 else [], [], [], seconds)
        elif not self._child.wait(seconds, bell):
            self.close()

    def _call(self, method: str, *arguments: object) -> Any:
        try:
            return self._value(self._ready().ask((method, *arguments), PATIENCE_OTHERWISE))
        except Dead as error:
            self.close()
            raise Offline(f"{self._port}: the modem does not answer gammu ({error}); plug it in again.") from error

    def _ready(self) -> "Process":
        if self._child is None:
            raise Offline(f"Modem {self.name} is not open: open it first.")
        return self._child

    def _value(self, answer: tuple[str, Any]) -> Any:
        """What the child gave back, or what it raised."""
        kind, value = answer
        if kind == "refused":
            raise Refused(*value)
        if kind == "unanswered":
            self.close()
            raise Unanswered(value)
        if kind in LOST:
            self.close()
            raise LOST[kind](value)
        return value


class _Child:
    """What runs in the child: carries out what the gateway asks, listens to the modem in between."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._machine = gammu.StateMachine()
        self._listening = False
        self._told = False
        self._hinted = True
        self._looked_at = 0.0
        self._ringing: list[str] = []
        self._callers: list[str] = []
        self._direct: list[Text | Report | Oddity] = []

    def serve(self) -> None:
        """Until the gateway is gone."""
        while True:
            if self._line.poll(LISTEN_EVERY if self._listening else None):
                method, *arguments = self._line.recv()
                self._line.send(self._answer(method, arguments))
                self._told = False
            else:
                with contextlib.suppress(gammu.GSMError):  # the next request will meet it
                    self._machine.ReadDevice(False)
            self._tell()

    def _tell(self) -> None:
        if (self._hinted or self._ringing or self._direct) and self._listening and not self._told:
            self._told = True
            self._line.send(("news", None))

    def _answer(self, method: str, arguments: list[Any]) -> tuple[str, Any]:
        try:
            return "done", getattr(self, method)(*arguments)
        except Refused as refused:
            return "refused", (refused.code, refused.words, refused.reaction)
        except Unanswered as error:
            return "unanswered", str(error)
        except Offline as error:
            return next(kind for kind, lost in LOST.items() if isinstance(error, lost)), str(error)
        except gammu.GSMError as error:
            return "offline", f"gammu cannot {method} ({words_of(error)}); plug the modem in again."

    def open(self, path: str) -> str:
        """The modem talks to gammu. "PIN" when the SIM wants one first, else ""."""
        with tempfile.NamedTemporaryFile("w", suffix=".gammurc") as settings:
            # Only from a file are texts announced and reports handed over at once (CNMI 2,1,0,1).
            settings.write(f"[gammu]\ndevice = {path}\nconnection = at115200\natgen_setcnmi = 2,1,,1\n")
            settings.flush()
            self._machine.ReadConfig(Filename=settings.name)
        try:
            self._machine.Init()
        except gammu.ERR_NOECHO as error:
            raise Unsuitable(f"{path}: gammu cannot work with this modem; use another one.") from error
        state = self._machine.GetSecurityStatus() or ""
        if state.startswith("PUK"):
            raise NeedsHuman("The SIM is locked and asks for its PUK: put it in a phone and unlock it there.")
        return str(state)

    def enter_pin(self, digits: str) -> None:
        """The SIM is unlocked. Raises Refused."""
        try:
            self._machine.EnterSecurityCode("PIN", digits)
        except gammu.GSMError as error:
            raise Refused(code_of(error), "wrong PIN", Reaction.STOP) from error

    def listen(self) -> None:
        """Texts, reports and calls are announced."""
        self._machine.SetIncomingCallback(self._heard)
        for arm in (self._machine.SetIncomingSMS, self._machine.SetIncomingCall):
            with contextlib.suppress(gammu.GSMError):  # the store is polled all the same
                arm(True)
        self._listening = True

    def _heard(self, machine: object, kind: str, what: dict[str, Any]) -> None:
        """Gammu refuses calls from in here: only take notes. Its queue drops events, the store is the truth."""
        if kind == "Call" and what.get("Status") == "IncomingCall":
            self._ringing.append(what.get("Number") or "")
        elif kind == "SMS" and "Text" in what:
            self._direct.append(arrival(what, None))
        elif kind == "SMS":
            self._hinted = True

    def submit(self, outgoing: Outgoing) -> int:
        """The message reference. Raises Refused, Unanswered, Offline."""
        message = _message(outgoing)
        try:
            reference = self._machine.SendSMS(message)
        except gammu.ERR_FULL as error:
            raise Refused("CMS 322", "memory full", Reaction.REPAIR) from error
        except BEFORE_CTRL_Z as error:
            raise Offline(f"gammu did not hand the text over ({words_of(error)}); plug the modem in again.") from error
        except gammu.ERR_TIMEOUT as error:
            raise Unanswered("gammu got no answer from the modem.") from error
        except gammu.GSMError as error:
            raise Refused(code_of(error), "refused; gammu does not say why", Reaction.TRANSIENT) from error
        if reference < 0:  # it took a stale OK for the answer
            raise Unanswered("gammu got an answer that was not the network's.")
        return int(reference)

    def collect(self) -> tuple[list[Arrival], list[Text | Report | Oddity] | None]:
        """What no memory holds, and what the memories hold; None for the latter when there was no reason to look."""
        self._machine.ReadDevice(False)
        self._reject()
        stored = None
        if self._hinted or time.monotonic() > self._looked_at + LOOK_AGAIN:
            self._hinted = False
            stored = list(self._stored())
            self._looked_at = time.monotonic()
        direct, self._direct = self._direct, []
        return [*direct], stored

    def callers(self) -> list[str]:
        """The numbers that rang and were rejected since."""
        self._reject()
        callers, self._callers = self._callers, []
        return callers

    def _reject(self) -> None:
        """A call rings every few seconds: what came before the hang-up is one call."""
        if self._ringing:
            numbers = list(dict.fromkeys(self._ringing))
            with contextlib.suppress(gammu.GSMError):
                self._machine.CancelCall(0, True)
            self._ringing.clear()
            self._callers += numbers

    def _stored(self) -> Iterator[Text | Report | Oddity]:
        """Everything in the memories. One PDU that gammu cannot read hides all behind it: then slot by slot."""
        entries: list[dict[str, Any]] = []
        try:
            place: dict[str, Any] = {"Start": True}
            while True:
                entries += self._machine.GetNextSMS(Folder=0, **place)
                place = {"Location": entries[-1]["Location"]}
        except gammu.ERR_EMPTY:
            yield from (arrival(entry, str(entry["Location"])) for entry in entries)
        except gammu.GSMError:
            yield from self._slot_by_slot()

    def _slot_by_slot(self) -> Iterator[Text | Report | Oddity]:
        sizes = self._machine.GetSMSStatus()
        for first, used, size in ((0, "SIMUsed", "SIMSize"), (ON_THE_PHONE, "PhoneUsed", "PhoneSize")):
            left = sizes[used]
            for index in range(1, min(sizes[size], MOST_SLOTS) + 1):
                if not left:
                    break
                found = self._slot(first + index)
                if found:
                    left -= 1
                    yield found

    def _slot(self, location: int) -> Text | Report | Oddity | None:
        try:
            return arrival(self._machine.GetSMS(0, location)[0], str(location))
        except (gammu.ERR_EMPTY, gammu.ERR_INVALIDLOCATION):
            return None
        except gammu.ERR_TIMEOUT:
            raise
        except gammu.GSMError as error:
            return Oddity(f"place {location}", f"gammu cannot read it: {words_of(error)}", str(location))

    def delete(self, slot: str) -> None:
        """That place is empty."""
        with contextlib.suppress(gammu.ERR_EMPTY, gammu.ERR_INVALIDLOCATION):
            self._machine.DeleteSMS(0, int(slot))

    def status(self) -> Status:
        """Asks as little as possible: some of gammu's questions take ten minutes when the line is dead."""
        signal_quality = self._machine.GetSignalQuality()
        network = self._asked(self._machine.GetNetworkInfo, {})
        sizes = self._asked(self._machine.GetSMSStatus, {})
        state = str(network.get("State", ""))
        percent = signal_quality.get("SignalPercent", -1)
        return Status(
            registered=state in ("HomeNetwork", "RoamingNetwork"),
            registration={"HomeNetwork": "home", "RoamingNetwork": "roaming"}.get(state, state.lower()),
            operator=str(network.get("NetworkName") or ""),
            signal_percent=percent if percent >= 0 else None,
            storage_used=sizes["SIMUsed"] + sizes["PhoneUsed"] if sizes else None,
            storage_total=sizes["SIMSize"] + sizes["PhoneSize"] if sizes else None,
            imei=self._asked(self._machine.GetIMEI, ""),
            service_centre=self._asked(self._machine.GetSMSC, {}).get("Number", ""),
            model=str(self._asked(self._machine.GetModel, ("", ""))[1]),
        )

    def _asked(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return ask() or otherwise
        except gammu.ERR_TIMEOUT:
            raise
        except gammu.GSMError:
            return otherwise


def _message(outgoing: Outgoing) -> dict[str, Any]:
    """*outgoing* as gammu wants it. Raises Refused when gammu would send something else than we would.

    It takes two tildes for one in UCS-2, and changes silently what it has no letter for.
    """
    try:
        wanted = pdu.encode_submit(outgoing).hex[2:]
    except ValueError as error:
        raise Refused("PDU", f"this text cannot be sent to this number: {error}", Reaction.PERMANENT) from error
    for text in (outgoing.text, outgoing.text.replace("~", "~~")):
        message = as_dictionary(outgoing, text)
        with contextlib.suppress(gammu.GSMError):
            octets = gammu.EncodePDU(message, "Submit")
            if octets[octets[0] + 1 :].hex().upper() == wanted:
                return message
    raise Refused("PDU", "gammu would change this text", Reaction.PERMANENT)


def _main() -> None:
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGKILL)  # a child in a blocked call would hold the port
    with contextlib.suppress(EOFError, OSError):
        _Child(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    _main()
