"""The oddities of named modems, as far as a driver can notice them (facts: data/transcripts in the project's notes)."""

from dataclasses import dataclass, field, replace

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
    noise_before_echo: bool = False  # ... and before the echo of each command
    boot: tuple[tuple[float, str], ...] = ()  # seconds after the reset, line
    reset_drops_port: bool = False  # CFUN=1,1 takes the USB device away
    keeps_link: bool = True  # takes CMMS; how much faster it gets is the modem's own figure
    verbose_errors: int = 0  # CMEE after power-on
    too_early: str = "+CMS ERROR: 314"  # about texts, while it starts
    card_lies: bool = False  # +CPIN says "SIM failure" while it starts
    stores_twice: bool = False  # one text, two slots
    says_text_in: str = ""  # what +CMTI says instead of the truth
    names_command: bool = False  # +CGMI has its own name in its answer
    comma: str = ","  # between the values of +CPMS
    forgets_centre: bool = False  # CSMP takes the service centre's number away
    positioning: bool = False  # its GPS runs: see `Cell.positioning`


PROFILES = {
    "plain": Profile(),
    "ten-slots": Profile(model="TEN SLOTS", memories={"SM": 10}),  # as an old card has
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
        too_early="ERROR",
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
        noise=("^SRVST:0", "^RSSI:14", "^BOOT:35323129,0,0,0,26", "^MODE:5,4", "+CREG: 1, E006B, ABE0016"),
        noise_before_echo=True,
    ),
    "a7670": Profile(
        maker="INCORPORATED",
        model="A7670E-LNXY-UBL",
        firmware="23110B01A7670M4A",
        memories={"SM": 30, "ME": 50},
        first_slot=0,
        verbose_errors=2,
        card_lies=True,
        stores_twice=True,
        boot=((0.02, "*ATREADY: 1"), (0.2, "+CPIN: READY"), (0.3, "SMS DONE"), (0.4, "PB DONE")),
    ),
    "sim7000g": Profile(
        maker="SIMCOM_Ltd",
        model="SIMCOM_SIM7000G",
        memories={"SM": 30},
        says_text_in=",-1",
        technology=7,
    ),
    "mf180": Profile(
        maker="ZTE CORPORATION",
        model="MF180",
        firmware="BD_VOCMF710MV1.0.0B03",
        unknown="+CME ERROR: 100",
        memories={"SM": 20, "ME": 50},
        selected=("ME", "ME", "ME"),
        technology=2,
        registers=("+CREG", "+CGREG"),
        noise=('+ZPASR: "HSPA"', '+ZDONR: "Proximus",206,1,"CS_PS","ROAM_OFF"', "+ZUSIMR:2", "+ZEND"),
        comma=", ",
        forgets_centre=True,
    ),
    "mc7455": Profile(
        maker="Sierra Wireless, Incorporated",
        model="MC7455",
        memories={"SM": 30, "ME": 100},
        echoes_pdu=True,
        positioning=True,
    ),
}
PROFILES["mf710"] = replace(PROFILES["mf180"], model="MF710M", names_command=True)
