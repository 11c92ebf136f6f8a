#!/usr/bin/env bash
# features: vectors in files, nearest images, classes by examples, and wrong arguments.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
model=(--model spach_ms_cifar10)
mkdir -p examples/cat examples/other
for i in 1 2 3 4 5; do cp "$photo" examples/cat/$i.jpg; cp "$root/tests/data/vision/optimized.jpg" examples/other/$i.jpg; done
cp "$root/tests/data/vision/optimized.jpg" other.jpg

status 0 features "${model[@]}" "$photo" "$photo" other.jpg
lines out 3
has out " 1.000  $photo  $photo"

status 0 features "${model[@]}" --out f.npy examples
lines f.npy.txt 10
has f.npy "'shape': (10, 320, )"
[ "$(wc -c <f.npy)" = $((128 + 10 * 320 * 4)) ] || fail "f.npy has $(wc -c <f.npy) bytes"
# The five copies have the same vector.
head -c $((128 + 1280)) f.npy | tail -c 1280 >first && head -c $((128 + 2560)) f.npy | tail -c 1280 >second
same first second
status 0 features "${model[@]}" --of layer2 --out f.safetensors examples/cat
status 0 inspect --short f.safetensors
has out "examples/cat/5.jpg"

status 0 features "${model[@]}" --nearest 2 --among examples "$photo"
lines out 3
has out "   1.000  examples/cat/1.jpg"
found=0
features "${model[@]}" --nearest 2 --among examples --sheet sheet.png "$photo" >out 2>err || found=$?
if grep -q "without Cairo" err; then echo "skipped: this program was built without Cairo"; elif [ $found != 0 ] || [ ! -s sheet.png ]; then fail "$(cat err)"; fi

status 0 features "${model[@]}" --classify-by examples "$photo" other.jpg
has out "10 examples of 2 classes; right in cross-validation: nearest neighbours 100.0 %, linear probe 100.0 %"
has out "cat	$photo"
has out "other	other.jpg"

status 1 features "${model[@]}" --out f.npy missing.jpg "$photo"
has err "missing.jpg"
lines f.npy.txt 1
status 1 features "${model[@]}" --out missing/f.npy "$photo"
has err "cannot be written"
for wrong in "--out f.txt" "--nearest 2" "--of blocs" "--sheet a.png" "--classify-by examples --nearest 2 --among examples"; do
  # shellcheck disable=SC2086
  status 2 features "${model[@]}" $wrong "$photo"
  lines err 1
done
status 2 features "${model[@]}" --of layr2.1 "$photo"
has err 'did you mean "layer2.1"'
