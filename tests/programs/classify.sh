#!/usr/bin/env bash
# classify on real photos, on damaged ones, and on arguments that make no sense.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
model=(--weights "$spach")

# A table for people, JSON lines and CSV say the same.
status 0 classify "${model[@]}" "$photo"
grep -qE '^ +[0-9.]+ %  cat$' <(sed -n 2p out) || fail "the cat is not the first: $(cat out)"
lines out 6
[ ! -s err ] || fail "found on the standard error: $(cat err)"
status 0 classify --model spach_ms_cifar10 --jsonl --top 1 "$photo"
grep -qE '^\{"path": ".*cat\.jpg", "predictions": \[\{"class": 3, "label": "cat", "probability": 0\.9[0-9]+, "score": [0-9.]+\}\]\}$' out || fail "$(cat out)"
status 0 classify "${model[@]}" --csv --top 2 "$photo"
lines out 3
grep -qE '^.*cat\.jpg,1,3,cat,0\.9[0-9]+,[0-9.]+,$' out || fail "$(cat out)"

# Labels of one's own.
printf '%s\n' a b c KATZE d e f g h i >labels.txt
status 0 classify "${model[@]}" --labels labels.txt "$photo"
has out KATZE
status 2 classify "${model[@]}" --labels in1k "$photo"
has err "found 1000 labels, expected 10"
status 2 classify "${model[@]}" --labels in21k "$photo"
has err "found 21843 labels, expected 10"

# 1000 images, 20 of them broken: 1000 records in order and exit status 1.
mkdir -p many/deep
for i in $(seq 1000 1999); do ln -s "$root/tests/data/vision/exif_without_orientation.jpg" "many/$i.jpg"; done
for i in $(seq 1050 50 1999) 1999; do rm "many/$i.jpg"; head -c 300 "$photo" >"many/$i.jpg"; done
echo text >many/notes.txt
status 1 classify "${model[@]}" --jsonl --top 2 many
cp out whole.jsonl
lines out 1000
[ "$(grep -c '"error": ' out)" = 20 ] || fail "found $(grep -c '"error": ' out) errors, expected 20"
has err "20 of 1000 images could not be read"
sed -E 's/^\{"path": "([^"]*)".*/\1/' out | LC_ALL=C sort -c || fail "the records are not in order"
for threads in 1 3; do
  status 1 classify "${model[@]}" --jsonl --top 2 --threads $threads --batch 1 many
  same out whole.jsonl
done

# Killed at some time and started again, it gives the same file; so it does after half a line, and when everything is there.
classify "${model[@]}" --jsonl --top 2 --resume run.jsonl many 2>err &
for _ in $(seq 500); do [ "$(cat run.jsonl 2>/dev/null | wc -l)" -lt 100 ] || break; sleep 0.01; done
kill -9 $! && wait $! 2>/dev/null || true
[ "$(wc -l <run.jsonl)" -ge 100 ] || fail "found $(wc -l <run.jsonl) records after five seconds"
printf '{"path": "many/1' >>run.jsonl
status 1 classify "${model[@]}" --jsonl --top 2 --resume run.jsonl many
same run.jsonl whole.jsonl
status 1 classify "${model[@]}" --jsonl --top 2 --resume run.jsonl many
same run.jsonl whole.jsonl
status 1 classify "${model[@]}" --jsonl --top 3 --resume run.jsonl many
has err "than this model and these options give"
status 1 classify "${model[@]}" --jsonl --top 2 --resume run.jsonl "$photo"
has err "found the image many/1000.jpg, expected $photo"
same run.jsonl whole.jsonl

# Ctrl-C ends with whole records in order.
classify "${model[@]}" --jsonl --top 2 many many many many >stopped.jsonl 2>err &
for _ in $(seq 500); do [ "$(wc -l <stopped.jsonl)" -lt 100 ] || break; sleep 0.01; done
kill -TERM $! && { found=0; wait $! || found=$?; }
[ "$found" = 130 ] || fail "found exit status $found after an interrupt, expected 130"
cat whole.jsonl whole.jsonl whole.jsonl whole.jsonl >four.jsonl
head -n "$(wc -l <stopped.jsonl)" four.jsonl >expected.jsonl
same stopped.jsonl expected.jsonl

# Shards are parts of the whole.
for i in 1 2 3; do status 1 classify "${model[@]}" --jsonl --top 2 --shard $i/3 many; cp out part$i.jsonl; done
paste -d '\n' part1.jsonl part2.jsonl part3.jsonl | sed '/^$/d' >joined.jsonl
same joined.jsonl whole.jsonl

# Lists on the standard input, globs, archives.
status 1 classify "${model[@]}" --jsonl --top 2 'many/1*.jpg'
same out whole.jsonl
find many -name '*.jpg' | LC_ALL=C sort >list.txt
status 1 classify "${model[@]}" --jsonl --top 2 - <list.txt
same out whole.jsonl
tar chf many.tar --hard-dereference --sort=name many && gzip -k many.tar
status 1 classify "${model[@]}" --jsonl --top 2 many.tar.gz
if grep -q "without libarchive" out; then
  echo "skipped: this program was built without libarchive"
else
  sed 's|many.tar.gz/||g' out >from_tar.jsonl
  same from_tar.jsonl whole.jsonl
  status 1 classify "${model[@]}" --jsonl --top 2 many.tar "$photo"
  lines out 1001
  head -c 40000 many.tar >cut.tar && echo nonsense >wrong.tar
  status 1 classify "${model[@]}" --jsonl cut.tar wrong.tar "$photo"
  has out '{"path": "cut.tar", "error": "cut.tar: '
  has out '{"path": "wrong.tar", "error": "wrong.tar: '
  tail -n 1 out | grep -q '"cat"' || fail "the photo after two broken archives has no answer"
fi

# Images that cannot be read are named, and others are read all the same.
printf 'RIFF\x24\x00\x00\x00WEBPVP8 ' >photo.webp
status 1 classify "${model[@]}" missing.jpg photo.webp "$photo"
has out "error: missing.jpg: "
has out "WebP"
has out "  cat"

# Output that cannot be written; a reader who has seen enough.
if [ -e /dev/full ]; then
  found=0
  classify "${model[@]}" "$photo" >/dev/full 2>err || found=$?
  [ "$found" = 1 ] || fail "found exit status $found with a full disk"
  has err "cannot be written"
fi
(trap '' PIPE; classify "${model[@]}" --jsonl many 2>err || true) | head -n 1 >first
lines first 1
[ ! -s err ] || fail "a closed pipe: $(cat err)"

# Wrong arguments: one line, the nearest valid word, exit status 2.
for wrong in "--modle x" "--top none" "--top 0" "--shard 3/2" "--shard a" "--jsonl --csv" "--resume x.jsonl" ""; do
  # shellcheck disable=SC2086
  status 2 classify --weights "$spach" $wrong ${wrong:+"$photo"}
  lines err 1
  [ ! -s out ] || fail "found on the standard output: $(cat out)"
done
status 2 classify --weights "$spach" --modle x "$photo"
has err 'did you mean "--model"?'
status 2 classify --model spach_ms_cifar11 "$photo"
has err 'did you mean "spach_ms_cifar10"'
status 2 classify --weights "$spach" --model resmlp_cifar1 "$photo"
has err 'did you mean "resmlp_cifar10"'
status 2 classify --weights missing.pth "$photo"
has err "missing.pth"
status 2 classify --weights "$photo" "$photo"
lines err 1
status 2 classify --weights "$spach" --state model_ema "$photo"
lines err 1
status 0 classify --help
has out "Examples:"
