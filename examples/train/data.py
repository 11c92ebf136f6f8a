"""CIFAR-10 as in-memory uint8 tensors, read from train.tar.gz and test.tar.gz (SPLIT/CLASS/NNNN.jpg)."""

import io
import tarfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

LABELS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
STD = torch.tensor([0.2470, 0.2435, 0.2616]).view(1, 3, 1, 1)


def load(folder, split, cache=None):
    """Images [N, 3, 32, 32] uint8 and class indices [N], in order of file name; decoded once if `cache` is a folder."""
    stored = Path(cache) / f"{split}.npz" if cache else None
    if stored and stored.exists():
        arrays = np.load(stored)
        images, labels = arrays["images"], arrays["labels"]
    else:
        with tarfile.open(Path(folder) / f"{split}.tar.gz") as archive:
            files = {m.name: archive.extractfile(m).read() for m in archive if m.name.endswith(".jpg")}
        names = sorted(files)
        decoded = [np.asarray(Image.open(io.BytesIO(files[name])).convert("RGB")) for name in names]
        images = np.stack(decoded).transpose(0, 3, 1, 2)
        labels = np.array([LABELS.index(name.split("/")[-2]) for name in names])
        if stored:
            np.savez(stored, images=images, labels=labels)
    return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(labels)


def normalise(images):
    """uint8 0..255 to float32, per channel zero mean and unit deviation over the training set."""
    return (images.float() / 255 - MEAN) / STD
