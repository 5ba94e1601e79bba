"""What an operator does with `penstock apply`: status, wait, verify, check, adopting another consumer's offsets."""

import itertools
import json
import os
import signal
import subprocess
import time

import pytest
from support import servers
from support.kafka import Kafka
from support.pipeline import Background

pytestmark = pytest.mark.on_one_postgres

TABLES = ["CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2))",
          "CREATE TABLE orders (id int PRIMARY KEY, product_id int NOT NULL, status text)",
          "INSERT INTO products SELECT i, 'product ' || i, i * 1.25 FROM generate_series(1, 20) i",
          "INSERT INTO orders SELECT i, 1 + i % 20, 'new' FROM generate_series(1, 60) i"]
PLAIN = {"products": "public.products", "orders": "public.orders"}
READ_MODEL = {"full_orders": {"from": "public.orders",
                              "embed": {"product": {"one": "public.products", "join": {"id": "product_id"}}}}}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-apply-operation", settings={"num.partitions": 2}).start()


@pytest.fixture
def shop(pipeline, kafka):
    pipeline.sql(*TABLES)
    return pipeline.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": pipeline.name})


def topic(shop, table):
    return f"{shop.name}.public.{table}"


def capture(shop):
    shop.penstock("capture", "--until-current")


def apply(shop, *arguments, **options):
    return shop.penstock("apply", "--until-current", *arguments, **options)


def start_both(shop):
    sides = [shop.start(verb="capture")]
    shop.wait_streaming()
    sides.append(shop.start(verb="apply"))
    return sides


def test_status_shows_the_topics_and_what_is_behind(shop):
    before = shop.status()
    assert (before["phase"], before["source"]["kind"], before["writer"]) == ("never ran", "kafka", None)
    assert all(one["missing"] for one in before["topics"])
    assert "missing" in shop.penstock("status").stdout
    capture(shop)
    assert shop.status()["lag"]["records"] > 0
    apply(shop)
    now = shop.status()
    assert now["lag"] == {"bytes": None, "seconds": 0.0, "records": 0}
    assert {t["table"]: t["state"] for t in now["tables"]} == {"public.products": "loaded", "public.orders": "loaded"}
    assert [(one["topic"], len(one["partitions"])) for one in now["topics"]] == [(topic(shop, "products"), 2), (topic(shop, "orders"), 2)]
    assert now["source"]["group"] == f"penstock-apply-{shop.name}" and now["source"]["cluster"]
    shop.sql("UPDATE orders SET status = 'paid' WHERE id <= 7")
    capture(shop)
    behind = shop.status()
    assert 7 <= behind["lag"]["records"] < 60 and behind["lag"]["seconds"] > 0
    assert sum(p["lag"] for p in behind["topics"][0]["partitions"]) == 0
    assert f"{topic(shop, 'orders')}[0]: applied up to" in shop.penstock("status").stdout


def test_status_without_brokers_says_so_and_shows_what_mongodb_knows(shop):
    capture(shop)
    apply(shop)
    away = json.loads(shop.penstock("status", "--json", "--brokers", "127.0.0.1:1", expect=3).stdout)
    assert not away["source"]["reachable"] and away["source"]["error"]
    assert away["lag"]["records"] is None
    assert sum(p["applied"] for p in away["topics"][1]["partitions"]) >= 60


def test_what_was_written_is_read_after_a_wait(shop, kafka):
    shop.configure({**PLAIN, **READ_MODEL}, kafka={"brokers": kafka.address, "prefix": shop.name})
    start_both(shop)
    for number in range(15):
        shop.sql(f"UPDATE orders SET status = 's{number}' WHERE id = {1 + number}",
                 f"UPDATE products SET name = 'n{number}' WHERE id = 3")
        shop.wait()
        assert shop.document("orders", 1 + number)["status"] == f"s{number}"
        assert shop.document("products", 3)["name"] == f"n{number}"
        assert shop.document("full_orders", 2)["product"]["name"] == f"n{number}"


