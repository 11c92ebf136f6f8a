#!/usr/bin/env bash
# inspect on the bundled files and on what is no checkpoint, and the steps from a photo to the scores.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
for name in resmlp mixer spach_ms convmlp; do
  status 0 inspect "$root/examples/models/${name}_cifar10.safetensors"
  has out "loads as ${name}_cifar10: "
  has out "10 labels"
  has out "a self-test of 3 images"
  grep -qE '^head +Linear +1×1×[0-9]+ +1×1×10 +[0-9]+ +[0-9]+ +fused$' out || fail "found no head in the table of layers in: $(cat out)"
done
status 0 inspect --short "$spach"
has out "metadata model: spach_ms_cifar10"
! grep -q "^  head.weight" out || fail "found tensors in the short form"

status 0 inspect --explain "$photo" "$spach"
for step in decoded turned resized cropped normalised stem layer1 features scores; do
  grep -q "^$step " out || fail "found no step $step in: $(cat out)"
done
grep -qE '^cropped +32x32x3 +[0-9a-f]{8}  mean ' out || fail "$(cat out)"
[ "$(grep -c . out)" -gt 30 ] || fail "found $(grep -c . out) steps"

# PyTorch's steps are the same, where it is installed.
if python3 -c "import torch, PIL, safetensors" 2>/dev/null; then
  cp out tessera.txt
  status 0 python3 "$root/examples/train/explain.py" "$spach" "$photo" --against tessera.txt
  has out "agree"
  sed -i -E 's/^(layer3 .*mean +)[^ ]+/\11.5/' tessera.txt
  status 1 python3 "$root/examples/train/explain.py" "$spach" "$photo" --against tessera.txt
  has out "Tessera layer3 "
else
  echo "skipped: PyTorch is not installed"
fi

# A set of weights that is not there: layers of the network are no answer.
status 0 inspect --short --state layer1 "$spach"
has out 'found no weights under "layer1", expected no name: the file has one set of weights'

status 1 inspect "$photo"
lines err 1
status 1 inspect missing.pth
has err "missing.pth"
status 1 inspect --explain missing.jpg "$spach"
has err "missing.jpg"
status 2 inspect --explian "$photo" "$spach"
has err 'did you mean "--explain"?'
status 2 inspect
lines err 1
