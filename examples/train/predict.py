"""Classify the CIFAR-10 test images with a trained model, in float32, and write one byte an image.

    python predict.py MODEL.safetensors DATA_FOLDER OUT

Images are in order of file name (test/airplane/0000.jpg first); byte i is the class index predicted for image i.
"""

import argparse
from pathlib import Path

import torch
from safetensors import safe_open

import data
import models


def load(path):
    """The network stored in a file written by train.py."""
    with safe_open(path, "pt") as file:
        family, config = models.SMALL_MODELS[file.metadata()["model"]]
        state = {key: file.get_tensor(key).float() for key in file.keys()}
    model = models.build(family, config, len(data.LABELS))
    model.load_state_dict(state, strict=False)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data", help="folder with test.tar.gz")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    model = load(args.model)
    images, labels = data.load(args.data, "test")
    with torch.inference_mode():
        predicted = torch.cat([model(data.normalise(batch)).argmax(1) for batch in images.split(500)])
    args.out.write_bytes(predicted.to(torch.uint8).numpy().tobytes())
    print(f"accuracy {(predicted == labels).float().mean():.4f}")


if __name__ == "__main__":
    main()
