#!/usr/bin/env bash
# safetensors 0.8.0 writes a transposed NumPy array with the right shape and the values in the wrong places.
#
# safetensors.numpy.save takes an array's memory as it lies, and the shape of the array. A transposed array shares the memory of the original,
# so what is read back has the transposed shape and the original's order. There is no error and no warning.
#
# Seen with safetensors 0.8.0 and NumPy 2.4.6: [[0, 1, 2], [3, 4, 5]] transposed comes back as [[0, 1], [2, 3], [4, 5]].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "safetensors==0.8.0" "numpy==2.4.6"
"$work/venv/bin/python" - <<'END'
import sys
import numpy as np
from safetensors.numpy import load, save
array = np.arange(6, dtype=np.float32).reshape(2, 3).T
back = load(save({"weight": array}))["weight"]
print("written", array.tolist(), "read", back.tolist())
sys.exit(0 if back.shape == array.shape and not np.array_equal(back, array) else "what is read is what was written now")
END
