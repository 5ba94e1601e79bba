"""penstock verify over documents of several tables, summaries and expressions, beside a pipeline with a state of its own."""

import random

import psycopg
import pytest
from e2e.test_verify import by_name, summary, verify
from support.pipeline import Background

ORDERS, PRODUCTS = 400, 40

SCHEMA = [
    "CREATE TABLE product (product_id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), body text)",
    f"INSERT INTO product SELECT i, 'product ' || i, i * 1.5, repeat('b', 3000) FROM generate_series(1, {PRODUCTS}) i",
    "CREATE TABLE orders (order_id int PRIMARY KEY, customer text NOT NULL, status text NOT NULL, placed date)",
    "INSERT INTO orders SELECT i, 'customer ' || i % 17, CASE i % 10 WHEN 0 THEN 'draft' ELSE 'open' END,"
    f" date '2024-01-01' + i FROM generate_series(1, {ORDERS}) i",
    "CREATE TABLE line (line_id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE CASCADE,"
    " product_id int REFERENCES product, quantity int NOT NULL, unit_price numeric(10,2) NOT NULL)",
    "INSERT INTO line SELECT i, i % 400 + 1, i % 40 + 1, i % 5 + 1, i * 0.25 FROM generate_series(1, 1000) i",
]

COLLECTIONS = {
    "orders": {
        "from": "public.orders",
        "where": "status <> 'draft'",
        "fields": {"*": True, "customer": "initcap(customer)", "placed_on": "to_char(placed, 'YYYY-MM-DD')",
                   "total": "sum(lines.quantity * lines.unit_price)::numeric(12,2)", "line_count": "count(lines)"},
        "embed": {"lines": {"many": "public.line", "using": "order_id", "order_by": "line_id", "embed": {
            "product": {"one": "public.product", "using": "product_id", "fields": ["name", "price"]}}}}},
    "product_sales": {
        "from": "public.line", "group_by": "product_id",
        "fields": {"sold": "sum(quantity)", "revenue": "sum(quantity * unit_price)::numeric(14,2)",
                   "dearest": "max(unit_price)"}},
    "products": {"from": "public.product"},
    "cheap": {"from": "public.product", "where": "price < 30", "fields": {"label": "upper(name)"}},
}


def shop(pipeline, **settings):
    pipeline.sql(*SCHEMA)
    return pipeline.configure(COLLECTIONS, **settings)


class Writers:
    """Moves, renames, new and cancelled orders, rows that come and go in `where`."""

    def __init__(self, pipeline, count=3):
        self._connections = [psycopg.connect(pipeline.postgres_url) for _ in range(count)]
        self._threads = [Background(lambda c=c, d=random.Random(n): self._write(c, d))
                         for n, c in enumerate(self._connections)]

    def _write(self, connection, dice):
        try:
            with connection.transaction():
                for _ in range(dice.choice([1, 1, 3, 8])):
                    connection.execute(self._statement(dice))
        except (psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation, psycopg.errors.ForeignKeyViolation):
            pass

    def _statement(self, dice):
        order, product, line = dice.randint(1, ORDERS), dice.randint(1, PRODUCTS), dice.randint(1, 1100)
        return dice.choice([
            f"UPDATE line SET quantity = quantity % 9 + 1 WHERE line_id = {line}",
            f"UPDATE line SET order_id = {order} WHERE line_id = {line} AND EXISTS (SELECT FROM orders WHERE order_id = {order})",
            f"UPDATE line SET product_id = {product} WHERE line_id % 50 = {line % 50}",
            f"UPDATE product SET name = 'renamed {line}' WHERE product_id = {product}",
            f"UPDATE product SET price = {line}::numeric / 20 WHERE product_id = {product}",
            f"UPDATE orders SET status = CASE status WHEN 'draft' THEN 'open' ELSE 'draft' END WHERE order_id = {order}",
            f"DELETE FROM orders WHERE order_id = {order}",
            f"INSERT INTO orders VALUES ({order}, 'again', 'open', '2025-01-01') ON CONFLICT DO NOTHING",
            f"INSERT INTO line SELECT {line}, {order}, {product}, 2, 9.99 WHERE EXISTS"
            f" (SELECT FROM orders WHERE order_id = {order}) ON CONFLICT DO NOTHING",
            f"DELETE FROM line WHERE line_id = {line}",
        ])

    def stop(self):
        for thread in self._threads:
            thread.stop()
        for connection in self._connections:
            connection.close()


def test_read_models_are_equal_while_writers_run(pipeline):
    shop(pipeline).start_and_wait()
    writers = Writers(pipeline)
    try:
        for _ in range(6):
            report = verify(pipeline)
            assert report["one_position"], report["log"]
            for collection in report["collections"]:
                assert collection["compared"] == collection["expected"] == collection["stored"] > 0
                assert collection["digest_postgres"] == collection["digest_mongodb"]
    finally:
        writers.stop()


