"""Each thing that a modem or a network can do wrong, in words and in deeds. Played by bench/reliability.py."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from appliance.modem.dialogue import STANDARD, Deadlines
from appliance.modem.emulator import EmulatedModem, Mode, Moment, Network, Profile

MEMBERS = 12
STORES = Profile(cnmi=((0, 1, 2), (0, 1), (0,), (0, 2), (0, 1)))  # reports too go into its memory
TEN_SLOTS = Profile(memories={"SM": 10})
POISON = "07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD"  # says more than it has


class Scene:
    """What a fault may reach for."""

    def __init__(self, network: Network, modem: EmulatedModem, deadlines: Deadlines) -> None:
        self.network = network
        self.modem = modem
        self.deadlines = deadlines
        self.expected_replies = 0
        self._haste = deadlines.submit / STANDARD.submit
        self._open = 0
        self._struck: tuple[float, int] | None = None

    @property
    def over(self) -> bool:
        """Whether the fault has struck and whatever mends it has been done."""
        return self._struck is not None and not self._open

    def strike(self) -> None:
        """The fault is now."""
        self._struck = self._struck or (time.monotonic(), len(self.network.airwaves))

    def at(self, moment: Moment, action: Callable[[], object]) -> None:
        """The fault is when the next submit gets to *moment*."""
        self.modem.at_moment(moment, lambda: (self.strike(), action()))

    def mend_after(self, seconds: float, action: Callable[[], object]) -> None:
        """*seconds* from now, or the same share of shortened deadlines, somebody or something does *action*."""
        self._open += 1
        self.modem.after(seconds * self._haste, lambda: (action(), self._mended()))

    def share_of_submit(self, seconds: float) -> float:
        """*seconds* of the 180 that a submit may take, of as many as it may take here."""
        return seconds * self._haste

    def everybody_replies(self) -> None:
        """Whoever has the text answers now, the others as soon as they have it."""
        self.expected_replies = MEMBERS
        for sent in self.network.airwaves[:]:
            self.network.text(sent.number, "OK")
        self.network.on_delivery(lambda number, _text: self.network.text(number, "OK"))

    def seconds(self) -> float | None:
        """From the fault to the next text that the network took."""
        assert self._struck
        at, before = self._struck
        return next((round(sent.at - at, 1) for sent in self.network.airwaves[before:]), None)

    def _mended(self) -> None:
        self._open -= 1


Strike = Callable[[Scene], object]


@dataclass(frozen=True)
class Fault:
    """One row of the matrix: what goes wrong, in words and in deeds."""

    name: str
    strike: Strike
    profile: str | Profile = "plain"
    reports: bool = True
    pin: tuple[str, str] = ("", "")  # of the card, of the settings
    power: bool = False  # whether the settings have a command that cuts the modem's power


def number(place: int) -> str:
    return f"+3247000{place:04}"


# --- what goes wrong


def _never_answered(scene: Scene, *, accepted: bool) -> None:
    scene.network.silence_next_submit(accepted)
    scene.at(Moment.ACCEPTED, lambda: None)


def _late(scene: Scene) -> None:
    scene.network.delay_next_answer(scene.share_of_submit(140))
    scene.at(Moment.ACCEPTED, lambda: None)


def _hangs(scene: Scene, moment: Moment) -> None:
    """Whatever is done to the port: only power helps."""
    scene.at(moment, scene.modem.hang)


def _neighbour_helps(scene: Scene) -> None:
    """The box cannot cut the power; somebody pulls the plug after ten minutes."""
    scene.at(Moment.ACCEPTED, lambda: (scene.modem.hang(), scene.mend_after(600, lambda: power_cycle(scene.modem))))


def power_cycle(modem: EmulatedModem) -> None:
    modem.unplug()
    modem.plug_in()


def _goes(scene: Scene, moment: Moment) -> None:
    scene.at(moment, lambda: (scene.modem.unplug(), scene.mend_after(3, scene.modem.plug_in)))


def _comes_back(scene: Scene, mode: Mode, seconds: float) -> None:
    """The stick restarts as something without a tty; *seconds* later usb_modeswitch, or somebody, makes it a modem."""

    def restart() -> None:
        scene.modem.unplug()
        scene.modem.plug_in(mode=mode)
        scene.mend_after(seconds, lambda: power_cycle(scene.modem))

    scene.at(Moment.COMMAND, restart)


def _unannounced(scene: Scene) -> None:
    scene.strike()
    scene.modem.announces = False
    scene.everybody_replies()


def _unregistered(scene: Scene, stat: int, seconds: float) -> None:
    def lose() -> None:
        scene.network.registration = stat
        scene.mend_after(seconds, find)

    def find() -> None:
        scene.network.registration = 1

    scene.at(Moment.COMMAND, lose)


def _answering(*codes: int | str) -> Strike:
    def strike(scene: Scene) -> None:
        for code in codes:
            scene.network.refuse_next(code)
        scene.at(Moment.TYPED, lambda: None)

    return strike


def _answers_though_sent(scene: Scene, code: int) -> None:
    scene.network.accept_but_say(code)
    scene.at(Moment.ACCEPTED, lambda: None)


def _unknown_twice(scene: Scene) -> None:
    """Two in a row make the box set its modem up anew, while reports come in."""
    scene.network.report_after = scene.share_of_submit(1)
    scene.network.accept_but_say(500)
    _answers_though_sent(scene, 500)


def _had_it_already(scene: Scene) -> None:
    """The first try was never answered; the second one is refused as a duplicate."""
    scene.network.silence_next_submit(True)
    scene.at(Moment.ACCEPTED, lambda: scene.network.refuse(scene.network.airwaves[-1].number, 197))


def _garbage(scene: Scene) -> None:
    noise = bytes(range(256)) * 16
    scene.modem.at_moment(Moment.PROMPT, lambda: scene.modem.garbage(b"\r\n" + noise.replace(b">", b"") + b"\r\n"))
    scene.at(Moment.ACCEPTED, lambda: scene.modem.garbage(b"\r\n" + noise + b"\r\n"))


def _half_lines(scene: Scene) -> None:
    """A report and an answer break off in the middle."""
    scene.network.silence_next_submit(True)
    scene.at(Moment.ACCEPTED, lambda: scene.modem.garbage(b"\r\n+CDS: 25\r\n07912374151616F606\r\n+CMGS: 1"))


def _wrong_pin(scene: Scene) -> None:
    """A human takes the PIN off in a phone, minutes later; the card still has two tries."""

    def unlock() -> None:
        assert scene.modem.cell.card.tries == 2, "the wrong PIN was tried more than once"
        scene.modem.cell.card.pin = ""
        scene.modem.reboot()

    def lock() -> None:
        scene.modem.cell.card.pin = "1234"
        scene.modem.reboot()
        scene.mend_after(120, unlock)

    scene.at(Moment.COMMAND, lock)


def _storage_full(scene: Scene) -> None:
    scene.strike()
    for _ in range(8):
        scene.network.raw(POISON)
    scene.everybody_replies()


def _rings(scene: Scene) -> None:
    scene.modem.seconds_per_submit = 0.2
    scene.expected_replies = 1
    caller = scene.network.airwaves[0].number
    scene.at(Moment.TYPED, lambda: scene.network.ring(caller))


def _late_for_another(scene: Scene, *, refused: bool) -> None:
    """A is never answered in time; its +CMGS comes between the Ctrl-Z of B and B's own answer."""

    def first() -> None:
        reference = scene.network.airwaves[-1].reference
        scene.modem.at_moment(Moment.TYPED, lambda: second(reference))

    def second(reference: int) -> None:
        scene.modem.garbage(f"\r\n+CMGS: {reference}\r\n\r\nOK\r\n".encode())
        if refused:
            scene.network.refuse_next(42)

    scene.network.silence_next_submit(True)
    scene.at(Moment.ACCEPTED, first)


