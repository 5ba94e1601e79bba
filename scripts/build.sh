#!/usr/bin/env bash
# Builds a preset (release unless named) into build/PRESET: scripts/build.sh [PRESET [TARGET...]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
[ $# -gt 0 ] && shift
# ccache's own place, which all clones of an account share: what one has built, another need not.
cache=${XDG_CACHE_HOME:-${HOME:-$PWD/.local}/.cache}
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake --preset "$preset" >/dev/null
targets=()
for target in "$@"; do targets+=(--target "$target"); done
cmake --build "build/$preset" "${targets[@]}"
