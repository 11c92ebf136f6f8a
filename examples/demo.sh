#!/usr/bin/env bash
# Builds the classifier and classifies a photo (the bundled one, or PHOTO) with a bundled model:
#   examples/demo.sh [PHOTO...]
# Installs what is missing through the system's package manager. The first run compiles for about a minute, later ones are quick.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$folder")
"$folder/install_packages.sh" g++ cmake ninja-build libeigen3-dev libcli11-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev
build=$root/build/demo
echo "Building the classifier for this machine ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Only the networks of the bundled models, for this machine's instruction set.
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-march=native \
  -DTESSERA_BUILD_TESTS=OFF -DTESSERA_BUILD_BENCH=OFF >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
if [ -t 1 ]; then
  cmake --build "$build" --target classify || exit 1
else
  cmake --build "$build" --target classify >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
[ $# -gt 0 ] || set -- "$folder/photos/cat.jpg"
"$build/examples/classify" --weights "$folder/models/spach_ms_cifar10.safetensors" "$@"
