"""Keeping on: idle slots, outages, restarts, a second writer."""

import os
import signal
import time

import pymongo
import pytest
from pymongo.read_concern import ReadConcern
from support.pipeline import Background
from support.process import wait_for

UNPUBLISHED_MB = int(os.environ.get("PENSTOCK_TEST_IDLE_MB", "64"))
OUTAGE_SECONDS = float(os.environ.get("PENSTOCK_TEST_OUTAGE_SECONDS", "8"))


def table(pipeline, rows=1000):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int, t text)",
                 f"INSERT INTO item SELECT i, 0, 'x' FROM generate_series(1, {rows}) i")
    return pipeline.configure({"items": "public.item"})


def test_an_idle_publication_lets_the_slot_advance(pipeline):
    table(pipeline).start_and_wait()
    pipeline.sql("CREATE TABLE unpublished (t text)", "ALTER TABLE unpublished ALTER t SET STORAGE EXTERNAL")
    for _ in range(UNPUBLISHED_MB // 8):
        pipeline.sql("INSERT INTO unpublished SELECT repeat('x', 8000) FROM generate_series(1, 1050)")
    # Retained WAL counts from restart_lsn, which moves with the running-xacts records of checkpoints and the
    # background writer (every 15 s).
    limit = 32 * 2**20 if UNPUBLISHED_MB > 64 else 20 * 2**20
    pipeline.sql("CHECKPOINT")
    wait_for(lambda: pipeline.slot_row()["retained"] < limit, 60, "the slot to let go of the WAL")
    assert pipeline.slot_row()["behind"] < limit
    pipeline.sql("UPDATE item SET n = 1 WHERE id = 1")
    pipeline.expect_equal_now()


@pytest.mark.on_one_postgres
def test_mongod_stopped_under_load_keeps_the_walsender(own_servers, make_pipeline):
    """Status goes out while the sink is blocked: wal_sender_timeout is far shorter than the outage."""
    postgres, mongo = own_servers.postgres(15, wal_sender_timeout="2s"), own_servers.mongo()
    pipeline = make_pipeline(postgres, mongo)
    table(pipeline).start_and_wait()
    walsender = pipeline.slot_row()["active_pid"]
    counter = iter(range(10**9))

    def write():
        i = next(counter)
        pipeline.transaction(f"UPDATE item SET n = n + 1 WHERE id % 50 = {i % 50}",
                             f"INSERT INTO item VALUES ({10_000 + i}, 0, repeat('y', 2000))",
                             f"DELETE FROM item WHERE id = {9_990 + i}")

    load = Background(write)
    time.sleep(1)
    mongo.stop()
    time.sleep(OUTAGE_SECONDS)
    assert pipeline.slot_row()["active_pid"] == walsender, "the walsender must still be connected"
    mongo.members[0].start()
    time.sleep(1)
    load.stop()
    pipeline.wait(seconds=60)
    pipeline.expect_equal()
    assert pipeline.slot_row()["active_pid"] == walsender
    assert pipeline.runners[0].alive()


@pytest.mark.on_one_postgres
def test_mongod_frozen_under_load_keeps_the_walsender(own_servers, make_pipeline):
    """A server that accepts and never answers blocks the sink in another way than one that is gone."""
    postgres, mongo = own_servers.postgres(15, wal_sender_timeout="2s"), own_servers.mongo()
    pipeline = make_pipeline(postgres, mongo)
    table(pipeline).start_and_wait()
    walsender = pipeline.slot_row()["active_pid"]
    mongo.members[0].send_signal(signal.SIGSTOP)
    pipeline.sql("UPDATE item SET n = 7", "INSERT INTO item SELECT i, 1, 'z' FROM generate_series(5000, 9000) i")
    time.sleep(OUTAGE_SECONDS)
    assert pipeline.slot_row()["active_pid"] == walsender
    mongo.members[0].send_signal(signal.SIGCONT)
    pipeline.expect_equal_now()


@pytest.mark.parametrize("how", ["restart", "crash"])
@pytest.mark.on_one_postgres
def test_a_postgresql_restart_becomes_a_reconnect(own_servers, make_pipeline, mongo, how):
    postgres = own_servers.postgres(15)
    pipeline = make_pipeline(postgres, mongo)
    runner = table(pipeline).start_and_wait()
    pipeline.sql("UPDATE item SET n = 1")
    if how == "crash":
        postgres.crash()
        time.sleep(1)
        postgres.start()
    else:
        postgres.restart()
    pipeline.sql("UPDATE item SET n = 2 WHERE id % 2 = 0", "DELETE FROM item WHERE id % 7 = 0")
    pipeline.wait(seconds=60)
    pipeline.expect_equal()
    assert runner.alive()


def test_a_terminated_walsender_becomes_a_reconnect(pipeline):
    runner = table(pipeline).start_and_wait()
    for number in range(3):
        pipeline.sql(f"UPDATE item SET n = {number}",
                     f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{pipeline.slot}'")
        pipeline.expect_equal_now()
    assert runner.alive()


def test_a_standby_takes_over_when_the_first_dies(pipeline):
    first = table(pipeline).start_and_wait()
    standby = pipeline.start()
    time.sleep(2)
    assert standby.alive() and first.alive()
    first.kill()
    pipeline.sql("UPDATE item SET n = 1 WHERE id <= 500")
    began = time.monotonic()
    pipeline.wait(seconds=30)
    assert time.monotonic() - began < 15
    pipeline.expect_equal()
    assert standby.alive()


def test_a_standby_takes_over_at_once_when_the_first_is_stopped(pipeline):
    first = table(pipeline).start_and_wait()
    pipeline.start()
    time.sleep(2)
    assert first.stop() == 0
    pipeline.sql("UPDATE item SET n = 1")
    pipeline.wait(seconds=15)
    pipeline.expect_equal()


@pytest.mark.on_one_postgres
def test_a_paused_and_woken_writer_cannot_write(pipeline):
    first = table(pipeline).start_and_wait()
    load_counter = iter(range(10**9))
    load = Background(lambda: pipeline.sql(f"UPDATE item SET n = {next(load_counter)} WHERE id % 20 = 3"))
    time.sleep(1)
    first.send_signal(signal.SIGSTOP)
    second = pipeline.start()
    try:
        wait_for(lambda: pipeline.slot_row().get("active") and "take" in second.text().lower()
                 or _position_moves(pipeline), 90, "the second to take over")
        load.stop()
        pipeline.wait(seconds=60)
        first.send_signal(signal.SIGCONT)
        pipeline.sql("UPDATE item SET n = -5 WHERE id = 1")
        pipeline.wait()
        pipeline.expect_equal()
        code = wait_for(lambda: None if first.alive() else ("ended", first.wait()), 60, "the first to find itself fenced")
        assert code[1] != 0, first.text()
        pipeline.sql("UPDATE item SET n = -6 WHERE id = 2")
        pipeline.wait()
        pipeline.expect_equal()
        assert second.alive()
    finally:
        first.send_signal(signal.SIGCONT)


def _position_moves(pipeline):
    def through():
        return pipeline.database.penstock_positions.find_one({"kind": "stream"})
    before = through()
    time.sleep(1)
    return before is not None and through() != before


@pytest.mark.on_one_postgres
def test_readers_never_see_half_a_source_transaction(pipeline):
    """From the end of the first load on; transfers keep the sum of a collection constant."""
    pipeline.sql("CREATE TABLE account (id int PRIMARY KEY, amount int)",
                 "INSERT INTO account SELECT i, 1000 FROM generate_series(1, 50) i")
    pipeline.configure({"accounts": "public.account"}).start_and_wait()
    steps = iter(range(10**9))

    def transfer():
        i = next(steps)
        pipeline.transaction(f"UPDATE account SET amount = amount - 7 WHERE id = {i % 50 + 1}",
                             f"UPDATE account SET amount = amount + 7 WHERE id = {(i * 13 + 5) % 50 + 1}")

    load = Background(transfer)
    sums = set()
    try:
        with pymongo.MongoClient(pipeline.mongo.url()) as client:
            accounts = client[pipeline.name].get_collection("accounts", read_concern=ReadConcern("snapshot"))
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                sums.add(sum(d["amount"] for d in accounts.find({}, {"amount": 1})))
    finally:
        load.stop()
    assert sums == {50_000}
    pipeline.expect_equal_now()


@pytest.mark.on_one_postgres
def test_a_kill_in_the_midst_of_the_first_load_goes_on_at_the_next_chunk(pipeline):
    table(pipeline, rows=60_000)
    pipeline.configure({"items": "public.item"}, load={"chunk_rows": 500, "readers": 1, "writers": 1})
    killed_at = []
    for _ in range(4):
        runner = pipeline.start()
        before = pipeline.database["items"].estimated_document_count()
        wait_for(lambda: pipeline.database["items"].estimated_document_count() >= before + 2000 or not runner.alive(),
                 60, "some chunks to be loaded")
        runner.kill()
        chunks = pipeline.database.penstock_chunks.count_documents({})
        assert not killed_at or chunks >= killed_at[-1], "finished chunks are kept"
        killed_at.append(chunks)
        pipeline.sql("UPDATE item SET n = n + 1 WHERE id % 10 = 0", f"DELETE FROM item WHERE id % 1000 = {len(killed_at)}")
    assert killed_at[-1] > killed_at[0] > 0
    pipeline.run_until_current()
    pipeline.expect_equal()


def test_the_first_load_under_writes(pipeline):
    """Chunks are read while the rows change: every later value wins."""
    table(pipeline, rows=20_000)
    pipeline.configure({"items": "public.item"}, load={"chunk_rows": 300})
    steps = iter(range(10**9))

    def write():
        i = next(steps)
        pipeline.transaction(f"UPDATE item SET n = n + 1 WHERE id % 97 = {i % 97}",
                             f"DELETE FROM item WHERE id = {(i * 7919) % 20_000}",
                             f"UPDATE item SET id = id + 1000000 WHERE id = {(i * 104729) % 20_000}",
                             f"INSERT INTO item VALUES ({30_000 + i}, 0, 'new')")

    load = Background(write)
    try:
        pipeline.start_and_wait()
    finally:
        load.stop()
    pipeline.expect_equal_now()
