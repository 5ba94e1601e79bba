#!/usr/bin/env bash
# The whole test run, on a machine with nothing installed by hand; --fast: unit and layer tests only.
# Closes with 'N passed, N failed'; exit 0 when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."
fast=0
case "${1:-}" in
  --fast) fast=1 ;;
  '') ;;
  *) echo "usage: scripts/test.sh [--fast]" >&2; exit 2 ;;
esac

passed=0 failed=0 skipped=0 failures=()
results=$PWD/.local/test-results
python=$PWD/.local/venv/bin/python
began=$SECONDS

# What failed stands at the end: whoever sees only the last lines needs no more.
finish() {
  local name
  for name in "${failures[@]}"; do printf '\nfailed: %s\n' "$name"; tail -n 12 "$results/${name// /-}.step"; done
  if [ ${#failures[@]} -gt 0 ] && compgen -G "$results/*.xml" >/dev/null; then
    echo; python3 scripts/tally.py --failed "$results"/*.xml | head -n 40
  fi
  printf 'all in %d:%02d minutes\n' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60))
  local line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then line+=", $skipped skipped"; fi
  echo "$line"
  [ "$failed" = 0 ]
  exit
}

# Runs one step. It counts as one test, or as those of the JUnit files that the pattern RESULT names.
step() {  # name, RESULT or '', command...
  local name=$1 result=$2 start=$SECONDS status=0 counts
  shift 2
  printf '\n== %s\n' "$name"
  mkdir -p "$results"
  { "$@" 2>&1 || status=$?; } > >(tee "$results/${name// /-}.step")
  sleep 0.3  # tee's last line; waiting for its end would be waiting for any server that was left behind
  # shellcheck disable=SC2086
  if [ -n "$result" ] && compgen -G "$result" >/dev/null && counts=$(python3 scripts/tally.py $result); then
    local p f s
    read -r p f s <<<"$counts"
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" != 0 ]; then status=1; fi
  elif [ "$status" = 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  if [ "$status" != 0 ]; then failures+=("$name"); fi
  printf '== %s: %s in %d s\n' "$name" "$([ "$status" = 0 ] && echo done || echo FAILED)" $((SECONDS - start))
  return "$status"
}

ctest_run() {  # preset, name, options...
  local preset=$1 name=$2 status=0
  shift 2
  "${runner[@]}" ctest --test-dir "build/$preset" "$@" --output-on-failure --no-tests=error \
    --output-junit "$results/$name-$preset.xml" >"$results/$name-$preset.log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then tail -n 4 "$results/$name-$preset.log"; else grep -v ' Passed ' "$results/$name-$preset.log"; fi
  return "$status"
}

unit_tests() { ctest_run "$1" unit -LE integration -j2 --timeout 120; }  # preset

integration_tests() {
  export -f ctest_run
  export results
  "$python" tests/support/servers.py with --postgres 15 --mongodb 1 --standalone -- \
    bash -c 'ctest_run "$@"' bash release integration -L integration --timeout 600
}

# Those with Kafka beside the others and Spark's, which take about as long: most of the time is waiting.
end_to_end_tests() {
  local kafka status=0
  "$python" -m pytest -q tests/e2e -m 'not soak and kafka and not spark' --junitxml="$results/e2e-kafka.xml" >"$results/e2e-kafka.log" 2>&1 &
  kafka=$!
  "$python" -m pytest -q tests/e2e -m 'not soak and (spark or not kafka)' --junitxml="$results/e2e.xml" || status=1
  wait "$kafka" || status=1
  cat "$results/e2e-kafka.log"
  return "$status"
}

# The thread sanitizer cannot place its shadow where the kernel scatters addresses widely.
runner=()
without_scatter() {
  if setarch -R true 2>/dev/null; then runner=(setarch -R); fi
  "$@"
  local status=$?
  runner=()
  return "$status"
}
sanitized_build() { without_scatter run_build "$1"; }
run_build() { "${runner[@]}" scripts/build.sh "$1"; }

rm -rf "$results"
step 'install' '' scripts/install.sh || finish
step 'build' '' scripts/build.sh release || finish
step 'unit tests' "$results/unit-release.xml" unit_tests release
step 'layers and limits' "$results/layers.xml" "$python" -m pytest -q tests/layers --junitxml="$results/layers.xml"
if [ "$fast" = 1 ]; then finish; fi

step 'format' '' scripts/format.sh --check
step 'clang-tidy' '' "$python" scripts/tidy.py
step 'integration tests' "$results/integration-release.xml" integration_tests
step 'end-to-end tests' "$results/e2e*.xml" end_to_end_tests
step 'fuzz smoke' '' tests/fuzz/smoke.sh
for preset in asan tsan; do
  if step "build with $preset" '' sanitized_build "$preset"; then
    step "unit tests with $preset" "$results/unit-$preset.xml" without_scatter unit_tests "$preset"
  fi
done
finish
