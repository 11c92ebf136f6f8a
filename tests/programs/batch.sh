#!/usr/bin/env bash
# The small examples: a batch from files, a new head, the average of two checkpoints.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
models=$root/examples/models
status 0 batch "$spach" "$photo" "$photo"
lines out 2
has out "cat.jpg: cat, 92.3 %"
status 1 batch "$spach" missing.jpg
has err "missing.jpg"
status 2 batch

status 0 edit_checkpoint new_head "$models/resmlp_cifar10.safetensors" pets.safetensors
status 0 inspect pets.safetensors
has out "loads as resmlp_cifar10: "
has out " 37 classes"
status 0 classify --weights pets.safetensors --top 37 "$photo"
lines out 38
status 1 edit_checkpoint new_head "$spach" wrong.safetensors
[ ! -e wrong.safetensors ] || fail "found a file of a network that does not fit"

status 0 edit_checkpoint average "$models/resmlp_cifar10.safetensors" "$models/resmlp_cifar10.safetensors" same.safetensors
status 0 classify --weights "$models/resmlp_cifar10.safetensors" --labels cifar10 "$photo" && cp out before
status 0 classify --weights same.safetensors --labels cifar10 "$photo"
same out before
status 1 edit_checkpoint average "$models/resmlp_cifar10.safetensors" "$spach" wrong.safetensors
status 2 edit_checkpoint avrage a b c
has err "expected: average A B RESULT"
lines err 1
