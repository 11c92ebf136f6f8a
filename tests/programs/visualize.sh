#!/usr/bin/env bash
# visualize on the bundled files, and on what has no such weights.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
found=0
visualize --tokens t.png "$spach" >out 2>err || found=$?
if grep -q "without Cairo" err; then
  echo "skipped: this program was built without Cairo"
else
  for name in resmlp mixer spach_ms; do
    status 0 visualize --tokens $name.png --sparsity $name-sparsity.png "$root/examples/models/${name}_cifar10.safetensors"
    for picture in $name.png $name-sparsity.png; do
      [ "$(head -c 8 "$picture" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "$picture is no PNG file"
      [ "$(wc -c <"$picture")" -gt 5000 ] || fail "$picture is empty"
    done
  done
  status 1 visualize --tokens missing/t.png "$spach"
  has err "missing/t.png: cannot be written"
fi
status 1 visualize --tokens t.png "$root/examples/models/convmlp_cifar10.safetensors"
has err "found no weights across a square grid"
status 1 visualize --tokens t.png "$photo"
status 2 visualize "$spach"
status 2 visualize --token t.png "$spach"
has err 'did you mean "--tokens"?'
