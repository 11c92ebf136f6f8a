#!/usr/bin/env bash
# A guard against slower code that does not measure time: the instructions that one forward pass of small networks takes, counted by valgrind's
# callgrind on a build for a fixed instruction set (-march=haswell). They depend on the compiler (g++ 12) and on Eigen's version, not on
# the machine or its load. A count may not grow by more than 3 % over tests/instruction_budget.txt.
#
#   tests/instruction_budget.sh              checks
#   tests/instruction_budget.sh --update     counts and writes tests/instruction_budget.txt
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/examples/install_packages.sh" g++ valgrind libeigen3-dev
budgets=$root/tests/instruction_budget.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/forward.cpp" <<'END'
#include "bench/plausible_weights.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/models/cifar10.hpp"

using Model = tessera::Model<tessera::NETWORK, tessera::ENGINE>;
using Image = tessera::Tensor<Model::input>;
using Scores = tessera::Tensor<Model::output>;
// callgrind counts while this runs, and finds it by its name.
__attribute__((noinline)) void forward_pass(const Model& model, const Image& x, Scores& y, tessera::Scratch& scratch) {
  model.forward(x.view(), y.view(), scratch);
}

int main() {
  const Model model(bench::plausible_weights<tessera::NETWORK>());
  Image x;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 255) / 127.0F - 1.0F;
  Scores y;
  tessera::Scratch scratch = model.make_scratch();
  forward_pass(model, x, y, scratch);
}
END
# count NETWORK ENGINE: instructions of the forward pass, what it calls included.
count() {
  g++ -std=c++20 -O3 -march=haswell "-DNETWORK=$1" "-DENGINE=$2" "-I$root" "-I$root/include" -isystem /usr/include/eigen3 "$work/forward.cpp" -o "$work/$1_$2"
  valgrind --tool=callgrind --callgrind-out-file=/dev/null '--toggle-collect=forward_pass*' "$work/$1_$2" 2>&1 | sed -n 's/.*Collected : //p' >"$work/$1_$2.count"
}
programs=("ResMlpCifar10 fast_engine" "SpachMsCifar10 fast_engine" "ConvMlpCifar10 fast_engine" "ResMlpCifar10 int8_engine")
# Two at a time.
printf '%s\n' "${programs[@]}" | (
  while read -r network engine; do
    count "$network" "$engine" &
    [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
  done
  wait
)

if [ "${1:-}" = --update ]; then
  {
    echo "# network, engine, instructions of one forward pass with g++ -O3 -march=haswell (tests/instruction_budget.sh)"
    for program in "${programs[@]}"; do echo "$program $(cat "$work/${program/ /_}.count")"; done
  } >"$budgets"
  cat "$budgets"
  exit 0
fi
status=0
for program in "${programs[@]}"; do
  found=$(cat "$work/${program/ /_}.count")
  allowed=$(sed -n "s/^$program //p" "$budgets")
  [ -n "$found" ] && [ "$found" -gt 0 ] && [ -n "$allowed" ] || { echo "instruction budget: $program: found no count"; exit 1; }
  echo "instruction budget: $program: $found instructions of $allowed + 3 %"
  [ $((100 * found)) -le $((103 * allowed)) ] || status=1
done
[ "$status" = 0 ] || echo "instruction budget: more instructions than allowed; if they are worth it, tests/instruction_budget.sh --update takes them over"
exit $status
