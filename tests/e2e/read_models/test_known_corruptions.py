"""What other tools get wrong with embedded documents, silently: each a test with that name."""

import pytest
from bson import SON, Decimal128

pytestmark = pytest.mark.on_one_postgres


def by_id(pipeline, collection):
    """{_id: the document without it}"""
    return {d["_id"] if not isinstance(d["_id"], dict) else tuple(d["_id"].values()):
            {k: v for k, v in d.items() if k != "_id"} for d in pipeline.documents(collection)}


def now(pipeline, collection):
    pipeline.wait()
    return by_id(pipeline, collection)


# --- definitions that refer to themselves or to each other


def test_cyclic_definitions(pipeline):
    """authors show their books, books show their author; and a category shows its parent, in a ring of rows."""
    pipeline.sql("CREATE TABLE author (id int PRIMARY KEY, name text)",
                 "CREATE TABLE book (id int PRIMARY KEY, author_id int, title text)",
                 "CREATE TABLE category (id int PRIMARY KEY, parent_id int, name text)",
                 "INSERT INTO author VALUES (1, 'a')", "INSERT INTO book VALUES (1, 1, 'x'), (2, 1, 'y')",
                 "INSERT INTO category VALUES (1, 3, 'one'), (2, 1, 'two'), (3, 2, 'three'), (4, 4, 'itself')")
    pipeline.configure({
        "authors": {"from": "public.author", "embed": {"books": {
            "many": "public.book", "join": {"author_id": "id"}, "fields": ["title"], "embed": {
                "author": {"one": "public.author", "join": {"id": "author_id"}, "fields": ["name"]}}}}},
        "books": {"from": "public.book", "embed": {"author": {
            "one": "public.author", "join": {"id": "author_id"}, "fields": ["name"], "embed": {
                "books": {"many": "public.book", "join": {"author_id": "id"}, "fields": ["title"]}}}}},
        "categories": {"from": "public.category", "fields": ["name"], "embed": {
            "inside": {"one": "public.category", "join": {"id": "parent_id"}, "depth": 3, "fields": ["name"]}}},
    }).start_and_wait()
    pipeline.sql("UPDATE author SET name = 'b' WHERE id = 1", "UPDATE book SET title = 'z' WHERE id = 2",
                 "UPDATE category SET name = 'uno' WHERE id = 1")
    assert now(pipeline, "authors")[1] == {"id": 1, "name": "b", "books": [
        {"title": "x", "author": {"name": "b"}}, {"title": "z", "author": {"name": "b"}}]}
    assert by_id(pipeline, "books")[2] == {"id": 2, "author_id": 1, "title": "z", "author": {
        "name": "b", "books": [{"title": "x"}, {"title": "z"}]}}
    chain = lambda *names: {"name": names[0], **({"inside": chain(*names[1:])} if names[1:] else {})}  # noqa: E731
    assert by_id(pipeline, "categories") == {
        1: chain("uno", "three", "two", "uno"), 2: chain("two", "uno", "three", "two"), 3: chain("three", "two", "uno", "three"),
        4: chain(*["itself"] * 4)}


