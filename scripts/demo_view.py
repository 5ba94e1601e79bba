#!/usr/bin/env python3
"""Looks at the example's documents: `show COLLECTION ID` prints one, `follow` prints changes as they arrive."""

import os
import signal
import sys
import time
from datetime import datetime, timezone

import pymongo
from bson import json_util

DATABASE = "ecommerce"


def database():
    return pymongo.MongoClient(os.environ["PENSTOCK_MONGODB"])[DATABASE]


def show(collection, identity):
    document = database()[collection].find_one({"_id": int(identity)})
    print(json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS, ensure_ascii=False, indent=2))


def described(change):
    document = change.get("fullDocument") or {}
    shown = {k: v for k, v in document.items() if k in ("status", "customer_name", "name", "price", "quantity")}
    delay = ""
    if document.get("cdc_time"):
        behind = datetime.now(timezone.utc) - document["cdc_time"].replace(tzinfo=timezone.utc)
        delay = f"{max(0, behind.total_seconds() * 1000):4.0f} ms after the commit"
    facts = ", ".join(f"{k}: {v}" for k, v in shown.items())
    return (f"  {time.strftime('%H:%M:%S')}  {change['operationType']:8} {change['ns']['coll']:14}"
            f" {change['documentKey']['_id']!s:>6}  {facts[:58]:58}  {delay}")


def follow():
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    ours = [{"$match": {"ns.coll": {"$in": ["orders", "order_details", "products"]}}}]
    with database().watch(ours, full_document="updateLookup") as stream:
        for change in stream:
            print(described(change), flush=True)


def main():
    verb, *arguments = sys.argv[1:]
    {"show": show, "follow": follow}[verb](*arguments)


if __name__ == "__main__":
    main()
