"""A training step of a bundled network in PyTorch, as bench/training_bench.cpp measures ours.

    python bench/training_step.py resmlp_cifar10 [THREADS] [BATCH] [STEPS]
"""

import resource
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples" / "train"))
import models  # noqa: E402


def main(name, threads=1, batch=128, steps=8):
    torch.set_num_threads(threads)
    family, config = models.SMALL_MODELS[name]
    layout = torch.channels_last if family in ("convmlp", "spach") else torch.contiguous_format  # the faster one
    model = models.build(family, config, 10).to(memory_format=layout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    images, targets = torch.randn(batch, 3, 32, 32).to(memory_format=layout), torch.full((batch, 10), 0.1)
    wall = processor = float("inf")
    for _ in range(steps):
        begin, used = time.perf_counter(), time.process_time()
        model.zero_grad()
        F.cross_entropy(model(images), targets).backward()
        optimizer.step()
        processor = min(processor, time.process_time() - used)
        wall = min(wall, time.perf_counter() - begin)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:18} PyTorch  {batch / wall:8.1f} images/s, {batch / processor:8.1f} per second of processor time, {memory:6.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
