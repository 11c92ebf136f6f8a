#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/io/kinds: one small checkpoint of each kind that real trainers write, and plain.safetensors with the right numbers.

    pip install torch==2.13.0 numpy==2.4.6 safetensors==0.8.0
    python tests/data/io/make_kinds.py

Every file holds the same two tensors, stem.proj.weight [2, 3, 4, 4] and head.bias [2], somewhere and under some names; kinds_test.cpp says
where. Random numbers come from a fixed seed; zip archives carry a fixed date.
"""
import argparse
import collections
import datetime
import functools
import io
import json
import os
import pathlib
import struct
import sys
import types
import zipfile

import numpy as np
import safetensors.torch
import torch

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds")
os.makedirs(folder, exist_ok=True)
torch.manual_seed(7)
weights = collections.OrderedDict([("stem.proj.weight", torch.randn(2, 3, 4, 4)), ("head.bias", torch.randn(2))])
others = {key: torch.randn_like(value) for key, value in weights.items()}


def path(name):
    return os.path.join(folder, name)


def prefixed(prefix, state=weights):
    return collections.OrderedDict((prefix + key, value) for key, value in state.items())


safetensors.torch.save_file(weights, path("plain.safetensors"))

# Where the weights are.
for key in ("model_state_dict", "network", "params_ema", "ema", "weight", "module", "anything"):
    torch.save({"epoch": 3, key: weights, "optimizer": {"state": {0: {"exp_avg": torch.zeros(2)}}}}, path(f"under_{key}.pth"))
torch.save({"state": {"model": weights, "optimizers": {}}, "rng": []}, path("composer.pth"))
torch.save({"model": {"name": "x", "depth": 3}, "state_dict": weights}, path("configuration_first.pth"))
torch.save({"model": weights, "model_ema": others}, path("model_and_ema.pth"))
torch.save({"best": others, "last": weights}, path("two_sets.pth"))
torch.save([weights, {"lr": 0.1}], path("in_a_list.pth"))
for prefix in ("_orig_mod.", "_orig_mod.module.", "module._orig_mod.", "timm_model.", "1.", "model.net.backbone."):
    torch.save({**prefixed(prefix), "0.mean": torch.zeros(3)}, path(f"prefix_{prefix}pth"))
torch.save({"initted": torch.tensor(True), "step": torch.tensor(3), **prefixed("ema_model."), **prefixed("online_model.", others)},
           path("ema_pytorch.pth"))

# Protocols and containers.
for protocol in (1, 2, 3, 4, 5):
    torch.save(weights, path(f"protocol_{protocol}.pth"), pickle_protocol=protocol)
    torch.save(weights, path(f"protocol_{protocol}_legacy.pth"), pickle_protocol=protocol, _use_new_zipfile_serialization=False)
torch.serialization.set_crc32_options(False)
torch.save(weights, path("no_sums.pth"))
torch.serialization.set_crc32_options(True)

# Objects beside the weights, of classes that no reader knows.
unknown = types.ModuleType("unknown_module")
sys.modules["unknown_module"] = unknown
for name, bases in (("Thing", (object,)), ("Dict", (dict,)), ("List", (list,))):
    setattr(unknown, name, type(name, bases, {"__module__": "unknown_module"}))
thing = unknown.Thing()
thing.tensor, thing.self = torch.ones(2), thing
parameter = torch.nn.Parameter(torch.ones(2))
parameter.tag = 1
beside = {
    "dtype": torch.bfloat16, "set": {1, 2}, "frozenset": frozenset([1]), "bytearray": bytearray(b"abc"), "bytes": b"abc",
    "uint16": torch.zeros(2, dtype=torch.uint16), "complex": torch.zeros(2, dtype=torch.complex64),
    "conjugate": torch.zeros(2, dtype=torch.complex64).conj(), "float8": torch.zeros(2, dtype=torch.float8_e4m3fn),
    "sparse": torch.eye(2).to_sparse(), "path": pathlib.PurePosixPath("/a"), "array": np.arange(4.0), "number": np.float64(1),
    "random": np.random.default_rng(1), "date": datetime.date(2026, 1, 1), "partial": functools.partial(torch.nn.LayerNorm, eps=1e-6),
    "arguments": argparse.Namespace(out=pathlib.PurePosixPath("b")), "thing": thing, "dict": unknown.Dict(a=1), "list": unknown.List([1]),
    "parameter": parameter, "large": 2**100, "counter": collections.Counter("ab"), "default": collections.defaultdict(list, a=[1]),
}
for protocol in (2, 5):
    torch.save({"before": beside, "model": weights, "after": beside}, path(f"objects_{protocol}.pth"), pickle_protocol=protocol)
    torch.save({"model": weights, "after": beside}, path(f"objects_{protocol}_legacy.pth"), pickle_protocol=protocol,
               _use_new_zipfile_serialization=False)
attributes = collections.OrderedDict((key, torch.nn.Parameter(value.clone())) for key, value in weights.items())
for value in attributes.values():
    value.no_weight_decay = True
torch.save(attributes, path("parameters_with_attributes.pth"))
negated = collections.OrderedDict((key, torch.complex(torch.zeros_like(value), -value).conj().imag) for key, value in weights.items())
assert all(value.is_neg() for value in negated.values())
torch.save(negated, path("negated.pth"))
torch.save({"model": torch.nn.Linear(2, 2)}, path("whole_module.pth"))
torch.jit.script(torch.nn.Linear(2, 2)).save(path("torchscript.pt"))

# Archives that were packed again.
base = io.BytesIO()
torch.save(weights, base)
members = [(entry.filename, zipfile.ZipFile(base).read(entry)) for entry in zipfile.ZipFile(base).infolist()]


class OneWay(io.RawIOBase):
    """A file in which nobody can go back, so that sizes and sums follow the data of a member."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def pack(name, entries, compression=zipfile.ZIP_STORED, one_way=False):
    with open(path(name), "wb") as file, zipfile.ZipFile(OneWay(file) if one_way else file, "w", compression) as archive:
        for entry, data in entries:
            archive.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), data, compression)


