"""What runs in the child process of the second driver: everything that touches libgammu."""

import contextlib
import ctypes
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import gammu

from appliance.arrivals import Arrival, Oddity, Outgoing, Report, Text
from appliance.modem import NeedsHuman, Offline, Refused, Status, Unanswered, Unsuitable, pdu
from appliance.modem.gammu_child import LOST
from appliance.modem.gammu_values import arrival, as_dictionary, code_of, words_of
from appliance.queue.retry import Reaction

LOOK_AGAIN = 30.0  # seconds
LISTEN_EVERY = 0.5  # seconds: gammu hears nothing between two calls
ON_THE_PHONE = 100_000  # what gammu adds to an index outside the SIM
MOST_SLOTS = 255
SET_PDEATHSIG = 1  # prctl(2)
# None of these can come once Ctrl-Z is written.
BEFORE_CTRL_Z = (
    gammu.ERR_DEVICEWRITEERROR, gammu.ERR_DEVICENOTEXIST, gammu.ERR_DEVICENOTWORK, gammu.ERR_DEVICEOPENERROR,
    gammu.ERR_NOTCONNECTED, gammu.ERR_SECURITYERROR, gammu.ERR_GETTING_SMSC, gammu.ERR_EMPTYSMSC,
)  # fmt: skip


class Inside:
    """Carries out what the gateway asks, listens to the modem in between."""

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
            raise Refused(code_of(error), "refused; gammu does not say why", Reaction.DOUBT) from error
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
        Inside(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    _main()
