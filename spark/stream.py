#!/usr/bin/env python3
"""A pipeline's collections kept in step by Spark's Structured Streaming: spark-submit spark/stream.py PIPELINE

Reads the topics of a Debezium connector, or of `penstock capture`, and writes the documents with Penstock's core, exactly once, as
`penstock apply` would. Where the stream stands is kept in MongoDB, in the transactions of the documents: a task that is run again, or
twice at once, changes nothing, and a checkpoint that is lost does no harm. docs/spark.md has the rest."""

import argparse
import json
import logging
import sys
import tempfile

import penstock_spark
from penstock_spark import checkpoints, shipping, sources
from penstock_spark.tasks import ARROW_RECORDS, SUMMED, applied, counted, has_arrow, settled
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession

log = logging.getLogger("penstock")


class Writer:
    """What becomes of each micro-batch, in the driver. `arrow`: its rows are counts of what was applied already; else the records."""

    def __init__(self, name, pipeline, ship, context, arrow, models):
        self._name, self._pipeline, self._ship, self._context, self._arrow, self._models = name, pipeline, ship, context, arrow, models
        self.total = dict.fromkeys((*SUMMED, "documents"), 0)

    def __call__(self, batch, number):
        before = said(self.total)
        self._describe(f"batch {number}" + (f"; before it {before}" if before else ""))
        parts = [row.asDict() for row in batch.collect()] if self._arrow else applied(batch, self._ship)
        counts = {what: sum(part[what] for part in parts) for what in SUMMED}
        counts["documents"] = self.settle(counts, f"batch {number}")
        for what in self.total:
            self.total[what] += counts[what]
        log.info("%s: batch %d (%d partitions): %s", self._name, number, len(parts), said(counts) or "no records")

    def settle(self, counts, when):
        """The number of documents of read models that were made; adds to the counts what else came of it."""
        if not self._models:
            return 0
        made = settled(self._context, self._pipeline, self._ship, f"{self._name}: {when}: documents of read models")
        for what in ("dead_letters", "transactions", "lost"):
            counts[what] += made[what]
        return made["applied"]

    def _describe(self, what):
        self._context.setJobDescription(f"{self._name}: {what}")


def said(counts):
    """Those that are not 0, in words."""
    return ", ".join(f"{counts[what]:,} {words}" for what, words in (
        ("records", "records"), ("applied", "applied"), ("documents", "documents of read models made"), ("again", "applied before"),
        ("dead_letters", "dead letters"), ("reread", "rows read again"), ("lost", "tries lost to another task")) if counts[what])


def start(spark, pipeline, given):
    """(query, its writer)"""
    described = pipeline.describe()
    begun = pipeline.begin_stream()
    chosen = [one["name"] for one in described["collections"] if one["chosen"]]
    name = described["pipeline"] if not given.collection else f"{described['pipeline']} {' '.join(chosen)}"
    for topic in begun["missing"]:
        log.info("there is no topic %s yet: its table counts as empty until it is there", topic)
    checkpoint = given.checkpoint or tempfile.mkdtemp(prefix="penstock-stream-")
    checkpoint = checkpoints.usable(spark, checkpoint, begun["starts"])
    options = sources.options(described, begun, given.max_records, given.kafka)
    ship, arrow = shipping.begun(described["ship"], begun), has_arrow() and not given.no_arrow
    writer = Writer(name, pipeline, ship, spark.sparkContext, arrow, begun["models"])
    writer.total["documents"] = writer.settle(writer.total, "what a stream before left")
    records = spark.readStream.format("kafka").options(**options).load()
    stream = counted(records, ship) if arrow else records
    writing = stream.writeStream.queryName(name).option("checkpointLocation", checkpoint).foreachBatch(writer)
    query = triggered(writing, given.trigger).start()
    log.info("%s: %s, from the topics %s", name, ", ".join(chosen), ", ".join(begun["topics"]))
    return query, writer


def triggered(stream, trigger):
    if trigger is None:
        return stream
    if trigger == "available now":
        return stream.trigger(availableNow=True)
    return stream.trigger(processingTime=trigger)


def arguments():
    parser = argparse.ArgumentParser(prog="spark-submit spark/stream.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pipeline", metavar="PIPELINE", help="the pipeline file")
    parser.add_argument("--collection", metavar="NAME", action="append",
                        help="write this collection alone (may be given again): one job each, or one for all")
    parser.add_argument("--trigger", metavar="WHEN", help="'available now': what is there, then end; '1 second': "
                        "a micro-batch each; default: one after the other")
    parser.add_argument("--checkpoint", metavar="DIR", help="Spark's own notes, on a file system that the driver and "
                        "its successor see; default: a temporary folder, from the places that MongoDB keeps")
    parser.add_argument("--brokers", metavar="HOST:PORT,…", help="instead of the pipeline's")
    parser.add_argument("-X", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                        help="a setting of librdkafka's for the core, as for penstock apply")
    parser.add_argument("--kafka", metavar="NAME=VALUE", action="append", default=[],
                        help="a setting of the Java consumer's for Spark's source, without its kafka. in front")
    parser.add_argument("--max-records", metavar="N", type=int, help="of one micro-batch (maxOffsetsPerTrigger)")
    parser.add_argument("--no-arrow", action="store_true",
                        help="records come from the JVM row by row, also where pandas and pyarrow are there")
    parser.add_argument("--skip-truncates", action="store_true",
                        help="leave out a TRUNCATE of a topic with several partitions; else it ends the stream")
    parser.add_argument("--accept-gap", action="store_true", help="take topics whose oldest records are gone as they are")
    parser.add_argument("--take-over", action="store_true",
                        help="take partitions from workers of `penstock apply` that had them")
    return parser.parse_args()


def core_options(given):
    options = {"file": given.pipeline, "kafka": dict(one.split("=", 1) for one in given.settings),
               "collections": given.collection or [], "skip_truncates": given.skip_truncates,
               "accept_gap": given.accept_gap, "take_over": given.take_over}
    return {**options, "brokers": given.brokers} if given.brokers else options


def run(given):
    pipeline = penstock_spark.Pipeline.from_file(given.pipeline, core_options(given))
    spark = SparkSession.builder.appName(f"penstock stream: {pipeline.describe()['pipeline']}").getOrCreate()
    shipping.to_executors(spark)
    spark.conf.set("spark.sql.ansi.enabled", "false")  # with it a number is not cast to its bytes
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", ARROW_RECORDS)
    if not has_arrow():
        log.info("pandas and pyarrow are not there: records come from the JVM row by row, which takes longer")
    query, writer = start(spark, pipeline, given)
    query.awaitTermination()
    log.info("the stream ended: %s", json.dumps(writer.total))


def main():
    given = arguments()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    log.setLevel(logging.INFO)
    try:
        run(given)
    except (penstock_spark.Error, OSError) as error:
        log.error("%s", error)
        return 3
    except StreamingQueryException as error:
        log.error("the stream has failed: %s", sources.cause(error))
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
