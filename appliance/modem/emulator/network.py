"""The little radio network behind the emulated modems: who got what, who texts and rings the box, who is refused.

It has no thread of its own: delayed things (reports) run in the thread of the modem they are for. All its methods
may be called from any thread.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from appliance.arrivals import Concatenation, Encoding
from appliance.modem import pdu
from appliance.segments import split

HOME, SEARCHING = 1, 2  # <stat> of TS 27.007 7.2
_REFERENCES = 256
DELIVERED, TRYING, EXPIRED = 0x00, 0x30, 0x46  # TP-ST
NO_SERVICE = 331  # +CMS ERROR, TS 27.005 3.2.5


@dataclass(frozen=True)
class Sent:
    """One segment that the network accepted."""

    number: str
    text: str
    encoding: Encoding | None  # None: binary data
    concatenation: Concatenation | None
    reference: int  # TP-MR, as the modem counted it
    at: float  # time.monotonic()
    modem: str
    report: bool  # whether a delivery report was asked for


@dataclass(frozen=True)
class Mail:
    """A PDU on its way to a modem."""

    hex: str
    length: int
    is_report: bool


@dataclass(frozen=True)
class Call:
    """What became of somebody's ring."""

    number: str
    at: float  # time.monotonic() at its end
    rejected: bool  # False: it rang until the caller gave up


@dataclass(frozen=True)
class Answer:
    """How the network took a submit. `refusal`: what the modem says instead of +CMGS (a CMS code, or a whole line)."""

    refusal: int | str | None = None
    silent: bool = False  # the modem never answers
    late: float = 0.0  # seconds until it answers, while it takes other commands


class Radio(Protocol):
    """What the network knows of a modem."""

    name: str

    def paged(self) -> None:
        """Something may wait, or the registration has changed. Returns at once."""

    def called(self, number: str, seconds: float) -> None:
        """Somebody rings. Returns at once."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Run *action* in the modem's thread, *seconds* from now."""


