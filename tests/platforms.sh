#!/usr/bin/env bash
# What can be checked of other platforms on Debian with an x86-64 processor:
#   tests/platforms.sh [PLATFORM...]     all of these by default
# wasm      WebAssembly, by zig's clang for WASI: without SIMD and with SIMD128, run by node; SIMD is 2.5 times as fast at least
# x86-32    32-bit x86 with SSE2, by g++, run in an emulator
# mingw     Windows: everything compiles, and a program that needs no other library is linked, but not run
# macos     macOS on both processors, by zig's clang: everything compiles
# 64-bit ARM is tested by tests/run.sh neon. Installs what is missing: zig through PyPI, the rest through the system's package manager.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$root/tests/platforms
models=$root/examples/models
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "platforms: $*" >&2; exit 1; }

# zig TARGET ARGUMENTS...: zig's clang for another platform.
zig() {
  local target=$1 python=/tmp/tessera_zig/bin/python
  shift
  if [ ! -x "$python" ] || ! "$python" -m ziglang version >/dev/null 2>&1; then
    python3 -m venv /tmp/tessera_zig
    /tmp/tessera_zig/bin/pip -q install --disable-pip-version-check ziglang 2>/dev/null
  fi
  "$python" -m ziglang c++ -target "$target" -std=c++20 -I"$root/include" -isystem /usr/include/eigen3 "$@"
}

wasm() {
  "$root/examples/install_packages.sh" libeigen3-dev python3-venv nodejs
  local simd
  for simd in '' -msimd128; do
    zig wasm32-wasi -O3 -s -Wall -Wextra -Werror $simd "$here/self_test.cpp" "$here/wasm_runtime.cpp" -o "$work/self_test$simd.wasm"
    # node 20 crashes now and then where it compiles on several threads.
    node --single-threaded --no-liftoff --no-warnings "$here/run_wasi.mjs" "$work/self_test$simd.wasm" "$models" | tee "$work/out$simd"
  done
  grep -q '^4 lanes' "$work/out-msimd128" || fail "wasm: SIMD128 is not used"
  # Seconds for one image of each network, without and with SIMD.
  awk 'NF > 2 { seconds[FILENAME] += 1 / $(NF - 1) } END { ratio = seconds[ARGV[1]] / seconds[ARGV[2]]; printf "wasm: %.2f times as fast with SIMD128\n", ratio
       exit !(ratio >= 2.5) }' "$work/out" "$work/out-msimd128" || fail "wasm: expected 2.5"
}

# Every public header. Those of other libraries' headers that it needs are this machine's.
all_headers() {
  mkdir -p "$work/other"
  cp /usr/include/{zlib,zconf,png,pngconf,jpeglib,jmorecfg,jerror}.h /usr/include/libpng16/pnglibconf.h /usr/include/x86_64-linux-gnu/jconfig.h "$work/other"
  (cd "$root/include" && find tessera -name '*.hpp' ! -name '*_inl.hpp' | sort | sed 's/.*/#include "&"/') >"$work/all.cpp"
}

x86-32() {
  "$root/examples/install_packages.sh" libeigen3-dev g++-i686-linux-gnu qemu-user
  i686-linux-gnu-g++ -std=c++20 -O1 -msse2 -mfpmath=sse -Wall -Wextra -Werror -static -I"$root/include" -isystem /usr/include/eigen3 \
    "$here/self_test.cpp" -o "$work/self_test_32"
  qemu-i386 "$work/self_test_32" "$models" 1
}

mingw() {
  "$root/examples/install_packages.sh" libeigen3-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev g++-mingw-w64-x86-64-posix
  local windows=(x86_64-w64-mingw32-g++-posix -std=c++20 -Wall -Wextra -Werror -I"$root/include" -isystem /usr/include/eigen3)
  all_headers
  "${windows[@]}" -isystem "$work/other" -fsyntax-only "$work/all.cpp"
  "${windows[@]}" -O1 -Wa,-mbig-obj -static "$here/self_test.cpp" -o "$work/self_test.exe"
}

macos() {
  "$root/examples/install_packages.sh" libeigen3-dev python3-venv zlib1g-dev libjpeg62-turbo-dev libpng-dev
  all_headers
  local processor
  for processor in aarch64 x86_64; do
    zig $processor-macos -O0 -Wall -Wextra -Werror -isystem "$work/other" -c "$work/all.cpp" -o "$work/all.o"
    zig $processor-macos -O0 -Wall -Wextra -Werror -c "$here/self_test.cpp" -o "$work/self_test.o"
  done
}

[ $# -gt 0 ] || set -- wasm x86-32 mingw macos
for platform in "$@"; do
  case $platform in
    wasm | x86-32 | mingw | macos) echo "== $platform"; "$platform" ;;
    *) fail "no such platform: $platform" ;;
  esac
done
