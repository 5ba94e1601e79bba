#!/usr/bin/env bash
# Builds and runs the benches: bench/run.sh [catchup|load|mixed|latency|start|memory|backlog|line_updates|rename|aggregate_load|journal|capture_backlog|capture_load|apply_backlog|kafka_latency|spark_stream|spark_load|spark_latency]... [--rows N] [--runs N] [--full]
# Prints ratios of penstock to the raw limits measured beside it; every run is kept in bench/RESULTS.md.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh
scripts/build.sh bench >.local/bench-build.log 2>&1 || { tail -n 40 .local/bench-build.log >&2; exit 1; }
exec .local/venv/bin/python bench/bench.py "$@"