pack("one_way.pth", members, one_way=True)
pack("one_way_deflated.pth", members, zipfile.ZIP_DEFLATED, one_way=True)
pack("mac.pth", [entry for name, data in members for entry in ((name, data), ("__MACOSX/._" + name, b"x"))], zipfile.ZIP_DEFLATED)
pack("folders.pth", [("archive/", b""), ("archive/data/", b"")] + members)
big = [(name, np.frombuffer(data, "<f4").astype(">f4").tobytes() if "/data/" in name else b"big" if name.endswith("byteorder") else data)
       for name, data in members]
pack("big_endian.pth", big)

# NumPy. Flax keeps the axes of a kernel in another order.
flax = {"stem/kernel": weights["stem.proj.weight"].permute(2, 3, 1, 0).numpy().copy(), "head/bias": weights["head.bias"].numpy()}


def array(value, change=lambda header: header):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(value), version=(1, 0))
    data = buffer.getvalue()
    end = 10 + struct.unpack("<H", data[8:10])[0]
    header = change(data[10:end].decode()).encode()
    return data[:8] + struct.pack("<H", len(header)) + header + data[end:]


def npz(name, arrays, change=lambda header: header, more=(), compression=zipfile.ZIP_STORED):
    pack(name, [(key + ".npy", array(value, change)) for key, value in arrays.items()] + list(more), compression)


npz("flax.npz", flax)
npz("flax_deflated.npz", flax, compression=zipfile.ZIP_DEFLATED)
npz("flax_params.npz", {**{"params/" + key: value for key, value in flax.items()}, "opt/0/count": np.int32(3),
                        **{"opt/1/mu/" + key: 0 * value for key, value in flax.items()}})
npz("flax_target.npz", {"opt/target/" + key: value for key, value in flax.items()})
npz("flax_dots.npz", {"params." + key.replace("/", "."): value for key, value in flax.items()})
npz("flax_big_endian.npz", {key: value.astype(">f4") for key, value in flax.items()})
npz("flax_double_quotes.npz", flax, lambda header: header.replace("'", '"'))
npz("flax_long.npz", flax, lambda header: header.replace(", 3,", ", 3L,").replace("(2,", "(2L,"))
npz("flax_beside.npz", {**flax, "rng": np.array([1, 2], "<u4"), "name": np.array("text"), "record": np.zeros(1, [("a", "<f4")])},
    more=[("README.txt", b"x"), ("__MACOSX/._a.npy", b"x"), ("folder/", b"")])

# Headers of safetensors that other writers make.
with open(path("plain.safetensors"), "rb") as file:
    data = file.read()
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
header.pop("__metadata__", None)
body = data[8 + length:]


def write_header(name, header, lead="", more=b""):
    text = (lead + json.dumps(header)).encode()
    with open(path(name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body + more)


write_header("metadata_null.safetensors", {"__metadata__": None, **header})
write_header("spaces.safetensors", header, lead=" \n ")
write_header("fields.safetensors", {key: {**value, "order": "C", "more": [1]} for key, value in header.items()})
for dtype, size in (("U16", 4), ("U32", 8), ("U64", 16), ("F8_E4M3", 2), ("F4", 1), ("C64", 16)):
    write_header(f"beside_{dtype}.safetensors",
                 {**header, "x": {"dtype": dtype, "shape": [2], "data_offsets": [len(body), len(body) + size]}}, more=bytes(size))

# Shards.
shards = {}
for i, (key, value) in enumerate(weights.items(), 1):
    shards[key] = f"shard-{i}.safetensors"
    safetensors.torch.save_file({key: value}, path(shards[key]))
with open(path("model.safetensors.index.json"), "w") as file:
    json.dump({"metadata": {"total_size": 1}, "weight_map": shards}, file)
