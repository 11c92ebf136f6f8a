#!/usr/bin/env bash
# Whether every C++ file is laid out as .clang-format says, by clang-format 19 (other releases break lines elsewhere):
#   tests/format.sh         says which lines are not, and fails
#   tests/format.sh --fix   lays them out
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
examples/install_packages.sh clang-format-19
how=(--dry-run --Werror)
[ "${1:-}" != --fix ] || how=(-i)
find include tests bench examples docs \( -name '*.hpp' -o -name '*.cpp' \) -print0 | xargs -0 clang-format-19 "${how[@]}"