def test_array_in_document_in_array(pipeline):
    """lines [] -> product {} -> suppliers []: a change at the bottom reaches only its place."""
    pipeline.sql("CREATE TABLE orders (id int PRIMARY KEY)",
                 "CREATE TABLE line (id int PRIMARY KEY, order_id int, product_id int)",
                 "CREATE TABLE product (id int PRIMARY KEY, name text)",
                 "CREATE TABLE supplier (id int PRIMARY KEY, product_id int, name text)",
                 "INSERT INTO orders VALUES (1), (2)", "INSERT INTO line VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1)",
                 "INSERT INTO product VALUES (1, 'p'), (2, 'q')", "INSERT INTO supplier VALUES (1, 1, 's'), (2, 1, 't'), (3, 2, 'u')")
    pipeline.configure({"orders": {"from": "public.orders", "embed": {"lines": {
        "many": "public.line", "join": {"order_id": "id"}, "fields": ["id"], "embed": {"product": {
            "one": "public.product", "join": {"id": "product_id"}, "fields": ["name"], "embed": {"suppliers": {
                "many": "public.supplier", "join": {"product_id": "id"}, "fields": ["id", "name"]}}}}}}}}).start_and_wait()
    pipeline.sql("UPDATE supplier SET name = 'changed' WHERE id = 2", "INSERT INTO supplier VALUES (0, 1, 'first')",
                 "UPDATE supplier SET product_id = 2 WHERE id = 1")
    p = {"name": "p", "suppliers": [{"id": 0, "name": "first"}, {"id": 2, "name": "changed"}]}
    q = {"name": "q", "suppliers": [{"id": 1, "name": "s"}, {"id": 3, "name": "u"}]}
    assert now(pipeline, "orders") == {1: {"id": 1, "lines": [{"id": 1, "product": p}, {"id": 2, "product": q}]},
                                       2: {"id": 2, "lines": [{"id": 3, "product": p}]}}


# --- one table in several places


def test_one_table_mapped_into_several_collections(pipeline):
    """As a root, as a root with a filter, embedded twice in one document, and in a summary."""
    pipeline.sql("CREATE TABLE person (id int PRIMARY KEY, name text, town text)",
                 "CREATE TABLE task (id int PRIMARY KEY, owner_id int, reviewer_id int, hours int)",
                 "INSERT INTO person VALUES (1, 'a', 'x'), (2, 'b', 'y')",
                 "INSERT INTO task VALUES (1, 1, 2, 3), (2, 2, 2, 5)")
    pipeline.configure({
        "people": "public.person",
        "people_of_x": {"from": "public.person", "where": "town = 'x'", "fields": {"who": "upper(name)"}},
        "tasks": {"from": "public.task", "fields": ["hours"], "embed": {
            "owner": {"one": "public.person", "join": {"id": "owner_id"}, "fields": ["name"]},
            "reviewer": {"one": "public.person", "join": {"id": "reviewer_id"}, "fields": ["name", "town"]}}},
        "hours": {"from": "public.task", "embed": {"owner": {"one": "public.person", "join": {"id": "owner_id"}}},
                  "group_by": {"town": "owner.town"}, "fields": {"hours": "sum(hours)"}},
    }).start_and_wait()
    pipeline.transaction("UPDATE person SET town = 'x', name = 'c' WHERE id = 2", "UPDATE task SET hours = 6 WHERE id = 2")
    assert now(pipeline, "people")[2] == {"id": 2, "name": "c", "town": "x"}
    assert by_id(pipeline, "people_of_x") == {1: {"who": "A"}, 2: {"who": "C"}}
    assert by_id(pipeline, "tasks") == {
        1: {"hours": 3, "owner": {"name": "a"}, "reviewer": {"name": "c", "town": "x"}},
        2: {"hours": 6, "owner": {"name": "c"}, "reviewer": {"name": "c", "town": "x"}}}
    assert by_id(pipeline, "hours") == {"x": {"hours": 9}}


def test_only_one_of_n_documents_updated(pipeline):
    """A shared row stands in 500 documents, more than a group holds; each of them changes, and again with the next."""
    pipeline.sql("CREATE TABLE product (id int PRIMARY KEY, name text)", "CREATE TABLE line (id int PRIMARY KEY, product_id int)",
                 "INSERT INTO product VALUES (1, 'old'), (2, 'other')",
                 "INSERT INTO line SELECT i, 1 + (i % 10 = 0)::int FROM generate_series(1, 500) i")
    pipeline.configure({"lines": {"from": "public.line", "embed": {"product": {
        "one": "public.product", "join": {"id": "product_id"}, "fields": ["name"]}}}}, groups={"rows": 40}).start_and_wait()
    for name in ("new", "newer"):
        pipeline.sql(f"UPDATE product SET name = '{name}' WHERE id = 1")
        names = [d["product"]["name"] for d in now(pipeline, "lines").values()]
        assert (names.count(name), names.count("other"), len(names)) == (450, 50, 500)


