#!/usr/bin/env bash
# The transcripts of docs/tools.md are what the programs print.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
awk '/^```console/ { inside = 1; next } /^```/ { inside = 0 } inside' docs/tools.md >"$work/expected"
[ "$(grep -c '^\$ ' "$work/expected")" -ge 5 ] || fail "found too few commands in docs/tools.md"
grep '^\$ ' "$work/expected" | while read -r _ command; do
  echo "\$ $command"
  bash -c "$command" 2>&1 || true
done >"$work/found"
diff "$work/expected" "$work/found" || fail "docs/tools.md shows another output than the programs give"
