"""What an emulated modem remembers: its settings, its stores, its card. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from appliance.modem.emulator.network import Mail, Network
from appliance.modem.emulator.profiles import Profile

UNREAD, READ = 0, 1  # <stat> in PDU mode, TS 27.005 3.1
_REFERENCES = 256


class Todo(Enum):
    """What a command sets off beyond its answer."""

    PROMPT = auto()  # instead of an answer
    REBOOT = auto()
    HANG_UP = auto()
    FETCH = auto()  # there may be room, or radio, for what waits in the network


@dataclass
class Stored:
    """One slot's content."""

    mail: Mail
    stat: int = UNREAD


@dataclass
class Settings:
    """What is lost at every reset (TS 27.005, TS 27.007; defaults of a plain modem)."""

    echo: bool = True
    verbose_errors: int = 0  # CMEE
    text_mode: bool = False  # CMGF
    charset: str = "GSM"
    indications: tuple[int, ...] = (0, 0, 0, 0, 0)  # CNMI
    service: int = 0  # CSMS
    link: int = 0  # CMMS
    caller_id: bool = False  # CLIP
    numeric_operator: bool = False
    functional: int = 1  # CFUN
    registration: dict[str, int] = field(default_factory=dict)  # "+CREG" -> n
    selected: tuple[str, str, str] = ("SM", "SM", "SM")  # CPMS


@dataclass
class Card:
    """The SIM card. It outlives every reset."""

    iccid: str = "8932010000000000019"
    imsi: str = "206010000000000"
    pin: str = ""  # "": asks for none
    tries: int = 3
    present: bool = True


class Cell:
    """All that the commands look at and change."""

    def __init__(self, profile: Profile, network: Network, card: Card, imei: str) -> None:
        self.profile = profile
        self.network = network
        self.card = card
        self.imei = imei
        self.service_centre = network.service_centre
        self.stores: dict[str, dict[int, Stored]] = {name: {} for name in profile.memories}
        self.expected = 0  # octets that the last CMGS announced
        self.todo: list[Todo] = []
        self.unsolicited: list[str] = []  # lines to follow the answer
        self.starting = False  # the card is not ready for texts yet
        self.positioning = profile.positioning  # its GPS runs: every submit goes out and none is answered
        self._told_full = False
        self._reference = 0
        self.reset()

    def reset(self) -> None:
        """As after power-on. The stores and the card stay."""
        self.settings = Settings(
            echo=self.profile.echo, selected=self.profile.selected, verbose_errors=self.profile.verbose_errors
        )
        self.locked = bool(self.card.pin)
        self.todo.clear()
        self.unsolicited.clear()

    @property
    def registration(self) -> int:
        """<stat> of +CREG."""
        return self.network.registration if self.on_air else 0

    @property
    def on_air(self) -> bool:
        """Whether the radio is on and the card open."""
        return self.settings.functional == 1 and not self.locked

    def next_reference(self) -> int:
        """TP-MR of the next segment: 0 to 255, then 0 again."""
        given = self._reference
        self._reference = (given + 1) % _REFERENCES
        return given

    def set_reference(self, reference: int) -> None:
        """The next segment gets *reference*."""
        self._reference = reference % _REFERENCES

    # --- stores

    @property
    def receiving(self) -> str:
        """The memory that new texts go to."""
        return self.profile.receives_into or self.settings.selected[2]

    def slots(self, memory: str) -> range:
        """The indexes that *memory* has."""
        return range(self.profile.first_slot, self.profile.first_slot + self.profile.memories[memory])

    def keep(self, mail: Mail, memory: str) -> int | None:
        """Put *mail* into the lowest free slot of *memory*; None when it is full."""
        store = self.stores[memory]
        for index in self.slots(memory):
            if index not in store:
                store[index] = Stored(mail)
                return index
        return None

    def receive(self, mail: Mail, *, announce: bool) -> tuple[bool, list[str]]:
        """Whether *mail* could be taken, and the lines to say about it, as CNMI wants (TS 27.005 3.4.1)."""
        mode, direct, name = (3, 1, "+CDS: ") if mail.is_report else (1, 2, "+CMT: ,")
        how = self.settings.indications[mode]
        if mail.is_report and how == 0:  # nobody wants it
            return True, []
        if how == direct:
            return True, [f"{name}{mail.length}", mail.hex]
        memory = (self.profile.report_memory if mail.is_report else "") or self.receiving
        index = self.keep(mail, memory)
        told, self._told_full = self._told_full, index is None
        if index is None:
            return False, [self.profile.full_line] if self.profile.full_line and not told else []
        if self.profile.stores_twice and not mail.is_report:
            self.keep(mail, memory)
        if not (how and announce):
            return True, []
        place = f'"{memory}",{index}'
        if mail.is_report:
            return True, [f"+CDSI: {self.profile.says_report_in or place}"]
        return True, [f"+CMTI: {self.profile.says_text_in or place}"]

    def listing(self, stat: int) -> Iterator[tuple[int, Stored]]:
        """The selected memory's slots with this status (4: all), in order."""
        for index, stored in sorted(self.stores[self.settings.selected[0]].items()):
            if stat in (4, stored.stat):
                yield index, stored
