"""`penstock apply` and values out of line that real Debezium leaves out of an update: neither a placeholder nor a null that means
nothing reaches a document."""

import pytest

pytestmark = pytest.mark.on_one_postgres

TEXT, LIST = "repeat('{v}', 5000)", "(SELECT array_agg({e}) FROM generate_series(1, 2000) i)"
# Type -> a value that does not fit into the row. Debezium drops path, polygon, money[], interval[] and point[] altogether.
VALUES = {
    "text": TEXT.format(v="x"), "varchar": TEXT.format(v="y"), "char(5000)": "'a'", "json": "to_json(repeat('x', 5000))",
    "jsonb": "(SELECT jsonb_object_agg('k' || i, md5(i::text)) FROM generate_series(1, 200) i)", "xml": "('<a>' || repeat('x', 5000) || '</a>')::xml",
    "bytea": "decode(repeat('00ff', 3000), 'hex')", "numeric": "repeat('7', 9000)::numeric", "varbit": "repeat('10', 20000)::varbit",
    "tsvector": "(SELECT string_agg('w' || i, ' ') FROM generate_series(1, 900) i)::tsvector", "numrange": "('[1,' || repeat('7', 9000) || ')')::numrange",
    "long_text": TEXT.format(v="z"), "long_number": "repeat('8', 9000)::numeric",
    **{f"{one}[]": LIST.format(e=value) for one, value in {
        "numeric": "i::numeric", "numeric(5,2)": "1.5::numeric(5,2)", "float8": "i / 7.0::float8", "float4": "i::float4", "int2": "i::int2", "int4": "i",
        "int8": "i::int8", "text": "i::text", "varchar(10)": "i::text", "char(3)": "'ab'::char(3)", "date": "'2024-01-01'::date + i",
        "timestamp": "'2024-01-01'::timestamp", "timestamptz": "'2024-01-01'::timestamptz", "bool": "true", "uuid": "md5(i::text)::uuid",
        "jsonb": "to_jsonb(i)", "inet": "'10.0.0.1'::inet", "oid": "i::oid", "bytea": "'\\x00ff'::bytea", "mood": "'sad'::mood"}.items()}}
MODES = {"plain": {}, "base64": {"binary.handling.mode": "base64", "time.precision.mode": "isostring"},
         "text": {"decimal.handling.mode": "string", "binary.handling.mode": "base64-url-safe"},
         "unwrapped": {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                       "transforms.unwrap.delete.tombstone.handling.mode": "tombstone"}}


def test_unchanged_values_of_every_type(pipeline, feed):
    """Also where a value is set to NULL, in a row whose key changes, in one that is gone by the time it is asked for."""
    columns = {f"c{number}": one for number, one in enumerate(VALUES)}
    pipeline.sql("CREATE TYPE mood AS ENUM ('sad')", "CREATE DOMAIN long_text AS text", "CREATE DOMAIN long_number AS numeric",
                 f"CREATE TABLE wide (id int PRIMARY KEY, small int, {', '.join(f'{name} {one}' for name, one in columns.items())})",
                 f"ALTER TABLE wide {', '.join(f'ALTER {name} SET STORAGE EXTERNAL' for name in columns)}",
                 f"INSERT INTO wide SELECT id, 1, {', '.join(VALUES.values())} FROM generate_series(1, 4) id", "INSERT INTO wide VALUES (9, 1)")
    feeds = [feed(name, ["wide"], **settings) for name, settings in MODES.items()]
    for one in feeds:
        one.apply()
    pipeline.sql("UPDATE wide SET small = 2", "UPDATE wide SET id = 20 WHERE id = 2", "DELETE FROM wide WHERE id = 4",
                 f"UPDATE wide SET {', '.join(f'{name} = NULL' for name in columns)} WHERE id = 3", "UPDATE wide SET small = 3",
                 f"UPDATE wide SET ({', '.join(columns)}) = (SELECT {', '.join(columns)} FROM wide WHERE id = 1) WHERE id = 3",
                 "UPDATE wide SET small = 4 WHERE id = 3", "UPDATE wide SET id = 30, c0 = 'short', c7 = NULL WHERE id = 3")
    for one in feeds:
        one.expect_equal(seconds=30)
