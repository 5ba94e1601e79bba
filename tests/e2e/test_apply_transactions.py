"""With transaction metadata in Kafka, `penstock apply` keeps source transactions whole over their tables' topics."""

import json
import random
import subprocess
import time

import pymongo
import pytest
from support import servers
from support.compare import View
from support.debezium import connector
from support.kafka import Kafka
from support.pipeline import Background

pytestmark = pytest.mark.on_one_postgres

ACCOUNTS = 20


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-transactions").start()


@pytest.fixture
def bank(pipeline, kafka):
    """Two tables, a topic each with several partitions; money goes from one table to the other."""
    for table in ("checking", "savings"):
        pipeline.sql(f"CREATE TABLE {table} (id int PRIMARY KEY, amount int NOT NULL)",
                     f"INSERT INTO {table} SELECT i, 1000 FROM generate_series(1, {ACCOUNTS}) i")
    settings = connector(pipeline, pipeline.name, **{
        "provide.transaction.metadata": "true", "topic.creation.default.partitions": "4",
        "topic.creation.default.replication.factor": "1", "table.include.list": "public\\.(checking|savings)"})
    file = pipeline.folder / "connector.json"
    file.write_text(json.dumps({"name": pipeline.name, "config": settings}))
    pipeline.configure({"checking": "public.checking", "savings": "public.savings"}, kafka={"brokers": kafka.address})
    definition = json.loads(pipeline.file.read_text())
    definition["source"] = {"connector": "connector.json"}
    pipeline.file.write_text(json.dumps(definition))
    pipeline.connector = file
    return pipeline


def start_capture(bank, kafka, *arguments):
    return bank.start_bare("capture", "--connector", bank.connector, "--brokers", kafka.address, *arguments)


def transfer(bank, chance):
    amount = chance.randint(1, 50)
    rows = chance.choice([1, 1, 3])
    with bank.connect() as connection, connection.transaction():
        for row in sorted(chance.sample(range(1, ACCOUNTS + 1), rows)):  # in one order: no deadlocks
            connection.execute("UPDATE checking SET amount = amount - %s WHERE id = %s", (amount, row))
        for row in sorted(chance.sample(range(1, ACCOUNTS + 1), rows)):
            connection.execute("UPDATE savings SET amount = amount + %s WHERE id = %s", (amount, row))


def total(bank):
    """Of both collections, in one snapshot; None while they are being loaded."""
    with bank.client.start_session(snapshot=True) as session:
        amounts = [d["amount"] for name in ("checking", "savings") for d in bank.database[name].find({}, session=session)]
    return sum(amounts) if len(amounts) == 2 * ACCOUNTS else None


def test_no_reader_ever_sees_half_a_transfer(bank, kafka):
    capture = start_capture(bank, kafka)
    bank.until(lambda: capture.text().count("rows loaded") == 2, 60, "the load")
    chance = random.Random(5)
    transfer(bank, chance)
    bank.until(lambda: f"{bank.name}.transaction" in kafka.topics(), 60, "the topic of transactions")
    apply = bank.start(verb="apply")
    bank.until(lambda: total(bank) is not None, 60, "the documents")
    writers = [Background(lambda seed=seed: transfer(bank, random.Random(chance.random() + seed))) for seed in range(2)]
    broken, looks, kills, next_kill = [], 0, 0, time.monotonic() + 3
    while kills < 4:
        looks += 1
        seen = total(bank)
        if seen != 2 * ACCOUNTS * 1000:
            broken.append(seen)
        if time.monotonic() > next_kill:
            apply.kill()
            apply = bank.start(verb="apply")
            kills += 1
            next_kill = time.monotonic() + chance.uniform(1.5, 3)
    for writer in writers:
        writer.stop()
    assert not broken, f"{len(broken)} of {looks} looks: {broken[:10]}"
    assert looks > 100
    bank.until(lambda: "are applied whole" in apply.text(), 60, "the last one to read")
    transfer(bank, chance)
    bank.until(lambda: bank.status()["counts"]["transactions_whole"] > 0, 30, "the count of whole transactions in status")
    assert bank.status()["counts"]["transactions_incomplete"] == 0 and "applied whole" in bank.penstock("status").stdout
    assert apply.stop() == 0
    assert capture.stop() == 0
    start_capture(bank, kafka, "--until-current").wait()
    bank.penstock("apply", "--until-current")
    bank.expect_equal(*(View(table=f"public.{table}", collection=table) for table in ("checking", "savings")))
    assert "events of it never came" not in bank.log_text()


def test_a_large_transaction_is_applied_in_parts_and_completely(bank, kafka):
    bank.sql("BEGIN; INSERT INTO checking SELECT i, 0 FROM generate_series(1001, 61000) i;"
             " INSERT INTO savings SELECT i, 0 FROM generate_series(1001, 61000) i; COMMIT")
    capture = start_capture(bank, kafka)
    bank.until(lambda: capture.text().count("rows loaded") == 2, 60, "the load")
    bank.sql("BEGIN; UPDATE checking SET amount = amount + 1; UPDATE savings SET amount = amount + 1; COMMIT")
    apply = bank.start(verb="apply")
    for _ in range(3):
        time.sleep(1.2)
        apply.kill()
        apply = bank.start(verb="apply")
    assert capture.stop() == 0
    assert apply.stop() == 0
    start_capture(bank, kafka, "--until-current").wait()
    bank.penstock("apply", "--until-current")
    bank.expect_equal(*(View(table=f"public.{table}", collection=table) for table in ("checking", "savings")))


def test_what_never_comes_is_named_and_not_waited_for_without_end(bank, kafka):
    capture = start_capture(bank, kafka)
    bank.until(lambda: capture.text().count("rows loaded") == 2, 60, "the load")
    transfer(bank, random.Random(7))
    bank.until(lambda: f"{bank.name}.transaction" in kafka.topics(), 60, "the topic of transactions")
    apply = bank.start(verb="apply")
    bank.until(lambda: total(bank) is not None, 60, "the documents")
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", f"{bank.name}.transaction"], check=True, timeout=30, text=True,
                   input=json.dumps({"status": "BEGIN", "id": "4000000000:1", "event_count": None, "data_collections": None, "ts_ms": 1}))
    bank.sql(*[f"UPDATE checking SET amount = {amount} WHERE id = 1" for amount in range(40)],  # some stand behind it in its partition
             "UPDATE checking SET amount = 7 WHERE id = 1")
    bank.until(lambda: bank.document("checking", 1)["amount"] == 7, 60, "what stands behind a BEGIN without an END")
    bank.until(lambda: bank.status()["counts"]["transactions_incomplete"] == 1, 30, "the transaction in status")
    assert "its END never came" in apply.text()
    # BEGINs of what is read again are not read again, and nothing new is written there.
    bank.database["checking"].delete_one({"_id": 2})
    bank.penstock("resync", "--table", "public.checking")
    bank.until(lambda: bank.document("checking", 2), 60, "what is read again")
    assert apply.stop() == 0
    assert capture.stop() == 0
    start_capture(bank, kafka, "--until-current").wait()
    bank.penstock("apply", "--until-current")
    bank.expect_equal(*(View(table=f"public.{table}", collection=table) for table in ("checking", "savings")))
