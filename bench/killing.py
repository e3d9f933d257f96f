"""kill -9 at random instants of a real gateway, while two other processes write: the parts of tests/test_kill.py.

The processes are forked from one that has loaded the program already, so that a thousand of them take minutes.
"""

import multiprocessing
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import alerts, audit, store
from appliance.alerts import AlertState, MessageClass, Source
from appliance.arrivals import Text
from appliance.cli import main
from appliance.clock import now as real_now
from appliance.demo import truth
from appliance.demo.truth import Truth
from appliance.models import Alert, Arrival, Segment, database
from appliance.modem.emulator import Network, Sent
from appliance.neighbourhood import Neighbourhood
from appliance.queue import inbox

CONFIG = """[store]
url = "{url}"
folder = "{folder}"
[[modem]]
name = "a"
port = "{folder}/modem-a"
driver = "at"
segments_per_day = 0
"""
TEXT = "Inbraak bezig in de Kerkstraat, nummer {0}. Blijf binnen en bel 101. " * 3  # two segments
BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), secrets.randbelow)
FORWARDED, DECLINED, WITHDRAWN = "forwarded", "declined", "withdrawn"
FATES = (FORWARDED, FORWARDED, WITHDRAWN, FORWARDED, DECLINED)
PLENTY = 40  # segments owed: the writer waits for the gateway
PATIENCE = 240.0  # what stays in doubt without a report waits for a minute first
UNSETTLED = ("queued", "submitting", "in_doubt")

forked = multiprocessing.get_context("forkserver")
forked.set_forkserver_preload(["appliance.cli", "killing"])


# --- what runs beside


def gateway(config: str, log: str) -> None:
    """`appliance gateway`, for as long as it is let live."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.exit(main(["--config", config, "gateway"]))


def decide(url: str, folder: str) -> None:
    """As the page does: alerts are created and then forwarded, declined or withdrawn again; each said once it is so."""
    store.open_store(url, Path(folder))
    with (Path(folder) / "decided").open("a", buffering=1) as said:
        for number in count():
            wait_for(lambda: Segment.select().where(Segment.state << UNSETTLED).count() < PLENTY)
            alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT.format(number), "Lies", real_now(), BIN)
            fate = FATES[number % len(FATES)]
            if fate == DECLINED:
                alerts.decline(alert, "vals alarm", "Lies", "page", real_now(), BIN)
            else:
                alerts.forward(alert, "Lies", "page", real_now(), BIN)
            said.write(f"{alert.id} {FORWARDED if fate == WITHDRAWN else fate}\n")
            if fate == WITHDRAWN:
                alerts.withdraw(alert, "Lies", "page", real_now(), BIN)
                said.write(f"{alert.id} {WITHDRAWN}\n")


def keep(url: str, folder: str) -> None:
    """As another modem's gateway does: texts are kept, a few a second; each said once it is so."""
    store.open_store(url, Path(folder))
    with (Path(folder) / "kept").open("a", buffering=1) as said:
        for number in count():
            words = f"Wat is er aan de hand? {number}"
            text = Text("+32471999999", words, datetime(2026, 11, 25, tzinfo=UTC), None, "", None)
            inbox.keep([text], "b", real_now())
            said.write(f"{words}\n")
            time.sleep(0.05)


@contextmanager
def beside(url: str, folder: Path) -> Iterator[None]:
    """The two writers are at work; they end between two writes of theirs or in the midst of one, as it happens."""
    writers = [forked.Process(target=decide, args=(url, str(folder))),
               forked.Process(target=keep, args=(url, str(folder)))]  # fmt: skip
    for writer in writers:
        writer.start()
    try:
        yield
        assert all(writer.is_alive() for writer in writers), "a writer has ended by itself"
    finally:
        for writer in writers:
            kill(writer)


# --- the killing


def start(url: str, folder: Path) -> ForkServerProcess:
    config = folder / "config.toml"
    if not config.exists():
        config.write_text(CONFIG.format(url=url, folder=folder))
    process = forked.Process(target=gateway, args=(str(config), str(folder / "gateway.log")))
    process.start()
    return process


def kill(process: ForkServerProcess) -> bool:
    """Whether *process* was alive until now."""
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def kill_often(
    url: str, folder: Path, network: Network, kills: int, chance: random.Random, tell: Callable
) -> list[str]:
    """*kills* times: a gateway is started and killed at a random instant, at its start or long after. Members answer:
    returned is what they wrote.

    Every other one is given the time to send something first. One that ends by itself, its seat not free, is no kill.
    """
    done, answered, answers = 0, 0, []
    while done < kills:
        process = start(url, folder)
        if chance.random() < 0.5:
            wait_at_most(5.0, lambda: len(network.airwaves) > answered)  # noqa: B023
        time.sleep(chance.expovariate(1 / 0.3))
        for sent in network.airwaves[answered::5]:
            answers.append(f"OK {len(answers)}")
            network.text(sent.number, answers[-1])
        answered = len(network.airwaves)
        done += kill(process)
        if done % 50 == 0:
            tell(f"{done} of {kills} kills, {answered} texts on the air")
    return answers


def finish(url: str, folder: Path) -> None:
    process = start(url, folder)
    try:
        wait_for(lambda: process.is_alive() and not Segment.select().where(Segment.state << UNSETTLED).exists())
        wait_for(lambda: not Arrival.select().where((Arrival.state == "kept") & (Arrival.kind == "text")).exists())
    finally:
        process.terminate()
        process.join()


def wait_at_most(seconds: float, fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.005)


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.02)


# --- what became of it


def decided(folder: Path) -> dict[int, str]:
    """What the writer was told last of each alert."""
    rows = (line.split() for line in (folder / "decided").read_text().splitlines())
    return {int(alert): fate for alert, fate in rows}


def undone(folder: Path) -> list[int]:
    """Alerts that are not what their writer was told. A decision that it was not told of may have been made."""
    after = {FORWARDED: (AlertState.FORWARDED, AlertState.WITHDRAWN), DECLINED: (AlertState.DECLINED,),
             WITHDRAWN: (AlertState.WITHDRAWN,)}  # fmt: skip
    states = dict(Alert.select(Alert.id, Alert.state).tuples())
    return [alert for alert, fate in decided(folder).items() if states.get(alert) not in after[fate]]


def kept_and_gone(folder: Path) -> set[str]:
    return set((folder / "kept").read_text().splitlines()) - {row.text for row in Arrival.select(Arrival.text)}


def truths(airwaves: list[Sent]) -> Iterator[tuple[Alert, Truth]]:
    """Each alert that was promised, held against what went out."""
    for alert in Alert.select().where(Alert.state << (AlertState.FORWARDED, AlertState.WITHDRAWN)):
        yield alert, truth.hold(alert, airwaves)


def damage() -> list[str]:
    """What the database finds wrong with itself."""
    found = [] if audit.first_broken() is None else ["the chain of the log"]
    if not store.skips_locked():
        return found + [words for (words,) in database.execute_sql("PRAGMA integrity_check") if words != "ok"]
    database.execute_sql("CREATE EXTENSION IF NOT EXISTS amcheck")
    database.execute_sql(
        "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
        " WHERE a.amname = 'btree' AND c.relnamespace = current_schema()::regnamespace"
    ).fetchall()
    for table in database.get_tables():
        rows = database.execute_sql("SELECT * FROM verify_heapam(%s)", (table,)).fetchall()
        found += [f"{table}: {row}" for row in rows]
    return found
