#!/usr/bin/env bash
# What a translation unit costs that loads a full-size model and classifies an image with it; the budget is 20 s and 1.5 GB.
# Seconds depend on the machine, so it fails only when they are half as many again.
#   tests/compile_budget.sh [RESMLP...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/examples/install_packages.sh" g++ time libeigen3-dev nlohmann-json3-dev libzip-dev libjpeg62-turbo-dev libpng-dev
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- ResMlpS24
status=0
for network in "$@"; do
  cat >"$work/one.cpp" <<EOF
#include <iostream>
#include <tessera/load.hpp>
#include <tessera/models/resmlp.hpp>
#include <tessera/vision/labels.hpp>
#include <tessera/vision/preprocess.hpp>
#include <tessera/vision/read_image.hpp>
#include <tessera/vision/top_k.hpp>
int main(int, char** argv) {
  const auto model = tessera::load<tessera::$network>(argv[1]);
  const auto input = tessera::preprocess<tessera::$network>(tessera::read_image(argv[2]));
  for (const auto& [label, p] : tessera::top_k(model(input), tessera::imagenet_labels(), 5)) std::cout << label << ' ' << p << '\n';
}
EOF
  /usr/bin/time -f "%e %M" -o "$work/cost" \
    g++ -std=c++20 -O2 -march=native -Wno-ignored-attributes -I"$root/include" -isystem /usr/include/eigen3 -c "$work/one.cpp" -o "$work/one.o"
  read -r seconds kilobytes <"$work/cost"
  echo "compile budget: $network takes $seconds s of 20 s and $((kilobytes / 1000)) MB of 1500 MB (g++ -O2)"
  [ "${seconds%.*}" -lt 30 ] && [ "$kilobytes" -lt 1500000 ] || status=1
done
exit $status
