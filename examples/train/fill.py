"""The deterministic tensors of the golden data: SplitMix64 seeded with the FNV-1a hash of the tensor's key."""

import numpy as np

SEED = 0x000000005EED0001


def uniform(key, shape, low, high, seed=SEED):
    """float32 values in [low, high), the same on every machine; the bounds must be float32-representable."""
    state = 0xCBF29CE484222325
    for byte in key.encode():
        state = ((state ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        steps = np.arange(1, np.prod(shape, dtype=np.int64) + 1, dtype=np.uint64)
        z = np.uint64(state ^ seed) + steps * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    fraction = (z >> np.uint64(40)).astype(np.float64) / 2**24
    return (low + (high - low) * fraction).astype(np.float32).reshape(shape)
