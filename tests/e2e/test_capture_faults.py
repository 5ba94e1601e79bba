"""`penstock capture` under kills, outages and large transactions: every change is in the topics exactly once."""

import itertools
import json
import os
import random
import signal
import time

import pytest
from support import servers
from support.kafka import Kafka
from support.pipeline import Background
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

AWAY_SECONDS = int(os.environ.get("PENSTOCK_TEST_BROKER_SECONDS", "30"))
SCHEMA = ["CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)", "INSERT INTO counters SELECT i, 0 FROM generate_series(1, 20) i",
          "CREATE TABLE rows (id int PRIMARY KEY, a text)", "INSERT INTO rows SELECT i, md5(i::text) FROM generate_series(1, 20000) i"]


@pytest.fixture(scope="module")
def kafka():
    # Transactions of whoever is not heard of any more end soon.
    return Kafka(servers.run_folder(), name="kafka-faults",
                 settings={"transaction.abort.timed.out.transaction.cleanup.interval.ms": 500}).start()


@pytest.fixture
def captured(pipeline, kafka):
    pipeline.sql(*SCHEMA)
    pipeline.configure({"counters": "public.counters", "rows": "public.rows"}, load={"chunk_rows": 500},
                       kafka={"brokers": kafka.address, "prefix": pipeline.name})
    return pipeline


def values(kafka, pipeline, table):
    """[(operation, key, row)] as a reader of committed records sees them."""
    topic = f"{pipeline.name}.public.{table}"
    read = []
    for record in kafka.records(topic) if topic in kafka.topics() else []:
        if record["payload"] is None:
            continue
        value = json.loads(record["payload"])
        read.append((value["op"], json.loads(record["key"])["id"], value["after"]))
    return read


def folded(records):
    rows = {}
    for operation, key, row in records:
        if operation == "d":
            rows.pop(key, None)
        else:
            rows[key] = row
    return rows


def expect_equal(kafka, pipeline, table):
    columns = {"counters": "id, n", "rows": "id, a"}[table]
    rows = pipeline.sql(f"SELECT {columns} FROM {table}")
    names = columns.split(", ")
    assert folded(values(kafka, pipeline, table)) == {row[0]: dict(zip(names, row)) for row in rows}


def wait_for_count(kafka, pipeline, count, seconds=90):
    """Until the newest state of the first counter is there."""
    def reached():
        counters = folded(values(kafka, pipeline, "counters"))
        return counters.get(1, {}).get("n") == count
    wait_for(reached, seconds, f"counter 1 to reach {count}", poll=0.5)


def test_kills_lose_and_double_nothing(captured, kafka):
    """Also while it loads: the chunks are small and the first kills are early."""
    chance = random.Random(7)
    runner = captured.start(verb="capture")
    steps, kills, next_kill = 0, 0, time.monotonic() + 1.5
    while kills < 12:
        steps += 1
        captured.sql("BEGIN; UPDATE counters SET n = n + 1; "
                     f"DELETE FROM rows WHERE id = {steps * 7}; UPDATE rows SET a = 'x{steps}' WHERE id = {steps * 11}; COMMIT")
        time.sleep(chance.uniform(0, 0.06))
        if time.monotonic() > next_kill:
            runner.kill()
            kills += 1
            runner = captured.start(verb="capture")
            next_kill = time.monotonic() + chance.uniform(0.8, 3)
    wait_for_count(kafka, captured, steps)
    wait_for(lambda: len(values(kafka, captured, "rows")) >= 20000, 60, "the load of rows", poll=1)
    assert runner.stop() == 0
    for table in ("counters", "rows"):
        expect_equal(kafka, captured, table)
    for counter in range(1, 21):
        updates = [row["n"] for operation, key, row in values(kafka, captured, "counters") if key == counter and operation == "u"]
        assert updates == list(range(steps + 1 - len(updates), steps + 1)), f"counter {counter}"


def test_a_kill_inside_a_large_transaction_repeats_none_of_its_rows(captured, kafka):
    runner = captured.start(verb="capture")
    captured.until(lambda: runner.text().count("rows loaded") == 2, 60, "the load of both tables")
    captured.sql("BEGIN; INSERT INTO rows SELECT i, 'large' FROM generate_series(100001, 400000) i;"
                 " UPDATE counters SET n = n + 1; COMMIT")
    for _ in range(4):
        time.sleep(0.7)
        runner.kill()
        runner = captured.start(verb="capture")
    wait_for_count(kafka, captured, 1)
    assert runner.stop() == 0
    inserted = [key for operation, key, _ in values(kafka, captured, "rows") if operation == "c"]
    assert inserted == list(range(100001, 400001))


def test_a_broker_that_is_away_is_waited_for(captured, kafka):
    runner = captured.start(verb="capture")
    wait_for(lambda: f"{captured.name}.public.counters" in kafka.topics(), 60, "the load")
    kafka.stop()
    until, steps = time.monotonic() + AWAY_SECONDS, 0
    while time.monotonic() < until:
        captured.sql("UPDATE counters SET n = n + 1")
        steps += 1
        time.sleep(0.5)
    assert runner.alive()
    kafka.start()
    for _ in range(5):
        captured.sql("UPDATE counters SET n = n + 1")
    wait_for_count(kafka, captured, steps + 5)
    assert runner.stop() == 0
    expect_equal(kafka, captured, "counters")


def test_a_capture_that_slept_longer_than_its_transaction_may_last_goes_on(captured, kafka):
    """The brokers have ended its transaction and fenced it, as they do whom another one replaces; nobody did."""
    runner = captured.start("-X", "transaction.timeout.ms=3000", "-X", "message.timeout.ms=3000", verb="capture")
    captured.until(lambda: runner.text().count("rows loaded") == 2, 60, "the load of both tables")
    steps = itertools.count(1)

    def update():
        captured.sql(f"UPDATE counters SET n = {next(steps)}")

    updating = Background(update)
    for _ in range(2):
        time.sleep(1)
        runner.send_signal(signal.SIGSTOP)
        time.sleep(5)
        runner.send_signal(signal.SIGCONT)
        time.sleep(5)
    updating.stop()
    last = next(steps) - 1
    wait_for_count(kafka, captured, last)
    assert "_FENCED" in runner.text() or "requires epoch bump" in runner.text()  # by who notices first
    assert runner.stop() == 0
    assert [row["n"] for operation, key, row in values(kafka, captured, "counters") if key == 1 and operation == "u"] == list(range(1, last + 1))


def test_a_paused_capture_that_was_replaced_writes_nothing_more(captured, kafka):
    first = captured.start(verb="capture")
    wait_for(lambda: f"{captured.name}.public.counters" in kafka.topics(), 60, "the load")
    captured.sql("UPDATE counters SET n = n + 1")
    wait_for_count(kafka, captured, 1)
    first.send_signal(signal.SIGSTOP)
    second = captured.start(verb="capture")
    captured.sql("UPDATE counters SET n = n + 1")
    wait_for_count(kafka, captured, 2)
    first.send_signal(signal.SIGCONT)
    captured.sql("UPDATE counters SET n = n + 1")
    wait_for_count(kafka, captured, 3)
    assert first.wait() == 3, first.text()
    assert second.stop() == 0
    updates = [row["n"] for operation, key, row in values(kafka, captured, "counters") if key == 1 and operation == "u"]
    assert updates == [1, 2, 3]
