"""Rows become documents, through the first load and through the stream, and stay equal."""

from bson import SON, Int64
from support.compare import View

BIG = "SELECT string_agg(md5((i * {seed})::text), '') FROM generate_series(1, 400) i"  # 12,800 characters: TOASTed


def test_loaded_and_streamed_documents_equal_their_rows(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text, price numeric(10,2))",
                 "INSERT INTO item SELECT i, 'loaded ' || i, i / 7.0 FROM generate_series(1, 5000) i")
    pipeline.configure({"items": "public.item"})
    pipeline.run_until_current()
    pipeline.expect_equal()
    assert len(pipeline.documents("items")) == 5000

    pipeline.sql("INSERT INTO item SELECT i, 'streamed ' || i, i FROM generate_series(5001, 6000) i",
                 "UPDATE item SET name = upper(name) WHERE id % 3 = 0", "DELETE FROM item WHERE id % 5 = 0")
    pipeline.run_until_current()
    pipeline.expect_equal()
    assert len(pipeline.documents("items")) == 4800


def test_a_running_pipeline_follows_each_commit(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text)", "INSERT INTO item VALUES (1, 'first')")
    pipeline.configure({"items": "public.item"}).start_and_wait()
    pipeline.sql("UPDATE item SET name = 'second' WHERE id = 1")
    pipeline.wait()
    assert pipeline.document("items", 1) == {"_id": 1, "id": 1, "name": "second"}
    pipeline.sql("DELETE FROM item")
    pipeline.wait()
    assert pipeline.documents("items") == []


def test_a_rolled_back_transaction_leaves_no_trace(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)")
    pipeline.configure({"items": "public.item"}).start_and_wait()
    with pipeline.connect() as connection:
        connection.execute("BEGIN; INSERT INTO item SELECT generate_series(1, 1000); ROLLBACK")
        connection.execute("BEGIN; INSERT INTO item VALUES (1); SAVEPOINT s; INSERT INTO item VALUES (2);"
                           " ROLLBACK TO s; INSERT INTO item VALUES (3); COMMIT")
    pipeline.expect_equal_now()
    assert sorted(d["_id"] for d in pipeline.documents("items")) == [1, 3]


def test_a_key_change_moves_the_document(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text)",
                 "INSERT INTO item SELECT i, 'n' || i FROM generate_series(1, 10) i")
    pipeline.configure({"items": "public.item"}).start_and_wait()
    pipeline.sql("UPDATE item SET id = 100 WHERE id = 1")
    # In one transaction each key takes another's place; the keys in between are used twice.
    pipeline.transaction("UPDATE item SET id = -id WHERE id < 100", "UPDATE item SET id = 1 - id WHERE id < 0",
                         "UPDATE item SET name = 'moved' WHERE id = 5", "DELETE FROM item WHERE id = 7",
                         "INSERT INTO item VALUES (7, 'new at an old key')")
    pipeline.expect_equal_now()
    assert pipeline.document("items", 1) is None
    assert pipeline.document("items", 100)["name"] == "n1"


def test_composite_keys_become_documents_in_key_order(pipeline):
    pipeline.sql('CREATE TABLE stock (shop text, day date, amount int, "Größe" int8, PRIMARY KEY ("Größe", shop))',
                 "INSERT INTO stock SELECT 's' || i % 7, '2024-01-01', i, i FROM generate_series(1, 100) i")
    pipeline.configure({"stock": "public.stock"}).start_and_wait()
    pipeline.sql("UPDATE stock SET amount = amount + 1", """UPDATE stock SET shop = 'x' WHERE "Größe" = 3""",
                 "DELETE FROM stock WHERE shop = 's6'")
    pipeline.expect_equal_now()
    identity = SON([("Größe", Int64(3)), ("shop", "x")])
    assert pipeline.document("stock", identity)["amount"] == 4


def test_an_unchanged_toast_value_is_kept(pipeline):
    pipeline.sql("CREATE TABLE page (id int PRIMARY KEY, title text, body text, notes jsonb)",
                 f"INSERT INTO page SELECT i, 't', ({BIG.format(seed=3)}), to_jsonb(({BIG.format(seed=5)}))"
                 " FROM generate_series(1, 3) i")
    pipeline.configure({"pages": "public.page"}).start_and_wait()
    pipeline.sql("UPDATE page SET title = 'changed'")
    pipeline.expect_equal_now()
    assert len(pipeline.document("pages", 1)["body"]) == 12800
    # Also when the row was inserted, and changed again, in the stream; and over a restart.
    pipeline.transaction(f"INSERT INTO page SELECT 9, 't', ({BIG.format(seed=7)})", "UPDATE page SET title = 'u'",
                         "UPDATE page SET notes = '{}' WHERE id = 2", "UPDATE page SET title = 'v' WHERE id = 2")
    pipeline.expect_equal_now()


def test_an_unchanged_toast_value_goes_along_with_a_key_change(pipeline):
    pipeline.sql("CREATE TABLE page (id int PRIMARY KEY, title text, body text)",
                 f"INSERT INTO page SELECT i, 't', ({BIG.format(seed=3)}) FROM generate_series(1, 3) i")
    pipeline.configure({"pages": "public.page"}).start_and_wait()
    pipeline.sql("UPDATE page SET id = 11 WHERE id = 1")
    # Twice in one transaction, with a change of the value in between for another row, and onto a freed key.
    pipeline.transaction("UPDATE page SET id = 12, title = 'a' WHERE id = 2", "UPDATE page SET id = 13 WHERE id = 12",
                         "UPDATE page SET body = 'short' WHERE id = 3", "UPDATE page SET id = 2 WHERE id = 3",
                         "UPDATE page SET id = 12 WHERE id = 11")
    pipeline.expect_equal_now()
    assert len(pipeline.document("pages", 13)["body"]) == 12800


