"""One emulated modem: a tty, a thread that serves it, and the faults that a real one has."""

import itertools
import re
import time
import zlib
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.modem import pdu
from appliance.modem.emulator import commands, text_commands
from appliance.modem.emulator.cell import Card, Cell, Todo
from appliance.modem.emulator.commands import where
from appliance.modem.emulator.keyboard import Keyboard
from appliance.modem.emulator.link import RadioLink
from appliance.modem.emulator.loop import Loop
from appliance.modem.emulator.moments import Moment, Wire
from appliance.modem.emulator.network import NO_SERVICE, Answer, Network
from appliance.modem.emulator.profiles import PROFILES, Profile
from appliance.modem.emulator.ringing import Ringing
from appliance.modem.emulator.syntax import cms, run
from appliance.modem.emulator.usb import Mode, Usb

_CTRL_Z, _ESC = b"\x1a", b"\x1b"
_COMMANDS = {**commands.COMMANDS, **text_commands.COMMANDS}
_MOST_WIRE = 100_000
_NOISE_EVERY = 2.0  # seconds
_GONE_FOR = 0.3  # seconds that a USB modem is away after its reset, much shortened
_BAD_PDU = 304  # +CMS ERROR, TS 27.005 3.2.5


class _Mode(Enum):
    COMMAND = auto()
    PROMPT = auto()
    SUBMITTING = auto()


