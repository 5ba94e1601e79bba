"""`penstock apply` on every form that real Debezium gives its events: schemas, unwrapped rows, handling modes, and read models of them."""

import random

import pytest
from support.compare import View

pytestmark = pytest.mark.on_one_postgres

TABLE = ["CREATE TYPE mood AS ENUM ('sad', 'happy')",
         """CREATE TABLE kinds (id int PRIMARY KEY, t text, n numeric(10,2), d date, ts timestamp, ts3 timestamp(3), tz timestamptz, tm time,
    u uuid, j jsonb, js json, b bytea, bo bool, i2 smallint, i8 bigint, f4 real, f8 double precision, arr int[], ta text[], ch char(5), vc varchar(7),
    m money, ip inet, bits bit(3), b1 bit(1), mood mood, r int4range, da date[], long text)""",
         "ALTER TABLE kinds ALTER long SET STORAGE EXTERNAL"]
ROW = """INSERT INTO kinds VALUES ({id}, 'é"\\/', 12.50, '2024-01-02', '2024-01-02 03:04:05.123456', '2024-01-02 03:04:05.123',
    '2024-01-02 03:04:05.1+02', '03:04:05.123456', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{{"a":1.50,"b":[1,2]}}', '{{"z": 1 , "a":2}}',
    '\\x00ff10', true, 7, 123456789012, 0.1, 1e100, '{{1,NULL,3}}', '{{a,"b c"}}', 'ab', 'vc', 12.34, '10.0.0.1/8', '101', '1', 'happy', '[1,5)',
    '{{2024-01-02}}', repeat('x{id}', 3000))"""
EDGE = """INSERT INTO kinds (id, t, n, d, ts, tz, tm, i2, i8, f4, f8, arr, ta, ch, vc, m, j) VALUES ({id}, '', -99999999.99, '1970-01-01',
    '1969-12-31 23:59:59.999999', '2024-06-30 23:59:59.999999+00', '00:00', -32768, -9223372036854775808, 3.4028235e38, 5e-324, '{{}}', '{{NULL,"NULL",""}}',
    '', 'đ€😀', -0.01, 'null')"""
SCHEMAS = {"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true"}
UNWRAPPED = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState"}
FORMS = {
    "plain": {},
    "schemas": SCHEMAS,
    "unwrapped": UNWRAPPED | {"transforms.unwrap.delete.tombstone.handling.mode": "tombstone"},
    "unwrapped_schemas": UNWRAPPED | SCHEMAS | {"transforms.unwrap.delete.tombstone.handling.mode": "rewrite",
                                                "transforms.unwrap.add.fields": "op,source.lsn,source.sequence"},
    "text": {"decimal.handling.mode": "string", "time.precision.mode": "isostring", "binary.handling.mode": "hex", "tombstones.on.delete": "false"},
    "double": {"decimal.handling.mode": "double", "time.precision.mode": "adaptive_time_microseconds", "binary.handling.mode": "base64-url-safe"},
}


def change(pipeline):
    pipeline.sql(ROW.format(id=3), EDGE.format(id=4), "INSERT INTO kinds (id) VALUES (5)", "UPDATE kinds SET t = 'changed' WHERE id <= 2",
                 "UPDATE kinds SET id = 30 WHERE id = 3", "DELETE FROM kinds WHERE id = 5", "UPDATE kinds SET long = 'short' WHERE id = 1",
                 "UPDATE kinds SET i2 = 1 WHERE id = 30", EDGE.format(id=5), "UPDATE kinds SET t = NULL, arr = NULL WHERE id = 2")


def test_every_form_makes_the_same_documents(pipeline, feed):
    """Six connectors with settings of their own on one table."""
    pipeline.sql(*TABLE, ROW.format(id=1), ROW.format(id=2))
    feeds = {name: feed(name, ["kinds"], **settings) for name, settings in FORMS.items()}
    for one in feeds.values():
        one.apply()
    change(pipeline)
    found = {}
    for name, one in feeds.items():
        try:
            one.expect_equal(seconds=30)
        except AssertionError as error:
            found[name] = str(error)
    assert not found, "\n".join(f"--- {name}\n{text}" for name, text in found.items())


