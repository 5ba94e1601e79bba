"""`penstock capture` and real Debezium on one database: record for record the same keys, values and headers."""

import json
import re

import pytest
from support import places, servers
from support.debezium import Twins, connector
from support.debezium_differences import ACCEPTED
from support.debezium_shop import CREATE, STREAM
from support.kafka import Connect, Kafka

pytestmark = pytest.mark.on_one_postgres

@pytest.fixture(scope="module")
def kafka():
    return Kafka(servers.run_folder()).start()


@pytest.fixture(scope="module")
def connect(kafka):
    return Connect(servers.run_folder(), kafka).start()


# Load markers of ours are messages to the other captures of the database.
MODES = {
    "plain": {"provide.transaction.metadata": "true", "snapshot.mode": "initial"},
    "text": {"decimal.handling.mode": "string", "time.precision.mode": "isostring", "interval.handling.mode": "string",
             "binary.handling.mode": "hex", "hstore.handling.mode": "map", "tombstones.on.delete": "false",
             "skipped.operations": "none"},
    "connect": {"decimal.handling.mode": "double", "time.precision.mode": "connect", "binary.handling.mode": "base64",
                "unavailable.value.placeholder": "gone", "snapshot.mode": "no_data"},
    "nanos": {"time.precision.mode": "nanoseconds", "binary.handling.mode": "base64-url-safe",
              "message.key.columns": "public.composite:a", "column.exclude.list": "public.types.n,public.types.j"},
    "masked": {"time.precision.mode": "microseconds", "column.truncate.to.3.chars": "public.types.a,public.toast.long",
               "column.mask.with.4.chars": "public.types.vc,public.types.ch",
               "column.mask.hash.SHA-256.with.salt.x": "public.composite.c,public.types.h1",
               "column.mask.hash.v2.SHA-256.with.salt.x": "public.types.h2", "skipped.operations": "u,t"},
    "day": {"time.precision.mode": "adaptive_time_microseconds", "table.include.list": "public.types,public.done"},
}
TOPICS = {"message", "transaction", "public.types", "public.keyless", "public.composite", "public.toast", "public.nothing",
          "public.by_index", "public.part_eu", "public.part_us", "public.done", "Odd_Schema.B_ng_1"}
LOADED = {"connect": 0, "day": 2}  # tables; the others have ten
COMMON = {"message.prefix.exclude.list": "penstock"}


def test_capture_writes_what_debezium_writes(pipeline, kafka, connect):
    pipeline.sql(*CREATE)
    twins = [Twins(pipeline, kafka, connect, name, **COMMON, **settings) for name, settings in MODES.items()]
    for twin in twins:
        twin.wait_streaming(LOADED.get(twin.name, 10))
        if twin.name not in LOADED or LOADED[twin.name]:
            twin.wait_for("public.types", 1)
    for statement in STREAM:
        pipeline.sql(statement)
    for twin in twins:
        twin.wait_for("public.done", 1)
    assert [twin.stop() for twin in twins] == [0] * len(twins)
    found = [(twin.name, topic, *difference) for twin in twins for topic in twin.topics()
             for difference in twin.differences(topic)]
    unexplained = [one for one in found if not any(e.explains(*one[:2], *one[3:]) for e in ACCEPTED)]
    assert not unexplained, "\n".join(map(str, unexplained))
    unseen = [e.name for e in ACCEPTED if not any(e.explains(*one[:2], *one[3:]) for one in found)]
    assert not unseen, f"these differences are there no more: {unseen}"
    assert {topic for twin in twins for topic in twin.topics()} == TOPICS


def test_the_connector_file_of_the_example(pipeline, kafka):
    """The classic file: pgoutput, ecommerce_slot, ecommerce_pub, prefix ecommerce, doubles, JSON without schemas."""
    example = places.ROOT / "examples" / "ecommerce"
    pipeline.sql((example / "schema.sql").read_text())
    given = json.loads((example / "pg-ecommerce-connector.json").read_text())
    given["config"] |= {"database.port": str(pipeline.postgres.port), "database.user": "postgres", "database.dbname": pipeline.name,
                        "slot.name": pipeline.slot}
    file = pipeline.folder / "pg-ecommerce-connector.json"
    file.write_text(json.dumps(given))
    runner = pipeline.start_bare("capture", "--connector", file, "--brokers", kafka.address, "--until-current")
    assert runner.wait() == 0, runner.text()
    products = [json.loads(record["payload"])["after"] for record in kafka.records("ecommerce.public.products")]
    rows = pipeline.sql("SELECT product_id, name, price::float8 FROM products ORDER BY 1")
    assert [(p["product_id"], p["name"], p["price"]) for p in products] == rows
    assert len(kafka.records("ecommerce.public.orders")) == 5
    assert len(kafka.records("ecommerce.public.order_details")) == 7


def test_what_a_connector_file_asks_in_vain_is_said(pipeline, kafka):
    pipeline.sql("CREATE TABLE t (id int PRIMARY KEY)")
    file = pipeline.folder / "connector.json"
    for more, said in (({"transforms": "unwrap"}, '"transforms": "unwrap" is not supported'),
                       ({"publication.autocreate.mode": "disabled"}, "publication"),
                       ({"table.include.list": "public.none"}, "is chosen")):
        file.write_text(json.dumps({"name": "c", "config": connector(pipeline, "vain", **more)}))
        runner = pipeline.start_bare("capture", "--connector", file, "--brokers", kafka.address)
        assert runner.wait() == 2
        assert said in runner.text()


def test_the_documentation_lists_the_differences():
    text = (places.ROOT / "docs" / "debezium.md").read_text()
    assert re.findall(r"^\| \*\*(.+?)\*\*", text, re.M) == [e.name for e in ACCEPTED]