@dataclass
class _Phone:
    texts: list[str] = field(default_factory=list)
    parts: dict[tuple[str, int, int], dict[int, str]] = field(default_factory=dict)
    expires_after: float | None = None
    reachable: bool = True
    held: list[Sent] = field(default_factory=list)
    refusal: int | str | None = None

    def take(self, sent: Sent) -> str | None:
        """Keep *sent*; the whole text once all its parts are here."""
        if sent.concatenation is None:
            self.texts.append(sent.text)
            return sent.text
        place = sent.concatenation
        key = (sent.modem, place.reference, place.total)
        parts = self.parts.setdefault(key, {})
        parts[place.sequence] = sent.text
        if len(parts) < place.total:
            return None
        del self.parts[key]
        whole = "".join(parts[at] for at in sorted(parts))  # an emoji may have been cut in two
        self.texts.append(whole.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace"))
        return self.texts[-1]


class Network:
    """One network, one or several modems on it. `airwaves` is all it ever accepted, in order, doubles included."""

    def __init__(self, *, reports: bool = True, report_after: float = 0.0) -> None:
        self.airwaves: list[Sent] = []
        self.calls: list[Call] = []
        self.reports = reports
        self.report_after = report_after  # seconds; below 0: the report overtakes the answer to the submit
        self.signal = 23  # +CSQ, 0 to 31, 99 unknown
        self.operator = ("Proximus", "20601")
        self.ussd: dict[str, str] = {"*100#": "Uw saldo is 12,50 EUR", "*#06#": "350000000000006"}
        self.service_centre = pdu.SERVICE_CENTRE
        self.time = ""  # as +CCLK shows it, for a network that tells the modem (NITZ)
        self._registration = HOME
        self._lock = threading.RLock()
        self._phones: dict[str, _Phone] = defaultdict(_Phone)
        self._radios: dict[str, Radio] = {}
        self._mail: dict[str, deque[Mail]] = {}
        self._refusals: deque[int | str] = deque()
        self._next: deque[tuple[bool, Answer]] = deque()  # accepts it?, answers it how?
        self._listeners: list[Callable[[str, str], None]] = []
        self._reference = 0

    # --- what the world does

    def text(self, number: str, text: str, *, to: str = "", order: Sequence[int] | None = None) -> None:
        """Somebody texts the box; a long text goes in parts, all of them or those in *order* (1 is the first).

        It waits in the network while the modem's store is full or the modem is not registered. *to* names a modem.
        """
        parts = split(text).parts
        with self._lock:
            self._reference = (self._reference + 1) % _REFERENCES
            for sequence in order or range(1, len(parts) + 1):
                place = Concatenation(self._reference, len(parts), sequence) if len(parts) > 1 else None
                sent = pdu.encode_deliver(
                    number,
                    parts[sequence - 1],
                    datetime.now(UTC),
                    concatenation=place,
                    service_centre=self.service_centre,
                )
                self._post(to, Mail(sent.hex, sent.length, False))

    def raw(self, hex: str, *, to: str = "") -> None:
        """Any PDU comes in, however broken (with its SMSC field)."""
        try:
            length = len(hex) // 2 - 1 - int(hex[:2], 16)
        except ValueError:
            length = len(hex) // 2
        self._post(to, Mail(hex, max(length, 0), False))

    def ring(self, number: str, *, to: str = "", seconds: float = 20.0) -> None:
        """Somebody rings the box, for at most *seconds*; *number* is "" when it is hidden."""
        self._radio(to).called(number, seconds)

    def on_delivery(self, callback: Callable[[str, str], None]) -> None:
        """Call `callback(number, whole_text)` whenever a phone has a whole text, in a modem's thread."""
        self._listeners.append(callback)

    def inbox(self, number: str) -> list[str]:
        """The whole texts that the phone *number* has received."""
        with self._lock:
            return list(self._phones[number].texts) if number in self._phones else []

    @property
    def phones(self) -> Mapping[str, list[str]]:
        """`inbox` of every phone that got something."""
        with self._lock:
            return {number: list(phone.texts) for number, phone in self._phones.items() if phone.texts}

    # --- what goes wrong

    def refuse(self, number: str, code: int | str) -> None:
        """Refuse every submit to *number* with this CMS code, or with a whole line ("+CMS ERROR: Unknown error")."""
        self._phones[number].refusal = code

    def accept(self, number: str) -> None:
        """No longer refuse *number*."""
        self._phones[number].refusal = None

    def refuse_next(self, code: int | str, times: int = 1) -> None:
        """Refuse the next submits, whoever they are for."""
        with self._lock:
            self._refusals.extend([code] * times)

    def silence_next_submit(self, after_accept: bool) -> None:
        """Never answer the next submit, which leaves (True) or is lost (False)."""
        with self._lock:
            self._next.append((after_accept, Answer(silent=True)))

    def accept_but_say(self, code: int | str) -> None:
        """The next submit leaves, and is answered as if it had been refused."""
        with self._lock:
            self._next.append((True, Answer(refusal=code)))

    def delay_next_answer(self, seconds: float) -> None:
        """The next submit leaves at once, but its +CMGS comes *seconds* later, amid whatever then goes on."""
        with self._lock:
            self._next.append((True, Answer(late=seconds)))

    def unreachable(self, number: str, expires_after: float | None = None) -> None:
        """The phone is off: submits are accepted and reported as 0x30, and as 0x46 after *expires_after* seconds."""
        phone = self._phones[number]
        phone.reachable, phone.expires_after = False, expires_after

    def reachable(self, number: str) -> None:
        """The phone is on again: it gets what was held for it, and that is reported."""
        with self._lock:
            phone = self._phones[number]
            phone.reachable = True
            held, phone.held = phone.held, []
        for sent in held:
            self._deliver(sent)

    @property
    def registration(self) -> int:
        """<stat> of +CREG: 1 home, 2 searching, 3 denied, 5 roaming, ... (TS 27.007 7.2)."""
        return self._registration

    @registration.setter
    def registration(self, stat: int) -> None:
        self._registration = stat
        for radio in list(self._radios.values()):
            radio.paged()

    @property
    def registered(self) -> bool:
        """Whether texts can go and come. Set False: +CMS ERROR: 331, and what comes in waits."""
        return self._registration in (1, 5, 6, 7, 9, 10)

    @registered.setter
    def registered(self, on: bool) -> None:
        self.registration = HOME if on else SEARCHING

    # --- what modems do

    def attach(self, radio: Radio) -> None:
        """*radio* belongs to this network; its name is its own."""
        with self._lock:
            if radio.name in self._radios:
                raise ValueError(f"there is a modem {radio.name!r} already")
            self._radios[radio.name] = radio
            self._mail.setdefault(radio.name, deque())

    def detach(self, radio: Radio) -> None:
        """*radio* is gone for good."""
        with self._lock:
            self._radios.pop(radio.name, None)

    def submit(self, modem: str, fields: pdu.SubmitFields, reference: int) -> Answer:
        """Take a segment over the air, or not."""
        with self._lock:
            refusal = self._refusal(fields.number)
            if refusal is not None:
                return Answer(refusal=refusal)
            accepted, answer = self._next.popleft() if self._next else (True, Answer())
            if not accepted:
                return answer
            sent = Sent(
                fields.number,
                fields.text,
                fields.encoding,
                fields.concatenation,
                reference,
                time.monotonic(),
                modem,
                fields.report,
            )
            self.airwaves.append(sent)
        self._carry(sent)
        return answer

    def waiting(self, modem: str) -> Mail | None:
        """What the network would hand to *modem* next."""
        with self._lock:
            mail = self._mail[modem]
            return mail[0] if mail and self.registered else None

    def taken(self, modem: str) -> None:
        """*modem* has what `waiting` said."""
        with self._lock:
            self._mail[modem].popleft()

    def hung_up(self, number: str, *, rejected: bool) -> None:
        """A ring is over."""
        with self._lock:
            self.calls.append(Call(number, time.monotonic(), rejected))

    # --- inside

    def _refusal(self, number: str) -> int | str | None:
        if not self.registered:
            return NO_SERVICE
        if self._refusals:
            return self._refusals.popleft()
        return self._phones[number].refusal if number in self._phones else None

    def _carry(self, sent: Sent) -> None:
        with self._lock:
            phone = self._phones[sent.number]
            if not phone.reachable:
                phone.held.append(sent)
        if phone.reachable:
            self._deliver(sent)
            return
        self._report(sent, TRYING, self.report_after)
        if phone.expires_after is not None:
            self._after(sent.modem, phone.expires_after, lambda: self._expire(sent))

    def _expire(self, sent: Sent) -> None:
        with self._lock:
            held = self._phones[sent.number].held
            if sent not in held:
                return
            held.remove(sent)
        self._report(sent, EXPIRED, 0.0)

    def _deliver(self, sent: Sent) -> None:
        with self._lock:
            whole = self._phones[sent.number].take(sent)
        self._report(sent, DELIVERED, self.report_after)
        if whole is not None:
            for listener in self._listeners:
                listener(sent.number, whole)

    def _report(self, sent: Sent, status: int, seconds: float) -> None:
        if not (self.reports and sent.report) or sent.modem not in self._radios:
            return
        at = datetime.now(UTC)
        made = pdu.encode_report(sent.number, sent.reference, status, at, at, service_centre=self.service_centre)
        mail = Mail(made.hex, made.length, True)
        if seconds < 0:
            self._post(sent.modem, mail)
        else:
            self._after(sent.modem, seconds, lambda: self._post(sent.modem, mail))

    def _after(self, modem: str, seconds: float, action: Callable[[], None]) -> None:
        radio = self._radios.get(modem)
        if radio is not None:
            radio.after(seconds, action)

    def _post(self, to: str, mail: Mail) -> None:
        radio = self._radio(to)
        with self._lock:
            self._mail[radio.name].append(mail)
        radio.paged()

    def _radio(self, name: str) -> Radio:
        with self._lock:
            if not self._radios:
                raise ValueError("there is no modem on this network")
            return self._radios[name] if name else next(iter(self._radios.values()))
