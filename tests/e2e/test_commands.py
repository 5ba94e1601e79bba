"""The command line as a script sees it: exit codes, stdout, what each command does to both servers."""

import json
import signal
import subprocess
import time

import psycopg
import pytest
from psycopg import sql
from support.compare import View
from support.pipeline import BINARY
from support.places import ROOT
from support.process import wait_for

EXAMPLE = ROOT / "examples" / "ecommerce"
SECRET = "pa55-w0rd"


@pytest.fixture
def shop(pipeline):
    """The example, set up by its own role in a database of the test's."""
    role = pipeline.name + "_role"
    url = pipeline.postgres_url.replace("postgres@", f"{role}:{SECRET}@")
    text = (EXAMPLE / "pipeline.yaml").read_text()
    for old, new in (("pipeline: ecommerce", f"pipeline: {pipeline.name}"), ("slot: ecommerce_slot", f"slot: {pipeline.slot}"),
                     ("database: ecommerce", f"database: {pipeline.name}")):
        assert old in text
        text = text.replace(old, new)
    pipeline.file.write_text(text)
    pipeline.environment = {"PENSTOCK_POSTGRES": url, "PENSTOCK_MONGODB": pipeline.mongo.url(),
                            "PENSTOCK_STATE": str(pipeline.folder / "state")}
    more = {"orders": ("placed_on", "total", "line_count", "lines")}
    pipeline.views = [View(table=f"public.{t}", collection=t, ignore=("cdc_changed", "cdc_time", *more.get(t, ())))
                      for t in ("products", "orders", "order_details")]
    pipeline.role = role
    pipeline.drop_database()
    yield pipeline
    for runner in pipeline.runners:
        runner.end()
    pipeline.drop_database()
    pipeline.postgres.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
    pipeline.postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(pipeline.name)))


def setup(shop, expect=0):
    return shop.penstock("setup", "--admin", shop.postgres.url(), "--create-database", "--sql", EXAMPLE / "schema.sql",
                         expect=expect)


def test_the_example_from_setup_to_teardown(shop):
    setup(shop)
    assert shop.slot_row() == {"active": False}, "setup makes no slot: unread, it would pin WAL"
    shop.penstock("check")
    shop.start_and_wait()
    shop.expect_equal()
    shop.penstock("sample", "--postgres", shop.postgres_url, "--rate", "0", "--count", "300")
    shop.expect_equal_now()
    assert shop.sql("SELECT count(*) FROM orders")[0][0] > 5
    shop.sql("UPDATE products SET name = 'Renamed' WHERE product_id = 1")
    shop.penstock("wait", "--lsn", shop.sql("SELECT pg_current_wal_insert_lsn()")[0][0], "--timeout", "30s")
    shown = [line["product"]["name"] for order in shop.documents("orders") for line in order["lines"]
             if line["product"]["product_id"] == 1]
    assert shown and set(shown) == {"Renamed"}
    shop.penstock("verify")
    shop.penstock("status")
    assert shop.runners[0].stop() == 0
    shop.penstock("teardown", "--admin", shop.postgres_url, "--yes")
    assert shop.slot_row() == {"active": False}
    assert shop.sql("SELECT count(*) FROM pg_publication")[0][0] == 0
    assert shop.state_text() == ""
    assert len(shop.documents("products")) == 5, "the documents stay"


def test_setup_can_be_run_twice(shop):
    setup(shop)
    shop.sql("UPDATE products SET price = 1 WHERE product_id = 1")
    setup(shop)
    assert shop.sql("SELECT count(*), min(price) FROM products") == [(5, 1)]
    shop.run_until_current()
    shop.expect_equal()


def test_the_role_of_setup_can_read_and_replicate_and_nothing_more(shop):
    setup(shop)
    attributes = shop.sql("SELECT rolreplication, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin"
                          f" FROM pg_roles WHERE rolname = '{shop.role}'")
    assert attributes == [(True, False, False, False, False, True)]
    with psycopg.connect(shop.environment["PENSTOCK_POSTGRES"], autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (5,)
        for statement in ("DELETE FROM orders", "UPDATE orders SET status = 'x'", "INSERT INTO test VALUES (1)",
                          "TRUNCATE orders", "CREATE TABLE mine (a int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_setup_prints_the_statements_it_may_not_run(shop):
    shop.postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(shop.name)))
    with shop.connect() as connection:
        connection.execute((EXAMPLE / "schema.sql").read_text())
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(sql.Identifier(shop.role)))
    try:
        done = shop.penstock("setup", expect=None)  # as the pipeline's own role, which may do nothing yet
        assert done.returncode != 0
        assert "GRANT SELECT" in done.stdout and "REPLICATION" in done.stdout
        assert SECRET not in done.stdout + done.stderr
    finally:
        shop.sql(f"DROP OWNED BY {shop.role}")


