"""libpenstock as an engine's tasks use it: the same records given twice, at once, too late; poison; rows of a first load."""

import json
import subprocess

import pymongo
import pytest
from support import library, servers
from support.compare import View
from support.kafka import Kafka
from support.library import Error, packed

pytestmark = pytest.mark.on_one_postgres

SHOP = ["CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2))",
        "CREATE TABLE orders (id int PRIMARY KEY, customer text, status text NOT NULL, note text)",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "INSERT INTO products SELECT i, 'product ' || i, i * 1.25 FROM generate_series(1, 40) i",
        "INSERT INTO orders SELECT i, 'customer ' || i % 17, 'new', repeat(md5(i::text), 100) FROM generate_series(1, 200) i"]
CHANGES = ["UPDATE orders SET status = 'paid' WHERE id % 3 = 0", "UPDATE orders SET id = id + 1000 WHERE id % 10 = 1",
           "DELETE FROM orders WHERE id % 7 = 2", "UPDATE orders SET status = status || '!', note = 'short' WHERE id % 5 = 0",
           "UPDATE products SET price = price + 1 WHERE id <= 20", "DELETE FROM products WHERE id = 40",
           "UPDATE orders SET customer = 'late' WHERE id % 4 = 0"]
PLAIN = {"products": "public.products", "orders": "public.orders"}


@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder(), name="kafka-library", settings={"num.partitions": 3}).start()


@pytest.fixture
def shop(pipeline, kafka):
    """Its topics are written; nothing is applied."""
    pipeline.sql(*SHOP)
    pipeline.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": pipeline.name}, metadata={"change": "how", "time": "at"})
    pipeline.penstock("capture", "--until-current")
    for statement in CHANGES:
        pipeline.sql(statement)
    pipeline.penstock("capture", "--until-current")
    return pipeline


def topics_of(pipeline):
    return [f"{pipeline.name}.public.{table}" for table in ("products", "orders")]


def given_to_tasks(kafka, pipeline):
    return {(topic, partition): records for topic in topics_of(pipeline)
            for partition, records in library.records_of(kafka, topic).items()}


def places(pipeline):
    return {(d["_id"]["topic"], d["_id"]["partition"]): (d["next"], d["sequence"]) for d in pipeline.database["penstock_offsets"].find()}


def test_records_given_to_twins_at_once_are_applied_once(shop, kafka):
    handle = library.opened(shop)
    begun = handle.begin_stream()
    assert begun["topics"] == sorted(topics_of(shop)) and not begun["applied"] and not begun["missing"]
    given = given_to_tasks(kafka, shop)
    changes = sum(1 for records in given.values() for record in records if record[3] is not None)
    total = library.Twins(shop, 4, given).run()
    assert total["records"] == 4 * sum(map(len, given.values()))
    assert total["applied"] == changes
    shop.expect_equal()
    before, stood = {name: shop.documents(name) for name in PLAIN}, places(shop)
    again = library.apply_all(handle, kafka, topics_of(shop))
    assert (again["applied"], again["transactions"], again["again"]) == (0, 0, again["records"])
    assert {name: shop.documents(name) for name in PLAIN} == before and places(shop) == stood
    starts = handle.begin_stream()["starts"]
    assert starts == {topic: {str(p): given[topic, p][-1][0] + 1 for t, p in given if t == topic} for topic in topics_of(shop)}
    shop.wait()  # as of workers of apply: `penstock wait`, `verify` and `status` see where it stands
    shop.penstock("verify")


def test_documents_are_those_of_apply_to_the_byte(shop, kafka):
    other = shop.beside("apply")
    other.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": shop.name}, metadata={"change": "how", "time": "at"})
    other.penstock("apply", "--until-current")
    handle = library.opened(shop)
    handle.begin_stream()
    library.apply_all(handle, kafka, topics_of(shop), most=37)
    for name in PLAIN:
        for document, twin in zip(*(sorted(one.documents(name), key=lambda d: d["_id"]) for one in (shop, other)), strict=True):
            if document["_id"] > 1000:  # its key changed, so that its row was read again: at another moment
                document, twin = ({**d, "how": None, "at": None} for d in (document, twin))
            assert str(document) == str(twin)


