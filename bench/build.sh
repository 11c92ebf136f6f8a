#!/usr/bin/env bash
# Builds benchmark programs for this machine; used by the other scripts:
#   bench/build.sh models_bench kernels_bench load_time
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
examples/install_packages.sh g++ cmake ninja-build ccache libeigen3-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev \
  catch2 libbenchmark-dev
export CMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --preset release -DTESSERA_BENCH_NETWORKS=all >/dev/null
cmake --build --preset release --target "$@" >&2
