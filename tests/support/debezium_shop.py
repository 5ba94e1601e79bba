"""A database with every built-in type family and every operation, for Debezium and Penstock side by side."""

TYPES = """CREATE TABLE types (id int PRIMARY KEY, a text, n numeric(10,2), nn numeric, d date, ts timestamp, ts3 timestamp(3),
    tz timestamptz, tm time, tm3 time(3), ttz timetz, iv interval, u uuid, j jsonb, js json, b bytea, bo bool, i2 smallint,
    i8 bigint, f4 real, f8 double precision, arr int[], ta text[], ch char(5), vc varchar(7) NOT NULL, m money, oi oid,
    ip inet, cd cidr, mac macaddr, bits bit(3), b1 bit(1), vb varbit(6), x xml, r int4range, p point, tv tsvector,
    na numeric(5,1)[], da date[], tsa timestamptz[], ba bool[], dom positive, mood mood, moods mood[], h1 text, h2 varchar(9))"""
FILLED = """INSERT INTO types VALUES ({id}, 'é"\\/', 12.5, 123.4500, '2024-01-02', '2024-01-02 03:04:05.123456',
    '2024-01-02 03:04:05.123', '2024-01-02 03:04:05.1+02', '03:04:05.123456', '03:04:05.123', '03:04:05.5+02',
    '1 year 2 mons 3 days 04:05:06.789', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{{"a":1.50,"b":[1,2]}}', '{{"z": 1 , "a":2}}',
    '\\x00ff10', true, 7, 123456789012, 0.1, 1e100, '{{1,NULL,3}}', '{{a,"b c"}}', 'ab', 'vc', 12.34, 42, '10.0.0.1/8',
    '10.0.0.0/8', '08:00:2b:01:02:03', '101', '1', '10101', '<a>1</a>', '[1,5)', '(1.5,2.5)', 'a b', '{{1.5,2.25}}',
    '{{2024-01-02}}', '{{2024-01-02 03:04:05+00}}', '{{t,f}}', 5, 'happy', '{{sad,happy}}', 'geheim', 'geheim')"""
EDGES = """INSERT INTO types (id, a, n, nn, d, ts, ts3, tz, tm, tm3, ttz, iv, i2, i8, f4, f8, arr, ta, ch, vc, m, bits, vb, j, b, r)
    VALUES ({id}, '', -99999999.99, -0.001, '1970-01-01', '1969-12-31 23:59:59.999999', '2024-01-02 03:04:05',
    '2024-06-30 23:59:59.999999+00', '24:00:00', '00:00', '00:00:00+14', '-1 year -2 mons 3 days -04:05:06.789', -32768,
    -9223372036854775808, 'NaN', '-Infinity', '{{}}', '{{}}', '', 'đ€😀', -0.01, '000', '', 'null', '', 'empty')"""
MORE = """INSERT INTO types (id, n, nn, d, ts, ts3, tz, tm, ttz, iv, i2, i8, f4, f8, arr, ta, vc, m, bits, vb, j, js, r, p)
    VALUES ({id}, 0, 1e20, '2262-04-12', '2024-01-02 03:04:05.5', '2024-01-02 03:04:05.5', '2024-01-02 03:04:05.120+00',
    '00:00:00.1', '23:59:59.999999-08', '0', 32767, 9223372036854775807, 3.4028235e38, 5e-324, '{{NULL}}', '{{NULL,"NULL",""}}',
    'x', 90000000000000.07, '111', '111111', '"text"', '[ ]', '(,3]', '(-0.5,1e10)')"""
# Every form of a default, and columns that may not be null.
DEFAULTS = """CREATE TABLE defaults (id serial PRIMARY KEY, te text DEFAULT 'x', i4 int NOT NULL DEFAULT 7,
    nu numeric(10,2) DEFAULT 1.5, va numeric NOT NULL DEFAULT 2, da date DEFAULT '2024-01-02', ts timestamp NOT NULL DEFAULT now(),
    tz timestamptz DEFAULT '2024-01-02 03:04:05.6+02', bo bool DEFAULT true, js jsonb DEFAULT '{"a": 1}', i8 bigint DEFAULT -5,
    fn text NOT NULL DEFAULT upper('x'), uu uuid DEFAULT gen_random_uuid(), iv interval DEFAULT '1 day', ar int[] DEFAULT '{1,2}',
    by bytea DEFAULT '\\x01', f8 float8 DEFAULT 2.5, f4 real DEFAULT 0.1, vc varchar(5) DEFAULT 'ab', ch char(3) DEFAULT 'a',
    tm time DEFAULT '03:04:05', bi bit(3) DEFAULT B'101', b1 bit DEFAULT B'1', i2 smallint DEFAULT 3, nn text DEFAULT NULL,
    mo money DEFAULT 3, en mood DEFAULT 'happy', t3 timestamp(3) DEFAULT '2024-01-02 03:04:05.678', xm xml DEFAULT '<a/>',
    po point DEFAULT '(1,2)', dm positive DEFAULT 3, su int DEFAULT 2+3, ct timestamptz DEFAULT CURRENT_TIMESTAMP,
    ip inet DEFAULT '10.0.0.1', oi oid DEFAULT 4, ne numeric(10,2) NOT NULL DEFAULT -0.5, vb varbit(6) DEFAULT B'10',
    quoted text DEFAULT 'x''y', made text DEFAULT 'a' || 'b')"""
