#!/usr/bin/env bash
# backbone on photos of several sizes, against PyTorch where it is installed, and on wrong input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
weights=$root/examples/models/convmlp_cifar10.safetensors
status 0 backbone --weights "$weights" --out pyramid.safetensors "$photo"
has out "cat.jpg 300x451"
has out "  F1    75 x  113 x   64"
has out "  F4    10 x   15 x   96"
lines out 5
has pyramid.safetensors '"F3":{"dtype":"F32","shape":[1,96,19,29]'
status 0 backbone --weights "$weights" "$root/tests/data/vision/cmyk.jpg"
lines out 5

if python3 -c "import torch, PIL, safetensors" 2>/dev/null; then
  status 0 python3 - "$root" "$weights" "$photo" pyramid.safetensors <<'PYTHON'
import sys
root, weights, photo, pyramid = sys.argv[1:]
sys.path.insert(0, root + "/examples/train")
import numpy, models, safetensors.torch, torch
from PIL import Image
family, config = models.SMALL_MODELS["convmlp_cifar10"]
model = models.build(family, {**config, "backbone": True}).eval()
wanted = model.state_dict().keys()
model.load_state_dict({key: value for key, value in safetensors.torch.load_file(weights).items() if key in wanted}, strict=False)
x = torch.from_numpy(numpy.array(Image.open(photo).convert("RGB"))).permute(2, 0, 1).float() / 255
x = ((x - torch.tensor([0.4914, 0.4822, 0.4465])[:, None, None]) / torch.tensor([0.2470, 0.2435, 0.2616])[:, None, None])[None]
found = safetensors.torch.load_file(pyramid)
with torch.inference_mode():
    for i, expected in enumerate(model(x)):
        assert torch.allclose(found[f"F{i + 1}"], expected, rtol=1e-3, atol=1e-3), f"F{i + 1} differs by {(found[f'F{i + 1}'] - expected).abs().max()}"
PYTHON
else
  echo "skipped: PyTorch is not installed"
fi

status 1 backbone --weights "$root/examples/models/resmlp_cifar10.safetensors" "$photo"
has err "backbone: "
status 1 backbone --weights "$weights" missing.jpg
has err "missing.jpg"
status 1 backbone --weights "$weights" --out missing/p.safetensors "$photo"
has err "missing/p.safetensors"
status 2 backbone --weights "$weights" --model convmlp_z "$photo"
has err 'did you mean "convmlp_s"?'
lines err 1
status 2 backbone --weights "$weights" --mntage x.png "$photo"
has err 'did you mean "--montage"?'
status 0 backbone --help
has out "Examples:"