@pytest.fixture
def items(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, 0 FROM generate_series(1, 100) i")
    return pipeline.configure({"items": "public.item"})


def test_load_loads_and_exits(items):
    items.penstock("load")
    items.expect_equal()
    items.sql("INSERT INTO item VALUES (101, 1)")
    items.run_until_current()
    items.expect_equal()


def test_until_current_includes_all_that_was_committed_before(items):
    items.run_until_current()
    for round_number in range(5):
        items.sql(f"UPDATE item SET n = {round_number} WHERE id % 2 = 0", f"INSERT INTO item VALUES ({1000 + round_number}, 0)")
        items.run_until_current()
        items.expect_equal()


def test_after_wait_a_majority_read_contains_the_commit(items):
    items.start_and_wait()
    for number in range(25):
        lsn = items.sql(f"UPDATE item SET n = {number} WHERE id = 1", "SELECT pg_current_wal_insert_lsn()::text")[0][0]
        items.wait(lsn)
        assert items.document("items", 1)["n"] == number


def test_wait_gives_up_with_1_when_the_time_is_over(items):
    items.run_until_current()
    items.sql("INSERT INTO item VALUES (1000, 1)")
    began = time.monotonic()
    done = items.penstock("wait", "--lsn", items.lsn(), "--timeout", "1s", expect=1)
    assert 0.8 < time.monotonic() - began < 5
    assert done.stderr.strip()


def test_wait_answers_on_an_idle_database(items):
    """Nothing published is written, and still an LSN of just now is reached."""
    items.start_and_wait()
    items.sql("CREATE TABLE unpublished AS SELECT generate_series(1, 1000) i")
    items.wait(seconds=15)


def test_status_as_json(items):
    items.start_and_wait()
    items.sql("UPDATE item SET n = 5")
    items.wait()
    status = items.status()
    assert json.loads(json.dumps(status)) == status
    assert {"pipeline", "position", "lag", "source", "tables", "collections"} <= set(status)
    assert status["pipeline"] == items.name
    assert [t["table"] for t in status["tables"]] == ["public.item"]
    assert status["tables"][0]["state"] == "loaded"
    assert items.penstock("status").stdout.strip()


def test_status_before_anything_ran(items):
    items.penstock("status", "--json")


@pytest.mark.on_one_postgres
def test_sigterm_drains_with_exit_code_0(items):
    runner = items.start_and_wait()
    items.sql("INSERT INTO item SELECT i, 0 FROM generate_series(1000, 20000) i")
    assert runner.stop() == 0
    items.run_until_current()
    items.expect_equal()


@pytest.mark.on_one_postgres
def test_sigint_drains_too(items):
    runner = items.start_and_wait()
    runner.send_signal(signal.SIGINT)
    assert runner.wait() == 0


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_exit_code_2_for_usage():
    assert run().returncode == 2
    assert run("rnu", "x").returncode == 2 and '"run"' in run("rnu", "x").stderr
    assert run("run").returncode == 2
    assert run("run", "there-is-no-such-file.yaml").returncode == 2
    assert run("--help").returncode == 0 and "Exit codes" in run("--help").stdout
    assert run("--version").stdout.startswith("penstock ")


@pytest.mark.on_one_postgres
def test_exit_code_2_for_configuration_names_line_and_nearest_key(items):
    items.file.write_text("pipeline: p\nsource:\n  postgres: x\n  publicatoin: y\nsink: {mongodb: m, database: d}\n"
                          "collections: {a: {from: public.a}}\n")
    done = items.penstock("check", "--offline", expect=2)
    assert '"publication"' in done.stderr + done.stdout and ":4:" in done.stderr + done.stdout


@pytest.mark.on_one_postgres
def test_exit_code_3_for_servers_that_cannot_be_reached(items):
    definition = json.loads(items.file.read_text())
    definition["source"]["postgres"] = "postgresql://postgres@127.0.0.1:1/x"
    items.file.write_text(json.dumps(definition))
    assert items.penstock("status", expect=None).returncode == 3
    done = items.penstock("check", expect=None)
    assert done.returncode in (1, 3) and "127.0.0.1" in done.stdout + done.stderr


def test_resync_mends_what_was_changed_behind_our_back(items):
    items.start_and_wait()
    items.database.items.delete_many({"_id": {"$lt": 10}})
    items.database.items.update_one({"_id": 50}, {"$set": {"n": -1}})
    items.database.items.insert_one({"_id": 7777})
    assert items.differences()
    items.penstock("resync", "--table", "public.item")
    items.sql("UPDATE item SET n = 3 WHERE id = 60")
    wait_for(lambda: not items.differences(), 60, "the resync to mend the collection")
    items.expect_equal_now()


def test_resync_while_nothing_runs_is_taken_up_by_the_next_start(items):
    items.run_until_current()
    items.database.items.delete_many({})
    items.penstock("resync")
    items.run_until_current()
    items.expect_equal()


def test_schema_is_json():
    done = run("schema")
    assert done.returncode == 0 and "collections" in json.loads(done.stdout)["properties"]
