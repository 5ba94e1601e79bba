"""The documents in MongoDB against those that a query of sql_oracle computes, by value and by BSON type."""

import json

from bson import SON, DatetimeMS, Decimal128, Int64
from support.compare import canonical, same
from support.type_table import TypeTable, iso

AS_TYPES = {"string": str, "double": float, "long": Int64, "int": int, "decimal": Decimal128}


class ExpectedDocuments:
    """Decodes what the queries print."""

    def __init__(self, connection):
        self._connection = connection
        self._types = TypeTable(connection)

    def of(self, query):
        """{canonical _id: (_id, document)}"""
        documents = {}
        for identity, document in self._connection.execute(f"SELECT _id::text, document::text FROM ({query}) AS q"):
            identity = self._decoded(json.loads(identity), self._key_part)
            kept = documents.setdefault(canonical(identity), (identity, self._decoded(json.loads(document), self._value)))
            assert kept[0] is identity, f"two rows have the _id {identity!r}"
        return documents

    def _decoded(self, value, leaf):
        if isinstance(value, list):
            return [self._decoded(v, leaf) for v in value]
        if not isinstance(value, dict):
            return value
        if list(value) == ["$"]:
            return leaf(*value["$"])
        return SON((k, self._decoded(v, leaf)) for k, v in value.items())

    def _value(self, oid, text, as_type):
        if text is None:
            return None
        return AS_TYPES[as_type](text) if as_type else self._types.convert(oid, text)

    def _key_part(self, oid, text, _):
        value = self._types.convert(oid, text)
        if isinstance(value, list):
            return text
        return iso(text) if isinstance(value, DatetimeMS) and " " in text else value


def unordered(value):
    """The order of fields is not compared: PostgreSQL's JSON and the definition may differ in it."""
    if isinstance(value, dict):
        return SON((k, unordered(value[k])) for k in sorted(value))
    return [unordered(v) for v in value] if isinstance(value, list) else value


def first_difference(expected, actual, path=""):
    """(path, expected, actual) of the first place where two documents differ, or None."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in [*expected, *(n for n in actual if n not in expected)]:
            if name not in expected or name not in actual:
                return f"{path}.{name}", expected.get(name, "(no such field)"), actual.get(name, "(no such field)")
            if found := first_difference(expected[name], actual[name], f"{path}.{name}"):
                return found
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for place, (one, other) in enumerate(zip(expected, actual, strict=True)):
            if found := first_difference(one, other, f"{path}[{place}]"):
                return found
        return None
    return None if same(expected, actual) else (path, expected, actual)


def differences(collection, expected, actual, ignore=(), deleted_field=None):
    """Sentences. `expected` as ExpectedDocuments.of gives it, `actual` the documents as MongoDB has them; those whose
    `deleted_field` says "deleted" are kept for rows that are gone."""
    found = []
    rest = dict(expected)
    for document in actual:
        if deleted_field and document.get(deleted_field) == "deleted":
            continue
        identity, wanted = rest.pop(canonical(document["_id"]), (None, None))
        if wanted is None:
            found.append(f"{collection}: document {document['_id']!r} should not be there")
            continue
        shown = SON((k, v) for k, v in document.items() if k != "_id" and k not in ignore)
        different = first_difference(unordered(wanted), unordered(shown))
        if different:
            path, should, is_now = different
            found.append(f"{collection} {identity!r}{path}: is {_short(is_now)}, PostgreSQL says {_short(should)}")
    found += [f"{collection}: no document {identity!r}" for identity, _ in rest.values()]
    return found


def _short(value):
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= 300 else text[:300] + "..."