def test_truncate_empties_the_collection(pipeline):
    pipeline.sql("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
                 "INSERT INTO a SELECT generate_series(1, 50)", "INSERT INTO b SELECT i, i FROM generate_series(1, 50) i")
    pipeline.configure({"a": "public.a", "b": "public.b"}).start_and_wait()
    pipeline.transaction("INSERT INTO a VALUES (100)", "TRUNCATE a CASCADE", "INSERT INTO a VALUES (1), (200)",
                         "INSERT INTO b VALUES (7, 200)")
    pipeline.expect_equal_now()
    assert sorted(d["_id"] for d in pipeline.documents("a")) == [1, 200]
    assert len(pipeline.documents("b")) == 1


def test_quoted_and_non_ascii_identifiers(pipeline):
    table, key = '"Lưu trữ"."Đơn ""hàng"""', '"Mã số"'
    pipeline.sql('CREATE SCHEMA "Lưu trữ"', f'CREATE TABLE {table} ({key} int PRIMARY KEY, "select" text,'
                 ' "Tên.khách" text, "$giá" int, "with space" text)',
                 f"INSERT INTO {table} VALUES (1, 'a', 'Nguyễn', 5, 'x'), (2, 'b', 'Trần', 6, 'y')")
    pipeline.configure({"Đơn hàng": 'Lưu trữ."Đơn ""hàng"""'})
    view = View(table='Lưu trữ.Đơn "hàng"', collection="Đơn hàng")
    pipeline.start_and_wait()
    pipeline.expect_equal(view)
    pipeline.sql(f"""UPDATE {table} SET "Tên.khách" = 'Lê', "$giá" = 7 WHERE {key} = 1""",
                 f"INSERT INTO {table} VALUES (3, NULL, 'Phạm', NULL, 'z')",
                 f"UPDATE {table} SET {key} = 4 WHERE {key} = 2")
    pipeline.expect_equal_now(view)


def test_field_names_with_dots_and_dollars_are_patched_literally(pipeline):
    """A patch is made by an update with an unchanged TOAST value beside it."""
    pipeline.sql('CREATE TABLE odd (id int PRIMARY KEY, body text, "a.b" int, "$c" int, "a" int, "$set" int)',
                 f"INSERT INTO odd SELECT i, ({BIG.format(seed=3)}), i, i, i, i FROM generate_series(1, 3) i")
    pipeline.configure({"odd": "public.odd"}).start_and_wait()
    pipeline.sql('UPDATE odd SET "a.b" = 10, "$c" = 11, "$set" = 12', 'UPDATE odd SET "a" = 13 WHERE id = 2',
                 'UPDATE odd SET id = 20 WHERE id = 2')
    pipeline.expect_equal_now()


def test_several_collections_come_from_one_table(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text, price int)",
                 "INSERT INTO item SELECT i, 'n' || i, i FROM generate_series(1, 20) i")
    pipeline.configure({"all": "public.item", "names": {"from": "public.item", "fields": ["name"]}})
    names = View(table="public.item", collection="names", fields={"name": "name"})
    pipeline.start_and_wait()
    pipeline.sql("UPDATE item SET price = 0 WHERE id = 3", "UPDATE item SET name = 'x' WHERE id = 4",
                 "UPDATE item SET id = 40 WHERE id = 5", "DELETE FROM item WHERE id = 6")
    pipeline.wait()
    pipeline.expect_equal(*pipeline.views, names)


def test_a_table_without_key_in_the_publication_disturbs_nothing(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)", "CREATE TABLE heap (number smallint)",
                 "CREATE PUBLICATION mixed FOR TABLE item, heap")
    pipeline.configure({"items": "public.item"}, source={"publication": "mixed"}).start_and_wait()
    pipeline.transaction("INSERT INTO heap SELECT generate_series(1, 100)", "INSERT INTO item VALUES (1)", "TRUNCATE heap",
                         "INSERT INTO item VALUES (2)")
    pipeline.sql("INSERT INTO heap VALUES (1)", "INSERT INTO item VALUES (3)")
    pipeline.expect_equal_now()
    assert pipeline.database.list_collection_names(filter={"name": "heap"}) == []


def test_a_transaction_larger_than_a_group_arrives_whole(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text)")
    pipeline.configure({"items": "public.item"}, groups={"rows": 100}).start_and_wait()
    pipeline.transaction("INSERT INTO item SELECT i, 'a' FROM generate_series(1, 2500) i",
                         "UPDATE item SET name = 'b' WHERE id % 2 = 0", "DELETE FROM item WHERE id % 7 = 0")
    pipeline.expect_equal_now()


def test_a_table_with_only_a_key_and_one_with_many_columns(pipeline):
    columns = ", ".join(f"c{i} int" for i in range(800))
    pipeline.sql("CREATE TABLE narrow (id int PRIMARY KEY)", f"CREATE TABLE wide (id int PRIMARY KEY, {columns})",
                 "INSERT INTO narrow SELECT generate_series(1, 10)", "INSERT INTO wide (id, c3, c799) VALUES (1, 2, 3)")
    pipeline.configure({"narrow": "public.narrow", "wide": "public.wide"}).start_and_wait()
    pipeline.sql("INSERT INTO narrow VALUES (11)", "UPDATE wide SET c500 = 9", "INSERT INTO wide (id) VALUES (2)")
    pipeline.expect_equal_now()
