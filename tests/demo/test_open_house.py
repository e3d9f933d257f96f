"""`appliance demo` as a newcomer starts it."""

import re
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow


def test_whoever_opens_the_page_as_soon_as_its_address_is_told_finds_it():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "appliance", "demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        addresses = (re.search(r"http://\S+/straat", line) for line in demo.stdout)
        street = next(found[0] for found in addresses if found)
        with urlopen(street, timeout=60) as answer:
            assert answer.status == 200
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
