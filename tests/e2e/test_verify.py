"""penstock verify: equal under load, every kind of difference found with its key and path, and repaired."""

import json
import subprocess
import threading
import time

import bson
import psycopg
import pytest
from bson import Decimal128
from support import chaos
from support.pipeline import Background
from support.process import wait_for

ROWS = 3000


def verify(pipeline, *arguments, expect=0, timeout=120):
    """The report of `verify --json`."""
    done = pipeline.penstock("verify", "--json", *arguments, expect=expect, timeout=timeout)
    report = json.loads(done.stdout)
    assert report["equal"] == (expect == 0), done.stdout
    report["log"] = done.stderr
    return report


def by_name(report):
    return {c["name"]: c for c in report["collections"]}


def shop(pipeline, rows=ROWS, **settings):
    """Plain collections with every shape of key, arrays and JSON."""
    pipeline.sql(
        "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), tags int[], info jsonb)",
        f"INSERT INTO item SELECT i, 'name ' || i, i * 1.25, ARRAY[i, i + 1, i + 2],"
        f" jsonb_build_object('n', i, 'deep', jsonb_build_object('a', 1, 'b', 2)) FROM generate_series(1, {rows}) i",
        "CREATE TABLE stock (shop text, item int, at timestamptz, n numeric NOT NULL, PRIMARY KEY (shop, item, at))",
        "INSERT INTO stock SELECT 's' || i % 7, i, '2024-01-01 10:00:00.123456+00'::timestamptz + i * interval '1 s', i"
        " FROM generate_series(1, 500) i",
        "CREATE TABLE rate (id numeric PRIMARY KEY, t text)",
        "INSERT INTO rate SELECT i / 4.0, 'r' FROM generate_series(1, 400) i",
        "CREATE TABLE nothing (id int PRIMARY KEY)")
    return pipeline.configure({"items": "public.item", "stocks": "public.stock", "rates": "public.rate",
                               "nothings": "public.nothing"}, **settings)


def test_equal_while_writers_run(pipeline):
    """Key changes, unchanged TOAST, truncates, split transactions: no false alarm at any moment."""
    chaos.create(pipeline, ROWS)
    pipeline.start_and_wait()
    load = chaos.Workload(pipeline, writers=3, seed=4)
    try:
        positions = []
        for _ in range(6):
            report = verify(pipeline, "--limit", "5")
            assert report["one_position"], report["log"]
            assert by_name(report)["items"]["compared"] > 0
            for collection in report["collections"]:
                assert collection["digest_postgres"] == collection["digest_mongodb"]
                assert collection["expected"] == collection["stored"] == collection["compared"]
            positions.append(report["position"])
    finally:
        load.stop()
    assert len(set(positions)) == len(positions), "the writers wrote meanwhile"
    pipeline.expect_equal_now()
    assert pipeline.sql("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'penstock_verify%'") == [(0,)]


def plant(database):
    """Ten differences: (collection, `_id` in the report, kind, path) of each."""
    items, stocks, rates = database.items, database.stocks, database.rates
    items.update_one({"_id": 10}, {"$set": {"name": "other"}})
    items.update_one({"_id": 11}, {"$set": {"price": Decimal128("13.8")}})
    items.update_one({"_id": 12}, {"$set": {"tags.0": 13, "tags.1": 12}})
    items.update_one({"_id": 13}, {"$unset": {"info.deep.a": 1}})
    items.update_one({"_id": 14}, {"$set": {"new": 1}})
    items.update_one({"_id": 15}, {"$set": {"id": bson.Int64(15)}})
    items.delete_one({"_id": 16})
    stock = stocks.find_one({"_id.item": 77})
    stocks.delete_one({"_id": stock["_id"]})
    items.insert_one({"_id": 999_999, "name": "one too many"})
    rates.insert_one({"_id": Decimal128("7.125"), "t": "one too many"})
    return [("items", 10, "differs", "name"), ("items", 11, "differs", "price"), ("items", 12, "differs", "tags.0"),
            ("items", 13, "differs", "info.deep.a"), ("items", 14, "differs", "new"), ("items", 15, "differs", "id"),
            ("items", 16, "missing", None), ("stocks", dict(stock["_id"]), "missing", None),
            ("items", 999_999, "extra", None), ("rates", {"$numberDecimal": "7.125"}, "extra", None)]


