"""The AT dialogue on an open descriptor: commands, final results, the prompt. Every deadline is absolute.

A deadline that starts again at each octet never ends on a modem that reports its signal every second.
"""

import contextlib
import os
import re
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from appliance.modem.codes import refusal
from appliance.modem.unasked import Unasked

ESCAPE, CTRL_Z = b"\x1b", b"\x1a"
REFERENCE = re.compile(r"\+CMGS:\s*(\d*)")
LARGEST_REFERENCE = 255
LONGEST_LINE = 4096  # octets; a port that pours binary has no lines
MOST_READS = 16  # at one go: what comes faster than it can be read is no modem


class Silence(Exception):
    """No final answer within the deadline: the dialogue is out of step."""


class Gone(Exception):
    """The port is no longer there."""


class NotHandedOver(Exception):
    """The port failed before Ctrl-Z was written: the network cannot have the text."""


@dataclass(frozen=True)
class Deadlines:
    """How long to wait, in seconds."""

    answer: float = 5.0  # an ordinary command
    listing: float = 30.0  # a list of texts, and half a second more for each slot
    slow: float = 20.0  # the radio, the operator's name, hanging up
    wake: float = 1.5  # one AT while waking the modem
    prompt: float = 10.0
    submit: float = 180.0  # 135 s and then an answer was seen (EG06)
    rest: float = 5.0  # the other half of "+CMGS: n", "OK"
    late: float = 20.0  # behind a +CMGS that may be an earlier text's: for this one's own answer
    sim: float = 60.0  # first answers of a SIM lie
    caller: float = 1.0  # from RING to +CLIP
    ussd: float = 30.0  # the network's answer to a code
    radio_off: float = 10.0  # flight mode: the network must notice that we are gone
    look_again: float = 30.0  # into the store: announcements get lost, it does not
    quiet: float = 0.1  # without an octet: what another program asked for has all come


STANDARD = Deadlines()


