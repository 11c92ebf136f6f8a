#!/usr/bin/env bash
# Configures, builds and runs the outside project in this folder:  check.sh package|subdirectory SOURCE BUILD COMPILER GENERATOR
set -euo pipefail
way=$1 source=$2 build=$3 compiler=$4 generator=$5
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$way" = package ]; then
  cmake --install "$build" --prefix "$work/prefix" >/dev/null
  [ ! -e "$work/prefix/bin" ] || { echo "the package installs programs"; exit 1; }
  cmake -G "$generator" -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler"
else
  cmake -G "$generator" -S "$here" -B "$work/build" -DTESSERA_SOURCE="$source" -DCMAKE_CXX_COMPILER="$compiler"
fi
cmake --build "$work/build"
"$work/build/consumer"
