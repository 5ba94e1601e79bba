"""`penstock capture` and real Debezium on one database: record for record the same keys, values and headers."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import places
from support.debezium import Twins, connector
from support.debezium_differences import ACCEPTED
from support.debezium_shop import CREATE, ROUTED, STREAM

pytestmark = pytest.mark.on_one_postgres

# Load markers of ours are messages to the other captures of the database: COMMON leaves them out.
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
SCHEMAS = {"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true"}
UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState"}
UNWRAPPED = "public.routed,public.keyless,public.defaults,public.done"
ROUTER = {"transforms": "outbox", "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
          "transforms.outbox.route.topic.replacement": "SIDE.${routedByValue}", "transforms.outbox.predicate": "isOutbox",
          "predicates": "isOutbox", "predicates.isOutbox.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
          "predicates.isOutbox.pattern": ".*outbox", "table.include.list": "public.outbox,public.done"}


def _set(prefix, **settings):
    return {f"transforms.{prefix}.{name.replace('_', '.')}": value for name, value in settings.items()}


MODES |= {
    "schemas": {**SCHEMAS, "provide.transaction.metadata": "true", "heartbeat.interval.ms": "500", "skipped.operations": "none"},
    "described": {**SCHEMAS, **{name: value for name, value in MODES["text"].items() if "mode" in name},
                  "column.propagate.source.type": ".*", "schema.name.adjustment.mode": "avro", "topic.delimiter": "-"},
    "converted": {**SCHEMAS, **MODES["connect"], "column.truncate.to.3.chars": "public.types.a",
                  "column.mask.with.4.chars": "public.types.vc", "datatype.propagate.source.type": ".*numeric"},
    "unwrapped": {**UNWRAP, "table.include.list": UNWRAPPED, "skipped.operations": "none"},
    "marked": {**UNWRAP, **SCHEMAS, "table.include.list": UNWRAPPED, "provide.transaction.metadata": "true",
               **_set("unwrap", delete_tombstone_handling_mode="rewrite-with-tombstone",
                      add_fields="op,table,lsn,source.ts_ms,ts_ms,transaction.id,total_order,schema:SCH,snapshot,nothing",
                      add_headers="op,source.ts_ms,transaction.id,db,lsn")},
    "sorted": {**UNWRAP, "table.include.list": "public.routed,public.done",
               "transforms.unwrap.predicate": "isDone", "transforms.unwrap.negate": "true", "predicates": "isDone",
               "predicates.isDone.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
               "predicates.isDone.pattern": ".*done",
               **_set("unwrap", delete_tombstone_handling_mode="delete-to-tombstone", route_by_field="route", add_fields="op",
                      add_fields_prefix="meta_")},
    "outbox": {**ROUTER, **_set("outbox", table_fields_additional_placement="type:header:eventType,note:header,ts:header,part:partition",
                                table_field_event_timestamp="ts", table_expand_json_payload="true",
                                route_tombstone_on_empty_payload="true")},
    "letters": {**ROUTER, **SCHEMAS, **_set("outbox", table_fields_additional_placement="type:envelope:eventType,note:envelope",
                                            table_expand_json_payload="true")},
    "plainly": {**ROUTER, **SCHEMAS, **_set("outbox", table_field_event_key="type", route_by_field="type",
                                            route_topic_regex="(.*)ed", route_topic_replacement="SIDE.$1")},
}
TOPICS = {"message", "transaction", "public.types", "public.keyless", "public.composite", "public.toast", "public.nothing",
          "public.by_index", "public.part_eu", "public.part_us", "public.done", "Odd_Schema.B_ng_1", "public.defaults",
          "public.strict", "public.odd", "public.routed", "public.outbox", "Order", "Customer", "Creat", "Updat", "heartbeat", ROUTED}
TABLES = 15
LOADED = {"connect": 0, "converted": 0, "day": 2, "unwrapped": 4, "marked": 4, "sorted": 2, "outbox": 2, "letters": 2, "plainly": 2}
COMMON = {"message.prefix.exclude.list": "penstock"}


def test_capture_writes_what_debezium_writes(pipeline, kafka, connect):
    pipeline.sql(*CREATE)
    twins = [Twins(pipeline, kafka, connect, name, **{**COMMON, **settings}) for name, settings in MODES.items()]
    for twin in twins:
        twin.wait_streaming(LOADED.get(twin.name, TABLES))
        if twin.name not in LOADED:
            twin.wait_for("public.types", 1)
    for statement in STREAM:
        pipeline.sql(statement)
    for twin in twins:
        twin.wait_for("public.done", 1)
    assert [twin.stop() for twin in twins] == [0] * len(twins)
    pairs = [(twin, topic) for twin in twins for topic in twin.topics()]
    with ThreadPoolExecutor(4) as readers:
        read = readers.map(lambda pair: pair[0].differences(pair[1]), pairs)
        found = [(twin.name, topic, *one) for (twin, topic), differences in zip(pairs, read) for one in differences]
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
    for more, said in (({"transforms": "route", "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter"},
                        '"transforms.route.type" is "org.apache.kafka.connect.transforms.RegexRouter", which is not supported'),
                       ({"publication.autocreate.mode": "disabled"}, "publication"),
                       ({"table.include.list": "public.none"}, "is chosen")):
        file.write_text(json.dumps({"name": "c", "config": connector(pipeline, "vain", **more)}))
        runner = pipeline.start_bare("capture", "--connector", file, "--brokers", kafka.address)
        assert runner.wait() == 2
        assert said in runner.text()


def test_the_documentation_lists_the_differences():
    text = (places.ROOT / "docs" / "debezium.md").read_text()
    assert re.findall(r"^\| \*\*(.+?)\*\*", text, re.M) == [e.name for e in ACCEPTED]
