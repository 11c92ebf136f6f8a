#!/usr/bin/env bash
# evaluate on a few images whose answers are known, on CIFAR-10 where it is there, and on folders that make no sense.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
model=(--model spach_ms_cifar10)

# One cat that is a cat, and one that is called a dog: half is right.
mkdir -p data/cat data/Dog
cp "$photo" data/cat/a.jpg && cp "$photo" data/Dog/b.jpg
status 0 evaluate "${model[@]}" --confusion-csv matrix.csv data
has out "2 images, 0 could not be read"
has out "top-1   50.00 %"
has out "top-5  100.00 %"
has out "published 88.02 %, -38.02 points"
has out "    0.00 % of     1  dog, 1 taken for cat"
lines matrix.csv 11
has matrix.csv "dog,0,0,0,1,0,0,0,0,0,0"
has matrix.csv "cat,0,0,0,1,0,0,0,0,0,0"
status 1 evaluate "${model[@]}" --check 1 data
has err "--check: found 50.00 %, expected 88.02 % within 1.00 points"

# Pictures.
status=0
evaluate "${model[@]}" --confusion-png confusion.png --calibration-png calibration.png data >out 2>err || status=$?
if grep -q "without Cairo" err; then
  echo "skipped: this program was built without Cairo"
else
  [ "$status" = 0 ] || fail "$(cat err)"
  for picture in confusion.png calibration.png; do
    [ "$(head -c 8 $picture | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "$picture is no PNG file"
  done
fi

# A broken image is named and left out; a folder that is no class is not passed over.
head -c 300 "$photo" >data/cat/broken.jpg
status 1 evaluate "${model[@]}" data
has err "broken.jpg"
has out "2 images, 1 could not be read"
mkdir data/cta && cp "$photo" data/cta/c.jpg
status 1 evaluate "${model[@]}" data
has err 'found a folder "cta", expected a label of the network, did you mean "cat"'
status 2 evaluate "${model[@]}" --chek 1 data
has err 'did you mean "--check"?'
lines err 1
status 1 evaluate "${model[@]}" missing
status 1 evaluate "${model[@]}" --confusion-csv missing/matrix.csv data/cat/a.jpg
has err "missing/matrix.csv: cannot be written"

# CIFAR-10's binary files: two cats and a ship (class 8, \10 in octal), all black. Training files are read where they are named only.
mkdir cifar-10-batches-bin
for class in 3 3 10; do printf "\\$class" && head -c 3072 /dev/zero; done >cifar-10-batches-bin/test_batch.bin
(printf '\0' && head -c 3072 /dev/zero) >cifar-10-batches-bin/data_batch_1.bin
tar -czf cifar-10-binary.tar.gz cifar-10-batches-bin
evaluate "${model[@]}" cifar-10-binary.tar.gz >out 2>err || true
for argument in cifar-10-batches-bin cifar-10-batches-bin/test_batch.bin cifar-10-binary.tar.gz; do
  if [ $argument = cifar-10-binary.tar.gz ] && grep -q "without libarchive" err; then
    echo "skipped: this program was built without libarchive"
    continue
  fi
  status 0 evaluate "${model[@]}" $argument
  has out "3 images, 0 could not be read"
  has out "of     2  cat"
  has out "of     1  ship"
done
status 0 evaluate "${model[@]}" cifar-10-batches-bin/data_batch_1.bin
has out "of     1  airplane"
head -c 3100 cifar-10-batches-bin/test_batch.bin >test_batch.bin
status 1 evaluate "${model[@]}" test_batch.bin
has err "test_batch.bin: found 3100 bytes, expected records of 3073 bytes"

cifar10=${TESSERA_SHARED:-$root/../shared}/data/cifar10/test.tar.gz
if [ -e "$cifar10" ] && ! (cd "$work" && evaluate "${model[@]}" "$cifar10" 2>&1 || true) | grep -q "without libarchive"; then
  status 0 evaluate "${model[@]}" --check 0.01 "$cifar10"
  has out "top-1   88.02 %"
else
  echo "skipped: CIFAR-10 is not there, or this program was built without libarchive"
fi
