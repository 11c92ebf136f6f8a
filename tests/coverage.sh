#!/usr/bin/env bash
# Which lines of include/ the tests run:
#   tests/coverage.sh            all rooms; fails below 95 %. It takes about half an hour
#   tests/coverage.sh ROOM...    those rooms alone, such as core, without a limit
# build/coverage/report/index.html shows every line. What runs while a program is compiled is not counted.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
examples/install_packages.sh g++ cmake ninja-build ccache libeigen3-dev libcli11-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev catch2 gcovr
limit=()
rooms=("$@")
if [ ${#rooms[@]} -eq 0 ]; then
  rooms=(core layers kernels models engine io vision any threads train)
  limit=(--fail-under-line 95)
fi
list=$(IFS=';'; echo "${rooms[*]}")
# Without optimisation, so that lines are those that are written.
cmake -S . -B build/coverage -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_FLAGS="-march=native -O0 -g1 --coverage -fprofile-update=atomic" \
  -DTESSERA_BUILD_EXAMPLES=OFF -DTESSERA_BUILD_BENCH=OFF -DTESSERA_TEST_FULL_SIZE=OFF -DTESSERA_TEST_COMPILING=OFF -DTESSERA_TEST_GOLDEN=OFF \
  -DTESSERA_TEST_ROOMS="$list" >/dev/null
find build/coverage -name '*.gcda' -delete
targets=()
for room in "${rooms[@]}"; do [ -z "$(ls tests/"$room"/*_test.cpp 2>/dev/null)" ] || targets+=("test_$room"); done
cmake --build build/coverage --target "${targets[@]}" >build/coverage/log || { cat build/coverage/log; exit 1; }
for target in "${targets[@]}"; do TESSERA_CIFAR10_IMAGES=50 build/coverage/tests/"$target" >build/coverage/"$target".log || { tail build/coverage/"$target".log; exit 1; }; done
mkdir -p build/coverage/report
gcovr --root . --filter 'include/' --exclude-throw-branches --gcov-ignore-parse-errors --html-details build/coverage/report/index.html --print-summary \
  "${limit[@]}" build/coverage | grep -E '^lines|error'
