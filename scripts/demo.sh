#!/usr/bin/env bash
# The e-commerce example on private servers, from nothing: installs, builds, sets up, loads, follows.
# Shows live changes until Ctrl-C; --once instead compares both sides and ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
once=0
case "${1:-}" in
  --once) once=1 ;;
  '') ;;
  *) echo "usage: scripts/demo.sh [--once]" >&2; exit 2 ;;
esac

example=examples/ecommerce/pipeline.yaml
work=$PWD/.local/demo
python=$PWD/.local/venv/bin/python
penstock=$PWD/build/release/penstock
servers_pid='' run_pid='' sample_pid=''

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi
step() { printf '\n%s▸ %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '  %s\n' "$*"; }
indent() { sed 's/^/  /'; }

end_process() {  # pid: SIGTERM, and wait until it is gone
  if [ -z "$1" ]; then return 0; fi
  kill -TERM "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null
}

clean_up() {
  local status=$?
  trap '' INT TERM
  trap - EXIT
  end_process "$sample_pid" || true
  if [ -n "$run_pid" ]; then
    if end_process "$run_pid"; then note "penstock run drained and ended"; else
      note "penstock run failed; the end of $work/run.log:"
      tail -n 15 "$work/run.log" | indent
      [ "$status" != 0 ] || status=1
    fi
  fi
  end_process "$servers_pid" || true
  exit "$status"
}
trap clean_up EXIT
trap 'echo; exit 0' INT
trap 'exit 143' TERM

quietly() {  # log file, command...: shows the output only when it fails
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "failed: $*" >&2
    exit 1
  fi
}

# Children live in sessions of their own, so that Ctrl-C reaches this script first and it can end them in order.
apart() { exec setsid setpriv --pdeathsig=TERM "$@"; }

query() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$admin_database" "$@"; }

step "Install what is missing"
scripts/install.sh --without-kafka
rm -rf "$work"
mkdir -p "$work"

step "Build penstock"
quietly "$work/build.log" scripts/build.sh release penstock
note "$("$penstock" --version)"

step "Start PostgreSQL 15 and a MongoDB replica set"
apart "$python" tests/support/servers.py serve --postgres 15 --mongodb 1 --environment "$work/servers" \
  >"$work/servers.log" 2>&1 &
servers_pid=$!
while [ ! -e "$work/servers" ]; do
  kill -0 "$servers_pid" 2>/dev/null || { cat "$work/servers.log" >&2; exit 3; }
  sleep 0.1
done
# shellcheck source=/dev/null
. "$work/servers"
admin=$PENSTOCK_TEST_POSTGRES
admin_database=${admin%/*}/ecommerce
export PENSTOCK_POSTGRES=${admin_database/postgres@/penstock@}
export PENSTOCK_MONGODB=$PENSTOCK_TEST_MONGODB
export PENSTOCK_STATE=$work/state
note "$admin"
note "$PENSTOCK_MONGODB"

step "penstock setup: database, tables with first rows, role, publication"
"$penstock" setup "$example" --admin "$admin" --create-database --sql examples/ecommerce/schema.sql 2>&1 | indent

step "penstock check"
"$penstock" check "$example" 2>&1 | indent

step "penstock run: first load, then follow"
apart "$penstock" run "$example" >"$work/run.log" 2>&1 &
run_pid=$!
"$penstock" wait "$example" --lsn "$(query -c 'SELECT pg_current_wal_insert_lsn()')" --timeout 60s
for _ in {1..30}; do
  if [ "$(grep -c 'rows loaded' "$work/run.log")" = 3 ]; then break; fi
  sleep 0.1
done
cut -d' ' -f2- "$work/run.log" | indent

step "An order: one document made of three tables"
"$python" scripts/demo_view.py show orders 2 | indent

step "Its product is renamed, and the order document with it"
product=$(query -c 'SELECT min(product_id) FROM order_details WHERE order_id = 2')
change="UPDATE products SET name = name || ' (new edition)' WHERE product_id = $product"
note "psql: $change"
began=$(date +%s%N)
lsn=$(query -c "$change" -c 'SELECT pg_current_wal_insert_lsn()')
"$penstock" wait "$example" --lsn "$lsn" --timeout 10s
note "${dim}committed, and readable in MongoDB, $((($(date +%s%N) - began) / 1000000)) ms after psql was started$plain"
"$python" scripts/demo_view.py show orders 2 | indent
note "and what it sold:"
"$python" scripts/demo_view.py show product_sales "$product" | indent

if [ "$once" = 1 ]; then
  step "penstock sample: a stream of orders, status and price changes, cancellations"
  "$penstock" sample "$example" --postgres "$admin" --rate 200 --count 400 2>&1 | indent
  "$penstock" wait "$example" --lsn "$(query -c 'SELECT pg_current_wal_insert_lsn()')" --timeout 60s
  "$penstock" status "$example" 2>&1 | indent

  step "Compare PostgreSQL with MongoDB, row by row"
  "$python" tests/support/compare.py --ignore cdc_changed,cdc_time "$admin_database" \
    "$PENSTOCK_MONGODB" ecommerce products=public.products order_details=public.order_details | indent

  step "penstock verify: every document of every collection, made again from the tables"
  "$penstock" verify "$example" 2>&1 | indent
  exit 0
fi

step "penstock sample writes, MongoDB's change stream shows (Ctrl-C ends)"
apart "$penstock" sample "$example" --postgres "$admin" --rate 2 >"$work/sample.log" 2>&1 &
sample_pid=$!
"$python" scripts/demo_view.py follow
