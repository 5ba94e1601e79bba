"""Publications as people write them: partitions, column lists, row filters, what they leave out."""

import pytest
from support.compare import View

PARTITIONED = [
    "CREATE TABLE sale (id int, at date, amount int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
    "CREATE TABLE sale_2023 PARTITION OF sale FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
    "CREATE TABLE sale_2024 PARTITION OF sale FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id)",
    "CREATE TABLE sale_2024_rest PARTITION OF sale_2024 DEFAULT",
    "INSERT INTO sale SELECT i, date '2023-12-01' + i, i FROM generate_series(1, 60) i",
]
FAST_CATALOG = {"catalog_interval": 1}


def test_a_partitioned_table_published_by_its_root(pipeline):
    pipeline.sql(*PARTITIONED, "CREATE PUBLICATION p FOR TABLE sale WITH (publish_via_partition_root = true)")
    pipeline.configure({"sales": "public.sale"}, source={"publication": "p"}).start_and_wait()
    pipeline.expect_equal()
    pipeline.sql("UPDATE sale SET amount = 0 WHERE id % 2 = 0", "DELETE FROM sale WHERE id = 3",
                 "UPDATE sale SET at = at + 31 WHERE id = 5",  # moves to another partition
                 "INSERT INTO sale VALUES (99, '2024-05-05', 1)")
    pipeline.expect_equal_now()


def test_a_partitioned_table_published_leaf_by_leaf(pipeline):
    pipeline.sql(*PARTITIONED, "CREATE PUBLICATION p FOR TABLE sale WITH (publish_via_partition_root = false)")
    pipeline.configure({"sales": "public.sale"}, source={"publication": "p"}).start_and_wait()
    pipeline.expect_equal()
    pipeline.sql("UPDATE sale SET amount = 0 WHERE id % 2 = 0", "DELETE FROM sale WHERE id = 3",
                 "UPDATE sale SET at = at + 31 WHERE id = 5", "INSERT INTO sale VALUES (99, '2024-05-05', 1)",
                 "TRUNCATE sale_2023")
    pipeline.expect_equal_soon()


@pytest.mark.parametrize("change", ["TRUNCATE sale_2023", "ALTER TABLE sale DETACH PARTITION sale_2023",
                                    "CREATE TABLE sale_2025 PARTITION OF sale FOR VALUES FROM ('2025-01-01')"
                                    " TO ('2026-01-01')"])
def test_partition_changes_that_send_no_rows_under_the_root(pipeline, change):
    pipeline.sql(*PARTITIONED, "CREATE PUBLICATION p FOR TABLE sale WITH (publish_via_partition_root = true)")
    pipeline.configure({"sales": "public.sale"}, source={"publication": "p", **FAST_CATALOG}).start_and_wait()
    pipeline.sql(change, "INSERT INTO sale VALUES (500, '2024-02-02', 1)")
    pipeline.expect_equal_soon()


def test_a_partition_attached_with_rows_in_it(pipeline):
    pipeline.sql(*PARTITIONED, "CREATE PUBLICATION p FOR TABLE sale WITH (publish_via_partition_root = true)")
    pipeline.configure({"sales": "public.sale"}, source={"publication": "p", **FAST_CATALOG}).start_and_wait()
    pipeline.sql("CREATE TABLE old (LIKE sale INCLUDING ALL)", "INSERT INTO old VALUES (1000, '2022-02-02', 5)",
                 "ALTER TABLE sale ATTACH PARTITION old FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')")
    pipeline.expect_equal_soon()


def test_a_column_list_of_the_publication(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text, secret text)",
                 "INSERT INTO item VALUES (1, 'a', 'hidden')",
                 "CREATE PUBLICATION p FOR TABLE item (id, name)")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"}).start_and_wait()
    pipeline.sql("INSERT INTO item VALUES (2, 'b', 'hidden')", "UPDATE item SET secret = 'x'")
    pipeline.expect_equal_now(View(table="public.item", collection="items", drop=("secret",)))
    assert "hidden" not in str(pipeline.documents("items"))


def test_a_row_filter_of_the_publication(pipeline):
    """A row that an update moves into the filter appears, one that it moves out goes."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, live bool, body text)",
                 "ALTER TABLE item REPLICA IDENTITY FULL",
                 "INSERT INTO item SELECT i, i % 2 = 0, 'b' FROM generate_series(1, 20) i",
                 "CREATE PUBLICATION p FOR TABLE item WHERE (live)")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"}).start_and_wait()
    view = View(table="public.item", collection="items", where="live")
    pipeline.expect_equal(view)
    pipeline.sql("UPDATE item SET live = true WHERE id = 1", "UPDATE item SET live = false WHERE id = 2",
                 "INSERT INTO item VALUES (30, false, 'x'), (31, true, 'y')", "DELETE FROM item WHERE id IN (4, 5)")
    pipeline.expect_equal_now(view)


def test_a_row_moving_into_the_filter_without_its_toast_value(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, live bool NOT NULL, body text)",
                 "CREATE UNIQUE INDEX item_live ON item (id, live)",
                 "ALTER TABLE item REPLICA IDENTITY USING INDEX item_live",
                 "ALTER TABLE item ALTER body SET STORAGE EXTERNAL",
                 "INSERT INTO item SELECT i, false, repeat(i::text, 10000) FROM generate_series(1, 5) i",
                 "CREATE PUBLICATION p FOR TABLE item WHERE (live)")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"}).start_and_wait()
    assert pipeline.documents("items") == []
    pipeline.sql("UPDATE item SET live = true WHERE id <= 3")
    pipeline.expect_equal_now(View(table="public.item", collection="items", where="live"))


def test_a_table_that_the_publication_lacks_is_refused_by_check(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)", "CREATE TABLE other (id int PRIMARY KEY)",
                 "CREATE PUBLICATION p FOR TABLE other")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"})
    done = pipeline.penstock("check", expect=None)
    assert done.returncode in (1, 2)
    assert "ALTER PUBLICATION" in done.stdout + done.stderr


def test_a_table_added_to_the_pipeline_later_is_loaded_beside_the_stream(pipeline):
    pipeline.sql("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)",
                 "INSERT INTO a VALUES (1)", "INSERT INTO b SELECT generate_series(1, 500)")
    pipeline.configure({"a": "public.a"}).start_and_wait()
    pipeline.runners[0].stop()
    pipeline.sql(f"ALTER PUBLICATION {pipeline.publication} ADD TABLE b", "INSERT INTO b VALUES (501)")
    pipeline.configure({"a": "public.a", "b": "public.b"}).start_and_wait()
    pipeline.sql("INSERT INTO b VALUES (502)", "DELETE FROM b WHERE id = 7")
    pipeline.expect_equal_now()


@pytest.mark.parametrize("publish", ["insert, update, delete, truncate"])
def test_a_publication_changed_while_down_reloads_the_table(pipeline, publish):
    """Rows that were filtered away while nobody watched must come."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, n int)", "INSERT INTO item SELECT i, i FROM generate_series(1, 20) i",
                 "ALTER TABLE item REPLICA IDENTITY FULL",
                 f"CREATE PUBLICATION p FOR TABLE item WHERE (n <= 10) WITH (publish = '{publish}')")
    pipeline.configure({"items": "public.item"}, source={"publication": "p"}).start_and_wait()
    assert len(pipeline.documents("items")) == 10
    pipeline.runners[0].stop()
    pipeline.sql("ALTER PUBLICATION p SET TABLE item", "INSERT INTO item VALUES (99, 99)")
    pipeline.start()
    pipeline.expect_equal_soon()
