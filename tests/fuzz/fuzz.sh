#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the fuzz targets with clang and libFuzzer and runs them one after another, under AddressSanitizer and UBSan.
#
#     tests/fuzz/fuzz.sh [short | long] [target...]
#
# short, the default, takes 20 seconds a target; long makes 20 million executions of each, which takes hours. RUNS and SECONDS_EACH set
# other limits, TIMEOUT the seconds (of the clock) that one input may take, CLANG another compiler, OUT another folder than build/fuzz.
# Targets: safetensors pickle_pth npz image labels.
# The corpus grows in $OUT/corpus; a finding is left in $OUT as TARGET-crash-*. $OUT/results.txt gets a line for each run.
set -euo pipefail
cd "$(dirname "$0")/../.."
case ${1:-short} in
  short) limit=(-max_total_time="${SECONDS_EACH:-20}") use_after_return=1 ;;
  long) limit=(-runs="${RUNS:-20000000}") use_after_return=0 ;;
  *) echo "usage: tests/fuzz/fuzz.sh [short | long] [target...]" >&2; exit 2 ;;
esac
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(safetensors pickle_pth npz image labels)
clang=${CLANG:-$(command -v clang++-19 || command -v clang++)}
out=${OUT:-build/fuzz}
mkdir -p "$out"
flags=(-std=c++20 -O2 -g1 -fno-omit-frame-pointer -Iinclude -isystem /usr/include/eigen3)

"$clang" "${flags[@]}" tests/fuzz/write_seeds.cpp -o "$out/write_seeds"
"$out/write_seeds" "$out/seeds"
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} "$clang" "${flags[@]}" -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  tests/fuzz/{}.cpp -o "$out/{}" -lz -ljpeg -lpng

# Errors are thrown all the time, which makes the search for uses of a returned function's variables the dearest part: short runs do it.
export ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=4:detect_stack_use_after_return=$use_after_return:${ASAN_OPTIONS:-}
for target in "${targets[@]}"; do
  mkdir -p "$out/corpus/$target"
  longest=1024
  [ "$target" != image ] || longest=4096
  start=$(date +%s)
  if ! "$out/$target" "${limit[@]}" -max_len=$longest -malloc_limit_mb=256 -rss_limit_mb=2048 -timeout="${TIMEOUT:-20}" -print_final_stats=1 \
    -artifact_prefix="$out/$target-" "$out/corpus/$target" "$out/seeds/$target" >"$out/$target.log" 2>&1; then
    tail -n 40 "$out/$target.log"
    echo "$target: found a defect, see $out/$target-*" >&2
    exit 1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
  echo "$target: $executions executions in $(($(date +%s) - start)) s without a finding" | tee -a "$out/results.txt"
done