def summary(report):
    return [(d["collection"], d["id"], d["kind"], d["fields"][0]["path"] if d["fields"] else None)
            for d in report["differences"]]


def test_planted_differences_are_found_and_repaired(pipeline):
    shop(pipeline)
    pipeline.start_and_wait()
    assert verify(pipeline)["different"] == 0
    planted = plant(pipeline.database)
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == sorted(planted, key=str)
    assert report["different"] == len(planted)
    fields = {d["id"]: d["fields"] for d in report["differences"] if d["collection"] == "items"}
    assert fields[10] == [{"path": "name", "expected": "name 10", "found": "other"}]
    assert fields[11] == [{"path": "price", "expected": {"$numberDecimal": "13.75"},
                           "found": {"$numberDecimal": "13.8"}}]
    assert fields[12] == [{"path": "tags.0", "expected": 12, "found": 13}, {"path": "tags.1", "expected": 13, "found": 12}]
    assert fields[14] == [{"path": "new", "found": 1}]
    assert fields[15] == [{"path": "id", "expected": {"$numberInt": "15"}, "found": {"$numberLong": "15"}}]
    items = by_name(report)["items"]
    assert (items["missing"], items["extra"], items["differing"]) == (1, 1, 6)
    assert items["digest_postgres"] != items["digest_mongodb"]
    assert by_name(report)["nothings"]["equal"]

    text = pipeline.penstock("verify", "--limit", "2", expect=1).stdout
    assert "items: 3,000 documents: 1 missing, 1 too many, 6 different" in text
    assert "and 8 more" in text

    repaired = verify(pipeline, "--repair")
    assert repaired["repaired"] == len(planted)
    assert repaired["differences"] == []
    pipeline.expect_equal_now()
    assert verify(pipeline)["different"] == 0


def test_a_repair_under_load(pipeline):
    shop(pipeline)
    pipeline.start_and_wait()
    counter = iter(range(10**9))

    def write():
        i = next(counter)
        pipeline.transaction(f"UPDATE item SET price = price + 1 WHERE id % 100 = {i % 100}",
                             f"INSERT INTO rate VALUES ({1000 + i}, 'new')")

    load = Background(write)
    try:
        pipeline.database.items.delete_many({"_id": {"$lt": 200}})
        pipeline.database.items.update_many({"_id": {"$gt": 2900}}, {"$set": {"name": "wrong"}})
        report = verify(pipeline, "--repair")
        # The writers mend some of them.
        assert 100 < report["repaired"] <= 299
    finally:
        load.stop()
    pipeline.expect_equal_now()


def test_documents_of_other_programs_are_named_and_left_alone(pipeline):
    shop(pipeline)
    runner = pipeline.start_and_wait()
    pipeline.database.items.insert_one({"_id": "not a key", "name": "x"})
    pipeline.database.items.insert_one({"_id": bson.ObjectId("0123456789abcdef01234567")})
    pipeline.database.stocks.insert_one({"_id": {"shop": "s1"}, "n": 1})
    pipeline.database.nothings.insert_one({"_id": "x"})
    report = verify(pipeline, "--repair", expect=1)
    assert report["different"] == 4
    assert {d["kind"] for d in report["differences"]} == {"extra"}
    assert 'db.getCollection("items").deleteOne({_id: "not a key"})' in report["log"]
    assert runner.alive(), "a key that PostgreSQL cannot read must not reach the pipeline"
    pipeline.sql("UPDATE item SET name = 'after' WHERE id = 1")
    pipeline.wait()
    assert pipeline.document("items", "not a key") is not None


