"""spark/stream.py and spark/first_load.py beside the jobs that teams write (plain_spark_*.py), and beside `penstock apply`: the same topic,
the same table, the same MongoDB, the same settings of Spark."""

import json
import os
import time

import kafka_cases
from apply_cases import RATE, _applying, _latency, _report
from cases import ROW, procedure
from kafka_cases import capture
from measure import BUILD, ROOT, Family, Timed, median
from support import places, spark
from support.debezium import connector
from support.pipeline import Runner
from support.process import wait_for

MASTER = "local[2]"
MICRO_BATCH = 50_000  # maxOffsetsPerTrigger
PARTITIONS = 4        # of a first load
WARM_COMMITS = 150
PRICED = ROW + ", ({i} % 100000)::numeric / 100"
# The driver's memory as Spark comes.
JARS = ",".join(map(str, [*places.spark_jars(), *places.spark_jars(bench=True)]))
SETTINGS = {"spark.driver.memory": "1g", "spark.jars": JARS, "spark.driver.extraJavaOptions": "-Duser.timezone=UTC"}


class Job:
    """A script of Spark's, in the background."""

    def __init__(self, pipeline, script, *arguments):
        self._folder = pipeline.folder / f"job-{len(pipeline.runners)}"
        self._folder.mkdir()
        command = spark.command(self._folder, ROOT / script, *arguments, master=MASTER, conf=SETTINGS, quick=False)
        environment = dict(os.environ, PENSTOCK_LIBRARY=str(BUILD / "libpenstock.so"), **spark.environment(self._folder))
        self.runner = Runner(command, self._folder / "job.log", environment)
        pipeline.runners.append(self.runner)

    def measure(self, written, rows):
        """Seconds and CPU seconds of `rows` documents, as those from the first to the last one took, and the most MiB. `written()`: how
        many documents are there."""
        def begun():
            assert self.runner.alive(), self.runner.text()[-4000:]
            return written()
        first = wait_for(begun, 120, "the first document", poll=0.01)
        began, used, most = time.monotonic(), Family(self.runner.pid).cpu, 0
        while written() < rows:
            assert self.runner.alive() or written() >= rows, self.runner.text()[-4000:]
            most = max(most, Family(self.runner.pid).mib)
            time.sleep(0.05)
        share = rows / (rows - first)
        seconds = time.monotonic() - began
        return Flow(rows, seconds * share, (Family(self.runner.pid).cpu - used) * share, most)


class Flow:
    def __init__(self, rows, seconds, cpu, mib):
        self.rows, self.seconds, self.cpu, self.mib = rows, seconds, cpu, mib

    def __str__(self):
        return f"{self.seconds:.2f} s ({self.rows / self.seconds:,.0f}/s), CPU {self.cpu / self.rows * 1e6:.1f} s a million, {self.mib:.0f} MB"


class Shop:
    """A table, and as many databases in MongoDB as there are ways to fill them: "orders" in each."""

    def __init__(self, bench, prefix):
        self.bench, self.pipeline, self.prefix = bench, bench.pipeline(), prefix
        self.topic = f"{prefix}.public.orders"
        self.pipeline.sql("ALTER TABLE orders ADD COLUMN total numeric(12, 2)")

    def way(self, name, **settings):
        """A pipeline of its own for the documents of one way."""
        source = {"slot": f"{self.pipeline.name}_{self.prefix}", "publication": f"{self.pipeline.name}_{self.prefix}"}
        return self.pipeline.beside(name).configure({"orders": "public.orders"}, source=source, **settings)

    def database(self, name):
        return self.pipeline.client[f"{self.pipeline.name}_{name}"]

    def expect_same(self, *names):
        """Documents equal to the last bit, in all databases."""
        hashes = {name: self.database(name).command("dbHash", collections=["orders"])["collections"]["orders"] for name in names}
        assert len(set(hashes.values())) == 1, f"{hashes} {[self.database(name).orders.find_one({'_id': 1}) for name in names]}"

    def captured(self, backbone, fill, rows):
        """What `fill` writes, in the topic."""
        self.pipeline.sql(procedure(fill), f"CALL fill({rows})")
        Timed(capture(self.pipeline, self.prefix, backbone.kafka, **{"snapshot.mode": "no_data", "decimal.handling.mode": "string"}))

    def settled(self):
        self.bench.settle()
        return self