DEFAULTED = "INSERT INTO defaults (uu) VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')"
STRICT = """CREATE TABLE strict (id int PRIMARY KEY, b1 bool NOT NULL, i2 smallint NOT NULL, i8 bigint NOT NULL, f4 real NOT NULL,
    f8 float8 NOT NULL, n numeric NOT NULL, n2 numeric(10,2) NOT NULL, t text NOT NULL, u uuid NOT NULL, j jsonb NOT NULL,
    d date NOT NULL, ts timestamp NOT NULL, ts3 timestamp(3) NOT NULL, tz timestamptz NOT NULL, tm time NOT NULL,
    ttz timetz NOT NULL, iv interval NOT NULL, arr int[] NOT NULL, m money NOT NULL, bt bit(3) NOT NULL, bi bit NOT NULL,
    p point NOT NULL, r int4range NOT NULL, e mood NOT NULL, h hstore NOT NULL, o oid NOT NULL)"""
STRICTLY = """INSERT INTO strict VALUES (1, true, 1, 2, 1.5, 2.5, 1.5, 2.5, 't', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{}',
    '2024-01-02', '2024-01-02', '2024-01-02', '2024-01-02', '1:2:3', '1:2:3+02', '1 day', '{1}', 3, '101', '1', '(1,2)', '[1,2)',
    'sad', 'a=>1', 4)"""
# Values that have no place in a form, or that Java's clock and calendar change.
ODD = """CREATE TABLE odd (id int PRIMARY KEY, n numeric, n2 numeric(10,2), neg numeric(5,-2), d date, ts timestamp, ts3 timestamp(3),
    tz timestamptz, tms time[], tms3 time(3)[], a2 int[], t2 text[], h hstore, hs hstore[], na numeric[], das date[], tss timestamp[],
    tzs timestamptz[], vb1 varbit(1))"""
ODDITIES = [
    """(%d, 'NaN', 'NaN', 12300, 'infinity', 'infinity', 'infinity', 'infinity', '{03:04:05.123456}', '{03:04:05.123}',
     '{{1,2},{3,4}}', '{{a,b}}', 'a=>1, b=>NULL', '{a=>1}', '{NaN,1.5}', '{infinity}', '{infinity}', '{infinity}', '1')""",
    """(%d, 'Infinity', 1, -100, '-infinity', '-infinity', '-infinity', '-infinity', '{24:00:00}', '{}', '{}', '{}', '', '{}',
     '{Infinity}', '{-infinity}', '{-infinity}', '{-infinity}', '0')""",
    """(%d, '-Infinity', 1, 0, '0044-03-15 BC', '0044-03-15 01:02:03.123456 BC', '0044-03-15 01:02:03.123 BC',
     '0044-03-15 01:02:03+00 BC', '{NULL}', NULL, NULL, NULL, '"q"=>"\\""', NULL, NULL, '{0044-03-15 BC}',
     '{"0044-03-15 01:02:03 BC"}', '{"0044-03-15 01:02:03+00 BC"}')""",
    """(%d, 1, 1, NULL, '1500-03-01', '1500-03-01 01:02:03.123456', '1500-03-01 01:02:03.123', '1500-03-01 01:02:03+00', NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, '{1500-03-01}', '{"1500-03-01 01:02:03"}', '{"1500-03-01 01:02:03+00"}')""",
    """(%d, 1, 1, NULL, '5874897-12-31', '294276-12-31 23:59:59', '294276-12-31 23:59:59', '294276-12-31 23:59:59+00')"""]
OUTBOX = """CREATE TABLE outbox (id uuid PRIMARY KEY, aggregatetype varchar(255) NOT NULL, aggregateid varchar(255) NOT NULL,
    type varchar(255) NOT NULL, payload jsonb, ts timestamp, note text, part int DEFAULT 0)"""
SENT = "INSERT INTO outbox VALUES ('c06a3a05-2bb9-4b4b-9c3a-00000000000{}', {})"
EXPANDABLE = """{"a": 1, "b": [1, 2], "c": {"d": null, "e": 1.5}, "big": 12345678901, "f": true, "g": [],
    "h": [{"x": 1}, {"y": "s"}], "i": [null, 1], "s": "\u0111"}"""
