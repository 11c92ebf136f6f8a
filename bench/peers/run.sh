#!/usr/bin/env bash
# Times this library against ONNX Runtime, OpenVINO and PyTorch on the same networks, run by run in turns, on one core in float32, and
# prints a table; the figures go to build/peers/peers.json, a chart to docs/peers.png:
#   bench/peers/run.sh [--models NAME...] [--batches 1 8] [--rounds 5] [--seconds 1] [--peers NAME...] [--core N] [--prepare]
# Networks that are not measured this time keep their figures. --prepare does everything that is slow before any timing: exports the
# networks and fills the compiler's cache. Python packages are installed from PyPI into build/peers/venv; TESSERA_VENV names another
# environment that has them.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$folder")")
work=$root/build/peers
mkdir -p "$work"
if [ -z "${TESSERA_VENV:-}" ]; then
  "$root/examples/install_packages.sh" python3 python3-venv g++
  TESSERA_VENV=$work/venv
  python3 -m venv "$TESSERA_VENV"
  "$TESSERA_VENV/bin/pip" install --quiet -r "$folder/requirements.txt"
fi
"$root/bench/build.sh" models_bench
export TORCHINDUCTOR_CACHE_DIR=$work/inductor
"$TESSERA_VENV/bin/python" "$folder/compare.py" --bench "$root/build/release/bench/models_bench" --work "$work/onnx" --out "$work/peers.json" "$@"
[ ! -e "$work/peers.json" ] || "$TESSERA_VENV/bin/python" "$folder/chart.py" "$work/peers.json" "$root/docs/peers.png"
