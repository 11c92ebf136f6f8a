// SPDX-License-Identifier: MIT
//
// Images per second of whole models. For steady figures pin it to a core:
//   taskset -c 0 models_bench --benchmark_filter='resmlp_12_224/batch:1/threads:1' --benchmark_repetitions=7

#include "machine.hpp"

void register_cifar10();
void register_convmlp();
void register_gmlp();
void register_mixer();
void register_resmlp();
void register_spach();
void register_spach_ms();

int main(int argc, char** argv) {
  for (const auto register_family :
       {register_resmlp, register_mixer, register_gmlp, register_spach, register_spach_ms, register_convmlp, register_cifar10})
    register_family();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::add_machine_context();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
