"""Gradients of small networks, computed by PyTorch's autograd in float64, and values of its losses, optimisers and averages.

    pip install torch safetensors && python make_gradients.py

writes gradients/*.safetensors next to this file. Weights, images and targets follow the fill rule of examples/train/fill.py. Of a tensor with
n numbers every s-th is stored, s = ceil(n / 1024).
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "examples" / "train"))
import models  # noqa: E402
from fill import uniform  # noqa: E402

OUT = HERE / "gradients"
IMAGES, CLASSES = 4, 5
SPACH = {"multi_stage": False, "img_size": 16, "patch_size": 4, "hidden_dim": 8, "num_heads": 2}
CASES = {
    "resmlp": ("resmlp", {"img_size": 16, "patch_size": 4, "embed_dim": 12, "depth": 2}),
    "mixer": ("mixer", {"img_size": 16, "patch_size": 4, "embed_dim": 12, "num_blocks": 2}),
    "mixer_tanh": ("mixer", {"img_size": 16, "patch_size": 4, "embed_dim": 12, "num_blocks": 2, "gelu": "tanh"}),
    "spach_shared": ("spach", {**SPACH, "net_arch": [["mlp", 2]], "shared_spatial_func": True}),
    "spach_attention": ("spach", {**SPACH, "net_arch": [["attn", 2]]}),
    "spach_ms": (
        "spach",
        {
            **SPACH, "multi_stage": True, "img_size": 32, "patch_size": 2, "stem_type": "conv4",
            "net_arch": [[["pass", 1]], [["attn", 1]], [["mlp", 2]], [["mlp", 1]]],
        },
    ),
    "convmlp": (
        "convmlp",
        {"blocks": [1, 2, 1], "dims": [8, 12, 16], "mlp_ratios": [2, 2, 2], "channels": 8, "n_conv_blocks": 2},
    ),
}  # fmt: skip


def bounds(key, shape):
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "running_mean":
        return -0.125, 0.125
    if leaf == "running_var":
        return 0.5, 1.5
    if leaf in ("gamma_1", "ls1", "ls2"):
        return 0.125, 0.25
    if leaf in ("beta", "bias"):
        return -0.125, 0.125
    if leaf == "alpha" or len(shape) == 1:
        return 0.75, 1.25
    bound = (0.25 if "cpe_net" in key else 1) * np.sqrt(3.0 / (np.prod(shape) / shape[0]))
    bound = float(np.float32(bound))
    return -bound, bound


def fill(model):
    state = {}
    for key, tensor in model.state_dict().items():
        if key.endswith("num_batches_tracked"):
            state[key] = tensor
        else:
            state[key] = torch.from_numpy(uniform(key, tuple(tensor.shape), *bounds(key, tuple(tensor.shape)), seed=1))
    model.load_state_dict(state)


def thinned(tensor):
    flat = tensor.detach().numpy().astype(np.float32).reshape(-1)
    return np.ascontiguousarray(flat[:: -(-flat.size // 1024)])


def gradients(name):
    family, config = CASES[name]
    model = models.build(family, config, CLASSES).double()
    fill(model)
    model.train()
    size = config.get("img_size", 32)
    images = torch.from_numpy(uniform("input", (IMAGES, size, size, 3), -2, 2, seed=1)).double().permute(0, 3, 1, 2)
    targets = torch.from_numpy(uniform("targets", (IMAGES, CLASSES), 0, 1, seed=1)).double()
    loss = F.cross_entropy(model(images), targets)
    loss.backward()
    tensors = {f"gradient.{key}": thinned(p.grad) for key, p in model.named_parameters()}
    tensors.update({f"running.{key}": thinned(b) for key, b in model.named_buffers() if b.is_floating_point()})
    tensors["loss"] = np.float32([loss.item()])
    save_file(tensors, OUT / f"{name}.safetensors")


def losses(tensors):
    scores = torch.from_numpy(uniform("scores", (3, 4), -3, 3, seed=1)).double().requires_grad_()
    teacher = torch.from_numpy(uniform("teacher", (3, 4), -3, 3, seed=1)).double()
    targets = torch.from_numpy(uniform("targets", (3, 4), 0, 0.5, seed=1)).double()
    given = F.cross_entropy(scores, targets)
    hard = 0.5 * given + 0.5 * F.cross_entropy(scores, teacher.argmax(1))
    own, taught = F.log_softmax(scores / 3, 1), F.log_softmax(teacher / 3, 1)
    soft = 0.75 * given + 0.25 * 9 * F.kl_div(own, taught, reduction="batchmean", log_target=True)
    values = {
        "cross_entropy": given,
        "binary_cross_entropy": F.binary_cross_entropy_with_logits(scores, targets),
        "hard_distillation": hard,
        "soft_distillation": soft,
    }
    for name, value in values.items():
        (slope,) = torch.autograd.grad(value, scores, retain_graph=True)
        tensors[f"{name}.loss"] = np.float32([value.item()])
        tensors[f"{name}.slopes"] = thinned(slope)


class Quadratic(torch.nn.Module):
    """Parameters whose gradient in step s is that of the fill rule, of the name "gradient.s"."""

    def __init__(self):
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.from_numpy(uniform("matrix", (6, 4), -1, 1, seed=1)).double())
        self.vector = torch.nn.Parameter(torch.from_numpy(uniform("vector", (4,), -1, 1, seed=1)).double())

    def set_gradients(self, step):
        for key, p in self.named_parameters():
            p.grad = torch.from_numpy(uniform(f"{key}.{step}", tuple(p.shape), -1, 1, seed=1)).double()


def optimisers(tensors, steps=5):
    rate, decay = 0.01, 0.1

    def groups(net):
        return [{"params": [net.matrix], "weight_decay": decay}, {"params": [net.vector], "weight_decay": 0.0}]

    makers = {
        "adamw": lambda net: [torch.optim.AdamW(groups(net), lr=rate)],
        "sgd": lambda net: [torch.optim.SGD(groups(net), lr=rate, momentum=0.9)],
        "muon": lambda net: [
            torch.optim.Muon([net.matrix], lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW([net.vector], lr=rate, weight_decay=0.0),
        ],
    }
    for name, make in makers.items():
        net = Quadratic()
        parts = make(net)
        for step in range(steps):
            net.set_gradients(step)
            for part in parts:
                part.step()
        for key, p in net.named_parameters():
            tensors[f"{name}.{key}"] = thinned(p)
    net = Quadratic()
    net.set_gradients(0)
    tensors["norm"] = np.float32([torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0).item()])
    tensors["clipped"] = thinned(net.matrix.grad)


def main():
    OUT.mkdir(exist_ok=True)
    for name in CASES:
        gradients(name)
    tensors = {}
    losses(tensors)
    optimisers(tensors)
    save_file(tensors, OUT / "updates.safetensors")
    print(json.dumps({path.name: path.stat().st_size for path in sorted(OUT.iterdir())}, indent=1))


if __name__ == "__main__":
    main()