def test_soft_deletes_and_metadata(pipeline):
    shop(pipeline, deletes="soft", metadata={"change": "cdc_changed", "time": "cdc_time"})
    pipeline.start_and_wait()
    pipeline.sql("DELETE FROM item WHERE id <= 100", "UPDATE item SET name = 'u' WHERE id = 200",
                 "TRUNCATE rate", "INSERT INTO rate VALUES (1, 'again')")
    pipeline.wait()
    report = verify(pipeline)
    assert by_name(report)["items"]["stored"] == ROWS - 100
    pipeline.database.items.update_one({"_id": 300}, {"$set": {"cdc_changed": "deleted"}})
    pipeline.database.items.update_one({"_id": 301}, {"$set": {"cdc_time": None}})
    pipeline.database.items.insert_one({"_id": 50_000, "cdc_changed": "inserted"})
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == [("items", 300, "differs", "cdc_changed"),
                                                ("items", 50_000, "extra", None)]
    assert verify(pipeline, "--repair")["repaired"] == 2
    assert pipeline.document("items", 300)["cdc_changed"] != "deleted"


def test_the_collections_and_the_part_asked_for(pipeline):
    shop(pipeline)
    pipeline.start_and_wait()
    pipeline.database.rates.update_many({}, {"$set": {"t": "wrong"}})
    report = verify(pipeline, "--collection", "items", "--collection", "stocks")
    assert [c["name"] for c in report["collections"]] == ["items", "stocks"]
    sample = verify(pipeline, "--sample", "25%", "--limit", "1000", expect=1)
    rates = by_name(sample)["rates"]
    assert rates["expected"] == rates["stored"] == 400
    assert 50 < rates["compared"] < 150 and rates["differing"] == rates["compared"] == len(sample["differences"])
    pipeline.database.items.insert_one({"_id": 123_456})
    assert by_name(verify(pipeline, "--sample", "1%", "--collection", "items", expect=1))["items"]["extra"] == 1
    wrong = pipeline.penstock("verify", "--collection", "item", expect=2)
    assert 'no collection "item"' in wrong.stderr and "items" in wrong.stderr
    assert "part of a whole" in pipeline.penstock("verify", "--sample", "0", expect=2).stderr


def test_a_pipeline_that_rests(pipeline):
    shop(pipeline)
    assert "never ran" in pipeline.penstock("verify", expect=1).stderr
    pipeline.run_until_current()
    assert verify(pipeline)["different"] == 0, "nothing was published since"
    pipeline.sql("CREATE TABLE unpublished (id int)", "INSERT INTO unpublished VALUES (1)")
    assert verify(pipeline)["different"] == 0
    pipeline.sql("UPDATE item SET name = 'changed' WHERE id < 4")
    behind = pipeline.penstock("verify", expect=1)
    assert "no process runs the pipeline" in behind.stderr and "3 changes" in behind.stderr
    pipeline.run_until_current()
    assert verify(pipeline)["different"] == 0
    pipeline.database.items.delete_one({"_id": 5})
    later = verify(pipeline, "--repair", expect=1)
    assert "its next start repairs 1 documents" in later["log"]
    pipeline.run_until_current()
    assert verify(pipeline)["different"] == 0