def test_same_table_name_in_two_schemas(pipeline):
    pipeline.sql("CREATE SCHEMA north", "CREATE SCHEMA south",
                 *(statement.format(s=s) for s in ("north", "south") for statement in (
                     "CREATE TABLE {s}.shop (id int PRIMARY KEY, name text)",
                     "CREATE TABLE {s}.sale (id int PRIMARY KEY, shop_id int, amount int)",
                     "INSERT INTO {s}.shop VALUES (1, '{s}')", "INSERT INTO {s}.sale VALUES (1, 1, 10)")))
    tree = lambda s, other: {"from": f"{s}.shop", "embed": {  # noqa: E731
        "sales": {"many": f"{s}.sale", "join": {"shop_id": "id"}, "fields": ["amount"]},
        "sales_there": {"many": f"{other}.sale", "join": {"shop_id": "id"}, "fields": ["amount"]}}}
    pipeline.configure({"north": tree("north", "south"), "south": tree("south", "north")}).start_and_wait()
    pipeline.sql("UPDATE north.sale SET amount = 11", "INSERT INTO south.sale VALUES (2, 1, 20)", "UPDATE south.shop SET name = 's'")
    north, south = [{"amount": 11}], [{"amount": 10}, {"amount": 20}]
    assert now(pipeline, "north") == {1: {"id": 1, "name": "north", "sales": north, "sales_there": south}}
    assert by_id(pipeline, "south") == {1: {"id": 1, "name": "s", "sales": south, "sales_there": north}}


# --- foreign keys


def test_a_column_in_several_composite_foreign_keys(pipeline):
    """tenant is part of both; a child of one tenant never shows in another's document."""
    pipeline.sql("CREATE TABLE project (tenant int, id int, title text, PRIMARY KEY (tenant, id))",
                 "CREATE TABLE person (id int, tenant int, name text, PRIMARY KEY (id, tenant))",
                 "CREATE TABLE task (tenant int, id int, project_id int, person_id int, PRIMARY KEY (tenant, id),"
                 " FOREIGN KEY (tenant, project_id) REFERENCES project (tenant, id),"
                 " FOREIGN KEY (person_id, tenant) REFERENCES person (id, tenant))",
                 "INSERT INTO project VALUES (1, 1, 'a'), (2, 1, 'b')", "INSERT INTO person VALUES (1, 1, 'x'), (1, 2, 'y')",
                 "INSERT INTO task VALUES (1, 1, 1, 1), (2, 1, 1, NULL)")
    pipeline.configure({
        "projects": {"from": "public.project", "fields": ["title"], "embed": {"tasks": {
            "many": "public.task", "fields": ["id"], "embed": {"person": {"one": "public.person", "fields": ["name"]}}}}},
        "people": {"from": "public.person", "fields": ["name"], "embed": {"tasks": {"many": "public.task", "fields": ["id"]}}},
    }).start_and_wait()
    pipeline.sql("UPDATE task SET person_id = 1 WHERE tenant = 2", "INSERT INTO task VALUES (1, 2, 1, NULL)",
                 "UPDATE person SET name = 'z' WHERE tenant = 2")
    assert now(pipeline, "projects") == {
        (1, 1): {"title": "a", "tasks": [{"id": 1, "person": {"name": "x"}}, {"id": 2, "person": None}]},
        (2, 1): {"title": "b", "tasks": [{"id": 1, "person": {"name": "z"}}]}}
    assert by_id(pipeline, "people") == {(1, 1): {"name": "x", "tasks": [{"id": 1}]}, (1, 2): {"name": "z", "tasks": [{"id": 1}]}}
    pipeline.sql("UPDATE task SET tenant = 2, id = 2 WHERE tenant = 1 AND id = 1")
    assert now(pipeline, "projects") == {
        (1, 1): {"title": "a", "tasks": [{"id": 2, "person": None}]},
        (2, 1): {"title": "b", "tasks": [{"id": 1, "person": {"name": "z"}}, {"id": 2, "person": {"name": "z"}}]}}


