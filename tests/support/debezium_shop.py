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
CREATE = [
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
    "CREATE TABLE done (id int PRIMARY KEY)",
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
    "INSERT INTO done VALUES (1)"]
