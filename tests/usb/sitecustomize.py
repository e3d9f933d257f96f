"""For every Python that a test starts with this folder on its PYTHONPATH: which serial ports USB has.

Emulated sticks are pseudo-terminals, of which the kernel's bus knows nothing. The file $USB_PORTS has their paths, by
where they are plugged in; the test writes it anew when a stick goes or comes.
"""

import json
import os
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo


def comports(include_links: bool = False) -> list[ListPortInfo]:
    found = []
    for place, path in json.loads(Path(os.environ["USB_PORTS"]).read_text()).items():
        port = ListPortInfo(path)
        port.location, port.vid, port.pid = f"{place}:1.2", 0x2C7C, 0x0125
        found.append(port)
    return found


list_ports.comports = comports
