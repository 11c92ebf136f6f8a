#!/usr/bin/env bash
# Builds and runs every benchmark, and writes the figures to build/bench/*.json:
#   bench/run.sh                    all models, all kernels, memory and load time, compile time
#   bench/run.sh --quick            one small model of each family and the kernels, briefly
#   bench/run.sh --models REGEX     only the models whose benchmark names match, e.g. 'resmlp_.*/batch:1/threads:1'
# Installs what is missing through the system's package manager. For figures of one core on a busy machine: taskset -c 1 bench/run.sh.
# Against other runtimes: bench/peers/run.sh.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
models=. seconds=1
while [ $# -gt 0 ]; do
  case $1 in
    --quick) models='forward/(resmlp_12_224|mixer_s32_224|gmlp_ti16_224|spach_ms_xxs_patch4_224_mlp|convmlp_s)/' seconds=0.2 ;;
    --models) models=$2; shift ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 1 ;;
  esac
  shift
done
"$root/bench/build.sh" models_bench kernels_bench load_time
programs=$root/build/release/bench out=$root/build/bench
mkdir -p "$out"
"$programs/kernels_bench" --benchmark_min_time="$seconds" --benchmark_out="$out/kernels.json" --benchmark_counters_tabular=true
"$programs/models_bench" --benchmark_filter="$models" --benchmark_min_time="$seconds" --benchmark_out="$out/models.json" --benchmark_counters_tabular=true
"$root/bench/memory.sh" | tee "$out/memory.jsonl"
"$root/tests/compile_budget.sh" | tee "$out/compile_time.txt"
echo "figures are in $out"
