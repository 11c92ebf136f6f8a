#!/usr/bin/env bash
# finetune and train on small pictures: what it says, what it writes, killed and started again; then on CIFAR-10 where it is there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
data=$root/tests/data/vision
mkdir -p photos/grey photos/colour
cp "$data"/grey_*.png photos/grey/
cp "$data"/{rgb,palette}_*.png photos/colour/
head -c 300 "$photo" >photos/grey/broken.jpg
command=(finetune photos --from resmlp_cifar10 --epochs 6 --batch 8 --augment strong --save-every 0)

# A bad photo is named and left out. The result is a checkpoint that classify reads, with one's own labels.
status 0 "${command[@]}" --out whole.safetensors
has err "left out: photos/grey/broken.jpg: "
has out ", 1 left out"
has out "epoch   6 of 6  loss "
has out "whole.safetensors: epoch "
lines whole.safetensors.csv 7
has whole.safetensors.csv "epoch,loss,held_out_loss,held_out_accuracy,rate"
[ ! -e whole.safetensors.run ] || fail "the state of a run that is over was not removed"
status 0 classify --weights whole.safetensors --top 2 --csv photos/grey/grey_8.png
lines out 3
has out ",0,colour,"
has out ",1,grey,"
if ! grep -q "without Cairo" err; then
  [ "$(head -c 8 whole.safetensors.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "the curves are no PNG file"
fi

# Killed again and again, in the middle of epochs as well, and with another number of threads, it gives the same bytes. Each time the run is
# killed when it has written its state twice more. So for the head, and for all layers.
killed() {
  local out=$1 turn change process seen
  shift
  for turn in 1 2 3; do
    "$@" --out "$out" --threads $((turn % 2 + 1)) >>turns 2>err &
    process=$!
    seen=
    for change in 1 2; do
      while kill -0 $process 2>/dev/null && [ "$(stat -c %i,%y "$out.run" 2>/dev/null || true)" = "$seen" ]; do sleep 0.01; done
      seen=$(stat -c %i,%y "$out.run" 2>/dev/null || true)
    done
    kill -KILL $process 2>/dev/null || true
    wait $process 2>/dev/null || true
  done
  [ -e "$out.run" ] || fail "the run was over before it was killed"
  status 0 "$@" --out "$out"
  has out "goes on after epoch "
}
killed parts.safetensors "${command[@]}"
same whole.safetensors parts.safetensors
same whole.safetensors.csv parts.safetensors.csv
all=(finetune photos --from mixer_cifar10 --epochs 3 --batch 8 --layers all --save-every 0)
status 0 "${all[@]}" --out whole.safetensors
has out "whole.safetensors: epoch "
killed parts.safetensors "${all[@]}"
same whole.safetensors parts.safetensors
status 0 classify --weights whole.safetensors --top 2 --csv photos/grey/grey_8.png
has out ",colour,"
train=(train --model resmlp_cifar10 --data photos --test photos --epochs 2 --batch 8 --save-every 0)
status 0 "${train[@]}" --out whole.safetensors
has out "whole.safetensors: test accuracy "
killed parts.safetensors "${train[@]}"
same whole.safetensors parts.safetensors
status 0 classify --weights whole.safetensors --top 2 --csv photos/grey/grey_8.png
has out ",colour,"
status 2 train --model resmlp_cifar --data photos --test photos --out a.safetensors
has err 'did you mean "resmlp_cifar10"?'
status 1 train --model resmlp_cifar10 --data photos --test photos/grey --out a.safetensors

# Another seed is another run; one that was stopped is not mixed up with it.
"${command[@]}" --out other.safetensors >out 2>err &
process=$!
while kill -0 $process 2>/dev/null && [ ! -e other.safetensors.run ]; do sleep 0.01; done
kill -KILL $process 2>/dev/null || true
wait $process 2>/dev/null || true
[ -e other.safetensors.run ] || fail "the run was over before it was killed"
status 1 "${command[@]}" --out other.safetensors --seed 2
has err "other.safetensors.run: found a run with other photos or options (seed 0, not seed 2)"
rm other.safetensors.run
status 0 "${command[@]}" --out whole.safetensors
status 0 "${command[@]}" --out other.safetensors --seed 2
! cmp -s whole.safetensors other.safetensors || fail "another seed gave the same bytes"

# An imbalance is warned about; folders that make no sense are refused.
mkdir -p few/grey few/colour
cp photos/colour/*.png few/colour/ && cp photos/grey/grey_8.png photos/grey/grey_1.png few/grey/
status 0 finetune few --from resmlp_cifar10 --out few.safetensors --epochs 1
has err "photos of colour and 2 of grey; a class with few photos is seldom predicted"
rm few/grey/grey_1.png
status 1 finetune few --from resmlp_cifar10 --out few.safetensors --epochs 1
has err 'found one photo of "grey", expected at least two'
status 1 finetune photos/grey --from resmlp_cifar10 --out one.safetensors
has err "found photos of 1 classes, expected folders of at least two"
status 1 finetune photos --from resmlp_cifar10 --out missing/a.safetensors
status 2 finetune photos --from nothing --out a.safetensors
has err "--from nothing: found no file and no model of that name"
status 2 finetune photos --form resmlp_cifar10 --out a.safetensors
has err 'did you mean "--from"?'

# CIFAR-10's test images by what they do: classes that the network was not trained for. More than 90 % in less than two minutes.
cifar10=${TESSERA_SHARED:-$root/../shared}/data/cifar10/test.tar.gz
if [ -e "$cifar10" ]; then
  tar -xzf "$cifar10"
  mkdir -p moves/{flies,drives,swims,runs}
  rename() { for class in "${@:2}"; do for file in test/"$class"/*[012]?.*; do mv "$file" "moves/$1/$class-${file##*/}"; done; done; }
  rename flies airplane bird && rename drives automobile truck && rename swims ship frog && rename runs cat deer dog horse
  start=$SECONDS
  status 0 finetune moves --from spach_ms_cifar10 --out moves.safetensors --epochs 5
  [ $((SECONDS - start)) -lt 120 ] || fail "took $((SECONDS - start)) s, expected less than 120"
  accuracy=$(sed -n 's/.*safetensors: epoch [0-9]*, \([0-9]*\)\..*/\1/p' out)
  [ "$accuracy" -ge 90 ] || fail "found $(tail -1 out), expected at least 90 %"
  status 0 classify --weights moves.safetensors --top 1 "$photo"
  has out "runs"
else
  echo "skipped: CIFAR-10 is not there"
fi
