"""`penstock capture` → Kafka → `penstock apply`: documents equal to PostgreSQL, whatever is killed on the way."""

import random
import subprocess
import time

import pytest
from support import servers
from support.compare import View
from support.kafka import Kafka
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

SHOP = ["CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2))",
        "CREATE TABLE orders (id int PRIMARY KEY, customer text, status text NOT NULL, note text)",
        "CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, product_id int, quantity int NOT NULL)",
        "INSERT INTO products SELECT i, 'product ' || i, i * 1.25 FROM generate_series(1, 40) i",
        "INSERT INTO orders SELECT i, 'customer ' || i % 17, 'new', repeat(md5(i::text), 100) FROM generate_series(1, 300) i",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "INSERT INTO lines SELECT i, 1 + i % 300, 1 + i % 40, i % 7 FROM generate_series(1, 900) i"]

COLLECTIONS = {
    "products": "public.products", "orders_flat": "public.orders", "lines": "public.lines",
    "orders": {"from": "public.orders",
               "fields": {"*": True, "total": "sum(lines.quantity * lines.product.price)::numeric(12,2)"},
               "embed": {"lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id",
                                   "embed": {"product": {"one": "public.products", "join": {"id": "product_id"},
                                                         "fields": ["name", "price"]}}}}},
    "sold": {"from": "public.lines", "group_by": "product_id", "fields": {"sold": "sum(quantity)"}},
}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-apply", settings={"num.partitions": 3}).start()


@pytest.fixture
def shop(pipeline, kafka):
    pipeline.sql(*SHOP)
    pipeline.configure(COLLECTIONS, kafka={"brokers": kafka.address, "prefix": pipeline.name})
    return pipeline


def order_documents(pipeline):
    """What the orders' documents must be, by PostgreSQL itself."""
    rows = pipeline.sql("""
        SELECT o.id, o.customer, o.status, o.note,
               coalesce((SELECT sum(l.quantity * p.price)::numeric(12,2)::text FROM lines l LEFT JOIN products p ON p.id = l.product_id
                         WHERE l.order_id = o.id), 'none'),
               (SELECT array_agg(l.id || ':' || l.quantity || ':' || coalesce(p.name, '-') || ':' || coalesce(p.price::text, '-') ORDER BY l.id)
                FROM lines l LEFT JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id)
        FROM orders o""")
    return {row[0]: (row[1], row[2], row[3], row[4], row[5] or []) for row in rows}


def shown_documents(pipeline):
    shown = {}
    for document in pipeline.documents("orders"):
        lines = []
        for line in document["lines"]:
            product = line["product"] or {}
            lines.append(f"{line['id']}:{line['quantity']}:{product.get('name', '-')}:{product.get('price', '-')}")
        total = document["total"]
        shown[document["_id"]] = (document["customer"], document["status"], document["note"],
                                  "none" if total is None else str(total), lines)
    return shown


def expect_equal(pipeline):
    pipeline.expect_equal(*(View(table=f"public.{table}", collection=collection)
                            for collection, table in (("products", "products"), ("orders_flat", "orders"), ("lines", "lines"))))
    assert shown_documents(pipeline) == order_documents(pipeline)
    sold = {d["_id"]: d["sold"] for d in pipeline.documents("sold")}
    assert sold == dict(pipeline.sql("SELECT product_id, sum(quantity) FROM lines GROUP BY 1"))


def apply_until_current(pipeline):
    pipeline.penstock("apply", "--until-current")


def change(pipeline, chance, next_id):
    """One transaction of everyday life: new orders, moved lines, renamed products, changed keys, deletions."""
    order, product, line = chance.randint(1, 300), chance.randint(1, 40), chance.randint(1, 900)
    pipeline.transaction(*chance.choice([
        [f"INSERT INTO orders VALUES ({next_id}, 'new customer', 'new', repeat('n', 5000))",
         f"INSERT INTO lines VALUES ({next_id}, {next_id}, {product}, 3)", f"UPDATE lines SET quantity = quantity + 1 WHERE id = {line}"],
        [f"UPDATE orders SET status = 'paid {next_id}' WHERE id = {order}"],
        [f"UPDATE products SET price = price + 1, name = name || '.' WHERE id = {product}"],
        [f"UPDATE lines SET order_id = {order} WHERE id = {line}"],
        [f"DELETE FROM lines WHERE id = {line}"],
        [f"DELETE FROM lines WHERE order_id = {order}", f"DELETE FROM orders WHERE id = {order}"],
        [f"UPDATE orders SET id = {next_id} WHERE id = {order}", f"UPDATE lines SET order_id = {next_id} WHERE order_id = {order}"],
        [f"UPDATE lines SET id = {next_id} WHERE id = {line}"],
    ]))


def test_loads_and_follows_what_capture_writes(shop):
    capture = shop.start(verb="capture")
    shop.until(lambda: capture.text().count("rows loaded") == 3, 60, "the load")
    apply_until_current(shop)
    expect_equal(shop)
    chance = random.Random(3)
    for step in range(150):
        change(shop, chance, 10000 + step)
    shop.sql("TRUNCATE lines")
    shop.sql("INSERT INTO lines SELECT i, 1 + i % 300, 1 + i % 40, i % 7 FROM generate_series(20001, 20100) i")
    assert capture.stop() == 0
    shop.penstock("capture", "--until-current")
    apply_until_current(shop)
    expect_equal(shop)


def test_kills_of_either_side_lose_and_double_nothing(shop):
    chance = random.Random(11)
    sides = {verb: shop.start(verb=verb) for verb in ("capture", "apply")}
    kills, step, next_kill = 0, 0, time.monotonic() + 2
    while kills < 10:
        change(shop, chance, 10000 + step)
        step += 1
        time.sleep(chance.uniform(0, 0.03))
        if time.monotonic() > next_kill:
            verb = chance.choice(["capture", "apply", "apply"])
            sides[verb].kill()
            sides[verb] = shop.start(verb=verb)
            kills += 1
            next_kill = time.monotonic() + chance.uniform(0.7, 2)
    wait_for(lambda: shop.slot_row()["active"], 30, "the capture")
    assert sides["capture"].stop() == 0
    assert sides["apply"].stop() == 0, sides["apply"].text()
    shop.penstock("capture", "--until-current")
    apply_until_current(shop)
    expect_equal(shop)
