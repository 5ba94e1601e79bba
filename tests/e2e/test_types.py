"""The type table: each value the same through load and through stream, and as the table says."""

import pytest
from bson import Int64
from support.compare import View, same

DIGITS = "1234567890" * 13107 + "12"  # 131,072: the longest numeric PostgreSQL takes before its point

TYPES = {
    "smallint": ["0", "-32768", "32767"],
    "integer": ["0", "-2147483648", "2147483647"],
    "bigint": ["0", "-9223372036854775808", "9223372036854775807", "1"],
    "oid": ["0", "4294967295"],
    "real": ["0.1", "-0", "3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity", "16777217"],
    "double precision": ["0.1", "-0", "1.7976931348623157e308", "5e-324", "NaN", "Infinity", "-Infinity",
                         "0.30000000000000004"],
    "numeric": ["0", "0.00", "-12.50", "1e-20", "9" * 34, "9" * 35, "0." + "3" * 40, "NaN", "Infinity", "-Infinity",
                DIGITS, "0." + "0" * 16382 + "1", "1" + "0" * 40, "1" + "0" * 33 + ".5"],
    "numeric(10,2)": ["0.10", "-99999999.99", "NaN"],
    "money": ["12.34", "-0.01"],
    "boolean": ["t", "f"],
    "text": ["", "a", "Nguyễn Văn Ân 日本 🦀", "it''s \"quoted\"\\ \t\n", "NULL", "\\N"],
    "varchar(20)": ["", "  spaces  "],
    "char(5)": ["a", "     ", "ÄÖÜ"],
    "name": ["x"],
    '"char"': ["x"],
    "citext": ["MiXed"],
    "bytea": ["\\x", "\\x00ff5c27", "\\x" + "ab" * 3000],
    "uuid": ["00000000-0000-0000-0000-000000000000", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
    "date": ["1970-01-01", "1969-12-31", "0001-01-01", "0044-03-15 BC", "4713-01-01 BC", "5874897-12-31", "infinity",
             "-infinity", "2024-02-29"],
    "timestamp": ["1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "2024-02-29 12:34:56.789012",
                  "0044-03-15 12:00:00.000001 BC", "294276-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC", "infinity",
                  "-infinity"],
    "timestamptz": ["1970-01-01 00:00:00+00", "2024-06-01 12:00:00.123456+07", "0001-01-01 00:00:00+00 BC", "infinity",
                    "-infinity", "12345-01-01 00:00:00-08"],
    "timestamp(3)": ["2024-01-01 00:00:00.123"],
    "time": ["00:00:00", "24:00:00", "12:34:56.789012"],
    "timetz": ["12:34:56+07", "00:00:00-15:59:59"],
    "interval": ["1 year 2 mons -3 days 04:05:06.7", "00:00:00", "-178000000 years", "1 day -00:00:01"],
    "json": ['{"b": 1, "a": [1, 2.5, null, true, "x"], "": {}}', "[]", "1", '"text"', "null", "1e2", "9223372036854775807",
             "9223372036854775808", "12345678901234567890.125", "0.1", '"\\u00e9 \\ud83e\\udd80 \\" \\\\ \\n"', " [ 1 ] "],
    "jsonb": ['{"b": 1, "a": {"deep": [[], {}, [{"x": null}]]}}', "2147483648", "-2147483649", "2147483647", "0.1",
              "1.10", "100000000000000000000000", "true", '"Đỗ"', '{"$a.b": {"$c": 1}}'],
    "xml": ["<a>1</a>"],
    "tsvector": ["'a':1 'b':2"],
    "tsquery": ["'a' & 'b'"],
    "inet": ["192.168.0.1/24", "::1"],
    "cidr": ["10.0.0.0/8"],
    "macaddr": ["08:00:2b:01:02:03"],
    "bit(3)": ["101"],
    "bit varying": ["", "10110"],
    "point": ["(1.5,-2)"],
    "box": ["(1,1),(0,0)"],
    "polygon": ["((0,0),(1,1),(1,0))"],
    "pg_lsn": ["16/B374D848"],
    "hstore": ['"a"=>"1", "b"=>NULL, "c d"=>"x\\"y"', ""],
    "mood": ["sad", "very \"happy\", or so"],
    "mood[]": ['{sad,NULL,"very \\"happy\\", or so"}'],
    "address": ['("Main, 1",12,"{a,b}")', "(,,)", '("",,{})', '("a""b\\\\c",-1,"{NULL}")'],
    "address[]": ['{"(a,1,{})",NULL}'],
    "positive": ["5"],
    "positive[]": ["{1,2}"],
    "positive_list": ["{1,2}"],
    "int4range": ["[1,5)", "empty", "(,)", "[3,)"],
    "numrange": ["[1.5,2.50]", "(,0]"],
    "tsrange": ['["2024-01-01 00:00:00","2024-01-02 12:00:00.5")', "[-infinity,infinity]"],
    "daterange": ["[2024-01-01,2024-02-01)"],
    "textrange": ['["a,b","c""d\\\\e)"]', "(,z)"],
    "int4multirange": ["{}", "{[1,3),[5,9)}"],
    "nummultirange": ["{(,1.5],[2,)}"],
    "int4range[]": ['{"[1,2)",NULL,empty}'],
    "integer[]": ["{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[5:6]={1,2}", "{{{1}}}"],
    "text[]": ['{"",NULL,"NULL","a,b","{x}","\\"q\\"","\\\\",Đỗ}', "{{a},{b}}"],
    "numeric[]": ["{1.10,NaN,NULL}"],
    "boolean[]": ["{t,f,NULL}"],
    "jsonb[]": ['{"{\\"a\\": [1, \\"x\\"]}",NULL}'],
    "bytea[]": ['{"\\\\x00","\\\\xff"}'],
    "timestamptz[]": ['{"2024-01-01 00:00:00+00",infinity}'],
    "uuid[]": ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"],
    "box[]": ["{(1,1),(0,0);(2,2),(1,1)}"],
    "double precision[]": ["{0.1,NaN,-Infinity,NULL}"],
}

PREPARE = [
    "CREATE EXTENSION hstore", "CREATE EXTENSION citext",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very \"happy\", or so')",
    "CREATE TYPE address AS (street text, number int, tags text[])",
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)", "CREATE DOMAIN positive_list AS int[]",
    "CREATE TYPE textrange AS RANGE (subtype = text)",
]