def test_a_wait_goes_by_the_slot_where_no_capture_keeps_its_position(shop, kafka):
    """As with Debezium, which has no topic for it: a pipeline of another name than the capture's."""
    shop.start(verb="capture")
    shop.wait_streaming()
    other = shop.file.with_name("other.yaml")
    settings = json.loads(shop.file.read_text())
    settings["pipeline"] = "other_" + shop.name
    settings["source"] |= {"slot": shop.slot, "publication": shop.publication}
    other.write_text(json.dumps(settings))
    shop.start_bare("apply", other)
    shop.file = other
    for number in range(3):
        shop.sql(f"UPDATE orders SET status = 's{number}' WHERE id = 1")
        shop.wait()
        assert shop.document("orders", 1)["status"] == f"s{number}"


def test_a_wait_for_what_is_not_captured_is_not_answered(shop):
    capture(shop)
    apply(shop)
    shop.penstock("wait", "--lsn", shop.lsn(), "--timeout", "60s")
    shop.sql("UPDATE orders SET status = 'paid' WHERE id = 1")
    not_captured = shop.penstock("wait", "--lsn", shop.lsn(), "--timeout", "3s", expect=1)
    assert "not in the topics" in not_captured.stderr
    capture(shop)
    assert "is applied up to offset" in shop.penstock("wait", "--lsn", shop.lsn(), "--timeout", "3s", expect=1).stderr
    apply(shop)
    shop.penstock("wait", "--lsn", shop.lsn(), "--timeout", "60s")


def test_a_wait_without_a_way_to_know_is_refused(shop):
    refused = shop.penstock("wait", "--lsn", shop.lsn(), expect=2)
    assert f'no replication slot "{shop.slot}"' in refused.stderr


def test_teardown_leaves_the_slot_of_whoever_writes_the_topics(shop):
    capture(shop)
    apply(shop)
    shop.penstock("teardown", "--yes")
    assert shop.slot_row()["restart_lsn"]
    assert shop.status()["phase"] == "never ran"
    assert len(shop.documents("orders")) == 60


def consume(kafka, group, name):
    """A group that has read a topic up to its end, and is gone."""
    subprocess.run(["kcat", "-b", kafka.address, "-G", group, "-X", "auto.offset.reset=earliest", "-q", "-e", name], check=True,
                   capture_output=True, timeout=30)


def test_another_consumers_offsets_are_adopted(shop, kafka):
    group = "connect-" + shop.name
    capture(shop)
    assert "has no offset of" in apply(shop, "--adopt", group, expect=2).stderr
    for table in ("products", "orders"):
        consume(kafka, group, topic(shop, table))
    # The other consumer's documents, with a mark that a record which is read again would take away.
    shop.database["orders"].insert_many([{"_id": i, "id": i, "product_id": 1 + i % 20, "status": "new", "mark": True} for i in range(1, 61)])
    shop.sql("UPDATE orders SET status = 'paid' WHERE id = 7", "DELETE FROM orders WHERE id = 8",
             "INSERT INTO orders SELECT i, 1 + i % 20, 'new' FROM generate_series(61, 120) i")
    capture(shop)
    apply(shop, "--adopt", group)
    rows = {i: (1 + i % 20, "paid" if i == 7 else "new") for i in range(1, 121) if i != 8}
    shown = shop.documents("orders")
    assert {d["_id"]: (d["product_id"], d["status"]) for d in shown} == rows
    assert {d["_id"] for d in shown if "mark" in d} >= set(range(1, 61)) - {7, 8}
    assert not shop.documents("products"), "what the group had read was read again"
    assert "not adopted" in apply(shop, "--adopt", group).stderr


