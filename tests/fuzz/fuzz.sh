#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the fuzz targets with clang and libFuzzer and runs them, each for a number of seconds, under AddressSanitizer and UBSan.
#
#     tests/fuzz/fuzz.sh [seconds] [target...]          CLANG=clang++-19 OUT=build/fuzz
#
# Targets: safetensors pickle_pth npz image labels. The corpus grows in $OUT/corpus; a finding is left in $OUT as crash-*.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
targets=${*:-safetensors pickle_pth npz image labels}
clang=${CLANG:-$(command -v clang++-19 || command -v clang++)}
out=${OUT:-build/fuzz}
mkdir -p "$out"
flags="-std=c++20 -O1 -g -fno-omit-frame-pointer -Iinclude -isystem /usr/include/eigen3 -DTESSERA_TEST_DATA=\"$PWD/tests/data\""

"$clang" $flags tests/fuzz/write_seeds.cpp -o "$out/write_seeds"
"$out/write_seeds" "$out/seeds"
for target in $targets; do
  "$clang" $flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined "tests/fuzz/$target.cpp" -o "$out/$target" \
    -lzip -ljpeg -lpng
done
for target in $targets; do
  echo "== $target, $seconds s"
  mkdir -p "$out/corpus/$target"
  "$out/$target" -max_total_time="$seconds" -max_len=8192 -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$out/$target-" "$out/corpus/$target" "$out/seeds/$target" 2>&1 | grep -E "^(stat::|SUMMARY|==|.*(ERROR|runtime error))" || true
  if ls "$out/$target-"* >/dev/null 2>&1; then
    echo "$target: found a defect, see $out/$target-*"
    exit 1
  fi
done
