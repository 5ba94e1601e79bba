"""Compares the rows of a table with the documents of a collection, field by field and type by type.

As a command: compare.py [--ignore FIELD,...] POSTGRES MONGODB DATABASE COLLECTION=schema.table...
exit 0 equal, 1 different."""

import argparse
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bson  # noqa: E402
import psycopg  # noqa: E402
import pymongo  # noqa: E402
from bson.codec_options import CodecOptions, DatetimeConversion  # noqa: E402
from psycopg import sql  # noqa: E402
from pymongo.read_concern import ReadConcern  # noqa: E402

from support.type_table import SESSION, TypeTable, iso  # noqa: E402

CODEC = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS, document_class=bson.SON)


@dataclass
class View:
    """One collection as its pipeline file makes it of one table."""
    table: str                                     # schema.name, both as the catalog has them
    collection: str
    key: list | None = None                        # columns behind _id; None: the primary key
    fields: dict | None = None                     # field -> column; None: every column under its own name
    drop: tuple = ()                               # columns left out
    convert: dict = field(default_factory=dict)    # field -> function of the column's text (for `as:`)
    ignore: tuple = ()                             # fields of the document not looked at (metadata)
    soft: bool = False                             # documents without a row may exist
    where: str = "true"                            # rows that belong in it
    schema: str = ""

    def __post_init__(self):
        self.schema, self.table = self.table.split(".", 1)


def same(expected, actual):
    """Equal in value and in BSON type; NaN equals NaN; the order of fields inside a value counts."""
    if type(expected) is not type(actual):
        if not (isinstance(expected, dict) and isinstance(actual, dict)):
            return False
    if isinstance(expected, float):
        return (math.isnan(expected) and math.isnan(actual)) or \
            (expected == actual and math.copysign(1, expected) == math.copysign(1, actual))
    if isinstance(expected, dict):
        return list(expected) == list(actual) and all(same(expected[k], actual[k]) for k in expected)
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(map(same, expected, actual))
    return expected == actual


def canonical(identity):
    """A hashable form of an _id that keeps its type."""
    return bson.encode({"_id": identity})


class Comparison:
    """Reads both sides of one view."""

    def __init__(self, postgres, mongo_database, view):
        self.connection = postgres
        self.view = view
        self.types = TypeTable(postgres)
        self.collection = mongo_database.get_collection(view.collection, codec_options=CODEC,
                                                        read_concern=ReadConcern("majority"))

    def rows(self):
        """(_id, document) of every row."""
        query = sql.SQL("SELECT * FROM {} WHERE {}").format(sql.Identifier(self.view.schema, self.view.table),
                                                            sql.SQL(self.view.where))
        result = self.connection.execute(query).pgresult
        columns = [(result.fname(i).decode(), result.ftype(i)) for i in range(result.nfields)]
        place = {name: i for i, (name, _) in enumerate(columns)}
        wanted = self.view.fields or {name: name for name, _ in columns if name not in self.view.drop}
        key = self.view.key or self._primary_key()
        for row in range(result.ntuples):
            texts = [v if v is None else v.decode() for v in (result.get_value(row, c) for c in range(len(columns)))]
            document = {f: self._field(f, columns[place[c]][1], texts[place[c]]) for f, c in wanted.items()}
            parts = bson.SON((name, self._key_part(columns[place[name]][1], texts[place[name]])) for name in key)
            yield (parts if len(key) > 1 else parts[key[0]]), document

    def documents(self):
        return {canonical(d["_id"]): d for d in self.collection.find({})}

    def differences(self, limit=20):
        """Sentences; none when both sides are equal."""
        found = []
        documents = self.documents()
        for identity, expected in self.rows():
            actual = documents.pop(canonical(identity), None)
            if actual is None:
                found.append(f"{self.view.collection}: no document for row {identity!r}")
            else:
                found += self._field_differences(identity, expected, actual)
            if len(found) >= limit:
                return found[:limit] + ["..."]
        if not self.view.soft:
            found += [f"{self.view.collection}: document {d['_id']!r} has no row" for d in documents.values()]
        return found[:limit]

    def _field_differences(self, identity, expected, actual):
        place = f"{self.view.collection} {identity!r}"
        fields = [f for f in actual if f != "_id" and f not in self.view.ignore]
        for name in fields:
            if name not in expected:
                yield f"{place}: field {name} has no column"
        for name, value in expected.items():
            if name not in actual:
                yield f"{place}: field {name} is missing"
            elif not same(value, actual[name]):
                yield f"{place}: {name} is {_shown(actual[name])}, the row says {_shown(value)}"

    def _field(self, name, oid, text):
        if name in self.view.convert:
            return None if text is None else self.view.convert[name](text)
        return self.types.convert(oid, text)

    def _key_part(self, oid, text):
        value = self.types.convert(oid, text)
        if isinstance(value, list):
            return text
        return iso(text) if isinstance(value, bson.DatetimeMS) and " " in text else value

    def _primary_key(self):
        rows = self.connection.execute(
            "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(number, place)"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number"
            " WHERE i.indisprimary AND i.indrelid = format('%%I.%%I', %s::text, %s::text)::regclass ORDER BY k.place",
            (self.view.schema, self.view.table)).fetchall()
        return [name for name, in rows]


def _shown(value):
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= 200 else text[:200] + "..."


def read_session(postgres_url):
    """A connection that prints values as the walsender does."""
    connection = psycopg.connect(postgres_url)
    for name, value in SESSION.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def differences(postgres_url, mongo_url, database, views, limit=20):
    """Of all views, from one snapshot of PostgreSQL."""
    with read_session(postgres_url) as connection, pymongo.MongoClient(mongo_url) as client:
        found = []
        for view in views:
            found += Comparison(connection, client[database], view).differences(limit)
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ignore", default="", help="fields of the documents that are not compared")
    for name in ("postgres", "mongodb", "database"):
        parser.add_argument(name)
    parser.add_argument("pairs", nargs="+", metavar="COLLECTION=schema.table")
    given = parser.parse_args()
    ignore = tuple(given.ignore.split(","))
    views = [View(table=table, collection=name, ignore=ignore) for name, table in (p.split("=", 1) for p in given.pairs)]
    found = differences(given.postgres, given.mongodb, given.database, views)
    for line in found:
        print(line)
    with pymongo.MongoClient(given.mongodb) as client:
        counts = ", ".join(f"{v.collection} {client[given.database][v.collection].count_documents({})}" for v in views)
    if not found:
        print(f"equal: {counts}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
