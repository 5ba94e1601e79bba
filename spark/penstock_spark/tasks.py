"""What runs inside the executors: records of Kafka's source to the core, counts back."""

import itertools
import struct

from penstock_spark.core import shipped

CALL_RECORDS, CALL_BYTES = 10_000, 8 << 20  # of one call of the core
ARROW_RECORDS = 2000                        # that cross from the JVM at once
SUMMED = ("records", "applied", "again", "ignored", "dead_letters", "transactions", "lost", "reread")
COUNTED = (*SUMMED, "next", "last_commit_micros")
COUNTS = "topic string, partition int, " + ", ".join(f"{name} long" for name in COUNTED)


def applied(batch, ship, arrow):
    """Applies the records of a DataFrame with the columns of record_sql.RECORD; gives {"topic", "partition", and the counts} of each
    topic partition of each task. A task is a range of offsets of one topic partition, in their order. `arrow`: several times as fast as row
    by row; Spark asks for pandas and pyarrow."""
    if arrow:
        return [row.asDict() for row in batch.mapInArrow(ApplyArrow(ship), COUNTS).collect()]
    return batch.rdd.mapPartitions(ApplyRows(ship)).collect()


def has_arrow():
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def settled(context, pipeline, ship):
    """Makes the documents of read models that wait to be made; gives the sums of their counts. A task has some of the lanes; what it
    settles may mark documents of others, so that it takes several rounds."""
    total = dict.fromkeys(SUMMED, 0)
    while lanes := pipeline.pending():
        tasks = min(len(lanes), 2 * context.defaultParallelism)
        for counts in context.parallelize(lanes, tasks).mapPartitions(Settle(ship)).collect():
            for what in SUMMED:
                total[what] += counts[what]
    return total


class Settle:
    """For RDD.mapPartitions()."""

    def __init__(self, ship):
        self._ship = ship

    def __call__(self, lanes):
        pipeline = shipped(self._ship)
        for lane in lanes:
            counts = pipeline.settle(lane)
            yield {what: counts[what] for what in SUMMED}


class ApplyRows:
    """For RDD.mapPartitions()."""

    def __init__(self, ship):
        self._ship = ship

    def __call__(self, rows):
        pieces = ((topic, partition, 1, record) for topic, partition, record in rows)
        return _apply(shipped(self._ship), pieces)


class ApplyArrow:
    """For DataFrame.mapInArrow()."""

    def __init__(self, ship):
        self._ship = ship

    def __call__(self, batches):
        import pyarrow

        types = [("topic", pyarrow.string()), ("partition", pyarrow.int32()), *((name, pyarrow.int64()) for name in COUNTED)]
        counts = list(_apply(shipped(self._ship), itertools.chain.from_iterable(map(pieces_of, batches))))
        if counts:
            yield pyarrow.RecordBatch.from_pylist(counts, schema=pyarrow.schema(types))


def pieces_of(batch):
    """(topic, partition, number of records, their bytes): the records of a column of Arrow's stand one behind the other already."""
    topics, partitions, records = (batch.column(index) for index in range(3))
    if not len(records):
        return
    ends = memoryview(records.buffers()[1]).cast("i")[records.offset:records.offset + len(records) + 1]
    data = memoryview(records.buffers()[2] or b"")
    start = 0
    for (topic, partition), run in itertools.groupby(zip(topics.to_pylist(), partitions.to_pylist())):
        end = start + sum(1 for _ in run)
        yield topic, partition, end - start, data[ends[start]:ends[end]]
        start = end


def _apply(pipeline, pieces):
    for (topic, partition), own in itertools.groupby(pieces, key=lambda piece: piece[:2]):
        sums = {"topic": topic, "partition": partition, **dict.fromkeys(COUNTED, 0)}
        for buffer in _buffers(own):
            _add(sums, pipeline.apply(topic, partition, buffer))
        yield sums


def _buffers(pieces):
    parts, count, size = [], 0, 0
    for _, _, records, content in pieces:
        parts.append(bytes(content))  # of Arrow's: what it borrows from does not outlive its batch
        count += records
        size += len(content)
        if count >= CALL_RECORDS or size >= CALL_BYTES:
            yield b"".join([struct.pack("<4sI", b"PSR1", count), *parts])
            parts, count, size = [], 0, 0
    if parts:
        yield b"".join([struct.pack("<4sI", b"PSR1", count), *parts])


def _add(sums, counts):
    for name in SUMMED:
        sums[name] += counts[name]
    sums["next"] = counts["next"]
    sums["last_commit_micros"] = max(sums["last_commit_micros"], counts["last_commit_micros"])
