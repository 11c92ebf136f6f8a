#!/usr/bin/env bash
# segment against PyTorch, where it is installed, and on wrong input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
if python3 -c "import torch, PIL" 2>/dev/null; then
  reference=$root/examples/train/semantic_fpn.py
  status 0 python3 "$reference" make fpn.pth 11
  for image in "$photo" "$root/tests/data/vision/cmyk.jpg"; do
    status 0 segment --weights fpn.pth --map classes.npy "$image"
    status 0 python3 "$reference" check fpn.pth "$image" classes.npy
  done
  status 0 segment --weights fpn.pth "$photo"
  has out "cat.jpg 300x451, "
  found=0
  segment --weights fpn.pth --overlay overlay.png "$photo" >out 2>err || found=$?
  if ! grep -q "without Cairo" err; then
    [ "$found" = 0 ] && [ "$(wc -c <overlay.png)" -gt 20000 ] || fail "no overlay: $(cat err)"
  fi
  printf '%s\n' a b c >labels.txt
  status 1 segment --weights fpn.pth --labels labels.txt "$photo"
  has err "found 3 labels, expected 11"
else
  echo "skipped: PyTorch is not installed"
fi
status 1 segment --weights "$spach" "$photo"
has err "found no tensors backbone.*, expected a checkpoint of ConvMLP with Semantic FPN"
status 1 segment --weights missing.pth "$photo"
has err "missing.pth"
status 2 segment --weights "$spach" --overly x.png "$photo"
has err 'did you mean "--overlay"?'
status 2 segment "$photo"
lines err 1
status 0 segment --help
has out "Examples:"
