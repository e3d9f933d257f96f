"""The main driver: AT commands on a tty, in PDU mode (3GPP TS 27.005, TS 27.007)."""

import contextlib
import select
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from appliance import clock as wall
from appliance.arrivals import Arrival, Oddity, Outgoing, Report, Ring, Text
from appliance.modem import (
    Cards,
    Offline,
    Refused,
    Status,
    Unanswered,
    answers,
    codes,
    discovery,
    pdu,
    rousing,
    ussd,
)
from appliance.modem.connection import Connection
from appliance.modem.dialogue import STANDARD, Deadlines, Gone, NotHandedOver, Silence
from appliance.modem.memory import REPORTS, slot_name
from appliance.modem.recovery import Step
from appliance.modem.setup import Setup
from appliance.modem.sim import ForgetfulCards
from appliance.queue.retry import Reaction

BATCH = 30  # arrivals at a time
LONGEST_ODDITY = 1000  # characters of what could not be read


class AtModem:
    """One modem on *port* ("auto": look for one that *take* takes).

    See `appliance.modem.Modem` for what each call promises.

    After Offline or Unanswered the port may be closed: call `open` again.
    """

    def __init__(
        self,
        port: str,
        *,
        name: str,
        pin: str = "",
        cards: Cards | None = None,
        take: discovery.Take | None = None,
        devices: Path = discovery.USB,
        clock: Callable[[], datetime] = wall.now,
        deadlines: Deadlines = STANDARD,
    ) -> None:
        self.name = name
        self._port = port
        self._path = "" if port == "auto" else port  # where it was last
        self._elsewhere = ""  # another port of that device, to be tried next
        self._pin = pin
        self._cards = cards or ForgetfulCards()
        self._take = take
        self._devices = devices
        self._clock = clock
        self._deadlines = deadlines
        self._direct: list[Text | Report | Ring | Oddity] = []  # kept nowhere else: survives a new `open`
        self._connection: Connection | None = None
        self._unanswered = False  # the last text: its answer may still come, in the midst of the next one

    def open(self) -> None:
        """The modem is found, locked and set up. Raises Offline, Unsuitable."""
        self.close()
        self._path = path = self._elsewhere or discovery.locate(self._port, self._take, self._devices, self._path)
        self._elsewhere = ""  # for one try: the port of the settings is the right one
        self._connection = connection = Connection(path, self._deadlines)
        with self._offline_when_lost("while it was set up"):
            try:
                setup = Setup(connection.talk, self._pin, self._cards, self._deadlines)
                connection.identity = setup.run(connection.memory)
            except Offline:
                self.close()
                raise
            except Refused as refused:
                self.close()
                raise Offline(f"{path}: the modem cannot be set up ({refused}); plug it in again.") from refused
        connection.unasked.restarted = False
        connection.unasked.hinted = True

    def close(self) -> None:
        """The port is free."""
        connection, self._connection = self._connection, None
        if connection:
            with contextlib.suppress(Gone):
                connection.talk.listen()
            self._keep_direct(connection)
            connection.close()

    def submit(self, outgoing: Outgoing) -> int | None:
        """The message reference; None when the network has the text and gave none, or says that it had it before."""
        connection = self._ready()
        try:
            return self._submit(connection, outgoing)
        except Refused as refused:
            if not connection.validity or codes.number_of(refused) not in codes.NO_VALIDITY:
                raise
            connection.validity = False  # the box itself still tries nothing that is too old
            return self._submit(connection, outgoing)
        finally:
            self._hang_up_after_submit()

    def _submit(self, connection: Connection, outgoing: Outgoing) -> int | None:
        try:
            submission = pdu.encode_submit(outgoing, validity=connection.validity)
        except ValueError as error:
            raise Refused("PDU", f"this text cannot be sent to this number: {error}", Reaction.PERMANENT) from error
        with self._offline_when_lost("before the text was handed over"):
            self._reach_prompt(connection, f"AT+CMGS={submission.length}")
        return self._hand_over(connection, submission.hex)

    def _reach_prompt(self, connection: Connection, command: str) -> None:
        talk = connection.talk
        try:
            try:
                talk.prompt(command, self._deadlines.prompt)
            except Silence:  # in another mode, or stuck: once more from the ground up
                talk.wake(self._deadlines)
                talk.ask("AT+CMGF=0", self._deadlines.answer)
                talk.prompt(command, self._deadlines.prompt)
        except Refused as refused:
            if refused.reaction in (Reaction.DOUBT, Reaction.SENT):  # no text was given yet
                raise Refused(refused.code, refused.words, Reaction.TRANSIENT) from refused
            raise

    def _hand_over(self, connection: Connection, hexadecimal: str) -> int | None:
        try:
            late = self._deadlines.late if self._unanswered else 0.0
            reference = connection.talk.hand_over(hexadecimal, self._deadlines.submit, self._deadlines.rest, late)
            self._unanswered = False
            return reference
        except NotHandedOver as error:
            self.close()
            raise Offline(f"{connection.path}: the modem went away before it had the text ({error}).") from error
        except (Silence, Gone) as error:
            self.close()
            self._unanswered = True
            raise Unanswered(f"{connection.path}: the text was handed over, and then: {error}.") from error
        except Refused as refused:
            if refused.reaction is Reaction.SENT:
                return None
            raise

    def collect(self) -> Sequence[Arrival]:
        """At most BATCH arrivals that were not discarded yet. Raises Offline."""
        connection = self._ready()
        with self._offline_when_lost("while its texts were read"):
            try:
                self._listen(connection)
                self._look_into_store(connection)
            except Refused as refused:
                self.close()
                raise Offline(f"{connection.path}: the modem will not list its texts ({refused}).") from refused
        return [*self._direct, *sorted(connection.stored.values(), key=_age)][:BATCH]

    def discard(self, arrival: Arrival) -> None:
        """*arrival* is gone from the modem. One that is not there any more is no error. Raises Offline."""
        if arrival in self._direct:
            self._direct.remove(arrival)
            return
        slot = None if isinstance(arrival, Ring) else arrival.slot
        connection = self._ready()
        # Only what was listed: the slot may hold a newer text by now.
        if slot is None or connection.stored.get(slot) != arrival:
            return
        with self._offline_when_lost("while a text was deleted"):
            try:
                connection.memory.delete(slot)
            except Refused as refused:
                self.close()
                raise Offline(f"{connection.path}: the modem will not delete a text ({refused}).") from refused
        del connection.stored[slot]

    def status(self) -> Status:
        """What the modem says now. Raises Offline when it does not answer."""
        connection = self._ready()
        with self._offline_when_lost("when asked how it is"):
            self._ask("AT")
            state, radio = self._registration(connection)
            operator, radio_of_operator = answers.operator(self._ask("AT+COPS?", self._deadlines.slow))
            signal = answers.signal_percent(self._ask("AT+CSQ"))
            usage = self._usage(connection)
            network_time = answers.network_time(self._try("AT+CCLK?") or [])
        radio = radio_of_operator if radio_of_operator is not None else radio
        identity = connection.identity
        return Status(
            registered=state in answers.CAN_TEXT,
            registration=answers.REGISTRATION.get(-1 if state is None else state, ""),
            operator=operator,
            technology=answers.TECHNOLOGY.get(-1 if radio is None else radio, ""),
            signal_percent=signal,
            storage_used=usage[0].used if usage else None,
            storage_total=usage[0].total if usage else None,
            imei=identity.imei,
            iccid=identity.iccid,
            service_centre=identity.service_centre,
            model=identity.model,
            network_time=network_time,
        )

    def _usage(self, connection: Connection) -> list[answers.Usage]:
        try:
            connection.memory.rest()
            return connection.memory.usage()
        except Refused:
            return []

    def _registration(self, connection: Connection) -> tuple[int | None, int | None]:
        """On LTE-only cards +CREG may say "denied" while +CEREG says "home"."""
        circuit = answers.registration(self._ask("AT+CREG?"), "+CREG:")
        if circuit[0] in answers.CAN_TEXT:
            return circuit
        packet = answers.registration(self._ask("AT+CEREG?"), "+CEREG:")
        return packet if packet[0] in answers.CAN_TEXT else circuit

    def ussd(self, code: str) -> str:
        """See `Modem.ussd`."""
        with self._offline_when_lost("when the network was asked for something"):
            for command in ussd.commands(code):
                more, words = self._asked_network(command)
                if more:  # a dialogue that is left open keeps texts away
                    self._try("AT+CUSD=2")
                if words:
                    return words
        raise Refused("USSD", "the network gave no answer", Reaction.PERMANENT)

    def _asked_network(self, command: str) -> tuple[bool, str]:
        connection = self._ready()
        connection.unasked.ussd = None
        until = time.monotonic() + self._deadlines.ussd
        if self._try(command, self._deadlines.slow) is None:
            return False, ""
        while connection.unasked.ussd is None and time.monotonic() < until:
            connection.talk.linger(0.1)
        return ussd.answer(connection.unasked.ussd or "")

    def recover(self, step: Step) -> bool:
        """See `Modem.recover`."""
        self.close()
        if step is Step.OTHER_PORT:
            self._elsewhere = discovery.sibling(self._path, self._deadlines)
            return bool(self._elsewhere)
        return bool(self._path) and rousing.take(step, self._path, self._deadlines)

    def wait(self, seconds: float, bell: int) -> None:
        """Return at a line that matters, at the bell, or after *seconds*."""
        until = time.monotonic() + seconds
        try:
            while not self._noticed() and (left := until - time.monotonic()) > 0:
                if self._woken(left, bell):
                    return
        except (Gone, Offline):
            self.close()

    def _woken(self, seconds: float, bell: int) -> bool:
        """Whether *bell* was rung, or nothing at all came for *seconds*."""
        sources = [bell] if bell >= 0 else []
        if self._connection:
            sources.append(self._connection.serial.fileno())
        readable, _, _ = select.select(sources, [], [], seconds)
        return not readable or bell in readable

    def _noticed(self) -> bool:
        connection = self._connection
        if not connection:
            return False
        connection.talk.listen()
        return connection.unasked.waiting

    def _listen(self, connection: Connection) -> None:
        connection.talk.listen()
        self._hang_up(connection)
        self._keep_direct(connection)

    def _keep_direct(self, connection: Connection) -> None:
        unasked = connection.unasked
        self._direct += [_read(body, None) for body in unasked.direct]
        self._direct += [Ring(number, self._clock()) for number in unasked.missed]
        unasked.direct.clear()
        unasked.missed.clear()

    def _hang_up(self, connection: Connection) -> None:
        """Reject whoever rings. A call that nobody answers blocks texts on some modems (E3372h-153)."""
        call = connection.unasked.ringing
        if call is None:
            return
        while call.number is None and connection.unasked.ringing is call and self._still_naming(call.since):
            connection.talk.linger(0.02)
        if connection.unasked.ringing is None:  # hung up meanwhile: it is among the missed
            return
        if self._try("AT+CHUP", self._deadlines.slow) is None:
            self._try("ATH", self._deadlines.slow)
        connection.unasked.ringing = None
        self._direct.append(Ring(call.number or "", self._clock()))

    def _still_naming(self, since: float) -> bool:
        return time.monotonic() < since + self._deadlines.caller

    def _hang_up_after_submit(self) -> None:
        """The outcome of the submit is known and must not be lost by what goes wrong now."""
        if self._connection and self._connection.unasked.ringing:
            with contextlib.suppress(Offline), self._offline_when_lost("while a caller was rejected"):
                self._hang_up(self._connection)

    def _look_into_store(self, connection: Connection) -> None:
        unasked = connection.unasked
        if not unasked.hinted and time.monotonic() < connection.looked_at + self._deadlines.look_again:
            return
        unasked.hinted = False
        found = connection.memory.waiting()
        found += self._announced_reports(connection)
        connection.memory.rest()
        connection.stored = {slot: _read(body, slot) for slot, body in found if body is not None}
        connection.looked_at = time.monotonic()

    def _announced_reports(self, connection: Connection) -> list[tuple[str, str | None]]:
        """Reports in the memory that cannot be listed (D-Link). Quectel says "SM" and means that one too."""
        announced, connection.unasked.announced_reports = connection.unasked.announced_reports, []
        if REPORTS not in connection.memory.offered:
            return []
        wanted = {index for _, index in announced} | {
            int(slot.partition(":")[2]) for slot in connection.stored if slot.startswith(REPORTS)
        }
        return [(slot_name(REPORTS, index), connection.memory.read(REPORTS, index)) for index in sorted(wanted)]

    def _ready(self) -> Connection:
        if self._connection is None:
            raise Offline(f"Modem {self.name} is not open: open it first.")
        if self._connection.unasked.restarted:
            path = self._connection.path
            self.close()
            raise Offline(f"{path}: the modem has started anew and lost its settings; open it again.")
        return self._connection

    def _ask(self, command: str, seconds: float | None = None) -> list[str]:
        """The answer to *command*; no lines when the modem refuses it. Raises Silence, Gone."""
        return self._try(command, seconds) or []

    def _try(self, command: str, seconds: float | None = None) -> list[str] | None:
        try:
            return self._ready().talk.ask(command, self._deadlines.answer if seconds is None else seconds)
        except Refused:
            return None

    @contextlib.contextmanager
    def _offline_when_lost(self, when: str) -> Iterator[None]:
        """A silent or vanished port is closed at once: kept open, it comes back under another number."""
        path = self._connection.path if self._connection else self._port
        try:
            yield
        except Gone as error:
            self.close()
            raise Offline(f"{path}: the modem went away {when} ({error}); plug it in again.") from error
        except Silence as error:
            self.close()
            raise Offline(
                f"{path}: the modem did not answer {when} ({error}); unplug it and plug it in again."
            ) from error


def _read(body: str, slot: str | None) -> Text | Report | Oddity:
    """What *body* says. What nobody can read must leave the modem too, or its memory fills up."""
    try:
        return pdu.decode(body, slot)
    except pdu.Malformed as error:
        return Oddity(body[:LONGEST_ODDITY], str(error), slot)


def _age(arrival: Text | Report | Oddity) -> float:
    """By the service centre's time; what has none goes first. Slots are used again and tell no order."""
    sent_at = None if isinstance(arrival, Oddity) else arrival.sent_at
    return sent_at.timestamp() if sent_at else 0.0
