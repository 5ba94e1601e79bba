"""Tables that change their shape while they are followed."""

import pytest

FAST_CATALOG = {"catalog_interval": 1}  # changes that send no rows are found by a periodic comparison


@pytest.fixture
def items(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text, price int)",
                 "INSERT INTO item SELECT i, 'n' || i, i FROM generate_series(1, 100) i")
    pipeline.configure({"items": "public.item"}, source=FAST_CATALOG)
    pipeline.start_and_wait()
    return pipeline


def test_a_column_added_while_streaming(items):
    items.sql("ALTER TABLE item ADD COLUMN stock int", "UPDATE item SET stock = id WHERE id <= 50",
              "INSERT INTO item VALUES (101, 'new', 1, 2)")
    items.expect_equal_soon()


def test_a_column_added_with_a_default_reaches_rows_nobody_touches(items):
    items.sql("ALTER TABLE item ADD COLUMN colour text DEFAULT 'red'")
    items.expect_equal_soon()
    assert {d["colour"] for d in items.documents("items")} == {"red"}


def test_a_column_dropped_while_streaming(items):
    items.sql("ALTER TABLE item DROP COLUMN price", "UPDATE item SET name = 'x' WHERE id = 1")
    items.expect_equal_soon()
    assert all("price" not in d for d in items.documents("items"))


def test_a_column_retyped_while_streaming(items):
    items.sql("ALTER TABLE item ALTER COLUMN price TYPE numeric(10,2) USING price / 3.0",
              "UPDATE item SET name = 'x' WHERE id = 1")
    items.expect_equal_soon()


def test_a_column_renamed_while_streaming(items):
    items.sql("ALTER TABLE item RENAME COLUMN price TO amount", "UPDATE item SET amount = 7 WHERE id = 1")
    items.expect_equal_soon()


def test_changes_of_shape_in_the_midst_of_a_transaction(items):
    items.transaction("UPDATE item SET price = -1 WHERE id = 1", "ALTER TABLE item ADD COLUMN a int DEFAULT 5",
                      "UPDATE item SET a = 6 WHERE id = 2", "ALTER TABLE item DROP COLUMN name",
                      "INSERT INTO item (id, price, a) VALUES (500, 1, 2)")
    items.expect_equal_soon()


def test_shape_changed_while_penstock_was_down(items):
    items.runners[0].stop()
    items.sql("UPDATE item SET name = 'before' WHERE id = 1", "ALTER TABLE item ADD COLUMN stock int DEFAULT 3",
              "UPDATE item SET name = 'after' WHERE id = 2", "ALTER TABLE item DROP COLUMN price")
    items.start()
    items.expect_equal_soon()


def test_a_label_added_to_an_enum_while_streaming(pipeline):
    pipeline.sql("CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE item (id int PRIMARY KEY, m mood, ms mood[])",
                 "INSERT INTO item VALUES (1, 'sad', '{sad}')")
    pipeline.configure({"items": "public.item"}).start_and_wait()
    pipeline.sql("ALTER TYPE mood ADD VALUE 'happy'", "INSERT INTO item VALUES (2, 'happy', '{ok,happy}')")
    pipeline.expect_equal_now()
    pipeline.sql("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'", "INSERT INTO item VALUES (3, 'fine', '{fine}')")
    pipeline.wait()
    assert pipeline.document("items", 3)["m"] == "fine"


def test_types_created_while_streaming(pipeline):
    """The stream names types by OID alone: unknown ones are looked up when they come."""
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)")
    pipeline.configure({"items": "public.item"}, source=FAST_CATALOG).start_and_wait()
    pipeline.sql("CREATE DOMAIN price AS numeric(10,2)", "CREATE TYPE colour AS ENUM ('red')",
                 "CREATE TYPE pair AS (a price, b colour)",
                 "ALTER TABLE item ADD COLUMN p price, ADD COLUMN c colour, ADD COLUMN ab pair, ADD COLUMN abs pair[]",
                 "INSERT INTO item VALUES (1, 1.50, 'red', '(2.50,red)', '{\"(3.50,red)\",NULL}')")
    pipeline.expect_equal_soon()


def test_a_table_recreated_under_its_name(items):
    items.sql("ALTER PUBLICATION " + items.publication + " SET TABLE item")
    items.transaction("DROP TABLE item", "CREATE TABLE item (id int PRIMARY KEY, title text)",
                      "INSERT INTO item VALUES (1, 'a'), (500, 'b')",
                      f"ALTER PUBLICATION {items.publication} ADD TABLE item")
    items.sql("INSERT INTO item VALUES (501, 'c')")
    items.expect_equal_soon()
