#!/usr/bin/env python3
"""The first load of a pipeline's plain collections on Spark: spark-submit spark/first_load.py PIPELINE

Reads every table in one exported snapshot of PostgreSQL, in ranges of its key, and writes the documents with Penstock's core, as
`penstock run` would. The replication slot begins at the snapshot: a stream of it goes on from there without gap or duplicate.
docs/spark.md has the rest."""

import argparse
import logging
import re
import sys
import time

import penstock_spark
import psycopg
from penstock_spark import load_tasks, shipping, sources
from penstock_spark.key_ranges import key_ranges, names, rows_of, size_of
from penstock_spark.load_snapshot import LoadSnapshot, Refused
from penstock_spark.meanwhile import Meanwhile
from penstock_spark.record_sql import packed_row
from penstock_spark.tasks import has_arrow, settled
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

log = logging.getLogger("penstock")

RANGE_BYTES = 8 << 20   # of a table, for a task, unless --partitions says how many
HELD_BYTES = 4 << 20    # of rows that PostgreSQL's driver holds, and Arrow
# libpq's names of connection parameters that PostgreSQL's JDBC driver has too.
SAME_IN_JDBC = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword")


class Reader:
    """Reads tables through Spark's JDBC source. `snapshot`: taken. `session`: settings of each session that reads."""

    def __init__(self, spark, snapshot, session):
        server = snapshot.server
        self._spark = spark
        spark.conf.set("spark.sql.ansi.enabled", "false")  # with it a number is not cast to its bytes
        self._url = f"jdbc:postgresql://{_host(server.host)}:{server.port}/{server.dbname}"
        given = server.get_parameters()
        self._properties = {
            "driver": "org.postgresql.Driver", "user": server.user, "password": server.password or "",
            "ApplicationName": "penstock first load", "sessionInitStatement": snapshot.init_statement(session),
            "tcpKeepAlive": "true", **{name: given[name] for name in SAME_IN_JDBC if name in given}}

    def rows(self, table, conditions, held):
        """The table's rows, each packed, in as many partitions as conditions (none: one). `held`: rows that are fetched at once."""
        columns = [f'{column["select"]} AS c{i}' for i, column in enumerate(table["columns"])]
        # With rows to be fetched in parts Spark turns autocommit off: the whole partition is one transaction.
        properties = dict(self._properties, fetchsize=str(held))
        packed = packed_row([f"c{i}" for i in range(len(columns))])
        if conditions:
            columns += [f"{_quoted(name)} AS {short}" for name, short in zip(table["key"], names(table["key"]))]
        where = f' WHERE ({table["where"]})' if table["where"] else ""
        query = f'(SELECT {", ".join(columns)} FROM {table["from"]} AS t{where}) r'
        found = self._spark.read.jdbc(self._url, query, predicates=conditions or ["true"], properties=properties)
        return found.selectExpr(f"{packed} AS row")


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'


def _host(host):
    if host.startswith("/"):
        raise Refused(f"PostgreSQL is reached by the socket {host}, which Java does not speak",
                      "name a host in source.postgres that every executor reaches")
    return f"[{host}]" if ":" in host else host


