"""The oddities of named modems, as far as a driver can notice them (facts: data/transcripts in the project's notes)."""

from dataclasses import dataclass, field

_ANY = range(4)


@dataclass(frozen=True)
class Profile:
    """How one family of modems differs on the wire. The defaults are the plain modem of 3GPP TS 27.005."""

    maker: str = "EMULATED"
    model: str = "PLAIN"
    firmware: str = "1.0"
    prompt: str = "\r\n> "
    echo: bool = True  # after power-on
    echoes_pdu: bool = False  # whether what is typed at the prompt comes back
    unknown: str = "ERROR"  # the answer to a command that it does not have
    memories: dict[str, int] = field(default_factory=lambda: {"SM": 30, "ME": 100})  # name -> slots
    selected: tuple[str, str, str] = ("SM", "SM", "SM")  # after power-on: read and delete, write, receive
    receives_into: str = ""  # this memory whatever CPMS asks for
    first_slot: int = 1
    empty_slot: str = "+CMS ERROR: 321"
    full_line: str = ""
    cnmi: tuple[range | tuple[int, ...], ...] = (_ANY, _ANY, _ANY, range(3), range(2))  # what each value may be
    report_memory: str = ""  # where stored reports go; "": as messages do
    says_report_in: str = ""  # what +CDSI says instead of the truth
    technology: int = 7  # AcT of TS 27.007: 0 2G, 2 3G, 7 4G
    registers: tuple[str, ...] = ("+CREG", "+CGREG", "+CEREG")
    noise: tuple[str, ...] = ()  # lines that come uncalled, in turn: before each prompt and now and then
    noise_inside: bool = False  # ... and between each command and its answer
    boot: tuple[tuple[float, str], ...] = ()  # seconds after the reset, line
    reset_drops_port: bool = False  # CFUN=1,1 takes the USB device away
    keeps_link: bool = True  # takes CMMS; no emulated modem gets faster by it


PROFILES = {
    "plain": Profile(),
    "ec25": Profile(
        maker="Quectel",
        model="EC25",
        firmware="EC25EFAR06A15M4G",
        memories={"SM": 20, "ME": 255, "SR": 50},
        selected=("ME", "ME", "ME"),
        first_slot=0,
        empty_slot="OK",
        report_memory="SR",
        says_report_in='"SM",0',
        boot=((0.02, "RDY"), (0.04, "+CPIN: READY"), (0.04, "+QUSIM: 1"), (0.05, "+CFUN: 1"), (0.1, "+QIND: SMS DONE")),
    ),
    "sim7600": Profile(
        maker="SIMCOM INCORPORATED",
        model="SIMCOM_SIM7600G-H",
        firmware="LE20B03SIM7600G22",
        memories={"SM": 30, "ME": 23},
        first_slot=0,
        boot=((0.02, "RDY"), (0.04, "+CPIN: READY"), (0.06, "SMS DONE"), (0.08, "PB DONE")),
    ),
    "sim800c": Profile(
        maker="SIMCOM_Ltd",
        model="SIMCOM_SIM800C",
        firmware="SIM800 R14.18",
        unknown="+CME ERROR: 100",
        memories={"SM": 30},
        cnmi=(_ANY, _ANY, (0, 2), (0, 1), (0, 1)),
        technology=0,
        registers=("+CREG", "+CGREG"),
        noise=("OVER-VOLTAGE WARNNING",),
        noise_inside=True,
        full_line="+SMS FULL",
        boot=((0.02, "RDY"), (0.04, "+CFUN: 1"), (0.04, "+CPIN: READY"), (0.08, "Call Ready"), (0.1, "SMS Ready")),
    ),
    "e3531": Profile(
        maker="huawei",
        model="E3531",
        firmware="22.521.23.00.00",
        memories={"SM": 50, "ME": 20},
        receives_into="ME",
        first_slot=0,
        empty_slot="OK",
        full_line='^SMMEMFULL: "ME"',
        cnmi=(range(3), _ANY, (0, 2), range(3), (0, 1)),
        technology=2,
        registers=("+CREG", "+CGREG"),
        noise=("^RSSI:19", "^BOOT:35323129,0,0,0,26", '^HCSQ:"WCDMA",44,39,76'),
        reset_drops_port=True,
    ),
    "sim7670g": Profile(
        maker="SIMCOM INCORPORATED",
        model="SIM7670G-MNGV",
        prompt="\r\n>\r\n",
        first_slot=0,
        memories={"SM": 30, "ME": 180},
    ),
    "e1752": Profile(
        maker="huawei",
        model="E1752",
        memories={"SM": 30, "ME": 255},
        echoes_pdu=True,
        keeps_link=False,
        unknown="COMMAND NOT SUPPORT",
        technology=2,
        registers=("+CREG", "+CGREG"),
        noise=("^RSSI:19",),
    ),
}
