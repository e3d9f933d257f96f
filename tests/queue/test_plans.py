"""No query of the gateway's loop or of a page reads a whole table of texts: years of history cost nothing.

PostgreSQL reads a small table whole, whatever its indexes; it is told not to. What it still reads whole has no index.
"""

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from appliance import alerts, health, intake, store
from appliance.alerts import MessageClass, Source, progress, prospect
from appliance.arrivals import Text
from appliance.models import database
from appliance.queue import budget, inbox, outbox, reports
from appliance.queue.budget import Sim
from appliance.queue.subscription import Room, Subscription
from appliance.web import reading

SIM = Sim("8932", ZoneInfo("Europe/Brussels"), Subscription(350, 10_000, 30, 20, pace_urgent=True, tariff=6000))
GROWING = ("segment", "delivery", "arrival")


@pytest.fixture
def busy(street):
    """A street with an alert on its way and a reply to it."""
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    outbox.accepted(outbox.claim("a", street.now), 1, street.now)
    text = Text("+32470000201", "OK", street.now, None, "", None)
    inbox.keep([text], "a", street.now)
    street.alert = alert
    return street


WORK: dict[str, Callable] = {
    "a claim": lambda s: outbox.claim("a", s.now, SIM),
    "an outcome": lambda s: outbox.accepted(outbox.claim("a", s.now), 2, s.now),
    "a delivery report": lambda s: reports.settle("+32470000101", 1, 0, s.now),
    "a delivery report that nobody waits for": lambda s: reports.settle("+32470000999", 1, 0, s.now),
    "a withdrawal": lambda s: alerts.withdraw(s.alert, "Lies", "page", s.now, s.bin),
    "a restart": lambda s: outbox.doubt_interrupted("a", s.now),
    "the ceiling": lambda s: (budget.used(SIM, s.now), budget.say(SIM, Room.DECIDED, s.now), budget.held_urgent(s.now)),
    "the order": lambda s: outbox.failing(s.now),
    "the timers": lambda s: (alerts.release_delayed(s.now, s.bin), alerts.follow_up(s.now, s.bin)),
    "what came in": lambda s: [intake.act(arrival, s.now, s.bin) for arrival in inbox.waiting(s.now)],
    "a receipt": lambda s: alerts.confirm("+32470000201", "reply", s.now),
    "the page of an alert": lambda s: progress.of(s.alert),
    "who is silent": lambda s: (alerts.how_many_silent(s.alert), alerts.silent_deliveries(s.alert)),
    "the forecast": lambda s: prospect.of(s.alert, s.now, s.bin),
    "what nobody has read": lambda s: reading.unread(),
    "the start page": lambda s: (reading.last_sent(), reading.delayed(), reading.to_acknowledge()),
    "the list of alerts": lambda s: reading.latest_alerts(),
    "the inbox": lambda s: (reading.arrivals(False), reading.arrivals(True)),
    "lamp and status": lambda s: health.read(s.now),
}


@pytest.mark.parametrize("work", WORK)
def test_it_finds_what_it_needs_by_an_index(busy, caplog, work):
    caplog.set_level(logging.DEBUG, "peewee")
    WORK[work](busy)
    asked = [record.msg for record in caplog.records if record.name == "peewee"]
    caplog.clear()
    scans = [(step, sql) for sql, values in asked for step in plan(sql, values) if reads_all(step, sql)]
    assert asked
    assert scans == []


def test_a_query_without_an_index_is_seen(busy):
    sql = 'SELECT "t1"."id" FROM "segment" AS "t1" WHERE ("t1"."text" = \'x\')'
    assert [step for step in plan(sql, ()) if reads_all(step, sql)]


def plan(sql: str, values: object) -> list[str]:
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    if not store.skips_locked():
        return [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
    for way in ("seqscan", "sort"):
        database.execute_sql(f"SET enable_{way} = off")
    return [step for (step,) in database.execute_sql(f"EXPLAIN (COSTS OFF) {sql}", values).fetchall()]


def reads_all(step: str, sql: str) -> bool:
    """Whether *step* of a plan goes through a growing table; an index that gives the order up to a LIMIT does not."""
    if any(f"Seq Scan on {table} " in f"{step} " for table in GROWING):
        return True
    if not step.startswith("SCAN") or "CONSTANT" in step:
        return False
    alias = step.split()[1]
    tables = [table for table in GROWING if f'"{table}" AS "{alias}"' in sql or alias == table]
    return bool(tables) and not ("USING" in step and "LIMIT" in sql)


def test_a_claim_sorts_nothing_however_long_the_queue_is(busy, caplog):
    caplog.set_level(logging.DEBUG, "peewee")
    outbox.claim("a", busy.now)
    asked = [record.msg for record in caplog.records if record.name == "peewee"]
    steps = [step for sql, values in asked for step in plan(sql, values)]
    assert not [step for step in steps if "TEMP B-TREE" in step or "Sort" in step]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_one_text_costs_two_commits_and_few_questions(busy):
    """The modem waits for each of them: what cannot have changed is not asked again."""
    asked: list[str] = []
    database.connection().set_trace_callback(asked.append)
    outbox.accepted(outbox.claim("a", busy.now, SIM), 2, busy.now)
    database.connection().set_trace_callback(None)
    assert asked.count("COMMIT") == 2
    assert len(asked) <= 15


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"])
def test_each_question_gets_a_plan_of_its_own(busy):
    """Once nearly every segment is delivered, one plan for "any state" would read them all to find the queued ones."""
    for _ in range(20):
        outbox.oldest_owed(busy.now)
    plans = "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement ~ 'segment'"
    general, own = database.execute_sql(plans).fetchone()
    assert general == 0 < own
