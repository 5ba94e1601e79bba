#!/usr/bin/env python3
"""Runs benches on private servers with fsync on and appends what they found to bench/RESULTS.md.

bench.py [catchup|load|mixed|latency|start|memory]... [--rows N] [--rounds N] [--no-keep]"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import BUILD, Report  # noqa: E402: it also makes tests/support importable

os.environ.setdefault("PENSTOCK_BINARY", str(BUILD / "penstock"))

import cases  # noqa: E402
from support import servers  # noqa: E402

DEFAULT = ["catchup", "load", "mixed", "latency", "start"]
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "1h"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="BENCH", help=f"of {', '.join([*DEFAULT, 'memory'])}")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-keep", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args()
    names = given.names or DEFAULT
    for name in names:
        if name not in [*DEFAULT, "memory"]:
            parser.error(f"there is no bench {name}")
    report = Report("bench/run.sh " + " ".join(sys.argv[1:]) if sys.argv[1:] else "bench/run.sh")
    postgres = servers.start_postgres(15, settings=SETTINGS, durable=True)
    mongo = servers.start_replica_set(1, cache_gb=2)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        bench = cases.Bench(postgres, mongo, report, Path(folder))
        try:
            for name in names:
                getattr(cases, name)(bench, given.rows, given.rounds)
        finally:
            if not given.no_keep:
                report.keep()


if __name__ == "__main__":
    main()
