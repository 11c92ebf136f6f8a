"""Write one network as ONNX, with PyTorch's scores of the test images beside it (.npy), which every peer has to reproduce.

    python export.py NETWORK BATCH ONNX_FILE
"""

import sys

import numpy
import torch

import networks


def main():
    network, batch, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    model, images = networks.build(network), networks.images(batch)
    with torch.inference_mode():
        numpy.save(file.replace(".onnx", ".npy"), model(images).numpy())
    torch.onnx.export(model, (images,), file, dynamo=True, opset_version=20, external_data=True, verbose=False)


if __name__ == "__main__":
    main()
