#!/usr/bin/env bash
# Builds and runs the tests:
#   tests/run.sh              every test, optimised for this machine
#   tests/run.sh PRESET...    other builds: portable, debug (AddressSanitizer and UndefinedBehaviorSanitizer), tsan (ThreadSanitizer, the
#                             tests with threads), tsan_all, scalar (no SIMD), clang, neon (64-bit ARM in an emulator), release (the default)
#   tests/run.sh fuzz         a short run of every fuzz target (tests/fuzz/fuzz.sh)
# Installs what is missing through the system's package manager. A second run is quick.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
examples/install_packages.sh g++ cmake ninja-build ccache libeigen3-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev \
  catch2 libbenchmark-dev libarchive-dev libcairo2-dev libwebp-dev libgif-dev libtiff-dev libavif-dev python3
if [ "$*" = fuzz ]; then
  examples/install_packages.sh clang-19 libclang-rt-19-dev
  exec tests/fuzz/fuzz.sh short
fi
[[ " $* " != *" clang "* ]] || examples/install_packages.sh clang-19
[[ " $* " != *" neon "* ]] || examples/install_packages.sh g++-aarch64-linux-gnu qemu-user
[[ " $* " != *" portable "* ]] || examples/install_packages.sh qemu-user
export CMAKE_CXX_COMPILER_LAUNCHER=ccache
presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(release)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Of what ninja says, a line every ten seconds.
progress() {
  local line next=0
  while read -r line; do
    [[ $line = \[* && $SECONDS -ge $next ]] || continue
    echo "${line%% *}"
    next=$((SECONDS + 10))
  done
}
for preset in "${presets[@]}"; do
  echo "== $preset"
  start=$SECONDS
  cmake --preset "${preset%_all}" >/dev/null
  cmake --build --preset "$preset" 2>&1 | tee "$log" | progress || { grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2; exit 1; }
  built=$SECONDS
  ctest --preset "$preset"
  echo "== $preset: built in $((built - start)) s, tested in $((SECONDS - built)) s"
done
