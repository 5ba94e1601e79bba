"""`penstock replay` of a pipeline that is applied from Kafka's topics: collections made anew from the events there, as they are
and as they were; what the topics do not prove is refused."""

import json
import random
import re

import bson
import pytest
from support import servers
from support.kafka import Kafka
from support.process import wait_for
from support.replayed import expect_replayed, now, raw, replay

pytestmark = pytest.mark.on_one_postgres

PARTITIONS = 3
SCHEMA = ["CREATE TABLE orders (id int PRIMARY KEY, status text NOT NULL, note text, total numeric(12,2))",
          "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
          "CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, quantity int NOT NULL)",
          "CREATE TABLE later (id int PRIMARY KEY)",
          "INSERT INTO orders SELECT i, 'new', repeat(md5(i::text), 200), i FROM generate_series(1, 120) i",
          "INSERT INTO lines SELECT i, 1 + i % 120, i % 7 FROM generate_series(1, 400) i"]
COLLECTIONS = {
    "orders": "public.orders", "later": "public.later",
    "full_orders": {"from": "public.orders", "fields": {"*": True, "pieces": "sum(lines.quantity)"},
                    "embed": {"lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id"}}},
    "sold": {"from": "public.lines", "group_by": "order_id", "fields": {"sold": "sum(quantity)"}},
}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-replay", settings={"num.partitions": PARTITIONS}).start()


@pytest.fixture
def shop(pipeline, kafka):
    pipeline.sql(*SCHEMA)
    return pipeline.configure(COLLECTIONS, kafka={"brokers": kafka.address, "prefix": pipeline.name})


def change(pipeline, chance, first):
    for number in range(first, first + 25):
        one, other = chance.randint(1, 120), chance.randint(1, 400)
        pipeline.transaction(*chance.choice([
            [f"INSERT INTO orders VALUES ({number}, 'new', repeat('n', 5000), 1)", f"INSERT INTO lines VALUES ({number}, {number}, 3)"],
            [f"UPDATE orders SET status = 'paid {number}' WHERE id = {one}", f"UPDATE lines SET quantity = quantity + 1 WHERE id = {other}"],
            [f"UPDATE lines SET order_id = {one} WHERE id = {other}"],
            [f"DELETE FROM lines WHERE order_id = {one}", f"DELETE FROM orders WHERE id = {one}"],
            [f"UPDATE orders SET id = {number}, note = 'moved' WHERE id = {one}"]]))


def ends(kafka, topic):
    return {number: kafka.end_offset(topic, number) for number in range(PARTITIONS)}


def wait_captured(pipeline):
    """Until the capture has loaded every table."""
    def loaded():
        tables = json.loads(pipeline.penstock("status", "--capture", "--json").stdout)["tables"]
        return tables and all(table["state"] == "loaded" for table in tables)
    pipeline.until(loaded, 60, "the capture's load")


