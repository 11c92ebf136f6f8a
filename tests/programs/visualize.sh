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
  for name in resmlp mixer spach_ms convmlp; do
    status 0 visualize --photo "$photo" --contributions c.png --maps m.png --receptive r.png "$root/examples/models/${name}_cifar10.safetensors"
    for picture in c.png m.png r.png; do
      [ "$(wc -c <"$picture")" -gt 5000 ] || fail "$picture of $name is empty"
    done
  done
  # Pictures say what was asked for: another class, a second photo.
  status 0 visualize --photo "$photo" --contributions dog.png --class dog "$root/examples/models/convmlp_cifar10.safetensors"
  ! cmp -s c.png dog.png || fail "the pictures for cat and dog are the same"
  status 0 visualize --photo "$photo" --photo "$root/tests/data/vision/cmyk.jpg" --receptive two.png "$root/examples/models/convmlp_cifar10.safetensors"
  ! cmp -s r.png two.png || fail "the second photo changes nothing"
  status 1 visualize --photo "$photo" --contributions c.png --class dgo "$spach"
  has err 'did you mean "dog"?'
  status 1 visualize --photo missing.jpg --maps m.png "$spach"
  has err "missing.jpg"

  # The gallery is what its command draws.
  status 0 "$root/examples/gallery.sh" "$programs" "$work/gallery"
  same <(ls gallery) <(ls "$root/docs/gallery")
  for picture in $(ls gallery); do has "$root/docs/gallery.md" "gallery/$picture"; done

  status 1 visualize --tokens missing/t.png "$spach"
  has err "missing/t.png: cannot be written"
fi
status 1 visualize --tokens t.png "$root/examples/models/convmlp_cifar10.safetensors"
has err "found no weights across a square grid"
status 1 visualize --tokens t.png "$photo"
status 2 visualize "$spach"
status 2 visualize --contributions c.png "$spach"
lines err 1
status 2 visualize --token t.png "$spach"
has err 'did you mean "--tokens"?'
