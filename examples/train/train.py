"""Train one of the small CIFAR-10 models on a CPU and write it as a half-precision safetensors file.

    python train.py --model resmlp_cifar10 --data FOLDER --out resmlp_cifar10.safetensors

Stops and restarts are safe: a checkpoint is written to --work after every epoch and picked up again.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import data
import fill
import models


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, choices=models.SMALL_MODELS)
    parser.add_argument("--data", required=True, help="folder with train.tar.gz and test.tar.gz")
    parser.add_argument("--out", required=True, help="the .safetensors file to write")
    parser.add_argument("--work", default="work", help="folder for decoded images and checkpoints")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3, help="peak learning rate of AdamW")
    parser.add_argument("--muon-lr", type=float, default=3e-3, help="peak learning rate of Muon")
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--cutmix", type=float, default=0.3, help="probability that a batch is mixed")
    parser.add_argument("--export-epoch", type=int, help="also write the output file after this many epochs")
    return parser.parse_args()


def augment(padded, labels, index, cutmix):
    """One batch from zero-padded [N, 3, 40, 40] images: random 32x32 crop, flip, CutMix.

    Returns normalised images, the two labels of each image and the share of the first.
    """
    count = len(index)
    windows = padded.unfold(2, 32, 1).unfold(3, 32, 1)  # [N, 3, 9, 9, 32, 32], a view
    top, left = torch.randint(9, (2, count))
    images = windows[index, :, top, left]
    images = torch.where(torch.rand(count, 1, 1, 1) < 0.5, images, images.flip(3))
    images = data.normalise(images)
    first = second = labels[index]
    share = 1.0
    if torch.rand(()) < cutmix:
        side = int(32 * math.sqrt(torch.rand(()).item()))
        y, x = torch.randint(33 - side, (2,)).tolist()
        other = torch.randperm(count)
        images[:, :, y : y + side, x : x + side] = images[other, :, y : y + side, x : x + side]
        second, share = first[other], 1 - (side / 32) ** 2
    return images, first, second, share


def learning_rate(epoch, epochs, warmup=2):
    """Linear warm-up, then a cosine to zero; relative to the peak. Epochs may be fractions."""
    if epoch < warmup:
        return epoch / warmup
    return 0.5 * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


def make_optimizers(model, args):
    """Muon for the matrices inside the network, AdamW for the rest; only weights decay."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and not name.startswith("head")]
    kernels = [p for name, p in named if p.ndim == 4 or name == "head.weight"]
    vectors = [p for p in model.parameters() if p.squeeze().ndim <= 1]
    decay = args.weight_decay
    groups = [{"params": kernels, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    muon = torch.optim.Muon(matrices, lr=args.muon_lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
    return muon, torch.optim.AdamW(groups, lr=args.lr, fused=True)


@torch.inference_mode()
def accuracy(model, images, labels):
    model.eval()
    correct = [(model(data.normalise(x)).argmax(1) == y).sum() for x, y in zip(images.split(500), labels.split(500))]
    return sum(correct).item() / len(labels)


def half_precision(model):
    """The state as it is written: float16 tensors, without the batch-norm counters."""
    return {k: v.half().contiguous() for k, v in model.state_dict().items() if v.is_floating_point()}


def export(path, name, model, images, labels):
    """Write the model rounded to float16, with its test accuracy and a self test; returns the accuracy."""
    family, config = models.SMALL_MODELS[name]
    state = half_precision(model)
    rounded = models.build(family, config, len(data.LABELS))
    rounded.load_state_dict(state, strict=False)
    score = accuracy(rounded, images, labels)
    self_test_input = torch.from_numpy(fill.uniform("input", (3, 3, 32, 32), -2, 2)).double()
    with torch.inference_mode():
        logits = rounded.double()(self_test_input)
    self_test = {"seed": f"{fill.SEED:#018x}", "images": 3, "logits": logits.tolist(), "tolerance": 1e-4}
    metadata = {
        "model": name,
        "labels": json.dumps(data.LABELS),
        "test_accuracy": f"{score:.4f}",
        "self_test": json.dumps(self_test),
    }
    save_file(state, path, metadata)
    return score


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    work = Path(args.work)
    work.mkdir(parents=True, exist_ok=True)

    images, labels = data.load(args.data, "train", work)
    padded = F.pad(images, (4, 4, 4, 4))
    test_images, test_labels = data.load(args.data, "test", work)

    family, config = models.SMALL_MODELS[args.model]
    layout = torch.channels_last if family in ("convmlp", "spach") else torch.contiguous_format  # the faster one
    model = models.build(family, config, len(data.LABELS)).to(memory_format=layout)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.998), use_buffers=True)
    muon, adamw = make_optimizers(model, args)
    parts = {"model": model, "average": average, "muon": muon, "adamw": adamw}

    checkpoint = work / f"{args.model}.pt"
    start = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["rng"])
        start = saved["epoch"]
    print(f"{args.model}: {sum(p.numel() for p in model.parameters())} parameters, from epoch {start}", flush=True)

    for epoch in range(start, args.epochs):
        began, total = time.time(), 0.0
        model.train()
        batches = torch.randperm(len(labels)).split(args.batch)
        for step, index in enumerate(batches):
            rate = learning_rate(epoch + (step + 1) / len(batches), args.epochs)
            for optimizer, peak in (muon, args.muon_lr), (adamw, args.lr):
                for group in optimizer.param_groups:
                    group["lr"] = peak * rate
            x, first, second, share = augment(padded, labels, index, args.cutmix)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(x.to(memory_format=layout)).float()
            loss = share * F.cross_entropy(logits, first, label_smoothing=0.1)
            loss = loss + (1 - share) * F.cross_entropy(logits, second, label_smoothing=0.1)
            model.zero_grad()
            loss.backward()
            muon.step()
            adamw.step()
            average.update_parameters(model)
            total += loss.item()
        score = accuracy(average.module, test_images, test_labels)
        seconds = time.time() - began
        print(f"epoch {epoch + 1:3d}  loss {total / len(batches):.4f}  test {score:.4f}  {seconds:.0f} s", flush=True)

        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save({**state, "rng": torch.get_rng_state(), "epoch": epoch + 1}, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        if epoch + 1 == args.export_epoch:
            export(args.out, args.model, average.module, test_images, test_labels)

    score = export(args.out, args.model, average.module, test_images, test_labels)
    print(f"{args.out}: test accuracy {score:.4f} with float16 weights", flush=True)


if __name__ == "__main__":
    main()
