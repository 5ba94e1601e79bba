"""A small shop: orders with lines and products inside, and sales by product."""

from decimal import Decimal

TABLES = [
    "CREATE TABLE product (product_id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL)",
    "CREATE TABLE orders (order_id int PRIMARY KEY, customer text NOT NULL, note text)",
    "CREATE TABLE line (line_id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE CASCADE,"
    " product_id int REFERENCES product, quantity int NOT NULL)",
]
ORDERS = {
    "from": "public.orders",
    "fields": {"*": True, "total": "sum(lines.quantity * lines.product.price)::numeric(12,2)",
               "line_count": "count(lines)"},
    "embed": {"lines": {"many": "public.line", "using": "order_id", "order_by": "line_id", "fields": ["line_id", "quantity"],
                        "embed": {"product": {"one": "public.product", "using": "product_id",
                                              "fields": ["name", "price"]}}}},
}
SALES = {"from": "public.line", "group_by": "product_id",
         "fields": {"sold": "sum(quantity)", "lines": "count(*)"}}


def fill(pipeline, orders=200, products=10):
    """Two lines an order. Product 1 is in every order."""
    pipeline.sql(*TABLES,
                 f"INSERT INTO product SELECT i, 'product ' || i, i * 1.5 FROM generate_series(1, {products}) i",
                 f"INSERT INTO orders SELECT i, 'customer ' || i, 'n' FROM generate_series(1, {orders}) i",
                 f"INSERT INTO line SELECT i, (i + 1) / 2, CASE WHEN i % 2 = 0 THEN 1 ELSE 1 + i % {products} END, 1 + i % 3"
                 f" FROM generate_series(1, {2 * orders}) i")
    return pipeline


def expected_orders(pipeline):
    """What PostgreSQL makes of the tables: _id -> document."""
    rows = pipeline.sql(
        "SELECT o.order_id, o.customer, o.note, coalesce((SELECT jsonb_agg(jsonb_build_object('line_id', l.line_id,"
        " 'quantity', l.quantity, 'name', p.name, 'price', p.price::text) ORDER BY l.line_id) FROM line l"
        " LEFT JOIN product p USING (product_id) WHERE l.order_id = o.order_id), '[]'),"
        " (SELECT sum(l.quantity * p.price)::numeric(12,2) FROM line l LEFT JOIN product p USING (product_id)"
        " WHERE l.order_id = o.order_id), (SELECT count(*) FROM line l WHERE l.order_id = o.order_id) FROM orders o")
    return {i: (customer, note, [(x["line_id"], x["quantity"], x["name"], Decimal(x["price"]) if x["price"] else None)
                                 for x in lines], total, count)
            for i, customer, note, lines, total, count in rows}


def seen_order(document):
    lines = [(x["line_id"], x["quantity"], x["product"] and x["product"]["name"],
              x["product"] and x["product"]["price"].to_decimal()) for x in document["lines"]]
    total = document["total"]
    return document["customer"], document["note"], lines, total and total.to_decimal(), document["line_count"]


def expect_orders(pipeline, collection="orders"):
    pipeline.wait()
    seen = {d["_id"]: seen_order(d) for d in pipeline.documents(collection)}
    expected = expected_orders(pipeline)
    wrong = {i: (expected.get(i), seen.get(i)) for i in expected.keys() | seen.keys() if expected.get(i) != seen.get(i)}
    assert not wrong, f"{len(wrong)} differ, e.g. {dict(list(wrong.items())[:3])}"


def expect_sales(pipeline, collection="sales"):
    pipeline.wait()
    seen = {d["_id"]: (d["sold"], d["lines"]) for d in pipeline.documents(collection)}
    rows = pipeline.sql("SELECT product_id, sum(quantity), count(*) FROM line GROUP BY 1")
    assert seen == {product: (sold, lines) for product, sold, lines in rows}
