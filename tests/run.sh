#!/usr/bin/env bash
# Builds and runs every test:
#   tests/run.sh            release build for this machine, portable build, sanitizers
#   tests/run.sh release    only that preset (release, portable, debug or tsan)
#   tests/run.sh tsan_all   every test, not only those with threads, under ThreadSanitizer
#   tests/run.sh scalar     the tests of layers, kernels, models and engine without SIMD
#   tests/run.sh clang      the tests of kernels and engine, built by clang for this machine
#   tests/run.sh neon       the tests of kernels and engine for 64-bit ARM, in an emulator
#   tests/run.sh fuzz       a short run of every fuzz target (tests/fuzz/fuzz.sh)
# Installs what is missing through the system's package manager. A second run is quick.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
examples/install_packages.sh g++ cmake ninja-build ccache libeigen3-dev nlohmann-json3-dev libcli11-dev libzip-dev libjpeg62-turbo-dev libpng-dev \
  catch2 libbenchmark-dev
if [ "$*" = fuzz ]; then
  examples/install_packages.sh clang-19 libclang-rt-19-dev
  exec tests/fuzz/fuzz.sh short
fi
[[ " $* " != *" clang "* ]] || examples/install_packages.sh clang-19
[[ " $* " != *" neon "* ]] || examples/install_packages.sh g++-aarch64-linux-gnu qemu-user
export CMAKE_CXX_COMPILER_LAUNCHER=ccache
presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(release portable debug tsan)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for preset in "${presets[@]}"; do
  echo "== $preset"
  start=$SECONDS
  cmake --preset "${preset%_all}" >/dev/null
  # One line of a build that succeeds, the compiler's messages of one that does not.
  cmake --build --preset "$preset" >"$log" || { grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2; exit 1; }
  tail -n 1 "$log"
  built=$SECONDS
  ctest --preset "$preset"
  echo "== $preset: built in $((built - start)) s, tested in $((SECONDS - built)) s"
done
