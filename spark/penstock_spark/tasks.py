"""What runs inside the executors: records of Kafka's source to the core, counts back."""

import functools
import itertools
import struct
from concurrent.futures import ThreadPoolExecutor

from penstock_spark.core import shipped
from penstock_spark.record_sql import COLUMNS, QUIETLY, RECORD
from pyspark.sql import functions as f

CALL_RECORDS, CALL_BYTES = 10_000, 8 << 20  # of one call of the core
ARROW_RECORDS = 2000                        # that cross from the JVM at once
SUMMED = ("records", "applied", "again", "ignored", "dead_letters", "transactions", "lost", "reread")
COUNTED = (*SUMMED, "next", "last_commit_micros")
COUNTS = "topic string, partition int, " + ", ".join(f"{name} long" for name in COUNTED)


OBSERVED = "penstock"  # the name of the counts in a stream's progress


def counted(records, ship):
    """For a stream with Arrow, several times as fast as row by row; Spark asks for pandas and pyarrow. Where it computes `records`, of Spark's
    source of Kafka, they are applied; its rows are the counts of each topic partition of each task, and Spark observes their sums."""
    counts = records.where(QUIETLY).selectExpr(*COLUMNS).mapInArrow(ApplyArrow(ship), COUNTS)
    sums = [f.coalesce(f.sum(name), f.lit(0)).alias(name) for name in SUMMED]
    return counts.observe(OBSERVED, *sums, f.timestamp_micros(f.max("last_commit_micros")).alias("last_commit"))


def applied(batch, ship):
    """Row by row: applies the records of a micro-batch; gives the counts of each topic partition of each task. A task is a range of offsets of
    one topic partition, in their order."""
    return batch.where(QUIETLY).selectExpr(*RECORD).rdd.mapPartitions(ApplyRows(ship)).collect()


def has_arrow():
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def settled(context, pipeline, ship, described):
    """Makes the documents of read models that wait to be made; gives the sums of their counts. A task has some of the lanes; what it
    settles may mark documents of others, so that it takes several rounds. `described`: what Spark's pages call their jobs."""
    total = dict.fromkeys(SUMMED, 0)
    while lanes := pipeline.pending():
        tasks = min(len(lanes), 2 * context.defaultParallelism)
        context.setJobDescription(f"{described}, {total['applied']:,} so far: {len(lanes)} lanes")
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
        pipeline = shipped(self._ship)
        for (topic, partition), own in itertools.groupby(rows, key=lambda row: row[:2]):
            calls = (functools.partial(pipeline.apply, topic, partition, _packed(held))
                     for held in gathered((1, len(row[2]), row[2]) for row in own))
            yield _sums(topic, partition, in_turn(calls))


class ApplyArrow:
    """For DataFrame.mapInArrow(): the core reads Arrow's memory as it is."""

    def __init__(self, ship):
        self._ship = ship

    def __call__(self, batches):
        import pyarrow

        types = [("topic", pyarrow.string()), ("partition", pyarrow.int32()), *((name, pyarrow.int64()) for name in COUNTED)]
        counts = list(self._applied(batches))
        if counts:
            yield pyarrow.RecordBatch.from_pylist(counts, schema=pyarrow.schema(types))

    def _applied(self, batches):
        pipeline = shipped(self._ship)
        for (topic, partition), own in itertools.groupby(filter(len, batches), key=_origin):
            calls = (functools.partial(pipeline.apply_arrow, held)
                     for held in gathered((len(batch), batch.nbytes, batch) for batch in own))
            yield _sums(topic, partition, in_turn(calls))


def _origin(batch):
    return tuple(batch.column(index)[0].as_py() for index in range(2))


def gathered(pieces):
    """Lists of as many of the pieces, (records, bytes, piece), as one call of the core is given."""
    held, count, size = [], 0, 0
    for records, content, piece in pieces:
        held.append(piece)
        count, size = count + records, size + content
        if count >= CALL_RECORDS or size >= CALL_BYTES:
            yield held
            held, count, size = [], 0, 0
    if held:
        yield held


def in_turn(calls):
    """What the calls give. Each is made once the one before has succeeded, in a thread beside, while `calls` is asked for the next one: the
    core writes what was read, and more is read meanwhile."""
    with ThreadPoolExecutor(1) as beside:
        made = None
        for call in calls:
            if made:
                yield made.result()
            made = beside.submit(call)
        if made:
            yield made.result()


def _packed(records):
    return b"".join([struct.pack("<4sI", b"PSR1", len(records)), *records])


def _sums(topic, partition, called):
    sums = {"topic": topic, "partition": partition, **dict.fromkeys(COUNTED, 0)}
    for counts in called:
        _add(sums, counts)
    return sums


def _add(sums, counts):
    for name in SUMMED:
        sums[name] += counts[name]
    sums["next"] = counts["next"]
    sums["last_commit_micros"] = max(sums["last_commit_micros"], counts["last_commit_micros"])