def literal(text):
    return "'" + text.replace("''", "'").replace("'", "''") + "'"


def fill(pipeline, table):
    """One row per value, the other columns NULL; and a row of NULLs."""
    with pipeline.connect() as connection, connection.transaction():
        row = 0
        for number, (kind, values) in enumerate(TYPES.items()):
            for value in values:
                row += 1
                connection.execute(f"INSERT INTO {table} (id, c{number}) VALUES ({row}, {literal(value)}::{kind})")
        connection.execute(f"INSERT INTO {table} (id) VALUES (0)")


@pytest.fixture
def zoo(pipeline):
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(TYPES))
    pipeline.sql(*PREPARE, f"CREATE TABLE loaded (id int PRIMARY KEY, {columns})",
                 f"CREATE TABLE streamed (id int PRIMARY KEY, {columns})")
    fill(pipeline, "loaded")
    pipeline.configure({"loaded": "public.loaded", "streamed": "public.streamed"}).start_and_wait()
    fill(pipeline, "streamed")
    pipeline.wait()
    return pipeline


def test_every_type_through_load_and_stream(zoo):
    zoo.expect_equal()
    streamed = {d["_id"]: d for d in zoo.documents("streamed")}
    different = [(d, streamed[d["_id"]]) for d in zoo.documents("loaded") if not same(d, streamed.get(d["_id"]))]
    assert not different, different[0]


def test_updates_carry_every_type(zoo):
    names = ", ".join(f"c{n}" for n in range(len(TYPES)))
    values = ", ".join(literal(v[-1]) + f"::{k}" for k, v in TYPES.items())
    zoo.sql(f"UPDATE loaded SET ({names}) = ({values})", f"UPDATE streamed SET ({names}) = ({values}) WHERE id % 2 = 0")
    zoo.expect_equal_now()


