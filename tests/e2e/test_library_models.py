"""Read models by an engine's tasks (libpenstock): rows that executors share, documents made once, whoever marks them and in what order."""

import random
import threading

import pytest
from support import library, servers
from support.kafka import Kafka

pytestmark = pytest.mark.on_one_postgres

SHOP = ["CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, country text)",
        "CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), maker int)",
        "CREATE TABLE makers (id int PRIMARY KEY, name text)",
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, status text NOT NULL, note text)",
        "CREATE TABLE lines (id int PRIMARY KEY, order_id bigint, product_id int, quantity int NOT NULL, unit_price numeric(10,2))",
        "CREATE TABLE tags (id int PRIMARY KEY, word text)",
        "CREATE TABLE order_tags (order_id bigint, tag_id int, PRIMARY KEY (order_id, tag_id))",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "INSERT INTO makers SELECT i, 'maker ' || i FROM generate_series(1, 5) i",
        "INSERT INTO customers SELECT i, 'customer ' || i, (ARRAY['DE','FR','IT'])[i % 3 + 1] FROM generate_series(1, 20) i",
        "INSERT INTO products SELECT i, 'product ' || i, i * 1.25, i % 5 + 1 FROM generate_series(1, 30) i",
        "INSERT INTO tags SELECT i, 'tag ' || i FROM generate_series(1, 6) i",
        "INSERT INTO orders SELECT i, i % 20 + 1, CASE i % 4 WHEN 0 THEN 'draft' ELSE 'new' END, repeat(md5(i::text), 100) FROM generate_series(1, 120) i",
        "INSERT INTO lines SELECT i, i % 120 + 1, i % 30 + 1, i % 7 + 1, i * 0.5 FROM generate_series(1, 400) i",
        "INSERT INTO order_tags SELECT i, i % 6 + 1 FROM generate_series(1, 120, 2) i"]
TABLES = ("customers", "products", "makers", "orders", "lines", "tags", "order_tags")
MODELS = {
    "products": "public.products",
    "orders": {"from": "public.orders", "where": "status <> 'draft'",
               "fields": {"*": True, "total": "sum(lines.quantity * lines.unit_price)::numeric(12,2)", "line_count": "count(lines)", "shout": "upper(status)"},
               "embed": {
                   "customer": {"one": "public.customers", "join": {"id": "customer_id"}, "fields": ["name", "country"]},
                   "lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id",
                             "embed": {"product": {"one": "public.products", "join": {"id": "product_id"}, "fields": ["name"],
                                                   "embed": {"maker": {"one": "public.makers", "join": {"id": "maker"}}}}}},
                   "tags": {"many": "public.tags", "through": {"from": "public.order_tags", "owner": {"order_id": "id"}, "embedded": {"tag_id": "id"}},
                            "order_by": "id"}}},
    "short": {"from": "public.orders", "fields": {"status": True, "long": "length(note)"}, "where": "status <> 'gone'"},
    "product_sales": {"from": "public.lines", "group_by": "product_id",
                      "fields": {"sold": "sum(quantity)", "dearest": "max(unit_price)", "orders": "count(DISTINCT order_id)", "of": "array_agg(id ORDER BY id)"}},
    "by_country": {"from": "public.orders", "group_by": "customer.country", "fields": {"orders": "count(*)", "last": "max(id)"},
                   "embed": {"customer": {"one": "public.customers", "join": {"id": "customer_id"}}}},
}