def _reboots(scene: Scene) -> None:
    scene.at(Moment.ACCEPTED, scene.modem.reboot)


def _reply_twice(scene: Scene) -> None:
    scene.strike()
    scene.everybody_replies()


def _poison(scene: Scene) -> None:
    scene.strike()
    for hexadecimal in (POISON, "FF" * 170, *["00", ""] * 5):
        scene.network.raw(hexadecimal)
    scene.everybody_replies()


FAULTS = (
    Fault("no answer for ever, the network never had it", partial(_never_answered, accepted=False)),
    Fault("no answer for ever, the network had it", partial(_never_answered, accepted=True)),
    Fault("no answer for ever, the network had it, no reports", partial(_never_answered, accepted=True), reports=False),
    Fault("+CMGS comes after 140 s", _late),
    Fault("hangs at the prompt until its power is cut", partial(_hangs, moment=Moment.PROMPT), power=True),
    Fault("hangs after the text is out until its power is cut", partial(_hangs, moment=Moment.ACCEPTED), power=True),
    Fault("hangs after the text is out until somebody pulls the plug, after 600 s", _neighbour_helps),
    Fault("port gone at the prompt, back under another name", partial(_goes, moment=Moment.PROMPT)),
    Fault("port gone with the text, back under another name", partial(_goes, moment=Moment.TYPED)),
    Fault("port gone after the text is out, back under another name", partial(_goes, moment=Moment.ACCEPTED)),
    Fault("comes back as a CD drive for 30 s", partial(_comes_back, mode=Mode.CD, seconds=30)),
    Fault("comes back in network mode (HiLink) for 120 s", partial(_comes_back, mode=Mode.NETWORK, seconds=120)),
    Fault("no network for 20 s", partial(_unregistered, stat=2, seconds=20)),
    Fault("registration denied for 60 s", partial(_unregistered, stat=3, seconds=60)),
    Fault("storage of 10 full: 12 replies, 8 unreadable messages", _storage_full, profile=TEN_SLOTS),
    Fault("no announcement ever comes: replies and stored reports are found by looking", _unannounced, profile=STORES),
    Fault("4 KB of garbage at the prompt and before the answer", _garbage),
    Fault("a report and an answer break off half-way", _half_lines),
    Fault("each reply stored twice by the modem", _reply_twice, profile="a7670"),
    Fault("12 messages come in that are no messages, storage of 10", _poison, profile=TEN_SLOTS),
    Fault("refused for good (CMS 1)", _answering(1)),
    Fault("refused for now (CMS 42), three in a row", _answering(42, 42, 42)),
    Fault("refused until mended (CMS 322)", _answering(322)),
    Fault("refused: this SIM cannot send (CMS 310)", _answering(310)),
    Fault("refused in words", _answering("+CMS ERROR: Unknown error")),
    Fault("refused as a duplicate (CMS 197) of a try that was never answered", _had_it_already, reports=False),
    Fault("in doubt (CMS 332), the network had it", partial(_answers_though_sent, code=332)),
    Fault("in doubt (CMS 332), the network had it, no reports", partial(_answers_though_sent, code=332), reports=False),
    Fault("in doubt (CMS 332), the network never had it", _answering(332)),
    Fault("unknown error (CMS 500), the network had it", partial(_answers_though_sent, code=500)),
    Fault(
        "unknown error (CMS 500), the network had it, no reports",
        partial(_answers_though_sent, code=500),
        reports=False,
    ),
    Fault("unknown error (CMS 500) twice in a row, the network had both", _unknown_twice),
    Fault("congestion (CMS 42), and the network had it all the same", partial(_answers_though_sent, code=42)),
    Fault("network out of order (CMS 38), and the network had it", partial(_answers_though_sent, code=38)),
    Fault(
        "network out of order (CMS 38), and the network had it, no reports",
        partial(_answers_though_sent, code=38),
        reports=False,
    ),
    Fault("no validity period is taken (CMS 199)", _answering(199)),
    Fault("barred for three people (CMS 10): it is this SIM", _answering(10, 10, 10)),
    Fault("wrong PIN in the settings", _wrong_pin, pin=("", "4321")),
    Fault("an incoming call in mid-send", _rings),
    Fault("late +CMGS of A during B", partial(_late_for_another, refused=False)),
    Fault("late +CMGS of A during B, and B is refused", partial(_late_for_another, refused=True)),
    Fault("the modem restarts in mid-send", _reboots, profile="ec25"),
)