def test_two_foreign_keys_to_one_table(pipeline):
    """Which one is meant must be said; one row may hang on the same parent by both."""
    pipeline.sql("CREATE TABLE airport (code text PRIMARY KEY, city text)",
                 "CREATE TABLE flight (id int PRIMARY KEY, origin text REFERENCES airport, target text REFERENCES airport)",
                 "INSERT INTO airport VALUES ('HAN', 'Hà Nội'), ('SGN', 'Sài Gòn')",
                 "INSERT INTO flight VALUES (1, 'HAN', 'SGN'), (2, 'SGN', 'SGN')")
    said = {"many": "public.flight", "fields": ["id"]}
    pipeline.configure({"airports": {"from": "public.airport", "embed": {"leaving": said}}})
    done = pipeline.penstock("check", expect=None)
    assert done.returncode != 0 and "origin" in done.stdout + done.stderr and "target" in done.stdout + done.stderr
    pipeline.configure({
        "airports": {"from": "public.airport", "fields": ["city"], "embed": {
            "leaving": {**said, "join": {"origin": "code"}}, "coming": {**said, "join": {"target": "code"}}}},
        "flights": {"from": "public.flight", "fields": {"origin": False, "target": False, "*": True}, "embed": {
            "from_city": {"one": "public.airport", "join": {"code": "origin"}, "fields": ["city"]},
            "to_city": {"one": "public.airport", "join": {"code": "target"}, "fields": ["city"]}}},
    }).start_and_wait()
    pipeline.sql("UPDATE flight SET origin = 'HAN' WHERE id = 2", "UPDATE airport SET city = 'TP. HCM' WHERE code = 'SGN'")
    assert now(pipeline, "airports") == {"HAN": {"city": "Hà Nội", "leaving": [{"id": 1}, {"id": 2}], "coming": []},
                                         "SGN": {"city": "TP. HCM", "leaving": [], "coming": [{"id": 1}, {"id": 2}]}}
    assert by_id(pipeline, "flights")[2] == {"id": 2, "from_city": {"city": "Hà Nội"}, "to_city": {"city": "TP. HCM"}}


# --- columns


def test_a_column_renamed_to_another_columns_name(pipeline):
    """In the definition: two fields that change names, in the root and in an embed, and expressions that mean columns."""
    pipeline.sql("CREATE TABLE orders (id int PRIMARY KEY, gross int, net int)",
                 "CREATE TABLE line (id int PRIMARY KEY, order_id int, a int, b int)",
                 "INSERT INTO orders VALUES (1, 119, 100)", "INSERT INTO line VALUES (1, 1, 5, 7)")
    pipeline.configure({"orders": {
        "from": "public.orders",
        "fields": {"*": True, "gross": "net", "net": "gross", "tax": "gross - net", "sum_of_a": "sum(lines.a)"},
        "embed": {"lines": {"many": "public.line", "join": {"order_id": "id"},
                            "fields": {"id": True, "a": "b", "b": "a", "difference": "b - a"}}}}}).start_and_wait()
    pipeline.sql("UPDATE orders SET gross = 238", "UPDATE line SET a = 6", "INSERT INTO line VALUES (2, 1, 1, 2)")
    assert now(pipeline, "orders") == {1: {"id": 1, "gross": 100, "net": 238, "tax": 138, "sum_of_a": 7, "lines": [
        {"id": 1, "a": 7, "b": 6, "difference": 1}, {"id": 2, "a": 2, "b": 1, "difference": 1}]}}


