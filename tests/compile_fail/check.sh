#!/usr/bin/env bash
# The file must not compile, and its first line's message must be what the compiler says:  check.sh FILE COMPILER FLAG...
# A line "// flags: -std=c++17" adds flags.
set -euo pipefail
file=$1
shift
expected=$(head -n 1 "$file" | sed 's|^// ||')
read -ra flags < <(sed -n 's|^// flags: ||p' "$file") || true
if output=$("$@" "${flags[@]}" -fsyntax-only "$file" 2>&1); then
  echo "$file compiled, but must not"
  exit 1
fi
grep -qF "$expected" <<<"$output" || { echo "expected: $expected"; echo "$output" | grep -m 5 error; exit 1; }
