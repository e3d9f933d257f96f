"""Whether the queue stays quick as its history grows, and whether a large alert is one transaction.

Prints: the time to promise 12,000 members two segments each; then, over histories of 1,000 to 1,000,000 segments, the
median and 95th percentile of a claim, of a settle, and of the queries behind the pages.

    python bench/growth.py [--most 1000000] [--postgresql] [--json | --save]

--postgresql starts a server of its own, from Debian's package. --save puts the figures where docs/pictures/draw.py
draws its plot from.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import appliance.store.server  # noqa: F401 - it lets psycopg in, which tests/conftest.py imports
from appliance import alerts, health, store
from appliance.alerts import MessageClass, Source, progress, prospect
from appliance.clock import now
from appliance.models import Alert, Delivery, Member, Segment, Timer, database
from appliance.neighbourhood import Neighbourhood
from appliance.queue import outbox, reports
from appliance.queue.budget import Sim
from appliance.queue.subscription import Subscription
from appliance.store import writing

BIN = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda _: 1)
SIM = Sim("8932", ZoneInfo("Europe/Brussels"), Subscription(segments_per_day=100_000))
ZONE = 12_000
TEXT = "Inbraak bezig in de Kerkstraat. Blijf binnen en bel 101. " * 4
ROUNDS = 100
PEOPLE = 60  # an alert of one BIN, measured on top of the history
BATCH = 400
ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "pictures" / "growth.json"
PLOTTED = ("claim", "settle")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--most", type=int, default=1_000_000)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--save", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name, server(chosen.postgresql) as url:
        store.open_store(url or f"sqlite:///{name}/bin.db", Path(name))
        store.migrate()
        figures = measure(chosen.most)
        database.close()
    if chosen.save:
        save("PostgreSQL" if chosen.postgresql else "SQLite", figures)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{ZONE} members x 2 segments promised in one transaction: {figures['promise_seconds']:.1f} s")
    print(f"{'history':>10}" + "".join(f"{name + ', ms':>22}" for name in figures["growth"][0]["ms"]))
    for row in figures["growth"]:
        cells = (f"{median:.2f} / {most:.2f}" for median, most in row["ms"].values())
        print(f"{row['history']:>10}" + "".join(f"{cell:>22}" for cell in cells))
    print("(median / 95th percentile)")


@contextmanager
def server(wanted: bool) -> Iterator[str]:
    """The address of a PostgreSQL that keeps its promises (fsync), as the tests start one; empty when not *wanted*."""
    if not wanted:
        yield ""
        return
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import Cluster  # noqa: PLC0415 - it needs pytest, and only this needs it

    with tempfile.TemporaryDirectory(prefix="bin-pg-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder), fsync="on")
        try:
            yield cluster.new()
        finally:
            cluster.end()


def save(engine: str, figures: dict[str, object]) -> None:
    """Medians of what the gateway does, by length of the history."""
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    known[engine] = {
        name: [[row["history"], round(row["ms"][name][0], 2)] for row in figures["growth"]] for name in PLOTTED
    }
    FIGURES.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def measure(most: int) -> dict[str, object]:
    enrol(ZONE)
    began = time.perf_counter()
    promise()
    took = time.perf_counter() - began
    settle_all()
    growth, size = [], 1_000
    fresh()
    while size <= most:
        fill(size)
        growth.append({"history": size, "ms": measured()})
        size *= 10
    return {"promise_seconds": took, "growth": growth}


def enrol(how_many: int) -> None:
    rows = [
        {"name": f"Lid {place}", "number": f"+32470{place:06}", "street": f"Straat {place % 300}", "consent": "bench",
         "created_at": now()}
        for place in range(how_many)
    ]  # fmt: skip
    with writing():
        for start in range(0, how_many, BATCH):
            Member.insert_many(rows[start : start + BATCH]).execute()


def promise() -> Alert:
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, TEXT, "Lies", now(), BIN)
    alerts.forward(alert, "Lies", "bench", now(), BIN)
    return alert


def settle_all() -> None:
    """Those that are not yet: a history that was written anew would be measured with its dead rows."""
    with writing():
        Segment.update(state="delivered", attempts=1, modem="a").where(Segment.state != "delivered").execute()


def fresh() -> None:
    """Only one BIN's members from here on: the history is of theirs."""
    with writing():
        for table in (Timer, Segment, Delivery, Alert):
            table.delete().execute()
        Member.delete().where(Member.number >= f"+32470{PEOPLE:06}").execute()


def fill(size: int) -> None:
    """History up to *size* delivered segments, spread over five years, PEOPLE x 2 to an alert."""
    there = Segment.select().count()
    while there < size:
        with writing():
            at = now() - timedelta(days=1826) * (1 - there / size)
            alert = Alert.create(message_class="urgent", source="coordinator", state="closed", original=TEXT, text=TEXT,
                                 created_at=at)  # fmt: skip
            Delivery.insert_many(
                [{"alert": alert, "kind": "alert", "number": f"+32470{place:06}", "text": TEXT, "created_at": at}
                 for place in range(PEOPLE)]
            ).execute()  # fmt: skip
            ids = [row.id for row in Delivery.select(Delivery.id).where(Delivery.alert == alert)]
            rows = [segment(delivery, place, sequence, at) for place, delivery in enumerate(ids) for sequence in (1, 2)]
            Segment.insert_many(rows).execute()
            there += len(rows)
    if store.skips_locked():
        database.execute_sql("ANALYZE")  # as its autovacuum does


def segment(delivery: int, place: int, sequence: int, at: object) -> dict[str, object]:
    return {
        "delivery": delivery, "number": f"+32470{place:06}", "text": TEXT[:150], "encoding": "gsm7",
        "concat_reference": 7, "total": 2, "sequence": sequence, "validity_minutes": 60, "state": "delivered",
        "rank": 10, "turn": place, "due_at": at, "expires_at": at, "attempts": 1, "modem": "a", "claimed_at": at,
        "submitted_at": at, "delivered_at": at, "message_reference": (place + sequence) % 256,
    }  # fmt: skip


def measured() -> dict[str, tuple[float, float]]:
    alert = promise()
    claims, settles = [], []
    for _ in range(ROUNDS):
        taken: list[Segment] = []
        claims.append(timed(lambda: taken.append(outbox.claim("a", now(), SIM))))  # noqa: B023
        settles.append(timed(lambda: outbox.accepted(taken[0], 7, now())))  # noqa: B023
    pages = {
        "alert page": lambda: progress.of(alert), "forecast": lambda: prospect.of(alert, now(), BIN),
        "health": lambda: health.read(now()), "report came": report,
    }  # fmt: skip
    found = {"claim": spread(claims), "settle": spread(settles)}
    found |= {name: spread([timed(query) for _ in range(20)]) for name, query in pages.items()}
    settle_all()
    return found


def report() -> None:
    with writing():
        reports.settle("+32470000003", 7, 0x30, now())


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def spread(milliseconds: list[float]) -> tuple[float, float]:
    return statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[-1]


if __name__ == "__main__":
    main()
