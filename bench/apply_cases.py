"""`penstock apply` beside MongoDB's own sink connector: the same topic, the same MongoDB; and the whole way of both."""

import json
import subprocess
import time

import kafka_cases
from cases import FILL
from kafka_cases import capture, cpu_seconds, peak_mib
from measure import BUILD, Timed, median, percentile
from support.debezium import connector
from support.mongodb_sink import mongodb_sink
from support.process import wait_for

# Larger batches than the connector takes as it is shipped.
TUNED = {"consumer.override.max.poll.records": "5000", "consumer.override.fetch.min.bytes": "100000"}
COMMITS, RATE = 300, 10
WARM_UP = 200  # commits before those: servers that have just started are several times slower, whoever comes first


def _applying(pipeline, backbone, prefix, table):
    """The pipeline file of the topics that begin with `prefix`."""
    return pipeline.configure({table: f"public.{table}"}, source={"slot": f"{pipeline.name}_{prefix}", "publication": f"{pipeline.name}_{prefix}"},
                              kafka={"brokers": backbone.kafka.address, "prefix": prefix})


def _fill_topic(pipeline, backbone, prefix, rows):
    """`rows` events of inserts, 100 a transaction, in one partition."""
    pipeline.sql(f"CREATE PUBLICATION {pipeline.name}_{prefix} FOR TABLE orders",
                 f"SELECT pg_create_logical_replication_slot('{pipeline.name}_{prefix}', 'pgoutput')", FILL, f"CALL fill({rows})")
    Timed(capture(pipeline, prefix, backbone.kafka, **{"snapshot.mode": "no_data"}))


def _sink(bench, backbone, pipeline, topic, name, rows, **settings):
    """Seconds between the first and the last document, CPU seconds and MiB of the whole worker, from its start on."""
    collection = bench.mongo.client()[pipeline.name][name]
    backbone.connect.start()
    pid = backbone.connect.pid
    used = cpu_seconds(pid)
    backbone.connect.create(name, mongodb_sink(bench.mongo.url(), pipeline.name, {topic: name}, **settings))
    wait_for(lambda: collection.estimated_document_count() > 0, 120, "the sink's first document", poll=0.01)
    began, first = time.monotonic(), collection.estimated_document_count()
    wait_for(lambda: collection.estimated_document_count() >= rows, 900, f"{rows} documents", poll=0.02)
    seconds = (time.monotonic() - began) * rows / (rows - first)
    result = seconds, cpu_seconds(pid) - used, peak_mib(pid)
    backbone.connect.delete(name)
    backbone.connect.kill()
    return result


def apply_backlog(bench, rows, runs):
    """Events that wait in a topic. The sink connector as it is shipped, and with larger batches."""
    backbone = kafka_cases.backbone()
    ratios, tuned_ratios, memory_ratios = [], [], []
    for run in range(1, runs + 1):
        pipeline = bench.pipeline()
        prefix = f"apply_{run}"
        _fill_topic(pipeline, backbone, prefix, rows)
        _applying(pipeline, backbone, prefix, "orders")
        bench.settle()
        ours = Timed(pipeline.command("apply", "--until-current"))
        topic, said = f"{prefix}.public.orders", []
        for name, settings, kept in (("sink", {}, ratios), ("tuned", TUNED, tuned_ratios)):
            bench.settle()
            seconds, cpu, memory = _sink(bench, backbone, pipeline, topic, f"{name}_{run}", rows, **settings)
            kept.append(seconds / ours.seconds)
            said.append(f"{name} {seconds:.2f} s from first to last document ({rows / seconds:,.0f}/s), CPU {cpu / rows * 1e6:.1f} s a million,"
                        f" {memory:.0f} MB; ratio {kept[-1]:.2f}")
        memory_ratios.append(memory / (ours.peak_kib / 1024))
        bench.report.line(f"apply_backlog of {rows:,}, run {run}",
                          f"penstock {ours.seconds:.2f} s from start to exit ({rows / ours.seconds:,.0f}/s), CPU {ours.cpu / rows * 1e6:.1f} s a million,"
                          f" {ours.peak_kib / 1024:.0f} MB; " + "; ".join(said))
        assert pipeline.database.orders.estimated_document_count() == rows
        pipeline.close()
    bench.report.line("apply_backlog, times the sink connector's events/s, median", f"{median(ratios):.2f}", "≥ 5", median(ratios) >= 5)
    bench.report.line("apply_backlog, times the tuned sink connector's events/s, median", f"{median(tuned_ratios):.2f}")
    bench.report.line("apply_backlog, the worker's memory / penstock's", f"{median(memory_ratios):.0f}", "≥ 10", median(memory_ratios) >= 10)