def test_a_row_whose_event_left_values_out_is_read_again_where_its_document_is_not_there(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    library.apply_all(handle, kafka, topics_of(shop))
    shop.database["orders"].delete_one({"_id": 24})
    shop.sql("UPDATE orders SET customer = 'again' WHERE id = 24")
    shop.penstock("capture", "--until-current")
    assert library.apply_all(handle, kafka, topics_of(shop))["reread"] == 1
    shop.expect_equal()
    assert not list(shop.database["penstock_rereads"].find())


def test_poison_is_parked_once_or_ends_the_call_by_name(shop, kafka):
    topic = topics_of(shop)[0]
    subprocess.run(["kcat", "-b", kafka.address, "-P", "-t", topic, "-p", "0", "-K", "|"], input=b'{"id":7}|no event at all', check=True)
    offset = library.records_of(kafka, topic)[0][-1][0]
    handle = library.opened(shop)
    handle.begin_stream()
    with pytest.raises(Error, match=rf'products\[0\] offset {offset} \(key \{{"id":7\}}\): ') as raised:
        library.apply_all(handle, kafka, [topic])
    assert raised.value.kind == "bad_value"
    shop.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": shop.name}, errors="dead_letter",
                   metadata={"change": "how", "time": "at"})
    total = library.Twins(shop, 2, given_to_tasks(kafka, shop)).run()
    assert total["dead_letters"] == 1
    letter, = shop.database["products_dead_letters"].find()
    assert (letter["_id"]["topic"], letter["_id"]["partition"], letter["_id"]["offset"]) == (topic, 0, offset)
    shop.expect_equal()


def test_a_truncate_empties_what_lies_in_one_partition_and_is_refused_else(shop, kafka):
    shop.sql("CREATE TABLE single (id int PRIMARY KEY)", f"ALTER PUBLICATION {shop.publication} ADD TABLE single",
             "INSERT INTO single SELECT generate_series(1, 50)")
    kafka.create_topic(f"{shop.name}.public.single", 1)
    shop.configure({**PLAIN, "single": "public.single"}, kafka={"brokers": kafka.address, "prefix": shop.name})
    shop.penstock("capture", "--until-current")
    shop.sql("TRUNCATE single, orders", "INSERT INTO single VALUES (7), (1000)")
    shop.penstock("capture", "--until-current")
    handle = library.opened(shop)
    handle.begin_stream()
    library.apply_all(handle, kafka, [f"{shop.name}.public.single"])
    shop.expect_equal(View(table="public.single", collection="single"))
    with pytest.raises(Error, match="TRUNCATE of a topic with 3 partitions") as raised:
        library.apply_all(handle, kafka, topics_of(shop))
    assert "--skip-truncates" in raised.value.remedy
    library.apply_all(library.opened(shop, skip_truncates=True), kafka, topics_of(shop))
    assert shop.documents("orders")  # they stay


def test_a_transaction_that_a_dead_task_left_open_is_ended_by_whoever_it_holds_up(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    topic = topics_of(shop)[0]
    records = library.records_of(kafka, topic)[0]
    place = shop.database["penstock_offsets"].find_one({"_id.topic": topic, "_id.partition": 0})
    with shop.client.start_session() as dead:
        # As a task notes itself before it writes.
        shop.database["penstock_positions"].insert_one({"_id": "dead", "pipeline": shop.name, "kind": "task", "owner": place["owner"],
                                                        "session": dead.session_id["id"]})
        dead.start_transaction()
        shop.database["penstock_offsets"].update_one({"_id": place["_id"]}, {"$set": {"held": True}}, session=dead)
        assert library.apply(handle, topic, 0, records)["applied"] == sum(1 for record in records if record[3] is not None)
        with pytest.raises(pymongo.errors.OperationFailure):
            dead.commit_transaction()
    assert not shop.database["penstock_positions"].find_one({"_id": "dead"})
    assert "held" not in shop.database["penstock_offsets"].find_one({"_id": place["_id"]})


def test_an_outage_of_mongodb_is_waited_out(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    fails = {"failCommands": ["commitTransaction", "update", "find"], "closeConnection": True}
    shop.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 7}, "data": fails})
    try:
        library.apply_all(handle, kafka, topics_of(shop))
    finally:
        left = shop.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert left["count"] >= 7
    shop.expect_equal()


def test_what_cannot_be_done_is_refused_by_name(shop, kafka):
    def refusal(**options):
        with pytest.raises(Error) as raised:
            library.opened(shop, **options)
        return f"{raised.value.kind}: {raised.value}"

    handle = library.opened(shop)
    handle.begin_stream()
    with pytest.raises(Error, match="no table of the pipeline comes from the topic elsewhere"):
        handle.apply("elsewhere", 0, packed.pack_records([]))
    with pytest.raises(Error, match="PSR1"):
        handle.apply(topics_of(shop)[0], 0, b"something")
    with pytest.raises(Error, match="not in the order of their offsets"):
        handle.apply(topics_of(shop)[0], 0, packed.pack_records([(5, 0, b"", b"", ()), (4, 0, b"", b"", ())]))
    assert "there is no collection nowhere" in refusal(collections=["nowhere"])
    assert "no such" in refusal(colections=[])
    shop.penstock("apply", "--until-current", expect=2)  # one process alone does not know these offsets
    with pytest.raises(Error, match="no read models"):
        handle.settle("b1")
    shop.configure({**PLAIN, "cards": {"from": "public.orders", "id": "customer", "fields": {"who": "upper(customer)"}},
                    "copies": {"from": "public.orders", "fields": {"*": True}}},
                   kafka={"brokers": kafka.address, "prefix": shop.name})
    assert "cards" in refusal() and "`id` of its own" in refusal()
    assert "orders and copies are both made from public.orders" in refusal(collections=["orders"])
    shop.configure({**PLAIN, "cards": {"from": "public.orders", "fields": {"who": "upper(customer)"}},
                    "copies": {"from": "public.orders", "where": "id > 3"}}, kafka={"brokers": kafka.address, "prefix": shop.name})
    assert "copies is not among those chosen" in refusal(collections=["orders", "cards"])
    assert "orders" in refusal(collections=["cards", "copies"])
    assert [c["chosen"] for c in library.opened(shop, collections=["products"]).describe()["collections"]] == [True, False, False, False]