ROUTED = "routed.here"
CREATE = [
    "CREATE EXTENSION hstore",
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)", "CREATE TYPE mood AS ENUM ('sad', 'happy')", TYPES,
    "CREATE TABLE keyless (a int, b text)", "ALTER TABLE keyless REPLICA IDENTITY FULL",
    "CREATE TABLE composite (a int, b text, c text, PRIMARY KEY (b, a))", "ALTER TABLE composite REPLICA IDENTITY FULL",
    "CREATE TABLE toast (id int PRIMARY KEY, long text, codes int[], raw bytea, small int)",
    "ALTER TABLE toast ALTER long SET STORAGE EXTERNAL, ALTER codes SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL",
    """CREATE SCHEMA "Odd Schema" """, """CREATE TABLE "Odd Schema"."Bảng 1" ("Tên cột" int PRIMARY KEY, "a.b" text, "$c" text)""",
    "CREATE TABLE nothing (id int PRIMARY KEY, a text)", "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
    "CREATE TABLE by_index (id int, code text NOT NULL, a text, PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX by_index_code ON by_index (id, code)", "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code",
    "CREATE TABLE part (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
    "CREATE TABLE part_eu PARTITION OF part FOR VALUES IN ('eu')", "CREATE TABLE part_us PARTITION OF part FOR VALUES IN ('us')",
    "CREATE TABLE done (id int PRIMARY KEY)", DEFAULTS, STRICT, ODD, OUTBOX,
    "CREATE TABLE routed (id int PRIMARY KEY, a text, b int NOT NULL, route text)", "ALTER TABLE routed REPLICA IDENTITY FULL",
    DEFAULTED, *(f"INSERT INTO odd VALUES {row % number}" for number, row in enumerate(ODDITIES)),
    SENT.format(0, "'Order', '1', 'Created', '{}', '2024-01-02 03:04:05.123456', 'n'"),
    "INSERT INTO composite VALUES (1, 'x', 'y')", "INSERT INTO keyless VALUES (0, 'first'), (0, 'first')",
    FILLED.format(id=1)]
LONG = "repeat('0123456789', 400), (SELECT array_agg(i) FROM generate_series(1, 2000) i), decode(repeat('00ff', 2000), 'hex')"
STREAM = [
    FILLED.format(id=2), EDGES.format(id=4), MORE.format(id=5), "INSERT INTO types (id, vc) VALUES (3, 'n')",
    "UPDATE types SET a = 'changed' WHERE id = 2", "UPDATE types SET id = 9 WHERE id = 3", "DELETE FROM types WHERE id = 9",
    f"INSERT INTO toast VALUES (1, {LONG}, 1)", "UPDATE toast SET small = 2", "UPDATE toast SET id = 2", "DELETE FROM toast",
    "BEGIN; INSERT INTO composite VALUES (2, 'k', 'v'); UPDATE composite SET c = 'w' WHERE a = 2;"
    " UPDATE composite SET b = 'l' WHERE a = 2; DELETE FROM composite WHERE a = 1;"
    " INSERT INTO nothing VALUES (1, 'a'); COMMIT",
    "INSERT INTO keyless VALUES (1, 'a')", "UPDATE keyless SET b = 'b' WHERE a = 1", "DELETE FROM keyless WHERE a = 1",
    "TRUNCATE keyless", """INSERT INTO "Odd Schema"."Bảng 1" VALUES (1, 'x', 'y')""", """DELETE FROM "Odd Schema"."Bảng 1" """,
    "INSERT INTO by_index VALUES (1, 'c', 'a')", "UPDATE by_index SET a = 'b'", "UPDATE by_index SET code = 'd'",
    "UPDATE by_index SET id = 2", "DELETE FROM by_index",
    "INSERT INTO part VALUES (1, 'eu'), (2, 'us')", "UPDATE part SET region = 'us' WHERE id = 1", "DELETE FROM part",
    "SELECT pg_logical_emit_message(true, 'shop', 'committed')", "SELECT pg_logical_emit_message(false, 'shop', E'\\\\x00ff'::bytea)",
    "BEGIN; INSERT INTO composite VALUES (3, 'm', 'v'); SELECT pg_logical_emit_message(true, 'shop', 'within'); COMMIT",
    "BEGIN; SELECT pg_logical_emit_message(true, 'shop', 'rolled back'); ROLLBACK",
    "ALTER TABLE composite ADD d int", "INSERT INTO composite VALUES (4, 'n', 'v', 7)",
    DEFAULTED, "UPDATE defaults SET te = NULL, nu = NULL, da = NULL, bo = NULL, vc = NULL WHERE id = 1", "DELETE FROM defaults WHERE id = 1",
    STRICTLY, "DELETE FROM strict", *(f"INSERT INTO odd VALUES {row % (number + 10)}" for number, row in enumerate(ODDITIES)),
    f"INSERT INTO routed VALUES (1, 'a', 1, '{ROUTED}')", "UPDATE routed SET a = NULL", "UPDATE routed SET id = 2", "DELETE FROM routed",
    SENT.format(1, f"'Order', '1', 'Created', '{EXPANDABLE}', '2024-01-02 03:04:05.123456', 'n'"),
    SENT.format(2, "'Order', '2', 'Updated', NULL"), SENT.format(3, "'Customer', '2', 'Updated', '\"text\"'"),
    SENT.format(4, "'Customer', '2', 'Updated', '{\"m\": [1, \"x\"]}'"), "UPDATE outbox SET note = 'changed' WHERE aggregateid = '1'",
    "DELETE FROM outbox", "INSERT INTO done VALUES (1)"]