def _updated(orders, rows):
    """How many of the documents are shipped: by MongoDB's count of updates, which is ahead of commits, and at the end by themselves."""
    def now():
        return orders.database.client.admin.command("serverStatus")["metrics"]["document"]["updated"]
    before = now()

    def shipped():
        last = {"_id": {"$gt": rows - MICRO_BATCH}, "status": "pending"}
        done = now() - before
        return done if done < rows else rows - orders.count_documents(last)
    return shipped


def _stream(shop, way, backbone, rows, written):
    """The flow of both jobs, ours for the pipeline `way`: written(name) gives the count of documents to wait for."""
    flows = {}
    for name in ("plain", "penstock"):
        shop.settled()
        if name == "plain":
            job = Job(shop.pipeline, "bench/plain_spark_stream.py", backbone.kafka.address, shop.topic, shop.bench.mongo.url(),
                      shop.database("plain").name, "orders", "orders", shop.pipeline.folder / "checkpoint", MICRO_BATCH)
        else:
            job = Job(shop.pipeline, "spark/stream.py", way.file, "--max-records", MICRO_BATCH)
        flows[name] = job.measure(written(name), rows)
        job.runner.stop()
    return flows


def spark_stream(bench, rows, runs):
    """Events that wait in a topic with one partition: inserts, and then an update of each row."""
    backbone = kafka_cases.backbone()
    ratios = {what: {"docs/s": [], "CPU": [], "memory": []} for what in ("inserts", "updates")}
    for run in range(1, runs + 1):
        shop = Shop(bench, f"spark_{run}")
        kafka = {"brokers": backbone.kafka.address, "prefix": shop.prefix, "events": {"decimal.handling.mode": "string"}}
        apply = shop.way("apply", kafka=kafka)
        way = shop.way("penstock", kafka=kafka)
        shop.pipeline.sql(f"CREATE PUBLICATION {shop.pipeline.name}_{shop.prefix} FOR TABLE orders",
                          f"SELECT pg_create_logical_replication_slot('{shop.pipeline.name}_{shop.prefix}', 'pgoutput')")
        inserts, updates = f"INSERT INTO orders VALUES (i, {PRICED.format(i='i')})", "UPDATE orders SET status = 'shipped ' || i WHERE order_id = i"
        for what, fill in (("inserts", inserts), ("updates", updates)):
            shop.captured(backbone, fill, rows)
            applied = Timed(apply.command("apply", "--until-current"))

            def written(name, what=what):
                orders = shop.database(name).orders
                return orders.estimated_document_count if what == "inserts" else _updated(orders, rows)
            flows = _stream(shop, way, backbone, rows, written)
            _compare(bench, f"spark_stream, {rows:,} {what}, run {run}", flows, ratios[what],
                     f"; penstock apply {applied.seconds:.2f} s from start to exit ({rows / applied.seconds:,.0f}/s), CPU"
                     f" {applied.cpu / rows * 1e6:.1f} s a million, {applied.peak_kib / 1024:.0f} MB")
            shop.expect_same("plain", "penstock", "apply")
        shop.pipeline.close()
    for what, found in ratios.items():
        _hold(bench, f"spark_stream, {what}", found, 1.3)


def _compare(bench, what, flows, ratios, beside=""):
    plain, ours = flows["plain"], flows["penstock"]
    for name, ratio in (("docs/s", plain.seconds / ours.seconds), ("CPU", ours.cpu / plain.cpu), ("memory", ours.mib / plain.mib)):
        ratios[name].append(ratio)
    bench.report.line(what, f"spark/ {ours}; plain job {plain}{beside}; ratios: docs/s {ratios['docs/s'][-1]:.2f}, CPU {ratios['CPU'][-1]:.2f}")