class EmulatedModem:
    """A GSM modem on a pseudo-terminal, from `start` (or `with`) to `close`.

    Its stores, its card and its counter of references outlive every client, reset and unplugging. All methods may be
    called from any thread and have taken effect when they return.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        *,
        profile: str | Profile = "plain",
        seconds_per_submit: float = 0.0,
        seconds_on_kept_link: float | None = None,
        link: Path | None = None,
        pin: str = "",
        devices: Path | None = None,
    ) -> None:
        self.name = name
        self.network = network
        self.link = link  # a symlink that follows the port, like /dev/serial/by-path; devices: see `Usb`
        self.wire: deque[Wire] = deque(maxlen=_MOST_WIRE)
        self.announces = True  # False: +CMTI and +CDSI get lost, the store fills all the same
        own = zlib.crc32(name.encode())
        profile = PROFILES[profile] if isinstance(profile, str) else profile
        card = Card(iccid=f"89320100{own:011}", imsi=f"20601{own:010}", pin=pin)
        self.cell = Cell(profile, network, card, f"35000{own:010}")
        self._radio_link = RadioLink(self.cell, seconds_per_submit, seconds_on_kept_link)
        self._noise = itertools.cycle(profile.noise)
        self._usb = Usb(link, devices)
        self._deaf = False
        self._mode = _Mode.COMMAND
        self._keyboard = Keyboard()
        self._life = 0  # counts resets: what was begun before one is not answered after it
        self._registered_as = self.cell.registration
        self._moments: dict[Moment, Callable[[], object]] = {}
        self._loop = Loop(name, port=lambda: self._usb.port, listen=self._listen, end=self._unplug)
        self._ringing = Ringing(self.cell, self._loop, self._say)

    # --- life

    def start(self) -> None:
        """Open the port; from now on `path` answers."""
        self._usb.plug_in(Mode.MODEM)
        self.network.attach(self)
        if self.cell.profile.noise:
            self.after(_NOISE_EVERY, lambda: self._chatter(lambda: next(self._noise), _NOISE_EVERY))
        self._loop.start()

    def close(self) -> None:
        """Close the port and end the thread."""
        self._loop.stop()
        self.network.detach(self)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def seconds_per_submit(self) -> float:
        """How long the network takes over a text, unless it follows another one on a link that was kept."""
        return self._radio_link.seconds

    @seconds_per_submit.setter
    def seconds_per_submit(self, seconds: float) -> None:
        self._radio_link.seconds = seconds

    @property
    def path(self) -> str:
        """The tty as it is now; "" while unplugged. `link`, when given, leads there."""
        port = self._usb.port
        return port.path if port else ""

    # --- what goes wrong

    def unplug(self) -> None:
        """The port goes, with whoever has it open. What is on the air goes on."""
        self._loop.do(self._unplug)

    def plug_in(self, *, reset: bool = True, mode: Mode = Mode.MODEM) -> None:
        """The port comes back under another name, `link` follows. *reset*: the modem was without power.

        In another *mode* the stick is there and has no port, until it is unplugged and plugged in again.
        """
        self._loop.do(lambda: self._plug_in(reset, mode))

    def reboot(self) -> None:
        """The modem resets itself: settings lost, start-up lines."""
        self._loop.do(self._reset)

    def hang(self) -> None:
        """The modem takes what is written and never says a word, until `wake`, `reboot` or `plug_in`."""
        self._loop.do(lambda: self._hear(False))

    def wake(self) -> None:
        """Undo `hang`; what was written meanwhile is lost."""
        self._loop.do(lambda: self._hear(True))

    def unsolicited(self, line: str) -> None:
        """Say *line* now, in the midst of whatever goes on."""
        self._loop.do(lambda: self._say(line))

    def chatter(self, line: str, every: float) -> None:
        """Say *line* every so many seconds, for ever."""
        self._loop.do(lambda: self._chatter(lambda: line, every))

    def garbage(self, octets: bytes) -> None:
        """Send exactly *octets* now."""
        self._loop.do(lambda: self._write(octets))

    def card_busy(self, seconds: float) -> None:
        """For so long, everything about texts is answered with +CMS ERROR: 314."""
        self._loop.do(lambda: self._starting(seconds))

    def at_moment(self, moment: Moment, action: Callable[[], object]) -> None:
        """Do *action* (unplug, hang, kill somebody) once, in the modem's thread, when a submit gets to *moment*."""
        self._moments[moment] = action

    # --- what the network calls (Radio)

    def paged(self) -> None:
        """Look whether something waits in the network, soon."""
        self._loop.ask(self._look)

    def called(self, number: str, seconds: float) -> None:
        """Ring, soon."""
        self._loop.ask(lambda: self._ringing.start(number, seconds))

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Run *action* in the modem's thread, *seconds* from now."""
        self._loop.after(seconds, action)

    # --- listening, in the modem's thread from here on

    def _listen(self) -> None:
        if self._usb.port is None:
            return
        self._usb.port.flush()
        octets = self._usb.port.read()
        if not self._deaf:
            self._keyboard.type(octets)
            self._go_on()

    def _go_on(self) -> None:
        """Take from what was typed as much as the modem can now."""
        while self._keyboard and self._mode is not _Mode.SUBMITTING:
            if self._mode is _Mode.COMMAND:
                self._take_command()
            else:
                self._take_typed()

    # --- talking

    def _write(self, octets: bytes) -> None:
        if self._usb.port is not None and not self._deaf:
            self._usb.port.write(octets)

    def _say(self, *lines: str) -> None:
        if lines:
            self._write(("\r\n" + "\r\n".join(lines) + "\r\n").encode("latin-1", "replace"))

    def _make_noise(self) -> None:
        if self.cell.profile.noise:
            self._say(next(self._noise))

    def _chatter(self, line: Callable[[], str], every: float) -> None:
        self._say(line())
        self.after(every, lambda: self._chatter(line, every))

    # --- commands

    def _take_command(self) -> None:
        piece = self._keyboard.piece(b"\r")
        if self.cell.profile.noise_before_echo:
            self._make_noise()
        if self.cell.settings.echo:
            self._write(piece)
        if piece.endswith(b"\r"):
            typed = re.sub(rb"[\x00-\x1f]", b"", self._keyboard.line()).decode("latin-1")
            start = re.search("[Aa][Tt]", typed)
            if start is not None:  # anything else is not for a modem
                self.wire.append(Wire(time.monotonic(), typed[start.start() :]))
                self._execute(typed[start.end() :])

    def _execute(self, command: str) -> None:
        lines, result = run(self.cell, command, _COMMANDS)
        todo, self.cell.todo = self.cell.todo, []
        if Todo.PROMPT in todo and result == "OK":
            self._prompt()
            return
        if Todo.HANG_UP in todo:
            self._ringing.end(rejected=True)
        if lines and self.cell.profile.noise_inside:
            self._make_noise()
        self._say(*lines)
        self._say(result)
        said, self.cell.unsolicited = self.cell.unsolicited, []
        for line in said:
            self._say(line)
        for what in todo:
            self._carry_out(what)

    def _carry_out(self, what: Todo) -> None:
        if what is Todo.REBOOT:
            self._reset_by_command()
        elif what is Todo.FETCH:
            self._look()

    # --- submitting

    def _prompt(self) -> None:
        self._pass(Moment.COMMAND)
        if self._usb.port is None:
            return
        self._mode = _Mode.PROMPT
        self._make_noise()
        self._write(self.cell.profile.prompt.encode())
        if self.cell.positioning:
            self._say("OK")
        self._pass(Moment.PROMPT)

    def _take_typed(self) -> None:
        piece = self._keyboard.piece(b"\r\x1a\x1b")
        if self.cell.profile.echoes_pdu and self.cell.settings.echo:
            self._write(piece)
        if piece.endswith(b"\r"):  # a line end in the text: another prompt
            self._write(self.cell.profile.prompt.encode())
        elif piece.endswith((_CTRL_Z, _ESC)):
            typed = self._keyboard.line().decode("latin-1")
            self.wire.append(Wire(time.monotonic(), typed))
            self._mode = _Mode.COMMAND
            if piece.endswith(_CTRL_Z):
                self._submit(re.sub(r"\s", "", typed[:-1]))
            else:
                self._say("OK")

    def _submit(self, hex: str) -> None:
        try:
            fields = pdu.decode_submit(hex)
            if len(hex) // 2 - 1 - int(hex[:2], 16) != self.cell.expected:
                raise ValueError("not as long as was said")
        except ValueError:
            self._say(cms(_BAD_PDU))
            return
        self._pass(Moment.TYPED)
        if self._usb.port is None:
            return
        self._mode = _Mode.SUBMITTING
        life = self._life
        seconds = self._radio_link.submit()
        if seconds > 0:
            self.after(seconds, lambda: self._hand_over(fields, life))
        else:
            self._hand_over(fields, life)

    def _hand_over(self, fields: pdu.SubmitFields, life: int) -> None:
        reference = self.cell.next_reference()
        on_air = self.cell.on_air
        answer = self.network.submit(self.name, fields, reference) if on_air else Answer(refusal=NO_SERVICE)
        if self.network.report_after < 0:  # a report that overtakes the answer is in the network's hands already
            self._look()
        self._pass(Moment.ACCEPTED)
        if life != self._life:
            return
        self._mode = _Mode.COMMAND
        self._radio_link.answered()
        if answer.refusal is not None:
            self._say(cms(answer.refusal))
        elif answer.late:
            self.after(answer.late, lambda: self._confirm(reference, life))
        elif not answer.silent:
            self._confirm(reference, life)
        self._go_on()

    def _confirm(self, reference: int, life: int) -> None:
        if life == self._life and not self.cell.positioning:
            self._say(f"+CMGS: {reference}")
            self._say("OK")

    def _pass(self, moment: Moment) -> None:
        action = self._moments.pop(moment, None)
        if action is not None:
            action()

    # --- receiving

    def _look(self) -> None:
        """Tell of a changed registration and fetch what waits, as far as there is room."""
        stat = self.cell.registration
        if stat != self._registered_as:
            self._registered_as = stat
            for name, n in self.cell.settings.registration.items():
                if n:
                    self._say(f"{name}: {where(self.cell, n)}")
        while self._usb.port is not None and not self._deaf and self.cell.on_air:
            mail = self.network.waiting(self.name)
            if mail is None:
                return
            taken, lines = self.cell.receive(mail, announce=self.announces)
            self._say(*lines)
            if not taken:
                return
            self.network.taken(self.name)

    # --- power and port

    def _unplug(self) -> None:
        self._usb.unplug()
        self._keyboard.clear()
        if self._mode is _Mode.PROMPT:
            self._mode = _Mode.COMMAND

    def _plug_in(self, reset: bool, mode: Mode) -> None:
        if self._usb.port is None:
            self._usb.plug_in(mode)
        if reset:
            self._reset()
        self._look()

    def _hear(self, hears: bool) -> None:
        self._deaf = not hears
        self._keyboard.clear()
        if hears:
            self._mode = _Mode.COMMAND
            self._look()

    def _reset(self) -> None:
        self._life += 1
        self._radio_link.lost()
        self._ringing.end(rejected=False)
        self.cell.reset()
        self._hear(True)
        boot = self.cell.profile.boot
        for seconds, line in boot:
            self.after(seconds, lambda line=line: self._say(line))  # type: ignore[misc]
        if boot:
            self._starting(boot[-1][0])

    def _starting(self, seconds: float) -> None:
        self.cell.starting = True
        self.after(seconds, self._started)

    def _started(self) -> None:
        self.cell.starting = False
        self._look()

    def _reset_by_command(self) -> None:
        if self.cell.profile.reset_drops_port:
            self._unplug()
            self.after(_GONE_FOR, lambda: self._plug_in(True, Mode.MODEM))
        else:
            self._reset()
