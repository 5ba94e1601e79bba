"""What a pipeline file can say of one collection."""

from datetime import datetime, timezone

import pytest
from bson import SON
from support.compare import View


def test_fields_picked_renamed_and_dropped(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text, price int, secret text)",
                 "INSERT INTO item SELECT i, 'n' || i, i, 's' FROM generate_series(1, 5) i")
    pipeline.configure({
        "few": {"from": "public.item", "fields": ["name", "price"]},
        "renamed": {"from": "public.item", "fields": {"*": True, "title": "name", "name": False, "secret": False}},
        "mapped": {"from": "public.item", "fields": {"cost": "price", "name": True}},
    }).start_and_wait()
    pipeline.sql("UPDATE item SET price = price + 1", "INSERT INTO item VALUES (9, 'n', 9, 's')", "DELETE FROM item WHERE id = 2")
    pipeline.expect_equal_now(
        View(table="public.item", collection="few", fields={"name": "name", "price": "price"}),
        View(table="public.item", collection="renamed", fields={"id": "id", "title": "name", "price": "price"}),
        View(table="public.item", collection="mapped", fields={"cost": "price", "name": "name"}))


def test_id_from_another_unique_column(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, code text NOT NULL UNIQUE, n int)",
                 "ALTER TABLE item REPLICA IDENTITY FULL",
                 "INSERT INTO item SELECT i, 'c' || i, i FROM generate_series(1, 5) i")
    pipeline.configure({"items": {"from": "public.item", "id": "code"}}).start_and_wait()
    pipeline.sql("UPDATE item SET code = 'moved' WHERE id = 1", "UPDATE item SET n = 0 WHERE id = 2",
                 "DELETE FROM item WHERE id = 3")
    pipeline.expect_equal_now(View(table="public.item", collection="items", key=["code"]))


def test_soft_deletes_keep_the_document_as_it_last_was(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text)", "INSERT INTO item SELECT i, 'n' || i FROM generate_series(1, 4) i")
    pipeline.configure({"items": {"from": "public.item", "deletes": "soft"}}, metadata={"change": "cdc_changed", "time": "cdc_time"})
    pipeline.start_and_wait()
    before = datetime.now(timezone.utc)
    pipeline.sql("DELETE FROM item WHERE id = 1", "UPDATE item SET name = 'x' WHERE id = 2", "UPDATE item SET id = 30 WHERE id = 3",
                 "INSERT INTO item VALUES (9, 'new')")
    pipeline.wait()
    documents = {d["_id"]: d for d in pipeline.documents("items")}
    assert {i: d["cdc_changed"] for i, d in documents.items()} == \
        {1: "deleted", 2: "updated", 3: "deleted", 30: "updated", 4: "inserted", 9: "inserted"}
    assert documents[1]["name"] == "n1"
    assert abs(int(documents[1]["cdc_time"]) - before.timestamp() * 1000) < 60_000
    pipeline.sql("INSERT INTO item VALUES (1, 'back')")
    pipeline.wait()
    assert pipeline.document("items", 1)["name"] == "back"
    assert pipeline.document("items", 1)["cdc_changed"] in ("inserted", "updated")
    pipeline.sql("TRUNCATE item")
    pipeline.wait()
    assert {d["cdc_changed"] for d in pipeline.documents("items")} == {"deleted"}


def test_metadata_says_what_happened_and_when(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, name text)", "INSERT INTO item VALUES (1, 'a'), (2, 'b')")
    pipeline.configure({"items": "public.item"}, metadata={"change": "how", "time": "at"}).start_and_wait()
    assert {d["how"] for d in pipeline.documents("items")} == {"inserted"}
    pipeline.sql("UPDATE item SET name = 'x' WHERE id = 1", "INSERT INTO item VALUES (3, 'c')", "DELETE FROM item WHERE id = 2")
    pipeline.expect_equal_now()
    documents = {d["_id"]: d for d in pipeline.documents("items")}
    assert (documents[1]["how"], documents[3]["how"]) == ("updated", "inserted")
    assert documents[3]["at"] >= documents[1]["at"]


def test_indexes_are_there_before_the_documents(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, a int, b text)")
    pipeline.configure({"items": {"from": "public.item", "indexes": [{"keys": {"b": 1, "a": -1}},
                                                                     {"keys": {"a": 1}, "name": "by_a", "sparse": True}]}})
    pipeline.start_and_wait()
    indexes = pipeline.database.items.index_information()
    assert indexes["b_1_a_-1"]["key"] == [("b", 1), ("a", -1)]
    assert indexes["by_a"]["sparse"] is True


@pytest.mark.parametrize("definition, named", [
    ({"from": "public.item", "journal": True}, "journal"),
    ({"from": "public.item", "indexes": [{"keys": {"a": 1}, "unique": True}]}, "unique"),
    ({"from": "public.item", "fieds": {}}, "fields"),
])
@pytest.mark.on_one_postgres
def test_what_is_not_there_yet_is_refused_by_name(pipeline, definition, named):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY)")
    pipeline.configure({"items": definition})
    for verb in (["check", "--offline"], ["run", "--until-current"]):
        done = pipeline.penstock(*verb, expect=2)
        assert named in done.stderr + done.stdout
    assert pipeline.slot_row() == {"active": False}, "nothing may be created for a file that is refused"


def test_a_collection_with_a_collation_is_refused(pipeline):
    """Keys that differ in case would become one document."""
    pipeline.sql("CREATE TABLE item (id text PRIMARY KEY)", "INSERT INTO item VALUES ('a'), ('A')")
    pipeline.database.create_collection("items", collation={"locale": "en", "strength": 2})
    pipeline.configure({"items": "public.item"})
    done = pipeline.penstock("check", expect=None)
    assert done.returncode != 0 and "collation" in done.stdout + done.stderr


def test_a_composite_id_in_a_chosen_order(pipeline):
    pipeline.sql("CREATE TABLE stock (shop text, item int, n int, PRIMARY KEY (shop, item))",
                 "INSERT INTO stock SELECT 's', i, i FROM generate_series(1, 5) i")
    pipeline.configure({"stock": {"from": "public.stock", "id": ["item", "shop"]}}).start_and_wait()
    pipeline.sql("UPDATE stock SET n = 0 WHERE item = 3", "DELETE FROM stock WHERE item = 4")
    pipeline.expect_equal_now(View(table="public.stock", collection="stock", key=["item", "shop"]))
    assert pipeline.document("stock", SON([("item", 3), ("shop", "s")]))["n"] == 0