def _hold(bench, what, ratios, speed):
    middle = {name: median(found) for name, found in ratios.items()}
    bench.report.line(f"{what}, times the plain job's docs/s, median", f"{middle['docs/s']:.2f}", f"≥ {speed}", middle["docs/s"] >= speed)
    bench.report.line(f"{what}, CPU a document / the plain job's, median", f"{middle['CPU']:.2f}", "≤ 0.6", middle["CPU"] <= 0.6)
    bench.report.line(f"{what}, memory / the plain job's, median", f"{middle['memory']:.2f}")


def spark_load(bench, rows, runs):
    """A first load."""
    ratios = {"docs/s": [], "CPU": [], "memory": []}
    for run in range(1, runs + 1):
        shop = Shop(bench, f"load_{run}")
        way = shop.way("penstock")
        shop.pipeline.sql(f"INSERT INTO orders SELECT i, {PRICED.format(i='i')} FROM generate_series(1, {rows}) i", "ANALYZE orders")
        postgres = shop.pipeline.postgres
        jdbc = f"jdbc:postgresql://127.0.0.1:{postgres.port}/{shop.pipeline.name}?user=postgres"
        flows = {}
        for name, script, *arguments in (
                ("plain", "bench/plain_spark_load.py", jdbc, bench.mongo.url(), shop.database("plain").name, "orders", 1, rows, PARTITIONS),
                ("penstock", "spark/first_load.py", way.file, "--partitions", PARTITIONS)):
            job = Job(shop.settled().pipeline, script, *arguments)
            flows[name] = job.measure(shop.database(name).orders.estimated_document_count, rows)
            assert job.runner.wait() == 0, job.runner.text()[-4000:]
        shop.expect_same("plain", "penstock")
        _compare(bench, f"spark_load of {rows:,} rows, run {run}", flows, ratios)
        shop.pipeline.close()
    _hold(bench, "spark_load", ratios, 1.5)


def spark_latency(bench, rows, runs):
    """Both jobs with Spark's default trigger, one micro-batch after the other, behind `penstock capture`."""
    del rows, runs
    backbone = kafka_cases.backbone()
    pipeline = bench.pipeline()
    pipeline.sql("CREATE TABLE ping (id int PRIMARY KEY, t text)", f"CREATE PUBLICATION {pipeline.name}_listen FOR TABLE ping")
    for name, collection in (("the plain job", "plain"), ("spark/stream.py", "ping")):
        prefix = f"beat_{collection}"
        _applying(pipeline, backbone, prefix, "ping")
        file = pipeline.folder / f"{prefix}.json"
        settings = connector(pipeline, prefix, **{"table.include.list": "public.ping", "publication.autocreate.mode": "filtered"})
        file.write_text(json.dumps({"name": prefix, "config": settings}))
        source = pipeline.start_bare("capture", "--connector", file, "--brokers", backbone.kafka.address)
        pipeline.sql("TRUNCATE ping", "INSERT INTO ping VALUES (-1, 'first')")
        wait_for(lambda prefix=prefix: f"{prefix}.public.ping" in backbone.kafka.topics(), 60, "the topic", poll=0.2)
        plain = ("bench/plain_spark_stream.py", backbone.kafka.address, f"{prefix}.public.ping", bench.mongo.url(), pipeline.name, collection,
                 "ping", pipeline.folder / "checkpoint")
        job = Job(pipeline, *(plain if collection == "plain" else ("spark/stream.py", pipeline.file)))
        _warm(pipeline, collection)
        values = _latency(bench, pipeline, collection, f"listen_{prefix}", f"{pipeline.name}_listen")
        _report(bench, f"capture and {name}", values, Family(job.runner.pid).mib)
        for runner in (job.runner, source):
            runner.stop()
    pipeline.close()


def _warm(pipeline, collection):
    """Some hundred commits before those that count."""
    for number in range(1, WARM_COMMITS + 1):
        pipeline.sql(f"INSERT INTO ping VALUES ({-1 - number}, 'warm')")
        time.sleep(1 / RATE)
    wait_for(lambda: pipeline.database[collection].find_one({"_id": -1 - WARM_COMMITS}), 120, "the first documents", poll=0.1)
