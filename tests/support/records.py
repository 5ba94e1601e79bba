"""Debezium's records side by side: what differs between two topics, by record and path."""

import json
import re

# What two runs cannot share: such a value is compared by its type alone.
FORMS = {"ts_ms", "ts_us", "ts_ns", "version", "name"}
OF_THE_LOAD = {"txId", "lsn", "sequence"}
CONTEXT = "__debezium.context.runId", "__debezium.context.connectorLogicalName"


def _parsed(text):
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


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


def comparable(record):
    """Key, value and headers without what two runs can't share."""
    headers = record.get("headers") or []
    value = _parsed(record["payload"])
    if isinstance(value, dict):
        value = {n: _form(v) if n in FORMS else v for n, v in value.items()}
        if isinstance(value.get("source"), dict):
            value["source"] = _source(value["source"])
    return {"key": _parsed(record["key"]), "value": value,
            "headers": [[n, _parsed(v)] for n, v in zip(headers[::2], headers[1::2]) if n not in CONTEXT]}


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
        value = json.loads(record["payload"])
        if value["data_collections"]:
            value["data_collections"].sort(key=lambda one: one["data_collection"].replace("io.debezium", ""))
            record["payload"] = json.dumps(value)
        if value["event_count"] == 0:
            kept.pop()
        else:
            kept.append(record)
    return kept
