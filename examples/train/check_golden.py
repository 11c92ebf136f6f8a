"""Compare models.py with the golden data, one line a case.

    python check_golden.py GOLDEN_DIR [--gmacs 4]

Runs every small case, and the published sizes that need at most the given number of GMACs an image.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

import fill
import models

RESMLP_TO_TIMM = [("patch_embed.", "stem."), ("attn.", "linear_tokens."), ("mlp.", "mlp_channels."), ("gamma_", "ls")]


def bounds(key, shape):
    """Range of the deterministic fill for one parameter."""
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "running_mean" or leaf in ("beta", "bias"):
        return -0.125, 0.125
    if leaf == "running_var":
        return 0.5, 1.5
    if leaf in ("gamma_1", "gamma_2", "ls1", "ls2"):
        return 0.125, 0.25
    if leaf == "alpha" or len(shape) == 1:
        return 0.75, 1.25
    fan_in = torch.Size(shape).numel() / shape[0]
    bound = torch.tensor((0.25 if "cpe_net" in key else 1) * (3 / fan_in) ** 0.5, dtype=torch.float32).item()
    return -bound, bound


def filled(case):
    """The weights of a case that stores none."""
    state = {}
    for key, shape, _ in case["params"]:
        key = case["aliases"].get(key, key)
        if key not in state and not key.endswith("num_batches_tracked"):
            state[key] = torch.from_numpy(fill.uniform(key, shape, *bounds(key, shape)))
    return state | {alias: state[key] for alias, key in case["aliases"].items()}


def load(model, state, family):
    """Load a checkpoint with the authors' names; anything but batch-norm counters must be present."""
    if family == "resmlp":
        for old, new in RESMLP_TO_TIMM:
            state = {key.replace(old, new): value for key, value in state.items()}
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    state = {key: state[key].reshape(shape) for key, shape in shapes.items() if "num_batches" not in key}
    model.load_state_dict(state, strict=False)


def run(model, image):
    """Outputs as the golden data names them; backbone maps channels-last."""
    captured = {}
    if not getattr(model, "backbone", False):
        model.head.register_forward_pre_hook(lambda _, inputs: captured.update(features=inputs[0]))
    with torch.inference_mode():
        outputs = model.double().eval()(image.double())
    if isinstance(outputs, tuple):
        return {f"F{i}": x.permute(0, 2, 3, 1) for i, x in enumerate(outputs, 1)}
    return {**captured, "logits": outputs}


def probe(x):
    """64 elements of each image, evenly spread."""
    count = x[0].numel()
    return x.flatten(1)[:, [(2 * j + 1) * count // 128 for j in range(64)]]


def check(golden, case):
    """Print the largest difference; true if it is within the tolerance of the golden data."""
    small = "io_file" in case
    expected = load_file(golden / (case["io_file"] if small else case["file"]))
    state = load_file(golden / case["weights_file"]) if small else filled(case)
    image = expected.get("input", torch.from_numpy(fill.uniform("input", case["input_shape"], -2, 2)))
    model = models.build(case["family"], case["config"], case["num_classes"])
    load(model, state, case["family"])
    got = run(model, image)
    difference = 0.0
    for name, value in got.items():
        if name not in expected:
            value, name = probe(value), f"{name}/probe"
        difference = max(difference, (value - expected[name].double()).abs().max().item())
    parameters = sum(p.numel() for p in model.parameters())
    limit = 2e-5 * max(1, case["output_abs_max"])
    good = difference <= limit and parameters == case["param_count"]
    print(f"{'ok  ' if good else 'FAIL'} {case['name']:36} {parameters:10} parameters  difference {difference:.1e}", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("golden", type=Path)
    parser.add_argument("--gmacs", type=float, default=4)
    args = parser.parse_args()
    index = json.loads((args.golden / "index.json").read_text())
    cases = index["tiny"] + [c for c in index["cases"] if c["macs_per_image"] <= args.gmacs * 1e9]
    results = [check(args.golden, case) for case in cases]
    print(f"{sum(results)} of {len(results)} cases agree")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