SHOP = ["CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2))",
        "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)", "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL, product_id int, quantity int NOT NULL)",
        "INSERT INTO products SELECT i, 'product ' || i, i * 1.25 FROM generate_series(1, 40) i",
        "INSERT INTO orders SELECT i, 'customer ' || i, repeat(md5(i::text), 100) FROM generate_series(1, 300) i",
        "INSERT INTO lines SELECT i, 1 + i % 300, 1 + i % 40, i % 7 FROM generate_series(1, 900) i"]
COLLECTIONS = {
    "products": "public.products",
    "orders": {"from": "public.orders", "fields": {"*": True, "total": "sum(lines.quantity * lines.product.price)::numeric(12,2)"},
               "embed": {"lines": {"many": "public.lines", "join": {"order_id": "id"}, "order_by": "id", "fields": ["id", "quantity"],
                                   "embed": {"product": {"one": "public.products", "join": {"id": "product_id"}, "fields": ["name"]}}}}},
    "sold": {"from": "public.lines", "group_by": "product_id", "fields": {"sold": "sum(quantity)"}}}


def wrong_orders(pipeline):
    """Orders whose document is not what PostgreSQL itself makes of the three tables."""
    rows = pipeline.sql("""
        SELECT o.id, o.customer, o.note, (SELECT sum(l.quantity * p.price)::numeric(12,2)::text FROM lines l JOIN products p ON p.id = l.product_id
               WHERE l.order_id = o.id),
               coalesce((SELECT json_agg(json_build_array(l.id, l.quantity, p.name) ORDER BY l.id) FROM lines l
                         LEFT JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id), '[]')
        FROM orders o""")
    made = {d["_id"]: (d["customer"], d["note"], d["total"] and str(d["total"]),
                       [[line["id"], line["quantity"], (line["product"] or {}).get("name")] for line in d["lines"]])
            for d in pipeline.documents("orders")}
    wanted = {row[0]: row[1:] for row in rows}
    return [(key, wanted.get(key), made.get(key)) for key in sorted(wanted.keys() | made.keys()) if wanted.get(key) != made.get(key)]


def everyday(pipeline, chance, step):
    order, product, line, new = chance.randint(1, 300), chance.randint(1, 40), chance.randint(1, 900), 10_000 + step
    pipeline.transaction(*chance.choice([
        [f"INSERT INTO orders VALUES ({new}, 'new', repeat('n', 5000))", f"INSERT INTO lines VALUES ({new}, {new}, {product}, 3)"],
        [f"UPDATE orders SET customer = 'c{step}' WHERE id = {order}"], [f"UPDATE products SET price = price + 1, name = name || '.' WHERE id = {product}"],
        [f"UPDATE lines SET order_id = {order} WHERE id = {line}"], [f"DELETE FROM lines WHERE id = {line}"],
        [f"DELETE FROM lines WHERE order_id = {order}", f"DELETE FROM orders WHERE id = {order}"],
        [f"UPDATE orders SET id = {new} WHERE id = {order}", f"UPDATE lines SET order_id = {new} WHERE order_id = {order}"],
        [f"UPDATE lines SET id = {new} WHERE id = {line}"]]))


@pytest.mark.parametrize("joins", ["while it changes", "afterwards"])
def test_documents_of_several_tables(pipeline, feed, joins):
    """Order, lines and products come by three topics, of three partitions each; all at once, or as they are written."""
    pipeline.sql(*SHOP)
    topics = feed("shop", ["orders", "lines", "products"], COLLECTIONS,
                  **{"topic.creation.default.partitions": 3, "topic.creation.default.replication.factor": 1})
    if joins == "while it changes":
        topics.apply()
    chance = random.Random(8)
    for step in range(150):
        everyday(pipeline, chance, step)
    topics.expect_equal(View(table="public.products", collection="products"))
    wrong = wrong_orders(topics.pipeline)
    assert not wrong, wrong[:3]
    assert {d["_id"]: d["sold"] for d in topics.pipeline.documents("sold")} == \
        dict(pipeline.sql("SELECT product_id, sum(quantity) FROM lines GROUP BY 1"))
