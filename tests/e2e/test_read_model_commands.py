"""check, plan, preview and init with read models: what is said before anything runs."""

import json
import subprocess

import pytest
from support.pipeline import BINARY

SHOP = [
    "CREATE TYPE state AS ENUM ('open', 'paid')",
    "CREATE DOMAIN cents AS bigint CHECK (value >= 0)",
    "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE product (sku text PRIMARY KEY, name text, price cents)",
    "CREATE TABLE orders (shop int, id int, customer_id int REFERENCES customer, status state, PRIMARY KEY (shop, id))",
    "CREATE TABLE line (shop int, order_id int, n int, sku text REFERENCES product, quantity int, PRIMARY KEY (shop,"
    " order_id, n), FOREIGN KEY (shop, order_id) REFERENCES orders ON DELETE CASCADE)",
    "INSERT INTO customer VALUES (1, 'An'), (2, 'Binh')",
    "INSERT INTO product VALUES ('a', 'Tea', 500), ('b', 'Hat', 1200)",
    "INSERT INTO orders VALUES (1, 1, 1, 'open'), (1, 2, 2, 'paid'), (2, 1, 1, 'paid')",
    "INSERT INTO line VALUES (1, 1, 1, 'a', 2), (1, 2, 2, 'a', 1), (1, 2, 1, 'b', 3), (2, 1, 1, 'a', 5)",
    "ANALYZE",
]
ORDERS = {
    "from": "public.orders",
    "fields": {"*": True, "total": "sum(lines.quantity * lines.product.price)", "paid": "status = 'paid'"},
    "embed": {
        "customer": {"one": "public.customer", "fields": ["name"]},
        "lines": {"many": "public.line", "order_by": "n", "fields": ["n", "quantity"],
                  "embed": {"product": {"one": "public.product", "fields": ["name", "price"]}}},
    },
}


@pytest.fixture
def shop(pipeline):
    pipeline.sql(*SHOP)
    pipeline.sql("CREATE PUBLICATION p FOR ALL TABLES")
    return pipeline


def configure(shop, **collections):
    shop.configure(collections, source={"publication": "p"})


def failed_check(shop):
    done = shop.penstock("check", expect=1)
    return done.stdout


def test_joins_come_from_foreign_keys(shop):
    configure(shop, orders=ORDERS)
    said = shop.penstock("check", "--explain").stdout
    assert "lines: many public.line on shop = shop and order_id = id" in said
    assert "product: one public.product on sku = sku" in said
    assert "customer: one public.customer on id = customer_id" in said
    assert "one row is shown in up to about" in said
    assert "public.line: key (shop, order_id, n), by (shop, order_id), by (sku)" in said
    assert shop.slot_row() == {"active": False}, "check makes nothing"


@pytest.mark.on_one_postgres
def test_ambiguous_and_missing_foreign_keys(shop):
    shop.sql("ALTER TABLE orders ADD payer_id int REFERENCES customer")
    configure(shop, orders=ORDERS)
    said = failed_check(shop)
    assert "2 foreign keys between public.customer and public.orders" in said
    assert "join: { id: customer_id } (orders_customer_id_fkey)" in said
    assert "join: { id: payer_id } (orders_payer_id_fkey)" in said
    configure(shop, customers={"from": "public.customer", "embed": {"p": {"many": "public.product"}}})
    assert "there is no foreign key between public.product and public.customer" in failed_check(shop)
    assert "join: { column of public.product: column of public.customer }" in failed_check(shop)


