#!/usr/bin/env bash
# Tests the page in headless Chromium:  examples/browser/check.sh FOLDER_OF_PROGRAMS [--peer]
# Needs Chromium, node and npm. The folder has the native classify, whose scores the page must give.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$(realpath "${1:?found no folder of programs, expected such as build/release/examples}")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/build.sh" "$@" "$work/page"
size=$(du -sb --exclude=models --exclude=peer "$work/page" | cut -f1)
[ "$size" -lt 3000000 ] || { echo "check: found $size bytes without the weights, expected less than 3,000,000" >&2; exit 1; }
for model in spach_ms convmlp resmlp mixer; do
  "$programs/classify" --model "${model}_cifar10" --jsonl --top 10 "$work/page/cat.jpg"
done >"$work/native.jsonl"
cp "$here/check.mjs" "$work"
npm install --silent --no-save --prefix "$work" playwright-core >/dev/null
node "$work/check.mjs" "$work/page" "$(command -v chromium || command -v google-chrome)" "$work/native.jsonl" "${PICTURE:-$work/page.png}"