def _latency(bench, pipeline, collection, slot, publication, *field):
    """Commit to document in milliseconds, once everybody is warm."""
    pipeline.sql("TRUNCATE ping", f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")
    done = subprocess.run([str(BUILD / "bench_latency"), pipeline.postgres_url, slot, publication, bench.mongo.url(), pipeline.name,
                           collection, str(WARM_UP + COMMITS), str(RATE), *field], capture_output=True, text=True, check=True)
    pipeline.database.raw.drop()
    pipeline.database.raw_positions.drop()
    return next([float(v) for v in values[WARM_UP:]] for name, *values in map(str.split, done.stdout.splitlines()) if name == "document")


def _report(bench, name, values, megabytes):
    bench.report.line(f"commit to document at {RATE} commits/s through Kafka after {WARM_UP}, {name}",
                f"p50 {percentile(values, 0.5):.1f} ms, p99 {percentile(values, 0.99):.1f} ms; {megabytes:.0f} MB")
    return percentile(values, 0.5)


def kafka_latency(bench, rows, runs):
    """`capture` and `apply` beside Debezium and MongoDB's sink, as they are shipped and with a poll of 10 ms."""
    del rows, runs
    backbone = kafka_cases.backbone()
    pipeline = bench.pipeline()
    pipeline.sql("CREATE TABLE ping (id int PRIMARY KEY, t text)", "ALTER TABLE ping REPLICA IDENTITY FULL",
                 f"CREATE PUBLICATION {pipeline.name}_listen FOR TABLE ping")
    settings = {"table.include.list": "public.ping", "publication.autocreate.mode": "filtered"}
    _applying(pipeline, backbone, "way", "ping")
    file = pipeline.folder / "way.json"
    file.write_text(json.dumps({"name": "way", "config": connector(pipeline, "way", **settings)}))
    runners = [pipeline.start_bare("capture", "--connector", file, "--brokers", backbone.kafka.address)]
    pipeline.sql("INSERT INTO ping VALUES (-1, 'first')")
    wait_for(lambda: "way.public.ping" in backbone.kafka.topics(), 60, "the topic", poll=0.2)
    runners.append(pipeline.start(verb="apply"))
    wait_for(lambda: pipeline.database.ping.find_one({"_id": -1}), 60, "the first document", poll=0.1)
    values = _latency(bench, pipeline, "ping", "listen_ours", f"{pipeline.name}_listen")
    ours = _report(bench, "capture and apply", values, sum(peak_mib(r.pid) for r in runners))
    for runner in runners:
        runner.stop()
    for name, extra in (("as_shipped", {}), ("poll_10", {"poll.interval.ms": "10"})):
        backbone.connect.start()
        pipeline.sql("TRUNCATE ping", "INSERT INTO ping VALUES (-1, 'first')")
        backbone.connect.create(f"source_{name}", connector(pipeline, name, **settings, **extra))
        # A sink that is there before its topic looks for it again after five minutes.
        wait_for(lambda name=name: f"{name}.public.ping" in backbone.kafka.topics(), 60, "the topic", poll=0.2)
        backbone.connect.create(f"sink_{name}", mongodb_sink(bench.mongo.url(), pipeline.name, {f"{name}.public.ping": name}))
        wait_for(lambda name=name: pipeline.database[name].find_one({"_id": {"id": -1}}), 120, "the first document", poll=0.1)
        values = _latency(bench, pipeline, name, f"listen_{name}", f"{pipeline.name}_listen", "id")
        theirs = _report(bench, f"Debezium and sink, {name}", values, peak_mib(backbone.connect.pid))
        for side in ("source", "sink"):
            backbone.connect.delete(f"{side}_{name}")
        backbone.connect.kill()
    bench.report.line("commit to document, p50 of capture and apply / of Debezium and sink with poll.interval.ms=10", f"{ours / theirs:.2f}", "< 1",
                      ours < theirs)
    pipeline.close()