@pytest.mark.parametrize("change, said", [
    ({"where": "statuss = 'paid'"}, ["statuss", "status"]),
    ({"where": "status"}, ["boolean"]),
    ({"fields": {"x": "now()"}}, ["now"]),
    ({"fields": {"x": "(select 1)"}}, ["x"]),
    ({"fields": {"x": "lines.quantity"}}, ["lines"]),
    ({"fields": ["id", "nme"]}, ["nme"]),
    ({"embed": {"lines": {"many": "public.line", "join": {"sku": "id"}}}}, ["sku", "integer", "text"]),
    ({"embed": {"lines": {"many": "public.line", "using": "shopp"}}}, ["shopp", "shop"]),
    ({"embed": {"lines": {"many": "public.nowhere"}}}, ["public.nowhere"]),
])
@pytest.mark.on_one_postgres
def test_definitions_that_do_not_fit(shop, change, said):
    configure(shop, orders={**ORDERS, **change})
    output = failed_check(shop)
    lines = [line for line in output.splitlines() if line.startswith("FAIL")]
    assert lines and all(any(word in line for line in lines) for word in said), output
    done = shop.penstock("run", "--until-current", expect=None, timeout=30)
    assert done.returncode == 2, "run refuses what check refuses"
    assert shop.slot_row() == {"active": False}


def test_preview_is_the_document_of_a_key(shop):
    configure(shop, orders=ORDERS, products="public.product",
              sales={"from": "public.line", "group_by": "sku", "fields": {"sold": "sum(quantity)", "n": "count(*)"}})
    document = json.loads(shop.penstock("preview", "orders", "--key", "1", "--key", "2").stdout)
    assert document == {
        "_id": {"shop": 1, "id": 2}, "shop": 1, "id": 2, "customer_id": 2, "status": "paid", "paid": True,
        "total": {"$numberDecimal": "4100"},
        "customer": {"name": "Binh"},
        "lines": [{"n": 1, "quantity": 3, "product": {"name": "Hat", "price": 1200}},
                  {"n": 2, "quantity": 1, "product": {"name": "Tea", "price": 500}}],
    }
    assert list(document)[:2] == ["_id", "shop"]
    assert json.loads(shop.penstock("preview", "orders").stdout)["_id"] == {"shop": 1, "id": 1}
    assert json.loads(shop.penstock("preview", "products", "--key", "b").stdout) == {
        "_id": "b", "sku": "b", "name": "Hat", "price": 1200}
    assert json.loads(shop.penstock("preview", "sales", "--key", "a").stdout) == {"_id": "a", "sold": 8, "n": 3}
    assert "no row with key 9, 9" in shop.penstock("preview", "orders", "--key", "9", "--key", "9", expect=1).stderr
    assert "has 2 columns (shop, id)" in shop.penstock("preview", "orders", "--key", "9", expect=2).stderr
    assert 'did you mean "orders"' in shop.penstock("preview", "order", expect=2).stderr
    assert shop.client[shop.name].list_collection_names() == []


@pytest.mark.on_one_postgres
def test_preview_passes_over_rows_that_where_keeps_out(shop):
    configure(shop, orders={**ORDERS, "where": "status = 'paid'"})
    assert json.loads(shop.penstock("preview", "orders").stdout)["_id"] == {"shop": 1, "id": 2}
    assert "lets none of 1 rows" in shop.penstock("preview", "orders", "--key", "1", "--key", "1", expect=1).stderr


@pytest.mark.on_one_postgres
def test_plan_shows_state_and_sample_documents(shop):
    configure(shop, orders=ORDERS)
    said = shop.penstock("plan").stdout
    assert "public.product: key (sku); columns name, price, sku" in said
    assert "Sample documents" in said and '"name": "Hat"' in said or '"name": "Tea"' in said


def test_init_writes_a_pipeline_that_checks(shop):
    done = subprocess.run([BINARY, "init", "--from", shop.postgres_url], capture_output=True, text=True, check=True,
                          timeout=60)
    assert "  orders:\n    from: public.orders\n    embed:\n      line:\n        many: public.line\n" in done.stdout
    assert "    #   customer: { one: public.customer, join: { id: customer_id } }\n" in done.stdout
    assert "  # line: { from: public.line }\n" in done.stdout
    shop.file.write_text(done.stdout.replace("sink:", "  publication: p\nsink:", 1))
    shop.environment = {"PENSTOCK_POSTGRES": shop.postgres_url, "PENSTOCK_MONGODB": shop.mongo.url()}
    shop.penstock("check")
