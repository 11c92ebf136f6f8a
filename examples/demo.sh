#!/usr/bin/env bash
# Builds the examples and classifies a photo (the bundled one, or PHOTO) with the bundled model:
#   examples/demo.sh [PHOTO...]
# Installs what is missing through the system's package manager. A second run is quick.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$folder")
"$folder/install_packages.sh" g++ cmake ninja-build libeigen3-dev nlohmann-json3-dev libcli11-dev libzip-dev libjpeg62-turbo-dev libpng-dev
build=$root/build/demo
echo "Building the examples for this machine ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-march=native -DTESSERA_BUILD_TESTS=OFF -DTESSERA_BUILD_BENCH=OFF &&
  cmake --build "$build" --target classify; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
[ $# -gt 0 ] || set -- "$folder/photos/cat.jpg"
"$build/examples/classify" --weights "$folder/models/spach_ms_cifar10.safetensors" "$@"