def test_a_long_transaction_is_named_and_waited_for(pipeline):
    shop(pipeline)
    pipeline.start_and_wait()
    with psycopg.connect(pipeline.postgres_url, application_name="slow_report") as slow:
        slow.execute("UPDATE item SET name = 'slow' WHERE id = 1")
        process = subprocess.Popen(pipeline.command("verify"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = []
        thread = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
        thread.start()
        try:
            wait_for(lambda: any("slow_report" in line for line in said), 30, "the transaction to be named")
            assert process.poll() is None
            slow.commit()
            out = process.communicate(timeout=60)[0]
        finally:
            process.kill()
    thread.join(10)
    assert process.returncode == 0, "".join(said)
    assert "equal" in out


def test_interrupted_it_leaves_nothing_behind(pipeline, tmp_path):
    shop(pipeline)
    pipeline.start_and_wait()
    folder = tmp_path / "scratch"
    with psycopg.connect(pipeline.postgres_url) as slow:
        slow.execute("UPDATE item SET name = 'slow' WHERE id = 1")
        process = subprocess.Popen(pipeline.command("verify", "--state-dir", folder), stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        wait_for(folder.exists, 30, "verify to begin")
        process.terminate()
        said = process.communicate(timeout=30)[0]
    assert process.returncode == 1, said
    assert list(folder.iterdir()) == []
    wait_for(lambda: pipeline.sql("SELECT count(*) FROM pg_replication_slots WHERE temporary") == [(0,)], 10,
             "the temporary slot to go")
    verify(pipeline, "--state-dir", folder)
    assert list(folder.iterdir()) == []


def plant_two(database):
    """The workload changes keys: whichever is there."""
    item = database.items.find_one({"_id": {"$lt": 10_000}})["_id"]
    account = database.accounts.find_one()["_id"]
    database.items.update_one({"_id": item}, {"$set": {"n": "planted"}})
    database.accounts.delete_one({"_id": account})
    return ("items", item, "differs", "n"), ("accounts", account, "missing", None)


def fail_next_finds(pipeline, namespace, times):
    pipeline.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": {
        "failCommands": ["find", "aggregate"], "errorCode": 239, "namespace": f"{pipeline.name}.{namespace}"}})


@pytest.mark.parametrize("times", [1, 4])
def test_a_snapshot_that_is_too_old_is_gone_on_from(pipeline, times):
    """Another moment is taken; what changed in between is compared as of then."""
    chaos.create(pipeline, ROWS)
    pipeline.start_and_wait()
    load = chaos.Workload(pipeline, writers=3, seed=5)
    try:
        fail_next_finds(pipeline, "items", times)
        report = verify(pipeline)
        assert not report["one_position"]
        assert "minSnapshotHistoryWindowInSeconds" in report["log"]
        assert by_name(report)["items"]["digest_postgres"] is None
    finally:
        load.stop()
        pipeline.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    pipeline.wait()
    item, account = plant_two(pipeline.database)
    pipeline.database.items.insert_one({"_id": bson.Int64(77_777_777), "n": 1})
    fail_next_finds(pipeline, "items", times)
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == [account, item, ("items", 77_777_777, "extra", None)]


@pytest.mark.on_one_postgres
def test_a_standalone_server_is_compared_until_it_holds_still(own_servers, make_pipeline):
    pipeline = make_pipeline(own_servers.postgres(15), own_servers.standalone())
    chaos.create(pipeline, 1000)
    definition = json.loads(pipeline.file.read_text())
    definition["sink"]["delivery"] = "idempotent"
    pipeline.file.write_text(json.dumps(definition))
    pipeline.start_and_wait()
    load = chaos.Workload(pipeline, writers=2, seed=6)
    try:
        report = verify(pipeline)
        assert "has no snapshots" in report["log"]
    finally:
        load.stop()
    pipeline.wait()
    item, account = plant_two(pipeline.database)
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == [account, item]


@pytest.mark.on_one_postgres
def test_no_password_is_shown(pipeline):
    shop(pipeline)
    pipeline.start_and_wait()
    pipeline.sql(f"CREATE ROLE {pipeline.name}_r LOGIN REPLICATION PASSWORD 's3cr3t-w0rd'")
    try:
        definition = json.loads(pipeline.file.read_text())
        definition["source"]["postgres"] = pipeline.postgres_url.replace("postgres@", f"{pipeline.name}_r:s3cr3t-w0rd@")
        pipeline.file.write_text(json.dumps(definition))
        done = pipeline.penstock("verify", "--log-level", "debug", expect=3)
        assert "permission denied" in done.stderr
        assert "s3cr3t-w0rd" not in done.stdout + done.stderr
    finally:
        time.sleep(0.1)
        pipeline.sql(f"DROP OWNED BY {pipeline.name}_r", f"DROP ROLE {pipeline.name}_r")
