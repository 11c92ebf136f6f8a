"""The published networks that are compared: name -> (family, config), for `build` of examples/train/models.py."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "examples" / "train"))
import models  # noqa: E402


def resmlp(dim, depth):
    return "resmlp", {"img_size": 224, "patch_size": 16, "embed_dim": dim, "depth": depth}


def mixer(dim, depth):
    return "mixer", {"img_size": 224, "patch_size": 16, "embed_dim": dim, "num_blocks": depth}


def spach_ms(dim, heads, ratio, arch):
    sizes = {"img_size": 224, "patch_size": 4, "hidden_dim": dim, "num_heads": heads, "channel_ratio": ratio}
    return "spach", {"multi_stage": True, **sizes, "net_arch": arch}


def uniform(kind, *counts):
    """The first stage never mixes tokens, the others all do."""
    return [[["pass", counts[0]]], *[[[kind, count]] for count in counts[1:]]]


HYBRID_S = [[["pass", 3]], [["pass", 2], ["attn", 2]], [["pass", 2], ["attn", 10]], [["pass", 1], ["attn", 2]]]

NETWORKS = {
    "resmlp_12_224": resmlp(384, 12),
    "resmlp_24_224": resmlp(384, 24),
    "mixer_s16_224": mixer(512, 8),
    "mixer_b16_224": mixer(768, 12),
    "mixer_l16_224": mixer(1024, 24),
    "spach_ms_xxs_patch4_224_mlp": spach_ms(64, 2, 2.0, uniform("mlp", 2, 2, 6, 2)),
    "spach_ms_s_patch4_224_mlp": spach_ms(128, 4, 3.0, uniform("mlp", 3, 4, 12, 3)),
    "spach_ms_s_patch4_224_hybrid": spach_ms(128, 4, 3.0, HYBRID_S),
    "convmlp_s": (
        "convmlp",
        {"blocks": [2, 4, 2], "dims": [128, 256, 512], "mlp_ratios": [2, 2, 2], "channels": 64, "n_conv_blocks": 2},
    ),
}
DEFAULT = [name for name in NETWORKS if name != "resmlp_24_224"]


def build(name):
    """The network with random weights, always the same."""
    import torch

    torch.manual_seed(0)
    return models.build(*NETWORKS[name]).eval()


def images(batch):
    import torch

    return torch.randn(batch, 3, 224, 224, generator=torch.Generator().manual_seed(1))
