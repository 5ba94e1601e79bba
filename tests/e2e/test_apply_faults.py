"""`penstock apply` when something is away or changes underneath: a clear state in `status`, nothing lost, and it goes on by itself
where nothing is lost."""

import json
import os
import time

import pytest
from support import servers
from support.kafka import Kafka
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

AWAY_SECONDS = int(os.environ.get("PENSTOCK_TEST_BROKER_SECONDS", "30"))
SCHEMA = ["CREATE TABLE a (id int PRIMARY KEY, t text)", "INSERT INTO a SELECT i, 'x' FROM generate_series(1, 200) i",
          "CREATE TABLE b (id int PRIMARY KEY, a_id int, n int)", "INSERT INTO b SELECT i, 1 + i % 200, i FROM generate_series(1, 300) i"]
COLLECTIONS = {"a": "public.a", "b": "public.b",
               "full_a": {"from": "public.a", "fields": {"*": True, "total": "sum(parts.n)"},
                          "embed": {"parts": {"many": "public.b", "join": {"a_id": "id"}, "order_by": "id"}}}}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-apply-faults", settings={"num.partitions": 2}).start()


def configure(pipeline, kafka):
    pipeline.sql(*SCHEMA)
    return pipeline.configure(COLLECTIONS, kafka={"brokers": kafka.address, "prefix": pipeline.name})


def start(shop):
    capture = shop.start(verb="capture")
    shop.wait_streaming()
    apply = shop.start(verb="apply")
    shop.wait_loaded()
    return capture, apply


def expect_equal(shop):
    shop.wait()
    shop.expect_equal()
    totals = {row[0]: row[1] for row in shop.sql("SELECT a.id, sum(b.n) FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY 1")}
    assert {d["_id"]: d["total"] for d in shop.documents("full_a")} == totals


def status(shop, expect=0):
    return json.loads(shop.penstock("status", "--json", expect=expect).stdout)


def change(shop, number):
    shop.transaction(f"UPDATE a SET t = 'y{number}' WHERE id = {1 + number % 200}",
                     f"INSERT INTO b VALUES ({10000 + number}, {1 + number % 200}, {number})")


def test_brokers_and_mongodb_that_are_away_are_waited_for(own_servers, make_pipeline, postgres, kafka, request):
    """While changes come, and with a kill -9 on top."""
    mongo = own_servers.mongo()
    shop = configure(make_pipeline(postgres, mongo), kafka)
    capture, apply = start(shop)
    assert status(shop)["trouble"] is None
    request.addfinalizer(kafka.start_again)
    kafka.stop()
    until, number = time.monotonic() + AWAY_SECONDS, 0
    while time.monotonic() < until:
        change(shop, number)
        number += 1
        time.sleep(0.2)
        if number == 20:
            wait_for(lambda: status(shop, expect=3)["trouble"], 20, "the trouble in status")
            away = status(shop, expect=3)
            assert not away["source"]["reachable"] and away["lag"]["records"] is None
            assert "Kafka" in away["trouble"]["message"]
    assert apply.alive() and capture.alive()
    apply.kill()
    apply = shop.start(verb="apply")  # at its start, too, it waits for the brokers
    kafka.start()
    expect_equal(shop)
    wait_for(lambda: status(shop)["trouble"] is None, 20, "the end of the trouble")
    mongo.members[0].stop()
    for step in range(number + 1, number + 20):
        change(shop, step)
    time.sleep(3)
    assert "MongoDB" in shop.penstock("status", expect=3).stderr and apply.alive()
    mongo.members[0].start()
    mongo.wait_primary()
    expect_equal(shop)
    wait_for(lambda: status(shop)["counts"]["records"], 20, "the counts in status")
    assert apply.stop() == 0 and capture.stop() == 0


def test_a_topic_that_was_made_anew_is_told_by_its_id(pipeline, kafka):
    shop = configure(pipeline, kafka)
    topic = f"{shop.name}.public.a"
    capture, apply = start(shop)
    ids = {d["_id"]["topic"]: d["topic_id"] for d in shop.database.penstock_offsets.find()}
    assert len(ids[topic]) == 22 and ids[topic] != ids[f"{shop.name}.public.b"]
    # What an earlier version stored names no topic: it is taken to be this one.
    assert apply.stop() == 0
    shop.database.penstock_offsets.update_many({}, {"$unset": {"topic_id": ""}})
    apply = shop.start(verb="apply")
    shop.sql("UPDATE a SET t = 'adopted'")
    expect_equal(shop)
    assert {d["_id"]["topic"]: d.get("topic_id") for d in shop.database.penstock_offsets.find({"_id.topic": topic})} == {topic: ids[topic]}
    kafka.delete_topic(topic)
    wait_for(lambda: next(t for t in status(shop)["topics"] if t["topic"] == topic)["missing"], 20, "the missing topic in status")
    time.sleep(6)
    assert apply.alive(), apply.text()[-2000:]
    shop.sql("UPDATE b SET n = n + 1")  # others go on
    wait_for(lambda: shop.document("b", 7)["n"] == 8, 30, "a change of another table")
    # The new topic is longer than the old one was: only its id tells.
    kafka.create_topic(topic, 2)
    shop.sql(*(f"UPDATE a SET t = 'new {number}'" for number in range(4)))
    assert apply.wait() == 4
    assert f"the topic {topic} was made anew" in apply.text() and ids[topic] in apply.text()
    assert "was made anew" in status(shop)["trouble"]["message"] and "teardown" in status(shop)["trouble"]["remedy"]
    assert "was made anew" in shop.penstock("apply", "--until-current", expect=4).stderr
    # The way that it names.
    shop.penstock("resync", "--capture", "--table", "public.a")
    shop.until(lambda: capture.text().count("rows loaded") == 3, 60, "the table to be loaded again")
    shop.penstock("teardown", "--yes")
    apply = shop.start(verb="apply")
    shop.wait_loaded()
    expect_equal(shop)
    assert status(shop)["trouble"] is None
    assert apply.stop() == 0 and capture.stop() == 0


def test_a_table_that_is_renamed_under_the_capture(pipeline, kafka):
    shop = configure(pipeline, kafka)
    capture, apply = start(shop)
    shop.sql("ALTER TABLE a RENAME TO renamed", "INSERT INTO renamed VALUES (1000, 'while renamed')", "UPDATE b SET n = n + 1")
    wait_for(lambda: any("renamed" in t.get("problem", "") for t in json.loads(shop.penstock("status", "--capture", "--json").stdout)["tables"]),
             30, "the renamed table in status")
    wait_for(lambda: shop.document("b", 7)["n"] == 8, 30, "a change of another table")
    assert apply.alive()
    shop.sql("ALTER TABLE renamed RENAME TO a", "UPDATE a SET t = 'back' WHERE id = 5")
    shop.until(lambda: shop.document("a", 1000), 60, "the table that is back")
    expect_equal(shop)
    assert apply.stop() == 0 and capture.stop() == 0