def test_a_row_of_large_values(pipeline):
    pipeline.sql("CREATE TABLE big (id int PRIMARY KEY, t text, b bytea, j jsonb, a int[])")
    insert = ("INSERT INTO big SELECT {id}, repeat('Đ', 1000000), decode(repeat('ab', 1000000), 'hex'),"
              " jsonb_build_object('k', repeat('x', 1000000)), array_agg(i) FROM generate_series(1, 50000) i")
    pipeline.sql(insert.format(id=1))
    pipeline.configure({"big": "public.big"}).start_and_wait()
    pipeline.sql(insert.format(id=2))
    pipeline.expect_equal_now()


KEYS = {
    "bigint": ["1", "-9223372036854775808"],
    "text": ["", "a", "Đỗ", "a.b$c"],
    "char(4)": ["a", "ab"],
    "numeric": ["1.10", "2", "9" * 40, "NaN"],
    "double precision": ["0.1", "1e300", "NaN"],
    "boolean": ["t", "f"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "bytea": ["\\x", "\\x00ff"],
    "date": ["2024-01-01", "infinity", "0044-03-15 BC"],
    "timestamp": ["2024-01-01 00:00:00", "2024-01-01 00:00:00.001", "2024-01-01 00:00:00.001001",
                  "2024-01-01 00:00:00.001002", "0044-03-15 00:00:00.000001 BC"],
    "timestamptz": ["2024-01-01 00:00:00.123456+07", "infinity"],
    "integer[]": ["{1,2}", "{}", "{{1},{2}}"],
    "jsonb": ['{"a": 1}', "1", '"x"'],
    "int4range": ["[1,5)", "empty"],
    "inet": ["10.0.0.1"],
    "interval": ["1 day"],
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.on_one_postgres
def test_keys_of_type(pipeline, kind):
    """Loaded, streamed, changed, moved and deleted by a key of this type."""
    values = KEYS[kind]
    pipeline.sql(f"CREATE TABLE keyed (k {kind} PRIMARY KEY, n int)",
                 f"CREATE TABLE pair (k {kind}, i int, n int, PRIMARY KEY (i, k))")
    rows = ", ".join(f"({literal(v)}::{kind}, {i})" for i, v in enumerate(values))
    pipeline.sql(f"INSERT INTO keyed VALUES {rows}", "INSERT INTO pair SELECT k, n, n FROM keyed")
    pipeline.configure({"keyed": "public.keyed", "pair": "public.pair"}, load={"chunk_rows": 2})
    pipeline.start_and_wait()
    pipeline.expect_equal()
    pipeline.sql("UPDATE keyed SET n = n + 10", "UPDATE pair SET n = n + 10", "UPDATE pair SET i = i + 100")
    pipeline.expect_equal_now()
    pipeline.sql("DELETE FROM keyed", f"INSERT INTO keyed VALUES {rows}", "DELETE FROM pair WHERE i = 100")
    pipeline.expect_equal_now()
    pipeline.sql("DELETE FROM keyed")
    pipeline.wait()
    assert pipeline.documents("keyed") == []


@pytest.mark.on_one_postgres
def test_two_timestamps_within_a_millisecond_are_two_documents(pipeline):
    pipeline.sql("CREATE TABLE tick (at timestamptz PRIMARY KEY, n int)",
                 "INSERT INTO tick SELECT timestamptz '2024-01-01 00:00Z' + i * interval '1 microsecond', i"
                 " FROM generate_series(0, 3000) i")
    pipeline.configure({"ticks": "public.tick"}).run_until_current()
    assert pipeline.database.ticks.count_documents({}) == 3001
    pipeline.expect_equal()


@pytest.mark.on_one_postgres
def test_as_picks_another_type(pipeline):
    pipeline.sql("CREATE TABLE item (id int PRIMARY KEY, price numeric(10,2), at timestamptz, n text, day date)",
                 "INSERT INTO item VALUES (1, 12.50, '2024-01-01 00:00:00.123456Z', '42', '2024-02-29')")
    fields = {"*": True, "price": {"as": "double"}, "at": {"as": "string"}, "n": {"as": "long"}, "day": {"as": "string"}}
    pipeline.configure({"items": {"from": "public.item", "fields": fields}}).start_and_wait()
    pipeline.sql("INSERT INTO item SELECT 2, price, at, n, day FROM item")
    pipeline.wait()
    view = View(table="public.item", collection="items",
                convert={"price": float, "at": str, "n": Int64, "day": str})
    pipeline.expect_equal(view)