class Dialogue:
    """One modem, spoken to through *descriptor*, which does not block. What it says unasked goes to *unasked*."""

    def __init__(self, descriptor: int, unasked: Unasked, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.unasked = unasked
        self.monotonic = monotonic
        self._descriptor = descriptor
        self._buffer = bytearray()
        self._readable = select.poll()
        self._readable.register(descriptor, select.POLLIN)

    def ask(self, command: str, seconds: float, *, without_ok: str | None = None) -> list[str]:
        """Every line of the answer but the echo and the unasked ones.

        Raises Refused, Silence, Gone. An answer that begins with *without_ok* counts although its OK never comes.
        """
        self.listen()
        self._write(command.encode() + b"\r")
        until = self.monotonic() + seconds
        lines: list[str] = []
        while (said := self._line_or_none(until)) != "OK":
            if said is None:
                if without_ok and any(line.startswith(without_ok) for line in lines):
                    return lines
                raise Silence(command.partition("=")[0])
            if said == command or self._is_unasked(said):
                continue
            if refused := refusal(said):
                raise refused
            lines.append(said)
        return lines

    def prompt(self, command: str, seconds: float) -> None:
        """The modem asks for the text: a line that begins with ">". Raises Refused, Silence, Gone.

        An OK or a +CMGS on the way belongs to somebody else's command.
        """
        self.listen()
        self._write(command.encode() + b"\r")
        until = self.monotonic() + seconds
        while (said := self._line(until, at_prompt=True)) != ">":
            if not self._is_unasked(said) and (refused := refusal(said)):
                raise refused

    def hand_over(self, pdu: str, seconds: float, rest: float, late: float = 0.0) -> int | None:
        """The network's message reference for *pdu*; None when it took the text and gave none.

        With *late*, an earlier text was never answered: a first +CMGS may be its, and counts for this one only when
        no other answer follows within so many seconds.
        Raises NotHandedOver, Refused; Silence or Gone when the network may have the text.
        """
        try:
            self._before_ctrl_z()
            self._write(pdu.encode())
            self._write(CTRL_Z)
        except (Silence, Gone) as error:
            raise NotHandedOver(str(error)) from error
        return self._outcome(pdu, self.monotonic() + seconds, rest, late)

    def _before_ctrl_z(self) -> None:
        """Drop what stands behind the prompt. An OK there is not the text's (Sierra with GPS); an error is."""
        self._fill(self.monotonic())
        while (said := self._next(at_prompt=True)) is not None:
            if not self._is_unasked(said) and (refused := refusal(said)):
                raise refused

    def _outcome(self, pdu: str, end: float, rest: float, late: float) -> int | None:
        """Reads only: whatever is written now breaks the submit in some modems."""
        accepted, until = False, end
        perhaps: int | None = None  # the reference that came first, when it may be an earlier text's
        while (said := self._line_or_none(until)) is not None:
            if said.strip("\x1a> ").upper() == pdu:
                accepted, until = False, end  # the echo: an OK before it was the prompt's
            elif (given := REFERENCE.match(said)) and late:
                accepted, until, late, perhaps = True, min(end, self.monotonic() + late), 0.0, _octet(given[1])
                self._skip_final(self.monotonic() + rest)
            elif given:
                if not accepted:
                    self._skip_final(self.monotonic() + rest)
                return _octet(given[1])
            elif said == "OK":
                accepted, until = True, min(end, self.monotonic() + rest)
            elif not self._is_unasked(said) and (refused := refusal(said)):
                raise refused
            if self.unasked.restarted:
                raise Silence("the modem restarted")
        if accepted:
            return perhaps
        raise Silence("no answer from the network")

    def _skip_final(self, until: float) -> None:
        """Read the OK behind a +CMGS. Some modems forget it, and the text is accepted anyhow."""
        with contextlib.suppress(Gone):  # the next command will notice
            while (said := self._line_or_none(until)) not in (None, "OK"):
                if said and not self._is_unasked(said) and refusal(said):
                    return

    def wake(self, deadlines: Deadlines, tries: int = 3) -> None:
        """The modem answers AT and the dialogue is in step, wherever another program left it. Raises Silence, Gone.

        ESC frees a modem that waits for a text; a Ctrl-Z would send what somebody else began.
        """
        self.settle(deadlines.quiet)
        self._write(ESCAPE + b"\r")
        self.settle(deadlines.quiet)
        for left in reversed(range(tries)):
            try:
                self.ask("AT", deadlines.wake)
                break
            except Silence:
                if not left:
                    raise
        self.settle(deadlines.quiet)

    def settle(self, quiet: float, at_most: float = 1.0) -> None:
        """Read until nothing came for *quiet* seconds, and not longer than *at_most*."""
        end = self.monotonic() + at_most
        while self.monotonic() < end and self._fill(self.monotonic() + quiet):
            self._drop_lines()

    def listen(self) -> None:
        """Take in what is there, without waiting, also what came in one breath with an answer. Raises Gone."""
        self._drop_lines()
        for _ in range(MOST_READS):
            if not self._fill(self.monotonic()):
                return
            self._drop_lines()

    def linger(self, seconds: float) -> None:
        """Listen for *seconds*. Raises Gone."""
        until = self.monotonic() + seconds
        self._drop_lines()  # what came in one breath with an answer
        while self.monotonic() < until and self._fill(until):
            self._drop_lines()

    def _drop_lines(self) -> None:
        while (said := self._next(at_prompt=True)) is not None:
            self._is_unasked(said)

    def _is_unasked(self, said: str) -> bool:
        return self.unasked.take(said, self.monotonic())

    def _line(self, until: float, *, at_prompt: bool = False) -> str:
        """The next line, without its ends; ">" for a prompt. Raises Silence at *until*."""
        while (said := self._next(at_prompt)) is None:
            if self.monotonic() >= until or not self._fill(until):
                raise Silence("no answer")
        return said

    def _line_or_none(self, until: float) -> str | None:
        try:
            return self._line(until)
        except Silence:
            return None

    def _next(self, at_prompt: bool) -> str | None:
        """A line that has come whole. CR alone ends one too; a prompt has no end at all."""
        start = len(self._buffer) - len(self._buffer.lstrip(b"\r\n\0 "))
        del self._buffer[:start]
        if at_prompt and self._buffer[:1] == b">":
            del self._buffer[:1]
            return ">"
        ends = [place for place in (self._buffer.find(b"\r"), self._buffer.find(b"\n")) if place >= 0]
        if not ends and len(self._buffer) < LONGEST_LINE:
            return None
        line = bytes(self._buffer[: min(ends, default=LONGEST_LINE)])
        del self._buffer[: len(line)]
        return line.decode("latin-1").strip()

    def _fill(self, until: float) -> bool:
        """Read what is there, waiting for it until *until*; False when nothing came."""
        wait = max(0.0, until - self.monotonic())
        if not self._readable.poll(wait * 1000):
            return False
        try:
            octets = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return False
        except OSError as error:
            raise Gone(error.strerror) from error
        if not octets:
            raise Gone("ready to read, and nothing there")
        self._buffer += octets
        return True

    def _write(self, octets: bytes, seconds: float = 5.0) -> None:
        until = self.monotonic() + seconds
        while octets:
            try:
                octets = octets[os.write(self._descriptor, octets) :]
            except BlockingIOError:
                self._wait_for_room(until)
            except OSError as error:
                raise Gone(error.strerror) from error

    def _wait_for_room(self, until: float) -> None:
        room = select.poll()
        room.register(self._descriptor, select.POLLOUT)
        if not room.poll(max(0.0, until - self.monotonic()) * 1000):
            raise Silence("the port takes nothing")


def _octet(digits: str) -> int | None:
    return int(digits) if digits and int(digits) <= LARGEST_REFERENCE else None
