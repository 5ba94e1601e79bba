#!/usr/bin/env bash
# The e-commerce example on private servers, from nothing: installs, builds, sets up, loads, follows.
# Shows live changes until Ctrl-C; --once instead compares both sides and ends by itself.
# --kafka: by way of a broker's topics, which penstock writes; --debezium: which real Debezium writes. --spark: the classic chain,
# Debezium, Kafka and Spark, with Penstock's core in Spark's executors.
set -euo pipefail
cd "$(dirname "$0")/.."
once=0 by=direct
for given in "$@"; do
  case "$given" in
    --once) once=1 ;;
    --kafka) [ "$by" = debezium ] || by=kafka ;;
    --debezium) by=debezium ;;
    --spark) by=spark ;;
    *) echo "usage: scripts/demo.sh [--kafka | --debezium | --spark] [--once]" >&2; exit 2 ;;
  esac
done
# shellcheck source=scripts/demo_steps.sh
. scripts/demo_steps.sh
if [ "$by" = spark ]; then
  # shellcheck source=scripts/demo_spark.sh
  . scripts/demo_spark.sh
  exit
elif [ "$by" != direct ]; then
  # shellcheck source=scripts/demo_kafka.sh
  . scripts/demo_kafka.sh
  exit
fi

install_and_build --without-kafka
step "Start PostgreSQL 15 and a MongoDB replica set"
start_servers --postgres 15 --mongodb 1
set_up_database

step "penstock check"
"$penstock" check "$example" 2>&1 | indent

step "penstock run: first load, then follow"
follow run "$example"
wait_for_lsn "$(current_lsn)" 60s
wait_until 30 "three loaded tables" eval '[ "$(grep -c "rows loaded" "$work/run.log")" = 3 ]'
cut -d' ' -f2- "$work/run.log" | indent

show_changes
if [ "$once" = 1 ]; then compare_both_sides; else follow_changes; fi
