#!/usr/bin/env bash
# Builds the page as one folder of files, for any web server:
#   examples/browser/build.sh [--peer] FOLDER         then, for example:  python3 -m http.server -d FOLDER
# --peer adds onnxruntime-web of npm and the same models as ONNX, for comparison; it needs npm, and Python with torch and onnxscript.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
peer=
if [ "${1:-}" = --peer ]; then peer=yes; shift; fi
out=${1:?found no folder, expected where the page is to be built}
mkdir -p "$out/models"

# clang for WebAssembly is in PyPI's ziglang.
python=/tmp/tessera_zig/bin/python
if ! "$python" -m ziglang version >/dev/null 2>&1; then
  python3 -m venv /tmp/tessera_zig
  /tmp/tessera_zig/bin/pip -q install --disable-pip-version-check ziglang
fi
"$python" -m ziglang c++ -target wasm32-wasi -mexec-model=reactor -msimd128 -std=c++20 -O3 -s -Wall -Wextra -Werror -I"$root/include" \
  -isystem "${EIGEN_INCLUDE:-/usr/include/eigen3}" "$here/page.cpp" "$root/tests/platforms/wasm_runtime.cpp" -o "$out/tessera.wasm"

cp "$here/index.html" "$here/main.mjs" "$here/page.mjs" "$root/examples/photos/cat.jpg" "$out"
cp "$root"/examples/models/*_cifar10.safetensors "$out/models"
if [ -n "$peer" ]; then
  mkdir -p "$out/peer"
  npm install --silent --no-save --prefix "$out/peer" onnxruntime-web >/dev/null
  cp "$out/peer/node_modules/onnxruntime-web/dist/"{ort.wasm.min.mjs,ort-wasm-simd-threaded.mjs,ort-wasm-simd-threaded.wasm} "$out/peer"
  rm -r "$out/peer/node_modules"
  python3 "$here/export_onnx.py" "$out/peer"
fi