def test_a_column_renamed_to_a_dropped_columns_name(pipeline):
    """In the table, while running: the new column of that name is another one."""
    pipeline.sql("CREATE TABLE orders (id int PRIMARY KEY, old_note text, note text)",
                 "CREATE TABLE line (id int PRIMARY KEY, order_id int, old_name text, name text)",
                 "INSERT INTO orders VALUES (1, 'old', 'new')", "INSERT INTO line VALUES (1, 1, 'old', 'new'), (2, 1, 'older', 'newer')")
    pipeline.configure({"orders": {"from": "public.orders", "fields": ["note"], "embed": {
        "lines": {"many": "public.line", "join": {"order_id": "id"}, "fields": ["name"]}}}},
        source={"catalog_interval": 1}).start_and_wait()
    pipeline.transaction("ALTER TABLE orders DROP note", "ALTER TABLE orders RENAME old_note TO note",
                         "ALTER TABLE line DROP name", "ALTER TABLE line RENAME old_name TO name",
                         "UPDATE line SET name = 'changed' WHERE id = 2")
    pipeline.until(lambda: by_id(pipeline, "orders") == {1: {"note": "old", "lines": [{"name": "old"}, {"name": "changed"}]}},
                   60, "the renamed columns to be shown")


def test_unchanged_toast_in_a_child(pipeline):
    """PostgreSQL does not send a long text that did not change: not for the child, not when it moves or changes its
    key, and not for the root."""
    long = lambda n: f"(SELECT string_agg(md5((i + {n})::text), '') FROM generate_series(1, 300) i)"  # noqa: E731
    pipeline.sql("CREATE TABLE orders (id int PRIMARY KEY, status text, terms text)",
                 "CREATE TABLE line (id int PRIMARY KEY, order_id int, n int, body text)",
                 f"INSERT INTO orders VALUES (1, 'a', {long(1)}), (2, 'b', {long(2)})",
                 f"INSERT INTO line VALUES (1, 1, 1, {long(3)}), (2, 1, 2, {long(4)})")
    pipeline.configure({"orders": {"from": "public.orders", "fields": {"*": True, "size": "sum(length(lines.body))"}, "embed": {
        "lines": {"many": "public.line", "join": {"order_id": "id"}, "fields": ["id", "n", "body"]}}}}).start_and_wait()
    pipeline.sql("UPDATE line SET n = 10 WHERE id = 1", "UPDATE orders SET status = 'c' WHERE id = 1",
                 "UPDATE line SET order_id = 2 WHERE id = 2", "UPDATE line SET id = 20, n = 20 WHERE id = 2",
                 "UPDATE orders SET id = 3 WHERE id = 2", "UPDATE line SET order_id = 3 WHERE order_id = 2")
    texts = {(k, i): b for k, i, b in pipeline.sql("SELECT order_id, id, body FROM line")}
    terms = dict(pipeline.sql("SELECT id, terms FROM orders"))
    assert now(pipeline, "orders") == {
        1: {"id": 1, "status": "c", "terms": terms[1], "size": 9600, "lines": [{"id": 1, "n": 10, "body": texts[1, 1]}]},
        3: {"id": 3, "status": "b", "terms": terms[3], "size": 9600, "lines": [{"id": 20, "n": 20, "body": texts[3, 20]}]}}


# --- rows that come and go


def test_child_insert_without_parent(pipeline):
    """It is shown when its parent comes, also after that came and went."""
    pipeline.sql("CREATE TABLE orders (id int PRIMARY KEY, note text)",
                 "CREATE TABLE line (id int PRIMARY KEY, order_id int, price numeric(10,2))",
                 "CREATE TABLE part (id int PRIMARY KEY, line_id int)")
    pipeline.configure({"orders": {"from": "public.orders", "fields": {"*": True, "total": "sum(lines.price)"}, "embed": {
        "lines": {"many": "public.line", "join": {"order_id": "id"}, "fields": ["id"], "embed": {
            "parts": {"many": "public.part", "join": {"line_id": "id"}, "shape": "values", "value": "id"}}}}}}).start_and_wait()
    pipeline.sql("INSERT INTO part VALUES (1, 1)", "INSERT INTO line VALUES (1, 1, 9.50), (2, NULL, 1)")
    assert now(pipeline, "orders") == {}
    pipeline.sql("INSERT INTO orders VALUES (1, 'late')")
    document = {"id": 1, "note": "late", "total": Decimal128("9.50"), "lines": [{"id": 1, "parts": [1]}]}
    assert now(pipeline, "orders") == {1: document}
    pipeline.sql("DELETE FROM orders", "INSERT INTO part VALUES (2, 1)")
    assert now(pipeline, "orders") == {}
    pipeline.sql("INSERT INTO orders VALUES (1, 'back')")
    assert now(pipeline, "orders") == {1: {**document, "note": "back", "lines": [{"id": 1, "parts": [1, 2]}]}}
    pipeline.transaction("INSERT INTO line VALUES (3, 2, 1)", "INSERT INTO orders VALUES (2, 'both')")
    assert now(pipeline, "orders")[2]["lines"] == [{"id": 3, "parts": []}]