class Work:
    """One table, cut into ranges of its key; `partitions`: how many, None: as its size says. One job of Spark."""

    def __init__(self, spark, reader, session, table, partitions):
        self._spark, self._table = spark, table
        size = size_of(session, table["from"].removeprefix("ONLY "))
        ranges = partitions or max(1, min(4 * spark.sparkContext.defaultParallelism, size // RANGE_BYTES))
        conditions = key_ranges(session, table, ranges, size)
        width = max(1, size / rows_of(session, table["from"]))
        self._held = max(16, min(2000, int(HELD_BYTES / width)))
        self._rows = reader.rows(table, conditions, self._held)
        self._ranges = len(conditions) or 1
        self._said = f"{table['table']}: {self._ranges} range{'s' if conditions else ''} of the key, {size / 1e6:,.1f} MB"
        log.info("%s", self._said)

    def load(self, ship, load, arrow):
        """Reads and writes it; gives the number of rows."""
        context, name = self._spark.sparkContext, self._table["table"]
        context.setJobGroup("penstock first load", self._said)
        self._spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", self._held)
        began = time.monotonic()
        with Meanwhile(lambda: say_progress(context, name, self._ranges), first=10, then=10):
            done = load_tasks.loaded(self._rows, ship, load, self._table, arrow)
        total = {what: sum(counts[what] for counts in done) for what in load_tasks.COUNTED}
        log.info("%s: %s rows loaded in %.1f s%s%s", name, f"{total['rows']:,}", time.monotonic() - began,
                 f", {total['dead_letters']:,} of them dead letters" if total["dead_letters"] else "",
                 f", {total['again']} ranges by another try" if total["again"] else "")
        return total["rows"]


def say_progress(context, table, parts):
    tracker = context.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    done = sum(stage.numCompletedTasks for stage in stages if stage)
    log.info("%s: %d of %d ranges loaded", table, done, parts)


def first_load(pipeline, given):
    described = pipeline.describe()
    tables = sorted({table for c in described["collections"] if c["chosen"] for table in c["tables"]})
    slot = given.slot or described["slot"]
    snapshot = LoadSnapshot(described["conninfo"], slot)
    try:
        snapshot.check()
        snapshot.publish(described["publication"], tables)
        spark = SparkSession.builder.appName(f"penstock first load: {described['pipeline']}").getOrCreate()
        shipping.to_executors(spark)
        plan = pipeline.begin_load()
        snapshot.take([table["from"].removeprefix("ONLY ") for table in plan["tables"]])
        rows = load_tables(spark, snapshot, plan, given, described["ship"])
        pipeline.build(plan["load"])
        pipeline.end_load(plan["load"])
        snapshot.keep_slot()  # what is left to be done needs no more than a stream from there
    finally:
        snapshot.close()
    make_models(spark, pipeline, described, shipping.begun(described["ship"], plan))
    log.info("%s rows of %d tables are loaded as of %s. Go on from slot %s with Debezium (snapshot.mode=no_data) or penstock capture,"
             " and spark/stream.py", f"{rows:,}", len(plan["tables"]), snapshot.lsn, slot)


def make_models(spark, pipeline, described, ship):
    """The documents of read models, from the rows that are kept now. What is left of it, should the driver die, is the stream's."""
    names = [c["name"] for c in described["collections"] if c["chosen"] and c["kind"] == "read model"]
    if not names:
        return
    log.info("making the documents of %s", ", ".join(names))
    spark.sparkContext.setJobGroup("penstock first load", "")
    began = time.monotonic()
    try:
        made = settled(spark.sparkContext, pipeline, ship, f"documents of {', '.join(names)}")
    except (Py4JJavaError, PySparkException) as error:
        raise Refused(f"the rows are loaded and the slot is there, but not all documents of {', '.join(names)} are: {failure(error)}",
                      "spark/stream.py makes the rest of them") from error
    log.info("%s rows put into documents in %.1f s%s", f"{made['applied']:,}", time.monotonic() - began,
             f", {made['dead_letters']:,} dead letters" if made["dead_letters"] else "")


def load_tables(spark, snapshot, plan, given, ship):
    """All tables, one after the other; gives the number of rows."""
    if not has_arrow():
        log.info("pandas and pyarrow are not there: rows come from the JVM one by one, which takes longer")
    reader = Reader(spark, snapshot, plan["session"])
    session = snapshot.reader(plan["session"])
    work = [Work(spark, reader, session, table, given.partitions) for table in plan["tables"]]
    session.close()
    log.info("reading %d tables", len(work))
    arrow = has_arrow() and not given.no_arrow
    return sum(one.load(ship, plan["load"], arrow) for one in work)


def arguments():
    parser = argparse.ArgumentParser(prog="spark-submit spark/first_load.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pipeline", metavar="PIPELINE", help="the pipeline file")
    parser.add_argument("--slot", metavar="NAME", help="the slot to make, instead of the pipeline's")
    parser.add_argument("--partitions", metavar="N", type=int, help="ranges that each table is cut into; else as its size and Spark's cores say")
    parser.add_argument("--collection", metavar="NAME", action="append", help="load this collection alone (may be given again)")
    parser.add_argument("--clear", action="store_true", help="empty the collections first, and forget what was applied to them")
    parser.add_argument("--no-arrow", action="store_true", help="rows come from the JVM one by one, also where pandas and pyarrow are there")
    return parser.parse_args()


def failure(error):
    """What a failed job of Spark says, without the stacks of two languages."""
    text = str(error.java_exception if isinstance(error, Py4JJavaError) else error)
    if "invalid snapshot identifier" in text:
        return "the driver's session that held the snapshot has ended: begin the load again, with --clear"
    said = re.findall(r"^(?:Caused by: )?(?:[\w.]+\.)?\w*(?:Error|Exception): .*(?:\n\s+-> .*)?", sources.cause(text), re.MULTILINE)
    return said[-1] if said else sources.cause(text)


def main():
    given = arguments()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    log.setLevel(logging.INFO)
    try:
        first_load(penstock_spark.Pipeline.from_file(given.pipeline, {"clear": given.clear, "collections": given.collection or []}), given)
    except (Refused, penstock_spark.Error, psycopg.Error, OSError) as error:
        log.error("%s", error)
        return 3
    except (Py4JJavaError, PySparkException) as error:
        log.error("the load has failed, and left no slot: %s", failure(error))
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