def test_a_topic_that_was_made_anew_is_noticed(shop, kafka):
    topic = topics_of(shop)[0]
    handle = library.opened(shop)
    handle.begin_stream()
    library.apply_all(handle, kafka, [topic])
    records = library.records_of(kafka, topic)[0]
    others = [(offset, millis + 1, *rest) for offset, millis, *rest in records]
    with pytest.raises(Error, match="made anew") as raised:
        library.apply(handle, topic, 0, others)
    assert raised.value.kind == "divergence"
    kafka.delete_topic(topic)
    kafka.create_topic(topic, 3)
    with pytest.raises(Error, match="made anew"):
        handle.begin_stream()


def test_workers_of_apply_and_these_tasks_take_partitions_from_each_other_only_when_asked_to(shop, kafka):
    handle = library.opened(shop)
    handle.begin_stream()
    topic = topics_of(shop)[0]
    library.apply_all(handle, kafka, [topic])
    shop.configure(PLAIN, kafka={"brokers": kafka.address, "prefix": shop.name, "share": True}, metadata={"change": "how", "time": "at"})
    worker = shop.start(verb="apply")
    shop.wait()
    assert worker.stop() == 0
    shop.expect_equal()
    with pytest.raises(Error, match="penstock apply has") as raised:
        library.apply_all(handle, kafka, [topic])
    assert raised.value.kind == "fenced"
    with pytest.raises(Error, match="penstock apply has"):
        handle.begin_stream()
    library.opened(shop, take_over=True).begin_stream()
    shop.sql("UPDATE products SET name = 'last'")
    shop.penstock("capture", "--until-current")
    library.apply_all(handle, kafka, topics_of(shop))
    shop.expect_equal()


def rows_of(pipeline, plan, table):
    """As a JDBC partition would read them."""
    described = next(one for one in plan["tables"] if one["table"] == table)
    with pipeline.connect() as connection:
        connection.execute(plan["session"])
        selected = ", ".join(column["select"] for column in described["columns"])
        return connection.execute(f"SELECT {selected} FROM {described['from']}").fetchall(), len(described["columns"])


def test_rows_of_a_load_become_documents_until_it_is_ended(shop):
    handle, late = library.opened(shop), library.opened(shop)
    plan = handle.begin_load()
    for table in ("public.products", "public.orders"):
        rows, columns = rows_of(shop, plan, table)
        for start in range(0, len(rows), 70):
            handle.load(plan["load"], table, packed.pack_rows(rows[start:start + 70], columns))
        counts = late.load(plan["load"], table, packed.pack_rows(rows[:50], columns))  # a task that is run again
        assert (counts["records"], counts["applied"]) == (len(rows[:50]), len(rows[:50]))
    shop.expect_equal()
    handle.end_load(plan["load"])
    with pytest.raises(Error, match="was ended") as raised:
        late.load(plan["load"], "public.orders", packed.pack_rows(rows[:1], columns))
    assert raised.value.kind == "fenced"
    with pytest.raises(Error, match="holds documents"):
        handle.begin_load()
    shop.sql("DELETE FROM orders WHERE id % 2 = 0", "CREATE TABLE silent (id int PRIMARY KEY)")
    with_silent = shop.beside("silent").configure({**PLAIN, "silent": "public.silent"}, source={"publication": shop.publication},
                                                  sink={"database": shop.target})
    with pytest.raises(Error, match='does not carry "public"."silent"'):
        library.opened(with_silent, clear=True).begin_load()
    assert shop.documents("orders"), "nothing is emptied before that is known"
    anew = library.opened(shop, clear=True)
    plan = anew.begin_load()
    for table in ("public.products", "public.orders"):
        rows, columns = rows_of(shop, plan, table)
        anew.load(plan["load"], table, packed.pack_rows(rows, columns))
    with pytest.raises(Error, match=r"public.orders.id \(integer\) of the row \(id x\), while loading the table"):
        anew.load(plan["load"], "public.orders", packed.pack_rows([("x", *rows[0][1:])], columns))
    anew.end_load(plan["load"])
    shop.expect_equal(*(View(table=f"public.{name}", collection=name, ignore=("how", "at")) for name in PLAIN))
    assert not [d for d in shop.database["penstock_positions"].find() if "load" in json.dumps(d, default=str)]
