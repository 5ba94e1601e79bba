"""Debezium's records side by side: what differs between two topics, by record and path."""

import json
import re

# What two runs cannot share: such a value is compared by its type alone.
FORMS = {"ts_ms", "ts_us", "ts_ns", "version", "name"}
OF_THE_LOAD = {"txId", "lsn", "sequence"}
CONTEXT = "__debezium.context.runId", "__debezium.context.connectorLogicalName"


# Of rows without their events: what the transformation adds of the event begins so.
ADDED = "__"
LONG_AGO = 1735689600000
NULL = "null, which is no tombstone"


def _parsed(text):
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return NULL if value is None else value


def _schema(schema):
    """A schema with its fields by their names."""
    if not isinstance(schema, dict):
        return schema
    made = {name: _schema(value) for name, value in schema.items()}
    if "fields" in made:
        made["fields"] = {field["field"]: _schema(field) for field in schema["fields"]}
    return made


def _parts(text):
    """The data and its schema; without schemas that is None."""
    value = _parsed(text)
    if isinstance(value, dict) and list(value) == ["schema", "payload"]:
        return NULL if value["payload"] is None else value["payload"], _schema(value["schema"])
    return value, None


def _form(value):
    return type(value).__name__


def _source(source):
    made = {}
    loaded = source["snapshot"] != "false"
    for name, value in source.items():
        if name == "sequence":
            value = [_form(part) for part in json.loads(value)][1:] if loaded else json.loads(value)
        elif name in FORMS or (loaded and name in OF_THE_LOAD):
            value = _form(value)
        made[name] = value
    return made


def _added(name, value, loaded):
    """What a row has of its event, without what two runs can't share."""
    bare = name.removeprefix(ADDED)
    if not name.startswith(ADDED) or name.startswith("__debezium"):
        return value
    if bare.split("_", 1)[-1] in FORMS or bare in FORMS or (loaded and bare in OF_THE_LOAD | {"snapshot"}):
        return _form(value)
    return re.sub(r"^(\d+):\d+$", r"\1:lsn", value) if isinstance(value, str) else value


def comparable(record):
    """Key, value, their schemas and headers without what two runs can't share."""
    headers = record.get("headers") or []
    key, key_schema = _parts(record["key"])
    value, value_schema = _parts(record["payload"])
    loaded = isinstance(value, dict) and value.get("__op") == "r"
    if isinstance(value, dict):
        value = {n: _form(v) if n in FORMS else _added(n, v, loaded) for n, v in value.items()}
        if isinstance(value.get("source"), dict):
            value["source"] = _source(value["source"])
    # The outbox router may set the time of a record; the tests' times are long past.
    time = record["ts"] if record["ts"] < LONG_AGO else "when it was written"
    return {"key": key, "value": value, "key_schema": key_schema, "value_schema": value_schema, "time": time,
            "partition": record["partition"],
            "headers": [[n, _added(n, _parsed(v), loaded)] for n, v in zip(headers[::2], headers[1::2]) if n not in CONTEXT]}


def _walk(path, theirs, ours, found):
    if isinstance(theirs, dict) and isinstance(ours, dict) and list(theirs) == list(ours):
        for name, value in theirs.items():
            _walk(f"{path}.{name}", value, ours[name], found)
    elif theirs != ours or type(theirs) is not type(ours):
        found.append((path, theirs, ours))


def differences(theirs, ours):
    """[(record number, path, theirs, ours)]; a missing record is None."""
    found = []
    for number in range(max(len(theirs), len(ours))):
        sides = [comparable(side[number]) if number < len(side) else None for side in (theirs, ours)]
        here = []
        _walk("", *sides, here)
        found += [(number, path.lstrip("."), *pair) for path, *pair in here]
    return found


def without_empty_transactions(records):
    """The records of a transaction topic, ids by their form, without pairs that no event is between."""
    kept = []
    for record in records:
        record = dict(record, key=re.sub(r'"\d+:\d+"', '"txId:lsn"', record["key"]),
                      payload=re.sub(r'"id":"\d+:\d+"', '"id":"txId:lsn"', record["payload"]))
        whole = json.loads(record["payload"])
        value = whole.get("payload", whole)
        if value["data_collections"]:
            value["data_collections"].sort(key=lambda one: one["data_collection"].replace("io.debezium", ""))
            record["payload"] = json.dumps(whole)
        if value["event_count"] == 0:
            kept.pop()
        else:
            kept.append(record)
    return kept
