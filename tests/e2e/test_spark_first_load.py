"""spark/first_load.py: one exported snapshot for all that is read, the documents of `penstock run`, and a stream that begins where
the snapshot ends."""

import json
import re

import pytest
from penstock_spark import load_snapshot
from support import servers, spark
from support.compare import View, canonical, same
from support.debezium import connector
from support.ecommerce import MODELS
from support.places import ROOT
from support.process import wait_for

from e2e.test_types import KEYS, PREPARE, TYPES, fill, literal

pytestmark = pytest.mark.on_one_postgres

ROWS = 40000
SHOP = ["CREATE TABLE item (id int PRIMARY KEY, name text, price numeric(10,2), note text)",
        f"INSERT INTO item SELECT i, 'item ' || i, i * 1.25, repeat('x', i % 90) FROM generate_series(1, {ROWS}) i",
        "CREATE TABLE pair (a text, b char(3), v int[], PRIMARY KEY (a, b))",
        "INSERT INTO pair SELECT md5(i::text), 'b' || i % 3, array[i, null, 3] FROM generate_series(1, 3000) i"]
# A session that reads a range, and not the one that Spark asks for the columns.
READING = "application_name = 'penstock first load' AND query NOT LIKE '%1=0%'"


def first_load(pipeline, *arguments, **kind):
    return spark.start_job(pipeline, "first_load.py", *arguments, **kind)


def expect_done(job, seconds=120):
    assert job.wait(seconds) == 0, job.text()[-4000:]


def end_one_that_waits(pipeline):
    """A task waits for the writer's lock: its session is ended, and the task fails."""
    def ended():
        return pipeline.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                            f" AND wait_event_type = 'Lock' AND {READING} LIMIT 1")
    pipeline.until(ended, 60, "a task that waits for the table's lock")


def change_under_a_load(pipeline, job):
    """Every row otherwise, committed after the snapshot and before some of the ranges are read, one of them a second time."""
    pipeline.until(lambda: "reading 2 tables" in job.text(), 120, "the load to read")
    with pipeline.connect() as writer, writer.transaction():
        writer.execute("LOCK TABLE item, pair IN ACCESS EXCLUSIVE MODE")
        end_one_that_waits(pipeline)
        writer.execute("UPDATE item SET note = 'changed', price = price + 1")
        writer.execute("DELETE FROM item WHERE id % 4 = 0")
        writer.execute(f"INSERT INTO item VALUES ({ROWS + 1}, 'new', 0, NULL)")
        writer.execute("UPDATE pair SET b = 'z'")


def sessions(log):
    """What each session that reads ranges ran: the statements' texts by process."""
    ran = {}
    for line in log.splitlines():
        if match := re.match(r"\S+ \S+ \S+ \[(\d+)\] LOG:  (?:execute \S+|statement): +(.*)", line):
            ran.setdefault(match[1], []).append(match[2])
    return [statements for statements in ran.values() if any(s.startswith('SELECT "c0"') for s in statements)]


def test_all_tries_read_one_snapshot_and_the_stream_begins_there(pipeline, kafka):
    pipeline.sql(*SHOP, *(f"CREATE TABLE {table}_before AS TABLE {table}" for table in ("item", "pair")),
                 f"ALTER DATABASE {pipeline.name} SET log_statement = 'all'")
    pipeline.configure({"item": "public.item", "pair": "public.pair"}, kafka={"brokers": kafka.address, "prefix": pipeline.name})
    server_log = servers.run_folder() / f"{pipeline.postgres.name}.log"
    logged = server_log.stat().st_size

    lost = first_load(pipeline, "--partitions", 6)  # a driver that dies leaves nothing that pins WAL
    pipeline.until(lambda: "reading 2 tables" in lost.text(), 120, "the load to read")
    with pipeline.connect() as writer, writer.transaction():
        writer.execute("LOCK TABLE pair IN ACCESS EXCLUSIVE MODE")  # so that it cannot come to its end
        pipeline.until(lambda: pipeline.database["item"].find_one(), 60, "the first documents")
        lost.kill()
    wait_for(lambda: not pipeline.sql(f"SELECT 1 FROM pg_replication_slots WHERE database = '{pipeline.name}'"), 30, "the slot to go")
    for table in ("item", "item_before"):
        pipeline.sql(f"DELETE FROM {table} WHERE id % 10 = 0")

    load = first_load(pipeline, "--partitions", 6, "--clear", "--no-arrow", master="local[2,4]")
    change_under_a_load(pipeline, load)
    expect_done(load)
    assert re.search(r"[1-9]\d* ranges by another try", load.text()), load.text()
    pipeline.expect_equal(View(table="public.item_before", collection="item", key=["id"]),
                          View(table="public.pair_before", collection="pair", key=["a", "b"]))
    expect_snapshot_first(server_log.read_bytes()[logged:].decode(errors="replace"), ranges=12)
    expect_no_gap(pipeline, kafka)


def expect_snapshot_first(log, ranges):
    found = sessions(log)
    assert len(found) > ranges, "more sessions than ranges: one was read again"
    for statements in found:
        begin = statements.index("BEGIN")
        assert statements[begin + 1] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", statements
        assert statements[begin + 2].startswith("SET TRANSACTION SNAPSHOT '"), statements
        assert not any(s.startswith(("SELECT", "WITH")) for s in statements[:begin]), statements


