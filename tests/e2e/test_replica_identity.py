"""Replica identities: what each sends of the old row, and what `check` says of one that is not enough."""

from support.compare import View

BIG = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)"


def exercise(pipeline):
    pipeline.configure({"items": "public.item"}).start_and_wait()
    pipeline.sql("UPDATE item SET name = 'changed' WHERE id = 1", "UPDATE item SET id = 10 WHERE id = 2",
                 "DELETE FROM item WHERE id = 3", f"INSERT INTO item VALUES (4, 'new', {BIG})",
                 "UPDATE item SET name = NULL WHERE id = 4", "UPDATE item SET body = NULL WHERE id = 5")
    pipeline.expect_equal_now()


TABLE = ["CREATE TABLE item (id int PRIMARY KEY, name text, body text)",
         f"INSERT INTO item SELECT i, 'n', {BIG} FROM unnest(ARRAY[1, 2, 3, 5]) i"]


def test_default(pipeline):
    pipeline.sql(*TABLE)
    exercise(pipeline)


def test_full(pipeline):
    pipeline.sql(*TABLE, "ALTER TABLE item REPLICA IDENTITY FULL")
    exercise(pipeline)


def test_index_over_the_key(pipeline):
    pipeline.sql(*TABLE, "CREATE UNIQUE INDEX item_id ON item (id)",
                 "ALTER TABLE item REPLICA IDENTITY USING INDEX item_id")
    exercise(pipeline)


def test_index_as_the_key_of_a_table_without_primary_key(pipeline):
    pipeline.sql("CREATE TABLE item (id int NOT NULL, name text, body text)", "CREATE UNIQUE INDEX item_id ON item (id)",
                 "ALTER TABLE item REPLICA IDENTITY USING INDEX item_id",
                 f"INSERT INTO item SELECT i, 'n', {BIG} FROM unnest(ARRAY[1, 2, 3, 5]) i")
    pipeline.configure({"items": {"from": "public.item", "key": ["id"]}}).start_and_wait()
    pipeline.sql("UPDATE item SET id = 20 WHERE id = 1", "DELETE FROM item WHERE id = 2", "UPDATE item SET name = 'x'")
    pipeline.expect_equal_now(View(table="public.item", collection="items", key=["id"]))


def refused(pipeline, *expected):
    done = pipeline.penstock("check", expect=None)
    assert done.returncode in (1, 2), done.stdout + done.stderr
    for text in expected:
        assert text in done.stdout + done.stderr


def test_nothing_is_refused_with_the_statement_that_mends_it(pipeline):
    pipeline.sql(*TABLE, "ALTER TABLE item REPLICA IDENTITY NOTHING",
                 "CREATE PUBLICATION p FOR TABLE item WITH (publish = 'insert')")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"})
    refused(pipeline, "ALTER TABLE", "REPLICA IDENTITY DEFAULT")


def test_an_index_that_lacks_the_key_is_refused(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, code int NOT NULL)", "CREATE UNIQUE INDEX item_code ON item (code)",
                 "ALTER TABLE item REPLICA IDENTITY USING INDEX item_code")
    pipeline.configure({"items": "public.item"})
    refused(pipeline, "ALTER TABLE", "REPLICA IDENTITY")


def test_a_table_without_any_key_is_refused(pipeline):
    pipeline.sql("CREATE TABLE heap (number smallint)")
    pipeline.configure({"heap": "public.heap"})
    refused(pipeline, "public.heap", "key")
