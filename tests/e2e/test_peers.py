"""`penstock capture` and its peers: MongoDB's own sink connector behind it, and a broker with TLS and SASL."""

import json
import random
import re
from datetime import datetime, timezone

import pytest
from support import places
from support.debezium import connector
from support.kafka import PASSWORD
from support.mongodb_sink import mongodb_sink
from support.process import wait_for

pytestmark = pytest.mark.on_one_postgres

PLACEHOLDER = "__debezium_unavailable_value"
TABLE = ["""CREATE TABLE item (id int PRIMARY KEY, name text, ok boolean, ratio double precision, count bigint, j jsonb,
    price numeric(10,2), day date, at timestamp, seen timestamptz, raw bytea, u uuid, tags text[], long text)""",
         "ALTER TABLE item ALTER long SET STORAGE EXTERNAL",
         "CREATE TABLE pair (a int, b text, c int, PRIMARY KEY (b, a))"]
ROWS = """INSERT INTO item SELECT i, 'é ' || i, i % 3 = 0, i / 7.0, i * 5000000000, '{{"a": [1, 2]}}', i + 0.25, '2024-02-29',
    '2024-02-29 12:00:00.123456', '2024-02-29 12:00:00.5+02', '\\x00ff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    ARRAY['x', NULL, i::text], repeat(i::text, 4000) FROM generate_series({first}, {last}) i"""


def capture(pipeline, kafka, *more, brokers=None, **settings):
    """A capture as the classic connector file has it: doubles, JSON without schemas."""
    given = connector(pipeline, pipeline.name, **{"decimal.handling.mode": "double", **settings})
    file = pipeline.folder / "connector.json"
    file.write_text(json.dumps({"name": pipeline.name, "config": given}))
    return pipeline.start_bare("capture", "--connector", file, "--brokers", brokers or kafka.address, *more)


def sink(pipeline, connect, *tables):
    collections = {f"{pipeline.name}.public.{table}": table for table in tables}
    connect.create_and_wait(pipeline.name, mongodb_sink(pipeline.mongo.url(), pipeline.name, collections))


def change_at_random(pipeline, steps):
    """Inserts, updates, deletes and changed keys; the value out of line stays as it is in most of them."""
    chance = random.Random(11)
    for step in range(steps):
        one = chance.randint(1, 60)
        pipeline.sql(chance.choice([
            ROWS.format(first=1000 + step, last=1000 + step), f"DELETE FROM item WHERE id = {one}",
            f"UPDATE item SET name = 'changed {step}', ratio = NULL WHERE id = {one}",
            f"UPDATE item SET long = repeat('{step}', 5000) WHERE id = {one}",
            f"BEGIN; UPDATE item SET id = {2000 + step}, name = 'moved' WHERE id = {one}; UPDATE pair SET b = 'k{step}' WHERE a = {one % 9}; COMMIT"]))


def milliseconds(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * 1000)


def rows_as_the_sink_writes_them(pipeline):
    """id -> fields beside `_id`, without `long`."""
    made = {}
    names = "id", "name", "ok", "ratio", "count", "j", "price", "day", "at", "seen", "raw", "u", "tags"
    for row in pipeline.sql("SELECT id, name, ok, ratio, count, j::text, price::float8, day - '1970-01-01', (extract(epoch FROM at) * 1000000)::bigint,"
                            " to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), encode(raw, 'base64'), u::text, tags FROM item"):
        fields = dict(zip(names, row))
        made[fields.pop("id")] = fields
    return made


