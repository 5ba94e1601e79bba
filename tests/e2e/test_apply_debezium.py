"""`penstock apply` on what real Debezium writes: its races, repetitions and snapshots end in documents equal to PostgreSQL."""

import random
import threading

import pytest
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

LONG = ("repeat('0123456789', 400), (SELECT array_agg(i) FROM generate_series(1, 2000) i), decode(repeat('00ff', 2000), 'hex'),"
        " (SELECT array_agg('t' || i) FROM generate_series(1, 900) i), (SELECT jsonb_object_agg('k' || i, md5(i::text)) FROM generate_series(1, 200) i),"
        " repeat('7', 9000)::numeric")
TOAST = ["CREATE TABLE toast (id int PRIMARY KEY, small int, long text, codes int[], raw bytea, texts text[], j jsonb, n numeric)",
         "ALTER TABLE toast ALTER long SET STORAGE EXTERNAL, ALTER codes SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL,"
         " ALTER texts SET STORAGE EXTERNAL, ALTER j SET STORAGE EXTERNAL, ALTER n SET STORAGE EXTERNAL"]


def fill_toast(pipeline, first, last):
    pipeline.sql(f"INSERT INTO toast SELECT id, 1, {LONG} FROM generate_series({first}, {last}) id")


def test_a_delete_and_a_racing_insert_of_one_key(pipeline, feed):
    """The insert's row is written before the delete's, and committed after it: its LSN is the lower one."""
    # The index that is asked first holds the insert up between its row and the primary key.
    pipeline.sql("CREATE TABLE race (id int, gate int UNIQUE, who text)", "ALTER TABLE race ADD PRIMARY KEY (id)",
                 "INSERT INTO race VALUES (1, NULL, 'old')")
    topics = feed("race", ["race"])
    topics.apply()
    with pipeline.connect() as gate, pipeline.connect() as insert:
        gate.execute("BEGIN; INSERT INTO race VALUES (99, 7, 'gate')")
        waiting = insert.execute("SELECT pg_backend_pid()").fetchone()[0]
        racing = threading.Thread(target=insert.execute, args=("INSERT INTO race VALUES (1, 7, 'new')",))
        racing.start()
        wait_for(lambda: pipeline.sql(f"SELECT wait_event_type FROM pg_stat_activity WHERE pid = {waiting}") == [("Lock",)], 20, "the insert to wait")
        pipeline.sql("DELETE FROM race WHERE id = 1")
        gate.execute("ROLLBACK")
        racing.join()
    topics.wait_sent()
    changes = [(e["op"], e["source"]["lsn"]) for e in topics.events("race") if e and e["op"] in "cd"]
    assert [operation for operation, _ in changes] == ["d", "c"]
    assert changes[0][1] > changes[1][1], "the race did not come about"
    topics.expect_equal()
    assert topics.pipeline.document("race", 1)["who"] == "new"


