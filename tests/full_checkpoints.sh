#!/usr/bin/env bash
# One full-size checkpoint of each family, saved by PyTorch as .pth and .safetensors, is loaded as it is and gives PyTorch's logits to 1e-4:
#   tests/full_checkpoints.sh [PYTHON]
# PYTHON is an interpreter with torch, numpy and safetensors (examples/train/requirements.txt); with timm, its modules are used too.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${1:-python3}" "$root/tests/full/write_checkpoints.py" "$work"
g++ -std=c++20 -O2 -march=native -I"$root/include" -isystem /usr/include/eigen3 "$root/tests/full/load_checkpoints.cpp" -lz -o "$work/load"
"$work/load" "$work"
