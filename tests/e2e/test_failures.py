"""What cannot be written, and what makes going on wrong: errors that name the row or the reason, and the remedy."""

import pytest
from support.process import wait_for

HUGE = "repeat('x', 17 * 1024 * 1024)"  # over MongoDB's 16 MB


@pytest.fixture
def items(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, body text)", "INSERT INTO item VALUES (1, 'a')")
    return pipeline


def failing_run(pipeline, expect, *texts):
    runner = pipeline.start()
    code = runner.wait(60)
    said = runner.text()
    assert code == expect, said
    for text in texts:
        assert text in said, said
    return said


def parked(pipeline):
    names = [n for n in pipeline.database.list_collection_names() if n.endswith("dead_letters")]
    return [d for n in names for d in pipeline.database[n].find()]


@pytest.mark.on_one_postgres
def test_a_document_over_16_mb_stops_with_the_row_named(items):
    items.configure({"items": "public.item"}).run_until_current()
    items.sql(f"INSERT INTO item SELECT 2, {HUGE}")
    failing_run(items, 4, "public.item", "2")
    items.sql("INSERT INTO item VALUES (3, 'after')")
    failing_run(items, 4, "public.item")
    assert items.document("items", 3) is None, "nothing may overtake the row that stopped it"


def test_a_document_over_16_mb_is_parked_and_the_rest_goes_on(items):
    items.configure({"items": "public.item"}, errors="dead_letter").start_and_wait()
    items.transaction("INSERT INTO item VALUES (2, 'beside')", f"INSERT INTO item SELECT 3, {HUGE}",
                      "INSERT INTO item VALUES (4, 'after')")
    items.wait()
    assert sorted(d["_id"] for d in items.documents("items")) == [1, 2, 4]
    letters = parked(items)
    assert len(letters) == 1
    assert "3" in str(letters[0]) and "16" in str(letters[0]), letters
    # Once the row fits, its document is there again.
    items.sql("UPDATE item SET body = 'small' WHERE id = 3")
    items.expect_equal_now()


def test_a_document_over_16_mb_is_parked_by_the_first_load_too(items):
    items.sql(f"INSERT INTO item SELECT 2, {HUGE}", "INSERT INTO item SELECT i, 'x' FROM generate_series(3, 50) i")
    items.configure({"items": "public.item"}, errors="dead_letter").start_and_wait()
    assert len(items.documents("items")) == 49
    assert len(parked(items)) == 1


def test_a_document_that_grows_over_16_mb(items):
    """The stored document stays whole as it was or goes; the letter names the row."""
    items.configure({"items": "public.item"}, errors="dead_letter").start_and_wait()
    items.sql(f"UPDATE item SET body = {HUGE} WHERE id = 1", "INSERT INTO item VALUES (2, 'after')")
    items.wait()
    assert items.document("items", 2) is not None
    assert len(parked(items)) == 1


@pytest.mark.on_one_postgres
def test_json_that_mongodb_cannot_nest_is_parked(items):
    items.sql("CREATE TABLE deep (id int PRIMARY KEY, j json)")
    items.configure({"deep": "public.deep"}, errors="dead_letter").start_and_wait()
    items.sql("INSERT INTO deep SELECT 1, (repeat('[', 300) || repeat(']', 300))::json", "INSERT INTO deep VALUES (2, '[]')")
    items.wait()
    assert [d["_id"] for d in items.documents("deep")] == [2]
    assert len(parked(items)) == 1


def test_a_gap_is_an_error_that_names_the_remedy(items):
    items.configure({"items": "public.item"}).run_until_current()
    items.sql("INSERT INTO item VALUES (2, 'lost')",
              f"SELECT pg_replication_slot_advance('{items.slot}', pg_current_wal_lsn())",
              "INSERT INTO item VALUES (3, 'after')")
    failing_run(items, 4, "penstock resync")
    assert items.document("items", 3) is None, "a gap is never skipped silently"
    items.penstock("resync")
    items.run_until_current()
    items.expect_equal()


def test_a_dropped_slot_is_named_and_resync_mends_it(items):
    items.configure({"items": "public.item"}).run_until_current()
    items.sql(f"SELECT pg_drop_replication_slot('{items.slot}')", "INSERT INTO item VALUES (2, 'meanwhile')",
              "DELETE FROM item WHERE id = 1")
    failing_run(items, 4, items.slot, "penstock resync")
    items.penstock("resync")
    items.run_until_current()
    items.expect_equal()


def test_a_recreated_slot_is_named(items):
    items.configure({"items": "public.item"}).run_until_current()
    items.sql(f"SELECT pg_drop_replication_slot('{items.slot}')", "INSERT INTO item VALUES (2, 'meanwhile')",
              f"SELECT pg_create_logical_replication_slot('{items.slot}', 'pgoutput')")
    failing_run(items, 4, "penstock resync")


