#!/usr/bin/env bash
# The file must not compile, and its first line's message must be what the compiler says:  check.sh FILE COMPILER FLAG...
set -euo pipefail
file=$1
shift
expected=$(head -n 1 "$file" | sed 's|^// ||')
if output=$("$@" -fsyntax-only "$file" 2>&1); then
  echo "$file compiled, but must not"
  exit 1
fi
grep -qF "$expected" <<<"$output" || { echo "expected: $expected"; echo "$output" | grep -m 5 error; exit 1; }
