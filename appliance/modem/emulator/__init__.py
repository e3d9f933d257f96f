"""A GSM modem on a pseudo-terminal, with a little radio network behind it: the demo mode and the test bed.

Start a `Network`, put one or several `EmulatedModem` on it, and give a driver their `path` or `link`:

    network = Network()
    with EmulatedModem("a", network, link=folder / "modem-a") as modem:
        network.text("+32470000001", "OK")
        ...
        assert [sent.number for sent in network.airwaves] == ["+32470000002"]

It speaks PDU mode as python-gammu and our own driver do, and plays the oddities of the families in `PROFILES`.
Not emulated: text mode (CMGF=1 is taken, then everything about texts is refused), data connections, outgoing calls,
phone books, cell broadcast, SIM toolkit, flow control and baud rates, the second and third port of a USB stick, what is
behind its network (HiLink) or CD-ROM mode (only that it has no tty then), acknowledgement of +CMT by CNMA, a SIM that
must be taken out, supply voltage and heat, the radio's own timing beyond one fixed time per submit (and one for a
submit on a link that CMMS kept).
"""

from appliance.modem.emulator.command import serve_forever
from appliance.modem.emulator.control import BadScript, verbs
from appliance.modem.emulator.modem import EmulatedModem
from appliance.modem.emulator.moments import Moment, Wire
from appliance.modem.emulator.network import Call, Network, Sent
from appliance.modem.emulator.profiles import PROFILES, Profile
from appliance.modem.emulator.usb import Mode

__all__ = [
    "PROFILES",
    "BadScript",
    "Call",
    "EmulatedModem",
    "Mode",
    "Moment",
    "Network",
    "Profile",
    "Sent",
    "Wire",
    "serve_forever",
    "verbs",
]
