"""ConvMLP-S with the Semantic FPN head in PyTorch, with the names of mmsegmentation's checkpoints, for comparison with examples/segment.

    python semantic_fpn.py make CHECKPOINT.pth [CLASSES]              random weights
    python semantic_fpn.py check CHECKPOINT.pth PHOTO CLASSES.npy     compares the map that segment --map wrote

The configuration is that of the authors' segmentation (SHI-Labs/Convolutional-MLPs): 256 channels in the neck, 128 in the head.
"""

import sys

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn
from torch.nn import functional as F

import models

WIDTHS = (64, 128, 256, 512)


class Conv(nn.Module):
    """mmcv's ConvModule: with a norm there is no bias, and ReLU follows."""

    def __init__(self, inputs, outputs, kernel, norm):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=not norm)
        self.bn = nn.BatchNorm2d(outputs) if norm else None

    def forward(self, x):
        return F.relu(self.bn(self.conv(x))) if self.bn else self.conv(x)


class Neck(nn.Module):
    def __init__(self, channels=256):
        super().__init__()
        self.lateral_convs = nn.ModuleList([Conv(width, channels, 1, False) for width in WIDTHS])
        self.fpn_convs = nn.ModuleList([Conv(channels, channels, 3, False) for _ in WIDTHS])

    def forward(self, maps):
        x = [conv(f) for conv, f in zip(self.lateral_convs, maps)]
        for i in range(len(x) - 1, 0, -1):
            x[i - 1] = x[i - 1] + F.interpolate(x[i], size=x[i - 1].shape[2:], mode="nearest")
        return [conv(f) for conv, f in zip(self.fpn_convs, x)]


class Head(nn.Module):
    def __init__(self, classes, inputs=256, channels=128):
        super().__init__()
        self.scale_heads = nn.ModuleList()
        for i in range(len(WIDTHS)):
            steps = []
            for step in range(max(1, i)):
                steps.append(Conv(inputs if step == 0 else channels, channels, 3, True))
                if i > 0:
                    steps.append(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False))
            self.scale_heads.append(nn.Sequential(*steps))
        self.conv_seg = nn.Conv2d(channels, classes, 1)

    def forward(self, maps):
        total = self.scale_heads[0](maps[0])
        for head, f in zip(self.scale_heads[1:], maps[1:]):
            total = total + F.interpolate(head(f), size=total.shape[2:], mode="bilinear", align_corners=False)
        return self.conv_seg(total)


class Segmenter(nn.Module):
    def __init__(self, classes):
        super().__init__()
        config = {"blocks": (2, 4, 2), "dims": (128, 256, 512), "mlp_ratios": (2, 2, 2), "channels": 64, "n_conv_blocks": 2}
        self.backbone = models.build("convmlp", {**config, "backbone": True})
        self.neck, self.decode_head = Neck(), Head(classes)

    def forward(self, image):
        scores = self.decode_head(self.neck(self.backbone(image)))
        return F.interpolate(scores, size=image.shape[2:], mode="bilinear", align_corners=False)


def make(file, classes=150):
    torch.manual_seed(29)
    model = Segmenter(int(classes))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    nn.init.normal_(model.decode_head.conv_seg.weight, 0, 1)
    torch.save({"meta": {"epoch": 1}, "state_dict": model.state_dict()}, file)


def check(file, photo, map_file):
    state = torch.load(file, weights_only=True)["state_dict"]
    model = Segmenter(len(state["decode_head.conv_seg.bias"])).eval()
    model.load_state_dict(state)
    x = torch.from_numpy(np.array(ImageOps.exif_transpose(Image.open(photo)).convert("RGB"))).permute(2, 0, 1).float() / 255
    x = (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    with torch.inference_mode():
        scores = model(x[None])[0]
    found = torch.from_numpy(np.load(map_file)).long()
    # Where two classes are as good as equal, either is right.
    short = scores.max(0).values - scores.gather(0, found[None])[0]
    same = (found == scores.argmax(0)).float().mean().item()
    print(f"{len(set(found.flatten().tolist()))} classes, {100 * same:.3f} % of the pixels are the same, the others fall short by {short.max():.1e}")
    return 0 if short.max() <= 1e-3 * scores.abs().max() and same > 0.999 else 1


if __name__ == "__main__":
    sys.exit({"make": make, "check": check}[sys.argv[1]](*sys.argv[2:]))
