#!/usr/bin/env bash
# Memory and load time of a process that loads a model from a warm file and classifies one image; one JSON line a model:
#   bench/memory.sh [MODEL...]      resmlp_12_224, resmlp_24_224, mixer_b16_224, mixer_l16_224
# Targets: peak memory at most 64 MB above the weights; resmlp_24_224 in under 150 ms.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -gt 0 ] || set -- resmlp_12_224 resmlp_24_224 mixer_b16_224
"$root/bench/build.sh" load_time
program=$root/build/release/bench/load_time
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for model in "$@"; do
  "$program" write "$model" "$work/weights.safetensors"
  "$program" "$model" "$work/weights.safetensors" >/dev/null
  "$program" "$model" "$work/weights.safetensors"
done
