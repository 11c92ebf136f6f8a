"""Full-size checkpoints of one variant of each family, as today's torch and safetensors write them.

    python write_checkpoints.py FOLDER

NAME.pth and NAME.safetensors hold the same state dict, of timm's module for ResMLP and Mixer where timm is installed and of
examples/train/models.py otherwise; the latter file also carries PyTorch's logits of two images as its self-test.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.append(str(Path(__file__).parents[2] / "examples" / "train"))
import check_golden
import fill
import models

try:
    import timm
except ImportError:
    timm = None

SPACH_STAGES = [[["pass", 3]], [["pass", 2], ["attn", 2]], [["pass", 2], ["attn", 10]], [["pass", 1], ["attn", 2]]]
NETWORKS = {
    "resmlp_12_224": ("resmlp", {"img_size": 224, "patch_size": 16, "embed_dim": 384, "depth": 12}),
    "mixer_b16_224": ("mixer", {"img_size": 224, "patch_size": 16, "embed_dim": 768, "num_blocks": 12}),
    "spach_ms_s_patch4_224_hybrid_conv4": (
        "spach",
        {"multi_stage": True, "img_size": 224, "patch_size": 4, "hidden_dim": 128, "num_heads": 4, "channel_ratio": 3.0, "stem_type": "conv4", "net_arch": SPACH_STAGES},
    ),
    "convmlp_s": ("convmlp", {"blocks": [2, 4, 2], "dims": [128, 256, 512], "mlp_ratios": [2, 2, 2], "channels": 64, "n_conv_blocks": 2}),
}
IMAGES = 2


def write(folder, name, family, config):
    from_timm = timm is not None and family in ("resmlp", "mixer")
    model = timm.create_model(name) if from_timm else models.build(family, config)
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(fill.uniform(key, value.shape, *check_golden.bounds(key, value.squeeze().shape))))
        logits = model.eval()(torch.from_numpy(fill.uniform("input", (IMAGES, 3, 224, 224), -2, 2)))
    self_test = {"seed": f"0x{fill.SEED:016x}", "images": IMAGES, "logits": logits.tolist(), "tolerance": 1e-4}
    torch.save(model.state_dict(), folder / f"{name}.pth")
    save_file(model.state_dict(), folder / f"{name}.safetensors", metadata={"model": name, "self_test": json.dumps(self_test)})
    print(f"{name}: written from {'timm ' + timm.__version__ if from_timm else 'models.py'}, torch {torch.__version__}, logits to {logits.abs().max():.2f}", flush=True)


def main():
    for name, (family, config) in NETWORKS.items():
        write(Path(sys.argv[1]), name, family, config)


if __name__ == "__main__":
    main()
