#!/usr/bin/env python3
"""Runs benches on private servers with fsync on and appends what they found to bench/RESULTS.md.

bench.py [catchup|load|mixed|latency|start|memory|backlog|line_updates|rename|aggregate_load|journal|capture_backlog|capture_load|apply_backlog|kafka_latency|spark_stream|spark_load|spark_latency]... [--rows N] [--runs N] [--full] [--no-keep]
--full measures memory over ten million rows, whatever --rows says for the others."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import BUILD, Report  # noqa: E402: it also makes tests/support importable

os.environ.setdefault("PENSTOCK_BINARY", str(BUILD / "penstock"))

import apply_cases  # noqa: E402
import cases  # noqa: E402
import journal_cases  # noqa: E402
import kafka_cases  # noqa: E402
import read_models  # noqa: E402
import spark_cases  # noqa: E402
from support import servers  # noqa: E402

PLAIN = ["catchup", "load", "mixed", "latency", "start", "memory"]
READ_MODELS = ["backlog", "line_updates", "rename", "aggregate_load"]
JOURNAL = ["journal"]
CAPTURE = ["capture_backlog", "capture_load"]
APPLY = ["apply_backlog", "kafka_latency"]
SPARK = ["spark_stream", "spark_load", "spark_latency"]
ALL = PLAIN + READ_MODELS + JOURNAL + CAPTURE + APPLY + SPARK
ROOMS = {**dict.fromkeys(PLAIN, cases), **dict.fromkeys(READ_MODELS, read_models), **dict.fromkeys(JOURNAL, journal_cases),
         **dict.fromkeys(CAPTURE, kafka_cases), **dict.fromkeys(APPLY, apply_cases), **dict.fromkeys(SPARK, spark_cases)}
SETTINGS = {"max_wal_size": "8GB"}  # the rest as PostgreSQL comes, but for wal_level = logical
FULL_ROWS = 10_000_000


def versions(postgres, mongo):
    with mongo.client() as client:
        return (f"PostgreSQL {postgres.execute('SHOW server_version')[0][0].split()[0]}, MongoDB {client.server_info()['version']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="BENCH", help=f"of {', '.join(ALL)}; all unless named")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="the median of them is held against the target")
    parser.add_argument("--full", action="store_true", help=f"memory over {FULL_ROWS:,} rows")
    parser.add_argument("--no-keep", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args()
    names = given.names or ALL
    for name in names:
        if name not in ALL:
            parser.error(f"there is no bench {name}")
    postgres = servers.start_postgres(15, settings=SETTINGS, durable=True)
    mongo = servers.start_replica_set(1, cache_gb=1)
    command = " ".join(["bench/run.sh", *sys.argv[1:]])
    report = Report(command, versions(postgres, mongo))
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        bench = cases.Bench(postgres, mongo, report, Path(folder))
        try:
            for name in names:
                rows = FULL_ROWS if given.full and name == "memory" else given.rows
                getattr(ROOMS[name], name)(bench, rows, given.runs)
        finally:
            if not given.no_keep:
                report.keep()


if __name__ == "__main__":
    main()
