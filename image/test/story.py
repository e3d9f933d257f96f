"""One box in an emulated computer, and the people around it: its owner, the members on the emulated network."""

import contextlib
import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright import sync_api

from appliance.modem.emulator import EmulatedModem, Network
from image.test.vm import BLUE, BUTTON, GREEN, LONG, RED, UPS, Cable, Card, Machine, Stick, free_ports
from tests.releases import Maintainer

SETTINGS = f"""
[bin]
name = "BIN De Linde"
[sim]
pin = "4821"
[panel]
button = {BUTTON}
red = {RED}
green = {GREEN}
blue = {BLUE}
ups = {UPS}
"""
PAGE = "https://bin.local"
PASSWORD = "vier losse woorden hier"  # noqa: S105 - of nobody
PATIENCE = 120_000.0  # milliseconds for a page


class Story:
    """One box and the people around it, from stage to stage."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder
        self.card = Card(image, folder / "card.img")
        self.card.write("bin-kast.toml", SETTINGS)
        self.ports = free_ports()
        self.key = self._new_key()
        self.code = ""  # the first on the officer's card
        self.network = Network()
        self.stack = contextlib.ExitStack()
        self.modem = self.stack.enter_context(EmulatedModem("a", self.network, pin="4821", seconds_per_submit=0.3))
        self.machine: Machine | None = None
        self.stick: Stick
        self.maintainer: Maintainer
        self.cable: Cable | None = None
        self.figures: dict[str, str] = {}

    # --- the box

    def on(self, slow: timedelta = timedelta(0)) -> Machine:
        """It is switched on, its clock *slow* by so much."""
        self.machine = Machine(self.card, self.folder, self.ports, slow=slow).__enter__()
        return self.machine

    @property
    def box(self) -> Machine:
        assert self.machine, "the box is off"
        return self.machine

    def plug_in(self) -> None:
        self.cable = Cable(self.box.modem, self.modem.path).__enter__()

    def unplug(self) -> None:
        assert self.cable
        self.cable.__exit__(None, None, None)
        self.cable = None

    def off(self) -> None:
        """Somebody switched it off, if it was on."""
        if self.machine:
            self.machine.off()
            self.gone()

    def gone(self) -> None:
        """It is off, however that came."""
        if self.cable:
            self.unplug()
        self.machine = None

    def close(self) -> None:
        if self.machine:
            self.machine.cut()
        if self.cable:
            self.unplug()
        self.stack.close()

    # --- its owner

    def page(self) -> Any:
        """A real browser that calls the box bin.local."""
        if not hasattr(self, "_page"):
            playwright = self.stack.enter_context(sync_api.sync_playwright())
            home = f"--host-resolver-rules=MAP bin.local:443 127.0.0.1:{self.ports[443]}"
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", home])
            telephone = {"viewport": {"width": 390, "height": 844}, "locale": "nl-BE", "ignore_https_errors": True}
            context = browser.new_context(**telephone)
            self._page = context.new_page()
            self._page.set_default_timeout(PATIENCE)
        return self._page

    def confirmed(self) -> int:
        """How many members have confirmed, as the owner reads on the page."""
        page = self.page()
        page.goto(f"{PAGE}/")
        found = re.search(r"<b>(\d+)</b>\s*bevestigd", page.content())
        return int(found[1]) if found else -1

    def _new_key(self) -> Path:
        key = self.folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        return key

    def with_key(self) -> str:
        """A settings file that opens SSH to the key."""
        public = self.key.with_suffix(".pub").read_text().strip()
        return f'[ssh]\nkey = "{public}"\n'

    def ssh(self, command: str, check: bool = True, said: str = "") -> str:
        """What root hears who logs in with the key, types *command* and then what is *said*."""
        known = f"UserKnownHostsFile={self.folder}/hosts"
        wanted = ("StrictHostKeyChecking=no", known, "LogLevel=ERROR", "ConnectTimeout=60", "BatchMode=yes")
        options = ["-i", str(self.key), *(word for want in wanted for word in ("-o", want))]
        done = subprocess.run(
            ["ssh", *options, "-p", str(self.box.port(22)), "root@127.0.0.1", command],
            input=said, capture_output=True, text=True, check=False, timeout=LONG,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout.strip()

    def complaints(self) -> list[str]:
        """What `appliance doctor` calls bad."""
        said = self.ssh("setpriv --reuid=bin-kast --regid=bin-kast --init-groups appliance doctor --json", check=False)
        return [one["sentence"] for one in json.loads(said)["findings"] if one["verdict"] == "bad"]

    def phones_told(self, words: str) -> set[str]:
        """The numbers that a text with *words* went to."""
        return {sent.number for sent in self.network.airwaves if words in sent.text}
