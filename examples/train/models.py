"""PyTorch definitions of ResMLP, MLP-Mixer, SPACH and ConvMLP.

Parameter names follow the published checkpoints: timm's for ResMLP and MLP-Mixer, the authors' for SPACH
and ConvMLP. `build(family, config)` makes a network from a plain dictionary of sizes.

Shapes: B batch, S tokens (row-major over an h x w grid), C channels. Token tensors are [B, S, C].
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Mlp(nn.Module):
    """fc2(gelu(fc1(x))) over the last axis."""

    def __init__(self, dim, hidden, gelu="erf"):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)
        self.approximate = {"erf": "none", "tanh": "tanh"}[gelu]

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x), approximate=self.approximate))


def conv_bn_relu(inputs, outputs, kernel, stride=1):
    """A bias-free convolution that keeps the grid (at stride 1), batch normalisation and ReLU."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


class PatchEmbed(nn.Module):
    """Non-overlapping patches, each projected to `dim` channels: [B, 3, H, W] -> [B, S, dim]."""

    def __init__(self, patch, dim):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, stride=patch)

    def forward(self, image):
        return self.proj(image).flatten(2).transpose(1, 2)


# ResMLP (arXiv 2105.03404)


class Affine(nn.Module):
    """alpha * x + beta per channel."""

    def __init__(self, dim):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, 1, dim))
        self.beta = nn.Parameter(torch.zeros(1, 1, dim))

    def forward(self, x):
        return torch.addcmul(self.beta, self.alpha, x)


class ResMlpBlock(nn.Module):
    """One linear map across tokens, then an MLP over channels; both scaled per channel."""

    def __init__(self, tokens, dim, layer_scale=0.1):
        super().__init__()
        self.norm1 = Affine(dim)
        self.linear_tokens = nn.Linear(tokens, tokens)
        self.norm2 = Affine(dim)
        self.mlp_channels = Mlp(dim, 4 * dim)
        self.ls1 = nn.Parameter(torch.full((dim,), layer_scale))
        self.ls2 = nn.Parameter(torch.full((dim,), layer_scale))

    def forward(self, x):
        mixed = self.linear_tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.ls1 * mixed
        return x + self.ls2 * self.mlp_channels(self.norm2(x))


