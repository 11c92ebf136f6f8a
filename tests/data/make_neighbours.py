"""Small gMLP and gMixer cases in the format of the shared golden directory, computed with timm in float64.

    pip install timm safetensors && python make_neighbours.py

writes golden_neighbours/index.json and golden_neighbours/tiny/*.safetensors next to this file. Weights follow the golden fill rule
(its README, section 1); the _eps case scales them until the norms see tiny variances, so that a wrong epsilon shows.
"""

import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
from safetensors.numpy import save_file
from timm.layers import GatedMlp, GluMlp
from timm.models.mlp_mixer import MlpMixer, SpatialGatingBlock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "examples" / "train"))
from fill import SEED, uniform  # noqa: E402

OUT = HERE / "golden_neighbours"
GMLP = {"block_layer": SpatialGatingBlock, "mlp_layer": GatedMlp}
GMIXER = {"mlp_layer": GluMlp, "act_layer": torch.nn.SiLU}
CASES = [
    ("tiny_gmlp", "gmlp", GMLP, {"img_size": 32, "patch_size": 8, "embed_dim": 12, "num_blocks": 2, "mlp_ratio": 6}),
    ("tiny_gmlp_odd", "gmlp", GMLP, {"img_size": 35, "patch_size": 7, "embed_dim": 9, "num_blocks": 2, "mlp_ratio": 2}),
    ("tiny_gmlp_eps", "gmlp", GMLP, {"img_size": 32, "patch_size": 8, "embed_dim": 12, "num_blocks": 2, "mlp_ratio": 6}),
    ("tiny_gmixer", "gmixer", GMIXER, {"img_size": 40, "patch_size": 8, "embed_dim": 20, "num_blocks": 2, "mlp_ratio": [1.0, 4.0]}),
]


def bounds(key, shape):
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "bias":
        return -0.125, 0.125
    if len(shape) == 1:
        return 0.75, 1.25
    bound = float(np.float32(np.sqrt(3.0 / (np.prod(shape) / shape[0]))))
    return -bound, bound


def fill(name, model):
    weights = {}
    for key, tensor in model.state_dict().items():
        values = uniform(key, tuple(tensor.shape), *bounds(key, tuple(tensor.shape)))
        if name.endswith("_eps") and (key.startswith("stem.") or ".fc1." in key or key.endswith(".fc2.bias")):
            values = values * np.float32(2.0**-9)
        weights[key] = values
    model.load_state_dict({key: torch.from_numpy(values).double() for key, values in weights.items()})
    return weights


def count_macs(model, image):
    macs = 0

    def add(module, inputs, output):
        nonlocal macs
        macs += output.numel() * (module.weight.numel() // module.weight.shape[0])

    hooks = [m.register_forward_hook(add) for m in model.modules() if isinstance(m, (torch.nn.Linear, torch.nn.Conv2d))]
    model(image)
    for hook in hooks:
        hook.remove()
    return macs


def make(name, family, layers, config):
    classes = 10
    model = MlpMixer(num_classes=classes, **config, **layers).double().eval()
    weights = fill(name, model)
    shape = (2, 3, config["img_size"], config["img_size"])
    image = uniform("input", shape, -2.0, 2.0)
    tensors, taps = {"input": image}, []

    def keep(label):
        def hook(module, inputs, output):
            tensors["tap/" + label] = output.detach().numpy().astype(np.float32)
            taps.append([label, list(output.shape)])
        return hook

    with torch.no_grad():
        macs = count_macs(model, torch.from_numpy(image[:1]).double())
        model.stem.register_forward_hook(keep("stem"))
        for i, block in enumerate(model.blocks):
            block.register_forward_hook(keep(f"blocks.{i}"))
        model.norm.register_forward_hook(keep("norm"))
        batch = torch.from_numpy(image).double()
        features = model.forward_head(model.forward_features(batch), pre_logits=True)
        taps.clear()
        logits = model(batch)
    tensors["features"] = features.numpy().astype(np.float32)
    tensors["logits"] = logits.numpy().astype(np.float32)
    weights_file, io_file = f"tiny/{name}.weights.safetensors", f"tiny/{name}.io.safetensors"
    save_file(weights, OUT / weights_file)
    save_file({key: np.ascontiguousarray(value) for key, value in tensors.items()}, OUT / io_file)
    return {
        "name": name, "family": family, "variant": name, "num_classes": classes, "config": config, "input_shape": list(shape),
        "computed_in": "float64", "weights_from_fill": not name.endswith("_eps"), "weights_file": weights_file, "io_file": io_file,
        "param_count": sum(p.numel() for p in model.parameters()), "buffer_count": 0, "macs_per_image": macs, "attention_matmul_macs": 0,
        "output_abs_max": float(logits.abs().max()), "outputs": ["logits", "features"], "taps": taps, "aliases": {},
        "params": [[key, list(values.shape), "F32"] for key, values in weights.items()],
    }


def main():
    (OUT / "tiny").mkdir(parents=True, exist_ok=True)
    head = {"format": 1, "global_seed": f"{SEED:#018x}", "framework": f"PyTorch {torch.__version__}, timm {timm.__version__}, CPU, float64"}
    cases = ",\n".join(json.dumps(make(*case)) for case in CASES)
    (OUT / "index.json").write_text(json.dumps(head)[:-1] + f', "cases": [], "tiny": [\n{cases}\n]}}\n')


if __name__ == "__main__":
    main()
