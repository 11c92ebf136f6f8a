#!/usr/bin/env bash
# Image formats other than JPEG and PNG: each file gives the answer of a PNG file that has Pillow's pixels (tests/data/make_formats.py).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root/tests/data/formats"
read_formats=0
for file in *.webp *.gif *.bmp *.tif *.tiff *.avif; do
  found=0
  classify --weights "$spach" --jsonl --top 10 "$file" >"$work/found" || found=$?
  if [ "$found" = 1 ] && grep -q "expected a JPEG or PNG file" "$work/found"; then
    echo "skipped: $file, whose library was not there when the program was built"
    continue
  fi
  [ "$found" = 0 ] || fail "$file: $(cat "$work/found")"
  status 0 classify --weights "$spach" --jsonl --top 10 "${file//./_}.expected.png"
  sed 's/^[^,]*, //' "$work/out" >"$work/expected"
  sed -i 's/^[^,]*, //' "$work/found"
  same "$work/found" "$work/expected"
  read_formats=$((read_formats + 1))

  # A file that ends too early is an error in one line, or a picture if what is missing does not matter.
  for part in 3 5; do
    head -c $(($(stat -c %s "$file") * part / 6)) "$file" >"$work/cut.${file##*.}"
    found=0
    classify --weights "$spach" --jsonl "$work/cut.${file##*.}" >"$work/out" 2>"$work/err" || found=$?
    [ "$found" -le 1 ] || fail "found exit status $found for a part of $file"
    lines "$work/out" 1
  done
done
[ "$read_formats" -ge 4 ] || fail "found $read_formats files that are read, expected the four of BMP at least"
