"""Takes the pictures of this folder again, from a demo that runs: `python docs/pictures/make.py`. Needs chromium."""

import base64
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
REDUCE = """async (shot) => {
  const image = new Image();
  image.src = "data:image/png;base64," + shot;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data, seen = new Map(), key = [];
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] >> 2 << 12) | (data[at + 1] >> 2 << 6) | (data[at + 2] >> 2);
    key.push(colour);
    const known = seen.get(colour);
    if (known) known.count++; else seen.set(colour, { count: 1, rgb: [data[at], data[at + 1], data[at + 2]] });
  }
  const kept = [...seen.values()].sort((a, b) => b.count - a.count).slice(0, 256).map((one) => one.rgb);
  for (const one of seen.values()) {
    let least = Infinity;
    kept.forEach((rgb, place) => {
      const far = rgb.reduce((sum, part, at) => sum + (part - one.rgb[at]) ** 2, 0);
      if (far < least) { least = far; one.place = place; }
    });
  }
  let raw = "";
  for (const colour of key) raw += String.fromCharCode(seen.get(colour).place);
  return [image.width, image.height, kept.flat(), btoa(raw)];
}"""
LARGEST = 150_000  # octets for one picture
START = 30.0  # seconds


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """The address of a demo of its own and the password for `lies`; it is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "appliance", "demo", "--port", address.rpartition(":")[2]]
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(command, stdout=said) as process:
        try:
            wait_for(f"{address}/straat")
            said.seek(0)
            yield address, re.findall(r"wachtwoord: (\S+)", said.read())[0]
        finally:
            process.terminate()


def wait_for(url: str) -> None:
    """*url* answers; OSError when it still does not after START seconds."""
    until = time.monotonic() + START
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own address
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def save(page: Any, name: str) -> None:
    """The window of *page* as NAME.png, in 256 colours."""
    shot = base64.b64encode(page.screenshot()).decode()
    blank = page.context.browser.new_page()
    width, height, palette, pixels = blank.evaluate(REDUCE, shot)
    blank.close()
    path = HERE / f"{name}.png"
    path.write_bytes(png(width, height, bytes(palette), base64.b64decode(pixels)))
    print(f"{path.name:14} {path.stat().st_size:7} octets")
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} is larger than {LARGEST} octets")


def png(width: int, height: int, palette: bytes, pixels: bytes) -> bytes:
    """A PNG file with one octet per pixel (RFC 2083)."""
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def take(browser: Any, address: str, password: str) -> None:
    """Plays the story by the page and keeps six moments of it."""
    street = browser.new_page(viewport=WIDE, base_url=address, reduced_motion="reduce", locale="nl-BE")
    page = browser.new_page(viewport=PHONE, base_url=address, reduced_motion="reduce", locale="nl-BE")
    street.goto("/straat")
    street.locator(".phone.police .go").click()
    street.locator("#lampwoorden", has_text="Er wacht een bericht").wait_for()
    page.goto("/aanmelden")
    page.fill("[name=username]", "lies")
    page.fill("[name=password]", password)
    page.click("button")
    save(page, "home")
    page.get_by_text("Bekijken en beoordelen").click()
    save(page, "judge")
    page.get_by_text("Doorsturen: eerst nakijken").click()
    save(page, "check")
    page.locator("button.send").click()
    street.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    street.mouse.move(0, 0)
    street.locator(".house.s-confirmed").nth(3).wait_for()
    save(street, "street")
    save(page, "progress")
    page.goto("/leden")
    save(page, "members")


if __name__ == "__main__":
    with demo() as (address, password), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(chromium, address, password)
        chromium.close()
