# What the demos share: output, processes that end in order, servers, the database. Sourced from the repository's root
# with `set -euo pipefail`; $once is 1 to compare and end instead of following.
# shellcheck shell=bash

example=examples/ecommerce/pipeline.yaml
work=$PWD/.local/demo
python=$PWD/.local/venv/bin/python
penstock=$PWD/build/release/penstock
servers_pid='' sample_pid='' beat_pid=''
declare -A followers=()  # name of a command in the background -> pid
declare -A endings=()    # its exit code, when it is told to end
follower_order=()        # the one that writes last comes last

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
  local status=$? name code shown
  trap '' INT TERM
  trap - EXIT
  end_process "$sample_pid" || true
  end_process "$beat_pid" || true
  for name in "${follower_order[@]}"; do
    code=0 shown="penstock $name"
    [ "${endings[$name]}" = 0 ] || shown=$name
    end_process "${followers[$name]}" || code=$?
    if [ "$code" = "${endings[$name]}" ]; then note "$shown drained and ended"; else
      note "$shown failed; the end of $work/$name.log:"
      tail -n 15 "$work/$name.log" | indent
      [ "$status" != 0 ] || status=1
    fi
  done
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

follow() { follow_job "$1" 0 "$penstock" "$@"; }  # penstock's verb, arguments...: in the background, until clean_up

follow_job() {  # name, how it may end, command...
  local name=$1
  endings[$1]=$2
  shift 2
  apart "$@" >"$work/$name.log" 2>&1 &
  followers[$name]=$!
  follower_order+=("$name")
}

wait_until() {  # seconds, what, command...: until it succeeds, as long as every follower lives
  local tries=$(($1 * 10)) what=$2 name
  shift 2
  until "$@" >/dev/null 2>&1; do
    for name in "${follower_order[@]}"; do
      kill -0 "${followers[$name]}" 2>/dev/null || { echo "$name ended while waiting for $what" >&2; exit 1; }
    done
    [ $((tries -= 1)) -gt 0 ] || { echo "waited in vain for $what" >&2; exit 1; }
    sleep 0.1
  done
}

query() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$admin_database" "$@"; }
current_lsn() { query -c 'SELECT pg_current_wal_insert_lsn()'; }
wait_for_lsn() { "$penstock" wait "$example" --lsn "$1" --timeout "$2"; }

install_and_build() {  # options of install.sh...
  step "Install what is missing"
  scripts/install.sh "$@"
  rm -rf "$work"
  mkdir -p "$work"

  step "Build penstock"
  quietly "$work/build.log" scripts/build.sh release penstock
  note "$("$penstock" --version)"
}

start_servers() {  # options of servers.py...: sets $admin, $admin_database and what the pipeline file asks for
  apart "$python" tests/support/servers.py serve "$@" --environment "$work/servers" >"$work/servers.log" 2>&1 &
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
  export PENSTOCK_KAFKA=${PENSTOCK_TEST_KAFKA:-}
  export PENSTOCK_STATE=$work/state
  note "$admin"
  note "$PENSTOCK_MONGODB"
  if [ -n "$PENSTOCK_KAFKA" ]; then note "kafka://$PENSTOCK_KAFKA"; fi
}

set_up_database() {
  step "penstock setup: database, tables with first rows, role, publication"
  "$penstock" setup "$example" --admin "$admin" --create-database --sql examples/ecommerce/schema.sql 2>&1 | indent
}

rename_product() {  # product, by what way the change comes: waits until it is readable
  local change began lsn
  change="UPDATE products SET name = name || ' (new edition)' WHERE product_id = $1"
  note "psql: $change"
  began=$(date +%s%N)
  lsn=$(query -c "$change" -c 'SELECT pg_current_wal_insert_lsn()')
  wait_for_lsn "$lsn" 60s
  note "${dim}committed, and readable in MongoDB$2, $((($(date +%s%N) - began) / 1000000)) ms after psql was started$plain"
}

sample() {  # number of transactions
  "$penstock" sample "$example" --postgres "$admin" --rate 200 --count "$1" 2>&1 | indent
}

show_changes() {
  local product
  step "An order: one document made of three tables"
  "$python" scripts/demo_view.py show orders 2 | indent

  step "Its product is renamed, and the order document with it"
  product=$(query -c 'SELECT min(product_id) FROM order_details WHERE order_id = 2')
  rename_product "$product" ''
  "$python" scripts/demo_view.py show orders 2 | indent
  note "and what it sold:"
  "$python" scripts/demo_view.py show product_sales "$product" | indent
}

compare_both_sides() {
  step "penstock sample: a stream of orders, status and price changes, cancellations"
  sample 400
  wait_for_lsn "$(current_lsn)" 60s
  "$penstock" status "$example" 2>&1 | indent

  step "Compare PostgreSQL with MongoDB, row by row"
  "$python" tests/support/compare.py --ignore cdc_changed,cdc_time "$admin_database" \
    "$PENSTOCK_MONGODB" ecommerce products=public.products order_details=public.order_details | indent

  step "penstock verify: every document of every collection, made again from the tables"
  "$penstock" verify "$example" 2>&1 | indent
}

follow_changes() {
  step "penstock sample writes, MongoDB's change stream shows (Ctrl-C ends)"
  apart "$penstock" sample "$example" --postgres "$admin" --rate 2 >"$work/sample.log" 2>&1 &
  sample_pid=$!
  "$python" scripts/demo_view.py follow
}
