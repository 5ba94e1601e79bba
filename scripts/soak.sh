#!/usr/bin/env bash
# The long versions of what the test run holds in short: scripts/soak.sh [chaos|oracle|outage|broker|idle|workers|load]... (all unless
# named). PENSTOCK_SOAK_KILLS (120) and PENSTOCK_SOAK_SEED (random) steer the chaos test, PENSTOCK_SOAK_SCHEMAS (1000) and
# PENSTOCK_SEED (random) the read models' oracle. Results go to bench/SOAK.md.
set -uo pipefail
cd "$(dirname "$0")/.."
wanted=("$@")
[ $# -gt 0 ] || wanted=(chaos oracle outage broker idle workers load)
scripts/install.sh || exit
scripts/build.sh release penstock || exit
python=.local/venv/bin/python
failed=0

[ -e bench/SOAK.md ] || printf "# Runs of scripts/soak.sh, in the order they were made\n\n" >bench/SOAK.md
keep() {  # name, command...
  local name=$1 log=.local/soak-$1.log start=$SECONDS outcome=passed said
  shift
  printf '\n== %s\n' "$name"
  "$@" 2>&1 | tee "$log"
  if [ "${PIPESTATUS[0]}" != 0 ]; then outcome=FAILED failed=1; fi
  {
    printf -- '- %s, %s, %s: **%s** in %d s' "$(date -u +%Y-%m-%d)" "$name" \
      "$(git rev-parse --short HEAD 2>/dev/null || echo uncommitted)" "$outcome" $((SECONDS - start))
    said=$(grep -oE '[0-9]+ kills .*|^soak: .*' "$log" | tail -n 1)
    echo "${said:+: ${said#soak: }}"
  } >>bench/SOAK.md
}

pytest() { "$python" -m pytest tests/e2e -s -q "$@"; }

for name in "${wanted[@]}"; do
  case "$name" in
    chaos) keep chaos pytest -m soak -k nothing_lost ;;
    oracle) keep oracle pytest -m soak -k postgresql_computes_long ;;
    outage) keep outage env PENSTOCK_TEST_OUTAGE_SECONDS=300 "$python" -m pytest tests/e2e -s -q \
              -k 'mongod_stopped or mongod_frozen' --timeout 1200 ;;
    broker) keep broker env PENSTOCK_TEST_BROKER_SECONDS=300 "$python" -m pytest tests/e2e -s -q \
              -k 'broker_that_is_away or brokers_and_mongodb_that_are_away' --timeout 1200 ;;
    idle) keep idle env PENSTOCK_TEST_IDLE_MB=256 "$python" -m pytest tests/e2e -s -q -k idle_publication --timeout 600 ;;
    workers) keep workers env PENSTOCK_TEST_WORKERS_SECONDS=600 PENSTOCK_TEST_WORKERS_SEED="${PENSTOCK_SOAK_SEED:-$RANDOM}" \
               "$python" -m pytest tests/e2e -s -q -k kills_pauses_and_broker_restarts --timeout 1200 ;;
    load) keep load bench/run.sh memory --rows 10000000 ;;
    *) echo "usage: scripts/soak.sh [chaos|oracle|outage|broker|idle|workers|load]..." >&2; exit 2 ;;
  esac
done
exit "$failed"
