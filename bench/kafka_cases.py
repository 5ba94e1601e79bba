"""`penstock capture` beside Debezium, on one broker and one database."""

import functools
import json
import os
import re
import subprocess
from pathlib import Path

from cases import FILL, ROW
from measure import Timed, median
from support import servers
from support.debezium import connector
from support.kafka import Connect, Kafka
from support.pipeline import BINARY
from support.process import wait_for

CLOCK = os.sysconf("SC_CLK_TCK")


@functools.cache
def backbone():
    """One for all benches of a run."""
    return Backbone()


class Backbone:
    """A broker, and a Connect worker whose Debezium can be stopped and started."""

    def __init__(self):
        self.is_warm = False
        # As large as both need; the segments of a topic of the bench fit in memory.
        self.kafka = Kafka(servers.run_folder(), name="kafka-bench", heap="1g", quick=False).start()
        self.connect = Connect(servers.run_folder(), self.kafka, name="connect-bench", quick=False,
                               settings={"connector.client.config.override.policy": "All"})

    def timestamp(self, topic, offset):
        out = subprocess.run(["kcat", "-b", self.kafka.address, "-C", "-t", topic, "-o", str(offset), "-c", "1", "-e", "-q", "-f", "%T",
                              "-X", "isolation.level=read_uncommitted"], capture_output=True, text=True, check=True)
        return int(out.stdout) / 1000

    def span(self, topic, records):
        """Seconds from the first to the last record, as the producer stamped them."""
        return self.timestamp(topic, records - 1) - self.timestamp(topic, 0)


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK


def peak_mib(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def capture(pipeline, side, kafka, **settings):
    """The command that captures what there is."""
    file = pipeline.folder / f"{side}.json"
    file.write_text(json.dumps({"name": side, "config": connector(pipeline, side, **settings)}))
    return [BINARY, "capture", "--connector", str(file), "--brokers", kafka.address, "--until-current"]


def _debezium(backbone, pipeline, side, rows, **settings):
    """Seconds between first and last record, CPU seconds and MiB of the whole worker, from its start on."""
    backbone.connect.start()
    pid = backbone.connect.pid
    used = cpu_seconds(pid)
    backbone.connect.create(side, connector(pipeline, side, **settings))
    topic = f"{side}.public.orders"
    wait_for(lambda: topic in backbone.kafka.topics() and backbone.kafka.end_offset(topic) >= rows, 600, f"{rows} records", poll=0.5)
    result = backbone.span(topic, rows), cpu_seconds(pid) - used, peak_mib(pid)
    backbone.connect.delete(side)
    backbone.connect.kill()
    return result


def warm(bench, backbone, rows):
    """A broker that has just been started interprets its code: what it takes then is another one's speed. Two first loads, which do not count."""
    pipeline = bench.pipeline()
    pipeline.sql(f"INSERT INTO orders SELECT i, {ROW.format(i='i')} FROM generate_series(1, {rows}) i")
    for number in (1, 2):
        bench.settle()
        took = Timed(capture(pipeline, f"warm_{number}", backbone.kafka)).seconds
        bench.report.line(f"a first load of {rows:,} rows while the broker warms up", f"penstock {took:.2f} s")
    pipeline.close()


def _compare(bench, backbone, runs, name, prepare, rows, **settings):
    if not backbone.is_warm:
        warm(bench, backbone, rows)
        backbone.is_warm = True
    ratios, shares, memory_ratios = [], [], []
    for run in range(1, runs + 1):
        pipeline = bench.pipeline()
        ours, theirs = f"ours_{name}_{run}", f"theirs_{name}_{run}"
        limit = prepare(pipeline, ours, theirs)
        bench.settle()
        timed = Timed(capture(pipeline, ours, backbone.kafka, **settings))
        ours_span = backbone.span(f"{ours}.public.orders", rows)
        bench.settle()
        span, cpu, memory = _debezium(backbone, pipeline, theirs, rows, **settings)
        mine = timed.peak_kib / 1024
        ratios.append(span / timed.seconds)
        memory_ratios.append(memory / mine)
        bench.report.line(f"{name} of {rows:,}, run {run}",
                          f"penstock {timed.seconds:.2f} s from start to exit ({rows / timed.seconds:,.0f}/s, first to last record {ours_span:.2f} s),"
                          f" CPU {timed.cpu / rows * 1e6:.1f} s a million, {mine:.0f} MB; Debezium {span:.2f} s from first to last record"
                          f" ({rows / span:,.0f}/s), CPU {cpu / rows * 1e6:.1f} s a million, {memory:.0f} MB; ratio {ratios[-1]:.2f}"
                          + (f"; pg_recvlogical drain {limit:.2f} s" if limit else ""))
        if limit:
            shares.append(limit / timed.seconds)
        pipeline.close()
    bench.report.line(f"{name}, times Debezium's events/s, median", f"{median(ratios):.2f}", "≥ 3.5", median(ratios) >= 3.5)
    if shares:
        bench.report.line(f"{name}, share of the pg_recvlogical drain's speed, median", f"{median(shares):.2f}", "≥ 0.7", median(shares) >= 0.7)
    bench.report.line(f"{name}, Debezium's memory / penstock's", f"{median(memory_ratios):.0f}", "≥ 10", median(memory_ratios) >= 10)


def capture_backlog(bench, rows, runs):
    """Inserts that wait in the slots of both; 100 a transaction."""
    def prepare(pipeline, ours, theirs):
        for side in (ours, theirs, "drain"):
            pipeline.sql(f"CREATE PUBLICATION {pipeline.name}_{side} FOR TABLE orders",
                         f"SELECT pg_create_logical_replication_slot('{pipeline.name}_{side}', 'pgoutput')")
        pipeline.sql(FILL, f"CALL fill({rows})")
        until = pipeline.lsn()
        pipeline.publication = f"{pipeline.name}_{ours}"
        bench.settle()
        return bench.drain(pipeline, f"{pipeline.name}_drain", until)

    _compare(bench, backbone(), runs, "capture_backlog", prepare, rows, **{"snapshot.mode": "no_data"})


def capture_load(bench, rows, runs):
    """A first load."""
    def prepare(pipeline, ours, theirs):
        del ours, theirs
        pipeline.sql(f"INSERT INTO orders SELECT i, {ROW.format(i='i')} FROM generate_series(1, {rows}) i", "ANALYZE orders")

    _compare(bench, backbone(), runs, "capture_load", prepare, rows)
