"""Every step from a photo to the scores, computed by Pillow and PyTorch, in the form of `inspect --explain`.

    python explain.py MODEL.safetensors PHOTO [--as-stored]
    inspect --explain PHOTO MODEL.safetensors > tessera.txt
    python explain.py MODEL.safetensors PHOTO --against tessera.txt

With --against only the first step that differs is shown, and the exit status is 1 if there is one. The model is a file that train.py
wrote, or with --timm NAME any of timm's, whose configuration then says how images are prepared.
"""

import argparse
import math
import re
import sys
import zlib

import numpy as np
import torch
from PIL import Image, ImageOps

import data
import predict


def line(name, values, whole=False):
    """values [H, W, C]; the checksum is of whole numbers alone."""
    checksum = f"{zlib.crc32(np.ascontiguousarray(values).tobytes()):08x}" if whole else "-"
    wide = values.astype(np.float64)
    size = "x".join(map(str, values.shape))
    return (f"{name:<23s} {size:<13s} {checksum:<8s}  mean {wide.mean():11.5g}  deviation {wide.std():11.5g}"
            f"  from {wide.min():11.5g} to {wide.max():11.5g}")


def channels_last(x):
    """[1, C, H, W], [1, S, C] or [1, C] as [H, W, C]; tokens as one column unless they fill a square."""
    x = x[0].numpy()
    if x.ndim == 3:
        return x.transpose(1, 2, 0)
    if x.ndim == 1:
        return x[None, None]
    side = int(len(x) ** 0.5)
    return x.reshape(side, side, -1) if side * side == len(x) else x[:, None]


def steps(model, photo, side, crop, resample, mean, std, as_stored):
    image = Image.open(photo)
    yield "decoded", np.asarray(image.convert("RGB")), True
    if not as_stored:
        image = ImageOps.exif_transpose(image)
        yield "turned", np.asarray(image.convert("RGB")), True
    image = image.convert("RGB")
    shorter = int(side / crop)
    w, h = image.size
    size = (shorter, shorter * h // w) if w <= h else (shorter * w // h, shorter)
    image = image if size == image.size else image.resize(size, resample)
    yield "resized", np.asarray(image), True
    left, top = round((image.width - side) / 2), round((image.height - side) / 2)
    image = image.crop((left, top, left + side, top + side))
    yield "cropped", np.asarray(image), True
    x = torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy()).float().div(255)
    x = ((x - mean) / std)[None]
    yield "normalised", channels_last(x), False
    seen = []
    for name, module in model.named_modules():
        if name:
            module.register_forward_hook(lambda _, __, out, name=name: seen.append((name, out)))
    with torch.inference_mode():
        scores = model(x)
    for name, out in seen:
        # ConvMLP adds the input of such a block outside of the module; Tessera's result has it.
        if re.search(r"conv_blocks\.\d+$", name):
            continue
        if torch.is_tensor(out) and out.ndim in (2, 3, 4):
            yield name, channels_last(out), False
    yield "scores", channels_last(scores), False


def differs(ours, theirs):
    """Sizes and checksums exactly; statistics up to a thousandth of the deviation."""
    a, b = ours.split(), theirs.split()
    # PyTorch mixes tokens on transposed tensors.
    if math.prod(map(int, a[1].split("x"))) != math.prod(map(int, b[1].split("x"))) or a[2] != b[2]:
        return True
    x, y = [float(word) for word in a[4::2]], [float(word) for word in b[4::2]]
    return any(abs(p - q) > 1e-3 * max(y[1], 1e-3) + 1e-4 * abs(q) for p, q in zip(x, y))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("photo")
    parser.add_argument("--timm", metavar="NAME", help="a model of timm's; MODEL is its state dict (.pth) or safetensors file")
    parser.add_argument("--as-stored", action="store_true", help="do not turn the photo as its camera says")
    parser.add_argument("--against", metavar="FILE", help="what inspect --explain printed")
    args = parser.parse_args()
    if args.timm:
        import timm

        model = timm.create_model(args.timm, checkpoint_path=args.model).eval()
        config = timm.data.resolve_model_data_config(model)
        side, crop = config["input_size"][1], config["crop_pct"]
        resample = getattr(Image.Resampling, config["interpolation"].upper())
        mean, std = (torch.tensor(config[key]).view(3, 1, 1) for key in ("mean", "std"))
    else:
        model = predict.load(args.model)
        side, crop, resample, mean, std = 32, 1.0, Image.Resampling.BICUBIC, data.MEAN.view(3, 1, 1), data.STD.view(3, 1, 1)
    ours = {name: line(name, values, whole)
            for name, values, whole in steps(model, args.photo, side, crop, resample, mean, std, args.as_stored)}
    if not args.against:
        print("\n".join(ours.values()))
        return
    compared = 0
    with open(args.against, encoding="utf-8") as file:
        for theirs in file.read().splitlines():
            name = theirs.split()[0]
            if name not in ours:
                continue
            compared += 1
            if differs(ours[name], theirs):
                print(f"the first step that differs:\nPyTorch {ours[name]}\nTessera {theirs}")
                sys.exit(1)
    print(f"all {compared} steps that both show agree")


if __name__ == "__main__":
    main()
