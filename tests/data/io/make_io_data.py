# SPDX-License-Identifier: MIT
"""Writes the small checkpoints of this folder that come from current NumPy and PyTorch.

    python make_io_data.py      # in this folder; needs numpy, torch, safetensors

quirks.*, tiny_mixer.* were written by PyTorch 1.13 and flax (the library's golden fixtures).
"""

import argparse
import collections

import numpy
import torch
from safetensors.torch import save_file

torch.manual_seed(7)

# What torch.save of today writes: a module's state dict, and one wrapped the way training scripts do it.
net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2).half())
base = torch.randn(6, 4)
state = net.state_dict()
state["channels_last"] = torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)
state["transposed"] = base.t()
state["row"] = base[2]
state["every_second"] = base[1::2, ::2]
state["bf16"] = torch.randn(5).bfloat16()
state["f64"] = torch.randn(3, dtype=torch.float64)
state["scalar"] = torch.tensor(1.5)
state["parameter"] = torch.nn.Parameter(torch.randn(3))
torch.save(state, "torch2.pth")
torch.save(state, "torch2.legacy.pth", _use_new_zipfile_serialization=False)
zeros = collections.OrderedDict((k, torch.zeros_like(v)) for k, v in state.items())
optimizer = torch.optim.AdamW(net.parameters())
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
torch.save(
    {
        "model": state,
        "model_ema": zeros,
        "optimizer": optimizer.state_dict(),
        "lr_scheduler": schedule.state_dict(),
        "epoch": 3,
        "best": numpy.float64(81.5),
        "args": argparse.Namespace(lr=1e-3, size=[224, 224], output=None),
    },
    "torch2.wrapped.pth",
)
save_file({k: v.detach().contiguous().clone() for k, v in state.items()}, "torch2.expected.safetensors")

# What NumPy writes: both orders, every type, names with slashes.
rng = numpy.random.default_rng(7)
arrays = {
    "a/c_order": rng.standard_normal((3, 4), dtype=numpy.float32),
    "a/fortran": numpy.asfortranarray(rng.standard_normal((2, 3, 4), dtype=numpy.float32)),
    "a/f64": rng.standard_normal(5),
    "a/f16": rng.standard_normal(5).astype(numpy.float16),
    "a/i64": numpy.arange(-2, 3),
    "a/i32": numpy.arange(-2, 3, dtype=numpy.int32),
    "a/u8": numpy.arange(5, dtype=numpy.uint8),
    "a/flags": numpy.array([True, False]),
    "a/scalar": numpy.float32(2.5),
    "a/empty": numpy.zeros((0, 3), numpy.float32),
    "a/large": numpy.zeros((100, 100), numpy.float32),
}
numpy.savez("arrays.npz", **arrays)
numpy.savez_compressed("arrays_deflated.npz", **arrays)
save_file({k: torch.from_numpy(numpy.ascontiguousarray(v).reshape(v.shape)) for k, v in arrays.items()}, "arrays.expected.safetensors")