def test_ten_differences_in_aggregates_are_found_and_repaired(pipeline):
    shop(pipeline).start_and_wait()
    orders, sales = pipeline.database.orders, pipeline.database.product_sales
    stored = orders.find_one({"_id": 5})
    assert len(stored["lines"]) >= 2
    orders.update_one({"_id": 1}, {"$set": {"customer": "other"}})
    orders.update_one({"_id": 2}, {"$set": {"lines.1.quantity": 77}})
    orders.update_one({"_id": 3}, {"$set": {"lines.0.product.name": "wrong"}})
    orders.update_one({"_id": 4}, {"$unset": {"lines.0.product.price": 1}})
    orders.update_one({"_id": 5}, {"$set": {"lines": [stored["lines"][1], stored["lines"][0], *stored["lines"][2:]]}})
    orders.update_one({"_id": 6}, {"$pop": {"lines": 1}})
    last = len(orders.find_one({"_id": 6})["lines"])
    orders.update_one({"_id": 7}, {"$set": {"total": "many"}})
    orders.delete_one({"_id": 8})
    orders.insert_one({"_id": 10, "customer": "a draft"})
    orders.insert_one({"_id": 100_000, "customer": "nobody"})
    planted = [("orders", 1, "differs", "customer"), ("orders", 2, "differs", "lines.1.quantity"),
               ("orders", 3, "differs", "lines.0.product.name"), ("orders", 4, "differs", "lines.0.product.price"),
               ("orders", 5, "differs", "lines.0.line_id"), ("orders", 6, "differs", f"lines.{last}"),
               ("orders", 7, "differs", "total"), ("orders", 8, "missing", None), ("orders", 10, "extra", None),
               ("orders", 100_000, "extra", None)]
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == sorted(planted, key=str)

    repaired = verify(pipeline, "--repair")
    assert repaired["repaired"] == len(planted) and repaired["differences"] == []
    assert orders.find_one({"_id": 5}) == stored

    sales.update_one({"_id": 3}, {"$set": {"sold": 1}})
    sales.delete_one({"_id": 4})
    sales.insert_one({"_id": 4_000, "sold": 1})
    report = verify(pipeline, "--collection", "product_sales", expect=1)
    assert sorted(summary(report), key=str) == [("product_sales", 3, "differs", "sold"),
                                                ("product_sales", 4, "missing", None),
                                                ("product_sales", 4_000, "extra", None)]
    assert verify(pipeline, "--repair")["repaired"] == 3, "a summary is built anew"
    assert verify(pipeline)["different"] == 0


def test_a_repair_of_aggregates_under_load(pipeline):
    shop(pipeline).start_and_wait()
    writers = Writers(pipeline, 2)
    try:
        pipeline.database.orders.delete_many({"_id": {"$lte": 150}})
        pipeline.database.product_sales.update_many({}, {"$set": {"sold": 0}})
        pipeline.database.orders.insert_many([{"_id": 9_000_000 + i} for i in range(20)])  # no writer mends these
        report = verify(pipeline, "--repair")
        assert report["repaired"] >= 20
    finally:
        writers.stop()
    pipeline.wait()
    assert verify(pipeline)["different"] == 0


def test_soft_deletes_of_aggregates(pipeline):
    shop(pipeline, deletes="soft", metadata={"change": "changed", "time": "at"}).start_and_wait()
    pipeline.sql("DELETE FROM orders WHERE order_id BETWEEN 100 AND 120", "UPDATE orders SET status = 'draft' WHERE order_id = 1")
    pipeline.wait()
    assert verify(pipeline)["different"] == 0
    pipeline.database.orders.update_one({"_id": 101}, {"$set": {"changed": "updated"}})
    pipeline.database.orders.update_one({"_id": 2}, {"$set": {"changed": "deleted"}})
    report = verify(pipeline, expect=1)
    assert sorted(summary(report), key=str) == [("orders", 101, "extra", None), ("orders", 2, "differs", "changed")]
    assert verify(pipeline, "--repair")["repaired"] == 2


@pytest.mark.parametrize("times", [1, 3])
def test_a_snapshot_that_is_too_old_under_load(pipeline, times):
    shop(pipeline).start_and_wait()
    writers = Writers(pipeline)
    try:
        for name in ("orders", "product_sales"):
            pipeline.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": {
                "failCommands": ["find", "aggregate"], "errorCode": 239, "namespace": f"{pipeline.name}.{name}"}})
            assert not verify(pipeline)["one_position"]
    finally:
        writers.stop()
        pipeline.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def test_a_row_that_makes_no_document_is_no_difference_with_dead_letters(pipeline):
    pipeline.sql("CREATE TABLE part (id int PRIMARY KEY, n int NOT NULL)", "INSERT INTO part SELECT i, i FROM generate_series(1, 50) i")
    pipeline.configure({"parts": {"from": "public.part", "fields": {"inverse": "1.0 / n"}}}, errors="dead_letter")
    pipeline.start_and_wait()
    pipeline.sql("UPDATE part SET n = 0 WHERE id IN (3, 4)", "INSERT INTO part VALUES (60, 0)")
    pipeline.wait()
    report = verify(pipeline)
    assert by_name(report)["parts"]["rejected"] == 3
