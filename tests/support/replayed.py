"""Collections that `penstock replay` made, against those that it should equal byte by byte."""

import time

import bson
import bson.raw_bson

from support import compare


def raw(pipeline, collection):
    """The documents' bytes, by `_id`."""
    options = compare.CODEC.with_options(document_class=bson.raw_bson.RawBSONDocument)
    found = pipeline.database.get_collection(collection, codec_options=options).find()
    return {bson.encode({"": d["_id"]}): d.raw for d in found}


def expect_replayed(pipeline, expected):
    """`expected`: collection -> raw() of what <collection>_replay must be."""
    for name, documents in expected.items():
        replayed = raw(pipeline, name + "_replay")
        assert documents.keys() == replayed.keys(), f"{name}: {len(documents)} documents, {len(replayed)} replayed"
        differing = [bson.decode(k) for k in documents if documents[k] != replayed[k]]
        assert not differing, f"{name}: {differing[:5]} differ"


def replay(pipeline, *collections, as_of=None):
    for name in collections:
        pipeline.penstock("replay", name, *(["--as-of", as_of] if as_of else []))


def now(pipeline):
    """A moment between two transactions, for --as-of."""
    moment, = pipeline.sql("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text || 'Z'")[0]
    time.sleep(0.01)
    return moment.replace(" ", "T")