def expect_no_gap(pipeline, kafka):
    """What was committed since the snapshot comes through Kafka, each change once, and the documents follow the rows."""
    pipeline.sql("UPDATE item SET name = name || '.' WHERE id < 100", "INSERT INTO item VALUES (-1, 'newer', 1, NULL)")
    side = pipeline.name
    settings = connector(pipeline, side, **{"snapshot.mode": "no_data", "slot.name": pipeline.slot, "publication.name": pipeline.publication,
                                            "publication.autocreate.mode": "disabled"})
    file = pipeline.folder / "connector.json"
    file.write_text(json.dumps({"name": side, "config": settings}))
    capture = pipeline.start_bare("capture", "--connector", file, "--brokers", kafka.address, "--until-current")
    assert capture.wait(120) == 0, capture.text()[-3000:]
    events = [json.loads(record["payload"]) for record in kafka.records(f"{side}.public.item") if record["payload"]]
    kinds = [event["op"] for event in events]
    left = ROWS - ROWS // 10
    deleted = pipeline.sql("SELECT count(*) FROM item_before WHERE id % 4 = 0")[0][0]
    renamed = pipeline.sql("SELECT count(*) FROM item WHERE name LIKE '%.'")[0][0]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {"c": 2, "d": deleted, "u": left + renamed}

    stream = spark.start_job(pipeline, "stream.py", "--trigger", "available now")
    expect_done(stream)
    pipeline.expect_equal()


def keyed(pipeline, kinds):
    """A table for each type of a key: {its name: itself}."""
    for number, (kind, values) in enumerate(kinds.items()):
        rows = ", ".join(f"({literal(value)}::{kind}, {i})" for i, value in enumerate(values))
        pipeline.sql(f"CREATE TABLE keyed_{number} (k {kind} PRIMARY KEY, n int)", f"INSERT INTO keyed_{number} VALUES {rows}")
    return {f"keyed_{number}": f"public.keyed_{number}" for number in range(len(kinds))}


def test_documents_are_those_of_run(pipeline):
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(TYPES))
    pipeline.sql(*PREPARE, f"CREATE TABLE zoo (id int PRIMARY KEY, {columns})", (ROOT / "examples" / "ecommerce" / "schema.sql").read_text())
    fill(pipeline, "zoo")
    fields = {"*": True, "phone": False, "customer": "customer_name"}
    kinds = {kind: KEYS[kind] for kind in ("double precision", "timestamp", "int4range")} | {"citext": ["a", "B", "c"], "address": ["(a,1,{})", "(b,,)"]}
    collections = {"zoo": "public.zoo", "products": "public.products", "orders": {"from": "public.orders", "fields": fields}, **keyed(pipeline, kinds),
                   "order_details": {"from": "public.order_details", "indexes": [{"keys": {"order_id": 1}}]}, **MODELS}
    metadata = {"change": "cdc_changed", "time": "cdc_time"}
    pipeline.configure(collections, metadata=metadata)
    direct = pipeline.beside("direct")
    direct.configure(collections, metadata=metadata, source={"slot": f"{pipeline.name}_direct", "publication": f"{pipeline.name}_direct"})
    job = first_load(pipeline, "--partitions", 2, master=spark.CLUSTER)
    direct.run_until_current()
    expect_done(job)
    assert "read whole" not in job.text(), job.text()
    for name in collections:
        ours, theirs = ({canonical(d["_id"]): d for d in side.documents(name)} for side in (pipeline, direct))
        for documents in (ours, theirs):
            for document in documents.values():
                assert document.pop("cdc_time") is not None
        assert theirs and ours.keys() == theirs.keys()
        different = [(key, ours[key], theirs[key]) for key in ours if list(ours[key]) != list(theirs[key]) or not same(ours[key], theirs[key])]
        assert not different, different[0]
    assert "order_id_1" in pipeline.database["order_details"].index_information()

    again = first_load(pipeline)
    assert again.wait() == 3
    assert f"replication slot {pipeline.slot} is there already" in again.text() and "pg_drop_replication_slot" in again.text()


def taken(pipeline, slot, *tables):
    snapshot = load_snapshot.LoadSnapshot(pipeline.postgres_url, slot)
    snapshot.check()
    snapshot.publish(pipeline.publication, [f"public.{table}" for table in tables])
    snapshot.take([f'"public"."{table}"' for table in tables])
    return snapshot


def test_a_load_does_not_count_when_a_table_was_emptied_or_rewritten_under_it(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "CREATE TABLE log (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                 "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10)")
    for number, change in enumerate(["TRUNCATE item", "ALTER TABLE item ALTER n TYPE bigint", "ALTER TABLE item DROP n", "TRUNCATE log_1"]):
        snapshot = taken(pipeline, f"{pipeline.slot}_{number}", "item", "log")
        pipeline.sql(change)
        with pytest.raises(load_snapshot.Refused, match="emptied or rewritten"):
            snapshot.keep_slot()
        snapshot.close()
    held = taken(pipeline, pipeline.slot, "item", "log")
    with pytest.raises(load_snapshot.Refused, match="another first load"):
        taken(pipeline, pipeline.slot, "item")
    pipeline.sql("INSERT INTO item VALUES (1)", "INSERT INTO log VALUES (1)")
    held.keep_slot()
    held.close()
    kept = pipeline.sql("SELECT slot_name::text, temporary, confirmed_flush_lsn::text FROM pg_replication_slots WHERE database = current_database()")
    assert kept == [(pipeline.slot, False, held.lsn)]
