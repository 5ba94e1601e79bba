#!/usr/bin/env bash
# Formats every C and C++ file in place; with --check only says which differ.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
if [ "${1:-}" = --check ]; then mode=(--dry-run -Werror); fi
git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp' '*.c' |
  xargs -0 -r sh -c 'for file; do [ -e "$file" ] && printf "%s\0" "$file"; done' sh |
  xargs -0 -r clang-format-14 "${mode[@]}"
