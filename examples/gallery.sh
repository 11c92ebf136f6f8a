#!/usr/bin/env bash
# Draws the pictures of docs/gallery.md from the bundled models and the bundled photo:
#   examples/gallery.sh FOLDER_OF_PROGRAMS [FOLDER_OF_PICTURES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
programs=${1:?found no folder of programs, expected such as build/release/examples}
out=${2:-docs/gallery}
models=examples/models
photo=examples/photos/cat.jpg
mkdir -p "$out"
draw() { "$programs/visualize" --photo "$photo" "$@"; }

draw --tokens "$out/resmlp_tokens.png" --columns 8 --sparsity "$out/resmlp_sparsity.png" "$models/resmlp_cifar10.safetensors"
draw --tokens "$out/mixer_units.png" --columns 12 "$models/mixer_cifar10.safetensors"
draw --contributions "$out/resmlp_contributions.png" "$models/resmlp_cifar10.safetensors"
draw --contributions "$out/mixer_dog.png" --class dog "$models/mixer_cifar10.safetensors"
draw --maps "$out/spach_maps.png" --columns 8 --receptive "$out/spach_fields.png" "$models/spach_ms_cifar10.safetensors"
draw --receptive "$out/resmlp_fields.png" "$models/resmlp_cifar10.safetensors"
"$programs/backbone" --weights "$models/convmlp_cifar10.safetensors" --montage "$out/convmlp_pyramid.png" --columns 8 "$photo" >/dev/null