def test_parent_key_change(pipeline):
    """With its children in the same transaction, without them, and onto a key that others wait for."""
    pipeline.sql("CREATE TABLE orders (a int, b text, note text, PRIMARY KEY (a, b))",
                 "CREATE TABLE line (id int PRIMARY KEY, order_a int, order_b text)",
                 "INSERT INTO orders VALUES (1, 'x', 'one'), (2, 'x', 'two')", "INSERT INTO line VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 9, 'z')")
    pipeline.configure({"orders": {"from": "public.orders", "fields": ["note"], "embed": {
        "lines": {"many": "public.line", "join": {"order_b": "b", "order_a": "a"}, "shape": "values", "value": "id"}}}}).start_and_wait()
    pipeline.transaction("UPDATE orders SET b = 'y' WHERE a = 1", "UPDATE line SET order_b = 'y' WHERE order_a = 1")
    assert now(pipeline, "orders") == {(1, "y"): {"note": "one", "lines": [1, 2]}, (2, "x"): {"note": "two", "lines": []}}
    pipeline.sql("UPDATE orders SET a = 9, b = 'z' WHERE a = 2")
    assert now(pipeline, "orders") == {(1, "y"): {"note": "one", "lines": [1, 2]}, (9, "z"): {"note": "two", "lines": [3]}}
    pipeline.transaction("UPDATE orders SET a = 5 WHERE a = 1", "UPDATE orders SET a = 1, b = 'y' WHERE a = 9")
    assert now(pipeline, "orders") == {(5, "y"): {"note": "one", "lines": []}, (1, "y"): {"note": "two", "lines": [1, 2]}}
    assert pipeline.document("orders", SON([("a", 1), ("b", "y")]))["note"] == "two"


def test_parent_key_change_two_levels_down(pipeline):
    """The key of a row between: its children leave it, and the root follows."""
    pipeline.sql("CREATE TABLE trip (id int PRIMARY KEY)", "CREATE TABLE leg (id int PRIMARY KEY, trip_id int)",
                 "CREATE TABLE stop (id int PRIMARY KEY, leg_id int, name text)", "INSERT INTO trip VALUES (1), (2)",
                 "INSERT INTO leg VALUES (1, 1), (2, 2)", "INSERT INTO stop VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')")
    pipeline.configure({"trips": {"from": "public.trip", "fields": {"stops": "count(legs.stops)"}, "embed": {
        "legs": {"many": "public.leg", "join": {"trip_id": "id"}, "fields": ["id"], "embed": {
            "stops": {"many": "public.stop", "join": {"leg_id": "id"}, "shape": "values", "value": "name"}}}}}}).start_and_wait()
    pipeline.sql("UPDATE leg SET id = 3 WHERE id = 1")
    assert now(pipeline, "trips") == {1: {"stops": 1, "legs": [{"id": 3, "stops": ["c"]}]}, 2: {"stops": 1, "legs": [{"id": 2, "stops": ["b"]}]}}
    pipeline.transaction("UPDATE leg SET id = 1, trip_id = 2 WHERE id = 3", "UPDATE stop SET leg_id = 1, name = 'd' WHERE id = 3")
    assert now(pipeline, "trips") == {1: {"stops": 0, "legs": []}, 2: {"stops": 3, "legs": [
        {"id": 1, "stops": ["a", "d"]}, {"id": 2, "stops": ["b"]}]}}
