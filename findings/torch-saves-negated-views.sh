#!/usr/bin/env bash
# torch 2.13.0 saves some float32 tensors with the opposite sign, and notes that in a place that few readers of the format look at.
#
# The imaginary part of a conjugated complex tensor is a float32 view whose values are negated when they are read. torch.save writes the memory as
# it is. The sign is in the seventh argument of _rebuild_tensor_v2, {"neg": True}, which is absent for nearly all tensors. torch.load applies it. A
# program that reads the archive itself and stops after six arguments gets every value with the wrong sign.
#
# Seen with torch 2.13.0 (CPU): the tensor [-1, -2] is stored as the bytes of [1, 2].
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "torch==2.13.0" "numpy==2.4.6"
"$work/venv/bin/python" - "$work/negated.pth" <<'END'
import struct, sys, zipfile
import torch
value = torch.complex(torch.zeros(2), torch.tensor([1.0, 2.0])).conj().imag
torch.save({"weight": value}, sys.argv[1])
with zipfile.ZipFile(sys.argv[1]) as archive:
    data = next(name for name in archive.namelist() if name.endswith("/data/0"))
    stored = struct.unpack("<4f", archive.read(data)[:16])[1::2]
    noted = b"neg" in archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
loaded = torch.load(sys.argv[1], weights_only=True)["weight"].tolist()
print("tensor", value.tolist(), value.dtype, "stored", list(stored), "noted", noted, "loaded", loaded)
sys.exit(0 if list(stored) == [1.0, 2.0] and loaded == [-1.0, -2.0] and noted else "the bytes have the tensor's sign now")
END
