// SPDX-License-Identifier: MIT
//
// Images per second of whole models. For steady figures pin it to a core:
//   taskset -c 0 models_bench --benchmark_filter='resmlp_12_224/batch:1/threads:1' --benchmark_repetitions=7

#include "machine.hpp"
#include "register_networks.hpp"

int main(int argc, char** argv) {
  bench::register_networks();
  bench::register_variations();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::add_machine_context();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