def test_mongodbs_sink_makes_documents_of_what_capture_writes(pipeline, kafka, connect):
    """Inserts, updates, deletes and changed keys arrive; what differs from the rows is what docs/debezium.md says."""
    pipeline.sql(*TABLE, ROWS.format(first=1, last=60), "INSERT INTO pair SELECT i, 'k', i FROM generate_series(1, 9) i")
    runner = capture(pipeline, kafka)
    wait_for(lambda: f"{pipeline.name}.public.item" in kafka.topics(), 60, "the load")
    sink(pipeline, connect, "item", "pair")
    change_at_random(pipeline, 120)
    pipeline.sql("INSERT INTO pair VALUES (100, 'done', 1)", ROWS.format(first=9999, last=9999))
    done = {"_id.a": 100}, {"_id.id": 9999}
    wait_for(lambda: pipeline.documents("pair", **done[0]) and pipeline.documents("item", **done[1]), 60, "the last rows")
    assert runner.stop() == 0
    rows, longs = rows_as_the_sink_writes_them(pipeline), dict(pipeline.sql("SELECT id, long FROM item"))
    documents = {d.pop("_id")["id"]: d for d in pipeline.documents("item")}
    overwritten = [key for key, d in documents.items() if d["long"] == PLACEHOLDER]
    assert overwritten, "unchanged values out of line are no longer overwritten"
    assert {key: d.pop("long") for key, d in documents.items()} == {k: PLACEHOLDER if k in overwritten else v for k, v in longs.items()}
    assert documents == rows
    assert {tuple(sorted(d["_id"].items())): d["c"] for d in pipeline.documents("pair")} == \
        {(("a", a), ("b", b)): c for a, b, c in pipeline.sql("SELECT a, b, c FROM pair")}
    connect.delete(pipeline.name)


def test_what_mongodbs_sink_cannot_do_is_in_the_documentation(pipeline, kafka, connect):
    """One sentence of docs/debezium.md each; none more and none less."""
    pipeline.sql(*TABLE, ROWS.format(first=1, last=2), "INSERT INTO pair VALUES (1, 'x', 1)")
    runner = capture(pipeline, kafka, **{"skipped.operations": "none"})
    wait_for(lambda: f"{pipeline.name}.public.pair" in kafka.topics(), 60, "the load")
    sink(pipeline, connect, "item", "pair")
    pipeline.sql("UPDATE item SET name = 'x' WHERE id = 1")
    wait_for(lambda: pipeline.documents("item", name="x") and pipeline.documents("pair"), 60, "the update")
    item, = pipeline.documents("item", name="x")
    pipeline.sql("TRUNCATE pair")
    wait_for(lambda: connect.state(pipeline.name) == ["FAILED"], 60, "the sink to stop at the truncate")
    columns = [name for name, in pipeline.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'item'::regclass AND attnum > 1 ORDER BY attnum")]
    seen = {
        "Key": item["_id"] == {"id": 1} and "id" not in item,
        "Order of fields": set(item) - {"_id"} == set(columns) and list(item)[1:] != columns,
        "Unchanged TOAST": item["long"] == PLACEHOLDER,
        "Types": [type(item[name]).__name__ for name in ("day", "at", "seen", "raw", "u", "j", "price")]
                 == ["Int64", "Int64", "str", "str", "str", "str", "float"],
        "Truncate": bool(pipeline.documents("pair")),
    }
    assert all(seen.values()), seen
    connect.delete(pipeline.name)
    assert runner.stop() == 0
    text = (places.ROOT / "docs" / "debezium.md").read_text().split("## MongoDB's own sink", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^- \*\*(.+?)\.\*\*", text, re.M) == list(seen)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_capture_speaks_to_a_broker_with_tls_and_sasl(pipeline, kafka, mechanism):
    pipeline.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 100)")
    given = [f"{name}={value}" for name, value in kafka.secure_options(mechanism).items()]
    runner = capture(pipeline, kafka, "--until-current", *(part for one in given for part in ("-X", one)), brokers=kafka.secure_address)
    assert runner.wait() == 0, runner.text()
    assert len(kafka.records(f"{pipeline.name}.public.t")) == 100
    given[-1] = "sasl.password=wrong-s3cret"
    refused = capture(pipeline, kafka, "--until-current", *(part for one in given for part in ("-X", one)), brokers=kafka.secure_address)
    wait_for(lambda: "Authentication failed" in refused.text(), 60, "the refusal")
    refused.kill()
    assert PASSWORD not in pipeline.log_text() and "wrong-s3cret" not in pipeline.log_text()
