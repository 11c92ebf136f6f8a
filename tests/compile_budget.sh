#!/usr/bin/env bash
# What the README's first program costs to compile: it loads a full-size model and classifies an image with it. The budget is 20 s of
# processor time and 1.5 GB. Seconds depend on the machine (19 on an AMD EPYC Zen 5, 29 on an Intel Xeon), so it fails when they are twice
# as many.
#   tests/compile_budget.sh [NETWORK...]     e.g. MixerH14; by default ResMlpS24 and the costliest one
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/examples/install_packages.sh" g++ time libeigen3-dev nlohmann-json3-dev libzip-dev libjpeg62-turbo-dev libpng-dev
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- ResMlpS24 SpachMsSHybridPlus
status=0
for network in "$@"; do
  cat >"$work/one.cpp" <<EOF
#include <iostream>
#include <tessera/tessera.hpp>

int main(int, char** argv) {
  using Model = tessera::$network;
  const auto model = tessera::load<Model>(argv[1]);
  const auto input = tessera::preprocess<Model>(tessera::read_image(argv[2]));
  for (const auto& [label, p] : tessera::top_k(model(input), tessera::imagenet_labels(), 5))
    std::cout << label << ' ' << p << '\n';
  const auto pooled = model.features(input);
  const auto tokens = model.tokens(input);
}
EOF
  /usr/bin/time -f "%U %S %M" -o "$work/cost" \
    g++ -std=c++20 -O2 -march=native -I"$root/include" -isystem /usr/include/eigen3 -c "$work/one.cpp" -o "$work/one.o"
  read -r user system kilobytes <"$work/cost"
  seconds=$(awk "BEGIN { printf \"%.1f\", $user + $system }")
  echo "compile budget: $network takes $seconds s of 20 s and $((kilobytes / 1000)) MB of 1500 MB (g++ -O2)"
  [ "${seconds%.*}" -lt 40 ] && [ "$kilobytes" -lt 1500000 ] || status=1
done
exit $status