class ResMlp(nn.Module):
    def __init__(self, img_size, patch_size, embed_dim, depth, num_classes=1000):
        super().__init__()
        tokens = (img_size // patch_size) ** 2
        self.stem = PatchEmbed(patch_size, embed_dim)
        self.blocks = nn.Sequential(*[ResMlpBlock(tokens, embed_dim) for _ in range(depth)])
        self.norm = Affine(embed_dim)
        self.head = nn.Linear(embed_dim, num_classes)

    def forward(self, image):
        return self.head(self.norm(self.blocks(self.stem(image))).mean(1))


# MLP-Mixer (arXiv 2105.01601)


class MixerBlock(nn.Module):
    """An MLP across tokens, then an MLP over channels, each after a LayerNorm."""

    def __init__(self, tokens, dim, mlp_ratio, gelu):
        super().__init__()
        tokens_ratio, channels_ratio = mlp_ratio  # both are ratios of the channel count
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp_tokens = Mlp(tokens, int(tokens_ratio * dim), gelu)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp_channels = Mlp(dim, int(channels_ratio * dim), gelu)

    def forward(self, x):
        x = x + self.mlp_tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.mlp_channels(self.norm2(x))


class MlpMixer(nn.Module):
    """`gelu` is "erf" for timm's numerics, "tanh" for the original flax code's."""

    def __init__(self, img_size, patch_size, embed_dim, num_blocks, mlp_ratio=(0.5, 4.0), gelu="erf", num_classes=1000):
        super().__init__()
        tokens = (img_size // patch_size) ** 2
        self.stem = PatchEmbed(patch_size, embed_dim)
        self.blocks = nn.Sequential(*[MixerBlock(tokens, embed_dim, mlp_ratio, gelu) for _ in range(num_blocks)])
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
        self.head = nn.Linear(embed_dim, num_classes)

    def forward(self, image):
        return self.head(self.norm(self.blocks(self.stem(image))).mean(1))


# SPACH (arXiv 2108.13002)


def to_grid(x):
    """[B, S, C] -> [B, C, h, w] with h = w."""
    side = math.isqrt(x.shape[1])
    return x.transpose(1, 2).unflatten(2, (side, side))


class TokenMlp(Mlp):
    """The MLP applied across tokens: [B, S, C] -> [B, S, C]."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class Attention(nn.Module):
    """Multi-head self-attention; `qkv` rows are ordered (q|k|v, head, head_dim)."""

    def __init__(self, dim, num_heads, qkv_bias):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        qkv = self.qkv(x).unflatten(2, (3, self.num_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [B, heads, S, head_dim]
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class ConvPosition(nn.Module):
    """Depthwise 3x3 convolution on the token grid."""

    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(nn.Identity(), nn.Conv2d(dim, dim, 3, padding=1, groups=dim))

    def forward(self, x):
        return self.net(to_grid(x)).flatten(2).transpose(1, 2)


class SpachBlock(nn.Module):
    """x + spatial(norm1(x)) + depthwise(x), then an MLP over channels. `spatial` is None in a "pass" block."""

    def __init__(self, dim, spatial, channel_ratio, scaled, cpe, layer_scale=0.1):
        super().__init__()
        self.spatial_func = spatial
        if spatial is not None:
            self.norm1 = nn.LayerNorm(dim, eps=1e-6)
            self.gamma_1 = nn.Parameter(torch.full((1, 1, dim), layer_scale)) if scaled else 1
        self.cpe_net = ConvPosition(dim) if cpe else None
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.channel_func = Mlp(dim, int(dim * channel_ratio))

    def forward(self, x):
        block_input = x
        if self.spatial_func is not None:
            x = x + self.gamma_1 * self.spatial_func(self.norm1(x))
        if self.cpe_net is not None:
            x = x + self.cpe_net(block_input)
        return x + self.channel_func(self.norm2(x))


class SpachDownsample(nn.Module):
    """Halve the grid and double the channels: 2x2 convolution, then normalise over the whole image."""

    def __init__(self, dim):
        super().__init__()
        conv = nn.Conv2d(dim, 2 * dim, 2, stride=2, bias=False)
        self.net = nn.Sequential(nn.Identity(), nn.Sequential(conv, nn.GroupNorm(1, 2 * dim)))

    def forward(self, x):
        return self.net(to_grid(x)).flatten(2).transpose(1, 2)


class DeepPatchEmbed(nn.Module):
    """The stem of the "+" models: three convolutions at half resolution, then patches."""

    def __init__(self, patch, dim, hidden=64):
        super().__init__()
        self.proj = nn.Sequential(
            *conv_bn_relu(3, hidden, 7, stride=2),
            *conv_bn_relu(hidden, hidden, 3),
            *conv_bn_relu(hidden, hidden, 3),
            nn.Conv2d(hidden, dim, patch // 2, stride=patch // 2),
        )

    def forward(self, image):
        return self.proj(image).flatten(2).transpose(1, 2)


class Spach(nn.Module):
    """Single-stage or four-stage SPACH.

    `net_arch` lists [kind, count] pairs, kind one of "pass", "mlp", "attn"; with `multi_stage` it has one such
    list for each stage. With `shared_spatial_func` the blocks of a stage share one spatial function.
    """

    def __init__(
        self, multi_stage, img_size, patch_size, hidden_dim, net_arch, token_ratio=0.5, num_heads=12, channel_ratio=2.0,
        stem_type="conv1", scaled=True, cpe=True, shared_spatial_func=False, qkv_bias=True, num_classes=1000,
    ):  # fmt: skip
        super().__init__()

        def spatial(kind, tokens, dim):
            if kind == "mlp":
                return TokenMlp(tokens, int(tokens * token_ratio))
            return Attention(dim, num_heads, qkv_bias) if kind == "attn" else None

        def stage(arch, tokens, dim):
            shared = {}
            for kind, count in arch:
                for _ in range(count):
                    function = shared.get(kind) or spatial(kind, tokens, dim)
                    if shared_spatial_func:
                        shared[kind] = function
                    yield SpachBlock(dim, function, channel_ratio, scaled, cpe)

        dim, tokens = hidden_dim, (img_size // patch_size) ** 2
        self.stem = {"conv1": PatchEmbed, "conv4": DeepPatchEmbed}[stem_type](patch_size, dim)
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        if multi_stage:
            self.stages = ["layer1", "layer2", "layer3", "layer4"]
            self.layer1 = nn.Sequential(*stage(net_arch[0], tokens, dim))
            for name, arch in zip(self.stages[1:], net_arch[1:]):
                downsample, dim, tokens = SpachDownsample(dim), 2 * dim, tokens // 4
                self.add_module(name, nn.Sequential(downsample, *stage(arch, tokens, dim)))
        else:
            self.stages = ["blocks"]
            self.blocks = nn.Sequential(*stage(net_arch, tokens, dim))
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, num_classes)

    def forward(self, image):
        x = self.norm1(self.stem(image))
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.head(self.norm2(x).mean(1))


# ConvMLP (arXiv 2109.04454); images are [B, C, h, w] up to the convolution stage and [B, h, w, C] after it


class ConvTokenizer(nn.Module):
    """Three convolutions and a max-pool; stride 4."""

    def __init__(self, dim):
        super().__init__()
        self.block = nn.Sequential(
            *conv_bn_relu(3, dim // 2, 3, stride=2),
            *conv_bn_relu(dim // 2, dim // 2, 3),
            *conv_bn_relu(dim // 2, dim, 3),
            nn.MaxPool2d(3, stride=2, padding=1),
        )

    def forward(self, image):
        return self.block(image)


class ConvStage(nn.Module):
    """Residual bottleneck blocks at stride 4, then a convolution to stride 8."""

    def __init__(self, dim, hidden, count):
        super().__init__()

        def block():
            return nn.Sequential(
                *conv_bn_relu(dim, hidden, 1), *conv_bn_relu(hidden, hidden, 3), *conv_bn_relu(hidden, dim, 1)
            )

        self.conv_blocks = nn.ModuleList([block() for _ in range(count)])
        self.downsample = nn.Conv2d(dim, hidden, 3, stride=2, padding=1)

    def forward(self, x):
        for block in self.conv_blocks:
            x = x + block(x)
        return self.downsample(x)


class ConvMlpBlock(nn.Module):
    """Channel MLP, depthwise 3x3 convolution, channel MLP. Only the MLPs have a residual connection."""

    def __init__(self, dim, ratio):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.channel_mlp1 = Mlp(dim, int(dim * ratio))
        self.connect_norm = nn.LayerNorm(dim)
        self.connect = nn.Conv2d(dim, dim, 3, padding=1, groups=dim, bias=False)
        self.norm2 = nn.LayerNorm(dim)
        self.channel_mlp2 = Mlp(dim, int(dim * ratio))

    def forward(self, x):
        x = x + self.channel_mlp1(self.norm1(x))
        x = self.connect(self.connect_norm(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x + self.channel_mlp2(self.norm2(x))


class ConvDownsample(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.downsample = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)

    def forward(self, x):
        return self.downsample(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class ConvMlpStage(nn.Module):
    """Blocks of width `dim`, then a convolution to the next stage's width unless it is the last."""

    def __init__(self, dim, next_dim, count, ratio):
        super().__init__()
        self.blocks = nn.Sequential(*[ConvMlpBlock(dim, ratio) for _ in range(count)])
        self.downsample_mlp = nn.Identity() if next_dim is None else ConvDownsample(dim, next_dim)

    def forward(self, x):
        return self.downsample_mlp(self.blocks(x))


class ConvMlp(nn.Module):
    """With `backbone` there is no head, and forward returns the maps F1..F4 as [B, C, h, w]."""

    def __init__(self, blocks, dims, mlp_ratios, channels, n_conv_blocks, backbone=False, num_classes=1000):
        super().__init__()
        self.backbone = backbone
        self.tokenizer = ConvTokenizer(channels)
        self.conv_stages = ConvStage(channels, dims[0], n_conv_blocks)
        self.stages = nn.ModuleList(map(ConvMlpStage, dims, [*dims[1:], None], blocks, mlp_ratios))
        if not backbone:
            self.norm = nn.LayerNorm(dims[-1])
            self.head = nn.Linear(dims[-1], num_classes)

    def forward(self, image):
        f1 = self.tokenizer(image)
        f2 = self.conv_stages(f1)
        f3 = self.stages[0](f2.permute(0, 2, 3, 1))
        f4 = self.stages[2](self.stages[1](f3))
        if self.backbone:
            return f1, f2, f3.permute(0, 3, 1, 2), f4.permute(0, 3, 1, 2)
        return self.head(self.norm(f4).mean((1, 2)))


FAMILIES = {"resmlp": ResMlp, "mixer": MlpMixer, "spach": Spach, "convmlp": ConvMlp}


def build(family, config, num_classes=1000):
    """A network of the given family with freshly initialised weights."""
    head = {} if config.get("backbone") else {"num_classes": num_classes}
    model = FAMILIES[family](**config, **head)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


# The small CIFAR-10 models (32x32 input, ten classes): name -> (family, config)
SMALL_MODELS = {
    "resmlp_cifar10": ("resmlp", {"img_size": 32, "patch_size": 4, "embed_dim": 96, "depth": 6}),
    "mixer_cifar10": ("mixer", {"img_size": 32, "patch_size": 4, "embed_dim": 96, "num_blocks": 5}),
    "spach_ms_cifar10": (
        "spach",
        {
            "multi_stage": True,
            "img_size": 32,
            "patch_size": 2,
            "hidden_dim": 40,
            "channel_ratio": 2.0,
            "stem_type": "conv4",
            "net_arch": [[["pass", 3]], [["mlp", 4]], [["mlp", 4]], [["mlp", 1]]],
        },
    ),
    "convmlp_cifar10": (
        "convmlp",
        {"blocks": [2, 1, 1], "dims": [80, 96, 96], "mlp_ratios": [2, 2, 2], "channels": 64, "n_conv_blocks": 3},
    ),
}
