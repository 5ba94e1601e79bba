"""What runs inside the executors: records of Kafka's source to the core, counts back."""

import itertools

from penstock_spark import packed
from penstock_spark.core import shipped

# Of the source's columns, as SQL: what a record is made of, in this order.
RECORD = ("topic", "partition", "offset", "unix_millis(timestamp)", "key", "value", "headers")
CALL_RECORDS, CALL_BYTES = 10_000, 8 << 20  # of one call of the core
SUMMED = ("records", "applied", "again", "ignored", "dead_letters", "transactions", "lost", "reread")


class ApplyRecords:
    """For RDD.mapPartitions(): a task is a range of offsets of one topic partition, in their order; gives
    {"topic", "partition", and the counts} of it."""

    def __init__(self, ship):
        self._ship = ship

    def __call__(self, rows):
        pipeline = shipped(self._ship)
        for (topic, partition), records in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
            sums = {"topic": topic, "partition": partition, **dict.fromkeys(SUMMED, 0)}
            for buffer in _buffers(row[2:] for row in records):
                _add(sums, pipeline.apply(topic, partition, buffer))
            yield sums


def _buffers(records):
    held, size = [], 0
    for record in records:
        held.append(record)
        size += len(record[2] or b"") + len(record[3] or b"")
        if len(held) >= CALL_RECORDS or size >= CALL_BYTES:
            yield packed.pack_records(held)
            held, size = [], 0
    if held:
        yield packed.pack_records(held)


def _add(sums, counts):
    for name in SUMMED:
        sums[name] += counts[name]
    sums["next"] = counts["next"]
    sums["last_commit_micros"] = max(sums.get("last_commit_micros", 0), counts["last_commit_micros"])
