"""How quick the page is when a BIN is large and has a history: 1,000 members, 100 alerts to all of them, their answers.

Prints: the time of the box for the first page and for each list: processor time, which other work on the machine does
not lengthen, and what a browser waits; what the first visit weighs with all that belongs to it; and how many taps and
seconds a robot with a telephone needs from the first page until the countdown before an urgent police text runs.

    python bench/page.py [--members 1000] [--alerts 100] [--json]
"""

import argparse
import json
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from idle import cpu
from playwright.sync_api import Page, sync_playwright

from appliance import alerts, police, store
from appliance.access import accounts
from appliance.alerts import MessageClass, Source
from appliance.clock import now
from appliance.models import Alert, Arrival, Delivery, ModemState, Segment, database
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.police import Method
from appliance.store import writing

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), secrets.randbelow)
TEXT = "Inbraak bezig in de Kerkstraat, grijze bestelwagen. Blijf binnen en bel 101."
PHONE = {"width": 360, "height": 740}
LISTS = {
    "start": "/", "alerts": "/berichten", "one alert": "/berichten/1", "who is silent": "/berichten/1/stil",
    "in pictures": "/berichten/1/beelden", "members": "/leden", "answers": "/antwoorden", "log": "/logboek",
    "box": "/toestel", "drills": "/oefening", "costs": "/kosten", "network": "/buurt",
}  # fmt: skip
TAPS = ("Bekijken en beoordelen", "Doorsturen: eerst nakijken", "Nu versturen naar")
WAITED = "(e => e.responseStart - e.requestStart)(performance.getEntriesByType('navigation')[0])"
ROUNDS = 30
PATIENCE = 60.0
GOAL_MS, GOAL_KB, GOAL_TAPS, GOAL_SECONDS = 50, 150, 3, 10
CONFIG = """[store]
url = "sqlite:///{folder}/bin.db"
[web]
listen = "127.0.0.1:{port}"
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--members", type=int, default=1_000)
    arguments.add_argument("--alerts", type=int, default=100)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name), chosen.members, chosen.alerts)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{'page':<16}{'processor, ms':>15}{'median, ms':>12}{'95 %, ms':>10}")
    for page, (own, median, most) in figures["ms"].items():
        print(
            f"{page:<16}{own:>15.0f}{median:>12.0f}{most:>10.0f}" + (f"   (goal {GOAL_MS})" if page == "start" else "")
        )
    print(f"first visit: {figures['kilobytes']:.0f} KB in {figures['answers']} answers (goal {GOAL_KB} KB)")
    print(f"urgent text forwarded from the first page: {figures['taps']} taps, {figures['seconds']:.1f} s "
          f"(goal {GOAL_TAPS} taps, {GOAL_SECONDS} s)")  # fmt: skip


def measure(folder: Path, people: int, history: int) -> dict[str, Any]:
    store.open_store(f"sqlite:///{folder}/bin.db", folder)
    store.migrate()
    password = furnish(people, history)
    with served(folder) as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        phone = {"viewport": PHONE, "has_touch": True, "base_url": address, "locale": "nl-BE"}
        page = log_in(browser.new_context(**phone).new_page(), password)
        figures = {"ms": {name: timed(page, path, process) for name, path in LISTS.items()}}
        figures |= weighed(browser.new_context(**phone, storage_state=page.context.storage_state()).new_page())
        figures |= forwarded(page)
        browser.close()
    database.close()
    return figures


# --- the BIN


def furnish(people: int, history: int) -> str:
    """Everybody is enrolled and all that happened is in the store; returned is the password of Lies."""
    with writing():
        lies = members.enrol("Lies", "+32470900001", now(), "bench", role=Role.COORDINATOR, consent="bench")
        for place in range(people - 1):
            street = f"Straat {place % 40}"
            members.enrol(f"Lid {place}", f"+3247100{place:04}", now(), "bench", consent="bench", street=street)
        ModemState.create(name="a", heartbeat_at=now(), changed_at=now(), online=True, registered=True)
        password = accounts.create(lies, "lies", now())
    contact = police.add("Zone Noord", "+32475000001", Method.CARD, now(), "bench", secrets.token_bytes)
    for number in range(history):
        lived(number, contact)
    written(contact)
    return password


def lived(number: int, contact: Any) -> None:
    """One alert that everybody got and three out of four confirmed."""
    at = now() - timedelta(hours=14 * (number + 1))
    with writing():
        alert = written(contact, at)
        alerts.forward(alert, "Lies", "page", at, BIN)
        mine = Delivery.select(Delivery.id).where(Delivery.alert == alert)
        Segment.update(state="delivered", submitted_at=at, delivered_at=at).where(Segment.delivery << mine).execute()
        said = (Delivery.alert == alert) & (Delivery.kind == "alert") & (Delivery.id.bin_and(3) != 0)
        Delivery.update(confirmed_at=at, confirmed_by="reply").where(said).execute()
        for place in range(5):
            Arrival.create(key=f"{number} {place}", kind="text", number=f"+3247100{place:04}", text="Wat is er gaande?",
                           received_at=at, state="acted")  # fmt: skip


def written(contact: Any, at: Any = None) -> Alert:
    """The police wrote at *at*; now, if that is not said."""
    return alerts.create(
        MessageClass.URGENT, Source.POLICE, TEXT, contact.name, at or now(), BIN, contact=contact, verified=True
    )


# --- the page


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """The address of the real `appliance web`, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config.toml"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [sys.executable, "-m", "appliance", "--config", str(config), "web"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(port))
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > deadline:
            raise SystemExit("the page does not come up")
        time.sleep(0.05)


def log_in(page: Page, password: str) -> Page:
    page.goto("/aanmelden")
    page.fill("[name=username]", "lies")
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Aanmelden", exact=True).click()
    page.wait_for_url("**/")
    return page


def timed(page: Page, path: str, process: int) -> tuple[float, float, float]:
    """Milliseconds of the processor for one answer; and to its first octet, the median and the 95th percentile."""
    page.goto(path)
    before, waits = cpu(process), []
    for _ in range(ROUNDS):
        page.goto(path, wait_until="commit")
        waits.append(page.evaluate(WAITED))
    own = 1000 * (cpu(process) - before) / ROUNDS
    return own, statistics.median(waits), statistics.quantiles(waits, n=20)[-1]


def weighed(page: Page) -> dict[str, float]:
    """Everything that a browser fetches which has never seen the page, as it travels, headers left out."""
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    return {"kilobytes": sum(sizes) / 1000, "answers": len(sizes)}


def forwarded(page: Page) -> dict[str, float]:
    """A robot taps its way from the first page until the countdown runs."""
    page.goto("/")
    began = time.monotonic()
    for words in TAPS:
        page.get_by_text(words).first.tap()
    page.wait_for_url("**/aftellen")
    page.get_by_role("button", name="STOP").wait_for()
    return {"taps": len(TAPS), "seconds": time.monotonic() - began}


if __name__ == "__main__":
    main()
