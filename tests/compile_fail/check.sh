#!/usr/bin/env bash
# The file must not compile, and its first line's message must be what the compiler says:  check.sh FILE COMPILER FLAG...
# A line "// flags: -std=c++17" adds flags. A line "// values: 256 == 224" is the comparison with both numbers, which must be shown as well.
set -euo pipefail
file=$1
shift
expected=$(head -n 1 "$file" | sed 's|^// ||')
read -ra flags < <(sed -n 's|^// flags: ||p' "$file") || true
if output=$("$@" "${flags[@]}" -fsyntax-only "$file" 2>&1); then
  echo "$file compiled, but must not"
  exit 1
fi
values=$(sed -n 's|^// values: ||p' "$file")
for text in "$expected" ${values:+"$values"}; do
  grep -qF -- "$text" <<<"$output" || { echo "expected: $text"; echo "$output" | grep -m 5 -A 4 error; exit 1; }
done
