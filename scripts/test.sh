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

finish() {
  if [ ${#failures[@]} -gt 0 ]; then printf 'failed: %s\n' "${failures[@]}"; fi
  printf 'all in %d:%02d minutes\n' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60))
  local line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then line+=", $skipped skipped"; fi
  echo "$line"
  [ "$failed" = 0 ]
  exit
}

# Runs one step. It counts as one test, or as those of the JUnit file it is given as RESULT.
step() {  # name, RESULT or '', command...
  local name=$1 result=$2 start=$SECONDS status=0 counts
  shift 2
  printf '\n== %s\n' "$name"
  "$@" || status=$?
  if [ -n "$result" ] && [ -s "$result" ] && counts=$(python3 scripts/tally.py "$result"); then
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

unit_tests() {  # preset
  "${runner[@]}" ctest --test-dir "build/$1" -j2 --output-on-failure --no-tests=error --timeout 120 \
    --output-junit "$results/unit-$1.xml" >"$results/unit-$1.log" 2>&1
  local status=$?
  if [ "$status" = 0 ]; then tail -n 4 "$results/unit-$1.log"; else grep -v ' Passed ' "$results/unit-$1.log"; fi
  return "$status"
}

integration_tests() {
  "$python" tests/support/servers.py with --postgres 15 --mongodb 1 -- \
    build/release/integration_test "--gtest_output=xml:$results/integration.xml"
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

step 'install' '' scripts/install.sh || finish
mkdir -p "$results"
rm -f "$results"/*
step 'build' '' scripts/build.sh release || finish
step 'unit tests' "$results/unit-release.xml" unit_tests release
step 'layers and limits' "$results/layers.xml" "$python" -m pytest -q tests/layers --junitxml="$results/layers.xml"
if [ "$fast" = 1 ]; then finish; fi

step 'format' '' scripts/format.sh --check
step 'clang-tidy' '' "$python" scripts/tidy.py
if [ -x build/release/integration_test ]; then
  step 'integration tests' "$results/integration.xml" integration_tests
fi
if compgen -G 'tests/e2e/test_*.py' >/dev/null; then
  step 'end-to-end tests' "$results/e2e.xml" "$python" -m pytest tests/e2e -m 'not soak' --junitxml="$results/e2e.xml"
fi
if [ -e tests/fuzz/smoke.sh ]; then step 'fuzz smoke' '' tests/fuzz/smoke.sh; fi
for preset in asan tsan; do
  if step "build with $preset" '' sanitized_build "$preset"; then
    step "unit tests with $preset" "$results/unit-$preset.xml" without_scatter unit_tests "$preset"
  fi
done
finish