def test_interleaved_transactions(pipeline, feed):
    """Many short transactions that commit in another order than they wrote, over three partitions."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int, who text)", "INSERT INTO item SELECT i, 0, '' FROM generate_series(1, 40) i")
    topics = feed("interleaved", ["item"], **{"topic.creation.default.partitions": 3, "topic.creation.default.replication.factor": 1})
    topics.apply()
    chance = random.Random(3)
    open_ones = [pipeline.connect() for _ in range(6)]
    for step in range(60):
        for number, session in enumerate(open_ones):
            keys = [k for k in range(1, 41) if k % 6 == number]
            if session.info.transaction_status == 0:
                session.execute("BEGIN")
            one = chance.choice(keys)
            session.execute(chance.choice([f"UPDATE item SET n = n + 1, who = 's{number}.{step}' WHERE id = {one}", f"DELETE FROM item WHERE id = {one}",
                                           f"INSERT INTO item VALUES ({one}, {step}, 'again') ON CONFLICT (id) DO UPDATE SET n = -1"]))
            if chance.random() < 0.4:
                session.execute(chance.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))
    for session in open_ones:
        session.execute("COMMIT")
        session.close()
    topics.expect_equal()


def signalled(feed, tables, **settings):
    return feed("signalled", tables, **{"snapshot.mode": "no_data", "signal.data.collection": "public.signals",
                                        "incremental.snapshot.chunk.size": 20, **settings})


def test_an_incremental_snapshot_between_changes(pipeline, feed):
    """Rows that no topic had come by a signal, in chunks, while they change."""
    pipeline.sql("CREATE TABLE signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))",
                 "CREATE TABLE item (id int PRIMARY KEY, n int, who text)", *TOAST, "INSERT INTO item SELECT i, 0, 'before' FROM generate_series(1, 1000) i")
    fill_toast(pipeline, 1, 30)
    topics = signalled(feed, ["item", "toast"], **{"table.include.list": "public.item,public.toast,public.done,public.signals"})
    topics.apply()
    pipeline.sql("INSERT INTO signals VALUES ('one', 'execute-snapshot', '{\"data-collections\": [\"public.item\", \"public.toast\"], \"type\": \"incremental\"}')")
    chance = random.Random(5)
    for step in range(150):
        one = chance.randint(1, 1000)
        pipeline.sql(chance.choice([f"UPDATE item SET n = n + 1 WHERE id = {one}", f"DELETE FROM item WHERE id = {one}",
                                    f"INSERT INTO item VALUES ({2000 + step}, {step}, 'new')", f"UPDATE item SET id = {5000 + step} WHERE id = {one}",
                                    f"UPDATE toast SET small = small + 1 WHERE id = {one % 30 + 1}"]))
    # A row that changed while its chunk was read is left out of the chunk.
    wait_for(lambda: {e["after"]["id"] for e in topics.events("toast") if e and e["op"] in "ru"} == set(range(1, 31)), 120, "the incremental snapshot", poll=1)
    assert any(e and e["op"] == "r" and e["source"]["lsn"] is None for e in topics.events("item")), "an incremental r has no lsn"
    topics.expect_equal()


def test_a_second_snapshot(pipeline, feed):
    """The same rows again as `r`, behind changes that came after the first ones. What was deleted in between no event tells."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, 0 FROM generate_series(1, 200) i", *TOAST)
    fill_toast(pipeline, 1, 5)
    topics = feed("twice", ["item", "toast"], **{"snapshot.mode": "always"})
    topics.apply()
    pipeline.sql("UPDATE item SET n = 1 WHERE id <= 100", "DELETE FROM item WHERE id = 5", "UPDATE toast SET small = 2")
    topics.wait_sent()
    topics.stop()
    pipeline.sql("UPDATE item SET n = 2 WHERE id <= 50", "INSERT INTO item VALUES (777, 0)", "UPDATE toast SET small = 3, long = 'y' WHERE id = 5")
    topics.start()
    pipeline.sql("UPDATE item SET n = 3 WHERE id <= 25", "DELETE FROM item WHERE id = 6", "UPDATE toast SET small = 4")
    assert sum(1 for e in topics.events("item") if e and e["op"] == "r") == 400, "no second snapshot"
    topics.expect_equal()


def test_a_kill_of_connect_inside_a_large_transaction(pipeline, feed):
    """Debezium begins the transaction anew: what was there already comes again."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, 0 FROM generate_series(1, 100) i")
    topics = feed("large", ["item"], **{"provide.transaction.metadata": "true"})
    topics.apply()
    topics.wait_sent()
    pipeline.sql("BEGIN; UPDATE item SET n = 1; INSERT INTO item SELECT i, 1 FROM generate_series(1001, 301000) i; DELETE FROM item WHERE id % 1000 = 0;"
                 " UPDATE item SET n = n + 1 WHERE id <= 100; COMMIT")
    wait_for(lambda: topics.end_offset("item") > 60_000, 60, "a part of the transaction", poll=0.2)
    topics.kill_connect()
    pipeline.sql("UPDATE item SET n = n + 1 WHERE id <= 50")
    topics.expect_equal(seconds=180)
    once = 100 + 100 + 300_000 + 2 * 300 + 100 + 50  # rows read, and events with the deletes' tombstones
    assert topics.end_offset("item") > once, "nothing came again"
    assert "are applied whole" in topics.pipeline.log_text() and "never came" not in topics.pipeline.log_text()


def test_changed_keys_over_several_partitions(pipeline, feed):
    """The old key's delete and the new key's insert lie in different partitions."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, i FROM generate_series(1, 50) i")
    topics = feed("keys", ["item"], **{"topic.creation.default.partitions": 4, "topic.creation.default.replication.factor": 1})
    topics.apply()
    chance = random.Random(9)
    for step in range(200):
        old, new = chance.sample(range(1, 80), 2)
        pipeline.sql(f"UPDATE item SET id = {new}, n = n + 1 WHERE id = {old} AND NOT EXISTS (SELECT FROM item WHERE id = {new})")
    topics.expect_equal()


def test_truncate(pipeline, feed):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, i FROM generate_series(1, 50) i")
    topics = feed("truncated", ["item"], **{"skipped.operations": "none", "provide.transaction.metadata": "true",
                                            "topic.creation.default.partitions": 3, "topic.creation.default.replication.factor": 1})
    topics.apply()
    pipeline.sql("INSERT INTO item VALUES (51, 1)", "TRUNCATE item", "INSERT INTO item VALUES (1, 2), (99, 2)", "UPDATE item SET n = 3 WHERE id = 99")
    topics.expect_equal()
    topics.apply()
    pipeline.sql("BEGIN; INSERT INTO item VALUES (5, 5); TRUNCATE item; INSERT INTO item VALUES (6, 6); COMMIT")
    topics.expect_equal()
    assert [d["_id"] for d in topics.pipeline.documents("item")] == [6]
    assert "are applied whole" in topics.pipeline.log_text() and "never came" not in topics.pipeline.log_text()
