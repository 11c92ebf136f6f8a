#!/usr/bin/env bash
# What the library costs to compile: the umbrella header alone, the README's program, the same with the costliest network, and a program that
# uses the compiled library. Two guards:
#
#   instantiations   of templates, counted by clang's -ftime-trace, may not grow by more than 5 % over tests/compile_budget.txt
#   seconds, memory  of g++ -O2 may not exceed the budgets in that file. Seconds depend on the machine and on what else it does, so they are
#                    given in units: the seconds of a program that uses Eigen and the standard library alone. A program over its budget is
#                    measured again, up to three times.
#
#   tests/compile_budget.sh              checks
#   tests/compile_budget.sh --update     measures and writes tests/compile_budget.txt, with a fifth to spare for seconds and a tenth for memory
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/examples/install_packages.sh" g++ clang-19 time libeigen3-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev
budgets=$root/tests/compile_budget.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/unit.cpp" <<'END'
#include <Eigen/Dense>
#include <iostream>
#include <regex>

int main(int argc, char** argv) {
  const Eigen::MatrixXf a = Eigen::MatrixXf::Random(argc, argc);
  const Eigen::JacobiSVD<Eigen::MatrixXf> svd(a, Eigen::ComputeThinU | Eigen::ComputeThinV);
  std::cout << std::regex_replace(argv[1], std::regex("a"), "b") << svd.singularValues() << a.fullPivLu().solve(a) << a * a << '\n';
}
END
echo '#include <tessera/tessera.hpp>' >"$work/include.cpp"
# The first C++ block of the README that has a main function.
awk '/^```cpp/ { text = ""; inside = 1; next } /^```/ { if (inside && text ~ /int main/) { printf "%s", text; exit } inside = 0 } inside { text = text $0 "\n" }' \
  "$root/README.md" >"$work/readme.cpp"
grep -q ResMlpS24 "$work/readme.cpp" || { echo "compile budget: found no program with ResMlpS24 in README.md"; exit 1; }
sed 's/ResMlpS24/SpachMsSHybridPlus/' "$work/readme.cpp" >"$work/costliest.cpp"
cat >"$work/compiled.cpp" <<'END'
#include <iostream>
#include <tessera/load_any.hpp>
#include <tessera/vision/read_image.hpp>
#include <tessera/vision/top_k.hpp>

int main(int, char** argv) {
  const auto model = tessera::load_any(argv[1]);
  for (const auto& p : tessera::top_k(model->scores(tessera::read_image(argv[2])), model->labels(), 5))
    std::cout << p.label << ' ' << p.probability << '\n';
}
END
flags=(-std=c++20 -O2 -march=native "-I$root/include" -isystem /usr/include/eigen3)
definitions() { [ "$1" != compiled ] || echo -DTESSERA_COMPILED; }
# measure NAME: leaves its seconds and megabytes. A program that does not compile ends the script.
measure() {
  local user system kilobytes
  # shellcheck disable=SC2046
  /usr/bin/time -f "%U %S %M" -o "$work/cost" g++ "${flags[@]}" $(definitions "$1") -c "$work/$1.cpp" -o "$work/$1.o"
  read -r user system kilobytes <"$work/cost"
  seconds=$(awk "BEGIN { printf \"%.2f\", $user + $system }")
  megabytes=$((kilobytes / 1024))
}
count() {
  # shellcheck disable=SC2046
  clang++-19 -std=c++20 -O0 -march=x86-64-v3 "-I$root/include" -isystem /usr/include/eigen3 $(definitions "$1") -c "$work/$1.cpp" -o "$work/$1.o" \
    -ftime-trace="$work/$1.json" -ftime-trace-granularity=0
  instantiations=$(grep -oE '"name":"Instantiate(Function|Class)"' "$work/$1.json" | wc -l)
}

update=${1:-}
[ "$update" != --update ] || echo "# program, units of seconds, megabytes, instantiations (tests/compile_budget.sh)" >"$work/budgets"
status=0
for program in include readme costliest compiled; do
  count "$program"
  if [ "$update" = --update ]; then
    measure unit
    unit=$seconds
    measure "$program"
    awk "BEGIN { printf \"%-10s %5.2f %5d %7d\n\", \"$program\", 1.2 * $seconds / $unit, 1.1 * $megabytes, $instantiations }" >>"$work/budgets"
    continue
  fi
  read -r _ most_units most_megabytes most_instantiations < <(grep "^$program " "$budgets")
  for attempt in 1 2 3; do
    measure unit
    unit=$seconds
    measure "$program"
    units=$(awk "BEGIN { printf \"%.2f\", $seconds / $unit }")
    over=$(awk "BEGIN { print ($units > $most_units) }")
    [ "$over" = 1 ] || break
  done
  echo "compile budget: $program: $units units of $most_units ($seconds s here, attempt $attempt), $megabytes MB of $most_megabytes, $instantiations instantiations of $most_instantiations + 5 %"
  [ "$over" = 0 ] && [ "$megabytes" -le "$most_megabytes" ] && [ $((100 * instantiations)) -le $((105 * most_instantiations)) ] || status=1
done
if [ "$update" = --update ]; then
  cp "$work/budgets" "$budgets"
  cat "$budgets"
fi
exit $status