def test_a_group_that_still_consumes_is_not_adopted(shop, kafka):
    capture(shop)
    member = subprocess.Popen(["kcat", "-b", kafka.address, "-G", "busy-" + shop.name, "-X", "auto.offset.reset=earliest", "-q", topic(shop, "orders")],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert member.stdout.readline()
        assert "still consuming" in apply(shop, "--adopt", "busy-" + shop.name, expect=2).stderr
    finally:
        member.kill()
        member.wait()


def test_read_models_are_made_of_the_whole_history_when_a_group_is_adopted(shop, kafka):
    shop.configure(READ_MODEL, kafka={"brokers": kafka.address, "prefix": shop.name})
    capture(shop)
    told = apply(shop, "--adopt", "connect-sink")
    assert "read from the beginning" in told.stderr
    assert len(shop.documents("full_orders")) == 60


def spoil(shop):
    """A wrong field, a missing document and one too many, of a plain collection and of a read model."""
    for name in ("orders", "full_orders"):
        shop.database[name].update_one({"_id": 3}, {"$set": {"status": "spoiled"}})
        shop.database[name].delete_one({"_id": 4})
        shop.database[name].insert_one({"_id": 5000, "id": 5000})


def test_wait_is_not_over_before_the_first_load_is(shop):
    shop.sql("INSERT INTO orders SELECT i, 1 + i % 20, 'new' FROM generate_series(61, 100000) i")
    writing, applying = start_both(shop)
    os.kill(writing.pid, signal.SIGSTOP)
    shop.until(lambda: shop.status()["tables"], 30, "apply to begin")
    said = shop.penstock("wait", "--lsn", shop.lsn(), "--timeout", "2s", expect=1).stderr
    assert "has not loaded" in said or "has not begun" in said, said
    os.kill(writing.pid, signal.SIGCONT)
    shop.wait()
    shop.expect_equal()


def test_verify_finds_what_differs_while_both_sides_are_live_and_repairs_it(shop, kafka):
    shop.configure({**PLAIN, **READ_MODEL}, kafka={"brokers": kafka.address, "prefix": shop.name})
    start_both(shop)
    shop.wait()
    numbers = itertools.count(100)

    def write():
        """Rows that come and go again within a second."""
        number = next(numbers)
        shop.sql(f"INSERT INTO orders VALUES ({number}, 1 + {number} % 20, 'new')", f"UPDATE products SET price = price + 1 WHERE id = 1 + {number} % 5",
                 f"DELETE FROM orders WHERE id = {number} - 3")
        time.sleep(0.2)

    writer = Background(write)
    try:
        for _ in range(2):
            assert "equal" in shop.penstock("verify").stdout
    finally:
        writer.stop()
    spoil(shop)
    found = json.loads(shop.penstock("verify", "--json", expect=1).stdout)
    assert {c["name"]: (c["missing"], c["extra"], c["differing"]) for c in found["collections"]} == {
        "products": (0, 0, 0), "orders": (1, 1, 1), "full_orders": (1, 1, 1)}
    shop.penstock("verify", "--repair")
    shop.penstock("verify")


def test_verify_of_a_pipeline_that_rests(shop):
    assert "never ran" in shop.penstock("verify", expect=1).stderr
    capture(shop)
    apply(shop)
    shop.penstock("verify")
    shop.database["orders"].delete_one({"_id": 9})
    shop.penstock("verify", expect=1)
    shop.sql("UPDATE orders SET status = 'paid' WHERE id = 1")
    assert "no process runs the pipeline" in shop.penstock("verify", expect=1).stderr


def test_check_looks_at_the_topics(shop, kafka):
    first = shop.penstock("check", expect=1).stdout  # no publication yet either
    assert f"topic {topic(shop, 'orders')}" in first and "is not there" in first and "the prefix" in first
    capture(shop)
    there = shop.penstock("check").stdout
    assert "2 partitions" in there and "can be read" in there and "retention.ms=604800000" in there
    apply(shop)
    assert "go on in these topics" in shop.penstock("check").stdout
    shop.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": shop.name, "events": {"decimal.handling.mode": "string"}})
    wrong = shop.penstock("check", expect=1).stdout
    assert "decimal.handling.mode" in wrong
    shop.configure(PLAIN, kafka={"brokers": "127.0.0.1:1", "prefix": shop.name})
    assert "Kafka" in shop.penstock("check", expect=1).stdout


def test_avro_is_named(shop, kafka):
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topic(shop, "orders"), "-k", "1"], check=True, timeout=30,
                   input=b"\0\0\0\0\x07\x02\x06abc")
    assert "Avro" in shop.penstock("check", expect=1).stdout
    refused = apply(shop, expect=4).stderr
    assert "Avro" in refused and "JsonConverter" in refused
