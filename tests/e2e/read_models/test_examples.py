"""Each example as its reader runs it: setup, load, the changes, and after each step the documents that its queries
compute."""

import json
import os
import subprocess
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from bson import Binary, DatetimeMS, Decimal128
from psycopg.types.json import set_json_loads
from support.compare import CODEC
from support.pipeline import BINARY
from support.places import ROOT

EXAMPLES = sorted(f.parent.name for f in (ROOT / "examples").glob("*/changes.sql"))


def plain(value):
    """A document as JSON could say it: numbers by value, moments as UTC, bytes and uuids as text."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, DatetimeMS):
        return value.as_datetime().replace(tzinfo=timezone.utc)
    if isinstance(value, Binary):
        return str(value.as_uuid())
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def agree(expected, actual):
    """jsonb has text where BSON has a moment."""
    if isinstance(expected, str) and isinstance(actual, datetime):
        moment = datetime.fromisoformat(expected)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000) == actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(agree(expected[k], actual[k]) for k in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(agree, expected, actual))
    return type(expected) is type(actual) and expected == actual


def exact_numbers(text):
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


class Example:
    """Its folder, its databases (both called as the folder), and the program."""

    def __init__(self, name, work, postgres, mongo):
        self.name = name.replace("-", "_")
        self.folder = ROOT / "examples" / name
        self.file = self.folder / "pipeline.yml"
        self._work, self._postgres, self._mongo = work, postgres, mongo
        self._client = mongo.client()

    def penstock(self, verb, *arguments):
        environment = dict(os.environ, PENSTOCK_POSTGRES=self._postgres.url(self.name, "penstock"),
                           PENSTOCK_MONGODB=self._mongo.url())
        done = subprocess.run([BINARY, verb, str(self.file), *map(str, arguments)], capture_output=True, text=True, cwd=self._work,
                              env=environment, stdin=subprocess.DEVNULL, timeout=120, check=False)
        assert done.returncode == 0, f"penstock {verb} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def sql(self, file):
        """Statement by statement, as psql would: each a transaction unless the file says BEGIN."""
        with self._postgres.connect(self.name) as connection:
            for statement in file.read_text().split(";\n"):
                if statement.strip():
                    connection.execute(statement)

    def expected(self, collection):
        with self._postgres.connect(self.name) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            set_json_loads(exact_numbers, connection)
            query = (self.folder / "expected" / f"{collection}.sql").read_text()
            return [document for document, in connection.execute(query)]

    def documents(self, collection):
        return [plain(d) for d in self._client[self.name].get_collection(collection, codec_options=CODEC).find()]

    def collections(self):
        return sorted(f.stem for f in (self.folder / "expected").glob("*.sql"))

    def expect_equal(self, when):
        for collection in self.collections():
            expected, actual = self.expected(collection), self.documents(collection)
            for document in expected:
                found = next((d for d in actual if agree(document["_id"], d["_id"])), None)
                assert found is not None, f"{when}: {collection} has no {document['_id']!r}"
                assert agree(document, found), f"{when}: {collection}\n  has  {found}\n  not  {document}"
            assert len(actual) == len(expected), f"{when}: {collection} has documents of no row"

    def close(self):
        self._client.drop_database(self.name)
        self._client.close()
        with self._postgres.connect() as connection:
            connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s",
                               (self.name,))
            connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


@pytest.fixture
def example(request, tmp_path, postgres, mongo):
    made = Example(request.param, tmp_path, postgres, mongo)
    yield made
    made.close()


@pytest.mark.on_one_postgres
@pytest.mark.parametrize("example", EXAMPLES, indirect=True, ids=EXAMPLES)
def test_example(example, postgres):
    example.penstock("setup", "--admin", postgres.url(), "--create-database", "--sql", example.folder / "schema.sql")
    example.penstock("check")
    example.penstock("load")
    example.expect_equal("after the load")
    before = {c: example.documents(c) for c in example.collections()}
    example.sql(example.folder / "changes.sql")
    example.penstock("run", "--until-current")
    example.expect_equal("after the changes")
    assert all(before[c] != example.documents(c) for c in before), "changes.sql must change something in each collection"
