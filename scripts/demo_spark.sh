# The classic chain with Spark in it: PostgreSQL → first load by Spark → Debezium → Kafka → Spark → MongoDB. Sourced by demo.sh.
# shellcheck shell=bash

# As on a cluster of two executors, each a process of its own. Spark's pages are where its log says.
spark_submit() {  # script, options...: sets $submitted, the command
  submitted=("$python" tests/support/spark.py "$work/spark-$1" --master 'local-cluster[2,1,1024]' --ui -- "spark/$1.py" "$example" "${@:2}")
}
said() { grep -E ' (INFO|WARNING|ERROR) ' "$work/$1.log" | cut -d' ' -f2- | indent; }
topics() { kcat -b "$PENSTOCK_KAFKA" -L | grep -o '"ecommerce\.public\.[a-z_]*"' | tr -d '"' | sort; }
three_topics() { [ "$(topics | grep -c 'orders\|products\|order_details')" = 3 ]; }

install_and_build
quietly "$work/build.log" scripts/build.sh release penstock_shared penstock
step "Start PostgreSQL 15, a MongoDB replica set, and Kafka with Kafka Connect"
start_servers --postgres 15 --mongodb 1 --kafka --connect
set_up_database
# The connector file names no tables: it takes all of the publication, public.test too, which the pipeline leaves out.
query -c 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO penstock'

step "spark-submit spark/first_load.py: every table in one exported snapshot"
spark_submit first_load
quietly "$work/first_load.log" "${submitted[@]}"
said first_load
note "and changes that are committed before anybody reads the slot:"
sample 60

step "Debezium 3.5.0 in Kafka Connect: the classic connector file, with snapshot.mode=no_data, for Spark has loaded"
port=${admin##*:} port=${port%%/*}
sed "s/\"5432\"/\"$port\"/; s/\"config\": {/&\n    \"snapshot.mode\": \"no_data\",/" examples/ecommerce/pg-ecommerce-connector.json >"$work/connector.json"
"$python" - "$work/connector.json" "$PENSTOCK_TEST_CONNECT/connectors" <<'PYTHON'
import sys, urllib.request
given = open(sys.argv[1], "rb").read()
urllib.request.urlopen(urllib.request.Request(sys.argv[2], given, {"Content-Type": "application/json"}))
PYTHON
# Debezium confirms a transaction when a later one comes: an application writes all the time, a demo rests.
apart bash -c 'while psql -X -q -d "$1" -c "INSERT INTO public.test VALUES (1)"; do sleep 1; done' beat "$admin_database" >"$work/beat.log" 2>&1 &
beat_pid=$!
wait_until 60 "the topics" three_topics
note "topics: $(topics | paste -sd' ')"

step "spark-submit spark/stream.py: from where the snapshot ends, then follow"
spark_submit stream --trigger '200 milliseconds'
follow_job stream 143 "${submitted[@]}"
wait_until 120 "Spark's stream" grep -q 'batch 0' "$work/stream.log"
wait_for_lsn "$(current_lsn)" 60s
said stream

step "A product is renamed"
rename_product 1 ' by way of Debezium, Kafka and Spark'
"$python" scripts/demo_view.py show products 1 | indent

if [ "$once" = 0 ]; then follow_changes; exit; fi

step "penstock sample: a stream of orders, status and price changes, cancellations"
sample 400
wait_for_lsn "$(current_lsn)" 60s
step "Compare PostgreSQL with MongoDB, row by row"
"$python" tests/support/compare.py --ignore cdc_changed,cdc_time "$admin_database" "$PENSTOCK_MONGODB" ecommerce \
  products=public.products order_details=public.order_details | indent
step "penstock verify: all documents, also those of several tables"
"$penstock" verify "$example" 2>&1 | indent
