"""Writes the bundled models as ONNX, for the comparison of the page:  python export_onnx.py FOLDER"""

import pathlib
import sys

import safetensors.torch
import torch

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "examples/train"))
import models


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, (family, config) in models.SMALL_MODELS.items():
        model = models.build(family, config, num_classes=10).eval()
        model.load_state_dict(safetensors.torch.load_file(root / f"examples/models/{name}.safetensors"))
        torch.onnx.export(model, (torch.zeros(1, 3, 32, 32),), folder / f"{name}.onnx", dynamo=True, opset_version=20, external_data=False, verbose=False)


if __name__ == "__main__":
    main()