def test_collections_as_they_are_and_as_they_were(shop):
    """Load, changes, an open transaction around the moment that is asked for, a truncate, over three partitions."""
    capture = shop.start(verb="capture")
    shop.wait_streaming()
    shop.start(verb="apply")
    shop.wait_loaded()
    chance = random.Random(5)
    change(shop, chance, 1000)
    with shop.connect() as open_one:
        open_one.execute("BEGIN; UPDATE orders SET status = 'written before, committed after'; INSERT INTO later VALUES (1)")
        shop.sql("INSERT INTO lines VALUES (5000, 5, 5)")
        shop.wait()
        shop.sql("SELECT pg_create_restore_point('the log goes on')")
        then, lsn, moment = {name: raw(shop, name) for name in COLLECTIONS}, shop.lsn(), now(shop)
        open_one.execute("COMMIT")
    change(shop, chance, 2000)
    shop.wait()
    before_truncate, lsn_before_truncate = {"sold": raw(shop, "sold")}, shop.lsn()
    shop.sql("TRUNCATE lines", "INSERT INTO lines SELECT i, i, 2 FROM generate_series(1, 90) i", "UPDATE orders SET status = status || '.'")
    shop.wait()
    live = {name: raw(shop, name) for name in COLLECTIONS}
    replay(shop, *COLLECTIONS)
    expect_replayed(shop, live)
    # Records do not tell whether the open one had committed by then: they tell the places before and behind it.
    doubt = shop.penstock("replay", "orders", "--as-of", lsn, expect=1).stderr
    without, with_it = re.search("--as-of (\\S+) to leave it out, --as-of (\\S+) to have it in", doubt).groups()
    replay(shop, "full_orders", as_of=without)
    expect_replayed(shop, {"full_orders": then["full_orders"]})
    replay(shop, "later", as_of=with_it)
    assert [d["_id"] for d in shop.documents("later_replay")] == [1]
    replay(shop, "orders", "sold", as_of=moment)
    expect_replayed(shop, {name: then[name] for name in ("orders", "sold")})
    replay(shop, "sold", as_of=lsn_before_truncate)
    expect_replayed(shop, before_truncate)
    one = next(iter(bson.decode(document)["_id"] for document in then["full_orders"].values()))
    shown = json.loads(shop.penstock("replay", "full_orders", "--key", one, "--as-of", without).stdout)
    assert shown["status"] != "written before, committed after" and shown["_id"] == one
    assert "has no document (777777) as of then" in shop.penstock("replay", "orders", "--key", 777777, expect=1).stderr
    assert not [name for name in shop.database.list_collection_names() if name.startswith("penstock_replay_")]
    # Under its new key no record has the value that the change left alone.
    long, = shop.sql("SELECT id FROM orders WHERE length(note) > 5000 LIMIT 1")[0]
    shop.sql(f"UPDATE orders SET id = 8888 WHERE id = {long}")
    shop.wait()
    assert "the row (8888) of public.orders is not known whole" in shop.penstock("replay", "orders", expect=1).stderr
    shop.sql("UPDATE orders SET note = 'short' WHERE id = 8888")
    shop.wait()
    replay(shop, "orders")
    expect_replayed(shop, {"orders": raw(shop, "orders")})
    assert capture.stop() == 0


def test_documents_outlive_their_rows_where_the_pipeline_keeps_them(shop, kafka):
    shop.configure({"orders": {"from": "public.orders", "deletes": "soft"}}, metadata={"change": "changed"},
                   kafka={"brokers": kafka.address, "prefix": shop.name})
    shop.start(verb="capture")
    shop.wait_streaming()
    shop.start(verb="apply")
    shop.wait_loaded()
    shop.sql("DELETE FROM orders WHERE id < 20", "UPDATE orders SET status = 'paid' WHERE id > 100")
    shop.wait()
    replay(shop, "orders")
    live, replayed = ({d["_id"]: d for d in shop.documents(name)} for name in ("orders", "orders_replay"))
    assert live == replayed and len(live) == 120


def test_what_the_topics_do_not_prove_is_refused_with_since_when_they_do(shop, kafka):
    topic = f"{shop.name}.public.orders"
    capture = shop.start(verb="capture")
    shop.wait_streaming()
    wait_captured(shop)
    before = shop.lsn()
    shop.penstock("apply", "--until-current")
    kafka.configure_topic(topic, "cleanup.policy=compact,delete")
    assert f"topic {topic} is compacted" in shop.penstock("replay", "orders", expect=1).stderr
    kafka.configure_topic(topic, "cleanup.policy=delete")
    replay(shop, "orders")
    # The oldest records go, rows of the load among them.
    shop.sql("UPDATE orders SET status = 'paid'")
    wait_for(lambda: sum(ends(kafka, topic).values()) > 240, 30, "the changes in the topic")
    shop.penstock("apply", "--until-current")
    kafka.expire(topic, {number: end - 5 for number, end in ends(kafka, topic).items()})
    refused = shop.penstock("replay", "orders", expect=1).stderr
    assert "cannot prove what public.orders held" in refused and "by the topic's retention" in refused and "penstock resync" in refused
    replay(shop, "sold")
    # A load that stands in the topics from its beginning on.
    shop.penstock("resync", "--capture", "--table", "public.orders")
    shop.until(lambda: sum('"op":"r"' in (r["payload"] or "") for r in kafka.records(topic)) >= 120, 60, "the table to be loaded again")
    wait_captured(shop)
    shop.sql("UPDATE orders SET status = 'sent' WHERE id < 10")
    refused = shop.penstock("replay", "orders", "--as-of", before, expect=1).stderr
    since = refused.split("complete since ")[1].split()[0]
    assert f"use --as-of {since} or later" in refused
    replay(shop, "orders", as_of=since)
    assert {d["_id"] for d in shop.documents("orders_replay")} == set(range(1, 121))
    replay(shop, "orders")
    shop.penstock("apply", "--until-current")
    expect_replayed(shop, {"orders": raw(shop, "orders")})
    assert capture.stop() == 0
