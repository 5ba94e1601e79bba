#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a few seconds on its kept corpus. SECONDS_EACH=600 for a long run; what it
# finds is left in build/fuzz, new inputs worth keeping are merged by: build/fuzz/NAME -merge=1 tests/fuzz/corpus/NAME DIR
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build/fuzz
build() {  # NAME SOURCES...
  local name=$1
  shift
  clang++-14 -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Isrc "$@" -lfmt -lzstd \
    -o "build/fuzz/$name"
}
run() {  # NAME
  mkdir -p "build/fuzz/found-$1"
  "build/fuzz/$1" -max_total_time="${SECONDS_EACH:-10}" -max_len=4096 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$1-" "build/fuzz/found-$1" "tests/fuzz/corpus/$1" >"build/fuzz/$1.log" 2>&1 ||
    { tail -n 60 "build/fuzz/$1.log"; exit 1; }
  grep -E 'number_of_executed_units' "build/fuzz/$1.log" | sed "s/^stat::/$1: /"
}
build pgoutput tests/fuzz/pgoutput_fuzz.cpp src/source/postgres/pgoutput.cpp &
build values tests/fuzz/value_fuzz.cpp src/pgtype/*.cpp src/model/*.cpp
wait -n
build events tests/fuzz/event_fuzz.cpp src/envelope/read/*.cpp src/envelope/{absent_value,column_form,mask,numbers,times,value_writer}.cpp \
  src/pgtype/*.cpp src/model/*.cpp $(pkg-config --cflags --libs simdjson gmp libcrypto) -fno-sanitize=pointer-overflow
build journal tests/fuzz/journal_fuzz.cpp src/journal/{block,event_codec,segment,table_loads}.cpp src/base/check.cpp \
  src/model/*.cpp &
run pgoutput
run values
wait
run journal
run events
echo 'no input was unsafe'
