"""Conditions that cut a table into ranges of its key, about equally large. All comparing of keys is PostgreSQL's."""

import logging

import psycopg
from psycopg import sql

log = logging.getLogger("penstock")

SAMPLE_BYTES = 16 << 20  # what is read of a table to find out where its ranges end
SIZE = """SELECT coalesce((SELECT sum(pg_table_size(relid)) FROM pg_partition_tree(to_regclass(%s)) WHERE isleaf),
                          pg_table_size(to_regclass(%s)))::bigint"""


def size_of(connection, table):
    """Bytes of the table (its SQL name) with its leaves and what is stored out of line."""
    return connection.execute(SIZE, (table, table)).fetchone()[0]


def rows_of(connection, table):
    """About how many rows the table (its SQL name, with ONLY or not) has: the planner's guess, also where it was never analysed."""
    plan = connection.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {table}").fetchone()[0]
    return max(1, plan[0]["Plan"]["Plan Rows"])


def names(key):
    """What the conditions call the key's columns."""
    return [f"k{i}" for i in range(len(key))]


def key_ranges(connection, table, ranges, size):
    """Conditions over names(table["key"]), each true for other rows, together for all; none: the table is read whole. `table`: of
    the plan of a load. `connection`: in the snapshot."""
    key = [column for name in table["key"] for column in table["columns"] if column["name"] == name]
    if ranges < 2 or not key:
        return []
    try:
        with connection.transaction():
            ends = _ends(connection, table, ranges, size)
            conditions = _conditions([column["type"] for column in key], ends)
            for condition in conditions:  # a type without such operators is refused here, not in a task
                connection.execute(f"SELECT 1 FROM (SELECT {_key_columns(table)} FROM {table['from']} AS t) r WHERE {condition} LIMIT 0")
            return conditions
    except psycopg.Error as error:
        log.warning("%s is read whole, by one task: its key cannot be cut into ranges (%s)", table["table"], str(error).strip())
        return []


def _key_columns(table):
    return ", ".join(f"t.{sql.Identifier(name).as_string()} AS {short}" for name, short in zip(table["key"], names(table["key"])))


def _ends(connection, table, ranges, size):
    """The least keys of all ranges but the first, as texts."""
    part = 100.0 * SAMPLE_BYTES / max(size, 1)
    sample = f"TABLESAMPLE SYSTEM ({part:.6f})" if part < 100 else ""
    key = ", ".join(names(table["key"]))
    rows = f"SELECT {_key_columns(table)} FROM {table['from']} AS t {sample}"
    texts = ", ".join(f"{name}::text" for name in names(table["key"]))
    return connection.execute(
        f"SELECT DISTINCT ON (part) {texts} FROM (SELECT {key}, ntile({ranges}) OVER (ORDER BY {key}) AS part FROM ({rows}) r) p"
        f" WHERE part > 1 ORDER BY part, {key}").fetchall()


def _conditions(types, ends):
    columns = ", ".join(f"k{i}" for i in range(len(types)))
    columns = f"ROW({columns})" if len(types) > 1 else columns
    values = [_value(types, end) for end in ends]
    if not values:
        return []
    between = [f"{columns} >= {low} AND {columns} < {high}" for low, high in zip(values, values[1:])]
    return [f"{columns} < {values[0]}", *between, f"{columns} >= {values[-1]}"]


def _value(types, end):
    parts = [f"{sql.Literal(text).as_string()}::{kind}" for text, kind in zip(end, types)]
    return f"ROW({', '.join(parts)})" if len(parts) > 1 else parts[0]