@pytest.mark.on_one_postgres
def test_another_cluster_is_divergence(own_servers, make_pipeline, mongo):
    first, second = own_servers.postgres(15), own_servers.postgres(15)
    pipeline = make_pipeline(first, mongo)
    table = ["CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)"]
    pipeline.sql(*table)
    pipeline.configure({"items": "public.item"}).run_until_current()
    pipeline.postgres = second
    second.execute(f'CREATE DATABASE "{pipeline.name}"')
    pipeline.sql(*table, "DELETE FROM item")
    pipeline.configure({"items": "public.item"})
    failing_run(pipeline, 4, "penstock resync")
    assert pipeline.document("items", 1) is not None


@pytest.mark.on_one_postgres
def test_an_invalidated_slot_is_named(own_servers, make_pipeline, mongo):
    postgres = own_servers.postgres(15, max_slot_wal_keep_size="1MB", max_wal_size="32MB", min_wal_size="32MB")
    pipeline = make_pipeline(postgres, mongo)
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)")
    pipeline.configure({"items": "public.item"}).run_until_current()
    pipeline.sql("CREATE TABLE filler (t text)")
    for _ in range(8):
        pipeline.sql("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 20000)", "CHECKPOINT")
    assert pipeline.sql(f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{pipeline.slot}'")[0][0] == "lost"
    failing_run(pipeline, 4, pipeline.slot, "penstock resync")
    pipeline.penstock("resync")
    pipeline.run_until_current()
    pipeline.expect_equal()


def test_row_level_security_is_refused_by_check(items):
    role = items.name + "_role"
    items.sql(f"CREATE ROLE {role} LOGIN REPLICATION", f"GRANT SELECT ON item TO {role}", "ALTER TABLE item ENABLE ROW LEVEL SECURITY",
              "CREATE PUBLICATION p FOR TABLE item")
    try:
        url = items.postgres_url.replace("postgres@", role + "@")
        items.configure({"items": "public.item"}, source={"postgres": url, "publication": "p"})
        done = items.penstock("check", expect=None)
        assert done.returncode != 0 and "row" in (done.stdout + done.stderr).lower()
        assert "BYPASSRLS" in done.stdout + done.stderr
    finally:
        items.sql(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.on_one_postgres
def test_check_names_wal_level(own_servers, make_pipeline, mongo):
    pipeline = make_pipeline(own_servers.postgres(15, wal_level="replica"), mongo)
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)")
    pipeline.configure({"items": "public.item"})
    done = pipeline.penstock("check", expect=None)
    assert done.returncode != 0 and "wal_level" in done.stdout + done.stderr


@pytest.mark.on_one_postgres
def test_a_standalone_mongod_needs_idempotent_delivery(own_servers, make_pipeline, postgres):
    pipeline = make_pipeline(postgres, own_servers.standalone())
    try:
        pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, 0 FROM generate_series(1, 500) i")
        pipeline.configure({"items": "public.item"})
        failing_run(pipeline, 2, "idempotent")
        pipeline.configure({"items": "public.item"}, sink={"delivery": "idempotent"})
        runner = pipeline.start_and_wait()
        pipeline.sql("UPDATE item SET n = 1 WHERE id % 2 = 0", "DELETE FROM item WHERE id % 3 = 0", "UPDATE item SET id = -id WHERE id = 5")
        pipeline.expect_equal_now()
        runner.kill()
        pipeline.sql("UPDATE item SET n = 2 WHERE id % 5 = 0", "INSERT INTO item VALUES (5, 5)", "DELETE FROM item WHERE id = 10")
        pipeline.run_until_current()
        pipeline.expect_equal()
        assert "idempotent" in pipeline.log_text()
    finally:
        pipeline.close()


@pytest.mark.on_one_postgres
def test_a_mongodb_outage_at_start_is_waited_for(own_servers, make_pipeline, postgres):
    mongo = own_servers.mongo()
    pipeline = make_pipeline(postgres, mongo)
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)")
    pipeline.configure({"items": "public.item"}).run_until_current()
    mongo.stop()
    pipeline.sql("INSERT INTO item VALUES (2)")
    runner = pipeline.start()
    try:
        wait_for(lambda: runner.text().strip(), 60, "a word about MongoDB")
        if runner.alive():
            mongo.members[0].start()
            pipeline.wait()
            pipeline.expect_equal()
        else:
            assert runner.wait() == 3
            mongo.members[0].start()
    finally:
        runner.end()
        pipeline.drop_database()
