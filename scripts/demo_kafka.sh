# The example through Kafka: PostgreSQL → capture or Debezium → topics → apply → MongoDB. Sourced by demo.sh, with
# $by = kafka or debezium.
# shellcheck shell=bash

servers=(--postgres 15 --mongodb 1 --kafka)
if [ "$by" = debezium ]; then servers+=(--connect); fi

install_and_build
step "Start PostgreSQL 15, a MongoDB replica set and Kafka$([ "$by" = kafka ] || echo " with Kafka Connect")"
start_servers "${servers[@]}"
set_up_database
# The connector file names no tables: it takes all of the publication, public.test too, which the pipeline leaves out.
query -c 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO penstock'

# The classic connector file, with the port of this demo's server.
connector=$work/pg-ecommerce-connector.json
port=${admin##*:} port=${port%%/*}
sed "s/\"5432\"/\"$port\"/" examples/ecommerce/pg-ecommerce-connector.json >"$connector"

topics() { kcat -b "$PENSTOCK_KAFKA" -L | grep -o '"ecommerce\.public\.[a-z_]*"' | tr -d '"' | sort; }
three_topics() { [ "$(topics | wc -l)" -ge 3 ]; }

if [ "$by" = debezium ]; then
  step "Debezium 3.5.0 in Kafka Connect: the classic connector file, as it is"
  "$python" - "$connector" "$PENSTOCK_TEST_CONNECT/connectors" <<'PYTHON'
import sys, urllib.request
given = open(sys.argv[1], "rb").read()
urllib.request.urlopen(urllib.request.Request(sys.argv[2], given, {"Content-Type": "application/json"}))
PYTHON
  wait_until 60 "the topics" three_topics
  # Debezium confirms a transaction when a later one comes: an application writes all the time, a demo rests.
  apart bash -c 'while psql -X -q -d "$1" -c "INSERT INTO public.test VALUES (1)"; do sleep 1; done' beat "$admin_database" >"$work/beat.log" 2>&1 &
  beat_pid=$!
else
  step "penstock capture --connector pg-ecommerce-connector.json: the classic connector file, as it is"
  follow capture --connector "$connector" --brokers "$PENSTOCK_KAFKA"
  wait_until 60 "the topics" three_topics
  cut -d' ' -f2- "$work/capture.log" | indent
fi
note "topics: $(topics | paste -sd' ')"
kcat -q -b "$PENSTOCK_KAFKA" -C -t ecommerce.public.products -o beginning -c 1 -f '%k\n%s\n' | indent

step "penstock apply: the topics from their beginning, then follow"
follow apply "$example"
wait_for_lsn "$(current_lsn)" 60s
cut -d' ' -f2- "$work/apply.log" | indent

show_changes
if [ "$once" = 1 ]; then compare_both_sides; else follow_changes; fi
