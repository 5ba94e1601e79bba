"""Read models by an engine's tasks (libpenstock): rows that executors share, documents made once, whoever marks them and in what order."""

import random

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
    shop.configure(MODELS, kafka={"brokers": kafka.address, "prefix": shop.name, "share": True})
    refused = shop.penstock("apply", expect=2)
    assert "spark/stream.py keeps the read models" in refused.stdout + refused.stderr
    shop.penstock("teardown", "--yes")
    assert not [name for name in shop.database.list_collection_names() if name.startswith("penstock_")]


class SettlingTwins(library.Twins):
    """Who has applied its records settles, beside those that still apply."""

    def _run(self, handle, seed):
        chance = random.Random(seed)
        try:
            self._barrier.wait()
            given = list(self._given.items())
            chance.shuffle(given)
            for (topic, partition), records in given:
                self.counts.append(library.apply(handle, topic, partition, records, chance.randint(20, 200)))
                lanes = handle.pending()
                for lane in chance.sample(lanes, len(lanes) // 2):
                    handle.settle(lane)
            settle(handle)
        except BaseException as error:  # noqa: BLE001: raised in run()
            self._errors.append(error)
        finally:
            handle.close()


def test_twins_that_apply_and_settle_at_once_lose_and_double_nothing(shop, kafka):
    library.opened(shop).begin_stream()
    given = {(topic, partition): records for topic in topics_of(shop) for partition, records in library.records_of(kafka, topic).items()}
    total = SettlingTwins(shop, 3, given).run()
    changes = sum(1 for records in given.values() for record in records if record[3] is not None)
    assert total["applied"] == changes
    assert settle(library.opened(shop)) == 0
    expect_same(shop, applied_beside(shop, kafka))


def test_wait_and_verify_wait_for_documents_that_are_marked(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    shop.sql("UPDATE makers SET name = 'nobody'")
    shop.penstock("capture", "--until-current")
    lsn = shop.lsn()
    library.apply_all(handle, kafka, topics_of(shop))
    waiting = shop.penstock("wait", "--lsn", lsn, "--timeout", "2s", expect=1)
    assert "is not in the read model" in waiting.stdout + waiting.stderr
    settle(handle)
    shop.wait(lsn)
    assert all(line["product"]["maker"]["name"] == "nobody" for order in shop.documents("orders") for line in order["lines"]
               if line["product"] and line["product"]["maker"])


def test_a_truncate_empties_what_shows_the_rows(pipeline, kafka):
    for table in ("customers", "lines", "orders", "products"):
        kafka.create_topic(f"{pipeline.name}.public.{table}", 1)
    pipeline.sql(*SHOP)
    configure(pipeline, pipeline, kafka)
    pipeline.penstock("capture", "--until-current")
    handle = library.opened(pipeline)
    handle.begin_stream()
    apply_all(handle, kafka, pipeline)
    pipeline.sql("TRUNCATE lines, customers", "INSERT INTO lines VALUES (7, 3, 4, 2, 9), (8, 5, 4, 1, 3)", "INSERT INTO customers VALUES (4, 'four', 'PT')")
    pipeline.penstock("capture", "--until-current")
    apply_all(handle, kafka, pipeline)
    expect_same(pipeline, applied_beside(pipeline, kafka))
    pipeline.sql("TRUNCATE orders", "INSERT INTO orders VALUES (3, 4, 'new', 'x')")
    pipeline.penstock("capture", "--until-current")
    apply_all(handle, kafka, pipeline)
    pipeline.penstock("verify")
    assert [d["_id"] for d in pipeline.documents("orders")] == [3]


def load(handle, shop):
    """As spark/first_load.py does it."""
    plan = handle.begin_load()
    with shop.connect() as connection:
        connection.execute(plan["session"])
        for table in plan["tables"]:
            selected = ", ".join(column["select"] for column in table["columns"])
            rows = connection.execute(f"SELECT {selected} FROM {table['from']}").fetchall()
            for _ in range(2):  # a task that is run again
                handle.load(plan["load"], table["table"], library.packed.pack_rows(rows, len(table["columns"])))
    handle.build(plan["load"])
    handle.end_load(plan["load"])


def test_a_first_load_makes_the_documents_of_run_and_is_made_again(shop):
    handle = library.opened(shop)
    load(handle, shop)
    settle(handle)
    direct = shop.beside("direct")
    direct.configure(MODELS, metadata={"change": "how", "time": "at"}, source={"slot": f"{shop.name}_direct", "publication": f"{shop.name}_direct"})
    direct.run_until_current()
    expect_same(shop, direct)
    with pytest.raises(library.Error, match="holds documents"):
        handle.begin_load()
    shop.sql("DELETE FROM lines WHERE id % 2 = 0", "DELETE FROM orders WHERE id % 5 = 0", "UPDATE products SET maker = NULL")
    load(library.opened(shop, clear=True), shop)
    settle(library.opened(shop))
    direct.run_until_current()
    expect_same(shop, direct)


def test_what_is_defined_otherwise_is_made_anew_from_the_topics(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    changed_models = {**MODELS, "short": {"from": "public.orders", "fields": {"status": "lower(status)"}, "where": "id % 2 = 0"}}
    configure(shop, shop, kafka, changed_models)
    with pytest.raises(library.Error, match="defined otherwise"):
        apply_all(library.opened(shop), kafka, shop)
    other = library.opened(shop)
    assert not any(start for starts in other.begin_stream()["starts"].values() for start in starts.values())
    apply_all(other, kafka, shop)
    beside = shop.beside("apply")
    configure(beside, shop, kafka, changed_models)
    beside.penstock("apply", "--until-current")
    expect_same(shop, beside)


def begun(handle, shop, **options):
    """A handle in a task of the stream, or load, that `handle` begins."""
    begins = handle.begin_load if options.pop("load", False) else handle.begin_stream
    return library.opened(shop, **begins()["options"], **options)


def test_a_task_that_is_late_writes_nothing_once_the_pipeline_was_begun_anew(shop, kafka):
    late = begun(library.opened(shop), shop)
    apply_all(late, kafka, shop)
    changed(shop, 2, 20)
    library.apply_all(late, kafka, topics_of(shop))  # which leaves marks
    lane = late.pending()[0]
    changed_models = {**MODELS, "short": {"from": "public.orders", "fields": {"status": "lower(status)"}, "where": "id % 2 = 0"}}
    configure(shop, shop, kafka, changed_models)
    other = begun(library.opened(shop), shop)
    changed(shop, 3, 20)
    for call in (lambda: late.settle(lane), lambda: late.settle("b1"), lambda: library.apply_all(late, kafka, topics_of(shop))):
        with pytest.raises(library.Error, match="defined otherwise|is over"):
            call()
    apply_all(other, kafka, shop)
    loading = library.opened(shop, clear=True)
    load = loading.begin_load()["load"]
    for call in (lambda: other.settle(lane), lambda: library.apply_all(other, kafka, topics_of(shop))):
        with pytest.raises(library.Error, match="is over"):
            call()
    assert not any(shop.documents(name) for name in MODELS)
    with pytest.raises(library.Error, match="has not ended"):
        library.opened(shop).begin_stream()
    loading.end_load(load)
    again = begun(library.opened(shop), shop)
    apply_all(again, kafka, shop)
    beside = shop.beside("apply")
    configure(beside, shop, kafka, changed_models)
    beside.penstock("apply", "--until-current")
    expect_same(shop, beside)


def test_a_start_that_is_refused_empties_nothing(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    before = {name: shop.documents(name) for name in MODELS}
    kafka.expire(topics_of(shop)[3], {partition: 10 for partition in range(3)})
    configure(shop, shop, kafka, {**MODELS, "short": {"from": "public.orders", "fields": {"status": "lower(status)"}}})
    with pytest.raises(library.Error, match="are gone|were gone|not there any more|begins at"):
        library.opened(shop).begin_stream()
    assert {name: shop.documents(name) for name in MODELS} == before
    configure(shop, shop, kafka)
    changed(shop, 2, 20)
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    direct = shop.beside("direct")
    direct.configure(MODELS, metadata={"change": "how", "time": "at"}, source={"slot": f"{shop.name}_direct", "publication": f"{shop.name}_direct"})
    direct.run_until_current()
    expect_same(shop, direct)


def test_a_document_that_cannot_be_made_is_parked_or_ends_the_call_by_name(shop, kafka):
    broken = {**MODELS, "short": {"from": "public.orders", "fields": {"share": "1000 / (id % 10)"}}}
    configure(shop, shop, kafka, broken)
    handle = library.opened(shop)
    handle.begin_stream()
    with pytest.raises(library.Error, match=r"public.orders \(id \d+\): .*division by zero") as raised:
        apply_all(handle, kafka, shop)
    assert raised.value.kind == "bad_value"
    configure(shop, shop, kafka, broken, errors="dead_letter")
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    beside = shop.beside("apply")
    configure(beside, shop, kafka, broken, errors="dead_letter")
    beside.penstock("apply", "--until-current")
    assert {str(d["_id"]) for d in shop.documents("short")} == {str(d["_id"]) for d in beside.documents("short")}
    letters = [{tuple(d["_id"]["key"]) for d in side.documents("short_dead_letters")} for side in (shop, beside)]
    assert letters[0] and letters[0] == letters[1]


def test_a_column_that_comes_to_a_table_comes_to_the_documents(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    shop.sql("ALTER TABLE orders ADD COLUMN colour text", "UPDATE orders SET colour = 'red' WHERE id < 40")
    shop.penstock("capture", "--until-current")
    apply_all(handle, kafka, shop)  # with what it knew of the table before
    assert {d["colour"] for d in shop.documents("orders") if d["_id"] < 40} == {"red"}
    shop.sql("UPDATE lines SET quantity = 2 WHERE order_id < 40")
    shop.penstock("capture", "--until-current")
    apply_all(handle, kafka, shop)
    assert {d["colour"] for d in shop.documents("orders") if d["_id"] < 40} == {"red"}


def test_a_column_that_does_not_fit_the_models_is_refused_each_time(shop, kafka):
    merged = {"customer": {"one": "public.customers", "join": {"id": "customer_id"}, "fields": ["name"], "merge": True}}
    configure(shop, shop, kafka, {**MODELS, "cards": {"from": "public.orders", "embed": merged}})
    handle = library.opened(shop)
    handle.begin_stream()
    apply_all(handle, kafka, shop)
    shop.sql("ALTER TABLE orders ADD COLUMN name text", "UPDATE orders SET name = 'a name' WHERE id < 40")
    shop.penstock("capture", "--until-current")
    for _ in range(3):  # as an engine tries a task again, in the same process
        with pytest.raises(library.Error, match='collection cards: .*"name"'):
            apply_all(handle, kafka, shop)


def test_a_transaction_that_is_too_much_for_the_server_is_made_smaller(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    library.apply_all(handle, kafka, topics_of(shop))
    too_long = {"failCommands": ["commitTransaction"], "errorCode": 290}  # TransactionExceededLifetimeLimitSeconds
    shop.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 5}, "data": too_long})
    try:
        counts = handle.settle("s product_sales")
    finally:
        shop.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert counts["transactions"] >= counts["applied"] / 62 > 4  # 2000 rows, halved five times
    settle(handle)
    expect_same(shop, applied_beside(shop, kafka))