def change(cursor, chance, step):
    """One transaction of what happens to a shop."""
    order, line, product = chance.randint(1, 140), chance.randint(1, 450), chance.randint(1, 30)
    statements = (
        f"UPDATE orders SET status = CASE status WHEN 'draft' THEN 'new' WHEN 'new' THEN 'paid' ELSE 'draft' END WHERE id = {order}",
        f"INSERT INTO orders VALUES ({order}, {product % 20 + 1}, 'new', repeat('n', 3000)) ON CONFLICT DO NOTHING",
        f"DELETE FROM orders WHERE id = {order}",
        f"UPDATE orders SET id = {1000 + step} WHERE id = {order}",
        f"INSERT INTO lines VALUES ({line}, {order}, {product}, {step % 9}, {step}.25) ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id",
        f"DELETE FROM lines WHERE id = {line}",
        f"UPDATE lines SET order_id = {order}, quantity = quantity + 1 WHERE id = {line}",
        f"UPDATE lines SET product_id = {product} WHERE id = {line}",
        f"UPDATE products SET name = 'renamed {step}' WHERE id = {product}",
        f"DELETE FROM products WHERE id = {product}",
        f"INSERT INTO products VALUES ({product}, 'again {step}', 1, {step % 6}) ON CONFLICT DO NOTHING",
        f"UPDATE makers SET name = 'maker {step}' WHERE id = {step % 5 + 1}",
        f"UPDATE customers SET country = 'ES' WHERE id = {product % 20 + 1}",
        f"UPDATE customers SET name = 'someone {step}' WHERE id = {product % 20 + 1}",
        f"INSERT INTO order_tags VALUES ({order}, {step % 6 + 1}) ON CONFLICT DO NOTHING",
        f"DELETE FROM order_tags WHERE order_id = {order}",
        f"UPDATE tags SET word = 'word {step}' WHERE id = {step % 6 + 1}",
    )
    for statement in chance.sample(statements, 3):
        cursor.execute(statement)


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-models", settings={"num.partitions": 3}).start()


@pytest.fixture
def shop(pipeline, kafka):
    """Its topics hold the first rows and 150 transactions; nothing is applied."""
    pipeline.sql(*SHOP)
    configure(pipeline, pipeline, kafka)
    pipeline.penstock("capture", "--until-current")
    changed(pipeline, 1, 150)
    return pipeline


def configure(pipeline, source, kafka, collections=None, **settings):
    pipeline.configure(collections or MODELS, kafka={"brokers": kafka.address, "prefix": source.name}, metadata={"change": "how", "time": "at"}, **settings)


def changed(pipeline, seed, transactions):
    chance = random.Random(seed)
    with pipeline.connect() as connection:
        for step in range(seed * 1000, seed * 1000 + transactions):
            with connection.transaction():
                change(connection, chance, step)
    pipeline.penstock("capture", "--until-current")


def topics_of(pipeline):
    return [f"{pipeline.name}.public.{table}" for table in TABLES]


def settle(handle):
    """As a stream does after each micro-batch."""
    total = 0
    while lanes := handle.pending():
        for lane in lanes:
            total += handle.settle(lane)["applied"]
    return total


def apply_all(handle, kafka, shop, **options):
    counts = library.apply_all(handle, kafka, topics_of(shop), **options)
    settle(handle)
    return counts


def without_metadata(document):
    return {name: value for name, value in document.items() if name not in ("how", "at")}


def expect_same(one, other):
    """Field by field and type by type."""
    for name in MODELS:
        mine, theirs = ({str(d["_id"]): str(without_metadata(d)) for d in side.documents(name)} for side in (one, other))
        assert theirs, name
        assert mine == theirs, (name, [(mine.get(k), theirs.get(k)) for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k)][:2])


def applied_beside(shop, kafka):
    """What `penstock apply` makes of the same topics."""
    other = shop.beside("apply")
    configure(other, shop, kafka)
    other.penstock("apply", "--until-current")
    return other


def test_documents_are_those_of_apply(shop, kafka):
    handle = library.opened(shop)
    assert handle.begin_stream()["models"]
    assert apply_all(handle, kafka, shop, most=97)["applied"] > 700
    expect_same(shop, applied_beside(shop, kafka))
    shop.wait()
    shop.penstock("verify")
    assert apply_all(handle, kafka, shop)["applied"] == 0 and settle(handle) == 0
